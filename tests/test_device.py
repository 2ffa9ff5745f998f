"""Devices on pages: one's own, everybody's for the administrator, and what revoking one does; epochs on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from portal.cli import main
from tests.district import District, served
from tests.sync.devices import Device


def test_one_s_own_devices_are_listed_and_revoked(district: District) -> None:
    phone, tablet, other = (
        Device(district, "xa", "Máy Samsung"),
        Device(district, "xa", "Máy tính bảng"),
        Device(district, "xa2", "Máy khác"),
    )
    client = district.client("xa")
    page = client.get("/devices").text
    assert "Máy Samsung" in page and "Máy tính bảng" in page and "Máy khác" not in page
    assert phone.token not in page
    for _ in range(2):  # a second click changes nothing
        assert client.post(f"/devices/{phone.id}/revocation").status_code == 303
    page = client.get("/devices").text
    assert page.count("</span> Đã thu hồi</span>") == 1
    assert phone.get("pull").get_json()["code"] == "revoked"
    assert tablet.get("pull").status_code == 200
    assert client.post(f"/devices/{other.id}/revocation").status_code == 404
    assert other.get("pull").status_code == 200


def test_the_administrator_revokes_anybodys(district: District) -> None:
    phone = Device(district, "xa", "Máy Samsung")
    admin = district.client("quantri")
    page = admin.get("/devices/all").text
    assert "Máy Samsung" in page and "<small>xa</small>" in page
    assert admin.post(f"/devices/all/{phone.id}/revocation").status_code == 303
    assert phone.get("pull").get_json()["code"] == "revoked"
    assert "quantri" in district.client("xa").get("/devices").text
    assert admin.post("/devices/all/0192b2c0-0000-7000-8000-000000000000/revocation").status_code == 404


@pytest.mark.parametrize(
    ("who", "path"), [("lanhdao", "/devices"), ("giamsat", "/devices"), ("xa", "/devices/all"), ("huyen", "/devices/all")]
)
def test_others_have_none_and_see_none(district: District, who: str, path: str) -> None:
    assert district.client(who).get(path).status_code == 403


def test_after_a_restore_a_new_epoch_is_begun(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = Device(district, "xa")
    held = phone.pull()
    monkeypatch.setenv("PORTAL_DATABASE", district.url)
    runner = CliRunner()
    first = json.loads(runner.invoke(main, ["epoch", "show", "--json"]).output)["epoch"]
    begun = runner.invoke(main, ["epoch", "begin"])
    assert begun.exit_code == 0 and first not in begun.output
    assert "restore" in runner.invoke(main, ["epoch", "--help"]).output
    with served(district.url):
        assert phone.get("pull", since=phone.cursor).get_json()["code"] == "new_epoch"
        assert phone.pull(fresh=True) == held
