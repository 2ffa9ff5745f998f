"""The fee by contract, the pages of funds from request to confirmation, the year's rest, what waits for whom."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import funds
from portal.models.account import Account
from sync.edit import Result
from sync.ids import named
from sync.kinds.contract import parse_percent100
from sync.values import ValueProblem
from tests.district import MONTH, NOW, District, account_name
from tests.funded import POST, approve, ask, fund, move, request, settle
from tests.posted import mark_all, post_list

NEXT = "2024-11"
TOTAL = 9_000_000
PATH = f"/funds/{MONTH}"


@pytest.fixture
def posted(district: District) -> District:
    post_list(district)
    return district


def why_not(result: Result) -> str:
    assert result.reason is not None, result
    return result.reason.detail


def contract(here: District, number: str, valid_from: str, valid_to: str | None = None, fee100: int = 85) -> Result:
    values = {"provider": POST, "number": number, "valid_from": valid_from, "valid_to": valid_to, "fee100": fee100}
    pairs = {name: (None, value) for name, value in values.items() if value is not None}
    return here.submit("huyen", "contract", named("contract", number), pairs, create=True)


# --- the fee -------------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**12), st.integers(0, 1000))
def test_the_fee_is_rounded_once_half_up(paid: int, fee100: int) -> None:
    found = funds.fee(paid, fee100)
    assert isinstance(found, int)
    assert 2 * abs(found * 10_000 - paid * fee100) <= 10_000
    assert found * 10_000 - paid * fee100 != -5_000  # exactly half a đồng goes up


@pytest.mark.parametrize(
    ("paid", "fee100", "told"),
    [(9_000_000, 85, 76_500), (0, 85, 0), (59, 85, 1), (58, 85, 0), (5_000, 1, 1), (4_999, 1, 0), (10**10, 0, 0)],
)
def test_fees(paid: int, fee100: int, told: int) -> None:
    assert funds.fee(paid, fee100) == told


@pytest.mark.parametrize(("raw", "told"), [("0,85", 85), ("0.85 %", 85), ("1", 100), ("0,5", 50), (85, 85), ("10", 1000)])
def test_a_percentage_is_read(raw: object, told: int) -> None:
    assert parse_percent100(raw) == told


@pytest.mark.parametrize("raw", ["10,01", "0,855", "-1", "x", -1, 1001, True])
def test_what_is_no_percentage_is_refused(raw: object) -> None:
    with pytest.raises(ValueProblem):
        parse_percent100(raw)


def test_contracts_follow_one_another(posted: District) -> None:
    assert contract(posted, "01/2024", "2024-01", "2024-12").status == "accepted"
    assert why_not(contract(posted, "02/2024", "2024-12")) == "overlaps"
    assert contract(posted, "01/2025", "2025-01", fee100=90).status == "accepted"
    assert why_not(contract(posted, "02/2025", "2026-01")) == "overlaps"
    with posted.open():
        told = [
            (found.number if found is not None else None) for found in (funds.contract_of(POST, m) for m in ("2023-12", MONTH, "2026-03"))
        ]
    assert told == [None, "01/2024", "01/2025"]


def test_the_fee_is_beside_the_account_and_never_in_the_list(posted: District) -> None:
    contract(posted, "01/2024", "2024-01", "2024-12")
    fund(posted)
    mark_all(posted, LH18568_0001_1="uncollected")
    assert request(posted).amount == TOTAL
    with posted.open():
        owed = next(month.fee for month in funds.account() if month.month == MONTH)
    assert owed is not None and (owed.paid, owed.amount) == (8_500_000, 72_250)
    assert "72.250" in posted.client("kiemsoat").get("/funds").text


# --- pages ---------------------------------------------------------------------------------------------------------------------


def hidden(page: str, action: str) -> dict[str, str]:
    found = re.search(rf'<form[^>]*action="[^"]*{action}".*?</form>', page, re.DOTALL)
    assert found, action
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', found[0]))


@pytest.mark.parametrize("number", ["²", "", "-1", "1000"])
def test_a_number_that_is_none_asks_for_nothing(posted: District, number: str) -> None:
    officer = posted.client("huyen")
    form = {**hidden(officer.get(PATH).text, f"{PATH}/requests"), "number": number}
    assert officer.post(f"{PATH}/requests", data=form).status_code == 404
    with posted.open():
        assert funds.requests(MONTH) == []


def test_a_month_s_money_from_request_to_confirmation_through_the_pages(posted: District) -> None:
    officer, approver, post = posted.client("huyen"), posted.client("lanhdao"), posted.client("kiemsoat")
    assert officer.post(f"{PATH}/requests", data=hidden(officer.get(PATH).text, f"{PATH}/requests")).status_code == 303
    approval = f"{PATH}/requests/{request(posted).id}/approval"
    assert approval not in officer.get(PATH).text
    assert approver.post(approval, data=hidden(approver.get(PATH).text, approval)).status_code == 303
    form = hidden(officer.get(PATH).text, f"{PATH}/transfers")
    wrong = officer.post(
        f"{PATH}/transfers", data={**form, "transfer.amount": "9 triệu", "transfer.number": "UNC-15", "transfer.day": "24/09/2024"}
    )
    assert wrong.status_code == 422 and "9 triệu" in wrong.text and "UNC-15" in wrong.text
    voucher = {**form, "transfer.amount": "9.000.000", "transfer.number": "UNC-15", "transfer.day": "24/09/2024"}
    assert [officer.post(f"{PATH}/transfers", data=voucher).status_code for _ in range(2)] == [303, 303]
    with posted.open():
        movement = funds.movements(MONTH)
    assert [(each.amount, each.number, each.day) for each in movement] == [(TOTAL, "UNC-15", "2024-09-24")]
    address = f"/funds/movements/{movement[0].id}/confirmation"
    assert address not in officer.get(PATH).text
    assert post.post(address, data=hidden(post.get(PATH).text, address)).status_code == 303
    assert "Chứng từ cấp, nộp trả" in posted.client("giamsat").get("/journal").text
    page = officer.get("/funds").text
    assert "9.000.000" in page and "UNC-15" in officer.get(PATH).text


def test_a_return_is_recorded_and_a_mistaken_voucher_made_void_through_the_pages(posted: District) -> None:
    fund(posted)
    officer = posted.client("huyen")
    back = {
        **hidden(officer.get(PATH).text, f"{PATH}/returns"),
        "return.amount": "500.000",
        "return.number": "GNT-3",
        "return.day": "19/10/2024",
    }
    missing = officer.post(f"{PATH}/returns", data=back)
    assert missing.status_code == 422 and "Chưa điền" in missing.text
    assert officer.post(f"{PATH}/returns", data={**back, "return.cause": "excess"}).status_code == 303
    assert "chênh -500.000" in officer.get(PATH).text
    with posted.open():
        voucher = next(each for each in funds.movements(MONTH) if each.type == "return")
    address = f"/funds/movements/{voucher.id}/void"
    assert officer.post(address, data=hidden(officer.get(PATH).text, address)).status_code == 422
    assert officer.post(address, data={**hidden(officer.get(PATH).text, address), "why": "Ghi nhầm"}).status_code == 303
    assert "Ghi nhầm" in officer.get(PATH).text and "chênh" not in officer.get(PATH).text


def test_a_contract_is_recorded_and_ended_through_the_pages(posted: District) -> None:
    officer = posted.client("huyen")
    form = hidden(officer.get("/contracts/new").text, "/contracts")
    typed = {**form, "provider": POST, "number": "15/HĐ-LĐTBXH", "valid_from": "01/2024", "fee100": "0,85"}
    assert officer.post("/contracts", data={**typed, "fee100": "85"}).status_code == 422
    assert officer.post("/contracts", data=typed).status_code == 303
    page = posted.client("kiemsoat").get("/contracts").text
    assert "15/HĐ-LĐTBXH" in page and "0,85%" in page and "/contracts/new" not in page
    with posted.open():
        record = funds.contracts()[0]["id"]
    page = officer.get(f"/contracts/{record}").text
    assert 'value="0,85"' in page
    seen = {name: value.replace("&#34;", '"') for name, value in hidden(page, f"/contracts/{record}").items()}
    ended = {**seen, "number": "15/HĐ-LĐTBXH", "valid_from": "01/2024", "valid_to": "12/2024", "fee100": "0,85"}
    assert officer.post(f"/contracts/{record}", data=ended).status_code == 303
    with posted.open():
        assert funds.contracts()[0]["valid_to"] == "2024-12"


@pytest.mark.parametrize(
    ("who", "status"), [("xa", 403), ("chitra", 403), ("quantri", 403), ("giamsat", 200), ("kiemsoat", 200), ("lanhdao", 200)]
)
def test_who_reads_funds(posted: District, who: str, status: int) -> None:
    client = posted.client(who)
    for path in ("/funds", PATH, "/funds/years/2024", "/contracts"):
        assert client.get(path).status_code == status, path


def test_the_year_says_what_remains(posted: District) -> None:
    fund(posted)
    settle(posted, LH18568_0001_1="uncollected", LH18568_0007_1="rejected")
    post_list(posted, NEXT)
    fund(posted, NEXT)
    settle(posted, NEXT, LH18568_0001_1="uncollected")
    page = posted.client("giamsat").get("/funds/years/2024").text
    assert "1 lượt, 1.000.000" in page and "Nguyễn Thị Đào" in page and "Trần Phúc" not in page
    assert 'rel="prev"' in page and 'rel="next"' not in page  # no year to come
    assert 'rel="prev"' not in posted.client("giamsat").get("/funds/years/2015").text
    assert "18.000.000" in page and posted.client("giamsat").get("/funds/years/1999").status_code == 404


def test_what_waits_for_whom(posted: District) -> None:
    def waits(who: str) -> list[tuple[int, str]]:
        with posted.open():
            found = funds.waiting(Account.get(Account.name == account_name(who)), NOW)
            return [(each.count, each.by) for each in found if each.count]

    assert waits("huyen") == [(1, "2024-09-24")] and waits("lanhdao") == []
    ask(posted)
    assert waits("huyen") == [] and waits("lanhdao") == [(1, "2024-09-24")]
    approve(posted)
    move(posted, type="transfer", request=request(posted).id, amount=TOTAL)
    assert waits("lanhdao") == [] and waits("kiemsoat") == [(1, "2024-09-24")] and waits("xa") == []
