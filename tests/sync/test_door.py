"""The door, rule by rule of sync-protocol 3, on every store."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from sync import journal
from sync.desk import Shelf
from sync.door import Unreadable
from sync.edit import Actor, Edit, Result
from sync.fieldwise import Fieldwise
from sync.kinds import CATALOGUE
from sync.kinds.change import shown_digest
from sync.kinds.conflict import shown_digest as conflict_digest
from tests.sync import world
from tests.sync.world import (
    AGENT,
    COMMUNE_A,
    COMMUNE_A2,
    COMMUNE_B,
    DISTRICT,
    DISTRICT2,
    A,
    B,
    World,
    person_id,
)

ONE, TWO = person_id(0), person_id(2)
PHONE = "0912345678"
PAID = {"state": "paid", "how": "counter", "to": "self", "at": "2024-10-12T01:31:05Z"}
ABSENT = {"state": "uncollected", "reason": "VANG_MAT"}
CHANGE = person_id(900)


def digest_of(here: World, change: str) -> str:
    with here.store.transaction():
        shelf = Shelf(here.store, CATALOGUE)
        record = shelf.get("change", change)
        assert record is not None
        return shown_digest(shelf, record)


def decide(
    here: World, who: Actor = DISTRICT, verdict: str = "approve", change: str = CHANGE, digest: str | None = None, reason: str = "vì"
) -> Result:
    decision = {"verdict": verdict, "digest": digest or digest_of(here, change), "reason": reason}
    return here.set(who, "change", change, {"decision": (None, decision)})


def report_death(here: World, person: str, who: Actor = COMMUNE_A, date: str = "2024-10-03", change: str = CHANGE) -> Result:
    return here.create(who, "change", change, {"person": person, "reason": "CHET", "event_date": date})


def test_an_edit_that_saw_the_present_value_applies(here: World) -> None:
    result = here.set(COMMUNE_A, "person", ONE, {"phone": (PHONE, "+84 987 654 321")})
    assert result.fields == {"phone": "applied"}
    assert here.get("person", ONE)["phone"] == "0987654321"


def test_an_edit_that_saw_another_value_is_kept_as_a_conflict(here: World) -> None:
    here.set(COMMUNE_A, "person", ONE, {"phone": (PHONE, "0987654321")})
    result = here.set(COMMUNE_A2, "person", ONE, {"phone": (PHONE, "0900000009"), "address": (None, "Xóm 3")})
    assert result.fields == {"phone": "conflict", "address": "applied"}
    assert here.get("person", ONE)["phone"] == "0987654321"
    (kept,) = here.all("conflict", "about", ONE)
    assert (kept["seen"], kept["current"], kept["wanted"]) == (PHONE, "0987654321", "0900000009")


def test_the_author_of_an_open_conflict_amends_it(here: World) -> None:
    here.set(COMMUNE_A, "person", ONE, {"phone": (PHONE, "0987654321")})
    here.set(COMMUNE_A2, "person", ONE, {"phone": (PHONE, "0900000009")})
    here.set(COMMUNE_A2, "person", ONE, {"phone": (PHONE, "0900000008")})
    (kept,) = here.all("conflict", "about", ONE)
    assert kept["wanted"] == "0900000008"
    here.set(COMMUNE_A2, "person", ONE, {"phone": ("0987654321", "0900000007")})
    (kept,) = here.all("conflict", "about", ONE)
    assert kept["state"] == "resolved"
    assert here.get("person", ONE)["phone"] == "0900000007"


def test_a_conflict_is_resolved_on_what_was_shown(here: World) -> None:
    here.set(COMMUNE_A, "person", ONE, {"phone": (PHONE, "0987654321")})
    here.set(COMMUNE_A2, "person", ONE, {"phone": (PHONE, "0900000009")})
    (kept,) = here.all("conflict", "about", ONE)
    with here.store.transaction():
        shown = conflict_digest(Shelf(here.store, CATALOGUE), kept)
    here.set(COMMUNE_A, "person", ONE, {"phone": ("0987654321", "0911111111")})
    stale = here.set(DISTRICT, "conflict", kept.id, {"resolution": (None, {"choice": "wanted", "digest": shown})})
    assert stale.fields == {"resolution": "conflict"}
    with here.store.transaction():
        shown = conflict_digest(Shelf(here.store, CATALOGUE), kept)
    fresh = here.set(DISTRICT, "conflict", kept.id, {"resolution": (None, {"choice": "wanted", "digest": shown})})
    assert fresh.fields == {"resolution": "applied"}
    assert here.get("person", ONE)["phone"] == "0900000009"


def test_the_same_edit_again_is_the_same_edit(here: World) -> None:
    edit = here.edit(COMMUNE_A, "person", ONE, {"phone": (PHONE, "0987654321")})
    first = here.send(COMMUNE_A, edit, edit).results
    here.set(COMMUNE_A2, "person", ONE, {"phone": ("0987654321", "0900000001")})
    again = here.send(COMMUNE_A, edit).results[0]
    assert [r.status for r in (*first, again)] == ["accepted", "duplicate", "duplicate"]
    assert again.version == first[0].version and again.fields == first[0].fields
    assert here.get("person", ONE)["phone"] == "0900000001"


def test_a_number_used_for_another_edit_is_refused_and_kept(here: World) -> None:
    here.set(COMMUNE_A, "person", ONE, {"phone": (PHONE, "0987654321")}, n=7)
    result = here.set(COMMUNE_A, "person", ONE, {"phone": (PHONE, "0900000001")}, n=7)
    assert result.status == "refused" and result.reason and result.reason.code == "reused"
    assert here.store_head() == result.version


def test_one_bad_edit_never_takes_its_neighbours_along(here: World) -> None:
    good = [here.edit(COMMUNE_A, "person", p, {"phone": (PHONE, "0987654321")}) for p in (ONE, TWO)]
    bad: list[Any] = [
        here.edit(COMMUNE_A, "person", ONE, {"phone": (PHONE, "abc")}),
        here.edit(COMMUNE_A, "person", ONE, {"colour": (None, "red")}),
        here.edit(COMMUNE_A, "person", person_id(1), {"phone": (PHONE, "0987654321")}),
        here.edit(COMMUNE_A, "spaceship", ONE, {"phone": (PHONE, "0987654321")}),
        here.edit(COMMUNE_A, "person", ONE, {"code": ("P0", "P9")}),
        Unreadable(n=here.number(COMMUNE_A.device), raw={"n": "?"}),
    ]
    results = here.send(COMMUNE_A, good[0], *bad, good[1]).results
    codes = [r.reason.code if r.reason else "" for r in results]
    assert codes == ["", "invalid_value", "unknown_field", "unknown_record", "unknown_kind", "forbidden", "malformed", ""]
    assert here.get("person", TWO)["phone"] == "0987654321"


def test_a_field_that_needs_approval_waits_and_is_decided_by_another(here: World) -> None:
    result = here.set(COMMUNE_A, "person", ONE, {"full_name": ("Nguyễn Thị 0", "Nguyễn Thị Không")})
    assert result.fields == {"full_name": "proposed"}
    (change,) = here.all("change", "target", ONE)
    assert here.get("person", ONE)["full_name"] == "Nguyễn Thị 0"
    assert decide(here, COMMUNE_A, change=change.id).status == "refused"
    assert decide(here, DISTRICT, change=change.id).fields == {"decision": "applied"}
    assert here.get("person", ONE)["full_name"] == "Nguyễn Thị Không"


def test_nobody_decides_their_own(here: World) -> None:
    here.set(DISTRICT, "person", ONE, {"birth": ("1940", "1941")})
    (change,) = here.all("change", "target", ONE)
    own = decide(here, DISTRICT, change=change.id)
    assert own.reason is not None and own.reason.detail == "own_change"
    assert decide(here, DISTRICT2, change=change.id).fields == {"decision": "applied"}


def test_a_decision_on_what_has_moved_goes_back(here: World) -> None:
    report_death(here, ONE)
    shown = digest_of(here, CHANGE)
    here.set(COMMUNE_A, "change", CHANGE, {"note": (None, "báo lại")})
    assert decide(here, digest=shown).fields == {"decision": "conflict"}
    assert here.get("change", CHANGE)["state"] == "proposed"
    assert decide(here).fields == {"decision": "applied"}


def test_a_decision_that_would_write_nothing_is_an_error(here: World) -> None:
    report_death(here, ONE)
    decide(here)
    report_death(here, ONE, change=person_id(901))
    result = decide(here, change=person_id(901))
    assert result.reason is not None and result.reason.detail == "writes_nothing"


def test_own_undecided_proposal_is_amended(here: World) -> None:
    here.set(COMMUNE_A, "person", ONE, {"birth": ("1940", "1941")})
    here.set(COMMUNE_A, "person", ONE, {"birth": ("1940", "1942-05")})
    (change,) = here.all("change", "target", ONE)
    assert change["target_set"] == {"birth": ["1940", "1942-05"]}


def test_the_post_office_only_reports_on_people(here: World) -> None:
    assert here.set(AGENT, "person", ONE, {"phone": (PHONE, "0987654321")}).fields == {"phone": "proposed"}
    (change,) = here.all("change", "target", ONE)
    assert change["deciders"] == ["commune_officer", "district_officer"]
    assert decide(here, COMMUNE_A, change=change.id).fields == {"decision": "applied"}
    assert here.get("person", ONE)["phone"] == "0987654321"


def test_an_edit_after_a_move_becomes_a_proposal_to_the_new_area(here: World) -> None:
    here.set(COMMUNE_A, "person", ONE, {"commune": (A, B)})
    (change,) = here.all("change", "target", ONE)
    decide(here, change=change.id)
    assert here.get("person", ONE)["commune"] == B
    assert here.all("entitlement", "person", ONE)[0]["commune"] == B
    assert here.set(COMMUNE_A, "person", ONE, {"phone": (PHONE, "0987654321")}).fields == {"phone": "proposed"}
    late = next(c for c in here.all("change", "target", ONE) if c["state"] == "proposed")
    assert late["commune"] == B and "commune_officer" in late["deciders"]
    assert decide(here, COMMUNE_B, change=late.id).fields == {"decision": "applied"}


def test_a_closed_record_is_not_brought_back_by_an_edit(here: World) -> None:
    report_death(here, ONE)
    decide(here)
    assert here.set(COMMUNE_A, "person", ONE, {"phone": (PHONE, "0987654321")}).fields == {"phone": "proposed"}
    assert here.get("person", ONE)["status"] == "dead"


def test_a_national_id_on_the_list_already_is_asked_about(here: World) -> None:
    here.create(
        world.IMPORTER,
        "person",
        person_id(50),
        {
            "code": "P50",
            "full_name": "Lê Thị Hoa",
            "birth": "1950",
            "commune": A,
            "national_id": "099150000001",
        },
    )
    result = here.create(
        COMMUNE_A,
        "person",
        person_id(51),
        {
            "full_name": "Lê Thị Hoà",
            "birth": "1950",
            "commune": A,
            "national_id": "099150000001",
        },
    )
    assert set(result.fields.values()) == {"conflict"}
    (asked,) = here.all("conflict", "type", "same_person")
    assert asked["current"]["code"] == "P50" and asked["wanted"]["full_name"] == "Lê Thị Hoà"


def test_every_answered_edit_is_in_an_unbroken_journal(here: World) -> None:
    here.set(COMMUNE_A, "person", ONE, {"phone": (PHONE, "0987654321")})
    here.set(COMMUNE_A, "person", ONE, {"colour": (None, "red")})
    entries = here.entries()
    assert journal.first_bad(entries) is None
    assert json.loads(entries[-1].body)["result"]["reason"]["code"] == "unknown_field"
    for place in (2, 5):
        broken = [*entries]
        broken[place] = msgspec.structs.replace(broken[place], account="nobody")
        assert journal.first_bad(broken) == place + 1
        assert journal.first_bad([*entries[:place], *entries[place + 1 :]]) == place + 1


def test_an_edit_keeps_its_name_and_shape() -> None:
    assert set(Edit.__struct_fields__) == {"n", "kind", "record", "op", "set", "at", "base", "why", "of"}
    assert Fieldwise.__doc__


def test_a_new_person_has_the_next_code_of_the_commune(here: World) -> None:
    here.create(world.IMPORTER, "person", person_id(60), {"code": "LH18409-0041", "full_name": "Lê A", "birth": "1950", "commune": A})
    here.create(world.IMPORTER, "person", person_id(61), {"code": "LH18409-0042", "full_name": "Lê B", "birth": "1950", "commune": B})
    new = {"id": person_id(62), "full_name": "Lê C", "birth": "1944-10-01", "commune": A}
    proposal = {
        "new_person": new,
        "reason": "MOI",
        "category": "5.5c",
        "coefficient10": 10,
        "effective": "2024-10",
        "event_date": "2024-10-01",
    }
    assert here.create(COMMUNE_A, "change", CHANGE, proposal).status == "accepted"
    assert decide(here).fields == {"decision": "applied"}
    assert here.get("person", person_id(62))["code"] == "LH18409-0043"
    assert here.all("entitlement", "person", person_id(62))[0]["line_code"] == "LH18409-0043/1"
