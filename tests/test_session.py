from __future__ import annotations

import html
import io
import re
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import office
from tests.notes import no_waiting, portal  # noqa: F401  # fixtures

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


pytestmark = pytest.mark.usefixtures("no_waiting")


def idle(client: FlaskClient, minutes: float) -> None:
    with client.session_transaction() as session:
        session["seen"] = int(time.time() - minutes * 60)


def hidden_field(page: str, name: str) -> str:
    found = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, page
    return html.unescape(found[-1])  # the frame's own forms come first


def sign_in(client: FlaskClient, name: str, **fields: str) -> TestResponse:
    return client.post("/sign-in", data={"name": name, "password": office.PASSWORD, **fields})


class TestSigningIn:
    def test_a_page_leads_to_sign_in_and_back(self, portal: Flask) -> None:
        client = office.browser(portal)
        asked = client.get("/notes?x=1&y=2")
        assert asked.status_code == 303
        assert asked.location == "/sign-in?next=/notes?x%3D1%26y%3D2"
        page = client.get(asked.location).text
        target = hidden_field(page, "next")
        answer = sign_in(client, "xa", next=target)
        assert (answer.status_code, answer.location) == (303, "/notes?x=1&y=2")
        assert client.get(answer.location).status_code == 200

    @pytest.mark.parametrize(
        "target",
        ["//evil.example/", "https://evil.example/", "/\\evil.example", "/khong-co", "/notes\n", "javascript:alert(1)", "", "/notes/clash"],
    )
    def test_nobody_is_led_away_after_signing_in(self, portal: Flask, target: str) -> None:
        assert sign_in(office.browser(portal), "xa", next=target).location == "/"

    def test_wrong_name_and_wrong_password_look_the_same(self, portal: Flask) -> None:
        answers = [
            office.browser(portal).post("/sign-in", data={"name": name, "password": password})
            for name, password in (("xa", "sai-mat-khau"), ("ya", office.PASSWORD))
        ]
        assert [answer.status_code for answer in answers] == [401, 401]
        assert "chưa đúng" in answers[0].text
        assert answers[0].text == answers[1].text.replace('value="ya"', 'value="xa"')

    def test_the_sixth_try_is_told_to_wait(self, portal: Flask) -> None:
        client = office.browser(portal)
        for _ in range(5):
            client.post("/sign-in", data={"name": "xa", "password": "sai"})
        answer = sign_in(client, "xa")
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 300
        assert "chờ" in answer.text

    def test_the_name_stays_as_typed_and_the_password_does_not(self, portal: Flask) -> None:
        page = office.browser(portal).post("/sign-in", data={"name": 'X"<a>', "password": "bi-mat-123"}).text
        assert 'value="X&#34;&lt;a&gt;"' in page
        assert "bi-mat-123" not in page

    def test_someone_signed_in_goes_on(self, portal: Flask) -> None:
        assert office.browser(portal, "xa").get("/sign-in?next=/notes").location == "/notes"

    def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(self, portal: Flask) -> None:
        cookie = sign_in(office.browser(portal), "xa").headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie

    def test_signing_out_ends_it(self, portal: Flask) -> None:
        client = office.browser(portal, "xa")
        assert client.post("/sign-out").location == "/sign-in"
        assert client.get("/notes").status_code == 303

    def test_a_disabled_account_is_out_with_its_next_request(self, portal: Flask) -> None:
        client = office.browser(portal, "xa")
        office.browser(portal, "quantri").post("/accounts/xa/disable")
        assert client.get("/notes").status_code == 303


class TestIdle:
    def test_a_quarter_of_an_hour_without_a_request_ends_the_session(self, portal: Flask) -> None:
        client = office.browser(portal, "xa")
        idle(client, 14)
        assert client.get("/notes").status_code == 200
        idle(client, 16)
        assert client.get("/notes").status_code == 303

    def test_each_request_starts_the_quarter_anew(self, portal: Flask) -> None:
        client = office.browser(portal, "xa")
        idle(client, 14)
        client.get("/notes")
        with client.session_transaction() as session:
            assert time.time() - session["seen"] < 5


class TestTypedTextIsNotLost:
    def test_a_form_sent_after_the_end_waits_for_its_sender(self, portal: Flask) -> None:
        client = office.browser(portal, "xa")
        idle(client, 16)
        asked = client.post("/notes", data={"text": ['Bà "Lan" <1938>', "dòng hai\nba"], "password": "khong-giu"})
        assert asked.status_code == 401
        held = hidden_field(asked.text, "held")
        wrong = client.post("/sign-in", data={"name": "xa", "password": "sai", "held": held})
        offered = sign_in(client, "xa", held=hidden_field(wrong.text, "held"))
        assert offered.status_code == 200
        form = re.search(r'<form method="post" action="/notes">(.*?)</form>', offered.text, re.DOTALL)
        assert form
        fields = [(html.unescape(name), html.unescape(value)) for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', form[1])]
        assert fields == [("text", 'Bà "Lan" <1938>'), ("text", "dòng hai\nba")]
        assert client.get("/notes").text == ""
        client.post("/notes", data={"text": [value for _, value in fields]})
        assert client.get("/notes").text == 'Bà "Lan" <1938>|dòng hai\nba'

    def test_it_is_offered_to_nobody_else(self, portal: Flask) -> None:
        client = office.browser(portal, "xa")
        idle(client, 16)
        held = hidden_field(client.post("/notes", data={"text": "riêng"}).text, "held")
        page = sign_in(client, "xa2", held=held)
        assert page.status_code == 200
        assert "riêng" not in page.text
        assert "của người khác" in page.text

    @pytest.mark.parametrize("held", ["x", "WyIiLCIvbm90ZXMiLFtdLGZhbHNlXQ.AAAA"])
    def test_what_we_did_not_sign_is_not_sent_on(self, portal: Flask, held: str) -> None:
        assert '<form method="post" action="/notes"' not in sign_in(office.browser(portal), "xa", held=held).text

    def test_a_part_of_a_page_says_so_beside_the_text(self, portal: Flask) -> None:
        client = office.browser(portal, "xa")
        idle(client, 16)
        answer = client.post("/notes", data={"text": "a"}, headers=PARTIAL)
        assert answer.status_code == 401
        assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#notice", "innerHTML")
        assert "<html" not in answer.text
        assert 'target="_blank"' in answer.text

    def test_a_lost_file_is_told(self, portal: Flask) -> None:
        client = office.browser(portal)
        asked = client.post("/notes", data={"text": "a", "book": (io.BytesIO(b"PK"), "a.xlsx")})
        page = sign_in(client, "xa", held=hidden_field(asked.text, "held"))
        assert "chọn lại tệp" in page.text


class TestAccountsPage:
    def test_an_admin_adds_an_account_that_works(self, portal: Flask) -> None:
        admin = office.browser(portal, "quantri")
        form = {"name": "moi", "full_name": "Trần Thị Mới", "role": "auditor", "unit": "448-LDTBXH", "password": office.PASSWORD}
        assert [admin.post("/accounts", data=form).status_code for _ in range(2)] == [303, 303]  # a double click
        assert admin.get("/accounts").text.count("Trần Thị Mới") == 1
        assert sign_in(office.browser(portal), "moi").status_code == 303

    @pytest.mark.parametrize(
        ("field", "value", "says"),
        [
            ("name", "xa", "đã có người dùng"),
            ("name", "hai tu", "chỉ gồm chữ"),
            ("role", "king", "vai trò"),
            ("unit", "999", "đơn vị"),
            ("password", "ngan", "8 ký tự"),
        ],
    )
    def test_what_cannot_be_is_said_and_stays_as_typed(self, portal: Flask, field: str, value: str, says: str) -> None:
        form = {
            "name": "moi",
            "full_name": "Giữ Nguyên",
            "role": "auditor",
            "unit": "448-LDTBXH",
            "password": office.PASSWORD,
            field: value,
        }
        answer = office.browser(portal, "quantri").post("/accounts", data=form)
        assert answer.status_code == 422
        assert says in answer.text
        assert 'value="Giữ Nguyên"' in answer.text
        assert f'id="f-{field}-error"' in answer.text

    def test_nobody_locks_themselves_out(self, portal: Flask) -> None:
        admin = office.browser(portal, "quantri")
        assert admin.post("/accounts/QUANTRI/disable").status_code == 422
        assert admin.get("/accounts").status_code == 200

    def test_disabling_an_unknown_account_is_said(self, portal: Flask) -> None:
        assert office.browser(portal, "quantri").post("/accounts/khong-co/disable").status_code == 404

    @pytest.mark.parametrize("name", [name for name in office.PEOPLE if name != "quantri"])
    def test_it_is_the_admins_alone(self, portal: Flask, name: str) -> None:
        assert office.browser(portal, name).get("/accounts").status_code == 403


@pytest.mark.parametrize("name", office.PEOPLE)
def test_every_role_has_a_first_page(portal: Flask, name: str) -> None:
    answer = office.browser(portal, name).get("/")
    assert answer.status_code == 200
    assert f"Người {name}" in answer.text
