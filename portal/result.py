"""A month's result, or a period's: who was listed, what was paid and how, what was not and why, who came and who went.

Definitions, which the pages repeat: a *line* ("lượt chi") is one right of one person in one month, a *person* is counted once however
many lines they have; in a period, persons are counted once over all its months. Counted are lists that were handed to the post office,
addenda included. Cashless rates are by persons: registered = with an account on the list, paid = paid into an account, of those paid.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from portal import door, list_comparison, payment_list, residence
from portal.list_lines import execute
from portal.models.change import Change
from portal.payment_list import MonthList
from portal.settlement import POSTED, Communes, Sum
from portal.settlement_lines import reason_of, scoped
from sync.kinds.change import DEATH

_ALL = 1_000_000
_BY_ACCOUNT = "p.method <> 'cash'"
_INTO_ACCOUNT = "p.state = 'paid' AND p.mark LIKE :bank"
_AT_HOME = "p.state = 'paid' AND p.mark LIKE :home"
_AT_COUNTER = "p.state = 'paid' AND p.mark LIKE :counter"
_HOW = {name: f'%"how":"{name}"%' for name in ("bank", "home", "counter")}


class Figure(Struct, frozen=True):
    """The figures of a month and commune, or of a sum of them (then `month` or `commune` is ""); money in đồng, the rest counts.

    `allowance`, `arrears`, `carried_over` and `funeral` are the parts of `total`. `registered` persons have an account on the list.
    """

    month: str
    commune: str
    persons: int
    lines: int
    allowance: int
    arrears: int
    carried_over: int
    funeral: int
    total: int
    account_lines: int
    registered: int
    paid_persons: int
    paid_persons_account: int
    paid_lines: int
    paid: int
    counter_lines: int
    counter: int
    home_lines: int
    home: int
    bank_lines: int
    bank: int
    uncollected_lines: int
    uncollected: int
    rejected_lines: int
    rejected: int
    withheld_lines: int
    withheld: int
    planned_lines: int
    planned: int

    @property
    def granted(self) -> int:
        """Đồng due anew, without what was carried over: what may be added up over months."""
        return self.total - self.carried_over

    @property
    def cash(self) -> Sum:
        """Lines and đồng handed over at the counter or at home."""
        return (self.counter_lines + self.home_lines, self.counter + self.home)

    @property
    def unpaid(self) -> Sum:
        """Lines and đồng that reached nobody: uncollected, rejected, withheld, or without an outcome yet."""
        lines = self.uncollected_lines + self.rejected_lines + self.withheld_lines + self.planned_lines
        return (lines, self.uncollected + self.rejected + self.withheld + self.planned)

    @property
    def registered_rate(self) -> int | None:
        """Persons with an account, in tenths of a percent; None without persons."""
        return _rate(self.registered, self.persons)

    @property
    def paid_rate(self) -> int | None:
        """Persons paid into an account of all persons paid, in tenths of a percent; None while nobody was paid."""
        return _rate(self.paid_persons_account, self.paid_persons)

    @property
    def paid_line_rate(self) -> int | None:
        """Lines paid into an account of all lines paid, in tenths of a percent."""
        return _rate(self.bank_lines, self.paid_lines)


class Moves(Struct, frozen=True):
    """Who came and who went between a month's list and the one before, in lines; `deaths` are of the decreases."""

    opening: int = 0
    increases: int = 0
    decreases: int = 0
    deaths: int = 0
    closing: int = 0


class Why(Struct, frozen=True):
    """A reason why lines were not paid, in words: `state` is the payment's."""

    state: str
    reason: str
    lines: int
    amount: int


class Result(Struct, frozen=True):
    """A month's result: the whole, its communes, who came and went by commune code ("" for the whole), why lines were not paid.

    `withheld_deaths`: lines held back because of a death, decided or only reported.
    """

    month: str
    state: str
    whole: Figure
    communes: tuple[Figure, ...]
    moves: Mapping[str, Moves]
    reasons: tuple[Why, ...]
    withheld_deaths: Sum


class Period(Struct, frozen=True):
    """The figures of some months: the whole, by month and by commune. `first` and `last` are the first and last that have a list."""

    first: str
    last: str
    whole: Figure
    months: tuple[Figure, ...]
    communes: tuple[Figure, ...]


def months() -> list[str]:
    """The months that have a result, the newest first."""
    return [found.month for found in payment_list.every() if found.state in POSTED]


def of_month(month: str, communes: Communes = None) -> Result | None:
    """The result of a month within these communes; None where its list was not handed to the post office."""
    found = payment_list.find(month)
    if found is None or found.state not in POSTED:
        return None
    unpaid = _unpaid(found.id, communes)
    return Result(
        month=month,
        state=found.state,
        whole=_figures(month, month, communes)[0],
        communes=tuple(_figures(month, month, communes, ("commune",))),
        moves=_moves(found, communes),
        reasons=_reasons(unpaid),
        withheld_deaths=_withheld_deaths(unpaid),
    )


def of_period(first: str, last: str, communes: Communes = None) -> Period | None:
    """The figures from month to month within these communes; None where no list of these months was handed to the post office."""
    by_month = tuple(_figures(first, last, communes, ("month",)))
    if not by_month:
        return None
    by_commune = tuple(_figures(first, last, communes, ("commune",)))
    return Period(by_month[0].month, by_month[-1].month, _figures(first, last, communes)[0], by_month, by_commune)


def _figures(first: str, last: str, communes: Communes, by: Iterable[str] = ()) -> list[Figure]:
    """The figures summed by `month`, `commune`, both or neither."""
    keys = tuple(by)
    scope, values = scoped(communes)
    group = f" GROUP BY {', '.join(f'p.{key}' for key in keys)} ORDER BY {', '.join(f'p.{key}' for key in keys)}" if keys else ""
    head = ", ".join(f"p.{key}" if key in keys else "''" for key in ("month", "commune"))
    lines = "payment"
    if "commune" in keys and first != last:  # by the communes of the last month, whatever they were made of before
        place = residence.commune_since(first, last, "q.person", "q.commune", "last", "q.month")
        others = ", ".join(f"q.{name}" for name in _READ)
        lines = f"(SELECT {others}, {place} AS commune FROM payment q WHERE q.month >= :first AND q.month <= :last)" if place != "q.commune" else lines
    sums = ", ".join(f"COALESCE({sql}, 0)" for sql in _COLUMNS.values())
    sql = f"""SELECT {head}, {sums} FROM {lines} p JOIN payment_list l ON l.id = p.list
        WHERE l.state IN ('posted', 'settled') AND l.month >= :first AND l.month <= :last{scope}{group}"""
    rows = execute(door.store(), sql, {"first": first, "last": last, **values, **_HOW}).fetchall()
    return [Figure(row[0], row[1], *(int(value) for value in row[2:])) for row in rows]


def _count(condition: str) -> str:
    return f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)"


def _amount(condition: str) -> str:
    return f"SUM(CASE WHEN {condition} THEN p.total ELSE 0 END)"


def _heads(condition: str) -> str:
    return f"COUNT(DISTINCT CASE WHEN {condition} THEN p.person END)"


_COLUMNS = {
    "persons": "COUNT(DISTINCT p.person)",
    "lines": "COUNT(*)",
    **{name: f"SUM(p.{name})" for name in ("allowance", "arrears", "carried_over", "funeral", "total")},
    "account_lines": _count(_BY_ACCOUNT),
    "registered": _heads(_BY_ACCOUNT),
    "paid_persons": _heads("p.state = 'paid'"),
    "paid_persons_account": _heads(_INTO_ACCOUNT),
    "paid_lines": _count("p.state = 'paid'"),
    "paid": _amount("p.state = 'paid'"),
    "counter_lines": _count(_AT_COUNTER),
    "counter": _amount(_AT_COUNTER),
    "home_lines": _count(_AT_HOME),
    "home": _amount(_AT_HOME),
    "bank_lines": _count(_INTO_ACCOUNT),
    "bank": _amount(_INTO_ACCOUNT),
    **{
        f"{state}{kind}": make(f"p.state = '{state}'")
        for state in ("uncollected", "rejected", "withheld", "planned")
        for kind, make in (("_lines", _count), ("", _amount))
    },
}


_READ = (
    "list", "month", "person", "method", "state", "mark", "allowance", "arrears", "carried_over", "funeral", "total"
)  # fmt: skip
"""Columns of a payment the figures are made of, beside its commune."""


def _moves(found: MonthList, communes: Communes) -> dict[str, Moves]:
    gone, _ = list_comparison.differences(found, communes, kind="ended", limit=_ALL)
    deaths = Counter(each.commune for each in gone if each.reason == DEATH)
    told = {
        each.key: Moves(each.opening, each.increases, each.decreases, deaths[each.key], each.closing)
        for each in list_comparison.movements(found, "commune", communes)
    }
    for each in list_comparison.movements(found, "", communes):
        told[""] = Moves(each.opening, each.increases, each.decreases, deaths.total(), each.closing)
    return told


def _unpaid(list_id: str, communes: Communes) -> list[tuple[str, int, str | None, str | None]]:
    """State, đồng, mark and hold of the lines that were marked or held, and not paid."""
    scope, values = scoped(communes)
    sql = f"""SELECT p.state, p.total, p.mark, p.hold FROM payment p
        WHERE p.list = :list AND p.state IN ('uncollected', 'rejected', 'withheld'){scope}"""
    return [(row[0], int(row[1]), row[2], row[3]) for row in execute(door.store(), sql, {"list": list_id, **values}).fetchall()]


def _reasons(unpaid: Iterable[tuple[str, int, str | None, str | None]]) -> tuple[Why, ...]:
    counted: dict[tuple[str, str], list[int]] = {}
    for state, total, mark, hold in unpaid:
        counted.setdefault((state, reason_of(state, mark, hold)), []).append(total)
    found = [Why(state, reason, len(totals), sum(totals)) for (state, reason), totals in counted.items()]
    return tuple(sorted(found, key=lambda why: (why.state, -why.lines, why.reason)))


def _withheld_deaths(unpaid: Iterable[tuple[str, int, str | None, str | None]]) -> Sum:
    """Held with the reason of a death, or for a change that reports one."""
    held = [(total, json.loads(hold or "{}")) for state, total, _, hold in unpaid if state == "withheld"]
    named = {hold.get("change") for _, hold in held} - {None}
    rows: Any = Change.select(Change.id).where(Change.id.in_(sorted(named)), Change.reason == DEATH) if named else ()
    deaths = {row.id for row in rows}
    sums = [total for total, hold in held if hold.get("reason") == DEATH or hold.get("change") in deaths]
    return (len(sums), sum(sums))


def _rate(part: int, whole: int) -> int | None:
    return (part * 2000 + whole) // (2 * whole) if whole else None
