"""The payment schedule of a month: sessions by commune, day and agent, posted as revisions, and who has received which."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal import db
from portal.clock import utc_text
from portal.models.device import Received
from portal.models.journal import Journal
from portal.models.pay_session import PaySession
from portal.models.schedule import Schedule
from portal.register import TABLES
from sync import posting

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
PAGE = "page"
"""Stands for a page view where a device would be named."""


def is_month(text: str) -> bool:
    """Whether a text is a month "YYYY-MM" of this century."""
    return _MONTH.fullmatch(text) is not None


def assignments(account_name: str) -> frozenset[tuple[str, str, str]]:
    """What an agent hands out: (month, commune, hamlet or "" for the whole commune), of every session that was not cancelled."""
    mine = (PaySession.agent == account_name) & (PaySession.state != "cancelled")
    found = set()
    for month, commune, hamlets in PaySession.select(PaySession.month, PaySession.commune, PaySession.hamlets).where(mine).tuples():
        found |= {(month, commune, hamlet) for hamlet in json.loads(hamlets or "[]") or [""]}
    return frozenset(found)


def posted(month: str, communes: frozenset[str] | None) -> dict[str, Any] | None:
    """The newest posted revision of a month, of these communes (None: all), in the words of the wire; None before it was posted."""
    row = Schedule.get_or_none(Schedule.month == month)
    if row is None or not row.revision:
        return None
    sessions = _at(month, row.version)
    inside = {id_: fields for id_, fields in sessions.items() if communes is None or fields["commune"] in communes}
    return posting.wire(month, row.revision, row.posted_at or "", inside)


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


def _at(month: str, upto: int) -> dict[str, dict[str, Any]]:
    """Session id → fields as they stood after journal entry `upto`: from the register, or the journal where it moved on since."""
    table = TABLES["pay_session"]
    columns = [getattr(PaySession, name) for name in table.columns]
    found: dict[str, dict[str, Any]] = {}
    moved = []
    for id_, version, *values in PaySession.select(PaySession.id, PaySession.version, *columns).where(PaySession.month == month).tuples():
        if version <= upto:
            found[id_] = table.decode(tuple(values))
        else:
            moved.append(id_)
    return {**found, **posting.as_of(_writes(moved), upto)} if moved else found


def _writes(sessions: Iterable[str]) -> list[tuple[int, str, dict[str, Any]]]:
    """What the journal says of these sessions: (seq, session, fields written), oldest first."""
    ids = set(sessions)
    rows = Journal.select(Journal.seq, Journal.body).where(Journal.record.in_(sorted(ids))).order_by(Journal.seq).tuples()
    return [
        (seq, record, fields)
        for seq, body in rows
        for kind, record, _, fields in json.loads(body).get("writes", ())
        if kind == "pay_session" and record in ids
    ]
