"""Proposals: values that wait, in a `change` record, for someone other than their author to decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.desk import Desk
from sync.edit import Record
from sync.ids import uuid7

UNDECIDED = ("proposed", "returned")


def keep(
    desk: Desk,
    record: Record,
    wanted: Mapping[str, tuple[Any, Any]],
    deciders: frozenset[str],
    *,
    commune: str | None,
) -> None:
    """Keeps proposed values: amends the author's own undecided proposals of the same fields, opens one for the rest."""
    rest = dict(wanted)
    for own in _own(desk, record):
        shared = {name: list(pair) for name, pair in rest.items() if name in own["target_set"]}
        if shared:
            desk.write(own, target_set={**own["target_set"], **shared}, state="proposed", at=desk.now)
            rest = {name: pair for name, pair in rest.items() if name not in shared}
    if not rest:
        return
    desk.create(
        "change",
        uuid7(),
        {
            "type": "payment_method" if set(rest) == {"payment_method"} else "correction",
            "reason": "SUA_TK" if set(rest) == {"payment_method"} else "SUA_SAI",
            "person": record.id if record.kind == "person" else record.fields.get("person"),
            "commune": commune,
            "target_kind": record.kind,
            "target": record.id,
            "target_set": {name: list(pair) for name, pair in rest.items()},
            "note": desk.edit.why,
            "state": "proposed",
            "author": desk.actor.account,
            "author_role": desk.actor.role,
            "at": desk.now,
            "deciders": sorted(deciders),
        },
    )


def _own(desk: Desk, record: Record) -> list[Record]:
    return [
        found
        for found in desk.where("change", target=record.id)
        if found["state"] in UNDECIDED and found["author"] == desk.actor.account and found["target_set"]
    ]
