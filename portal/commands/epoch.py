"""`portal epoch`: which epoch of the server this is, and beginning a new one after a restore."""

from __future__ import annotations

import json

import click

from portal.cli import ready


@click.group()
def command() -> None:
    """Show the server's epoch, or begin a new one after restoring a backup.

    A database restored from a backup lacks what was written after it, while devices hold cursors and answers of that time. A new
    epoch tells each of them to pull its whole scope again and to send once more what it was acknowledged in the last 60 days;
    what is there already is not recorded twice.
    """


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def show(*, as_json: bool) -> None:
    """Print the epoch."""
    from portal import clock, db, device

    settings = ready()
    with db.database.connection_context():
        name = device.epoch(clock.now(settings.today))
    click.echo(json.dumps({"epoch": name}) if as_json else name)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def begin(*, as_json: bool) -> None:
    """Begin a new epoch: run this once after each restore, before the portal serves again."""
    from portal import clock, db, device

    settings = ready()
    with db.database.connection_context():
        name = device.begin_epoch(clock.now(settings.today))
    click.echo(json.dumps({"epoch": name}) if as_json else f"Epoch {name} begins: every device will pull its whole scope again.")
