"""Who wrote the values of a conflict, when and why: read from the journal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from portal.clock import from_utc_text, utc_text
from portal.models.account import Account
from portal.models.change import Change
from portal.models.conflict import Conflict
from portal.models.journal import Journal
from sync.edit import Record
from sync.fields import IMPORTER

_SKEW = timedelta(minutes=10)
"""A device's clock that differs by more is shown beside the server's; it never decides anything."""


class Said(Struct, frozen=True):
    """A value with who wrote it, in which role and office, when and why; "" where the journal does not tell.

    `device_at` is the moment by the author's own clock, where it differs much from the server's.
    """

    value: Any
    name: str = ""
    role: str = ""
    unit: str = ""
    at: str = ""
    why: str = ""
    device_at: str = ""


class Trail(Struct, frozen=True):
    """The three values of a conflict: what its author saw, what stands now, what its author wants."""

    seen: Said
    now: Said
    wanted: Said


class Moved(Struct, frozen=True):
    """One thing that was written after a page was opened: when, by whom, to which field, its new value."""

    at: str
    name: str
    kind: str
    field: str
    value: Any


def of(conflict: Record, about: Record) -> Trail:
    """The trail of a conflict about a record."""
    field, entry = conflict["field"], conflict["entry"] or 0
    # Once decided, what stood against each other is told, not what became of it.
    now, seen = about.fields.get(field) if conflict["state"] == "open" else conflict["current"], conflict["seen"]
    author_row = Journal.get_or_none(Journal.seq == entry)
    wanted = _said(conflict["wanted"], author_row) if author_row is not None else Said(conflict["wanted"], conflict["author"])
    found: dict[str, Said] = {}
    # Newest first: the first line that wrote the value is the one that says who did.
    for row in Journal.select().where(Journal.record.in_(_hands(about))).order_by(Journal.seq.desc()):
        for kind, record, _, written in json.loads(row.body).get("writes", ()):
            if (kind, record) != (about.kind, about.id) or field not in written:
                continue
            if "now" not in found and written[field] == now:
                found["now"] = _said(now, row)
            if "seen" not in found and row.seq < entry and written[field] == seen:
                found["seen"] = _said(seen, row)
        if len(found) == len(("now", "seen")):
            break
    return Trail(seen=found.get("seen", Said(seen)), now=found.get("now", Said(now)), wanted=wanted)


def reported(change: Record) -> Said:
    """Who proposed a change, and from which office."""
    row = Journal.select().where(Journal.record == change.id).order_by(Journal.seq).first()
    return _said(None, row) if row is not None else Said(None, change["author"], change["author_role"], "", change["at"])


def moved_since(conflict_id: str, about: str, field: str, head: int) -> list[Moved]:
    """What was written to the field a conflict is about, or to the conflict, after journal entry `head`."""
    named = Journal.body.contains(about) | Journal.body.contains(conflict_id)
    rows: Any = list(Journal.select().where(Journal.seq > head, named).order_by(Journal.seq))
    told = names(row.account for row in rows)
    found = []
    for row in rows:
        for kind, record, _, written in json.loads(row.body).get("writes", ()):
            if record == about and field in written:
                found.append(Moved(row.at, told.get(row.account, row.account), kind, field, written[field]))
            elif record == conflict_id and "wanted" in written:
                found.append(Moved(row.at, told.get(row.account, row.account), kind, "wanted", written["wanted"]))
    return found


def names(accounts: Iterable[str]) -> dict[str, str]:
    """Account → the person's name."""
    rows: Any = Account.select(Account.name, Account.full_name).where(Account.name.in_(sorted(set(accounts)))).tuples()
    return dict(rows)


def _hands(about: Record) -> list[str]:
    """The records through which this one is written: itself, changes of it or its person, and conflicts about it."""
    of_change = Change.target == about.id
    person = about.id if about.kind == "person" else about["person"]
    if person:
        of_change |= Change.person == person
    changes = [row.id for row in Change.select(Change.id).where(of_change)]
    conflicts = [row.id for row in Conflict.select(Conflict.id).where(Conflict.about == about.id)]
    return [about.id, *changes, *conflicts]


def _said(value: Any, row: Any) -> Said:
    body = json.loads(row.body)
    edit = body["edit"]
    name = names([row.account]).get(row.account, "" if body["role"] == IMPORTER else row.account)
    return Said(value, name, body["role"], body["unit"], row.at, str(edit.get("why") or ""), _device_moment(str(edit.get("at")), row.at))


def _device_moment(device: str, server: str) -> str:
    try:
        moment = datetime.fromisoformat(device)
    except ValueError:
        return ""
    if moment.tzinfo is None or abs(moment - from_utc_text(server)) <= _SKEW:
        return ""
    return utc_text(moment)
