"""The communes' word that a month is complete: who has given it, who has not, and by when ("no change" has to be said, too)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from peewee import fn

from portal import clock, door, residence, unit
from portal.calendar import Cycle, cycle, month_in_preparation
from portal.home import Waiting
from portal.language import mark
from portal.models.account import Account
from portal.models.change import Change
from portal.models.declaration import Declaration
from portal.models.payment_list import PaymentList
from sync.edit import Actor, Result
from sync.ids import named
from sync.kinds.change import UNDECIDED


class Line(Struct, frozen=True):
    """One commune in one month. `state`: declared, missing or late; moments are UTC text, "" where there is none.

    `proposals` were made since the commune's last cut-off and wait or were decided; `waiting` are those undecided.
    """

    commune: str
    name: str
    state: str
    no_change: bool
    note: str
    declared_by: str
    declared_at: str
    withdrawn: bool
    proposals: int
    waiting: int


class Board(Struct, frozen=True):
    """All communes an account may see, for one month. `open` while the month's list is not frozen."""

    cycle: Cycle
    lines: tuple[Line, ...]
    open: bool

    @property
    def declared(self) -> int:
        """How many communes have declared."""
        return sum(line.state == "declared" for line in self.lines)


def record_id(commune: str, month: str) -> str:
    """The id of a commune's declaration for a month: the same wherever it is made."""
    return named("declaration", commune, month)


def open_month(now: datetime) -> str:
    """The month whose list is being drawn up: the draft's, else the one after the newest list, else the calendar's."""
    newest = PaymentList.select().order_by(PaymentList.month.desc()).first()
    if newest is None:
        return month_in_preparation(clock.local_date(now))
    return str(newest.month) if newest.state == "draft" else clock.month_after(newest.month)


def months(now: datetime) -> tuple[str, str]:
    """The first and last month to declare for: from the first list, or this calendar month before there is one, to the one drawn up."""
    first = PaymentList.select().order_by(PaymentList.month).first()
    last = open_month(now)
    return min(str(first.month) if first is not None else clock.month_of(clock.local_date(now)), last), last


def board(actor: Actor, month: str, now: datetime) -> Board:
    """Who has declared the month, of the communes in the actor's area."""
    dates = cycle(month)
    late = dates.is_late(clock.local_date(now))
    found = {row.commune: row for row in Declaration.select().where(Declaration.month == month)}
    names = _names(row.declared_by for row in found.values())
    made = _proposals(month)
    lines = []
    for commune in unit.communes(residence.day_of(month)):
        if not actor.reaches(commune.code):
            continue
        row = found.get(commune.code)
        stands = row is not None and not row.withdrawn
        every, waiting_ = made.get(commune.code, (0, 0))
        lines.append(
            Line(
                commune=commune.code,
                name=commune.name,
                state="declared" if stands else "late" if late else "missing",
                no_change=bool(row and row.no_change),
                note=(row.note or "") if row else "",
                declared_by=names.get(row.declared_by or "", row.declared_by or "") if row else "",
                declared_at=(row.declared_at or "") if row else "",
                withdrawn=bool(row and row.withdrawn),
                proposals=every,
                waiting=waiting_,
            )
        )
    return Board(cycle=dates, lines=tuple(lines), open=is_open(month))


def is_open(month: str) -> bool:
    """Whether the month's list is not frozen yet, so that a declaration may still be withdrawn."""
    return not PaymentList.select().where(PaymentList.month == month, PaymentList.state != "draft").exists()


def standing(commune: str, month: str) -> dict[str, Any] | None:
    """What the commune's declaration says now (no_change, note, withdrawn), None where there is none: what a form is opened on."""
    known = door.shelf().get("declaration", record_id(commune, month))
    return {name: known[name] for name in ("no_change", "note", "withdrawn")} if known else None


def declare(actor: Actor, now: datetime, month: str, *, no_change: bool, note: str | None, seen: Mapping[str, Any] | None) -> Result:
    """The actor's commune declares the month: for the first time, or again on what it saw `standing`. Answers as the door does."""
    commune = actor.unit
    record = record_id(commune, month)
    if seen is None:
        pairs = {"commune": commune, "month": month, "no_change": no_change, "note": note}
        return door.submit_one(actor, now, "declaration", record, {k: (None, v) for k, v in pairs.items()}, create=True)
    wanted = {"no_change": no_change, "note": note, "withdrawn": False}
    return door.submit_one(actor, now, "declaration", record, {name: (seen.get(name), value) for name, value in wanted.items()})


def withdraw(actor: Actor, now: datetime, month: str, why: str) -> Result:
    """The actor's commune takes its word back, because news came in; refused once the list is frozen."""
    return door.submit_one(actor, now, "declaration", record_id(actor.unit, month), {"withdrawn": (False, True)}, why=why)


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """For a commune: its own month, undeclared. For the district: how many communes have not declared."""
    month = open_month(now)
    communes = unit.communes_served_by(account.unit)
    if account.role not in ("commune_officer", "district_officer") or not communes:
        return []
    done = Declaration.select(Declaration.commune).where(Declaration.month == month, Declaration.withdrawn.is_null() | ~Declaration.withdrawn)
    open_ = len(communes - {row.commune for row in done})
    label = mark("Xã chưa báo cáo tháng") if account.role == "district_officer" else mark("Báo cáo tháng của xã chưa gửi")
    return [Waiting(label, open_, "declaration.index", cycle(month).declare_by)] if is_open(month) else []


def _proposals(month: str) -> dict[str, tuple[int, int]]:
    """Commune → proposals made since the cut-off of the month before, and how many of them wait."""
    since = cycle(clock.month_after(month, -1)).list_by
    undecided = fn.SUM(Change.state.in_(UNDECIDED).cast("integer"))
    rows: Any = Change.select(Change.commune, fn.COUNT(Change.id), undecided).where(Change.at > since).group_by(Change.commune).tuples()
    return {commune: (every, waiting_ or 0) for commune, every, waiting_ in rows}


def _names(accounts: Iterable[str | None]) -> dict[str, str]:
    wanted = sorted({name for name in accounts if name})
    return {row.name: row.full_name or row.name for row in Account.select().where(Account.name.in_(wanted))} if wanted else {}
