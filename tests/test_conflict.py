"""Conflicts on pages: who is asked, in which words, on what; and that nothing is decided unseen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal import conflict, home
from portal.models.account import Account
from portal.models.journal import Journal
from tests.conflicts import AGAIN, MADE, PAID, PHONE, mark, newest, payment, posted, two_phones
from tests.district import NOW, District, person_id

DAO = person_id("dao")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"{name} is not in the page"
    return found[1]


def form(client: FlaskClient, conflict_id: str) -> dict[str, str]:
    """What the page of a conflict sends along."""
    page = client.get(f"/conflicts/{conflict_id}").text
    return {name: hidden(page, name) for name in ("_edit", "digest", "head")}


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


DECIDERS = {
    "field": "huyen2",
    "same_person": "xa2",
    "double_payment": "kiemsoat",
    "paid_on_hold": "huyen",
    "paid_after_stop": "huyen",
    "not_assigned": "kiemsoat",
}
QUESTIONS = {
    "field": "ghi số điện thoại của Nguyễn Thị Đào là “0388888888”. Thị trấn Lộc Hà đã ghi “0912345678”. Điều nào đúng?",
    "same_person": "Đây có phải cùng một người?",
    "double_payment": "Tiền đã ra khỏi quỹ một lần hay hai lần?",
    "paid_on_hold": "Thị trấn Lộc Hà báo Nguyễn Thị Đào đã mất ngày 03/09/2024; Bưu điện huyện Lộc Hà báo đã chi lúc 12/10/2024 08:31. Điều nào đúng?",
    "paid_after_stop": "Nguyễn Thị Đào thôi hưởng từ tháng 10/2024",
    "not_assigned": "không phân công cho người đó",
}
ANSWERS = {
    "field": "wanted",
    "same_person": "distinct",
    "double_payment": "once",
    "paid_on_hold": "noted",
    "paid_after_stop": "noted",
    "not_assigned": "noted",
}


@pytest.mark.parametrize("type_", MADE)
def test_each_type_is_asked_in_words_and_answered(each_district: District, type_: str) -> None:
    made: Callable[[District], str] = MADE[type_]
    conflict_id = made(each_district)
    client = each_district.client(DECIDERS[type_])
    queue = client.get("/conflicts").text
    assert f"/conflicts/{conflict_id}" in queue and "Chờ bạn làm rõ" in queue
    page = client.get(f"/conflicts/{conflict_id}")
    assert page.status_code == 200
    assert QUESTIONS[type_] in text(page.text)
    assert "None" not in text(page.text) and "{" not in text(page.text)
    answer = client.post(
        f"/conflicts/{conflict_id}/resolution", data={**form(client, conflict_id), "choice": ANSWERS[type_], "note": "Đã gọi cho gia đình"}
    )
    assert answer.status_code == 303, text(answer.text)
    assert each_district.value("conflict", conflict_id, "state") == "resolved"
    assert each_district.value("conflict", conflict_id, "resolution")["note"] == "Đã gọi cho gia đình"
    done = text(client.get(f"/conflicts/{conflict_id}").text)
    assert "Đã làm rõ" in done and "Đã gọi cho gia đình" in done and "Người " + DECIDERS[type_] in done
    assert f"/conflicts/{conflict_id}" not in client.get("/conflicts").text
    assert f"/conflicts/{conflict_id}" in client.get("/conflicts?state=resolved").text


def test_three_values_stand_side_by_side_with_who_and_when(district: District) -> None:
    page = text(district.client("huyen2").get(f"/conflicts/{two_phones(district)}").text)
    for part in ("Lúc ghi đã thấy 0510000001 Nhập dữ liệu · 30/09/2024 10:00", "Hiện nay 0912345678 Người xa · Cán bộ xã · Thị trấn Lộc Hà · 05/10/2024 09:00 · lý do: Gọi kiểm tra",
                 "Muốn ghi 0388888888 Người huyen · Chuyên viên huyện · Phòng LĐTBXH huyện Lộc Hà · 05/10/2024 09:00 · lý do: Con gái báo"):  # fmt: skip
        assert part in page


@pytest.mark.parametrize(
    ("choice", "value", "stands"), [("current", None, "0912345678"), ("wanted", None, "0388888888"), ("other", "0377777777", "0377777777")]
)
def test_what_was_chosen_stands(district: District, choice: str, value: str | None, stands: str) -> None:
    conflict_id = two_phones(district)
    client = district.client("xa")
    data = {**form(client, conflict_id), "choice": choice, **({"other.phone": value} if value else {})}
    assert client.post(f"/conflicts/{conflict_id}/resolution", data=data).status_code == 303
    assert district.value("person", DAO, "phone") == stands


@pytest.mark.parametrize("typed", ["", "12", "x" * 300])
def test_another_value_has_to_be_one(district: District, typed: str) -> None:
    conflict_id = two_phones(district)
    client = district.client("xa")
    page = client.post(
        f"/conflicts/{conflict_id}/resolution",
        data={**form(client, conflict_id), "choice": "other", "other.phone": typed, "note": "giữ nhé"},
    )
    assert page.status_code == 422
    assert "giữ nhé" in page.text and f'value="{typed}"' in page.text and 'aria-invalid="true"' in page.text
    assert district.value("conflict", conflict_id, "state") == "open"


@pytest.mark.parametrize("choice", ["", "same", "noted", "x"])
def test_only_what_may_be_chosen_is_taken(district: District, choice: str) -> None:
    conflict_id = two_phones(district)
    client = district.client("xa")
    page = client.post(f"/conflicts/{conflict_id}/resolution", data={**form(client, conflict_id), "choice": choice})
    assert page.status_code == 422 and "Hãy chọn một câu trả lời." in page.text


def test_a_value_that_moved_is_said_and_asked_again(district: District) -> None:
    conflict_id = two_phones(district)
    client = district.client("huyen2")
    opened = form(client, conflict_id)
    assert district.submit("xa", "person", DAO, {"phone": ("0912345678", "0366666666")}).fields == {"phone": "applied"}
    page = client.post(f"/conflicts/{conflict_id}/resolution", data={**opened, "choice": "wanted", "note": "đã gọi"})
    assert page.status_code == 409
    assert "đã thay đổi từ lúc bạn mở trang" in page.text and "Người xa: Số điện thoại → 0366666666" in text(page.text)
    assert "đã gọi" in page.text
    assert district.value("person", DAO, "phone") == "0366666666"
    again = {name: hidden(page.text, name) for name in ("_edit", "digest", "head")}
    assert client.post(f"/conflicts/{conflict_id}/resolution", data={**again, "choice": "wanted"}).status_code == 303
    assert district.value("person", DAO, "phone") == "0388888888"


def test_the_second_tab_is_told_who_was_first(district: District) -> None:
    conflict_id = two_phones(district)
    first, second = district.client("xa"), district.client("huyen2")
    mine, theirs = form(first, conflict_id), form(second, conflict_id)
    assert first.post(f"/conflicts/{conflict_id}/resolution", data={**mine, "choice": "current"}).status_code == 303
    page = second.post(f"/conflicts/{conflict_id}/resolution", data={**theirs, "choice": "wanted"})
    assert page.status_code == 409
    assert "Người khác vừa quyết định" in page.text and "Người xa" in page.text
    assert district.value("person", DAO, "phone") == "0912345678"


def test_a_double_click_decides_once(district: District) -> None:
    conflict_id = two_phones(district)
    client = district.client("xa")
    data = {**form(client, conflict_id), "choice": "wanted"}
    lines = []
    for _ in range(2):
        assert client.post(f"/conflicts/{conflict_id}/resolution", data=data).status_code == 303
        with district.open():
            lines.append(Journal.select().count())
    assert lines[0] == lines[1]


def test_nobody_chooses_the_approved_value_they_wanted_themselves(district: District) -> None:
    """A name both sides want to correct: its proposer leaves the new one to somebody else."""
    pairs = {"full_name": ("Nguyễn Thị Đạo", "Nguyễn Thị Dao")}
    assert district.submit("huyen", "person", DAO, pairs).fields == {"full_name": "conflict"}
    conflict_id = newest(district)
    own, other = district.client("huyen"), district.client("huyen2")
    assert 'value="wanted"' not in own.get(f"/conflicts/{conflict_id}").text
    page = own.post(f"/conflicts/{conflict_id}/resolution", data={**form(own, conflict_id), "choice": "wanted"})
    assert page.status_code == 422
    assert other.post(f"/conflicts/{conflict_id}/resolution", data={**form(other, conflict_id), "choice": "wanted"}).status_code == 303
    assert district.value("person", DAO, "full_name") == "Nguyễn Thị Dao"


def test_numbers_that_differ_look_different(district: District) -> None:
    for who, wanted in (("xa", "099138000009"), ("huyen", "099138110001")):
        district.submit(who, "person", DAO, {"national_id": ("099138222222", wanted)})
    conflict_id = newest(district)
    page = text(district.client("huyen2").get(f"/conflicts/{conflict_id}").text)
    assert "099138110001" in page and "099138000001" in page


def test_a_person_of_another_commune_is_nobodys_business(district: District) -> None:
    conflict_id = two_phones(district)
    client = district.client("xa2")
    assert client.get(f"/conflicts/{conflict_id}").status_code == 404
    assert client.post(f"/conflicts/{conflict_id}/resolution", data={"choice": "wanted"}).status_code == 404
    assert f"/conflicts/{conflict_id}" not in client.get("/conflicts").text


def test_the_post_office_reads_nothing_it_may_not_know(district: District) -> None:
    district.submit("huyen", "person", DAO, {"national_id": ("099138222222", "099138110001")})
    number, same, client = newest(district), MADE["same_person"](district), district.client("kiemsoat")
    assert client.get("/conflicts").text.count("/conflicts/") == 0
    for conflict_id in (number, same):
        assert client.get(f"/conflicts/{conflict_id}").status_code == 404
    assert district.client("chitra").get("/conflicts").status_code == 403


def test_of_a_person_in_another_commune_no_more_is_told_than_it_takes(district: District) -> None:
    conflict_id = MADE["same_person"](district)
    assert district.client("xa").get(f"/conflicts/{conflict_id}").status_code == 404
    other = text(district.client("xa2").get(f"/conflicts/{conflict_id}").text)
    assert "Nguyễn Thị Đào" in other and PHONE not in other and "Hồ sơ người hưởng" not in other
    assert PHONE in text(district.client("huyen").get(f"/conflicts/{conflict_id}").text)


def test_who_reads_only_is_told_who_decides(district: District) -> None:
    conflict_id = two_phones(district)
    page = text(district.client("giamsat").get(f"/conflicts/{conflict_id}").text)
    assert "Việc này chờ: Cán bộ xã, Chuyên viên huyện." in page and "Ghi cách làm rõ" not in page
    assert district.client("giamsat").post(f"/conflicts/{conflict_id}/resolution", data={"choice": "wanted"}).status_code == 403


def test_no_such_conflict(district: District) -> None:
    assert district.client("huyen").get(f"/conflicts/{person_id('dao')}").status_code == 404
    assert district.client("huyen").get("/conflicts/x").status_code == 404


def test_home_says_what_waits_for_whom(district: District) -> None:
    two_phones(district)
    with district.open():
        counts = {
            who: sum(w.count for w in conflict.waiting(Account.get(Account.name == who), NOW))
            for who in ("xa", "xa2", "huyen", "kiemsoat", "giamsat", "chitra")
        }
    assert counts == {"xa": 1, "xa2": 0, "huyen": 1, "kiemsoat": 0, "giamsat": 0, "chitra": 0}
    assert "Mâu thuẫn cần làm rõ" in district.client("xa").get("/").text
    assert "conflict" in home.NOUNS


def test_two_marks_below_paid_ask_which_is_right(district: District) -> None:
    posted(district)
    absent, rejected = ({"state": "uncollected", "reason": "vắng nhà"}, {"state": "rejected", "reason": "sai số tài khoản"})
    mark(district, "kiemsoat", absent)
    mark(district, "chitra", rejected)
    conflict_id = newest(district)
    client = district.client("kiemsoat")
    page = client.get(f"/conflicts/{conflict_id}").text
    assert "vắng nhà" in page and "sai số tài khoản" in page and 'value="other"' not in page
    assert client.post(f"/conflicts/{conflict_id}/resolution", data={**form(client, conflict_id), "choice": "wanted"}).status_code == 303
    assert district.value("payment", payment(district), "mark") == rejected


def test_once_or_twice_changes_no_mark(district: District) -> None:
    conflict_id = MADE["double_payment"](district)
    client = district.client("huyen")
    page = text(client.get(f"/conflicts/{conflict_id}").text)
    assert "12/10/2024 08:31" in page and "13/10/2024 10:00" in page
    assert client.post(f"/conflicts/{conflict_id}/resolution", data={**form(client, conflict_id), "choice": "twice"}).status_code == 303
    assert district.value("payment", payment(district), "mark") == PAID != AGAIN


def test_a_move_decided_takes_the_rights_along(district: District) -> None:
    """What is written for a decided conflict is what an approval writes."""
    pairs = {"commune": ("18570", "18580")}
    assert district.submit("huyen", "person", DAO, pairs).fields == {"commune": "conflict"}
    conflict_id = newest(district)
    client = district.client("huyen2")
    assert "Xã Thạch Kim" in client.get(f"/conflicts/{conflict_id}").text
    assert client.post(f"/conflicts/{conflict_id}/resolution", data={**form(client, conflict_id), "choice": "wanted"}).status_code == 303
    from tests.district import right_id

    assert district.value("entitlement", right_id("dao"), "commune") == "18580"
    assert district.value("person", DAO, "former_communes") == ["18568"]
    assert district.value("person", DAO, "phone") == PHONE
