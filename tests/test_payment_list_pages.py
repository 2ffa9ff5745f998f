"""The pages of the month's list: the way to the post office, double clicks, stale tabs, scope, paging."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal import db, payment_list
from sync.fields import IMPORTER
from sync.ids import named
from tests.district import MONTH, District, bank, district, district_file, line_code
from tests.lists import change_right, found, opened, run, sessions, step, to

__all__ = ["district", "district_file"]


class Visitor:
    """Somebody at the pages: fills in forms as they are shown."""

    def __init__(self, here: District, who: str) -> None:
        self.client: FlaskClient = here.client(who)

    def read(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def form(self, path: str, action: str) -> dict[str, str]:
        shown = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', self.read(path), re.DOTALL)
        assert shown, f"{path} has no form for {action}"
        return {name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', shown[0])}

    def send(self, path: str, action: str, **typed: str) -> Any:
        return self.client.post(action, data={**self.form(path, action), **typed})


@pytest.fixture
def visitors(district: District) -> dict[str, Visitor]:
    return {who: Visitor(district, who) for who in ("huyen", "lanhdao", "xa", "kiemsoat", "giamsat")}


PAGE = f"/payment-lists/{MONTH}"


def test_the_list_goes_from_page_to_page_to_the_post_office(district: District, visitors: dict[str, Visitor]) -> None:
    huyen, lanhdao = visitors["huyen"], visitors["lanhdao"]
    assert huyen.send("/payment-lists", "/payment-lists", month=MONTH).status_code == 303
    assert "13" in huyen.read(PAGE)
    assert huyen.send(PAGE, f"{PAGE}/freeze").status_code == 303
    assert "Danh sách chờ duyệt" in lanhdao.read("/")
    assert lanhdao.send(PAGE, f"{PAGE}/approve").status_code == 303
    refused = huyen.send(PAGE, f"{PAGE}/post")
    assert refused.status_code == 422
    assert "chưa có phiên chi trả" in refused.text
    sessions(district, MONTH)
    assert huyen.send(PAGE, f"{PAGE}/post").status_code == 303
    assert found(district).state == "posted"
    entries = run(district, "SELECT account FROM journal WHERE kind = 'payment_list' ORDER BY seq")
    assert [row[0] for row in entries] == ["huyen", "huyen", "lanhdao", "huyen", "huyen"]


def test_a_double_click_does_it_once(district: District, visitors: dict[str, Visitor]) -> None:
    huyen = visitors["huyen"]
    for path, action, more in (
        ("/payment-lists", "/payment-lists", {"month": MONTH}),
        (PAGE, f"{PAGE}/build", {}),
        (PAGE, f"{PAGE}/freeze", {}),
    ):
        data = {**huyen.form(path, action), **more}
        before = run(district, "SELECT COUNT(*) FROM journal")[0][0]
        assert [huyen.client.post(action, data=data).status_code for _ in range(2)] == [303, 303]
        assert run(district, "SELECT COUNT(*) FROM journal")[0][0] == before + 1
    assert found(district).build == 2


def test_an_approval_on_old_figures_says_what_changed(district: District, visitors: dict[str, Visitor]) -> None:
    there = to(district, "frozen")
    stale = visitors["lanhdao"].form(PAGE, f"{PAGE}/approve")
    change_right(district, "dao", stop_month="2024-10")
    step(district, "frozen", "draft", why="thiếu biến động")
    district.submit("huyen", "payment_list", there.id, {"build": (1, 2)})
    step(district, "draft", "frozen")
    answer = visitors["lanhdao"].client.post(f"{PAGE}/approve", data=stale)
    assert answer.status_code == 409
    assert "12 dòng" in answer.text
    assert "13 dòng" in answer.text
    assert found(district).state == "frozen"


def test_a_second_tab_that_was_quicker_is_told(district: District, visitors: dict[str, Visitor]) -> None:
    opened(district)
    late = visitors["huyen"].form(PAGE, f"{PAGE}/freeze") | {"_edit": "another tab"}
    step(district, "draft", "frozen")
    with district.open():
        digest = found(district).digest
    district.submit(
        "lanhdao", "payment_list", named("list", MONTH), {"state": ("frozen", "approved"), "approval": (None, {"digest": digest})}
    )
    answer = visitors["huyen"].client.post(f"{PAGE}/freeze", data=late)
    assert answer.status_code == 409
    assert found(district).state == "approved"


def test_sending_back_asks_why_and_the_reason_is_shown(district: District, visitors: dict[str, Visitor]) -> None:
    to(district, "frozen")
    assert visitors["lanhdao"].send(PAGE, f"{PAGE}/return", why=" ").status_code == 422
    assert visitors["lanhdao"].send(PAGE, f"{PAGE}/return", why="Thiếu xã Thạch Kim").status_code == 303
    assert "Thiếu xã Thạch Kim" in visitors["huyen"].read(PAGE)


def test_a_line_is_held_and_released_with_reasons_as_addenda(district: District, visitors: dict[str, Visitor]) -> None:
    to(district, "posted")
    huyen = visitors["huyen"]
    line = f"{PAGE}/lines/" + run(district, "SELECT id FROM payment WHERE line_code = ?", line_code("hoa"))[0][0]
    assert huyen.send(line, f"{line}/hold", why="").status_code == 422
    assert huyen.send(line, f"{line}/hold", why="Chờ xác minh").status_code == 303
    assert "Chờ xác minh" in huyen.read(line)
    assert visitors["xa"].send(line, f"{line}/release", why="Đã gặp").status_code == 303
    shown = huyen.read(f"{PAGE}/addenda")
    assert "Phụ lục số 1" in shown
    assert "Phụ lục số 2" in shown
    assert huyen.send(f"{PAGE}/addenda", f"{PAGE}/addenda", code="không có", why="x").status_code == 422


def test_everyone_sees_their_own_communes_only(district: District, visitors: dict[str, Visitor]) -> None:
    to(district, "posted")
    own = visitors["xa"].read(f"{PAGE}/lines")
    assert "Nguyễn Thị Đào" in own
    assert "Võ Thị Út" not in own
    assert "Thạch Kim" not in visitors["xa"].read(PAGE)
    other = run(district, "SELECT id FROM payment WHERE line_code = ?", line_code("ut"))[0][0]
    assert visitors["xa"].client.get(f"{PAGE}/lines/{other}").status_code == 404
    assert visitors["xa"].client.get(f"{PAGE}/lines?commune=18580").status_code == 404
    assert "Khoản 8" not in visitors["giamsat"].read(f"{PAGE}/lines")
    assert "khuyết tật" not in visitors["kiemsoat"].read(f"{PAGE}/lines").lower()


@pytest.mark.parametrize("path", ["/payment-lists/2024-13", "/payment-lists/2031-01", "/payment-lists/x/lines"])
def test_a_month_without_a_list_is_not_found(district: District, visitors: dict[str, Visitor], path: str) -> None:
    assert visitors["huyen"].client.get(path).status_code == 404


def test_a_check_leads_only_where_its_reader_may_go(district: District, visitors: dict[str, Visitor]) -> None:
    opened(district)
    for who, leads in (("huyen", True), ("kiemsoat", False)):
        page = visitors[who].read(f"{PAGE}/checks/UNDECLARED")
        assert "Thạch Kim" in page
        assert ('href="/declarations"' in page.partition("<main")[2]) is leads, who


def test_a_check_there_is_not_is_not_found(district: District, visitors: dict[str, Visitor]) -> None:
    opened(district)
    assert visitors["huyen"].client.get(f"{PAGE}/checks/AGE").status_code == 200
    assert visitors["huyen"].client.get(f"{PAGE}/checks/NONE").status_code == 404


def test_lines_are_found_by_words_in_any_order_without_marks_and_paged_by_key(district: District) -> None:
    there = opened(district)
    with district.open():
        assert {row.line_code for row in payment_list.lines(there.id, words="binh nguyen").rows} == {
            line_code("binh"), line_code("binh", 2), line_code("binh2"),
        }  # fmt: skip
        everything = payment_list.lines(there.id).rows
        seen, after = [], ""
        while True:
            page = payment_list.lines(there.id, limit=4, after=after)
            seen += page.rows
            after = page.after
            if not after:
                break
        assert seen == everything
        assert len(everything) == there.lines
        assert {row.method for row in payment_list.lines(there.id, method="bank").rows} == {"bank"}


def test_the_page_asks_as_often_for_many_lines_as_for_few(district: District, visitors: dict[str, Visitor]) -> None:
    opened(district)
    few = _questions(district, visitors["huyen"])
    edits = []
    for number in range(60):
        values: dict[str, Any] = {
            "code": f"X{number}",
            "full_name": f"Nguyễn Văn {number}",
            "birth": "1930",
            "sex": "M",
            "national_id": f"099030{number:06d}",
            "commune": "18580",
            "hamlet": "Thôn 1",
            "payment_method": bank(f"00009900{number:04d}", f"NGUYEN VAN {number}"),
        }
        edits.append(("person", named("many", str(number)), values))
        right: dict[str, Any] = {
            "person": named("many", str(number)),
            "commune": "18580",
            "line_code": f"X{number}/1",
            "category": "5.5c",
            "coefficient10": 10,
        }
        edits.append(("entitlement", named("many-right", str(number)), {**right, "start_month": "2024-01"}))
    for kind, record, fields in edits:
        assert district.submit(IMPORTER, kind, record, {k: (None, v) for k, v in fields.items()}, create=True).status == "accepted"
    district.submit("huyen", "payment_list", named("list", MONTH), {"build": (1, 2)})
    assert _questions(district, visitors["huyen"]) == few


def _questions(district: District, visitor: Visitor) -> list[int]:
    counted = []
    plain = type(db.database.obj).execute_sql
    for path in (PAGE, f"{PAGE}/lines", f"{PAGE}/differences"):
        visitor.read(path)
        asked: list[str] = []

        def listen(self: Any, sql: str, *args: Any, _asked: list[str] = asked, **more: Any) -> Any:
            _asked.append(sql)
            return plain(self, sql, *args, **more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(db.database.obj), "execute_sql", listen)
            visitor.read(path)
        counted.append(len(asked))
    return counted
