"""The list of October 2024 on a real-sized district, line by line against September's expected lines plus the month's approved changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from portal import access, db, door, list_comparison, migrations, payment_list, totals
from portal.app import create_app
from portal.demo import load, source
from portal.models.account import Account
from portal.models.entitlement import Entitlement
from sync.ids import named
from sync.kinds.change import shown_digest
from tests.office import settings_for

MONTH = "2024-10"
NOW = datetime(2024, 10, 8, 2, 0, tzinfo=UTC)
Line = tuple[str, int, int]
"""Category, coefficient ×10, amount in đồng."""


@pytest.fixture(params=["sqlite", "postgresql"])
def october(request: pytest.FixtureRequest) -> Iterator[None]:
    """The demo district with October's list drawn up."""
    create_app(
        replace(settings_for(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")), today=NOW.date())
    )
    migrations.migrate()
    with db.database.connection_context():
        load.load(source.read(), NOW)
        yield
    db.disconnect()


def test_october_is_september_with_the_months_approved_changes(october: None, shared_data: Path | None) -> None:
    expected = source.expected_lines(shared_data)
    assert listed() == expected
    there = payment_list.find(MONTH)
    assert there is not None
    assert (there.lines, there.total) == (len(expected), sum(amount for _, _, amount in expected.values()))

    old = sorted(code for code, line in expected.items() if line[0] == "5.5c")
    gone, late, moved, waiting = (person_of(code) for code in old[:4])
    approve(propose("huyen", reason="CHET", person=gone, event_date="2024-09-12"))
    approve(propose("huyen", reason="CHET", person=late, event_date="2024-10-03"))
    approve(propose("huyen", reason="CHUYEN_DI", person=moved, event_date="2024-09-20"))
    propose("huyen", reason="CHET", person=waiting, event_date="2024-09-25")
    for line in [*lines_of(gone), *lines_of(moved)]:
        del expected[line]

    newcomer = {"id": named("newcomer"), "full_name": "Nguyễn Thị Mới", "birth": "1944-10-02", "commune": "18580", "hamlet": "Thôn 1"}
    new = propose("huyen", reason="MOI", new_person=newcomer, category="5.5c", effective=MONTH, event_date="1944-10-02")
    approve(new)
    expected[lines_of(named("newcomer"))[0]] = ("5.5c", 10, 500_000)

    # Two have a birthday in October that changes their level: the list says so before it may be frozen.
    ageing = next(finding for finding in payment_list.findings(there, shown=99) if finding.code == "AGE")
    assert {expected[row.line_code][0] for row in ageing.rows} == {"5.6-nang", "5.6-nang-te"}
    assert step("draft", "frozen") == "checks"
    for row in ageing.rows:
        category, coefficient10 = {"5.6-nang": ("5.6-nang-nct", 20), "5.6-nang-te": ("5.6-nang", 15)}[expected[row.line_code][0]]
        right = Entitlement.get(Entitlement.line_code == row.line_code)
        changed = {"entitlement": right.id, "category": category, "coefficient10": coefficient10, "effective": MONTH}
        approve(propose("huyen", reason="TUOI", person=row.person, event_date="2024-10-01", **changed))
        expected[row.line_code] = (category, coefficient10, 50_000 * coefficient10)

    actor = access.actor(Account.get(Account.name == "huyen"), "form:again")
    assert payment_list.is_stale(there, NOW)
    assert payment_list.rebuild(actor, NOW, there.id, there.build).fields == {"build": "applied"}
    assert listed() == expected
    (whole,) = list_comparison.movements(there, "")
    left = len(lines_of(gone)) + len(lines_of(moved))
    assert (whole.opening, whole.increases, whole.decreases, whole.closing) == (5904, 1, left, 5904 + 1 - left)
    assert step("draft", "frozen") == ""
    held = payment_list.lines(there.id, state="withheld").rows
    assert {row.person for row in held} == {waiting}
    september, again = totals.entitled("2024-09", MONTH)
    assert (september.lines, again.lines, again.decreases) == (5904, len(expected), left)
    assert again.amount == sum(amount for _, _, amount in expected.values())


def listed() -> dict[str, Line]:
    """What stands on October's list."""
    rows = door.store().run("SELECT line_code, category, coefficient10, allowance FROM payment WHERE month = ?", (MONTH,)).fetchall()
    assert len({row[0] for row in rows}) == len(rows)
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def person_of(line_code: str) -> str:
    return str(Entitlement.get(Entitlement.line_code == line_code).person)


def lines_of(person: str) -> list[str]:
    return [str(right.line_code) for right in Entitlement.select().where(Entitlement.person == person)]


def propose(who: str, **values: Any) -> str:
    record = named("october", *map(str, values.values()))
    actor = access.actor(Account.get(Account.name == who), f"form:{record}")
    result = door.submit_one(actor, NOW, "change", record, {name: (None, value) for name, value in values.items()}, create=True)
    assert result.status == "accepted", result
    return record


def approve(record: str) -> None:
    shelf = door.shelf()
    found = shelf.get("change", record)
    assert found is not None
    decision = {"verdict": "approve", "digest": shown_digest(shelf, found), "number": "99/QĐ-UBND", "date": "2024-10-07"}
    actor = access.actor(Account.get(Account.name == "huyen2"), f"form:{record}-decided")
    assert door.submit_one(actor, NOW, "change", record, {"decision": (None, decision)}).fields == {"decision": "applied"}


def step(seen: str, wanted: str) -> str:
    """Takes the list a step on; why it was refused, "" where it was not."""
    actor = access.actor(Account.get(Account.name == "huyen"), f"form:{next(_forms)}")
    there = payment_list.find(MONTH)
    assert there is not None
    result = payment_list.step(actor, NOW, there.id, seen, wanted)
    return result.reason.detail if result.reason else ""


_forms = iter(range(1_000))
