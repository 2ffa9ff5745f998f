"""What is hung up, read aloud or handed over on paper says when, where and how much, and never who is ill."""

from __future__ import annotations

import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from portal import paper_notice, payment_list
from sync.ids import named
from tests.district import MONTH, District, line_code
from tests.posted import lines, mark_all, post_list
from tests.proposing import approve

TOWN = f"/notices/{MONTH}/18568"


@pytest.fixture
def posted(district: District) -> District:
    post_list(district)
    return district


def text(answer: TestResponse) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.text)).replace("\xa0", " ").split())


def test_the_poster_says_place_day_and_hours_and_no_name(posted: District) -> None:
    said = text(posted.client("chitra").get(f"{TOWN}/poster"))
    assert "Ngày 12/10/2024 , 07:30–11:00" in said.replace("12/10/2024,", "12/10/2024 ,")
    for name in ("Nguyễn Thị Đào", "Lê Văn An", "500.000"):
        assert name not in said


def test_the_loudspeaker_is_told_the_schedule_in_words(posted: District) -> None:
    said = text(posted.client("xa").get(TOWN))
    assert "Kính thưa bà con Thị trấn Lộc Hà." in said
    assert "Ngày 12 tháng 10, từ 7 giờ 30 đến 11 giờ, tại" in said


def test_before_the_schedule_is_posted_there_is_nothing_to_read_aloud(district: District) -> None:
    assert district.client("xa").get(TOWN).status_code == 404


def test_a_slip_says_how_much_why_where_and_when(posted: District) -> None:
    client = posted.client("xa")
    slips = client.get(f"{TOWN}/slips").text.split('<article class="slip"')[1:]
    told = {re.search(r"LH18568-\d+/\d", slip)[0]: unescape(slip) for slip in slips}  # type: ignore[index]  # every slip has a code
    assert set(told) == {*(line_code(key) for key in ("duong", "dao", "an", "binh", "hoa")), line_code("binh", 2)}
    dao = told[line_code("dao")]
    assert "500.000\xa0đ" in dao and "500.000" in "".join(re.findall(r"<li>(.*?)</li>", dao))
    assert "Nhận ngày 12/10/2024" in dao
    assert "Nhân viên bưu điện đến chi trả tại nhà." in told[line_code("duong")]
    assert "HIV" not in told[line_code("an")]


def test_a_withheld_line_gets_no_slip(posted: District) -> None:
    posted.report_death("dao", "2024-10-03")
    assert line_code("dao") not in posted.client("xa").get(f"{TOWN}/slips").text


def test_what_is_hung_up_leaves_out_who_is_ill(posted: District) -> None:
    mark_all(posted)
    for key in ("dao", "an"):
        approve(posted, posted.report_death(key, "2024-10-20"))
    made = posted.submit("huyen", "payment_list", named("list", "2024-11"), {"month": (None, "2024-11")}, create=True)
    assert made.status == "accepted"
    said = text(posted.client("xa").get("/notices/2024-11/18568/posting"))
    assert "Nguyễn Thị Đào 1938 TDP 1" in said
    assert "Lê Văn An" not in said and "099138000001" not in said
    with posted.open():
        found = payment_list.find("2024-11")
        assert found is not None
        assert [move.line_code for move in paper_notice.posting(found, "18568")] == [line_code("dao")]


def test_a_commune_has_only_its_own(posted: District) -> None:
    client = posted.client("xa")
    for page in ("", "/poster", "/slips", "/posting"):
        assert client.get(f"/notices/{MONTH}/18580{page}").status_code == 404
    assert posted.client("chitra").get(f"{TOWN}/slips").status_code == 403
    assert lines(posted)
