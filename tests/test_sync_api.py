"""The sync protocol over HTTP: registering, pulling, pushing, the schedule, and every way of being told no."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from portal import account, device, door
from portal.models.device import Device as Row
from portal.models.journal import Journal
from portal.rate import Rate
from portal.views import sync_api
from sync import wire
from sync.kinds import CATALOGUE
from sync.kinds.change import shown_digest
from tests.district import ACCOUNTS, NOW, District, person_id
from tests.office import PASSWORD
from tests.sync.devices import Device

PHONE = "0510000001"
NEW = "0912345678"
DAO = person_id("dao")


def register(district: District, **body: Any) -> Any:
    asked = {"username": "xa", "password": PASSWORD, "name": "Máy"}
    return district.app.test_client().post("/sync/v1/devices", json={**asked, **body})


def journal(district: District) -> int:
    with district.open():
        return int(Journal.select().count())


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(account, "_delay", lambda failed, _pause: pauses.append(failed))
    return pauses


def test_a_token_is_told_once_and_kept_as_a_hash(each_district: District) -> None:
    phone = Device(each_district, "xa", "  Máy   của xã ")
    with each_district.open():
        row = Row.get(Row.id == phone.id)
        assert (row.account, row.name) == ("xa", "Máy của xã")
        assert phone.token not in json.dumps(row.__data__)
        assert row.token_hash != phone.token
    assert phone.get("schema").status_code == 200
    assert Device(each_district, "xa").id != phone.id


@pytest.mark.parametrize("body", [{"password": "wrong"}, {"username": "nobody"}])
def test_who_is_not_known_registers_nothing_and_each_try_waits_longer(
    district: District, no_pause: list[float], body: dict[str, str]
) -> None:
    for _ in range(account.TRIES):
        told = register(district, **body)
        assert (told.status_code, told.get_json()["code"]) == (401, "unauthenticated")
        assert told.mimetype == "application/problem+json"
    assert no_pause == sorted(no_pause) and no_pause[-1] > 0
    told = register(district, **body)
    assert (told.status_code, told.get_json()["code"]) == (429, "slow_down")
    assert int(told.headers["Retry-After"]) > 0
    with district.open():
        assert Row.select().count() == 0


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("post_agent", True),
        ("post_supervisor", True),
        ("district_officer", True),
        ("approver", False),
        ("auditor", False),
        ("admin", False),
    ],
)
def test_roles_that_work_offline_may_register(district: District, role: str, may: bool) -> None:
    name = next(name for name, (own, _) in ACCOUNTS.items() if own == role)
    told = register(district, username=name)
    assert told.status_code == (201 if may else 403)
    assert may or told.get_json()["code"] == "forbidden"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"username": 1, "password": "x", "name": "x"}',
        b"[" * 9000,
        b'{"username": "xa", "password": "x", "name": " "}',
        b'{"username": "x\\u0000", "password": "x", "name": "x"}',
        b'{"username": "xa", "password": "x", "name": "a\\u0007b"}',
        b'{"username": "\\ud800", "password": "x", "name": "x"}',
        b"\xff",
    ],
)
def test_a_registration_that_cannot_be_read(district: District, body: bytes) -> None:
    told = district.app.test_client().post("/sync/v1/devices", data=body)
    assert (told.status_code, told.get_json()["code"]) == (400, "malformed")


def test_without_a_token_nothing_is_answered(district: District) -> None:
    http = district.app.test_client()
    for method, path in [
        ("get", "schema"),
        ("get", "pull"),
        ("post", "push"),
        ("get", "schedule?month=2024-10"),
        ("delete", "devices/self"),
    ]:
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer nope"}, {"Authorization": "Basic eDp5"}):
            told = getattr(http, method)(f"/sync/v1/{path}", headers=headers)
            assert (told.status_code, told.get_json()["code"]) == (401, "unauthenticated"), (path, headers)
            assert told.headers["WWW-Authenticate"] == "Bearer"
    # Nor by being signed in to the pages.
    assert district.client("xa").get("/sync/v1/pull").status_code == 401


def test_a_revoked_device_and_a_disabled_account_are_told_so(district: District) -> None:
    phone, tablet = Device(district, "xa"), Device(district, "xa")
    with district.open():
        device.revoke(phone.id, "xa", NOW)
    told = phone.get("pull")
    assert (told.status_code, told.get_json()["code"]) == (403, "revoked")
    assert tablet.get("pull").status_code == 200
    assert tablet.push(tablet.edit("person", DAO, {"phone": [PHONE, NEW]}))[0]["status"] == "accepted"
    with district.open():
        account.disable("xa", by="quantri", now=NOW)
    told = tablet.send({"edits": [tablet.edit("person", DAO, {"phone": [NEW, PHONE]})]})
    assert (told.status_code, told.get_json()["code"]) == (403, "revoked")
    assert district.value("person", DAO, "phone") == NEW


def test_a_device_ends_its_own_registration(district: District) -> None:
    phone = Device(district, "xa")
    assert phone.http.delete("/sync/v1/devices/self", headers=phone.headers).status_code == 204
    assert phone.get("pull").get_json()["code"] == "revoked"


def test_the_schema_is_what_the_role_may_see(district: District) -> None:
    kinds = Device(district, "post_agent").get("schema").get_json()["kinds"]
    assert "national_id" not in kinds["person"]["fields"]
    assert "national_id" in Device(district, "xa").get("schema").get_json()["kinds"]["person"]["fields"]
    assert set(kinds) == set(CATALOGUE)


@pytest.mark.parametrize("limit", [1, 3, 500])
def test_pulls_in_pages_end_in_the_same_state_while_others_push(each_district: District, limit: int) -> None:
    slow, other = Device(each_district, "xa"), Device(each_district, "xa")
    answer = slow.get("pull", limit=limit, since=slow.cursor)
    slow.cursor = answer.get_json()["cursor"]
    for record in answer.get_json()["records"]:
        slow.held[record["kind"], record["id"]] = dict(record["fields"])
    other.push(other.edit("person", DAO, {"phone": [PHONE, NEW]}), other.edit("person", person_id("an"), {"phone": [None, NEW]}))
    held = slow.pull(limit)
    assert held == Device(each_district, "xa").pull(fresh=True)
    assert held["person", DAO]["phone"] == NEW
    assert {fields["commune"] for (kind, _), fields in held.items() if kind == "person"} == {"18568"}


def test_the_cursor_of_an_answer_never_skips(district: District) -> None:
    """Whichever cursor a device goes on from, it ends in the state of a fresh pull."""
    phone, other = Device(district, "xa"), Device(district, "huyen")
    phone.pull()
    other.push(other.edit("person", DAO, {"locator": [None, "Cạnh đình"]}))
    pushed = phone.send({"edits": [phone.edit("person", DAO, {"phone": [PHONE, NEW]})]})
    phone.cursor = pushed.get_json()["cursor"]
    held = phone.pull()
    assert held["person", DAO]["locator"] == "Cạnh đình"
    assert held == Device(district, "xa").pull(fresh=True)


def test_a_person_who_left_the_scope_is_gone(district: District) -> None:
    phone, there = Device(district, "xa"), Device(district, "xa2")
    phone.pull()
    there.pull()
    result = district.submit("xa", "person", DAO, {"commune": ("18568", "18580")})
    assert result.fields == {"commune": "proposed"}
    with district.open():
        shelf = door.shelf()
        (change,) = shelf.where("change", {"target": DAO})
        digest = shown_digest(shelf, change)
    decided = district.submit("huyen", "change", change.id, {"decision": (None, {"verdict": "approve", "digest": digest})})
    assert decided.fields == {"decision": "applied"}
    assert ("person", DAO) not in phone.pull()
    assert there.pull()["person", DAO]["full_name"] == "Nguyễn Thị Đào"


def test_after_a_restore_every_device_pulls_anew(district: District) -> None:
    phone = Device(district, "xa")
    held = phone.pull()
    with district.open():
        first = device.epoch(NOW)
        assert device.begin_epoch(NOW) > first
    told = phone.get("pull", since=phone.cursor)
    assert (told.status_code, told.get_json()["code"]) == (409, "new_epoch")
    assert phone.pull(fresh=True) == held


def test_another_area_is_another_epoch_for_that_device(district: District) -> None:
    phone, other = Device(district, "xa"), Device(district, "xa2")
    told = phone.get("pull", since=other.cursor)
    assert (told.status_code, told.get_json()["code"]) == (409, "new_epoch")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "²"},
        {"limit": "1e3"},
        {"limit": "9" * 9},
        {"since": "x"},
        {"since": "é"},
        {"since": "W10"},
        {"since": "bnVsbA"},
    ],
)
def test_a_pull_that_cannot_be_read(district: District, query: dict[str, str]) -> None:
    told = Device(district, "xa").get("pull", **query)
    assert (told.status_code, told.get_json()["code"]) == (400, "malformed")


def test_a_cursor_with_a_nul_is_no_cursor(each_district: District) -> None:
    phone = Device(each_district, "xa")
    own = json.loads(base64.urlsafe_b64decode(phone.cursor + "=="))
    forged = wire.Cursor(own["epoch"], own["scope"], 0, ("person", "\x00"))
    assert phone.get("pull", since=wire.write_cursor(forged)).status_code == 400


def test_each_edit_is_answered_in_order_and_one_refused_stops_no_other(each_district: District) -> None:
    phone = Device(each_district, "xa")
    first = phone.edit("person", DAO, {"phone": [PHONE, NEW]})
    edits = [
        first,
        phone.edit("person", DAO, {"phone": [PHONE, "0399999999"]}),
        phone.edit("person", DAO, {"full_name": ["Nguyễn Thị Đào", "Nguyễn Thị Đáo"]}),
        phone.edit("person", DAO, {"phone": ["x", "không phải số"]}),
        phone.edit("nothing", DAO, {"phone": [1, 2]}),
        phone.edit("person", person_id("ut"), {"phone": [None, NEW]}),
        phone.edit("person", DAO, {"color": [None, "red"]}),
        phone.edit("person", DAO, {"status": [None, "dead"]}),
        {"n": next(phone.numbers), "kind": "person"},
        {**first, "set": {"phone": [PHONE, "0388888888"]}},
        first,
    ]
    results = phone.push(*edits)
    assert [result["status"] for result in results] == ["accepted"] * 3 + ["refused"] * 7 + ["duplicate"]
    assert [result.get("fields") for result in results[:3]] == [{"phone": "applied"}, {"phone": "conflict"}, {"full_name": "proposed"}]
    codes = [result["reason"]["code"] for result in results[3:10]]
    assert codes == ["invalid_value", "unknown_kind", "unknown_record", "unknown_field", "forbidden", "malformed", "reused"]
    assert all(result["reason"]["message"].endswith(".") for result in results[3:10])
    assert results[3]["reason"]["field"] == "phone"
    assert (results[-1]["version"], results[-1]["fields"]) == (results[0]["version"], {"phone": "applied"})
    assert each_district.value("person", DAO, "phone") == NEW


def test_sent_again_is_the_same_end(district: District) -> None:
    phone = Device(district, "xa")
    edits = [phone.edit("person", DAO, {"phone": [PHONE, NEW]}), phone.edit("person", DAO, {"note": [None, "Đã gọi"]})]
    first = phone.push(*edits)
    lines = journal(district)
    again = phone.push(*reversed(edits))
    assert [result["version"] for result in again] == [result["version"] for result in reversed(first)]
    assert {result["status"] for result in again} == {"duplicate"}
    assert journal(district) == lines


def test_an_outbox_of_another_device_of_the_same_user(district: District) -> None:
    lost, phone, others = Device(district, "xa"), Device(district, "xa"), Device(district, "xa2")
    edit = lost.edit("person", DAO, {"phone": [PHONE, NEW]})
    assert phone.push({**edit, "of": lost.id})[0]["status"] == "accepted"
    assert phone.push({**edit, "of": lost.id})[0]["status"] == "duplicate"
    told = others.send({"edits": [{**edit, "n": 9, "of": lost.id}]})
    assert (told.status_code, told.get_json()["code"]) == (400, "malformed")
    told = others.send({"edits": [{"n": 9, "of": lost.id}]})
    assert told.status_code == 400


def test_bodies_may_be_packed_up_to_a_limit(district: District) -> None:
    phone = Device(district, "xa")
    body = {"edits": [phone.edit("person", DAO, {"phone": [PHONE, NEW]})], "schema": 1}
    assert (
        phone.send(gzip.compress(json.dumps(body).encode()), **{"Content-Encoding": "gzip"}).get_json()["results"][0]["status"]
        == "accepted"
    )
    for data, encoding in [
        (b" " * (wire.MAX_BYTES + 1), ""),
        (gzip.compress(b" " * (wire.MAX_BYTES + 1)), "gzip"),
        (b" " * 3_000_000, ""),
        (json.dumps({"edits": [{**body["edits"][0], "n": n} for n in range(2, 503)]}).encode(), ""),  # type: ignore[index]
    ]:
        told = phone.send(data, **{"Content-Encoding": encoding} if encoding else {})
        assert (told.status_code, told.get_json()["code"]) == (413, "too_large")
    for data, encoding in [(b"no gzip", "gzip"), (gzip.compress(b"{}")[:-3], "gzip"), (b"{}", "br")]:
        assert phone.send(data, **{"Content-Encoding": encoding}).get_json()["code"] == "malformed"


@pytest.mark.parametrize(
    "change",
    [{"kind": "person\x00"}, {"record": "x\x00"}, {"record": "x" * 5000}, {"record": DAO.upper()}, {"why": "x" * 501}, {"why": "\x00"}, {"at": "yesterday"},
     {"at": "2024-10-12T08:31:05"}, {"at": 5}, {"set": {"phone": [PHONE]}}, {"set": {"phone": NEW}}, {"set": []}, {"set": {"a\x00": [1, 2]}},
     {"set": {"phone": [PHONE, "\x00"]}}, {"op": "delete"}, {"base": "x"}, {"base": 10**400}, {"more": 1}, {"kind": None}, {"kind": "k" * 9000}, {"of": 7}],
)  # fmt: skip
def test_an_edit_that_cannot_be_read_is_kept_refused_and_does_nothing(each_district: District, change: dict[str, Any]) -> None:
    phone = Device(each_district, "xa")
    before = journal(each_district)
    edit = {**phone.edit("person", DAO, {"phone": [PHONE, NEW]}), **change}
    good = phone.edit("person", person_id("an"), {"phone": [None, NEW]})
    bad, fine = phone.push(edit, good)
    assert (bad["status"], bad["reason"]["code"]) == ("refused", "malformed")
    assert fine["status"] == "accepted"
    assert phone.push(edit)[0]["status"] == "duplicate"
    assert each_district.value("person", DAO, "phone") == PHONE
    assert journal(each_district) == before + 2


def test_nothing_to_set_is_refused(district: District) -> None:
    phone = Device(district, "xa")
    assert phone.push(phone.edit("person", DAO, {}))[0]["reason"]["code"] == "malformed"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'{"edits": {}}', b'{"edits": [[]]}', b'{"edits": [{"n": 1.5}]}', b'{"edits": [{"n": 9007199254740993}]}', b'{"edits": [{"n": "1"}]}',
     b'{"edits": [], "schema": 0}', b'{"edits": [], "schema": 2}', b'{"edits": [], "x": 1}', b"[" * 100_000, b'{"edits": [' + b"1" * 5000 + b"]}",
     b'{"edits": [{"n": 1, "set": ' + b"[" * 600 + b"]" * 600 + b"}]}", b'{"edits": [1e999]}', b'{"edits": ["\\ud800"]}', b'{"edits": ["\xed\xa0\x80"]}'],
)  # fmt: skip
def test_a_request_that_cannot_be_read_is_refused_whole(district: District, body: bytes) -> None:
    before = journal(district)
    told = Device(district, "xa").send(body)
    assert (told.status_code, told.get_json()["code"]) == (400, "malformed")
    assert told.mimetype == "application/problem+json"
    assert journal(district) == before


def test_reasons_come_in_the_language_that_was_asked_for(district: District) -> None:
    phone = Device(district, "xa")
    edit = phone.edit("person", person_id("ut"), {"phone": [None, NEW]})
    vietnamese = phone.push(edit)[0]["reason"]["message"]
    english = phone.push(edit, **{"Accept-Language": "en-US,en;q=0.8"})[0]["reason"]["message"]
    assert "địa bàn" in vietnamese
    told = phone.http.get("/sync/v1/pull", headers={"Accept-Language": "en"})
    assert told.headers["Content-Language"] == "en"
    if english != vietnamese:
        assert "ị" not in english


def test_too_many_requests_are_told_to_slow_down(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, other = Device(district, "xa"), Device(district, "xa")
    monkeypatch.setattr(sync_api, "REQUESTS", Rate(per_minute=6, burst=2))
    assert [phone.get("schema").status_code for _ in range(3)] == [200, 200, 429]
    told = phone.get("pull")
    assert told.get_json()["code"] == "slow_down"
    assert 1 <= int(told.headers["Retry-After"]) <= 10
    assert other.get("schema").status_code == 200


def test_the_schedule_is_told_once_it_is_posted(district: District) -> None:
    phone = Device(district, "xa")
    assert phone.get("schedule", month="2024-13").get_json()["code"] == "malformed"
    assert phone.get("schedule").get_json()["code"] == "malformed"
    told = phone.get("schedule", month="2024-10")
    assert (told.status_code, told.get_json()["code"]) == (404, "not_found")


def test_last_seen_moves_with_use(district: District) -> None:
    phone = Device(district, "xa")
    with district.open():
        Row.update(last_seen="2024-10-01T00:00:00Z").where(Row.id == phone.id).execute()
    phone.get("schema")
    with district.open():
        assert str(Row.get(Row.id == phone.id).last_seen) > "2024-10-01T00:00:00Z"


def test_an_unknown_call_is_a_problem_in_json(district: District) -> None:
    http = district.app.test_client()
    assert http.get("/sync/v1/nothing").get_json()["code"] == "not_found"
    assert http.get("/sync/v1/push").get_json()["code"] == "method_not_allowed"
