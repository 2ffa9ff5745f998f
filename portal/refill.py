"""Fills a derived column that came to a table with rows in it: what it is made of stands there already."""

from __future__ import annotations

from portal.register import TABLES
from portal.store import PeeweeStore

_AT_ONCE = 1000
SINCE = {"0004_bank": (("person", "holder_key"), ("entitlement", "holder_key"))}
"""Migration → the derived columns it added, (kind, column)."""


def after(store: PeeweeStore, migrations: list[str]) -> int:
    """Fills the columns these migrations added; returns how many rows were looked at."""
    with store.transaction():
        return sum(column_of(store, kind, column) for name in migrations for kind, column in SINCE.get(name, ()))


def column_of(store: PeeweeStore, kind: str, column: str) -> int:
    """Fills one derived column of every row of a kind; returns how many there are."""
    table = TABLES[kind]
    derived = next(each for each in table.derived if each.column == column)
    names = ", ".join(f'"{name}"' for name in ("id", *table.columns))
    count, last = 0, ""
    while rows := store.run(f'SELECT {names} FROM "{kind}" WHERE id > ? ORDER BY id LIMIT {_AT_ONCE}', (last,)).fetchall():
        for row in rows:
            store.run(f'UPDATE "{kind}" SET "{column}" = ? WHERE id = ?', (derived.make(table.decode(row[1:])), row[0]))
        count, last = count + len(rows), rows[-1][0]
    return count
