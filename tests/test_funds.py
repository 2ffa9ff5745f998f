"""Funds: what is asked for, moved and returned; the provider's account to the đồng at every moment; the fee; who may do what."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import door, funds, payment_list, settlement, verify
from portal.fund_account import Balance
from sync.edit import Result
from sync.ids import named
from tests.district import MONTH, NOW, District, line_code, served
from tests.funded import POST, approve, ask, balance, balances, by_hand, fund, move, request, settle
from tests.lists import run
from tests.posted import lines, mark, mark_all, post_list
from tests.test_calendar import rule

NEXT, THIRD = "2024-11", "2024-12"
TOTAL = 9_000_000
PATH = f"/funds/{MONTH}"


@pytest.fixture
def posted(district: District) -> District:
    post_list(district)
    return district


def why_not(result: Result) -> str:
    assert result.reason is not None, result
    return result.reason.detail


# --- the request ---------------------------------------------------------------------------------------------------------------


def test_the_first_request_asks_for_the_whole_list(each_district: District) -> None:
    post_list(each_district)
    ask(each_district)
    found = request(each_district)
    assert found.sums == {
        "allowance": TOTAL, "arrears": 0, "carried_over": 0, "funeral": 0, "listed": TOTAL, "netted": 0, "earlier": 0, "amount": TOTAL,
    }  # fmt: skip
    assert {code: sums["listed"] for code, sums in found.communes.items()} == {"18568": 5_750_000, "18580": 3_250_000}
    with each_district.open():
        assert verify.verify(door.store()).is_whole


def test_what_the_provider_still_holds_is_deducted(posted: District) -> None:
    fund(posted)
    assert settle(posted, LH18568_0001_1="uncollected", LH18568_0007_1="rejected").status == "accepted"
    post_list(posted, NEXT)
    ask(posted, NEXT)
    sums = request(posted, NEXT).sums
    assert (sums["listed"], sums["carried_over"], sums["netted"], sums["amount"]) == (10_000_000, 1_000_000, 1_000_000, 9_000_000)


def test_what_was_returned_is_asked_for_again(posted: District) -> None:
    assert rule(posted, MONTH).status == "accepted"
    fund(posted)
    mark_all(posted, LH18568_0001_1="uncollected")
    assert balance(posted).owed == 500_000 and balance(posted).kept == 0
    assert move(posted, type="return", cause="unpaid", amount=500_000).status == "accepted"
    assert settle(posted).status == "accepted" and balance(posted).closing == 0
    post_list(posted, NEXT)
    ask(posted, NEXT)
    sums = request(posted, NEXT).sums
    assert (sums["carried_over"], sums["netted"], sums["amount"]) == (500_000, 0, 9_500_000)


def test_lines_added_later_are_asked_for_beside_the_first_request(posted: District) -> None:
    fund(posted)
    with posted.open():
        assert not funds.can_ask(payment_list.find(MONTH), POST)
    why = "Bị sót"
    line = run(posted, "SELECT person FROM payment WHERE line_code = ?", line_code("dao"))[0][0]
    with posted.open():
        door.store().run(
            "UPDATE entitlement SET start_month = '2024-10', line_code = 'LH18568-0001/9' WHERE line_code = ?", (line_code("dao"),)
        )
        found = payment_list.find(MONTH)
        assert found is not None
        added = payment_list.amend(posted.actor("huyen"), NOW, named("addendum", "1"), found.id, {"person": line}, why)
    assert added.status == "accepted", added
    with posted.open():
        assert funds.can_ask(payment_list.find(MONTH), POST)
    ask(posted, number=2)
    assert (request(posted, number=2).sums["earlier"], request(posted, number=2).amount) == (TOTAL, 500_000)


@pytest.mark.parametrize("who", ["xa", "chitra", "kiemsoat", "lanhdao", "giamsat"])
def test_only_the_district_asks(posted: District, who: str) -> None:
    with posted.open():
        found = payment_list.find(MONTH)
        assert found is not None
        assert funds.ask(posted.actor(who), NOW, found, POST, 1).status == "refused"


def test_it_is_approved_on_the_figures_that_were_shown_by_someone_else(posted: District) -> None:
    record = ask(posted)
    assert why_not(approve(posted, shown="0" * 64)) == "digest"
    with posted.open():
        own = funds.approve(posted.actor("huyen"), NOW, record, request(posted).digest)
    assert own.status == "refused"
    assert approve(posted).status == "accepted" and request(posted).state == "approved"


def test_figures_that_moved_since_are_counted_again_before_they_are_approved(district: District) -> None:
    post_list(district)
    ask(district)
    with district.open():
        door.store().run("UPDATE payment SET allowance = allowance + 1000, total = total + 1000 WHERE line_code = ?", (line_code("dao"),))
    assert why_not(approve(district)) == "figures_moved"
    with district.open():
        assert funds.count_again(district.actor("huyen"), NOW, request(district).id, 1).status == "accepted"
    assert request(district).amount == TOTAL + 1000 and approve(district).status == "accepted"


def test_it_is_sent_back_with_a_reason_and_made_again(posted: District) -> None:
    record = ask(posted)
    with posted.open():
        assert why_not(funds.send_back(posted.actor("lanhdao"), NOW, record, "requested", "")) == "reason_missing"
        assert funds.send_back(posted.actor("lanhdao"), NOW, record, "requested", "Thiếu mai táng phí").status == "accepted"
        assert funds.count_again(posted.actor("huyen2"), NOW, record, 1).status == "accepted"
    assert (request(posted).state, request(posted).build, request(posted).returned_why) == ("requested", 2, "")


def test_a_draft_is_not_asked_for(district: District) -> None:
    listed = named("list", MONTH)
    assert district.submit("huyen", "payment_list", listed, {"month": (None, MONTH)}, create=True).status == "accepted"
    with district.open():
        found = payment_list.find(MONTH)
        assert found is not None
        assert why_not(funds.ask(district.actor("huyen"), NOW, found, POST, 1)) == "not_frozen"


# --- vouchers ------------------------------------------------------------------------------------------------------------------


def test_money_moves_on_an_approved_request_only(posted: District) -> None:
    record = ask(posted)
    assert why_not(move(posted, type="transfer", request=record, amount=TOTAL)) == "not_approved"
    approve(posted)
    assert move(posted, type="transfer", request=record, amount=TOTAL).status == "accepted"


@pytest.mark.parametrize(
    "values",
    [
        {"type": "transfer", "amount": 1},
        {"type": "return", "amount": 1},
        {"type": "return", "amount": 0, "cause": "not_due"},
        {"type": "return", "amount": -1, "cause": "not_due"},
        {"type": "return", "amount": 1, "cause": "not_due", "confirmed": True},
        {"type": "return", "amount": 1, "cause": "not_due", "number": None},
        {"type": "return", "amount": 1, "cause": "not_due", "day": "10/2024"},
    ],
)
def test_a_voucher_that_cannot_be_is_refused(posted: District, values: dict[str, Any]) -> None:
    assert move(posted, **values).status == "refused"


def test_the_post_office_confirms_and_nobody_else(posted: District) -> None:
    fund(posted)
    with posted.open():
        voucher = funds.movements(MONTH)[0]
        assert not voucher.confirmed
        for who in ("huyen", "lanhdao", "xa", "chitra", "giamsat"):
            assert funds.confirm(posted.actor(who), NOW, voucher.id).status == "refused"
        assert funds.confirm(posted.actor("kiemsoat"), NOW, voucher.id).status == "accepted"
        assert funds.movements(MONTH)[0].confirmed_by == "kiemsoat"


def test_a_mistaken_voucher_is_made_void_with_a_reason_and_leaves_the_account(posted: District) -> None:
    fund(posted)
    with posted.open():
        voucher = funds.movements(MONTH)[0]
        assert why_not(funds.make_void(posted.actor("huyen"), NOW, voucher.id, "")) == "reason_missing"
        assert funds.make_void(posted.actor("huyen"), NOW, voucher.id, "Ghi nhầm số").status == "accepted"
        assert funds.movements(MONTH)[0].void_why == "Ghi nhầm số" and funds.balances(MONTH) == []
        assert funds.confirm(posted.actor("kiemsoat"), NOW, voucher.id).status == "refused"


def test_one_paper_is_recorded_once(posted: District) -> None:
    fund(posted)
    first = move(posted, type="return", cause="excess", amount=1, number="GNT-7")
    again = move(posted, who="huyen2", key="again", type="return", cause="excess", amount=1, number="GNT-7")
    assert (first.status, why_not(again)) == ("accepted", "taken")
    assert move(posted, key="later", type="return", cause="excess", amount=1, number="GNT-7", day="2024-10-06").status == "accepted"


def test_a_month_that_is_opened_again_is_counted_anew(posted: District) -> None:
    fund(posted)
    assert settle(posted, LH18568_0001_1="uncollected").status == "accepted"
    closed = balances(posted)
    with posted.open():
        found = settlement.show(MONTH, None)
        assert found is not None
        assert settlement.open_again(posted.actor("lanhdao"), NOW, found, "closed", "Có kết quả bổ sung").status == "accepted"
    mark(posted, lines(posted)[line_code("dao")], "counter", seen={"state": "uncollected", "reason": "VANG_MAT"})
    assert (closed[0].paid, balances(posted)[0].paid) == (8_500_000, TOTAL) and balance(posted).is_balanced
    assert settle(posted).status == "accepted" and balance(posted).closing == 0


def test_a_closed_month_takes_no_more_vouchers(posted: District) -> None:
    fund(posted)
    assert settle(posted).status == "accepted"
    assert why_not(move(posted, type="return", cause="excess", amount=1)) == "settled"
    with posted.open():
        voucher = funds.movements(MONTH)[0]
        assert why_not(funds.make_void(posted.actor("huyen"), NOW, voucher.id, "Nhầm")) == "settled"


# --- the account ---------------------------------------------------------------------------------------------------------------

MARKS = st.sampled_from(["counter", "home", "uncollected", "rejected", "", "hold"])


@pytest.fixture(scope="module")
def funded_file(district_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("funded") / "funded.sqlite3"
    shutil.copyfile(district_file, path)
    with served(f"sqlite:///{path}") as found:
        post_list(found)
        fund(found)
    return path


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MARKS, min_size=13, max_size=13), st.lists(st.sampled_from([1, 250_000, 500_000]), max_size=2), st.integers(0, 13))
def test_the_account_balances_whatever_is_marked_held_or_returned(
    funded_file: Path, marks: list[str], returns: list[int], pause: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "district.sqlite3"
        shutil.copyfile(funded_file, path)
        with served(f"sqlite:///{path}") as here:
            for number, ((_, payment), state) in enumerate(zip(sorted(lines(here).items()), marks, strict=True)):
                if state == "hold":
                    held = here.submit("huyen", "payment", payment, {"hold": (None, {"reason": "x"})}, why="Chờ xác minh")
                    assert held.status == "accepted"
                elif state:
                    assert mark(here, payment, state).status == "accepted"
                if number == pause:
                    holds(here)
            for number, amount in enumerate(returns):
                assert move(here, key=str(number), type="return", cause="not_due", amount=amount).status == "accepted"
                holds(here)
            found = holds(here)
            assert found.owed == marks.count("hold") * 0 + found.not_due - sum(returns)
            if "" not in marks:
                closed = settle(here)
                assert (closed.status == "accepted") is (found.owed >= 0)


def holds(here: District) -> Balance:
    """Checks that vouchers and lines agree now, against sums counted on their own; the balance."""
    found, own = balance(here), by_hand(here)
    assert found.opening + found.transferred == found.paid_cash + found.paid_account + found.returned + found.closing
    assert (found.paid, found.closing) == (own["paid"], own["held"])
    assert found.difference == 0 and found.closing == found.kept + found.owed
    return found


def test_the_balance_runs_on_from_month_to_month(posted: District) -> None:
    first = fund(posted)
    assert settle(posted, LH18568_0001_1="uncollected", LH18568_0007_1="rejected").status == "accepted"
    post_list(posted, NEXT)
    second = fund(posted, NEXT)
    mark_all(posted, NEXT, LH18568_0001_1="uncollected")
    found = balances(posted)
    assert [(row.month, row.opening, row.transferred, row.paid, row.closing) for row in found] == [
        (MONTH, 0, first, 8_000_000, 1_000_000),
        (NEXT, 1_000_000, second, 9_000_000, 1_000_000),
    ]
    assert (first, second) == (TOTAL, TOTAL) and found[1].closing == by_hand(posted, NEXT)["held"] and found[1].is_balanced
    with posted.open():
        assert verify.verify(door.store()).is_whole


def test_a_closed_month_stays_as_it_was_closed(posted: District) -> None:
    fund(posted)
    assert settle(posted, LH18568_0001_1="uncollected").status == "accepted"
    before = balances(posted)
    mark(posted, lines(posted)[line_code("dao")], "counter", seen={"state": "uncollected", "reason": "VANG_MAT"})
    assert balances(posted) == before


@pytest.mark.parametrize(("paid_out", "cure"), [(TOTAL - 1, "more"), (TOTAL + 1, "back")])
def test_a_month_does_not_close_on_a_wrong_transfer_until_it_is_put_right(posted: District, paid_out: int, cure: str) -> None:
    record = ask(posted)
    approve(posted)
    assert move(posted, type="transfer", request=record, amount=paid_out).status == "accepted"
    assert balance(posted).difference == paid_out - TOTAL
    mark_all(posted)
    assert why_not(settle(posted)) == "funds_unbalanced"
    if cure == "more":
        assert move(posted, key="2", type="transfer", request=record, amount=1).status == "accepted"
    else:
        assert move(posted, type="return", cause="excess", amount=1).status == "accepted"
    with posted.open():
        found = settlement.show(MONTH, None)
        assert found is not None
        assert settlement.close(posted.actor("huyen"), NOW, found, found.digest).status == "accepted"


def test_an_office_without_vouchers_settles_as_before(posted: District) -> None:
    assert settle(posted).status == "accepted"
    with posted.open():
        assert funds.balances(MONTH) == []


def test_what_a_stop_decision_cancels_goes_back_and_is_not_carried_on(posted: District) -> None:
    """Uncollected in October; in November the commune reports that the person died in September."""
    fund(posted)
    assert settle(posted, LH18568_0001_1="uncollected").status == "accepted"
    stop = {"stop_month": "2024-10", "stop_reason": "CHET"}
    with posted.open():
        names = ", ".join(f"{name} = ?" for name in stop)
        door.store().run(f"UPDATE entitlement SET {names} WHERE line_code = ?", (*stop.values(), line_code("dao")))
    post_list(posted, NEXT)
    assert line_code("dao") not in lines(posted, NEXT)
    fund(posted, NEXT)
    found = balance(posted, NEXT)
    assert (found.cancelled, found.owed, found.difference, found.netted) == (500_000, 500_000, 0, 0)
    assert move(posted, NEXT, type="return", cause="not_due", amount=500_000).status == "accepted"
    assert balance(posted, NEXT).owed == 0
    assert settle(posted, NEXT).status == "accepted" and balance(posted, NEXT).closing == 0


def test_the_month_of_a_death_stays_due_although_the_list_after_it_is_cancelled(posted: District) -> None:
    """Uncollected in October and carried into November's list; then it turns out that the person died in October."""
    fund(posted)
    settle(posted, LH18568_0001_1="uncollected")
    post_list(posted, NEXT)
    fund(posted, NEXT)
    settle(posted, NEXT, LH18568_0001_1="uncollected")
    with posted.open():
        door.store().run("UPDATE entitlement SET stop_month = '2024-11', stop_reason = 'CHET' WHERE line_code = ?", (line_code("dao"),))
    post_list(posted, THIRD)
    carried = run(
        posted, "SELECT allowance, carried_over, carried_from FROM payment WHERE month = ? AND line_code = ?", THIRD, line_code("dao")
    )
    assert carried == [(0, 500_000, '["2024-10"]')]
    fund(posted, THIRD)
    found = balance(posted, THIRD)
    assert (found.opening, found.netted, found.cancelled, found.owed, found.difference) == (1_000_000, 500_000, 500_000, 500_000, 0)
