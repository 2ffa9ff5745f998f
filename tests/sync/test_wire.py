"""The wire format without HTTP: bodies, limits, cursors, and pulls that end in the same state however they are cut."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import wire
from sync.door import Unreadable
from sync.edit import Edit, Write
from sync.ids import named
from sync.kinds import CATALOGUE
from sync.store import Store
from tests.sync.world import AGENT, COMMUNE_A, DISTRICT, SUPERVISOR, A, B, World, payment_id, person_id

PHONE = "0912345678"
EPOCH = "e1"


def body(*edits: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"edits": list(edits), **more}).encode()


EDIT = {"n": 1, "kind": "person", "record": person_id(0), "op": "set", "set": {"phone": [None, PHONE]}, "at": "2024-10-12T08:31:05+07:00"}


def test_reads_what_it_can_and_names_the_rest() -> None:
    edits = wire.read_push(body(EDIT, {"n": 2, "kind": 5}, {**EDIT, "n": 3, "why": "x" * 501}, schema=1))
    assert isinstance(edits[0], Edit) and edits[0].set == {"phone": (None, PHONE)}
    assert [isinstance(e, Unreadable) for e in edits] == [False, True, True]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b'{"edits": 3}',
        b'{"edits": [3]}',
        b'{"edits": [{"n": 0}]}',
        b'{"edits": [{"n": true}]}',
        b'{"edits": [], "schema": 99}',
        b'{"edits": [], "extra": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_body_that_cannot_be_read_is_refused_whole(data: bytes) -> None:
    with pytest.raises(wire.WireProblem) as caught:
        wire.read_push(data)
    assert (caught.value.status, caught.value.code) == (400, "malformed")


def test_too_many_edits_and_too_many_bytes() -> None:
    with pytest.raises(wire.WireProblem, match="too_large"):
        wire.read_push(body(*({**EDIT, "n": n} for n in range(1, 502))))
    with pytest.raises(wire.WireProblem, match="too_large"):
        wire.unpack(gzip.compress(b" " * (wire.MAX_BYTES + 1)), "gzip")
    bomb = gzip.compress(b"\0" * 200 * 1024 * 1024)
    with pytest.raises(wire.WireProblem, match="too_large"):
        wire.unpack(bomb, "gzip")


@given(st.binary(max_size=200))
def test_no_bytes_break_the_unpacking(data: bytes) -> None:
    assert wire.unpack(data, "") == data
    with suppress(wire.WireProblem):
        wire.unpack(data, "gzip")
    with pytest.raises(wire.WireProblem, match="malformed"):
        wire.unpack(data, "br")


def test_a_cursor_of_another_time_or_scope_is_told() -> None:
    text = wire.write_cursor(wire.Cursor(EPOCH, "s", 5))
    assert wire.read_cursor(text, EPOCH, "s").place == 5
    for epoch, scope in (("e2", "s"), (EPOCH, "t")):
        with pytest.raises(wire.WireProblem) as caught:
            wire.read_cursor(text, epoch, scope)
        assert (caught.value.status, caught.value.code) == (409, "new_epoch")
    with pytest.raises(wire.WireProblem, match="malformed"):
        wire.read_cursor("?", EPOCH, "s")


class Device:
    """What a device keeps of the answers to its pulls."""

    def __init__(self, here: World, role: str, communes: set[str] | None, limit: int = 1000) -> None:
        self.here, self.role, self.limit = here, role, limit
        self.communes = None if communes is None else frozenset(communes)
        self.cursor: str | None = None
        self.held: dict[tuple[str, str], dict[str, Any]] = {}

    def step(self) -> bool:
        with self.here.store.transaction():
            answer = wire.pull(self.here.store, self.role, self.communes, EPOCH, self.cursor, self.limit)
        for record in answer["records"]:
            kept = self.held.setdefault((record["kind"], record["id"]), {})
            kept.update(record["fields"])
            kept["version"] = record["version"]
        for record in answer["gone"]:
            self.held.pop((record["kind"], record["id"]), None)
        for key in [key for key, fields in self.held.items() if wire.is_past(answer["windows"], key[0], fields)]:
            del self.held[key]
        self.cursor = answer["cursor"]
        return bool(answer["more"])

    def pull(self) -> dict[tuple[str, str], dict[str, Any]]:
        while self.step():
            pass
        return {key: {k: v for k, v in fields.items() if v is not None} for key, fields in self.held.items()}


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_pulling_in_any_pages_ends_in_the_same_state(store: Store, limit: int) -> None:
    here = World(store)
    slow = Device(here, "commune_officer", {A}, limit)
    slow.step()
    here.set(COMMUNE_A, "person", person_id(0), {"phone": (PHONE, "0900000001")})
    here.post_list()
    slow.step()
    here.set(COMMUNE_A, "person", person_id(2), {"commune": (A, B)})
    (move,) = here.all("change", "target", person_id(2))
    from tests.sync.test_door import decide

    decide(here, DISTRICT, change=move.id)
    fresh = Device(here, "commune_officer", {A})
    assert slow.pull() == fresh.pull()
    assert ("person", person_id(2)) not in slow.held
    assert slow.held["payment", payment_id(0)]["total"] == 500_000
    assert slow.cursor == fresh.cursor


def test_only_what_changed_is_sent_again(store: Store) -> None:
    here = World(store)
    device = Device(here, "district_officer", None)
    device.pull()
    here.set(COMMUNE_A, "person", person_id(0), {"phone": (PHONE, "0900000001")})
    with store.transaction():
        answer = wire.pull(store, "district_officer", None, EPOCH, device.cursor, 100)
    assert [(r["id"], r["fields"]) for r in answer["records"]] == [(person_id(0), {"phone": "0900000001"})]


def test_no_answer_carries_what_the_user_may_not_see(store: Store) -> None:
    here = World(store)
    here.post_list()
    held = Device(here, "post_agent", {A}).pull()
    assert {fields["commune"] for fields in held.values()} == {A}
    assert not any({"national_id", "category", "coefficient10"} & set(fields) for fields in held.values())
    assert here.set(AGENT, "person", person_id(0), {"national_id": (None, "099150000001")}).status == "refused"


def test_lines_of_a_list_not_yet_posted_reach_no_device(store: Store) -> None:
    here = World(store)
    here.create(DISTRICT, "payment_list", person_id(700), {"month": "2024-10"})
    assert not [key for key in Device(here, "district_officer", None).pull() if key[0] == "payment"]


def test_the_schema_names_every_kind_and_field_the_role_may_see() -> None:
    printed = json.loads(json.dumps(wire.schema("post_agent")))
    assert set(printed["kinds"]) >= {"person", "change", "payment", "followup", "grievance", "conflict"}
    assert "national_id" not in printed["kinds"]["person"]["fields"]
    assert printed["kinds"]["payment"]["fields"]["mark"]["merge"] == "ladder"


def lists(here: World, **states: str) -> None:
    """Takes lists of 2024's months to a state: posted through the door where they were not, the rest behind its back."""
    for name, state in states.items():
        month = f"2024-{name[1:]}"
        record = named("test-list", month)
        with here.store.transaction():
            known = here.store.records("payment_list", [record])
        if not known:
            here.create(DISTRICT, "payment_list", record, {"month": month})
            for _ in range(3):
                here.step_list(record)
        with here.store.transaction():
            full = {**here.store.records("payment_list", [record])[record].fields, "state": state}
            here.store.write([(1, Write(kind="payment_list", record=record, fields={"state": state}, create=False, full=full))])


def months(device: Device) -> set[str]:
    return {fields["month"] for (kind, _), fields in device.pull().items() if kind == "payment"}


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_a_device_holds_the_months_that_are_worked_on(store: Store, limit: int) -> None:
    here = World(store)
    device = Device(here, "post_agent", {A}, limit)
    for states, held in (
        ({"m08": "posted"}, {"2024-08"}),
        ({"m08": "settled"}, {"2024-08"}),
        ({"m09": "posted"}, {"2024-09"}),
        ({"m10": "posted"}, {"2024-09", "2024-10"}),
        ({"m09": "settled"}, {"2024-10"}),
        ({"m09": "posted"}, {"2024-09", "2024-10"}),  # opened again
        ({"m11": "posted"}, {"2024-10", "2024-11"}),
    ):
        lists(here, **states)
        fresh = Device(here, "post_agent", {A}, limit)
        assert months(fresh) == held, states
        assert device.pull() == fresh.held and device.cursor == fresh.cursor


def test_what_changes_in_a_month_no_device_holds_is_gone(store: Store) -> None:
    here = World(store)
    device = Device(here, "post_supervisor", None)
    lists(here, m09="settled", m10="posted")
    device.pull()
    mark = {"state": "paid", "how": "home", "to": "self", "at": "2024-10-12T01:00:00Z"}
    assert here.set(SUPERVISOR, "payment", named("test-payment", "2024-09", person_id(0)), {"mark": (None, mark)}).status == "accepted"
    assert months(device) == {"2024-10"}
    assert device.held == Device(here, "post_supervisor", None).pull()


def test_what_was_decided_long_ago_is_held_no_more(store: Store) -> None:
    here = World(store)
    device = Device(here, "district_officer", None)
    lists(here, m06="settled")
    here.set(COMMUNE_A, "person", person_id(2), {"commune": (A, B)})
    (move,) = here.all("change", "target", person_id(2))
    from tests.sync.test_door import decide

    decide(here, DISTRICT, change=move.id)
    decided = here.get("change", move.id)["decided_at"]
    assert ("change", move.id) in device.pull()
    lists(here, m11="settled", m12="settled")
    assert decided.startswith("2024-10") and ("change", move.id) in device.pull()
    record = named("test-list", "2025-01")
    here.create(DISTRICT, "payment_list", record, {"month": "2025-01"})
    for _ in range(3):
        here.step_list(record)
    lists(here, m12="settled")
    assert ("change", move.id) not in device.pull()
    assert device.held == Device(here, "district_officer", None).pull()


def test_a_payment_on_a_device_tells_no_bank_account_and_no_sum_but_its_own(store: Store) -> None:
    here = World(store)
    here.post_list()
    held = Device(here, "district_officer", None).pull()["payment", payment_id(0)]
    assert {"total", "month", "person", "full_name"} <= set(held) <= CATALOGUE["payment"].carried | {"version"}
    assert not {"account", "bank", "holder", "entitlement", "rate"} & CATALOGUE["payment"].carried
