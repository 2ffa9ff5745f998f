"""The sync interface against whatever may be sent: nearly right edits, any bytes, and requests made from its own description."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import negative_data_rejection, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from portal import account, door, openapi
from portal.models.journal import Journal
from portal.rate import Rate
from portal.views import sync_api
from sync.kinds import CATALOGUE
from sync.kinds.change import shown_digest
from tests.district import District, person_id
from tests.sync.devices import Device

DAO = person_id("dao")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "_delay", lambda _failed, _pause: None)
    monkeypatch.setattr(sync_api, "REQUESTS", Rate(per_minute=60_000, burst=60_000))


def journal(district: District) -> int:
    with district.open():
        return int(Journal.select().count())


# Any JSON, and JSON that looks nearly right.
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
ANY = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12
)
FIELDS = sorted({(kind.name, field) for kind in CATALOGUE.values() for field in kind.fields})


@st.composite
def nearly(draw: st.DrawFn) -> dict[str, Any]:
    kind, field = draw(st.sampled_from(FIELDS))
    names = draw(st.lists(st.sampled_from([f for k, f in FIELDS if k == kind]), max_size=3))
    edit: dict[str, Any] = {
        "n": draw(st.integers(1, 40)),
        "kind": kind,
        "record": draw(st.sampled_from([DAO, person_id("ut"), "0192b2c0-0000-7000-8000-000000000001"])),
        "op": draw(st.sampled_from(["set", "create"])),
        "set": {name: [draw(SCALARS), draw(ANY)] for name in {field, *names}},
        "at": "2024-10-12T08:31:05+07:00",
    }
    return {**edit, **draw(st.dictionaries(st.sampled_from([*edit, "why", "of", "base"]), ANY, max_size=1))}


@pytest.mark.parametrize("role", ["xa", "huyen", "chitra", "kiemsoat"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(edits=st.lists(nearly(), max_size=6))
def test_whatever_is_sent_is_answered(district: District, role: str, edits: list[dict[str, Any]]) -> None:
    phone = Device(district, role)
    told = phone.send({"edits": edits})
    assert told.status_code in (200, 400), told.text
    if told.status_code == 200:
        assert len(told.get_json()["results"]) == len(edits)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | ANY.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_break_it_or_change_anything(district: District, body: bytes) -> None:
    before = journal(district)
    phone = Device(district, "huyen")
    for told in (phone.send(body), phone.http.post("/sync/v1/devices", data=body), phone.send(body, **{"Content-Encoding": "gzip"})):
        assert 400 <= told.status_code < 500, told.text
        assert told.mimetype == "application/problem+json"
    assert journal(district) == before


def test_the_description_stands_for_what_is_there(district: District) -> None:
    told = district.app.test_client().get("/sync/v1/openapi.json")
    assert told.status_code == 200
    described = told.get_json()["paths"]
    routes = {rule.rule for rule in district.app.url_map.iter_rules() if rule.rule.startswith("/sync/v1/")}
    assert set(described) == routes
    fields = told.get_json()["components"]["schemas"]["Person"]["properties"]["fields"]["properties"]
    assert set(fields) == set(CATALOGUE["person"].fields)
    assert told.json == json.loads(json.dumps(openapi.document()))


@pytest.mark.parametrize("path", sorted(set(openapi.document()["paths"]) - {"/sync/v1/devices/self", "/sync/v1/openapi.json"}))
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
def test_answers_are_as_described_whatever_is_asked(district: District, path: str, mode: GenerationMode) -> None:
    """Schemathesis asks what the description allows and what it does not; no answer is a fault, each is as described."""
    operation = _operation(district, path)
    if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
        return
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    if path == "/sync/v1/devices":  # a push answers each bad edit by itself; a query with more in it than is asked for is read
        checks.append(negative_data_rejection)
    headers = {"Accept-Encoding": "identity", **(Device(district, "huyen").headers if path != "/sync/v1/devices" else {})}

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=checks)

    ask()


def _operation(district: District, path: str) -> APIOperation[Any, Any, Any, Any]:
    described = schemathesis.openapi.from_wsgi("/sync/v1/openapi.json", district.app)
    found = [each.ok() for each in described.get_all_operations() if isinstance(each, Ok)]
    return next(operation for operation in found if operation.path == path)


@pytest.mark.parametrize("part", ["reason", "number", "date", "effective"])
def test_a_decision_with_parts_of_another_type_decides_nothing(each_district: District, part: str) -> None:
    phone = Device(each_district, "huyen")
    change = each_district.report_death("dao", "2024-10-02")
    with each_district.open():
        shelf = door.shelf()
        digest = shown_digest(shelf, shelf.get("change", change))  # type: ignore[arg-type]  # it is there
    decision = {"verdict": "return", "reason": "Ngày nào?", "digest": digest, part: {"a": 1}}
    told = phone.push(phone.edit("change", change, {"decision": [None, decision]}))[0]
    assert told["reason"]["code"] == "invalid_value"
    assert each_district.value("change", change, "state") == "proposed"


def test_a_bucket_fills_again() -> None:
    rate = Rate(per_minute=60, burst=2)
    assert [rate.wait_for("a", at) for at in (0.0, 0.0, 0.0, 1.0, 1.0, 100.0, 100.0, 100.0)] == [0, 0, 1, 0, 1, 0, 0, 1]
    assert rate.wait_for("b", 100.0) == 0
