"""Passwords: one's own is changed with the one before, one that somebody else set has to be changed first of all."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import db
from portal.app import create_app
from portal.cli import main
from portal.models.account import Account
from tests import office
from tests.notes import no_waiting, portal  # noqa: F401  # fixtures
from tests.test_session import hidden_field, idle

OWN = "ba cây chụm lại nên hòn núi cao"
TEMPORARY = "tam-thoi-1"


pytestmark = pytest.mark.usefixtures("no_waiting")


def change(client: FlaskClient, current: str = office.PASSWORD, new: str = OWN, again: str | None = None, **more: str) -> TestResponse:
    typed = {"password": current, "new_password": new, "again_password": new if again is None else again}
    return client.post("/password", data={**typed, **more})


def enter(app: Flask, password: str, name: str = "xa", **more: str) -> tuple[FlaskClient, TestResponse]:
    client = app.test_client()
    return client, client.post("/sign-in", data={"name": name, "password": password, **more})


def hand_over(app: Flask, name: str = "xa") -> None:
    answer = office.browser(app, "quantri").post(f"/accounts/{name}/password", data={"password": TEMPORARY}, follow_redirects=True)
    assert f"Đã đặt mật khẩu mới cho {name}" in answer.text


def test_one_changes_ones_own_and_the_other_sessions_end(portal: Flask) -> None:
    here, elsewhere = office.browser(portal, "xa"), office.browser(portal, "xa")
    assert "/password" in here.get("/").text
    answer = change(here)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Đã đổi mật khẩu." in here.get("/").text
    assert elsewhere.get("/").status_code == 303
    assert enter(portal, office.PASSWORD)[1].status_code == 401
    assert enter(portal, OWN)[1].status_code == 303
    with db.database.connection_context():
        found = Account.get(Account.name == "xa")
    assert (found.password_by, found.owes_password, OWN in found.password_hash) == ("xa", False, False)


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"current": "sai-mat-khau-roi"}, "password", "Mật khẩu đang dùng chưa đúng."),
        ({"new": "muoi-ba-ky-tu"}, "new_password", "từ 14 ký tự trở lên"),
        ({"new": "x" * 1025}, "new_password", "từ 14 ký tự trở lên"),
        ({"again": OWN.upper()}, "again_password", "không giống nhau"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(portal: Flask, typed: dict[str, str], field: str, says: str) -> None:
    answer = change(office.browser(portal, "xa"), **typed)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert says in answer.text
    assert OWN not in answer.text
    assert enter(portal, office.PASSWORD)[1].status_code == 303


def test_the_same_once_more_is_no_new_one(portal: Flask) -> None:
    client = office.browser(portal, "xa")
    change(client)
    assert "phải khác mật khẩu đang dùng" in change(client, OWN, OWN).text


def test_somebody_at_an_open_screen_guesses_no_longer_than_at_the_sign_in(portal: Flask) -> None:
    client = office.browser(portal, "xa")
    answers = [change(client, f"đoán mò lần {number}").status_code for number in range(7)]
    assert answers == [422] * 5 + [429] * 2
    assert change(client).status_code == 429, "the right one, too"


def test_what_the_administrator_set_is_changed_before_anything_else(portal: Flask) -> None:
    before = office.browser(portal, "xa")
    hand_over(portal)
    assert before.get("/").status_code == 303
    assert "chưa đổi mật khẩu được giao" in office.browser(portal, "quantri").get("/accounts").text
    assert enter(portal, office.PASSWORD)[1].status_code == 401
    client, answer = enter(portal, TEMPORARY, next="/notes?q=hoa")
    assert (answer.status_code, answer.location) == (303, "/password?next=/notes?q%3Dhoa")
    for path in ("/", "/notes?q=hoa", "/booklet"):
        assert client.get(path).location.startswith("/password?next="), path
    assert client.post("/notes", data={"text": "a"}).location == "/password"
    page = client.get(answer.location).text
    assert "do người quản trị đặt" in page
    answer = change(client, TEMPORARY, next=hidden_field(page, "next"))
    assert (answer.status_code, answer.location) == (303, "/notes?q=hoa")
    assert client.get("/").status_code == 200
    assert "chưa đổi mật khẩu được giao" not in office.browser(portal, "quantri").get("/accounts").text


def test_a_new_account_begins_with_a_password_of_its_own(portal: Flask) -> None:
    form = {"name": "moi", "full_name": "Trần Thị Mới", "role": "auditor", "unit": "448-LDTBXH", "password": TEMPORARY}
    assert office.browser(portal, "quantri").post("/accounts", data=form).status_code == 303
    assert enter(portal, TEMPORARY, "moi")[1].location == "/password"


def test_a_form_that_waits_for_its_sender_waits_for_the_password_too(portal: Flask) -> None:
    client = office.browser(portal, "xa")
    idle(client, 60)
    asked = client.post("/notes", data={"text": "Bà Đào mất ngày 3/10"})
    hand_over(portal)
    page = client.post("/sign-in", data={"name": "xa", "password": TEMPORARY, "held": hidden_field(asked.text, "held")})
    assert "chưa mất" in page.text
    resumed = change(client, TEMPORARY, held=hidden_field(page.text, "held"))
    assert hidden_field(resumed.text, "text") == "Bà Đào mất ngày 3/10"


def test_no_password_is_kept_where_the_session_ended_meanwhile(portal: Flask) -> None:
    client = office.browser(portal, "xa")
    idle(client, 60)
    asked = change(client)
    held = hidden_field(asked.text, "held")
    page = client.post("/sign-in", data={"name": "xa", "password": office.PASSWORD, "held": held})
    assert 'action="/password"' in page.text
    assert OWN not in page.text and office.PASSWORD not in page.text


def test_no_device_is_registered_with_a_password_of_somebody_elses_choice(portal: Flask) -> None:
    hand_over(portal)
    asked = {"username": "xa", "password": TEMPORARY, "name": "Điện thoại"}
    answer = portal.test_client().post("/sync/v1/devices", data=json.dumps(asked), content_type="application/json")
    assert answer.status_code == 401
    assert "phải đổi trước khi dùng" in json.loads(answer.data)["title"]


def test_the_administrator_changes_their_own_like_everybody(portal: Flask) -> None:
    admin = office.browser(portal, "quantri")
    answer = admin.post("/accounts/quantri/password", data={"password": TEMPORARY})
    assert answer.status_code == 422
    assert "đổi ở trang Đổi mật khẩu" in answer.text
    assert admin.post("/accounts/xa/password", data={"password": "ngan"}).status_code == 422
    assert admin.get("/accounts/khong-co/password").status_code == 404
    for who in ("huyen", "xa"):
        assert office.browser(portal, who).post("/accounts/xa2/password", data={"password": TEMPORARY}).status_code == 403


def test_the_command_line_sets_one_for_the_administrator_who_forgot(portal: Flask, sqlite_url: str) -> None:
    db.disconnect()
    given = {"PORTAL_DATABASE": sqlite_url, "PORTAL_HASHING": "fast"}
    done = CliRunner().invoke(main, ["user", "password", "QUANTRI", "--password-stdin"], input=f"{TEMPORARY}\n", env=given)
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(main, ["user", "password", "ai-do", "--password-stdin"], input=f"{TEMPORARY}\n", env=given).exit_code == 1
    app = create_app(office.settings_for(sqlite_url))
    assert enter(app, TEMPORARY, "quantri")[1].location == "/password"
