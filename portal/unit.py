"""The tree of offices, communes, hamlets and pay points. It is data, changes rarely, and is kept in memory.

Nothing here knows a level by name beyond commune and hamlet: a province without districts (since July 2025) is the same
tree with other rows.
"""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from portal import db
from portal.models.unit import Unit as Row

_LEVELS = ("Tỉnh", "Thành phố", "Thị xã", "Quận", "Huyện", "Thị trấn", "Phường", "Xã", "Đặc khu")


class Unit(Struct, frozen=True):
    """One unit. `parent` and `serves` are codes of other units, "" for none; `serves` is the area an office works for."""

    code: str
    name: str
    kind: str
    parent: str
    serves: str


class _Tree:
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


_kept: tuple[int, _Tree] | None = None


def refresh() -> None:
    """Forgets the tree, after units were written; the next question reads it anew."""
    global _kept
    _kept = None


def by_code(code: str) -> Unit | None:
    """The unit with this code, or None."""
    return _tree().units.get(code)


def name_of(code: str | None) -> str:
    """The unit's name, or its code where there is no such unit."""
    unit = by_code(code or "")
    return unit.name if unit else code or ""


def bare_name(found: Unit) -> str:
    """The name of a place without its level, as it stands before a date: "Huyện Lộc Hà" → "Lộc Hà"."""
    level = next((level for level in _LEVELS if found.name.startswith(f"{level} ")), "")
    return found.name[len(level) :].strip()


def every() -> tuple[Unit, ...]:
    """All units, by code."""
    return tuple(_tree().units.values())


def communes() -> tuple[Unit, ...]:
    """All communes, by code."""
    return _tree().communes


def hamlets(commune: str) -> tuple[Unit, ...]:
    """The hamlets of a commune, by its code."""
    return tuple(unit for unit in _tree().children.get(commune, ()) if unit.kind == "hamlet")


def pay_points(commune: str | None = None) -> tuple[Unit, ...]:
    """The pay points, all or those that serve a commune."""
    return tuple(unit for unit in _tree().units.values() if unit.kind == "pay_point" and commune in (None, unit.serves))


def communes_served_by(code: str) -> frozenset[str]:
    """Codes of the communes a unit works for: those in the area it serves, or below itself; none for an unknown unit.

    A pay point's commune, a post office's district's communes, a commune alone, all communes of a district or province.
    """
    return _tree().served(code)


def _tree() -> _Tree:
    global _kept
    if _kept is not None and _kept[0] == db.opened():
        return _kept[1]
    rows = Row.select().order_by(Row.code, Row.valid_from)
    # A code that came back with another meaning stands for the latest one.
    latest = {row.code: Unit(row.code, row.name, row.kind, row.parent or "", row.serves or "") for row in rows}
    tree = _Tree(list(latest.values()))
    if tree.units:  # an empty tree is not kept: another process may be loading it
        _kept = (db.opened(), tree)
    return tree
