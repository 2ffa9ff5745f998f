"""The settlement: the identity to the đồng, who signs and closes on what they were shown, and what goes on to the next month."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from portal import door, payment_list, settlement, settlement_lines, verify
from portal.models.account import Account
from sync.edit import Result
from sync.ids import named
from sync.kinds.change import shown_digest
from tests.district import MONTH, NOW, District, account_name, line_code, served
from tests.posted import accept, lines, mark, mark_all, post_list

PATH = f"/settlements/{MONTH}"
NEXT = "2024-11"
DAO, UT = line_code("dao"), line_code("ut")


@pytest.fixture
def posted(district: District) -> District:
    post_list(district)
    return district


def account(district: District, communes: frozenset[str] | None = None, month: str = MONTH) -> settlement.MonthAccount:
    with district.open():
        found = settlement.show(month, communes)
        assert found is not None
        return found


def do(district: District, who: str, what: str, **more: Any) -> Result:
    """Signs, closes or opens again on what stands now, or on what `shown` says."""
    found = account(district)
    with district.open():
        actor = district.actor(who)
        if what == "sign":
            return settlement.sign(actor, NOW, found, more.get("shown", found.digest), more.get("seen", found.state))
        if what == "close":
            return settlement.close(actor, NOW, found, more.get("shown", found.digest))
        return settlement.open_again(actor, NOW, found, found.state, more.get("why", "Sai một dòng"))


def why_not(result: Result) -> str:
    assert result.reason is not None, result
    return result.reason.detail


def hidden(page: str, form: str) -> dict[str, str]:
    """The hidden fields of the form with this action."""
    found = re.search(rf'<form[^>]*action="[^"]*{form}".*?</form>', page, re.DOTALL)
    assert found, form
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', found[0]))


def send(client: FlaskClient, step: str, **more: str) -> TestResponse:
    data = hidden(client.get(PATH).text, f"{PATH}/{step}")
    return client.post(f"{PATH}/{step}", data={**data, **more})


# --- the identity ------------------------------------------------------------------------------------------------------------

STATES = st.sampled_from(["counter", "home", "uncollected", "rejected", "", "hold"])


@pytest.fixture(scope="module")
def posted_file(district_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("posted") / "posted.sqlite3"
    shutil.copyfile(district_file, path)
    with served(f"sqlite:///{path}") as found:
        post_list(found)
    return path


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STATES, min_size=13, max_size=13))
def test_the_money_balances_to_the_dong_whatever_is_marked(posted_file: Path, marks: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "district.sqlite3"
        shutil.copyfile(posted_file, path)
        with served(f"sqlite:///{path}") as district:
            for (_, payment), state in zip(sorted(lines(district).items()), marks, strict=True):
                if state == "hold":
                    held = district.submit("huyen", "payment", payment, {"hold": (None, {"reason": "x"})}, why="Chờ xác minh")
                    assert held.status == "accepted"
                elif state:
                    assert mark(district, payment, state).status == "accepted"
            found = account(district)
            total = found.total
            assert total.difference == 0
            assert (
                total.listed
                == (13, 9_000_000)
                == settlement.add(total.planned, total.paid, total.uncollected, total.rejected, total.withheld)
            )
            # The same money, whichever way it is cut.
            assert settlement.summed(found.communes) == total
            assert settlement.summed((*found.pay_points, *found.banks)) == total
            assert (
                total.opening + total.transferred
                == total.paid_cash[1] + total.paid_account[1] + total.returned[1] + total.carried[1] + total.planned[1]
            )
            with district.open():
                for outcome in settlement_lines.UNPAID:
                    rows = settlement_lines.lines(found.list.id, None, (outcome,))
                    assert (len(rows), sum(row.total for row in rows)) == getattr(total, outcome)
            signed = do(district, "kiemsoat", "sign")
            if "" in marks:
                assert why_not(signed) == "planned_left"
            else:
                assert signed.status == "accepted" and do(district, "huyen", "close").status == "accepted"


def test_the_figures_are_the_same_on_every_database(each_district: District) -> None:
    post_list(each_district)
    mark_all(each_district, LH18568_0001_1="uncollected", LH18568_0007_1="rejected")
    each_district.report_death("duong", "2024-09-20")
    found = account(each_district)
    assert [(tally.key, tally.listed, tally.paid) for tally in found.communes] == [
        ("18568", (9, 5_750_000), (7, 4_750_000)),
        ("18580", (4, 3_250_000), (4, 3_250_000)),
    ]
    assert [(tally.key, tally.listed[1], tally.rejected[1]) for tally in found.banks] == [
        ("Agribank", 1_750_000, 0),
        ("LPBank", 500_000, 500_000),
    ]
    assert [(tally.key, tally.listed[1]) for tally in found.pay_points] == [("DC-18568", 3_500_000), ("DC-18580", 3_250_000)]
    assert do(each_district, "kiemsoat", "sign").status == "accepted"
    assert do(each_district, "huyen", "close").status == "accepted"
    assert account(each_district).digest == found.digest


def test_a_point_that_serves_a_hamlet_has_its_own_row(district: District) -> None:
    session = {"month": MONTH, "commune": "18568", "pay_point": "DC-18580", "day": f"{MONTH}-11", "starts": "07:30", "ends": "11:00"}
    accept(
        district, "kiemsoat", "pay_session", named("session", "hamlet"), {**session, "agent": "chitra", "hamlets": ["TDP 2"]}, create=True
    )
    post_list(district)
    assert {tally.key: tally.listed[0] for tally in account(district).pay_points} == {"DC-18568": 2, "DC-18580": 4 + 4}


def test_a_sum_that_was_tampered_with_is_told(posted: District) -> None:
    mark_all(posted)
    with posted.open():
        door.store().run("UPDATE payment SET total = total + 1 WHERE line_code = ?", (DAO,))
    found = account(posted)
    assert found.total.difference == -1 and not found.can_sign
    assert "chênh -1" in posted.client("kiemsoat").get(PATH).text
    assert why_not(do(posted, "kiemsoat", "sign")) == "unbalanced"


# --- signing, closing, opening again -----------------------------------------------------------------------------------------


def test_nothing_is_signed_while_a_line_has_no_outcome(posted: District) -> None:
    page = posted.client("kiemsoat").get(PATH).text
    assert "Còn 13 lượt" in page and f'action="{PATH}/sign"' not in page
    assert why_not(do(posted, "kiemsoat", "sign")) == "planned_left"


def test_the_month_is_signed_then_closed_through_the_pages(posted: District) -> None:
    mark_all(posted, LH18568_0001_1="uncollected")
    answer = send(posted.client("kiemsoat"), "sign")
    assert answer.status_code == 303
    officer = posted.client("huyen")
    assert "Người kiemsoat" in officer.get(PATH).text
    assert send(officer, "close").status_code == 303
    page = posted.client("xa").get(PATH).text
    assert "Người huyen" in page and "khớp" in page
    assert posted.value("payment_list", named("list", MONTH), "state") == "settled"


def test_a_double_click_signs_once(posted: District) -> None:
    mark_all(posted)
    for who, step in (("kiemsoat", "sign"), ("huyen", "close"), ("lanhdao", "reopen")):
        client = posted.client(who)
        data = {**hidden(client.get(PATH).text, f"{PATH}/{step}"), "why": "Xem lại"}
        assert [client.post(f"{PATH}/{step}", data=data).status_code for _ in range(2)] == [303, 303]
    assert account(posted).state == "open"


def test_a_second_tab_that_comes_late_is_told(posted: District) -> None:
    mark_all(posted)
    first, second = posted.client("kiemsoat"), posted.client("kiemsoat")
    stale = hidden(second.get(PATH).text, f"{PATH}/sign")
    assert send(first, "sign").status_code == 303
    late = second.post(f"{PATH}/sign", data=stale)
    assert late.status_code == 409 and "đã ký tháng này rồi" in late.text


def test_figures_that_moved_since_they_were_shown_are_not_signed(posted: District) -> None:
    mark_all(posted, LH18568_0001_1="uncollected")
    shown = account(posted).digest
    mark(posted, lines(posted)[DAO], "counter", seen={"state": "uncollected", "reason": "VANG_MAT"})
    assert why_not(do(posted, "kiemsoat", "sign", shown=shown)) == "digest"
    assert do(posted, "kiemsoat", "sign").status == "accepted"


def test_two_lines_that_change_places_are_a_change_although_the_sums_stay(posted: District) -> None:
    mark_all(posted, LH18568_0001_1="uncollected")
    before = account(posted)
    payments = lines(posted)
    mark(posted, payments[DAO], "counter", seen={"state": "uncollected", "reason": "VANG_MAT"})
    paid = posted.value("payment", payments[line_code("duong")], "mark")
    undone = posted.submit("kiemsoat", "payment", payments[line_code("duong")], {"mark": (paid, None)}, why="Nhầm người")
    assert undone.status == "accepted"
    mark(posted, payments[line_code("duong")], "uncollected")
    after = account(posted)
    assert after.total == before.total and after.digest != before.digest


def test_a_change_after_signing_stops_the_closing_and_says_so(posted: District) -> None:
    mark_all(posted, LH18568_0001_1="uncollected")
    assert do(posted, "kiemsoat", "sign").status == "accepted"
    shown = hidden(posted.client("huyen").get(PATH).text, f"{PATH}/close")
    mark(posted, lines(posted)[DAO], "counter", seen={"state": "uncollected", "reason": "VANG_MAT"})
    late = posted.client("huyen").post(f"{PATH}/close", data=shown)
    assert late.status_code == 422 and "thay đổi sau khi bưu điện ký" in late.text
    assert f'action="{PATH}/close"' not in late.text
    assert send(posted.client("huyen"), "return", why="Có kết quả mới").status_code == 303
    assert "Có kết quả mới" in posted.client("kiemsoat").get(PATH).text
    assert send(posted.client("kiemsoat"), "sign").status_code == 303
    assert send(posted.client("huyen"), "close").status_code == 303


def test_figures_signed_anew_are_not_closed_on_the_old_page(posted: District) -> None:
    mark_all(posted, LH18568_0001_1="uncollected")
    do(posted, "kiemsoat", "sign")
    shown = account(posted).digest
    do(posted, "huyen", "reopen")
    mark(posted, lines(posted)[DAO], "counter", seen={"state": "uncollected", "reason": "VANG_MAT"})
    do(posted, "kiemsoat", "sign")
    assert why_not(do(posted, "huyen", "close", shown=shown)) == "digest"


def test_a_closed_month_is_opened_again_with_a_reason_by_an_approver_only(posted: District) -> None:
    mark_all(posted)
    do(posted, "kiemsoat", "sign")
    do(posted, "huyen", "close")
    assert why_not(do(posted, "lanhdao", "reopen", why="")) == "reason_missing"
    assert do(posted, "huyen", "reopen").status == "refused"
    approver = posted.client("lanhdao")
    empty = send(approver, "reopen", why=" ")
    assert empty.status_code == 422 and "Hãy ghi lý do" in empty.text
    assert send(approver, "reopen", why="Thiếu chứng từ").status_code == 303
    assert posted.value("payment_list", named("list", MONTH), "state") == "posted"
    assert "Thiếu chứng từ" in posted.client("kiemsoat").get(PATH).text


def test_a_list_is_settled_under_its_own_month(posted: District) -> None:
    mark_all(posted)
    pairs = {"month": (None, "2024-09"), "list": (None, named("list", MONTH)), "digest": (None, account(posted).digest)}
    assert posted.submit("kiemsoat", "settlement", named("x"), pairs, create=True).status == "refused"


def test_who_does_not_sign_sees_no_button_and_is_refused(posted: District) -> None:
    mark_all(posted)
    shown = hidden(posted.client("kiemsoat").get(PATH).text, f"{PATH}/sign")
    for who in ("xa", "huyen", "lanhdao", "giamsat"):
        client = posted.client(who)
        assert f"{PATH}/sign" not in client.get(PATH).text
        assert client.post(f"{PATH}/sign", data=shown).status_code == 403
    assert posted.client("chitra").get(PATH).status_code == 403


def test_a_month_nobody_has_is_not_found(posted: District) -> None:
    for path in ("/settlements/2024-09", "/settlements/2024-13", "/settlements/x"):
        assert posted.client("huyen").get(path).status_code == 404


# --- what a commune sees, exceptions, waiting ----------------------------------------------------------------------------------


def test_a_commune_sees_its_own_part_only(posted: District) -> None:
    mark_all(posted, LH18568_0001_1="uncollected", LH18580_0001_1="uncollected")
    found = account(posted, frozenset({"18580"}))
    assert found.total.listed == (4, 3_250_000) and [tally.key for tally in found.communes] == ["18580"] and not found.is_whole
    page = posted.client("xa2").get(PATH).text
    assert "Võ Thị Út" in page and "Nguyễn Thị Đào" not in page and "5.750.000" not in page
    assert "3.250.000" in posted.client("xa2").get("/settlements").text


def test_the_dead_are_withheld_and_what_was_not_due_goes_back(posted: District) -> None:
    change = posted.report_death("dao", "2024-09-15")
    with posted.open():
        shown = door.shelf().get("change", change)
        assert shown is not None
        digest = shown_digest(door.shelf(), shown)
    decided = posted.submit("huyen", "change", change, {"decision": (None, {"verdict": "approve", "digest": digest})})
    assert decided.status == "accepted" and decided.fields == {"decision": "applied"}
    mark_all(posted, LH18568_0002_1="uncollected")
    total = account(posted).total
    assert total.returned == (1, 500_000) and total.carried == (1, 500_000)
    page = posted.client("huyen").get(PATH).text
    assert "Không được hưởng, nộp trả" in page and "Chết" in page


def test_exceptions_stand_in_the_account_until_they_are_cleared_up(posted: District) -> None:
    posted.report_death("dao", "2024-09-15")
    mark(posted, lines(posted)[DAO], "counter")
    mark_all(posted)
    assert "Đã chi khoản đang giữ lại" in posted.client("huyen").get(PATH).text
    assert "Nguyễn Thị Đào" not in posted.client("xa2").get(PATH).text


def test_a_result_after_the_closing_leaves_the_closed_figures_and_is_told(posted: District) -> None:
    mark_all(posted, LH18568_0001_1="uncollected")
    do(posted, "kiemsoat", "sign")
    do(posted, "huyen", "close")
    mark(posted, lines(posted)[DAO], "counter", seen={"state": "uncollected", "reason": "VANG_MAT"})
    found = account(posted)
    assert found.moved and found.total.uncollected == (1, 500_000)
    page = posted.client("huyen").get(PATH).text
    assert "Có kết quả ghi sau khi quyết toán" in page and "Báo chi sau quyết toán" in page


def test_what_waits_for_whom(posted: District) -> None:
    def waits(who: str) -> list[tuple[int, str]]:
        with posted.open():
            found = settlement.waiting(Account.get(Account.name == account_name(who)), NOW)
            return [(each.count, each.by) for each in found if each.count]

    assert waits("kiemsoat") == [(1, "2024-10-18")] and waits("huyen") == []
    mark_all(posted)
    do(posted, "kiemsoat", "sign")
    assert waits("kiemsoat") == [] and waits("huyen") == [(1, "2024-10-25")]
    do(posted, "huyen", "close")
    assert waits("huyen") == []


# --- the next month ----------------------------------------------------------------------------------------------------------


def settle(district: District, **exceptions: str) -> None:
    mark_all(district, **exceptions)
    assert do(district, "kiemsoat", "sign").status == "accepted"
    assert do(district, "huyen", "close").status == "accepted"


def test_what_stayed_unpaid_stands_on_the_next_list_once(posted: District) -> None:
    settle(posted, LH18568_0001_1="uncollected", LH18568_0007_1="rejected")
    carried = account(posted).total.carried
    post_list(posted, NEXT)
    found = account(posted, month=NEXT)
    assert carried == (2, 1_000_000) and found.total.opening == 1_000_000 and found.before == carried
    assert found.total.transferred == 9_000_000
    with posted.open():
        rows = {line.line_code: line for line in payment_list.lines(found.list.id, limit=100).rows}
    assert [(code, row.carried_over) for code, row in sorted(rows.items()) if row.carried_over] == [
        (DAO, 500_000),
        (line_code("phuc"), 500_000),
    ]
    assert "10/2024" not in rows[UT].carried_from
    mark_all(posted, NEXT)
    assert account(posted, month=NEXT).total.paid[1] == 10_000_000


def test_a_month_whose_leftovers_went_on_is_not_opened_again(posted: District) -> None:
    settle(posted, LH18568_0001_1="uncollected")
    accept(posted, "huyen", "payment_list", named("list", NEXT), {"month": NEXT}, create=True)
    assert account(posted).carried_on == ""
    frozen = posted.submit("huyen", "payment_list", named("list", NEXT), {"state": ("draft", "frozen")})
    assert frozen.status == "accepted"
    assert account(posted).carried_on == NEXT
    assert why_not(do(posted, "lanhdao", "reopen")) == "carried_on"
    page = posted.client("lanhdao").get(PATH).text
    assert "đã nằm trong danh sách tháng 11/2024" in page and f"{PATH}/reopen" not in page


def test_a_draft_of_the_next_month_knows_that_the_month_was_opened_again(posted: District) -> None:
    settle(posted, LH18568_0001_1="uncollected")
    accept(posted, "huyen", "payment_list", named("list", NEXT), {"month": NEXT}, create=True)
    assert do(posted, "lanhdao", "reopen").status == "accepted"
    frozen = posted.submit("huyen", "payment_list", named("list", NEXT), {"state": ("draft", "frozen")})
    assert why_not(frozen) == "changed"


def test_the_journal_says_the_same(posted: District) -> None:
    settle(posted, LH18568_0001_1="uncollected")
    do(posted, "lanhdao", "reopen")
    do(posted, "kiemsoat", "sign")
    with posted.open():
        assert verify.verify(door.store()).is_whole
