"""Recoveries: what was paid without a right, who holds it, what was done to get it back, and what is left (domain.md 2.2, 2.4).

The door opens and corrects them by itself (`sync.overpaid`). Here they are found, read, and entries are handed in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import peewee
from msgspec import Struct
from peewee import fn

from portal import door, unit
from portal.change_record import named
from portal.home import Waiting
from portal.language import mark
from portal.models.account import Account
from portal.models.payment import Payment
from portal.models.recovery import Recovery
from portal.models.recovery_entry import RecoveryEntry
from sync.edit import Actor, Record, Result
from sync.fields import APPROVER, DISTRICT, SUPERVISOR
from sync.kinds.recovery import ENTRY_TYPES, MONEY, REPORTED, held, may_see, owed, room
from sync.text import fold

PAGE = 50
VIEWS = ("open", "owed", "held", "unasked", "unconfirmed", "closed", "all")
"""What a list may be narrowed to: open, with money still owed, with money collected and not handed on, nobody asked for the money yet,
with a repayment that waits for the district, closed, everything."""
_SUMS = ("overpaid", "repaid", "refunded", "handed_over", "written_off")


class Filter(Struct, frozen=True):
    """What was asked of the list; "" is no filter. `words` as typed, with or without diacritics."""

    words: str = ""
    commune: str = ""
    state: str = "open"
    holder: str = ""


class Sums(Struct, frozen=True):
    """The sums of a recovery, or of several, in đồng; the balances follow from them."""

    count: int
    overpaid: int
    repaid: int
    refunded: int
    handed_over: int
    written_off: int

    @property
    def owed(self) -> int:
        """Still to come back; negative where more came back than was overpaid."""
        return owed(self._by_name())

    @property
    def held(self) -> int:
        """Came back and was not handed on."""
        return held(self._by_name())

    def room(self, type_: str) -> int:
        """The most an entry of a type may amount to."""
        return room(self._by_name(), type_)

    def _by_name(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in _SUMS}


class Row(Struct, frozen=True):
    """A recovery in the list; `months` are those overpaid still."""

    id: str
    name: str
    line_code: str
    commune: str
    months: tuple[str, ...]
    holder: str
    state: str
    sums: Sums


class Page(Struct, frozen=True):
    """A page of the list with the sums of all of it; `after` is the id to page on by, "" where it ends."""

    rows: list[Row]
    total: Sums
    after: str


class Month(Struct, frozen=True):
    """A month that was overpaid: đồng paid beyond what was due, the lists that paid it, where the money went.

    `void`: it has turned out to be none. `receivers` are who received it, as the list names them (bank accounts half hidden elsewhere).
    """

    month: str
    amount: int
    due: int
    lists: tuple[str, ...]
    how: str
    void: bool
    receivers: tuple[Mapping[str, Any], ...]


class Entry(Struct, frozen=True):
    """A line of the ledger; names in full, moments as UTC text."""

    id: str
    type: str
    day: str
    amount: int | None
    number: str
    party: str
    note: str
    state: str
    void_why: str
    author: str
    author_role: str
    at: str
    confirmed_by: str
    is_own: bool


class Case(Struct, frozen=True):
    """One recovery as a page shows it. `stopped`: (the month the right ended, why), "" where it did not; `corrections` oldest first."""

    id: str
    values: Mapping[str, Any]
    sums: Sums
    months: tuple[Month, ...]
    entries: tuple[Entry, ...]
    corrections: tuple[Mapping[str, Any], ...]
    stopped: tuple[str, str]
    closed_by: str
    found_at: str

    @property
    def is_open(self) -> bool:
        """Whether entries may be added."""
        return bool(self.values["state"] == "open")


def listed(actor: Actor, wanted: Filter, after: str = "", size: int = PAGE) -> Page:
    """A page of the recoveries an actor may see, by name, with the sums of all that match."""
    conditions = _conditions(actor, wanted)
    columns = [fn.COUNT(Recovery.id), *(fn.COALESCE(fn.SUM(getattr(Recovery, name)), 0) for name in _SUMS)]
    sums: Any = Recovery.select(*columns).where(*conditions).tuples().get()
    total = Sums(*(int(value) for value in sums))
    last = Recovery.get_or_none(Recovery.id == after) if after else None
    if last is not None:
        conditions.append(peewee.Tuple(Recovery.sort_key, Recovery.id) > peewee.Tuple(last.sort_key, last.id))
    found: list[Any] = list(Recovery.select().where(*conditions).order_by(Recovery.sort_key, Recovery.id).limit(size + 1))
    more, found = len(found) > size, found[:size]
    return Page([_row(row) for row in found], total, found[-1].id if more else "")


def find(actor: Actor, recovery_id: str) -> Case | None:
    """One recovery, where the actor may see it; else None."""
    shelf = door.shelf()
    record = shelf.get("recovery", recovery_id)
    if record is None or not _sees(actor, record):
        return None
    values = record.fields
    entries = shelf.where("recovery_entry", {"recovery": recovery_id})
    corrections = values["corrections"] or []
    names = named(
        {e[name] for e in entries for name in ("author", "confirmed_by")} | {c["by"] for c in corrections} | {values["closed_by"]}
    )
    rights = [r for r in shelf.where("entitlement", {"person": values["person"]}) if r["line_code"] == values["line_code"]]
    last = max(rights, key=lambda right: str(right["start_month"]), default=None)
    return Case(
        id=recovery_id,
        values=values,
        sums=_sums(values),
        months=_months(values["items"]),
        entries=tuple(_entry(each, names, actor) for each in sorted(entries, key=lambda e: (e["day"], e["at"], e.id))),
        corrections=tuple({**each, "by": names[each["by"]]} for each in corrections),
        stopped=(last["stop_month"] or "", last["stop_reason"] or "") if last is not None else ("", ""),
        closed_by=names[values["closed_by"]],
        found_at=values["found_at"] or "",
    )


def types_for(role: str) -> tuple[str, ...]:
    """The entries a role may add."""
    codes = tuple(choice.code for choice in ENTRY_TYPES)
    return codes if role == DISTRICT else tuple(code for code in codes if code in REPORTED)


def possible(case: Case, role: str) -> tuple[str, ...]:
    """The entries a role may add to a case as it stands: of money only where there is some."""
    if not case.is_open:
        return ()
    return tuple(code for code in types_for(role) if code not in MONEY or case.sums.room(code) > 0)


def add(actor: Actor, now: datetime, record: str, recovery_id: str, type_: str, values: Mapping[str, Any]) -> Result:
    """Adds an entry; `record` is the new entry's id."""
    given = {"recovery": recovery_id, "type": type_, **{name: value for name, value in values.items() if value is not None}}
    return door.submit_one(actor, now, "recovery_entry", record, {name: (None, value) for name, value in given.items()}, create=True)


def confirm(actor: Actor, now: datetime, entry_id: str) -> Result:
    """The district confirms a repayment somebody reported; from then on it counts."""
    return door.submit_one(actor, now, "recovery_entry", entry_id, {"state": ("proposed", "stands")})


def cancel(actor: Actor, now: datetime, entry_id: str, seen: str, why: str) -> Result:
    """Cancels an entry that was wrong, with a reason; it stays to be seen."""
    return door.submit_one(actor, now, "recovery_entry", entry_id, {"state": (seen, "void")}, why=why)


def hold(actor: Actor, now: datetime, recovery_id: str, seen: str, holder: str) -> Result:
    """Says who holds the money."""
    return door.submit_one(actor, now, "recovery", recovery_id, {"holder": (seen, holder)})


def end(actor: Actor, now: datetime, recovery_id: str, seen: str, why: str) -> Result:
    """Closes a recovery (what is still owed is written off), or opens a closed one again; with a reason."""
    wanted = "closed" if seen == "open" else "open"
    return door.submit_one(actor, now, "recovery", recovery_id, {"state": (seen, wanted)}, why=why)


def entry_of(actor: Actor, recovery_id: str, entry_id: str) -> Record | None:
    """An entry of a recovery the actor may see; else None."""
    shelf = door.shelf()
    entry, owner = shelf.get("recovery_entry", entry_id), shelf.get("recovery", recovery_id)
    if entry is None or owner is None or entry["recovery"] != recovery_id or not _sees(actor, owner):
        return None
    return entry


def of_person(person: str, role: str) -> list[Row]:
    """A person's recoveries that a role may read."""
    found: Any = Recovery.select().where(Recovery.person == person).order_by(Recovery.line_code)
    return [_row(row) for row in found if may_see(role, {"holder": row.holder})]


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """Repayments to confirm and recoveries nobody has asked for yet, for the district; what is paid back in full, for who closes."""
    if account.role not in (DISTRICT, APPROVER):
        return []
    actor = Actor(account=account.name, role=account.role, unit=account.unit, device="", communes=unit.within_reach_of(account.unit))

    def count(state: str) -> int:
        return int(Recovery.select(fn.COUNT(Recovery.id)).where(*_conditions(actor, Filter(state=state))).scalar() or 0)

    if account.role == APPROVER:
        done = Recovery.select(fn.COUNT(Recovery.id)).where(*_conditions(actor, Filter()), _OWED == 0, _HELD == 0).scalar()
        return [Waiting(mark("Khoản thu hồi đã đủ, chờ kết thúc"), done or 0, "recovery.index")]
    return [
        Waiting(mark("Khoản thu hồi chờ xác nhận"), count("unconfirmed"), "recovery.index"),
        Waiting(mark("Khoản chi thừa chưa gửi thư đề nghị hoàn trả"), count("unasked"), "recovery.index"),
    ]


_OWED: Any = Recovery.overpaid - Recovery.repaid + Recovery.refunded - Recovery.written_off
_HELD: Any = Recovery.repaid - Recovery.refunded - Recovery.handed_over


def _conditions(actor: Actor, wanted: Filter) -> list[Any]:
    found: list[Any] = [Recovery.overpaid.is_null(False)]
    if actor.communes is not None:
        found.append(Recovery.commune.in_(sorted(actor.communes)))
    if actor.role == SUPERVISOR:
        found.append(Recovery.holder != "family")
    if wanted.commune:
        found.append(Recovery.commune == wanted.commune)
    if wanted.holder:
        found.append(Recovery.holder == wanted.holder)
    found += [Recovery.search_key.contains(word) for word in fold(wanted.words).split()]
    if wanted.state in ("open", "closed"):
        found.append(Recovery.state == wanted.state)
    elif wanted.state != "all":
        found += [Recovery.state == "open", _NARROWED[wanted.state]()]
    return found


def _with_entry(*conditions: Any) -> Any:
    return fn.EXISTS(RecoveryEntry.select(RecoveryEntry.id).where(RecoveryEntry.recovery == Recovery.id, *conditions))


_NARROWED = {
    "owed": lambda: _OWED > 0,
    "held": lambda: _HELD > 0,
    "unasked": lambda: (_OWED > 0) & ~_with_entry(RecoveryEntry.type == "letter", RecoveryEntry.state == "stands"),
    "unconfirmed": lambda: _with_entry(RecoveryEntry.state == "proposed"),
}


def _sees(actor: Actor, recovery: Record) -> bool:
    return actor.reaches(recovery["commune"]) and may_see(actor.role, recovery.fields)


def _sums(values: Mapping[str, Any]) -> Sums:
    return Sums(1, *(int(values[name] or 0) for name in _SUMS))


def _row(row: Any) -> Row:
    months = tuple(item["month"] for item in json.loads(row.items) if not item.get("void"))
    sums = _sums({name: getattr(row, name) for name in _SUMS})
    return Row(row.id, row.full_name or "", row.line_code, row.commune, months, row.holder, row.state, sums)


def _months(items: Sequence[Mapping[str, Any]]) -> tuple[Month, ...]:
    ids = sorted({payment for item in items for payment in item["payments"]})
    names = ("id", "month", "recipient", "full_name", "method", "bank", "account", "holder", "total")
    rows: Any = Payment.select(*(getattr(Payment, name) for name in names)).where(Payment.id.in_(ids)).dicts()
    lines = {row["id"]: row for row in rows}
    return tuple(
        Month(
            month=item["month"],
            amount=item["amount"],
            due=item["due"],
            lists=tuple(item["lists"]),
            how=item["how"],
            void=bool(item.get("void")),
            receivers=tuple(lines[payment] for payment in item["payments"] if payment in lines),
        )
        for item in items
    )


def _entry(record: Record, names: Mapping[str | None, str], actor: Actor) -> Entry:
    texts = {name: record[name] or "" for name in ("type", "day", "number", "party", "note", "state", "void_why", "author_role", "at")}
    return Entry(
        id=record.id,
        **texts,
        amount=record["amount"],
        author=names[record["author"]],
        confirmed_by=names[record["confirmed_by"]],
        is_own=record["author"] == actor.account,
    )
