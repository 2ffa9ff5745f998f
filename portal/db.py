"""The one database of a process: SQLite or PostgreSQL, opened from its address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import peewee
from playhouse.pool import PooledSqliteDatabase

from portal.settings import sqlite_path

database = peewee.DatabaseProxy()

_WRITER_LOCK = 4484242
"""Any number, the same in every process: PostgreSQL's advisory lock that makes writers take turns."""
_turn = threading.RLock()
"""Held by the thread of this process that writes to SQLite: waiting for it wakes at once, waiting for SQLite's own lock is polling."""
_CONNECTIONS = 32
_WAIT_SECONDS = 30
# Compiling a month's statement takes longer than running it, whatever the planner thinks of its cost.
_POSTGRES_OPTIONS = "-c jit=off"
_WEB_CACHE_KIB = 6 * 1024
_WAL_PAGES = 4000
"""16 MiB: a page that many batches change is carried into the database once and not after each few of them."""
_opened = 0


class DatabaseUnavailable(Exception):
    """The database cannot be opened; the message is a sentence for the person who set its address."""


class BaseModel(peewee.Model):
    """Parent of every table of the portal: table names as the glossary writes the noun."""

    class Meta:
        """Binds each model to the process's database."""

        database = database
        legacy_table_names = False


def connect(url: str, *, cache_kib: int = _WEB_CACHE_KIB) -> None:
    """Makes `url` the process's database; connections open on use and return to a pool.

    Args:
        url: `sqlite:///PATH` or `postgresql://…`, as checked by Settings.
        cache_kib: SQLite's page cache, for each connection.

    Raises:
        DatabaseUnavailable: where the driver is missing or no connection can be made.
    """
    global _opened
    disconnect()
    path = sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        database.initialize(_sqlite(str(path), cache_kib))
    else:
        database.initialize(_postgresql(url))
    _opened += 1
    try:
        with database.connection_context():
            pass
        database.obj.close_idle()  # a server forks after this: no connection may be shared by two processes
    except peewee.DatabaseError as error:
        raise DatabaseUnavailable(f"The database cannot be opened: {str(error).strip()}.") from error


def disconnect() -> None:
    """Closes every idle connection and this thread's own."""
    held = database.obj
    if held is None:
        return
    if not held.is_closed():
        held.close()
    held.close_idle()


def opened() -> int:
    """How many databases this process has opened: what is cached from one must not be answered for the next."""
    return _opened


def dialect() -> str:
    """`sqlite` or `postgresql`."""
    return "sqlite" if isinstance(database.obj, peewee.SqliteDatabase) else "postgresql"


@contextmanager
def write_transaction() -> Iterator[None]:
    """One durable all-or-nothing change; writers take turns, so that numbers are given in the order of commits.

    Without that, a reader following a sequence on PostgreSQL could step over a number committed later, and on SQLite a
    reader that turns writer fails at once. Inside another transaction it is a savepoint of that one.
    """
    if dialect() == "sqlite":
        with _turn, database.atomic("IMMEDIATE"):
            yield
        return
    with database.atomic():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_WRITER_LOCK,))
        yield


def _sqlite(path: str, cache_kib: int) -> Any:
    # Pooled: an open file and a warm cache from request to request, whichever thread answers it.
    return PooledSqliteDatabase(
        path,
        max_connections=_CONNECTIONS,
        timeout=_WAIT_SECONDS,
        check_same_thread=False,
        pragmas={
            "busy_timeout": _WAIT_SECONDS * 1000,
            "journal_mode": "wal",
            "wal_autocheckpoint": _WAL_PAGES,
            "synchronous": "full",
            "foreign_keys": "on",
            "cache_size": -cache_kib,
            "temp_store": "memory",
        },
    )


def _postgresql(url: str) -> Any:
    from playhouse.db_url import parse  # noqa: PLC0415  # a SQLite office never pays for the server's drivers
    from playhouse.pool import PooledPostgresqlDatabase  # noqa: PLC0415

    try:
        import psycopg2  # noqa: F401, PLC0415
    except ImportError as error:
        raise DatabaseUnavailable("PostgreSQL needs its driver: install chi-tra[postgres].") from error
    given = parse(url, unquote_password=True, unquote_user=True)
    usual = {"max_connections": _CONNECTIONS, "timeout": _WAIT_SECONDS, "stale_timeout": 300, "options": _POSTGRES_OPTIONS}
    return PooledPostgresqlDatabase(**{**usual, **given})
