"""Open conflicts: two values for one field, kept side by side until a person says which is true."""

from __future__ import annotations

from typing import Any

from sync.desk import Desk
from sync.edit import Record
from sync.fields import OFFICE, Field
from sync.ids import uuid7


def keep(desk: Desk, record: Record, field: Field, seen: Any, wanted: Any, *, commune: str | None) -> None:
    """Keeps a value that met another one: amends the author's own open conflict on the field, or opens one."""
    own = _own(desk, record, field.name)
    if own is not None:
        desk.write(own, wanted=wanted, current=record.fields[field.name], entry=desk.seq)
        return
    open_one(
        desk,
        "field",
        record,
        field.name,
        seen=seen,
        wanted=wanted,
        commune=commune,
        deciders=field.decide or OFFICE,
    )


def open_one(
    desk: Desk,
    of_type: str,
    record: Record,
    field: str,
    *,
    seen: Any,
    wanted: Any,
    commune: str | None,
    deciders: frozenset[str],
) -> Record:
    """Opens a conflict or an exception about a field of a record, for these roles to settle."""
    return desk.create(
        "conflict",
        uuid7(),
        {
            "type": of_type,
            "about_kind": record.kind,
            "about": record.id,
            "field": field,
            "seen": seen,
            "current": record.fields[field],
            "wanted": wanted,
            "commune": commune,
            "author": desk.actor.account,
            "author_role": desk.actor.role,
            "at": desk.now,
            "why": desk.edit.why,
            "entry": desk.seq,
            "deciders": sorted(deciders),
            "state": "open",
        },
    )


def yielded(desk: Desk, record: Record, field: str) -> None:
    """Closes the author's own open conflict on a field: they have since seen what stands there and said what they want."""
    own = _own(desk, record, field)
    if own is not None:
        desk.write(
            own,
            state="resolved",
            resolution={"choice": "author"},
            resolved_by=desk.actor.account,
            resolved_at=desk.now,
        )


def _own(desk: Desk, record: Record, field: str) -> Record | None:
    for found in desk.where("conflict", about=record.id):
        if found["state"] == "open" and found["type"] == "field" and found["field"] == field and found["author"] == desk.actor.account:
            return found
    return None
