"""Reconciliation: the identity for each commune, pay point and bank by the office's rule; exceptions, each with its line; corrections with reason."""

from __future__ import annotations

from typing import Any

import pytest

from portal import door, funds, payment_list, reconciliation, settlement
from sync.ids import named
from tests.district import MONTH, NOW, District, line_code
from tests.funded import POST, approve, ask, balance, fund, move, request, settle
from tests.lists import run
from tests.posted import lines, mark, mark_all, post_list
from tests.test_calendar import rule

NEXT = "2024-11"
PATH = f"/settlements/{MONTH}"
DAO, PHUC = line_code("dao"), line_code("phuc")


@pytest.fixture
def posted(district: District) -> District:
    post_list(district)
    return district


def account(here: District, month: str = MONTH) -> settlement.MonthAccount:
    with here.open():
        found = settlement.show(month, None)
        assert found is not None
        return found


def odd(here: District, month: str = MONTH, communes: frozenset[str] | None = None) -> dict[str, list[reconciliation.Discrepancy]]:
    with here.open():
        found: dict[str, list[reconciliation.Discrepancy]] = {}
        for each in reconciliation.discrepancies(account(here, month).list.id, month, communes, with_funds=True):
            found.setdefault(each.code, []).append(each)
        return found


def flows(here: District, month: str = MONTH) -> list[reconciliation.Flow]:
    found = account(here, month)
    with here.open():
        return [reconciliation.flow(each, month) for each in (found.total, *found.communes, *found.pay_points, *found.banks)]


# --- the identity --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returns", "told"),
    [
        (False, (0, 9_000_000, 5_750_000, 1_750_000, 500_000, 1_000_000, 0)),
        (True, (0, 9_000_000, 5_750_000, 1_750_000, 1_500_000, 0, 0)),
    ],
)
def test_the_money_of_each_part_comes_and_goes(posted: District, returns: bool, told: tuple[int, ...]) -> None:
    if returns:
        assert rule(posted, "2024-09").status == "accepted"
    with posted.open():
        door.store().run("UPDATE payment SET hold = ?, state = 'withheld' WHERE line_code = ?", ('{"due":false}', line_code("ut")))
    mark_all(posted, LH18568_0001_1="uncollected", LH18568_0007_1="rejected")
    found = flows(posted)
    assert [each.difference for each in found] == [0] * len(found) and len(found) == 1 + 2 + 2 + 2
    whole = found[0]
    assert (
        whole.opening, whole.transferred, whole.paid_cash, whole.paid_account, whole.returned, whole.closing, whole.planned,
    ) == told  # fmt: skip
    for part in (found[1:3], found[3:]):
        assert sum(each.transferred for each in part) == whole.transferred and sum(each.closing for each in part) == whole.closing


def test_the_next_month_opens_with_what_this_one_left(posted: District) -> None:
    settle(posted, LH18568_0001_1="uncollected", LH18568_0007_1="rejected")
    post_list(posted, NEXT)
    whole = flows(posted, NEXT)[0]
    assert whole.opening == flows(posted)[0].closing == 1_000_000 and whole.difference == 0
    assert whole.planned == 10_000_000


def test_money_that_was_returned_is_transferred_again(posted: District) -> None:
    rule(posted, MONTH)
    settle(posted, LH18568_0001_1="uncollected")
    post_list(posted, NEXT)
    whole = flows(posted, NEXT)[0]
    assert (flows(posted)[0].closing, whole.opening, whole.transferred) == (0, 0, 9_500_000)


def test_by_what_rule_a_month_was_settled_does_not_change_afterwards(posted: District) -> None:
    settle(posted)
    late = rule(posted, MONTH)
    assert late.reason is not None and late.reason.detail == "settled"
    assert rule(posted, NEXT).status == "accepted"


# --- exceptions ----------------------------------------------------------------------------------------------------------------


def test_a_month_in_order_has_none(posted: District) -> None:
    fund(posted)
    with posted.open():
        assert funds.confirm(posted.actor("kiemsoat"), NOW, funds.movements(MONTH)[0].id).status == "accepted"
    mark_all(posted, LH18568_0001_1="uncollected")
    assert odd(posted) == {}
    assert "Ngoại lệ khi đối soát" not in posted.client("huyen").get(PATH).text


def test_a_line_paid_although_withheld(posted: District) -> None:
    """An open exception is asked about by itself; once somebody has answered, it stays on the list as a fact."""
    posted.report_death("dao", "2024-09-15")
    mark(posted, lines(posted)[DAO], "counter")
    assert "paid_on_hold" not in odd(posted)
    run(posted, "UPDATE conflict SET state = 'resolved'")
    assert [each.line_code for each in odd(posted)["paid_on_hold"]] == [DAO]


def test_a_line_and_its_correction_both_paid(posted: District) -> None:
    payments = lines(posted)
    with posted.open():
        found = payment_list.find(MONTH)
        assert found is not None
        amended = payment_list.amend(posted.actor("huyen"), NOW, named("a"), found.id, {"payment": payments[DAO]}, "Sai tài khoản")
    assert amended.status == "accepted", amended
    for (payment,) in run(posted, "SELECT id FROM payment WHERE line_code = ?", DAO):
        assert mark(posted, payment, "counter").status == "accepted"
    assert [each.line_code for each in odd(posted)["paid_twice"]] == [DAO, DAO]


def test_a_sum_paid_late_that_the_next_list_carries(posted: District) -> None:
    settle(posted, LH18568_0001_1="uncollected")
    post_list(posted, NEXT)
    mark(posted, lines(posted)[DAO], "counter", seen={"state": "uncollected", "reason": "VANG_MAT"})
    found = odd(posted, NEXT)["carried_though_paid"]
    assert [(each.line_code, each.amount) for each in found] == [(DAO, 1_000_000)]


def test_a_result_that_is_not_the_line_s_sum(posted: District) -> None:
    mark_all(posted)
    run(posted, "UPDATE payment SET total = total + 1 WHERE line_code = ?", DAO)
    assert [(each.line_code, each.amount) for each in odd(posted)["amount"]] == [(DAO, 500_001)]


def test_an_unpaid_sum_that_no_later_list_carries(posted: District) -> None:
    settle(posted, LH18568_0001_1="uncollected", LH18568_0007_1="rejected")
    assert odd(posted) == {}
    post_list(posted, NEXT)
    assert odd(posted) == {}
    run(posted, "UPDATE payment SET carried_from = '[]' WHERE month = ? AND line_code = ?", NEXT, PHUC)
    assert [(each.line_code, each.amount) for each in odd(posted)["not_carried"]] == [(PHUC, 500_000)]


def test_what_a_stop_decision_cancelled_has_to_go_back(posted: District) -> None:
    fund(posted)
    settle(posted, LH18568_0001_1="uncollected")
    run(posted, "UPDATE entitlement SET stop_month = '2024-10', stop_reason = 'CHET' WHERE line_code = ?", DAO)
    post_list(posted, NEXT)
    fund(posted, NEXT)
    assert [each.line_code for each in odd(posted)["to_return"]] == [DAO]
    assert [(each.amount, each.provider) for each in odd(posted, NEXT)["owed"]] == [(500_000, POST)]
    assert "phải nộp trả ngân sách" in posted.client("huyen").get(PATH).text


def test_transfers_that_are_not_what_was_asked_for(posted: District) -> None:
    record = ask(posted)
    approve(posted)
    assert odd(posted)["not_as_requested"][0].amount == -9_000_000
    move(posted, type="transfer", request=record, amount=8_999_999)
    found = odd(posted)
    assert (found["not_as_requested"][0].amount, found["funds_unbalanced"][0].amount, found["not_confirmed"][0].amount) == (
        -1,
        -1,
        8_999_999,
    )
    page = posted.client("kiemsoat").get(PATH).text
    assert "Tiền cấp khác số đề nghị" in page and f"/funds/{MONTH}" in page
    assert "Tiền cấp khác số đề nghị" not in posted.client("xa").get(PATH).text


def test_an_earlier_month_that_is_not_settled(posted: District) -> None:
    post_list(posted, NEXT)
    assert [each.month for each in odd(posted, NEXT)["month_open"]] == [MONTH]
    assert f'href="{PATH}"' in posted.client("huyen").get(f"/settlements/{NEXT}").text


def test_a_commune_sees_its_own_exceptions_only(posted: District) -> None:
    mark_all(posted)
    run(posted, "UPDATE payment SET total = total + 1 WHERE line_code IN (?, ?)", DAO, line_code("ut"))
    assert [each.commune for each in odd(posted, communes=frozenset({"18580"}))["amount"]] == ["18580"]
    page = posted.client("xa2").get(PATH).text
    assert "Võ Thị Út" in page and "Nguyễn Thị Đào" not in page


def test_each_exception_leads_to_its_line(posted: District) -> None:
    run(posted, "UPDATE payment SET total = total + 1 WHERE line_code = ?", DAO)
    client = posted.client("huyen")
    address = f"/payments/{lines(posted)[DAO]}"
    assert f'href="{address}"' in client.get(PATH).text and client.get(address).status_code == 200


# --- corrections of what was reconciled ------------------------------------------------------------------------------------------


def take_back(here: District, payment: str) -> Any:
    paid = here.value("payment", payment, "mark")
    return here.submit("kiemsoat", "payment", payment, {"mark": (paid, None)}, why="Ghi nhầm người")


def test_a_mark_is_not_taken_back_behind_a_signature(posted: District) -> None:
    mark_all(posted)
    found, payment = account(posted), lines(posted)[DAO]
    with posted.open():
        assert settlement.sign(posted.actor("kiemsoat"), NOW, found, found.digest, found.state).status == "accepted"
    refused = take_back(posted, payment)
    assert refused.reason is not None and refused.reason.detail == "signed"
    with posted.open():
        found = account(posted)
        assert settlement.open_again(posted.actor("huyen"), NOW, found, "signed", "Bưu điện ghi nhầm một người").status == "accepted"
    assert take_back(posted, payment).status == "accepted"
    assert mark(posted, payment, "uncollected").status == "accepted"
    assert settle(posted).status == "accepted"
    page = posted.client("giamsat").get(PATH).text
    assert "Bưu điện ghi nhầm một người" in page and page.count("Bưu điện ký") >= 2


def test_a_closed_month_is_corrected_only_after_the_approver_opened_it(posted: District) -> None:
    assert settle(posted).status == "accepted"
    payment = lines(posted)[DAO]
    assert take_back(posted, payment).status == "refused"
    with posted.open():
        found = account(posted)
        assert settlement.open_again(posted.actor("lanhdao"), NOW, found, "closed", "Kiểm tra phát hiện chi nhầm").status == "accepted"
    assert take_back(posted, payment).status == "accepted"


def test_the_fee_stands_in_the_settlement_and_not_in_the_list(posted: District) -> None:
    values = {"provider": POST, "number": "07/2024", "valid_from": "2024-01", "fee100": 70}
    made = posted.submit("huyen", "contract", named("c"), {name: (None, value) for name, value in values.items()}, create=True)
    assert made.status == "accepted"
    mark_all(posted, LH18568_0001_1="uncollected")
    page = posted.client("huyen").get(PATH).text
    assert "07/2024" in page and "0,70%" in page and "59.500" in page
    assert account(posted).total.listed[1] == 9_000_000 and "59.500" not in posted.client("xa").get(PATH).text


def test_the_account_is_the_same_on_every_database(each_district: District) -> None:
    post_list(each_district)
    fund(each_district)
    settle(each_district, LH18568_0001_1="uncollected", LH18568_0007_1="rejected")
    post_list(each_district, NEXT)
    fund(each_district, NEXT)
    found = balance(each_district, NEXT)
    assert (found.opening, found.transferred, found.planned, found.difference) == (1_000_000, 9_000_000, 10_000_000, 0)
    assert odd(each_district) == {"not_confirmed": odd(each_district)["not_confirmed"]}
    assert request(each_district, NEXT).sums["netted"] == 1_000_000
    with each_district.open():
        assert [each.state for each in reconciliation.steps(account(each_district).list.id)] == ["closed", "signed"]
