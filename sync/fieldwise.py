"""An edit to a record's plain fields: who may, three-way merge field by field, conflicts and proposals (sync-protocol 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Protocol

from sync import conflicts, proposals
from sync.desk import Desk, Shelf
from sync.edit import Outcome, Record, Refused
from sync.fields import Field, Kind
from sync.merge import three_way
from sync.procedure import of_field

Pairs = Mapping[str, tuple[Any, Any]]
Way = Literal["direct", "propose"]


class Rules(Protocol):
    """What a kind does with an edit that names it."""

    def gather(self, shelf: Shelf, ids: Iterable[str]) -> None:
        """Reads, as a set, what a batch of edits to these records will ask for."""
        ...

    def create(self, desk: Desk, values: dict[str, Any]) -> dict[str, Outcome]:
        """Makes a record. Raises `Refused`."""
        ...

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Deals with field → (seen, wanted). Raises `Refused`."""
        ...


class Fieldwise:
    """The rules of a kind whose fields merge one by one and mean nothing beyond themselves."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def gather(self, shelf: Shelf, ids: Iterable[str]) -> None:
        """The open conflicts and proposals about these records."""
        known = list(ids)
        shelf.gather("conflict", "about", known)
        shelf.gather("change", "target", known)

    def create(self, desk: Desk, values: dict[str, Any]) -> dict[str, Outcome]:
        """Makes the record in the actor's area."""
        for field in self.kind.fields.values():
            if field.required and values.get(field.name) is None:
                raise Refused("invalid_value", field=field.name, detail="missing")
        if self.kind.scope and not desk.actor.reaches(values.get(self.kind.scope)):
            raise Refused("forbidden", field=self.kind.scope, detail="other_area")
        desk.create(self.kind.name, desk.edit.record, values)
        return dict.fromkeys(values, "applied")

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Merges each field by itself."""
        return merge_fields(desk, self.kind, record, pairs)


def merge_fields(desk: Desk, kind: Kind, record: Record, pairs: Pairs) -> dict[str, Outcome]:
    """The outcome of each field; applied ones are written, the others kept for whoever decides. Raises `Refused`."""
    detour = _detour(desk, kind, record)
    ways = {name: _way(desk, kind.fields[name], detour=detour) for name in pairs}
    outcomes: dict[str, Outcome] = {}
    proposed: dict[str, tuple[Any, Any]] = {}
    for name, (seen, wanted) in pairs.items():
        outcome = three_way(seen, record.fields[name], wanted)
        if outcome == "applied" and ways[name] == "propose":
            outcome = "proposed"
            proposed[name] = (seen, wanted)
        elif outcome == "applied":
            desk.write(record, **{name: wanted})
            conflicts.yielded(desk, record, name)
        elif outcome == "conflict":
            conflicts.keep(desk, record, kind.fields[name], seen, wanted, commune=_commune(kind, record))
        else:
            conflicts.yielded(desk, record, name)
        outcomes[name] = outcome
    if proposed:
        deciders = frozenset[str]().union(*(_deciders(desk, kind.fields[name]) for name in proposed))
        proposals.keep(desk, record, proposed, deciders, commune=_commune(kind, record))
    return outcomes


def _commune(kind: Kind, record: Record) -> str | None:
    return record.fields[kind.scope] if kind.scope else None


def _detour(desk: Desk, kind: Kind, record: Record) -> bool:
    """Whether even a direct field has to wait for a decision: the record is closed, or has left the author's area.

    A record that never lay in the author's area does not exist for them.
    """
    if not desk.actor.reaches(_commune(kind, record)):
        if not any(desk.actor.reaches(commune) for commune in record.fields.get("former_communes") or ()):
            raise Refused("unknown_record")
        return True
    return record.fields.get("closed") is not None


def _way(desk: Desk, field: Field, *, detour: bool) -> Way:
    role = desk.actor.role
    if field.merge == "fixed" or role not in field.direct | field.propose:
        raise Refused("forbidden", field=field.name)
    return "direct" if role in field.direct and not detour else "propose"


def _deciders(desk: Desk, field: Field) -> frozenset[str]:
    name = of_field(field)
    return desk.law.procedure(name, desk.now).decides if name else field.decide
