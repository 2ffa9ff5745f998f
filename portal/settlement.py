"""The settlement of a month: what became of its money, by commune, pay point and bank; signing, closing and opening it again.

Every step is one edit through the door; the figures are counted there once more (`portal.settlement_steps.balance`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from portal import door, payment_list, settlement_steps
from portal.calendar import cycle
from portal.home import Waiting
from portal.language import mark
from portal.models.account import Account
from portal.models.settlement import Settlement
from portal.payment_list import MonthList
from portal.settlement_steps import OUTCOMES
from sync.edit import Actor, Result
from sync.fields import DISTRICT, SUPERVISOR
from sync.ids import named
from sync.journal import digest

Communes = Iterable[str] | None
"""Codes of the communes somebody may see; None for all."""
Sum = tuple[int, int]
"""Lines and đồng."""
POSTED = ("posted", "settled")
"""States of a list that has been handed to those who pay."""


class Tally(Struct, frozen=True):
    """What became of the money of one commune, pay point or bank, or of all. `key` is its code or name, `opening` in đồng.

    `listed` is counted by the lines' parts, everything else by their totals, so that one checks the other.
    """

    key: str
    method: str
    opening: int
    listed: Sum
    planned: Sum
    paid: Sum
    paid_cash: Sum
    uncollected: Sum
    rejected: Sum
    withheld_due: Sum
    withheld_not_due: Sum

    @property
    def withheld(self) -> Sum:
        """Held back, due or not."""
        return add(self.withheld_due, self.withheld_not_due)

    @property
    def paid_account(self) -> Sum:
        """Paid into accounts."""
        return (self.paid[0] - self.paid_cash[0], self.paid[1] - self.paid_cash[1])

    @property
    def carried(self) -> Sum:
        """What goes into the next list: uncollected, rejected, and withheld but due (Decree 20/2021, article 34.5)."""
        return add(self.uncollected, self.rejected, self.withheld_due)

    @property
    def returned(self) -> Sum:
        """What is cancelled and goes back to the budget: withheld because it was not due."""
        return self.withheld_not_due

    @property
    def transferred(self) -> int:
        """New money of the month, in đồng: the list less what was left over from before."""
        return self.listed[1] - self.opening

    @property
    def difference(self) -> int:
        """Đồng by which the list and what became of it differ; 0 where they agree."""
        return self.listed[1] - add(self.planned, self.paid, self.carried, self.returned)[1]

    @property
    def is_settled(self) -> bool:
        """Whether every line has its outcome and the sums agree."""
        return self.planned[0] == 0 and self.difference == 0


class MonthAccount(Struct, frozen=True):
    """A month's account as a page shows it. `digest` is what would be signed or closed; moments as UTC text, "" where none.

    `state`: "none" (never signed), "signed", "closed" or "open" (opened again). `moved`: the figures are no longer those signed.
    `is_whole`: the communes shown are all there are. `added`: what addenda added to the list as frozen. `before`: what the
    settlement of the month before carried over, None where there is none. `carried_on`: the later month whose list already
    carries what stayed unpaid, "" for none.
    """

    month: str
    list: MonthList
    state: str
    digest: str
    agrees: bool
    moved: bool
    is_whole: bool
    total: Tally
    communes: tuple[Tally, ...]
    pay_points: tuple[Tally, ...]
    banks: tuple[Tally, ...]
    added: Sum
    before: Sum | None
    carried_on: str
    signed_by: str
    signed_at: str
    closed_by: str
    closed_at: str
    reopened_why: str

    @property
    def can_sign(self) -> bool:
        """Whether the figures may be signed as they stand."""
        return self.state in ("none", "open") and self.agrees and self.total.is_settled


class MonthLine(Struct, frozen=True):
    """A month in the list of months; `settle_by` is a date."""

    month: str
    state: str
    total: Tally
    settle_by: str


def record_id(list_id: str) -> str:
    """The id of a list's settlement: there is one."""
    return named("settlement", list_id)


def every(communes: Communes) -> list[MonthLine]:
    """The months whose lists were posted, the newest first, with the part of these communes."""
    settlements = {row.month: row for row in Settlement.select()}
    found = []
    for listed in payment_list.every():
        if listed.state in POSTED:
            row = settlements.get(listed.month)
            rows = _closed_rows(row) if row is not None and row.state == "closed" else settlement_steps.rows(door.store(), listed.id, listed.month)
            total = _tally(("", ""), _within(rows, communes))
            found.append(MonthLine(listed.month, str(row.state) if row is not None else "none", total, cycle(listed.month).settle_by))
    return found


def show(month: str, communes: Communes) -> MonthAccount | None:
    """The account of a month with the part of these communes; None where its list was not posted.

    A closed month shows what was closed, whatever was marked since.
    """
    listed = payment_list.find(month)
    if listed is None or listed.state not in POSTED:
        return None
    row = Settlement.get_or_none(Settlement.month == month)
    state = "none" if row is None else str(row.state)
    now = settlement_steps.count(door.store(), listed.id)
    figures = json.loads(row.figures or "{}") if row is not None and state == "closed" else now
    rows = _within(figures["rows"], communes)
    total = _tally(("", ""), rows)
    return MonthAccount(
        month=month,
        list=listed,
        state=state,
        digest=digest(figures),
        agrees=figures["agrees"],
        moved=state in ("signed", "closed") and row is not None and row.digest != digest(now),
        is_whole=len(rows) == len(figures["rows"]),
        total=total,
        communes=_tallies(rows, lambda each: (each["commune"], "")),
        pay_points=_tallies([each for each in rows if each["method"] == "cash"], lambda each: (each["pay_point"], "cash")),
        banks=_tallies([each for each in rows if each["method"] != "cash"], lambda each: (each["bank"], each["method"])),
        added=(figures["added"][0], figures["added"][1]),
        before=_before(month, communes),
        carried_on=settlement_steps.carried_on(door.store(), month) if state == "closed" and total.carried[0] else "",
        **_signatures(row),
    )


def sign(actor: Actor, now: datetime, found: MonthAccount, shown: str, seen: str) -> Result:
    """The post office signs the figures it was shown (`shown` is their digest, `seen` the state of the settlement then).

    Refused while a line has no outcome, where the sums do not agree, or where the figures have moved.
    """
    record = record_id(found.list.id)
    if seen == "open":
        return door.submit_one(actor, now, "settlement", record, {"state": ("open", "signed"), "digest": (shown, shown)})
    pairs = {"month": (None, found.month), "list": (None, found.list.id), "digest": (None, shown)}
    return door.submit_one(actor, now, "settlement", record, pairs, create=True)


def close(actor: Actor, now: datetime, found: MonthAccount, shown: str) -> Result:
    """The district closes the month on the figures it was shown; refused where they are not those that were signed, or moved since."""
    pairs = {"state": ("signed", "closed"), "digest": (shown, shown)}
    return door.submit_one(actor, now, "settlement", record_id(found.list.id), pairs)


def open_again(actor: Actor, now: datetime, found: MonthAccount, seen: str, why: str) -> Result:
    """Opens a signed month (the district) or a closed one (an approver) again; `seen` is the state that was shown. Needs a reason."""
    return door.submit_one(actor, now, "settlement", record_id(found.list.id), {"state": (seen, "open")}, why=why)


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """Months to sign for the post office, months to close for the district, by which day."""
    if account.role not in (SUPERVISOR, DISTRICT):
        return []
    states = {row.month: row.state for row in Settlement.select(Settlement.month, Settlement.state)}
    posted = [listed.month for listed in payment_list.every() if listed.state == "posted"]
    if account.role == SUPERVISOR:
        months = [month for month in posted if states.get(month, "open") == "open"]
        return [_waits(mark("Tháng chờ bưu điện ký quyết toán"), months, lambda month: cycle(month).result_by)]
    months = [month for month in posted if states.get(month) == "signed"]
    return [_waits(mark("Tháng bưu điện đã ký, chờ quyết toán"), months, lambda month: cycle(month).settle_by)]


def add(*sums: Sum) -> Sum:
    """Lines and đồng of several sums."""
    return (sum(each[0] for each in sums), sum(each[1] for each in sums))


def summed(tallies: Iterable[Tally]) -> Tally:
    """Several tallies as one, without a key."""
    each = tuple(tallies)
    sums = ("listed", "planned", "paid", "paid_cash", "uncollected", "rejected", "withheld_due", "withheld_not_due")
    told = {name: add(*(getattr(tally, name) for tally in each)) for name in sums}
    return Tally(key="", method="", opening=sum(tally.opening for tally in each), **told)


def _waits(label: str, months: Sequence[str], by: Callable[[str], str]) -> Waiting:
    return Waiting(label, len(months), "settlement.index", by(min(months)) if months else "")


def _within(rows: Sequence[Mapping[str, Any]], communes: Communes) -> list[Mapping[str, Any]]:
    wanted = None if communes is None else frozenset(communes)
    return [row for row in rows if wanted is None or row["commune"] in wanted]


def _tallies(rows: Sequence[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], tuple[str, str]]) -> tuple[Tally, ...]:
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return tuple(_tally(name, groups[name]) for name in sorted(groups))


def _tally(key: tuple[str, str], rows: Sequence[Mapping[str, Any]]) -> Tally:
    def summed(outcome: str) -> Sum:
        return add(*((row[outcome][0], row[outcome][1]) for row in rows))

    cash = [row["paid"] for row in rows if row["method"] == "cash"]
    sums = {name: summed(name) for name in ("listed", *OUTCOMES)}
    return Tally(key=key[0], method=key[1], opening=sum(row["opening"] for row in rows), paid_cash=add(*((each[0], each[1]) for each in cash)), **sums)


def _before(month: str, communes: Communes) -> Sum | None:
    """What the last settlement before this month carried over."""
    last = payment_list.before(month)
    row = Settlement.get_or_none(Settlement.month == last.month, Settlement.state == "closed") if last is not None else None
    return None if row is None else _tally(("", ""), _within(_closed_rows(row), communes)).carried


def _closed_rows(row: Settlement) -> list[Mapping[str, Any]]:
    return list(json.loads(row.figures or "{}")["rows"])


def _signatures(row: Settlement | None) -> dict[str, str]:
    """Who signed and closed, by their full names, when, and why it was opened again."""
    names = ("signed_by", "signed_at", "closed_by", "closed_at", "reopened_why")
    if row is None or row.state == "open":
        return {**dict.fromkeys(names, ""), "reopened_why": str(row.reopened_why or "") if row is not None else ""}
    found = {name: str(getattr(row, name) or "") for name in names} | {"reopened_why": ""}
    people = Account.select(Account.name, Account.full_name).where(Account.name.in_([found["signed_by"], found["closed_by"]]))
    full = {account.name: account.full_name or account.name for account in people}
    return found | {name: full.get(found[name], found[name]) for name in ("signed_by", "closed_by")}
