"""The payment schedule as it is posted: revisions, what changed between two, the wire form and the calendar feed.

Sync-protocol 4 and RFC 5545. Sessions are plain fields by their id; nothing here knows a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

Session = Mapping[str, Any]

SHOWN = ("commune", "pay_point", "hamlets", "day", "starts", "ends", "place", "agent", "note", "state")
"""Fields of a session that a posted schedule tells those who may read it."""
PUBLIC = ("commune", "hamlets", "day", "starts", "ends", "place")
"""Fields that anyone may read: no name, no amount, no agent."""
_LOCAL = timedelta(hours=7)
_LINE_OCTETS = 75


class Difference(Struct, frozen=True):
    """One session that differs between two revisions. `what`: added, changed, cancelled; `fields`: name → (before, after)."""

    session: str
    what: str
    commune: str
    fields: Mapping[str, tuple[Any, Any]]


class Event(Struct, frozen=True):
    """One entry of a calendar: local times of Viet Nam, words as they are shown, and which revision told them when (aware)."""

    uid: str
    day: str
    starts: str
    ends: str
    summary: str
    place: str
    revision: int
    posted: datetime
    cancelled: bool = False


def as_of(writes: Iterable[tuple[int, str, Mapping[str, Any]]], upto: int) -> dict[str, dict[str, Any]]:
    """Session id → its fields as they stood after journal entry `upto`. `writes`: (seq, session, fields), in order of seq."""
    found: dict[str, dict[str, Any]] = {}
    for seq, session, fields in writes:
        if seq <= upto:
            found.setdefault(session, {}).update(fields)
    return found


def in_order(sessions: Mapping[str, Session]) -> list[tuple[str, Session]]:
    """Sessions by day, hour and commune."""

    def key(item: tuple[str, Session]) -> tuple[str, str, str, str]:
        fields = item[1]
        return (fields.get("day") or "", fields.get("starts") or "", fields.get("commune") or "", item[0])

    return sorted(sessions.items(), key=key)


def wire(month: str, revision: int, posted_at: str, sessions: Mapping[str, Session]) -> dict[str, Any]:
    """A posted schedule as devices are told it: {month, revision, posted_at, sessions}; fields without a value are left out."""
    told = [{"id": id_, **{name: fields[name] for name in SHOWN if fields.get(name) is not None}} for id_, fields in in_order(sessions)]
    return {"month": month, "revision": revision, "posted_at": posted_at, "sessions": told}


def differences(before: Mapping[str, Session], after: Mapping[str, Session]) -> list[Difference]:
    """What a reader of `before` has to be told to know `after`; a session that never was told and is cancelled is no news."""
    found = []
    for id_, fields in in_order(after):
        old = before.get(id_)
        cancelled = fields.get("state") == "cancelled"
        changed = {name: (old.get(name) if old else None, fields.get(name)) for name in SHOWN if (old or {}).get(name) != fields.get(name)}
        if not changed or (old is None and cancelled):
            continue
        what = "added" if old is None else "cancelled" if cancelled and "state" in changed else "changed"
        found.append(Difference(id_, what, fields["commune"], changed))
    return found


def feed(events: Iterable[Event], name: str) -> str:
    """A calendar of these events (RFC 5545 §3.4, METHOD:PUBLISH).

    Times are written in UTC (§3.3.5, form 2), so that no reader needs a time zone of ours.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Chi Tra//Lich chi tra//VI", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"X-WR-CALNAME:{_escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT6H"]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_escaped(event.uid)}",
            f"DTSTAMP:{event.posted.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART:{_utc(event.day, event.starts)}",
            f"DTEND:{_utc(event.day, event.ends)}",
            f"SEQUENCE:{event.revision}",
            f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
            f"SUMMARY:{_escaped(event.summary)}",
            *([f"LOCATION:{_escaped(event.place)}"] if event.place else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(day: str, time: str) -> str:
    local = datetime.strptime(f"{day} {time}", "%Y-%m-%d %H:%M")  # noqa: DTZ007 - local time of Viet Nam, always UTC+7
    return f"{local - _LOCAL:%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """TEXT (§3.3.11)."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> str:
    """A content line in pieces of at most 75 octets, never within a character (§3.1)."""
    pieces, piece, size = [], "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LINE_OCTETS:
            pieces.append(piece)
            piece, size = " ", 1
        piece += letter
        size += octets
    return "\r\n".join([*pieces, piece])
