"""The payment schedule of a month: sessions by commune, day and agent, posted as revisions, and who has received which."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from portal import calendar, clock, db, residence, unit
from portal.clock import utc_text
from portal.home import Waiting
from portal.language import mark
from portal.models.account import Account
from portal.models.device import Received
from portal.models.journal import Journal
from portal.models.pay_session import PaySession
from portal.models.payment import Payment
from portal.models.payment_list import PaymentList
from portal.models.schedule import Schedule
from portal.register import TABLES
from sync import posting
from sync.kinds.schedule import schedule_id
from sync.posting import Difference

Communes = frozenset[str] | None
"""Codes of the communes somebody may see; None for every commune."""
PAGE = "page"
"""Stands for a page view where a device would be named."""
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_TOLD = ("commune_officer", "post_agent", "post_supervisor")
_FEED_MONTHS_BACK = 2


class Session(Struct, frozen=True):
    """A session as a page shows it. `agent_name` "" where the account is gone; `is_outside`: not on the usual pay days."""

    id: str
    month: str
    commune: str
    pay_point: str
    hamlets: tuple[str, ...]
    day: str
    starts: str
    ends: str
    place: str
    agent: str
    agent_name: str
    note: str
    is_cancelled: bool
    is_outside: bool

    @property
    def weekday(self) -> int:
        """0 for Monday."""
        return date.fromisoformat(self.day).weekday()


class Month(Struct, frozen=True):
    """A month's schedule: `revision` 0 before it was posted; `news` is what changed since; `missing` are communes without a session.

    `clashes` are ids of sessions whose agent is somewhere else at the same hour.
    """

    month: str
    revision: int
    posted_at: str
    sessions: tuple[Session, ...]
    news: tuple[Difference, ...]
    missing: tuple[str, ...]
    clashes: frozenset[str]


class Revision(Struct, frozen=True):
    """A revision as it was posted: its number, when, by whom (account), and what it changed."""

    number: int
    posted_at: str
    by: str
    changes: tuple[Difference, ...]


class Receipt(Struct, frozen=True):
    """What one account has seen of a month's schedule: `revision` 0 for nothing; `on_device`: a device fetched it, else a page view."""

    account: str
    full_name: str
    role: str
    unit: str
    revision: int
    at: str
    on_device: bool


def is_month(text: str) -> bool:
    """Whether a text is a month "YYYY-MM" of this century."""
    return _MONTH.fullmatch(text) is not None


def month_at_hand(today: date) -> str:
    """The month whose schedule people want to see on a day: this month's until its last pay day, then the next one's."""
    month = clock.month_of(today)
    return month if today.day <= calendar.days_of(month).pay_to else clock.month_after(month)


def assignments(account_name: str) -> frozenset[tuple[str, str, str]]:
    """What an agent hands out: (month, commune, hamlet or "" for the whole commune), of every session that was not cancelled."""
    mine = (PaySession.agent == account_name) & (PaySession.state != "cancelled")
    rows: Any = PaySession.select(PaySession.month, PaySession.commune, PaySession.hamlets).where(mine).tuples()
    found = set()
    for month, commune, hamlets in rows:
        found |= {(month, commune, hamlet) for hamlet in json.loads(hamlets or "[]") or [""]}
    return frozenset(found)


def posted(month: str, communes: Communes) -> dict[str, Any] | None:
    """The newest posted revision of a month, of these communes (None: all), in the words of the wire; None before it was posted."""
    row = Schedule.get_or_none(Schedule.month == month)
    if row is None or not row.revision:
        return None
    return posting.wire(month, row.revision, row.posted_at or "", _inside(_at(month, row.version), communes))


def note_received(account: str, device: str, month: str, revision: int, now: datetime) -> None:
    """Notes that somebody was shown a revision, on a device or a page; the first moment of the newest revision stays."""
    key = f"{month} {account} {device}"
    known = Received.get_or_none(Received.key == key)
    if known is not None and known.revision >= revision:
        return
    told = {"account": account, "device": device, "month": month, "revision": revision, "at": utc_text(now)}
    newer = Received.revision < revision
    with db.write_transaction():
        Received.insert(key=key, **told).on_conflict(conflict_target=[Received.key], update=told, where=newer).execute()


def shown(month: str, communes: Communes, *, draft: bool) -> Month:
    """A month's schedule of these communes: as it is being arranged (`draft`), or as it was last posted."""
    row = Schedule.get_or_none(Schedule.month == month)
    revision = (row.revision or 0) if row is not None else 0
    told = _inside(_at(month, row.version), communes) if row is not None and revision else {}
    now = _inside(_at(month, None), communes)
    names = _agent_names()
    sessions = tuple(_session(id_, fields, names) for id_, fields in posting.in_order(now if draft else told))
    planned = [each for each in sessions if not each.is_cancelled]
    wanted = sorted(each.code for each in unit.communes(residence.day_of(month)) if communes is None or each.code in communes)
    return Month(
        month=month,
        revision=revision,
        posted_at=(row.posted_at or "") if row is not None and revision else "",
        sessions=sessions,
        news=tuple(posting.differences(told, now)) if revision else (),
        missing=tuple(code for code in wanted if code not in {each.commune for each in planned}),
        clashes=frozenset(_clashes(planned)),
    )


def session(session_id: str) -> Session | None:
    """One session, or None."""
    row = PaySession.get_or_none(PaySession.id == session_id)
    return _session(row.id, _decoded(row), _agent_names()) if row is not None else None


def sessions(month: str, communes: Communes) -> list[Session]:
    """The sessions of a month as they stand now, by day and hour; cancelled ones are left out."""
    names = _agent_names()
    found = [_session(id_, fields, names) for id_, fields in posting.in_order(_inside(_at(month, None), communes))]
    return [each for each in found if not each.is_cancelled]


def revisions(month: str, communes: Communes) -> list[Revision]:
    """Every revision that was posted, the newest first, with what it changed for these communes."""
    row = PaymentList.get_or_none(PaymentList.month == month)
    records = [schedule_id(month)] + ([row.id] if row is not None else [])
    entries = Journal.select().where(Journal.record.in_(records)).order_by(Journal.seq)
    ids = [row.id for row in PaySession.select(PaySession.id).where(PaySession.month == month)]
    writes: list[tuple[int, str, dict[str, Any]]] | None = None
    found: list[Revision] = []
    before: dict[str, dict[str, Any]] = {}
    for entry in entries:
        written = json.loads(entry.body).get("writes", ())
        number = next((fields["revision"] for kind, _, _, fields in written if kind == "schedule" and "revision" in fields), None)
        if number is None:
            continue
        writes = _writes(ids) if writes is None else writes
        after = _inside(posting.as_of(writes, entry.seq), communes)
        found.append(Revision(number, entry.at, entry.account, tuple(posting.differences(before, after)) if before else ()))
        before = after
    return found[::-1]


def receipts(month: str, communes: Communes) -> list[Receipt]:
    """Who of the communes and the post office has received which revision; those who know least come first."""
    newest: dict[str, Received] = {}
    for row in Received.select().where(Received.month == month).order_by(Received.revision, Received.at.desc()):
        newest[row.account] = row
    found = []
    for account in Account.select().where(Account.role.in_(_TOLD), Account.disabled_at.is_null()).order_by(Account.unit, Account.name):
        if communes is not None and not unit.communes_served_by(account.unit) <= communes:
            continue
        seen = newest.get(account.name)
        what = (seen.revision, seen.at, seen.device != PAGE) if seen is not None else (0, "", False)
        found.append(Receipt(account.name, account.full_name, account.role, account.unit, *what))
    return sorted(found, key=lambda receipt: receipt.revision)


def calendar_key(secret: str, unit_code: str) -> str:
    """What stands in the address of a unit's calendar: nobody guesses it, and it opens places, days and hours only."""
    return hmac.new(secret.encode(), f"calendar\x1f{unit_code}".encode(), hashlib.sha256).hexdigest()[:32]


def events(communes: frozenset[str], now: datetime, summary: str) -> list[posting.Event]:
    """The posted sessions of these communes for a calendar, from two months back on. `summary`: what each is called, with %(commune)s."""
    since = clock.month_after(clock.month_of(now), -_FEED_MONTHS_BACK)
    found = []
    for row in Schedule.select().where(Schedule.month >= since, Schedule.revision > 0).order_by(Schedule.month):
        for id_, fields in posting.in_order(_inside(_at(str(row.month), row.version), communes)):
            hamlets = ", ".join(fields.get("hamlets") or ())
            name = " – ".join(part for part in (unit.name_of(fields["commune"]), hamlets) if part)
            found.append(
                posting.Event(
                    uid=f"{id_}@chi-tra",
                    day=fields["day"],
                    starts=fields["starts"],
                    ends=fields["ends"],
                    summary=summary % {"commune": name},
                    place=fields.get("place") or unit.name_of(fields.get("pay_point")),
                    revision=row.revision or 0,
                    posted=clock.from_utc_text(str(row.posted_at)),
                    cancelled=fields.get("state") == "cancelled",
                )
            )
    return found


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """For the supervisor: communes without a session, changes not posted. For those who are told: a revision not seen yet."""
    if account.role not in _TOLD:
        return []
    today = clock.local_date(now)
    month = month_at_hand(today)
    communes = unit.within_reach_of(account.unit)
    row = Schedule.get_or_none(Schedule.month == month)
    by = calendar.cycle(month).schedule_by
    if account.role == "post_supervisor":
        plan = shown(month, communes, draft=True)
        missing = _without_money(month, plan.missing)
        return [
            Waiting(mark("Xã chưa có lịch chi trả"), len(missing), "schedule.index", by),
            Waiting(mark("Thay đổi lịch chưa niêm yết lại"), len(plan.news), "schedule.index", by),
        ]
    if row is None or not row.revision:
        return []
    seen = Received.select().where(Received.month == month, Received.account == account.name, Received.revision >= row.revision).exists()
    return [Waiting(mark("Lịch chi trả mới, chưa xem"), 0 if seen else 1, "schedule.index", by)]


def _without_money(month: str, communes: tuple[str, ...]) -> list[str]:
    """Of communes without a session, those that need one: all, while there is no list; else those with cash to hand out."""
    row = PaymentList.get_or_none(PaymentList.month == month)
    if row is None or not communes:
        return list(communes)
    cash = Payment.select(Payment.commune).where(Payment.list == row.id, Payment.method == "cash", Payment.total > 0).distinct()
    needing = {line.commune for line in cash}
    return [code for code in communes if code in needing]


def _inside(found: Mapping[str, dict[str, Any]], communes: Communes) -> dict[str, dict[str, Any]]:
    return {id_: fields for id_, fields in found.items() if communes is None or fields["commune"] in communes}


def _clashes(planned: Iterable[Session]) -> Iterable[str]:
    by_day: dict[tuple[str, str], list[Session]] = {}
    for each in planned:
        by_day.setdefault((each.agent, each.day), []).append(each)
    for group in by_day.values():
        for one in group:
            if any(one.id != other.id and one.starts < other.ends and other.starts < one.ends for other in group):
                yield one.id


def _agent_names() -> dict[str, str]:
    return {row.name: row.full_name for row in Account.select().where(Account.role == "post_agent")}


def _session(id_: str, fields: Mapping[str, Any], names: Mapping[str, str]) -> Session:
    cycle = calendar.cycle(fields["month"])
    texts = {name: fields.get(name) or "" for name in ("month", "commune", "pay_point", "day", "starts", "ends", "place", "agent", "note")}
    return Session(
        id=id_,
        hamlets=tuple(fields.get("hamlets") or ()),
        agent_name=names.get(texts["agent"], ""),
        is_cancelled=fields.get("state") == "cancelled",
        is_outside=not cycle.pay_from <= texts["day"] <= cycle.pay_to,
        **texts,
    )


def _decoded(row: PaySession) -> dict[str, Any]:
    table = TABLES["pay_session"]
    return table.decode(tuple(getattr(row, name) for name in table.columns))


def _at(month: str, upto: int | None) -> dict[str, dict[str, Any]]:
    """Session id → fields as they stood after journal entry `upto` (None: now); from the journal where the register moved on since."""
    found: dict[str, dict[str, Any]] = {}
    moved = []
    for row in PaySession.select().where(PaySession.month == month):
        if upto is None or row.version <= upto:
            found[row.id] = _decoded(row)
        else:
            moved.append(row.id)
    return {**found, **posting.as_of(_writes(moved), upto)} if moved and upto is not None else found


def _writes(ids: Iterable[str]) -> list[tuple[int, str, dict[str, Any]]]:
    """What the journal says of these sessions: (seq, session, fields written), oldest first."""
    wanted = set(ids)
    return [
        (row.seq, record, fields)
        for row in Journal.select().where(Journal.record.in_(sorted(wanted))).order_by(Journal.seq)
        for kind, record, _, fields in json.loads(row.body).get("writes", ())
        if kind == "pay_session" and record in wanted
    ]
