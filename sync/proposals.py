"""Proposals: values that wait, in a `change` record, for someone other than their author to decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.desk import Desk
from sync.edit import Record, Refused
from sync.ids import uuid7
from sync.values import ValueProblem

UNDECIDED = ("proposed", "returned")
OF_ENTITLEMENT = frozenset({"payment_method", "payee", "decision_no", "decision_date", "note"})
"""What may be proposed of an entitlement by value; category, coefficient and months go by increase, adjustment, decrease."""


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


def checked_target(desk: Desk, values: Mapping[str, Any]) -> dict[str, Any]:
    """The target of proposed values, each value read as the catalogue reads it. Raises `Refused`."""
    kind = values.get("target_kind")
    record = desk.get(kind, values.get("target")) if kind in ("person", "entitlement") else None
    if record is None or values.get("person") != (record.id if kind == "person" else record["person"]):
        raise Refused("unknown_record", field="target")
    wanted = values.get("target_set")
    if not wanted:
        raise Refused("invalid_value", field="target_set", detail="missing")
    clean = {}
    for name, pair in wanted.items():
        field = desk.shelf.catalogue[record.kind].fields.get(name)
        may = name in OF_ENTITLEMENT if kind == "entitlement" else field is not None and field.merge != "fixed"
        if field is None or not may:
            raise Refused("unknown_field", field=name)
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise Refused("invalid_value", field=name, detail="not_a_pair")
        try:
            clean[name] = [pair[0], field.read(pair[1])]
        except ValueProblem as problem:
            raise Refused("invalid_value", field=name, detail=problem.code) from problem
        if clean[name][1] is None and field.required:
            raise Refused("invalid_value", field=name, detail="missing")
    if all(record[name] == pair[1] for name, pair in clean.items()):
        raise Refused("invalid_value", field=next(iter(clean)), detail="unchanged")
    return {"target_set": clean}


def _own(desk: Desk, record: Record) -> list[Record]:
    return [
        found
        for found in desk.where("change", target=record.id)
        if found["state"] in UNDECIDED and found["author"] == desk.actor.account and found["target_set"]
    ]
