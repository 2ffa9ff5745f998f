"""The guarantees G1–G10 of the sync protocol, checked on a store from outside: by a model of its own, not by the door's code."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sync import wire
from sync.edit import Edit, Entry, Result
from sync.kinds import CATALOGUE
from tests.sync.world import AGENT, A, B, World

EPOCH = "e1"
RANK = {None: 0, "planned": 0, "uncollected": 1, "rejected": 1, "paid": 2}
HIDDEN_FROM_POST = {"national_id", "category", "coefficient10", "new_person", "target_set"}


class Sent:
    """One edit as its author knows it: what was sent, and the first answer to reach the author or the test."""

    def __init__(self, device: str, edit: Edit) -> None:
        self.device = device
        self.edit = edit
        self.answer: Result | None = None


def kept(here: World, sent: list[Sent]) -> None:
    """G1: each answered edit is in the journal once, with who, when and what became of it."""
    entries = here.entries()
    by_name: dict[tuple[str, int], list[Entry]] = {}
    for entry in entries:
        by_name.setdefault((entry.device, entry.n), []).append(entry)
    for one in sent:
        if one.answer is None:
            continue
        found = by_name.get((one.device, one.edit.n), [])
        assert len(found) == 1, f"{one.device} {one.edit.n} stands {len(found)} times"
        body = json.loads(found[0].body)
        assert body["edit"]["at"] == one.edit.at and found[0].at and found[0].account
        assert body["result"]["status"] == ("accepted" if one.answer.status != "refused" else "refused")


def chained(here: World) -> None:
    """G10: each entry's hash is over its own columns and its predecessor's hash."""
    before = "0" * 64
    for place, e in enumerate(here.entries(), 1):
        text = "\x1f".join((before, str(e.seq), e.at, e.device, str(e.n), e.account, e.kind, e.record, e.body))
        assert e.seq == place and e.hash == hashlib.sha256(text.encode()).hexdigest(), f"entry {place}"
        before = e.hash


def replayed(here: World) -> None:
    """The register is what the journal says: its writes, one after the other, from nothing."""
    model: dict[tuple[str, str], dict[str, Any]] = {}
    built: set[str] = set()
    for entry in here.entries():
        body = json.loads(entry.body)
        built |= {step["args"]["list"] for step in body.get("bulk", ()) if step["name"] == "build"}
        for kind, record, created, fields in body.get("writes", ()):
            if created:
                assert (kind, record) not in model
            model.setdefault((kind, record), {}).update(fields)
    for (kind, record), fields in model.items():
        present = here.get(kind, record)
        for name, value in fields.items():
            assert present[name] == value, f"{kind} {record} {name}: {present[name]} is not {value}"


def unseen(here: World) -> None:
    """G4: no plain field changes by an edit that had not seen the value it replaces."""
    values: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in here.entries():
        body = json.loads(entry.body)
        edit = body["edit"]
        for kind, record, _created, fields in body.get("writes", ()):
            held = values.setdefault((kind, record), {})
            named = isinstance(edit, dict) and edit.get("op") == "set" and (kind, record) == (edit["kind"], edit["record"])
            for name, value in fields.items():
                if named and name in edit["set"] and CATALOGUE[kind].fields[name].merge == "three_way":
                    assert held.get(name) == _plain(kind, name, edit["set"][name][0]), f"entry {entry.seq}: {name}"
                held[name] = value


def _plain(kind: str, name: str, value: Any) -> Any:
    return CATALOGUE[kind].fields[name].read(value) if value is not None else None


def money(here: World, payment_list: str, total: int) -> None:
    """G7: at most one `paid` in force per payment, and the states sum to the posted list."""
    sums: dict[str, int] = {}
    paid_by: dict[str, int] = {}
    for entry in here.entries():
        body = json.loads(entry.body)
        for kind, record, _created, fields in body.get("writes", ()):
            if kind == "payment" and "mark" in fields:
                mark = fields["mark"]
                if mark and mark["state"] == "paid":
                    assert record not in paid_by, f"{record} was paid by entry {paid_by[record]} and again by {entry.seq}"
                    paid_by[record] = entry.seq
                else:
                    paid_by.pop(record, None)
    for payment in here.all("payment", "list", payment_list):
        mark, hold = payment["mark"], payment["hold"]
        state = mark["state"] if mark else "planned"
        if state != "paid" and hold:
            state = "withheld"
        assert (payment.id in paid_by) == (state == "paid")
        sums[state] = sums.get(state, 0) + payment["total"]
    assert sum(sums.values()) == total, sums


def told(here: World, sent: list[Sent]) -> None:
    """G9: who is told `conflict` or `proposed` finds the record that says why and who decides; a refusal has its reason."""
    for one in sent:
        if one.answer is None:
            continue
        if one.answer.status == "refused":
            assert one.answer.reason is not None and one.answer.reason.code
        about = one.edit.record
        for outcome in one.answer.fields.values():
            if outcome == "conflict" and one.edit.kind in ("person", "payment"):
                found = here.all("conflict", "about", about)
                assert any(c["deciders"] and c["author"] for c in found), f"no conflict about {about}"
            if outcome == "proposed" and one.edit.kind == "person":
                assert any(c["deciders"] for c in here.all("change", "target", about)), f"no proposal about {about}"


def scoped(answer: dict[str, Any], role: str, communes: frozenset[str] | None) -> None:
    """G8: no answer carries a record or a field the user may not see."""
    for record in answer["records"]:
        commune = record["fields"].get("commune")
        assert communes is None or commune is None or commune in communes, record
        if role == AGENT.role:
            assert not HIDDEN_FROM_POST & set(record["fields"]), record


class Reader:
    """A device that pulls in pages of its own size; it holds what it was told, nothing else."""

    def __init__(self, here: World, role: str, communes: frozenset[str] | None, limit: int) -> None:
        self.here, self.role, self.communes, self.limit = here, role, communes, limit
        self.cursor: str | None = None
        self.held: dict[tuple[str, str], dict[str, Any]] = {}

    def step(self) -> bool:
        with self.here.store.transaction():
            answer = wire.pull(self.here.store, self.role, self.communes, EPOCH, self.cursor, self.limit)
        scoped(answer, self.role, self.communes)
        for record in answer["records"]:
            self.held.setdefault((record["kind"], record["id"]), {}).update(record["fields"], version=record["version"])
        for record in answer["gone"]:
            self.held.pop((record["kind"], record["id"]), None)
        for key in [key for key, fields in self.held.items() if wire.is_past(answer["windows"], key[0], fields)]:
            del self.held[key]
        self.cursor = answer["cursor"]
        return bool(answer["more"])

    def rest(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Pulls until there is no more; what is held then, without empty values."""
        while self.step():
            pass
        return {key: {n: v for n, v in fields.items() if v is not None} for key, fields in self.held.items()}


def same(here: World, readers: list[Reader]) -> None:
    """G5 and G6: a reader that pulled all along holds what a fresh one does, and what the register says it may see."""
    for reader in readers:
        held = reader.rest()
        fresh = Reader(here, reader.role, reader.communes, 1000)
        assert held == fresh.rest()
        assert reader.cursor == fresh.cursor
        visible = CATALOGUE["person"].visible(reader.role)
        for commune in sorted(reader.communes or (A, B)):
            for person in here.all("person", "commune", commune):
                expected = {n: v for n, v in person.fields.items() if n in visible and v is not None}
                assert held["person", person.id] == {**expected, "version": person.version}
