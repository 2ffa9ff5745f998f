"""Brings a database's tables up to this version of the portal. Migrations are the numbered files beside this one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee

from portal.db import database, dialect

_FOLDER = Path(__file__).parent
_MIGRATOR_LOCK = 4484243


def pending() -> list[str]:
    """Names of the migrations this database has not had, in order; all of them for an empty one."""
    with database.connection_context() if database.is_closed() else _as_it_is():
        applied = set()
        if database.table_exists("schema_migration"):
            applied = {name for (name,) in database.execute_sql("SELECT name FROM schema_migration").fetchall()}
    return [path.stem for path in sorted(_FOLDER.glob("[0-9]*.py")) if path.stem not in applied]


def migrate() -> list[str]:
    """Runs what is pending, each migration whole or not at all; returns the names of those that ran."""
    from playhouse.migrations import Runner  # noqa: PLC0415  # only who migrates pays for it

    if not pending():
        return []
    with database.connection_context() if database.is_closed() else _as_it_is(), _alone():
        return list(Runner(database.obj, str(_FOLDER)).up())


def beside(migration: str, db: Any) -> None:
    """Runs the statements of the .sql file beside a migration (its `__file__`), the one for this database."""
    name = "sqlite" if isinstance(db, peewee.SqliteDatabase) else "postgresql"
    text = Path(migration).with_suffix(f".{name}.sql").read_text(encoding="utf-8")
    for statement in text.split(";\n"):
        if statement.strip():
            db.execute_sql(statement)


@contextmanager
def _as_it_is() -> Iterator[Any]:
    yield


@contextmanager
def _alone() -> Iterator[None]:
    if dialect() == "sqlite":  # its second migrator waits for the first one's transaction, then fails whole
        yield
        return
    database.execute_sql("SELECT pg_advisory_lock(%s)", (_MIGRATOR_LOCK,))
    try:
        yield
    finally:
        database.execute_sql("SELECT pg_advisory_unlock(%s)", (_MIGRATOR_LOCK,))
