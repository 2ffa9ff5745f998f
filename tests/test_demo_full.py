"""The months before the demo's list, replayed: one commune's 21 months for every run, the whole district in a soak."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from portal import clock, db, door, migrations, totals
from portal.demo import load, source
from portal.demo.filing import filings
from portal.demo.movement import Movement, movements
from portal.demo.replay import Replay, size
from portal.demo.source import Source
from portal.models.account import Account
from portal.models.change import Change
from portal.models.entitlement import Entitlement
from portal.models.payment import Payment
from portal.models.payment_list import PaymentList
from portal.models.person import Person
from portal.models.recovery import Recovery
from portal.models.settlement import Settlement
from portal.verify import verify
from tests.machine import SOAK

COMMUNE, LAST = "18580", "2023-09"
"""A commune with deaths told late on both sides of the pay days, a suspension, and accounts since July 2023."""
_PAY_DAY = "-10"
_METHODS_UNKNOWN = 2
"""Lines of a commune that got an account before they were decided: the register has them in the month after."""


@dataclass(frozen=True)
class Replayed:
    """A district that was replayed until a month, and what it was made of."""

    source: Source
    movements: list[Movement]
    last: str
    loaded: load.Loaded
    steps: int


def of_commune(district: Source, code: str) -> Source:
    """What of the district belongs to one commune."""
    below = {"commune": "code", "hamlet": "parent", "pay_point": "serves"}
    units = tuple(each for each in district.units if each.kind not in below or getattr(each, below[each.kind]) == code)
    people = tuple(each for each in district.people if each.commune == code)
    return replace(district, units=units, people=people, lines=tuple(each for each in district.lines if each.commune == code))


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayed]:
    """In a soak the whole district and every month."""
    whole = source.read(month="2022-01")
    last = source.months()[-1] if SOAK else LAST
    district = whole if SOAK else of_commune(whole, COMMUNE)
    communes = {each.code for each in district.units if each.kind == "commune"}
    moves = [each for each in movements() if each.commune in communes and each.month <= last]
    db.connect(f"sqlite:///{tmp_path_factory.mktemp('full') / 'portal.sqlite3'}")
    migrations.migrate()
    counted = 0

    def count(done: int) -> None:
        nonlocal counted
        counted += done

    with db.database.connection_context():
        loaded = Replay(district, moves, last, count, source.gone_before(None, "2022-01")).run(clock.now(date(2024, 10, 8)))
        yield Replayed(district, moves, last, loaded, counted)
    db.disconnect()


def is_late(movement: Movement) -> bool:
    """Whether a death was told when the list of the first month without the right had been closed."""
    return movement.reason == "CHET" and movement.reported_date > movement.list_closed


def test_each_month_and_commune_has_the_figures_expected(replayed: Replayed) -> None:
    wanted = {(each.month, each.commune): each for each in source.expected() if each.month <= replayed.last}
    rows = [row for row in totals.entitled("2022-01", replayed.last, by_commune=True) if row.commune_code or SOAK]
    assert rows
    for row in rows:
        one = wanted[row.month, row.commune_code]
        assert (row.lines, row.coefficient10, row.amount, row.increases) == (one.lines, one.coefficient10, one.amount, one.increases), row
        communes = 1 if row.commune_code else len({each.commune for each in wanted.values()}) - 1
        assert abs(row.account_lines - one.account_lines) <= _METHODS_UNKNOWN * communes, row
        assert row.account_lines + row.cash_lines == row.lines
        assert (row.decreases, row.deaths) == (one.decreases, one.deaths), row
    first = next(totals.entitled("2022-01", "2022-01"))
    assert (first.decreases, first.deaths) == (65, 30)
    if SOAK:
        assert sum(row.amount for row in rows if not row.commune_code) == 92_071_250_000


def test_the_register_ends_as_the_movements_do(replayed: Replayed) -> None:
    first = replayed.source.lines
    state = {each.line_code: (each.category, each.coefficient10, each.payment_method) for each in first}
    ids = {each.code: each.national_id for each in replayed.source.people}
    for each in replayed.movements:
        if each.kind == "decrease":
            del state[each.line.line_code]
        else:
            state[each.line.line_code] = (each.line.category, each.line.coefficient10, each.line.payment_method)
            ids[each.line.person_code] = each.line.national_id
    live: Any = Entitlement.select().where(Entitlement.stop_month.is_null(), Entitlement.suspended_from.is_null())
    assert {row.line_code: (row.category, row.coefficient10, json.loads(row.payment_method)) for row in live} == state
    paying = {code.partition("/")[0] for code in state}
    people: dict[str, Any] = {row.code: row for row in every(Person)}
    assert {code: people[code].national_id for code in paying} == {code: ids[code] for code in paying}
    for code in paying:
        own = min(line for line in state if line.partition("/")[0] == code)
        method = json.loads(people[code].payment_method)
        others = [how for line, (_, _, how) in state.items() if line.partition("/")[0] == code and line != own]
        assert method == state[own][2] or method in others, code  # a line still paid as both were would have been drawn along
    assert replayed.loaded.list_lines == Payment.select().where(Payment.month == clock.month_after(replayed.last)).count()
    allowances: Any = Payment.select().where(Payment.month == clock.month_after(replayed.last), Payment.allowance > 0)
    assert {row.line_code: (row.category, row.coefficient10) for row in allowances} == {code: how[:2] for code, how in state.items()}


def test_a_death_told_late_is_withheld_before_the_money_and_a_recovery_after(replayed: Replayed) -> None:
    late = [each for each in replayed.movements if is_late(each)]
    assert late
    outcomes: Counter[str] = Counter()
    for each in late:
        listed: Any = Payment.get(Payment.line_code == each.line.line_code, Payment.month == each.month)
        recovery = Recovery.get_or_none(Recovery.line_code == each.line.line_code)
        outcomes[listed.state] += 1
        if each.reported_date <= f"{each.month}{_PAY_DAY}":
            assert listed.state in ("withheld", "uncollected"), each.line.line_code
        if listed.state == "withheld":
            assert json.loads(listed.hold)["due"] is False
            assert recovery is None
        elif listed.state == "paid":
            assert recovery is not None, each.line.line_code
    assert outcomes["withheld"]
    assert outcomes["paid"]


def test_what_was_listed_is_what_was_due_but_for_what_was_withheld_or_overpaid(replayed: Replayed) -> None:
    """Line by line over all months: allowances and arrears listed, less the months after an exit, are the allowances due."""
    rights: dict[str, list[Any]] = {}
    for right in every(Entitlement):
        rights.setdefault(right.line_code, []).append(right)
    upto = clock.month_after(replayed.last)
    due: Counter[str] = Counter()
    month = "2022-01"
    while month <= upto:
        rate = 500_000 if month >= "2024-07" else 360_000
        for code, some in rights.items():
            paying = [each for each in some if pays(each, month)]
            due[code] += max((rate * each.coefficient10 // 10 for each in paying), default=0)
        month = clock.month_after(month)
    listed: Counter[str] = Counter()
    undue = 0
    for line in every(Payment, Payment.addendum == 0):
        if not (line.state == "withheld" and json.loads(line.hold)["due"] is False):  # else the next list brings what was due of it
            listed[line.line_code] += line.arrears
        if any(pays(each, line.month) for each in rights[line.line_code]):
            listed[line.line_code] += line.allowance
        elif line.allowance:
            undue += 1
            assert line.state in ("withheld", "paid", "uncollected", "rejected", "planned")
    different = {code: (listed[code], due[code]) for code in due if listed[code] != due[code]}
    assert not different
    assert undue >= sum(is_late(each) for each in replayed.movements)


def every(model: type[Any], *wanted: Any) -> list[Any]:
    """The rows of a table."""
    return list(model.select().where(*wanted) if wanted else model.select())


def pays(right: Any, month: str) -> bool:
    """Whether a right pays in a month."""
    return right.start_month <= month and all(end is None or month < end for end in (right.stop_month, right.suspended_from))


def test_the_offices_kept_apart_and_every_month_is_closed(replayed: Replayed) -> None:
    lists = every(PaymentList, PaymentList.month <= replayed.last)
    assert {row.state for row in lists} == {"settled"}
    assert all(row.approved_by not in (row.built_by, row.frozen_by) for row in lists)
    closings = {each.month: each.list_closed for each in replayed.movements}
    assert all(row.frozen_at[:10] == closings[row.month] for row in lists if row.month in closings)
    assert {row.state for row in every(Settlement)} == {"closed"}
    assert all(row.closed_at[:10] <= closings.get(clock.month_after(row.month), "9999") for row in every(Settlement))
    changes = every(Change)
    assert {row.state for row in changes} == {"approved"}
    assert {row.author_role for row in changes} == {"commune_officer"}
    roles = {row.name: row.role for row in every(Account)}
    assert {roles[row.decided_by] for row in changes} == {"district_officer"}
    assert sum(len(each.movements) for each in filings(replayed.movements)) == len(replayed.movements)
    told = {(row.person, row.reason, row.at[:10]) for row in changes}
    by_code = {row.code: row.id for row in every(Person)}
    for each in filings(replayed.movements):
        if each.type not in ("correction", "increase"):
            assert (by_code[each.first.line.person_code], each.first.reason, each.told[0]) in told, each.first


def test_what_reaches_nobody_is_rare_and_carried_on(replayed: Replayed) -> None:
    states: Counter[tuple[bool, str]] = Counter()
    for line in every(Payment, Payment.month <= replayed.last):
        states[line.method == "cash", line.state] += 1
    cash, bank = (sum(count for (by_hand, _), count in states.items() if by_hand is wanted) for wanted in (True, False))
    assert 0.004 < states[True, "uncollected"] / cash < 0.02
    assert states[False, "rejected"] <= 0.02 * bank
    if SOAK:
        assert states[False, "rejected"] >= 0.003 * bank
    assert not states[True, "planned"] + states[False, "planned"]
    again = Payment.select().where(Payment.carried_over > 0, Payment.state == "paid").count()
    assert again > 0.5 * (states[True, "uncollected"] + states[False, "rejected"])
    reasons = {json.loads(row.mark)["reason"] for row in every(Payment, Payment.state.in_(("uncollected", "rejected")))}
    assert len(reasons) >= 3


def test_the_bar_knows_how_much_there_is_to_do(replayed: Replayed) -> None:
    told = size(replayed.source, replayed.movements, replayed.last)
    assert 0.97 < replayed.steps / told < 1.03


def test_the_journal_replayed_is_the_register(replayed: Replayed) -> None:
    verdict = verify(door.store())
    assert verdict.is_whole, verdict.differences
    assert verdict.entries > len(replayed.source.people) + 2 * len(filings(replayed.movements))
