"""`python -m tests.scale.money_job URL`: draws up a month's list in this process and writes what it took, as JSON.

The figures, in seconds: `build` (through the door: lines, digest, journal, durable), `checks` (all of them), `freeze`, `late` (a list
that brings a late rate for every line of a month), `raw` (one INSERT … SELECT of the same columns into the same table, durable),
`bare` (into one without its indexes), `division` and `sum` (the sums and the bare statement behind them), medians of some rounds;
`memory` in MiB, what this process grew by while it drew up a list.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from portal import access, db, division, door, list_checks, migrations, payment_list_steps
from portal.list_lines import CONTENT
from portal.models.account import Account
from portal.settings import sqlite_path
from sync.ids import uuid7
from tests.scale.figures import median
from tests.scale.high_water import memory

_ROUNDS = 5
_USUAL_CACHE_KIB = 6 * 1024
_COLUMNS = ("id", "version", "list", "month", *CONTENT, "addendum", "published", "mark", "hold", "state")
_RAW = """
INSERT INTO {table} ({columns})
SELECT 'raw-' || e.id, 1, 'raw', '2099-01', e.person, e.id, e.line_code, p.commune, p.hamlet, p.full_name, e.category, e.coefficient10,
  500000, 500000 * e.coefficient10 / 10, 0, 0, NULL, 0, 500000 * e.coefficient10 / 10, COALESCE(e.method, p.method), e.bank, e.account,
  e.holder, COALESCE(e.payee, p.full_name), COALESCE(p.home_delivery, FALSE), p.sort_key, 0, FALSE, NULL, NULL, 'planned'
FROM entitlement e JOIN person p ON p.id = e.person
WHERE e.start_month <= '2024-11' AND (e.stop_month IS NULL OR e.stop_month > '2024-11')
"""
_SUM = "SELECT commune, category, method, SUM(total) FROM payment WHERE list = ? GROUP BY commune, category, method"


def closed(month: str) -> datetime:
    """The 24th of the month before, when the list of a month is closed."""
    year, number = int(month[:4]), int(month[5:]) - 1
    return datetime(year - (number == 0), number or 12, 24, 3, 0, tzinfo=UTC)


class Job:
    """One database, whose lists are drawn up, measured and removed."""

    def __init__(self) -> None:
        self.store = door.store()
        self.took: dict[str, list[float]] = {}
        self.grew = 0.0

    def run(self) -> dict[str, float]:
        """The rounds; returns the medians."""
        for month in ("2024-06", "2024-07"):  # the level of July is not known yet
            self.pay(self.open(month), month)
        self.pay(self.open("2024-08", "late"), "2024-08")
        for month in ("2024-09", "2024-10"):
            self.pay(self.open(month), month)
        for _ in range(_ROUNDS):
            self.round(self.open("2024-11", "build"))
        return {name: median(values) for name, values in self.took.items()} | {"memory": self.grew}

    def round(self, record: str) -> None:
        """What is done with a draft, then the bare statements; all of it goes away again."""
        self.timed("checks", lambda: list_checks.run(self.store, record, "2024-11"))
        self.timed("freeze", lambda: self.hand_in(record, {"state": ("draft", "frozen")}, closed("2024-11")))
        for _ in range(_ROUNDS):
            self.timed("division", lambda: division.of_month("2024-11"))
            self.timed("sum", lambda: self.store.run(_SUM, (record,)).fetchall())
        self.remove(record)
        self.raw("payment", "raw")
        self.raw("bare_line", "bare")

    def timed(self, name: str, work: Callable[[], Any]) -> None:
        before = time.perf_counter()
        work()
        self.took.setdefault(name, []).append(time.perf_counter() - before)

    def open(self, month: str, name: str = "untold") -> str:
        """Draws a month's list up through the door; its id."""
        record = uuid7()
        before = memory(reset=True)
        self.timed(name, lambda: self.hand_in(record, {"month": (None, month)}, closed(month), create=True))
        if name == "build":
            self.grew = max(self.grew, memory() - before)
        return record

    def hand_in(self, record: str, pairs: dict[str, tuple[Any, Any]], now: datetime, *, create: bool = False) -> None:
        actor = access.actor(Account.get(Account.name == "huyen"), f"bench:{uuid7()}")
        result = door.submit_one(actor, now, "payment_list", record, pairs, create=create)
        assert result.status == "accepted", result

    def pay(self, record: str, month: str) -> None:
        """Settles a month: 99 of 100 lines paid, the others stay for the next list."""
        with db.write_transaction():
            self.store.run("UPDATE payment SET state = 'paid', published = ? WHERE list = ? AND id NOT LIKE ?", (True, record, "%00"))
            self.store.run("UPDATE payment_list SET state = 'settled' WHERE id = ?", (record,))
        self.store.run("ANALYZE")

    def remove(self, record: str) -> None:
        with db.write_transaction():
            self.store.run("DELETE FROM payment WHERE list = ?", (record,))
            self.store.run("DELETE FROM payment_list WHERE id = ?", (record,))

    def raw(self, table: str, name: str) -> None:
        """The bare statement, committed like any other; what it wrote goes away again."""
        if self.store.sqlite:  # as much cache as the list's step has
            self.store.run(f"PRAGMA cache_size = -{payment_list_steps.CACHE_KIB}")
        if table != "payment":
            self.store.run(f"CREATE TABLE IF NOT EXISTS {table} AS SELECT * FROM payment WHERE 1 = 0")

        def insert() -> None:
            with db.write_transaction():
                self.store.run(_RAW.format(table=table, columns=", ".join(_COLUMNS)))

        self.timed(name, insert)
        with db.write_transaction():
            self.store.run(f"DELETE FROM {table} WHERE list = 'raw'")
        if self.store.sqlite:
            self.store.run(f"PRAGMA cache_size = -{_USUAL_CACHE_KIB}")


def main(url: str) -> None:
    """Measures on a copy of the database, where it is a file."""
    path = sqlite_path(url)
    if path is not None:
        copy = path.with_suffix(".money")
        copy.write_bytes(path.read_bytes())
        url = f"sqlite:///{copy}"
    db.connect(url)
    migrations.migrate()
    with db.database.connection_context():
        found = Job().run()
    db.disconnect()
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
