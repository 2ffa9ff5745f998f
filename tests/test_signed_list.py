"""A signed paper list keyed back in: which paper it is, its numbers, what is chosen, what is marked, and what is left alone."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from portal import payment, schedule, signed_list
from portal.models.conflict import Conflict
from portal.models.journal import Journal
from portal.models.payment_list import PaymentList
from portal.payment import Filter
from sync.ids import named, uuid7
from tests.arranged import add_session, post_list
from tests.district import MONTH, District, line_code
from tests.posted import mark

TOWN = ("duong", "dao", "an", "binh", "binh/2", "hoa")
"""Who stands on the paper of the town, in its order."""
PAPER = f"/signed-lists/{MONTH}/18568"
DAY = f"{MONTH}-12"


def on(district: District, day: str) -> District:
    settings = district.app.config["SETTINGS"]
    district.app.config["SETTINGS"] = replace(settings, today=date.fromisoformat(day))
    return district


def arranged(district: District) -> District:
    """October posted, and its pay days come: a session for each half of the town, one for Thạch Kim."""
    add_session(district, hamlets=["TDP 2"])
    add_session(district, f"{MONTH}-11", hamlets=["TDP 1"], agent="chitra2")
    add_session(district, f"{MONTH}-11", "18580", agent="chitra2")
    post_list(district)
    return on(district, DAY)


@pytest.fixture
def posted(district: District) -> District:
    return arranged(district)


@pytest.fixture
def post(posted: District) -> FlaskClient:
    return posted.client("kiemsoat")


def code_of(key: str) -> str:
    name, _, number = key.partition("/")
    return line_code(name, int(number or 1))


def line(district: District, key: str) -> payment.Line:
    with district.open():
        (found,) = payment.page(MONTH, None, Filter(query=code_of(key))).lines
        return found


def printed(district: District, who: str = "kiemsoat") -> tuple[str, list[tuple[int, str, str, int]]]:
    """The town's cash list as a workbook: the code below its pages, and number, line code, name and sum of its rows."""
    answer = district.client(who).get(f"/payment-lists/{MONTH}/files/cash.xlsx?commune=18568")
    sheet: Any = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    found = re.search(r"nội dung ([0-9a-f]{16}/\d+)", sheet.oddFooter.center.text)
    assert found, sheet.oddFooter.center.text
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return found[1], [(row[0], row[1], row[2], row[11]) for row in rows if isinstance(row[0], int)]


def shown(answer: TestResponse) -> list[tuple[int, str, str, int]]:
    """The same of the page."""
    pattern = r'<tr id="row-(\d+)">.*?<th scope="row">(\d+)\. <a[^>]*>([^<]*)</a><small>([^<]*)</small></th>\s*<td[^>]*>([^<]*)<'
    found = re.findall(pattern, unescape(answer.text), re.DOTALL)
    assert all(one == other for one, other, *_ in found)
    return [(int(number), code, name, int(re.sub(r"\D", "", amount))) for number, _, name, code, amount in found]


def opened(client: FlaskClient, district: District, **more: str) -> TestResponse:
    answer = client.get(PAPER, query_string={"code": printed(district)[0], **more})
    assert answer.status_code == 200, answer.text
    return answer


def form_of(html: str, action: str) -> dict[str, Any]:
    """What a browser would send of the form with this action, as it stands."""
    match = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', html, re.DOTALL)
    assert match, action
    form: dict[str, Any] = {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', match[0])}
    form |= {name: unescape(value) for name, value in re.findall(r'<input type="text" id="[^"]+" name="([^"]+)" value="([^"]*)"', match[0])}
    form["signed"] = re.findall(r'name="signed" value="(\d+)"[^>]* checked', match[0])
    chosen = re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', match[0], re.DOTALL)
    form |= {name: (re.findall(r'value="([^"]*)" selected', options) or [""])[0] for name, options in chosen}
    return form


def check(client: FlaskClient, page: TestResponse, **typed: Any) -> TestResponse:
    """Sends the form of the rows on to its confirmation."""
    form = form_of(page.text, PAPER) | {"day": "12/10/2024", "do": "check"} | {name.replace("_", "."): value for name, value in typed.items()}
    return client.post(PAPER, data=form)


def confirm(client: FlaskClient, page: TestResponse) -> TestResponse:
    assert page.status_code == 200, page.text
    return client.post(f"{PAPER}/marks", data=form_of(page.text, f"{PAPER}/marks"), follow_redirects=True)


def text(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.text)).split())


def figures(answer: TestResponse) -> dict[str, str]:
    """A page's figures: label → number and sum."""
    return {" ".join(label.split()): " ".join(rest.split()) for label, rest in re.findall(r"<dt>(.*?)</dt>(.*?)</div>", re.sub(r"</?(?:dd|b|small|span)[^>]*>", " ", unescape(answer.text)), re.DOTALL)}


def states(district: District) -> dict[str, str]:
    return {key: line(district, key).state for key in TOWN}


def test_the_rows_are_those_of_the_paper_whatever_happened_since(each_district: District) -> None:
    district = arranged(each_district)
    papers = [printed(district)]
    district.report_death("dao", f"{MONTH}-03")
    papers.append(printed(district))
    hold = {"hold": (line(district, "dao").hold, None)}
    assert district.submit("xa", "payment", line(district, "dao").id, hold, why="Gặp tại nhà").status == "accepted"
    papers.append(printed(district))
    with district.open():
        listed = PaymentList.get(PaymentList.month == MONTH).id
    correction = {"list": (None, listed), "type": (None, "correct"), "payment": (None, line(district, "an").id)}
    assert district.submit("huyen", "addendum", uuid7(), correction, create=True, why="Ghi sai").status == "accepted"
    papers.append(printed(district))
    assert mark(district, line(district, "duong").id, "counter").status == "accepted"
    district.report_death("hoa", f"{MONTH}-02")
    papers.append(printed(district))
    # Money handed out although it was held back: the list to sign stays as it was.
    assert mark(district, line(district, "hoa").id, "counter").status == "accepted"
    papers.append(printed(district))
    assert len({code for code, _ in papers}) == 5
    assert papers[-1] == papers[-2]
    assert [len(rows) for _, rows in papers] == [6, 5, 6, 6, 5, 5]
    client = district.client("kiemsoat")
    for code, rows in papers:
        page = client.get(PAPER, query_string={"code": code})
        assert shown(page) == rows
        assert f"Giấy mang mã {code}: {len(rows)} dòng, tổng cộng {sum(row[3] for row in rows):,}".replace(",", ".") in text(page).replace("\u00a0", " ").replace(",", ".")


def test_a_part_of_the_code_will_do_and_a_wrong_one_is_told_in_words(posted: District, post: FlaskClient) -> None:
    whole = printed(posted)[0]
    assert shown(post.get(PAPER, query_string={"code": f" {whole[:4].upper()} "})) == printed(posted)[1]
    for typed, sentence in (
        (whole[:3], "ít nhất 4 ký tự đầu"),
        ("không rõ", "ít nhất 4 ký tự đầu"),
        ("0" * 16 if not whole.startswith("0000") else "1" * 16, "bản in trước khi chốt"),
        (f"{whole[:6]}/3", "mới có đến phụ lục số 0"),
    ):
        answer = post.get(PAPER, query_string={"code": typed})
        assert answer.status_code == 422
        assert sentence in text(answer)
        assert f'value="{typed}"' in answer.text
    posted.report_death("dao", f"{MONTH}-03")
    answer = post.get(PAPER, query_string={"code": whole[:6]})
    assert answer.status_code == 422
    assert "Nhập cả số sau dấu gạch chéo" in text(answer)
    page = post.get(PAPER, query_string={"code": f"{whole[:6]}/0"})
    assert "Phụ lục số 1: Giữ lại – Nguyễn Thị Đào" in text(page)


def test_the_paper_of_another_month_leads_to_its_month(posted: District, post: FlaskClient) -> None:
    with posted.open():
        PaymentList.insert(id=named("list", "older"), version=1, month="2024-09", state="settled", digest="feed" * 16).execute()
    answer = post.get(PAPER, query_string={"code": "feedfeed/0"})
    assert answer.status_code == 422
    assert "Tờ giấy này là danh sách tháng 09/2024" in text(answer)
    assert "/signed-lists/2024-09/18568?code=feedfeed/0" in unescape(answer.text)


def test_a_draft_carries_no_code_to_be_keyed_in_by(district: District) -> None:
    made = district.submit("huyen", "payment_list", named("list", MONTH), {"month": (None, MONTH)}, create=True)
    assert made.status == "accepted"
    answer = district.client("huyen").get(f"/payment-lists/{MONTH}/files/cash.xlsx")
    sheet: Any = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    footer = sheet.oddFooter.center.text
    assert "bản xem trước, chưa chốt" in footer and "nội dung" not in footer
    assert district.client("kiemsoat").get(f"{PAPER}?code=abcd").status_code == 404


def test_all_signed_but_two_is_a_press_two_words_and_the_marks_of_the_session_page(posted: District, post: FlaskClient) -> None:
    page = opened(post, posted)
    page = post.post(PAPER, data=form_of(page.text, PAPER) | {"day": "11/10/2024", "numbers": "2", "do": "except"})
    form = form_of(page.text, PAPER)
    assert (form["signed"], form["day"]) == (["1", "3", "4", "5", "6"], "11/10/2024")
    # Number 2 says why; 6 turns out not to have signed, without anybody knowing why.
    form |= {"reason.2": "VANG_MAT", "signed": ["1", "3", "4", "5"], "do": "check"}
    asked = post.post(PAPER, data=form)
    told = figures(asked)
    assert told["Ghi là đã nhận"] == "4 dòng 2.250.000 đ"
    assert told["Ghi là chưa nhận"] == "1 dòng 500.000 đ"
    assert told["Để ngỏ"] == "1 dòng 750.000 đ"
    assert states(posted) == dict.fromkeys(TOWN, "planned")
    done = confirm(post, asked)
    assert "Đã ghi từ giấy: 4 người đã nhận, 1 người chưa nhận." in text(done)
    assert states(posted) == {"duong": "paid", "dao": "uncollected", "an": "paid", "binh": "paid", "binh/2": "paid", "hoa": "planned"}
    noon = f"{MONTH}-11T05:00:00Z"
    assert line(posted, "an").mark == {"state": "paid", "how": "counter", "to": "self", "at": noon}
    # Who is paid at home is, unless the paper says otherwise.
    assert line(posted, "duong").mark == {"state": "paid", "how": "home", "to": "self", "at": noon}
    assert line(posted, "dao").mark == {"state": "uncollected", "reason": "VANG_MAT", "at": noon}


def test_twice_the_same_form_is_one_edit_each(posted: District, post: FlaskClient) -> None:
    asked = check(post, opened(post, posted), signed=["3", "4"])
    form = form_of(asked.text, f"{PAPER}/marks")
    told = [text(post.post(f"{PAPER}/marks", data=form, follow_redirects=True)) for _ in range(2)]
    assert all("Đã ghi từ giấy: 2 người đã nhận" in each and "không ghi" not in each for each in told)
    with posted.open():
        ids = [line(posted, key).id for key in ("an", "binh")]
        assert Journal.select().where(Journal.record.in_(ids)).count() == 2
        assert Conflict.select().count() == 0


def test_what_others_marked_or_a_death_holds_back_meanwhile_is_left_alone_and_told(posted: District, post: FlaskClient) -> None:
    asked = check(post, opened(post, posted), signed=["1", "2", "3", "4", "5", "6"], reason_6="TU_CHOI")
    theirs = mark(posted, line(posted, "an").id, "home", "chitra")
    assert theirs.status == "accepted"
    assert mark(posted, line(posted, "hoa").id, "uncollected", "chitra").status == "accepted"
    assert mark(posted, line(posted, "binh").id, "uncollected", "chitra").status == "accepted"
    posted.report_death("dao", f"{MONTH}-03")
    done = text(confirm(post, asked))
    assert "2. Nguyễn Thị Đào, 3. Lê Văn An, 4. Nguyễn Văn Bình, 6. Nguyễn Văn Hòa: không ghi" in done
    assert "Đã ghi từ giấy: 2 người đã nhận, 0 người chưa nhận." in done
    assert states(posted) == {
        "duong": "paid", "dao": "withheld", "an": "paid", "binh": "uncollected", "binh/2": "paid", "hoa": "uncollected",
    }  # fmt: skip
    assert line(posted, "an").mark["how"] == "home"  # type: ignore[index]  # it has one
    with posted.open():
        assert Conflict.select().where(Conflict.type == "double_payment").count() == 0
    # Next time the page says how they stand; what is paid or held back cannot be ticked, whoever was absent can.
    page = post.get(PAPER, query_string={"code": f"{printed(posted)[0][:16]}/0"})
    assert re.findall(r'name="signed" value="(\d+)"', page.text) == ["4", "6"]
    assert "Báo đã mất" in text(page)


def test_a_signature_over_an_absence_is_meant(posted: District, post: FlaskClient) -> None:
    assert mark(posted, line(posted, "hoa").id, "uncollected", "chitra").status == "accepted"
    page = opened(post, posted)
    everybody = post.post(PAPER, data=form_of(page.text, PAPER) | {"do": "all"})
    assert form_of(everybody.text, PAPER)["signed"] == ["1", "2", "3", "4", "5"]
    asked = check(post, page, signed=["6"])
    assert "trước đó" in text(asked) and "Vắng mặt" in text(asked)
    confirm(post, asked)
    assert line(posted, "hoa").state == "paid"


def test_to_whom_where_the_record_has_one(posted: District) -> None:
    at, client = f"/signed-lists/{MONTH}/18580", posted.client("kiemsoat")
    page = client.get(at, query_string={"code": printed(posted)[0]})
    offered = {name: re.findall(r'<option value="([^"]*)"', options) for name, options in re.findall(r'<select name="(way\.\d+)".*?>(.*?)</select>', page.text)}
    numbers = {code: number for number, code, _, _ in shown(page)}
    yen, vinh = numbers[line_code("yen")], numbers[line_code("vinh")]
    assert offered[f"way.{yen}"] == ["", "counter", "home", "alternate", "alternate_home"]
    assert set(offered) == {f"way.{yen}", f"way.{vinh}"}
    guardian = "guardian_home" if "guardian_home" in offered[f"way.{vinh}"] else "home"
    form = form_of(page.text, at) | {"day": "12/10/2024", "place": "home", "signed": [str(n) for n in numbers.values()], "do": "check"}
    form |= {f"way.{yen}": "alternate", f"way.{vinh}": guardian}
    asked = client.post(at, data=form)
    back = form_of(client.post(at, data=form_of(asked.text, at) | {"do": "back"}).text, at)
    assert (back[f"way.{yen}"], back["signed"], back["day"]) == ("alternate", form["signed"], "12/10/2024")
    client.post(f"{at}/marks", data=form_of(asked.text, f"{at}/marks"))
    found = {key: {name: line(posted, key).mark[name] for name in ("how", "to")} for key in ("ut", "yen", "vinh")}  # type: ignore[index]  # marked above
    assert found == {"ut": {"how": "home", "to": "self"}, "yen": {"how": "counter", "to": "alternate"}, "vinh": {"how": "home", "to": "guardian"}}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"day": "09/10/2024"}, "Ngày ghi trên giấy phải là ngày chi trả của tháng (10/10/2024 đến 15/10/2024"),
        ({"day": "13/10/2024"}, "không sau hôm nay"),
        ({"day": ""}, ""),
        ({"day": "31/2"}, ""),
        ({"numbers": "1-3"}, "Ô số thứ tự còn số chưa dùng"),
        ({"signed": []}, "Chưa ghi gì"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(posted: District, post: FlaskClient, typed: dict[str, Any], sentence: str) -> None:
    answer = check(post, opened(post, posted), **{"signed": ["3", "5"], "reason_4": "OM_DAU" if "OM_DAU" in _reasons() else _reasons()[0], **typed})
    if typed == {"signed": []}:
        assert answer.status_code == 200  # a reason alone is something
        answer = check(post, opened(post, posted), signed=[])
    assert answer.status_code == 422
    assert sentence in text(answer)
    kept = form_of(answer.text, PAPER)
    assert kept["day"] == typed.get("day", "12/10/2024")
    assert kept["signed"] == typed.get("signed", ["3", "5"])
    assert states(posted) == dict.fromkeys(TOWN, "planned")


def _reasons() -> list[str]:
    return [each.code for each in payment.reasons_of("uncollected")]


def test_numbers_that_are_not_there_or_no_numbers_are_told(posted: District, post: FlaskClient) -> None:
    page = opened(post, posted)
    for do, numbers, sentence in (
        ("only", "1-9", "Trang này không có số thứ tự 7-9."),
        ("only", "1, x", "Không đọc được “x”"),
        ("except", "", "Hãy ghi số thứ tự vào ô trước."),
        ("enter", "5-3", "Không đọc được “5-3”"),
    ):
        answer = post.post(PAPER, data=form_of(page.text, PAPER) | {"numbers": numbers, "do": do})
        assert answer.status_code == 422
        assert sentence in text(answer)
        assert form_of(answer.text, PAPER)["numbers"] == numbers
    chosen = post.post(PAPER, data=form_of(page.text, PAPER) | {"numbers": "1 – 2; 5", "do": "enter"})
    assert form_of(chosen.text, PAPER)["signed"] == ["1", "2", "5"]


def test_an_agent_keys_in_whom_they_pay_with_the_numbers_of_the_whole_paper(posted: District) -> None:
    with posted.open():
        sessions = {each.hamlets: each for each in schedule.sessions(MONTH, frozenset({"18568"}))}
    of = sessions[("TDP 2",)]
    agent = posted.client("chitra")
    assert f"{PAPER}?session={of.id}" in unescape(agent.get(f"/payments/sessions/{of.id}").text)
    page = opened(agent, posted, session=of.id)
    theirs = sessions[("TDP 1",)]
    assert PAPER not in agent.get(f"/payments/sessions/{theirs.id}").text
    for session, numbers in ((of.id, [3, 4, 5, 6]), ("", [3, 4, 5, 6]), (theirs.id, [])):
        assert [row[0] for row in shown(opened(agent, posted, session=session))] == numbers
    assert form_of(page.text, PAPER)["day"] == "10/10/2024"
    confirm(agent, check(agent, page, signed=["3", "4", "5", "6"]))
    assert states(posted) == {**dict.fromkeys(TOWN, "paid"), "duong": "planned", "dao": "planned"}
    with posted.open():
        assert Conflict.select().count() == 0
    # Somebody else's place, and somebody else's people.
    other = posted.client("chitra2")
    assert other.get(PAPER, query_string={"code": printed(posted)[0]}).status_code == 404
    strange = form_of(page.text, PAPER) | {"said.counter": "1", "day": "12/10/2024"}
    assert agent.post(f"{PAPER}/marks", data=strange).status_code == 404


def test_who_may_key_in_and_where_it_is_found(posted: District) -> None:
    for who in ("xa", "huyen", "lanhdao", "giamsat"):
        assert posted.client(who).get(f"{PAPER}?code={printed(posted)[0]}").status_code == 403
    assert PAPER in posted.client("kiemsoat").get(f"/payment-lists/{MONTH}/files").text
    assert PAPER not in posted.client("huyen").get(f"/payment-lists/{MONTH}/files").text
    assert posted.client("kiemsoat").get(f"/signed-lists/{MONTH}/99999").status_code == 404
    assert posted.client("kiemsoat").get("/signed-lists/2024-11/18568").status_code == 404


def test_a_long_list_is_keyed_in_page_by_page(posted: District, post: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_list, "PAGE", 4)
    page = opened(post, posted)
    assert [row[0] for row in shown(page)] == [1, 2, 3, 4]
    assert "first=4" in page.text
    everybody = post.post(PAPER, data=form_of(page.text, PAPER) | {"do": "all"})
    following = confirm(post, check(post, everybody))
    assert [row[0] for row in shown(following)] == [5, 6]
    asked = check(post, following, signed=["5", "6"])
    assert figures(asked)["Đã nhận, kể cả ghi trước"] == "6 dòng 3.500.000 đ"
    confirm(post, asked)
    assert set(states(posted).values()) == {"paid"}


@given(st.frozensets(st.integers(1, 300)))
def test_numbers_written_are_the_numbers_read(numbers: frozenset[int]) -> None:
    assert signed_list.read_numbers(signed_list.write_numbers(numbers)) == numbers
