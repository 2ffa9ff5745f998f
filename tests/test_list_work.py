"""How much PostgreSQL looks at for a month's list: about as much as there is, although it knows nothing yet of a list just drawn up.

A plan made for the one line it supposes may go through the whole month for every line: seconds for a district, hours for a province.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from portal import access, db, door, list_checks
from portal.models.account import Account
from portal.store import PeeweeStore
from sync.ids import uuid7
from tests.scale import people
from tests.scale.money_job import closed

PEOPLE = 400
MOST = 100 * PEOPLE
"""Rows that the steps of a statement may look at, all together: some dozens of steps read all there is. Once for every line is 400 times."""


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Rows looked at by each statement from now on."""
    found: dict[str, int] = {}
    usual = PeeweeStore.run

    def run(self: PeeweeStore, sql: str, params: Iterable[Any] = ()) -> Any:
        asks, writes = re.match(r"\s*(SELECT|WITH)\b", sql), re.match(r"\s*INSERT\b", sql)
        if not (asks or writes):
            return usual(self, sql, tuple(params))
        told = usual(self, f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", tuple(params))  # which does what it explains
        text = " ".join(sql.split())
        found[text] = max(found.get(text, 0), sum(map(_rows, _nodes(told.fetchone()[0][0]["Plan"]))))
        return usual(self, sql, tuple(params)) if asks else told

    monkeypatch.setattr(PeeweeStore, "run", run)
    return found


@pytest.fixture
def register(postgres_url: str) -> Iterator[None]:
    """A register of people on PostgreSQL whose lists of earlier months it knows all about."""
    people.load(postgres_url, people.made(PEOPLE))
    db.connect(postgres_url)
    with db.database.connection_context():
        for month in ("2024-08", "2024-09", "2024-10"):
            opened(month)
            with db.write_transaction():
                door.store().run("UPDATE payment SET state = 'paid', published = ?", (True,))
                door.store().run("UPDATE payment_list SET state = 'settled'")
        door.store().run("ANALYZE")
        yield
    db.disconnect()


def opened(month: str) -> str:
    record = uuid7()
    actor = access.actor(Account.get(Account.name == "huyen"), f"test:{uuid7()}")
    assert door.submit_one(actor, closed(month), "payment_list", record, {"month": (None, month)}, create=True).status == "accepted"
    return record


@pytest.mark.usefixtures("register")
def test_drawing_up_and_freezing_look_at_the_register_a_few_times_only(looked_at: dict[str, int]) -> None:
    record = opened("2024-11")
    actor = access.actor(Account.get(Account.name == "huyen"), f"test:{uuid7()}")
    assert door.submit_one(actor, closed("2024-11"), "payment_list", record, {"state": ("draft", "frozen")}).status == "accepted"
    assert any(sql.startswith("INSERT INTO payment ") and rows >= PEOPLE for sql, rows in looked_at.items())
    assert {sql: rows for sql, rows in looked_at.items() if rows > MOST} == {}


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("shared", [False, True])
def test_each_check_looks_at_a_fresh_list_a_few_times_only(looked_at: dict[str, int], shared: bool) -> None:
    if shared:
        with db.write_transaction():
            door.store().run("UPDATE entitlement SET account = '0' || right(line_code, 4) WHERE method = 'bank' AND category = '5.5c'")
    record = opened("2024-11")
    looked_at.clear()
    list_checks.run(door.store(), record, "2024-11")
    assert max(looked_at.values()) >= PEOPLE
    assert {sql: rows for sql, rows in looked_at.items() if rows > MOST} == {}


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _rows(node: dict[str, Any]) -> int:
    removed = sum(count for name, count in node.items() if name.startswith("Rows Removed"))
    return int(node["Actual Loops"] * (node["Actual Rows"] + removed))
