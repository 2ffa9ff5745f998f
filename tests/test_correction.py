"""Correcting a person's data: what is written at once, what waits, what met another's change, what cannot be."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from portal.models.change import Change
from portal.models.journal import Journal
from tests.district import District, person_id


class Form(dict[str, str]):
    """The inputs of a form on a page, with what they hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        for tag in re.findall(r"<input [^>]*>", text):
            found = {key: unescape(value) for key, value in re.findall(r'([a-z-]+)="([^"]*)"', tag)}
            if "name" in found and (found.get("type") not in ("checkbox", "radio") or " checked" in tag):
                self[found["name"]] = found.get("value", "")
        for name, inside in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', text, re.DOTALL):
            self[name] = unescape(inside)
        for name, inside in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', inside)
            self[name] = unescape(chosen[1]) if chosen else ""


def path_of(key: str) -> str:
    return f"/people/{person_id(key)}/edit"


def opened(client: FlaskClient, key: str) -> Form:
    answer = client.get(path_of(key))
    assert answer.status_code == 200
    return Form(answer.text)


def saved(client: FlaskClient, key: str, form: Form, **changes: str) -> str:
    """Sends the form; the page that follows."""
    answer = client.post(path_of(key), data={**form, **{name.replace("__", "."): value for name, value in changes.items()}})
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["Location"]).text


class TestCorrecting:
    def test_contact_data_of_an_office_are_written_at_once(self, each_district: District) -> None:
        client = each_district.client("xa")
        text = saved(client, "dao", opened(client, "dao"), phone="0510 999 999", address="Ngõ 3", home_delivery="1", why="Con gái báo")
        assert "Đã ghi: Địa chỉ, Số điện thoại, Chi trả tại nhà." in text
        assert each_district.value("person", person_id("dao"), "phone") == "0510999999"
        assert each_district.value("person", person_id("dao"), "home_delivery") is True
        assert "Con gái báo" in text

    def test_identity_fields_wait_for_a_decision(self, each_district: District) -> None:
        client = each_district.client("xa")
        text = saved(client, "dao", opened(client, "dao"), full_name="Nguyễn Thị Đạo", birth="12/05/1938")
        assert "chờ duyệt: Họ và tên, Ngày sinh" in text
        assert each_district.value("person", person_id("dao"), "full_name") == "Nguyễn Thị Đào"
        assert "Đang chờ quyết định" in text

    def test_the_post_office_proposes_only(self, district: District) -> None:
        client = district.client("chitra")
        text = saved(client, "dao", opened(client, "dao"), phone="0510999999")
        assert "chờ duyệt: Số điện thoại" in text
        assert district.value("person", person_id("dao"), "phone") == "0510000001"
        assert "national_id" not in opened(client, "dao")

    def test_a_form_sent_as_it_opened_changes_nothing(self, district: District) -> None:
        client = district.client("huyen")
        text = saved(client, "yen", opened(client, "yen"))
        assert "Không có gì thay đổi." in text
        assert district.value("person", person_id("yen"), "alternate_recipient")["until"] == "2025-12-31"

    def test_a_second_tab_that_was_slower_overwrites_nothing(self, each_district: District) -> None:
        first, second = each_district.client("xa"), each_district.client("huyen")
        mine, theirs = opened(first, "dao"), opened(second, "dao")
        saved(second, "dao", theirs, phone="0510222222")
        text = saved(first, "dao", mine, phone="0510333333", address="Ngõ 7")
        assert "Người khác vừa sửa: Số điện thoại" in text
        assert "Đã ghi: Địa chỉ" in text
        assert "Hai giá trị khác nhau: Số điện thoại" in text
        assert each_district.value("person", person_id("dao"), "phone") == "0510222222"

    def test_a_double_click_is_one_edit(self, each_district: District) -> None:
        client = each_district.client("xa")
        form = opened(client, "dao")
        with each_district.open():
            before = Journal.select().count()
        for _ in range(2):
            text = saved(client, "dao", form, phone="0510444444", full_name="Nguyễn Thị Đạo")
            assert "Đã ghi: Số điện thoại" in text
        with each_district.open():
            assert Journal.select().count() == before + 1
            assert Change.select().where(Change.person == person_id("dao")).count() == 1

    @pytest.mark.parametrize(
        ("typed", "where"),
        [
            ({"phone": "không có"}, "phone"),
            ({"full_name": "  "}, "full_name"),
            ({"birth": "30/02/1938"}, "birth"),
            ({"payment_method.method": "bank", "payment_method.bank": "Agribank"}, "payment_method.account"),
            ({"alternate_recipient.relation": "con"}, "alternate_recipient.name"),
            ({"note": "x" * 501}, "note"),
        ],
    )
    def test_what_cannot_be_is_kept_as_typed_beside_its_error(self, district: District, typed: dict[str, str], where: str) -> None:
        client = district.client("xa")
        form = opened(client, "dao")
        answer = client.post(path_of("dao"), data={**form, **typed, "why": "Nhà báo", "address": "Ngõ 9"})
        assert answer.status_code == 422
        again = Form(answer.text)
        for name, value in typed.items():
            assert again[name] == value
        assert (again["why"], again["address"], again["_edit"]) == ("Nhà báo", "Ngõ 9", form["_edit"])
        assert f'id="f-{where}-error"' in answer.text
        assert f'href="#f-{where}"' in answer.text
        assert district.value("person", person_id("dao"), "address") is None

    def test_a_hamlet_of_another_commune_is_no_choice(self, district: District) -> None:
        text = district.client("xa").get(path_of("dao")).text
        assert '<option value="TDP 2">' in text
        assert "Thôn 1" not in text

    def test_a_session_that_ended_while_typing_loses_nothing(self, district: District) -> None:
        client = district.client("xa")
        form = opened(client, "dao")
        client.delete_cookie("portal")
        answer = client.post(path_of("dao"), data={**form, "phone": "0510555555"})
        assert answer.status_code == 401
        assert 'name="held"' in answer.text
