"""Payments of a posted list: the lines of a session, of a month, sums by state, and handing marks and releases in."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import peewee
from msgspec import Struct
from peewee import fn

from portal import booked, calendar, clock, door, schedule, unit
from portal.clock import utc_text
from portal.home import Waiting
from portal.language import mark
from portal.law import reasons
from portal.law.reasons import Reason
from portal.models.account import Account
from portal.models.addendum import Addendum
from portal.models.journal import Journal
from portal.models.payment import Payment
from portal.models.payment_list import PaymentList
from portal.models.person import Person
from portal.schedule import Communes, Session
from sync.edit import Actor, Edit, Result
from sync.text import fold

PAGE = 50
STATES = ("planned", "paid", "uncollected", "rejected", "withheld")
BY_HAND = {
    "counter": {"state": "paid", "how": "counter"},
    "home": {"state": "paid", "how": "home"},
    "alternate": {"state": "paid", "how": "counter", "to": "alternate"},
    "alternate_home": {"state": "paid", "how": "home", "to": "alternate"},
    "guardian": {"state": "paid", "how": "counter", "to": "guardian"},
    "guardian_home": {"state": "paid", "how": "home", "to": "guardian"},
    "uncollected": {"state": "uncollected"},
}
"""What an agent can say of a line → the mark it makes (with the moment, the recipient and the reason)."""
_POSTED = ("posted", "settled")


class Line(Struct, frozen=True):
    """A line of a posted list with what whoever pays needs of the person; nothing of why they are paid. Money in whole đồng.

    `alternate` is the person who may receive it instead, as the register has them; `birth_year` "" where unknown. `mark` and `hold`
    as in sync-protocol 2 and `sync.holds`.
    """

    id: str
    list: str
    month: str
    person: str
    line_code: str
    full_name: str
    birth_year: str
    commune: str
    hamlet: str
    total: int
    allowance: int
    arrears: int
    carried_over: int
    funeral: int
    method: str
    bank: str
    account: str
    holder: str
    recipient: str
    home_delivery: bool
    alternate: Mapping[str, Any] | None
    guardian: str
    locator: str
    address: str
    phone: str
    state: str
    mark: Mapping[str, Any] | None
    hold: Mapping[str, Any] | None
    addendum: int
    sort_key: str

    @property
    def seen(self) -> str:
        """The mark as a form carries it, so that the door notices who was first."""
        return json.dumps(self.mark, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if self.mark else ""


class Sums(Struct, frozen=True):
    """Count and đồng of each state; together they are the whole, always (G7)."""

    counts: Mapping[str, int]
    amounts: Mapping[str, int]

    @property
    def count(self) -> int:
        """Every line."""
        return sum(self.counts.values())

    @property
    def amount(self) -> int:
        """Every đồng."""
        return sum(self.amounts.values())


class Filter(Struct, frozen=True):
    """Which lines are asked for: codes, "" for all; `query` is what was typed."""

    commune: str = ""
    state: str = ""
    method: str = ""
    query: str = ""


class Page(Struct, frozen=True):
    """Some lines in order; `after` is the id to go on behind, "" at the end."""

    lines: tuple[Line, ...]
    after: str


class Event(Struct, frozen=True):
    """Something done to a line: `what` is mark, undo, or an addendum's type; `outcome` as the door answered, "" for an addendum."""

    at: str
    by: str
    what: str
    mark: Mapping[str, Any] | None
    outcome: str
    why: str


def months() -> list[str]:
    """Months whose list was posted, the newest first."""
    rows = PaymentList.select().where(PaymentList.state.in_(_POSTED)).order_by(PaymentList.month.desc())
    return [str(row.month) for row in rows]


def is_settled(month: str) -> bool:
    """Whether a month is closed."""
    return PaymentList.select().where(PaymentList.month == month, PaymentList.state == "settled").exists()


def find(payment_id: str) -> Line | None:
    """A published line, or None."""
    return next(iter(_lines(Payment.id == payment_id)), None)


def many(ids: Iterable[str], communes: Communes) -> list[Line]:
    """The published lines with these ids in these communes, by hamlet and name."""
    return _lines(Payment.id.in_(list(ids)), *_within(communes))


def of_list(list_id: str, commune: str) -> list[Line]:
    """The published lines of a commune on a list that are paid in cash, by hamlet and name."""
    return _lines(Payment.list == list_id, Payment.commune == commune, Payment.method == "cash")


def of_session(session: Session, query: str = "", state: str = "", after: str = "", size: int = PAGE) -> Page:
    """The lines handed out at a session, by hamlet and Vietnamese name order: cash of its month, commune and hamlets."""
    wanted = [*_of_session(session), *_matching(Filter(query=query, state=state))]
    return _page(wanted, ("hamlet", "sort_key", "id"), after, size)


def session_sums(session: Session) -> Sums:
    """What became of a session's money."""
    return _sum(_grouped(*_of_session(session)))


def sums_of_sessions(month: str, sessions: Sequence[Session]) -> dict[str, Sums]:
    """Session id → what became of its money; one question for all of them."""
    communes = {each.commune for each in sessions}
    rows = _grouped(Payment.month == month, Payment.method == "cash", Payment.commune.in_(sorted(communes)))
    return {
        each.id: _sum(row for row in rows if row[0] == each.commune and (not each.hamlets or row[1] in each.hamlets)) for each in sessions
    }


def overview(month: str, communes: Communes) -> list[tuple[str, str, Sums]]:
    """(commune, method, sums) of a month's posted lines, by commune."""
    rows = _grouped(Payment.month == month, *_within(communes))
    keys = sorted({(row[0], row[2]) for row in rows}, key=lambda key: (unit.name_of(key[0]), key[1] != "cash"))
    return [(*key, _sum(row for row in rows if (row[0], row[2]) == key)) for key in keys]


def together(parts: Iterable[Sums]) -> Sums:
    """Sums added up."""
    every = list(parts)
    return Sums(
        {state: sum(each.counts[state] for each in every) for state in STATES},
        {state: sum(each.amounts[state] for each in every) for state in STATES},
    )


def page(month: str, communes: Communes, asked: Filter, after: str = "", size: int = PAGE) -> Page:
    """A month's lines by Vietnamese name order, those that are asked for."""
    wanted = [Payment.month == month, *_within(communes), *_matching(asked)]
    return _page(wanted, ("sort_key", "id"), after, size)


def bank_lines(month: str, communes: Communes) -> list[Line]:
    """Every line of a month that is paid into an account, by commune, hamlet and name."""
    return _lines(Payment.month == month, Payment.method != "cash", *_within(communes), order=("commune", "hamlet", "sort_key", "id"))


def wanted_mark(line: Line, said: str, reason: str, now: datetime) -> dict[str, Any]:
    """The mark an agent's word makes of a line. `said`: one of BY_HAND. The recipient is the person, or who receives for them."""
    made = {**BY_HAND[said], "at": utc_text(now)}
    if made["state"] != "paid":
        return {**made, "reason": reason}
    return {"to": "self" if _is_for_themselves(line) else "guardian", **made}


def _is_for_themselves(line: Line) -> bool:
    return line.recipient in ("", line.full_name, (line.alternate or {}).get("name"))


def ways(line: Line) -> tuple[str, ...]:
    """How a line's money may have been handed out, by its record: codes of BY_HAND, the usual one first."""
    places = ("home", "counter") if line.home_delivery else ("counter", "home")
    others = [*(["alternate"] if line.alternate else []), *(["guardian"] if line.guardian and _is_for_themselves(line) else [])]
    return (*places, *(f"{name}_home" if place == "home" else name for name in others for place in places))


def mark_lines(
    actor: Actor,
    now: datetime,
    wanted: Sequence[tuple[str, Any, Mapping[str, Any] | None]],
    *,
    why: str = "",
    numbers: Iterable[int] | None = None,
) -> list[Result]:
    """Hands marks in, one edit a line, all in one submit.

    Args:
        actor: who hands them in; a form sent twice is the same edits.
        now: this moment.
        wanted: (line id, mark seen, mark wanted; None takes a `paid` back).
        why: the reason, where one is needed.
        numbers: the edits' own numbers, where they must not depend on what else is handed in; else 1, 2, 3 …
    """
    at = utc_text(now)
    edits = [
        Edit(n=n, kind="payment", record=line, op="set", set={"mark": (seen, given)}, at=at, why=why or None)
        for n, (line, seen, given) in zip(numbers or itertools.count(1), wanted, strict=False)
    ]
    return door.submit(edits, actor, now).results if edits else []


def release(actor: Actor, now: datetime, line: Line, seen: Any, why: str) -> Result:
    """Lets a held line be paid again; needs a reason."""
    return door.submit_one(actor, now, "payment", line.id, {"hold": (seen, None)}, why=why)


def events(payment_id: str) -> list[Event]:
    """What was done to a line, newest first: marks whatever became of them, and addenda that held it back or released it."""
    found = []
    for row in Journal.select().where(Journal.record == payment_id):
        body = json.loads(row.body)
        edit, result = body["edit"], body["result"]
        if not isinstance(edit, dict) or "mark" not in edit.get("set", {}):
            continue
        given = edit["set"]["mark"][1]
        outcome = "refused" if result["status"] == "refused" else result.get("fields", {}).get("mark", "")
        found.append(Event(row.at, row.account, "mark" if given else "undo", given, outcome, edit.get("why") or ""))
    found += [Event(each.at, each.account, "mark", each.mark, "applied", each.name) for each in booked.of_lines([payment_id])]
    told = Addendum.select().where(Addendum.payment == payment_id)
    found += [Event(row.at or "", row.by or "", row.type or "", None, "", row.reason or "") for row in told]
    return sorted(found, key=lambda event: event.at, reverse=True)


def reasons_of(kind: Literal["uncollected", "returned"]) -> list[Reason]:
    """Why cash was not collected, or a transfer came back: in the order to offer them in."""
    return list(reasons.of_kind(kind).values())


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """For an agent: lines left in the sessions up to today. For the supervisor: transfers the bank has not answered for."""
    month = clock.month_of(now)
    if account.role == "post_agent":
        today = clock.local_date(now).isoformat()
        mine = [each for each in schedule.sessions(month, None) if each.agent == account.name and each.day <= today]
        left = sum(each.counts["planned"] for each in sums_of_sessions(month, mine).values()) if mine else 0
        day = max((each.day for each in mine), default="")
        return [Waiting(mark("Người chưa có kết quả chi trả trong phiên của bạn"), left, "payment.index", day)]
    if account.role == "post_supervisor":
        posted = PaymentList.select(PaymentList.month).where(PaymentList.state == "posted")
        open_ = (Payment.month.in_(posted), Payment.method != "cash", Payment.state == "planned", Payment.published)
        latest = Payment.select(fn.MIN(Payment.month)).where(*open_).scalar()
        count = Payment.select().where(*open_).count() if latest else 0
        by = calendar.cycle(latest).result_by if latest else ""
        return [Waiting(mark("Khoản chuyển khoản chưa có kết quả của ngân hàng"), count, "bank_result.index", by)]
    if account.role == "commune_officer":
        held = (Payment.commune.in_(sorted(unit.within_reach_of(account.unit))), Payment.state == "withheld", Payment.published)
        posted = PaymentList.select(PaymentList.month).where(PaymentList.state == "posted")
        count = Payment.select().where(Payment.month.in_(posted), *held).count()
        return [Waiting(mark("Khoản đang giữ lại, cần xác minh"), count, "payment.index", calendar.cycle(month).result_by)]
    return []


def _of_session(session: Session) -> list[Any]:
    wanted: list[Any] = [Payment.month == session.month, Payment.method == "cash", Payment.commune == session.commune]
    return [*wanted, Payment.hamlet.in_(session.hamlets)] if session.hamlets else wanted


def _within(communes: Communes) -> list[Any]:
    return [] if communes is None else [Payment.commune.in_(sorted(communes))]


def _matching(asked: Filter) -> list[Any]:
    pairs = ((Payment.commune, asked.commune), (Payment.state, asked.state), (Payment.method, asked.method))
    found: list[Any] = [column == value for column, value in pairs if value]
    words = fold(asked.query).split()
    found += [Person.search_key.contains(word) | fn.LOWER(Payment.line_code).contains(word) for word in words]
    return found


def _page(wanted: list[Any], order: tuple[str, ...], after: str, size: int) -> Page:
    last = Payment.get_or_none(Payment.id == after) if after else None
    columns = _in_order(order)
    if last is not None:
        wanted = [*wanted, peewee.Tuple(*columns) > peewee.Tuple(*(getattr(last, name) or "" for name in order))]
    found = _lines(*wanted, order=order, limit=size + 1)
    return Page(tuple(found[:size]), found[size - 1].id if len(found) > size else "")


def _in_order(names: tuple[str, ...]) -> list[Any]:
    """Columns to sort by; one without a value comes first, as an empty text does on every database."""
    return [Payment.id if name == "id" else fn.COALESCE(getattr(Payment, name), "") for name in names]


_OF_LINE = (
    "id", "list", "month", "person", "line_code", "full_name", "commune", "hamlet", "total", "allowance", "arrears", "carried_over",
    "funeral", "method", "bank", "account", "holder", "recipient", "home_delivery", "state", "mark", "hold", "addendum", "sort_key",
)  # fmt: skip
_NUMBERS = frozenset({"total", "allowance", "arrears", "carried_over", "funeral", "addendum"})
_OF_PERSON = ("birth", "alternate_recipient", "guardian", "locator", "address", "phone")


def _lines(*wanted: Any, order: tuple[str, ...] = ("hamlet", "sort_key", "id"), limit: int | None = None) -> list[Line]:
    columns = [getattr(Payment, name) for name in _OF_LINE] + [getattr(Person, name) for name in _OF_PERSON]
    query: Any = Payment.select(*columns).join(Person, on=(Person.id == Payment.person)).where(Payment.published, *wanted)
    return [_line(row) for row in query.order_by(*_in_order(order)).limit(limit).tuples()]


def _line(row: Sequence[Any]) -> Line:
    payment = dict(zip(_OF_LINE, row, strict=False))
    person = dict(zip(_OF_PERSON, row[len(_OF_LINE) :], strict=True))
    given: dict[str, Any] = {name: value or 0 if name in _NUMBERS else value or "" for name, value in payment.items()}
    given |= {name: json.loads(payment[name]) if payment[name] else None for name in ("mark", "hold")}
    given["home_delivery"] = bool(payment["home_delivery"])
    texts: dict[str, Any] = {name: person[name] or "" for name in ("guardian", "locator", "address", "phone")}
    alternate = json.loads(person["alternate_recipient"]) if person["alternate_recipient"] else None
    return Line(**given, **texts, birth_year=(person["birth"] or "")[:4], alternate=alternate)


def _grouped(*wanted: Any) -> list[tuple[str, str, str, str, int, int]]:
    """(commune, hamlet, method, state, lines, đồng) of published lines."""
    keys = (Payment.commune, Payment.hamlet, Payment.method, Payment.state)
    query: Any = Payment.select(*keys, fn.COUNT(Payment.id), fn.SUM(Payment.total)).where(Payment.published, *wanted).group_by(*keys)
    return [(*row[:4], int(row[4]), int(row[5] or 0)) for row in query.tuples()]


def _sum(rows: Iterable[tuple[str, str, str, str, int, int]]) -> Sums:
    counts, amounts = dict.fromkeys(STATES, 0), dict.fromkeys(STATES, 0)
    for _, _, _, state, count, amount in rows:
        counts[state] += count
        amounts[state] += amount
    return Sums(counts, amounts)
