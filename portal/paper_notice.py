"""What is hung up, read aloud or handed over on paper: the schedule of a commune, a slip for each person, who came and who went.

Only what may be public: a poster says place, day and hours; a posted list says name, year of birth, hamlet and group, and leaves out who
is on it for an illness (Decree 20/2021, article 8.1.b; domain.md 7.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from portal import entitlement, official_list, schedule, unit
from portal.law.amount import Line
from portal.official_list import Move
from portal.payment_list import MonthList
from sync.fields import AUDITOR

POSTED_MOVES = ("increase", "decrease")


class Stop(Struct, frozen=True):
    """When and where money is handed out; `hamlets` empty for the whole commune."""

    day: str
    starts: str
    ends: str
    place: str
    hamlets: tuple[str, ...]


class Slip(Struct, frozen=True):
    """What one person is told: how much, why, and where and when to come (None: at home, or not known yet)."""

    name: str
    birth: str
    hamlet: str
    line_code: str
    total: int
    recipient: str
    at_home: bool
    lines: tuple[Line, ...]
    stop: Stop | None


def stops(month: str, commune: str) -> list[Stop]:
    """A commune's sessions as they were posted, by day and hour; none before the schedule was posted."""
    told: Mapping[str, Any] = schedule.posted(month, frozenset({commune})) or {}
    found = [
        Stop(each["day"], each["starts"], each["ends"], each.get("place") or unit.name_of(each.get("pay_point")), tuple(each.get("hamlets") or ()))
        for each in told.get("sessions", ())
        if each.get("state") != "cancelled"
    ]
    return sorted(found, key=lambda stop: (stop.day, stop.starts, stop.hamlets))


def slips(found: MonthList, commune: str) -> Iterator[Slip]:
    """A slip for each line that is paid in cash, in the order of the list. The reason is told by the group, as on every paper."""
    by_hamlet = {hamlet: stop for stop in reversed(stops(found.month, commune)) for hamlet in stop.hamlets or ("",)}
    for line in official_list.to_pay(found, commune, "cash"):
        why = next((right.lines for right in entitlement.of_person(line.person, found.month, AUDITOR) if right.line_code == line.line_code), ())
        stop = None if line.home_delivery else by_hamlet.get(line.hamlet) or by_hamlet.get("")
        yield Slip(
            line.full_name, line.birth, line.hamlet, line.line_code, line.total, line.recipient, line.home_delivery, tuple(why), stop
        )


def posting(found: MonthList, commune: str) -> list[Move]:
    """Who came and who went, as it may be posted."""
    moves = official_list.moves(found, commune)
    return [each for each in moves if each.kind in POSTED_MOVES and not each.is_confidential]
