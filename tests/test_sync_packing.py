"""How answers to devices are packed, and what a device may leave out of them."""

from __future__ import annotations

import gzip
import json

import brotli
import pytest

from portal import packing
from tests.district import District
from tests.office import PASSWORD
from tests.sync.devices import Device


def test_answers_are_packed_as_the_device_accepts(district: District) -> None:
    phone = Device(district, "huyen")
    packed = phone.http.get("/sync/v1/pull", headers={**phone.headers, "Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.data))["records"]
    assert len(packed.data) < len(phone.get("pull").data) / 2
    dense = phone.http.get("/sync/v1/pull", headers={**phone.headers, "Accept-Encoding": "br"})
    assert json.loads(brotli.decompress(dense.data))["records"] and len(dense.data) < len(packed.data)


def test_a_first_copy_is_packed_as_for_a_line_slower_than_any_packing(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = Device(district, "huyen")
    asked = {**phone.headers, "Accept-Encoding": "br"}
    plain = phone.http.get("/sync/v1/pull", headers=asked)
    monkeypatch.setattr(packing, "LONG", 1000)
    dense = phone.http.get("/sync/v1/pull", headers=asked)
    assert brotli.decompress(dense.data) == brotli.decompress(plain.data)
    assert len(dense.data) < len(plain.data) and "Accept-Encoding" in dense.headers["Vary"]


def test_a_device_may_ask_for_the_kinds_it_keeps(district: District) -> None:
    phone = Device(district, "xa")
    told = phone.get("schema", kinds="person,payment").get_json()
    assert set(told["kinds"]) == {"person", "payment"} and told["me"] and told["kinds"]["payment"]["window"] == "month"


def test_a_registration_may_bring_the_first_page_along(district: District) -> None:
    http = district.app.test_client()
    asked = {"username": "xa", "password": PASSWORD, "name": "Máy", "kinds": "person,payment", "limit": 3}
    told = http.post("/sync/v1/devices", json=asked).get_json()
    assert set(told["schema"]["kinds"]) == {"person", "payment"} and len(told["page"]["records"]) == 3 and told["page"]["more"]
    phone = Device(district, "xa")
    whole = phone.pull(fresh=True)
    first = {(record["kind"], record["id"]) for record in told["page"]["records"]}
    headers = {"Authorization": f"Bearer {told['token']}"}
    rest = http.get("/sync/v1/pull", query_string={"since": told["page"]["cursor"], "limit": 500}, headers=headers).get_json()
    assert first | {(record["kind"], record["id"]) for record in rest["records"]} == set(whole)
    assert http.post("/sync/v1/devices", json={**asked, "limit": -1}).status_code == 400
    assert "page" not in http.post("/sync/v1/devices", json={**asked, "limit": 0}).get_json()
