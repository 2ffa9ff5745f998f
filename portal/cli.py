"""The `portal` command. Exit codes: 0 done, 1 something was found or refused, 2 wrong use, 3 settings or database."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from typing import Any

import click

from portal import commands

FINDING = 1
UNUSABLE = 3


class Unusable(click.ClickException):
    """The settings or the database do not allow the command; the message says what to do."""

    exit_code = UNUSABLE


class _Parts(click.Group):
    """Finds its commands in `portal.commands` and loads only the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # click's signature
        return sorted(module.name.rstrip("_").replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        plain = cmd_name.replace("-", "_")
        there = {module.name for module in pkgutil.iter_modules(commands.__path__)}
        found: click.Command = importlib.import_module(f"portal.commands.{plain if plain in there else plain + '_'}").command
        found.name = cmd_name
        return found

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            told = _told(error)
            if told is None:
                raise
            raise Unusable(told) from error


@click.group(cls=_Parts, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="chi-tra", prog_name="portal")
def main() -> None:
    """Chi Trả: one list of people on monthly social assistance, shared, paid and accounted for.

    Settings come from the environment (PORTAL_DATABASE and others, see the README).

    Exit codes: 0 done, 1 something was found or refused, 2 wrong use, 3 settings or database.
    """


def ready(*, migrated: bool = True) -> Any:
    """Reads the settings and opens the database they name; returns the settings, with the demo's own date where none is given.

    Args:
        migrated: whether the command needs the tables of this version.

    Raises:
        Unusable: where the tables are missing or of an earlier version.
    """
    from portal import account, db, migrations  # `portal --help` opens no database
    from portal.law import book
    from portal.settings import Settings

    settings = Settings.from_env()
    db.connect(settings.database)
    context = click.get_current_context(silent=True)
    if context is not None:
        context.call_on_close(db.disconnect)
    account.use_hashing(settings.hashing)
    book.use([settings.law] if settings.law else (), settings.province)
    if migrated and (missing := migrations.pending()):
        raise Unusable(
            f"The database lacks {len(missing)} migration(s), from {missing[0]} on. Run `portal migrate` first, or `portal demo` for the demo district."
        )
    if migrated and settings.today is None:
        with db.database.connection_context():
            settings = replace(settings, today=account.demo_day())
    return settings


def _told(error: Exception) -> str | None:
    """A sentence for what is wrong with settings or database; None where the error is another's."""
    from peewee import DatabaseError, InterfaceError, OperationalError

    from portal.db import DatabaseUnavailable
    from portal.law.errors import DecreeError, LawClashError
    from portal.settings import SettingError

    if isinstance(error, (SettingError, DatabaseUnavailable, DecreeError, LawClashError)):
        return str(error)
    if type(error) in (DatabaseError, InterfaceError, OperationalError):  # their children are faults of the code
        return f"The database refuses: {str(error).strip()}."
    return None
