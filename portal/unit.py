"""The tree of offices, communes, hamlets and pay points, over time. It is data, changes rarely, and is kept in memory.

A code may come back with another meaning, so that a unit is a code and a first day (domain.md 1.8). Without a date the functions tell of
the units of today: those that no other unit has succeeded; with one, `on`, of those of that date. Nothing here knows a level by name
beyond commune and hamlet: a province without districts (since July 2025) is the same tree with other rows.
"""

from __future__ import annotations

import json
import time
from bisect import bisect_right
from functools import cached_property

from msgspec import Struct

from portal import db
from portal.models.unit import Unit as Row

_LEVELS = ("Tỉnh", "Thành phố", "Thị xã", "Quận", "Huyện", "Thị trấn", "Phường", "Xã", "Đặc khu")
_STALE_SECONDS = 2.0
"""How long units written by another process may go unnoticed."""
_MONTH = 7
_AFTER = "~"
"""Behind a date it sorts after that date and before the next."""


class Unit(Struct, frozen=True):
    """One unit from its first day on. `parent` and `serves` are codes of other units, "" for none; `serves` is an office's area.

    `succeeded_by` are the codes of the units that took its place after `valid_to`, None while nobody has: only then has it ended.
    """

    code: str
    name: str
    kind: str
    parent: str
    serves: str
    valid_from: str = ""
    valid_to: str = ""
    succeeded_by: tuple[str, ...] | None = None


class _Tree:
    """The units of one moment, each code once."""

    def __init__(self, units: list[Unit]) -> None:
        self.units = {unit.code: unit for unit in units}
        self.children: dict[str, list[Unit]] = {}
        for unit in units:
            self.children.setdefault(unit.parent, []).append(unit)

    @cached_property
    def communes(self) -> tuple[Unit, ...]:
        return tuple(unit for unit in self.units.values() if unit.kind == "commune")

    def served(self, code: str) -> frozenset[str]:
        """Communes an office serves, or that lie in the area `code` itself."""
        unit = self.units.get(code)
        seen: set[str] = set()
        while unit is not None and unit.serves and unit.code not in seen:
            seen.add(unit.code)
            unit = self.units.get(unit.serves)
        if unit is not None and unit.kind == "hamlet":
            unit = self.units.get(unit.parent)
        return frozenset() if unit is None else frozenset(self._below(unit))

    def _below(self, unit: Unit) -> list[str]:
        if unit.kind == "commune":
            return [unit.code]
        return [code for child in self.children.get(unit.code, ()) for code in self._below(child)]


class _History:
    """Every unit there has been, by code, the oldest meaning of a code first."""

    def __init__(self, units: list[Unit]) -> None:
        self.meanings: dict[str, list[Unit]] = {}
        self.former: dict[str, set[str]] = {}
        for unit in units:
            self.meanings.setdefault(unit.code, []).append(unit)
            for code in unit.succeeded_by or ():
                self.former.setdefault(code, set()).add(unit.code)
        self.now = _Tree([some[-1] for some in self.meanings.values() if some[-1].succeeded_by is None])
        ends = {f"{unit.valid_to}{_AFTER}" for unit in units if unit.succeeded_by is not None}
        self._days = sorted({unit.valid_from for unit in units} | ends)
        self._then: dict[str, _Tree] = {}

    def tree(self, on: str | None) -> _Tree:
        """The units of a date, those of today without one."""
        if on is None or not self._days:
            return self.now
        day = _day(on)
        begun = self._days[max(bisect_right(self._days, day) - 1, 0)]
        if begun not in self._then:
            found = [meaning for code in self.meanings if (meaning := self.meaning(code, begun)) is not None and meaning.valid_from <= begun]
            self._then[begun] = _Tree([unit for unit in found if unit.succeeded_by is None or unit.valid_to >= begun])
        return self._then[begun]

    def meaning(self, code: str, on: str | None) -> Unit | None:
        """What a code means on a date: the newest meaning that had begun, else the first there was."""
        some = self.meanings.get(code)
        if some is None:
            return None
        if on is None:
            return some[-1]
        day = _day(on)
        return next((unit for unit in reversed(some) if unit.valid_from <= day), some[0])

    def with_former(self, codes: frozenset[str]) -> frozenset[str]:
        """These codes and those of all units they succeeded, directly or through others."""
        found, fresh = set(codes), set(codes)
        while fresh:
            fresh = {former for code in fresh for former in self.former.get(code, ())} - found
            found |= fresh
        return frozenset(found)


_kept: tuple[int, float, tuple[int, int], _History] | None = None


def refresh() -> None:
    """Forgets the tree, after units were written; the next question reads it anew."""
    global _kept
    _kept = None


def by_code(code: str, on: str | None = None) -> Unit | None:
    """The unit this code means now, even if it has ended; or what it meant on a date or in a month."""
    return _history().meaning(code, on)


def name_of(code: str | None, on: str | None = None) -> str:
    """The unit's name, now or on a date or in a month, or its code where there is no such unit."""
    unit = by_code(code or "", on)
    return unit.name if unit else code or ""


def bare_name(found: Unit) -> str:
    """The name of a place without its level, as it stands before a date: "Huyện Lộc Hà" → "Lộc Hà"."""
    level = next((level for level in _LEVELS if found.name.startswith(f"{level} ")), "")
    return found.name[len(level) :].strip()


def every(on: str | None = None) -> tuple[Unit, ...]:
    """All units of today, or of a date, by code."""
    return tuple(_history().tree(on).units.values())


def communes(on: str | None = None) -> tuple[Unit, ...]:
    """All communes of today, or of a date, by code."""
    return _history().tree(on).communes


def former_communes() -> tuple[Unit, ...]:
    """Communes whose code means none any more: what old lists call them."""
    newest = (some[-1] for some in _history().meanings.values())
    return tuple(unit for unit in newest if unit.kind == "commune" and unit.succeeded_by is not None)


def hamlets(commune: str, on: str | None = None) -> tuple[Unit, ...]:
    """The hamlets of a commune, by its code."""
    return tuple(unit for unit in _history().tree(on).children.get(commune, ()) if unit.kind == "hamlet")


def pay_points(commune: str | None = None, on: str | None = None) -> tuple[Unit, ...]:
    """The pay points, all or those that serve a commune."""
    units = _history().tree(on).units.values()
    return tuple(unit for unit in units if unit.kind == "pay_point" and commune in (None, unit.serves))


def rounds(commune: str) -> list[tuple[Unit, tuple[str, ...]]]:
    """Who is paid at which pay point of a commune: (pay point, names of hamlets; none means the whole commune); none without a point.

    A commune made of others has their pay points: each goes on with the hamlets of the commune it served before.
    """
    points = pay_points(commune)
    if len(points) < 2:
        return [(point, ()) for point in points]
    known = _history().meanings
    served = {point.code: {unit.serves for unit in known[point.code][:-1]} for point in points}
    names: dict[str, list[str]] = {}
    for hamlet in hamlets(commune):
        before = {unit.parent for unit in known[hamlet.code][:-1]}
        at = next((point.code for point in points if served[point.code] & before), points[0].code)
        names.setdefault(at, []).append(hamlet.name)
    if len(names) < 2:
        return [(points[0], ())]
    return [(point, tuple(names[point.code])) for point in points if point.code in names]


def communes_served_by(code: str) -> frozenset[str]:
    """Codes of today's communes a unit works for: those in the area it serves, or below itself; none for an unknown unit.

    A pay point's commune, a post office's district's communes, a commune alone, all communes of a district or province.
    """
    return _history().now.served(code)


def serves_all(code: str) -> bool:
    """Whether a unit works for every commune there is: the paying agency, and not one commune among several."""
    return len(communes_served_by(code)) == len(communes())


def within_reach_of(code: str) -> frozenset[str]:
    """`communes_served_by`, and the codes of all they succeeded: whose old lists and records are theirs to read now."""
    known = _history()
    return known.with_former(known.now.served(code))


def _day(on: str) -> str:
    return f"{on}-01" if len(on) == _MONTH else on


def _history() -> _History:
    global _kept
    held, moment = _kept, time.monotonic()
    if held is not None and held[0] == db.opened() and moment - held[1] < _STALE_SECONDS:
        return held[3]
    ((newest, count),) = db.database.execute_sql("SELECT COALESCE(MAX(version), 0), COUNT(*) FROM unit").fetchall()
    if held is not None and held[0] == db.opened() and held[2] == (newest, count):
        _kept = (held[0], moment, held[2], held[3])
        return held[3]
    rows = Row.select().order_by(Row.code, Row.valid_from)
    found = _History([_unit(row) for row in rows])
    if found.meanings:  # an empty tree is not kept: another process may be loading it
        _kept = (db.opened(), moment, (newest, count), found)
    return found


def _unit(row: Row) -> Unit:
    successors = json.loads(str(row.succeeded_by)) if row.succeeded_by else None
    return Unit(
        code=str(row.code),
        name=str(row.name),
        kind=str(row.kind),
        parent=str(row.parent or ""),
        serves=str(row.serves or ""),
        valid_from=str(row.valid_from),
        valid_to=str(row.valid_to or ""),
        succeeded_by=None if successors is None else tuple(successors),
    )
