"""Ways of payment by month: from which list a change counts, who brought it; a returned transfer in cash once; whose account it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from portal import door, holder, payment_list, payment_method, refill
from portal.models.change import Change
from portal.models.payment import Payment
from portal.models.payment_method import PaymentMethod
from portal.verify import verify
from sync.ids import named, uuid7
from sync.kinds.change import shown_digest
from sync.text import fold
from tests.arranged import add_session, post_list
from tests.district import MONTH, District, account_name, line_code, person_id
from tests.lists import settle
from tests.posted import lines, mark, mark_all

NEXT = "2024-11"
MY, PHUC = line_code("my"), line_code("phuc")
OTHER = {"method": "bank", "bank": "BIDV", "bin": "970418", "account": "00009900000088", "holder": "TRAN PHUC", "source": "vneid"}


def text(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.fixture
def posted(district: District) -> District:
    add_session(district)
    add_session(district, commune="18580", agent="chitra2")
    post_list(district)
    return district


def propose(district: District, who: str, key: str, method: dict[str, Any]) -> str:
    """Proposes another way of payment; the change's id."""
    now = district.value("person", person_id(key), "payment_method")
    result = district.submit(who, "person", person_id(key), {"payment_method": (now, method)}, why="Đã xem sổ")
    assert result.fields == {"payment_method": "proposed"}
    with district.open():
        row = Change.select().where(Change.target == person_id(key), Change.state == "proposed", Change.author == account_name(who)).get()
        return str(row.id)


def decide(district: District, who: str, record: str) -> Any:
    with district.open():
        shelf = door.shelf()
        found = shelf.get("change", record)
        assert found is not None
        digest = shown_digest(shelf, found)
    return district.submit(who, "change", record, {"decision": (None, {"verdict": "approve", "digest": digest})})


def next_list(district: District) -> dict[str, Payment]:
    """Draws the next month's list up; line code → line."""
    record = named("list", NEXT)
    assert district.submit("huyen", "payment_list", record, {"month": (None, NEXT)}, create=True).status == "accepted"
    with district.open():
        return {row.line_code or "": row for row in Payment.select().where(Payment.list == record)}


def test_a_change_counts_from_the_first_list_that_is_not_frozen_and_says_so(posted: District) -> None:
    record = propose(posted, "xa", "phuc", OTHER)
    page = text(posted.client("lanhdao").get(f"/changes/{record}"))
    assert "Có hiệu lực từ kỳ 11/2024" in page
    assert decide(posted, "lanhdao", record).fields == {"decision": "applied"}
    assert posted.value("change", record, "effective") == NEXT
    with posted.open():
        [row] = PaymentMethod.select().where(PaymentMethod.person == person_id("phuc"))
        assert (row.from_month, row.by, row.approved_by, row.change) == (NEXT, "xa", "lanhdao", record)
        right = Payment.get(Payment.line_code == PHUC).entitlement or ""
        old, new = payment_method.at(right, MONTH), payment_method.at(right, NEXT)
        frozen = Payment.get(Payment.line_code == PHUC)
    assert old is not None and new is not None
    assert (old["account"], new["account"]) == (frozen.account, OTHER["account"])
    assert next_list(posted)[PHUC].account == OTHER["account"]


def test_the_persons_page_tells_the_ways_of_payment_with_accounts_half_hidden(posted: District) -> None:
    decide(posted, "lanhdao", propose(posted, "xa", "phuc", OTHER))
    page = text(posted.client("huyen").get(f"/people/{person_id('phuc')}"))
    part = page[page.index("Hình thức chi trả theo tháng") :]
    assert "11/2024" in part and "BIDV, ••••0088, TRAN PHUC, VNeID" in part and "từ đầu" in part
    assert OTHER["account"] not in page
    assert "Đã xem sổ" in part


def test_who_changes_an_account_does_not_approve_one_in_the_same_cycle(posted: District) -> None:
    mine = propose(posted, "huyen", "phuc", OTHER)
    theirs = propose(posted, "xa", "phuc", {**OTHER, "account": "00009900000099"})
    refused = decide(posted, "huyen", theirs)
    assert (refused.status, refused.reason.detail) == ("refused", "own_account")
    assert decide(posted, "huyen", mine).reason.detail == "own_change"
    assert decide(posted, "huyen2", mine).fields == {"decision": "applied"}
    refused = decide(posted, "huyen", theirs)
    assert (refused.status, refused.reason.detail) == ("refused", "own_account")
    assert decide(posted, "lanhdao", theirs).status == "accepted"


def returned(district: District, code: str = PHUC) -> str:
    """Has the bank send a line back; its id."""
    payment = lines(district)[code]
    assert mark(district, payment, "rejected").status == "accepted"
    return payment


def test_a_returned_transfer_is_paid_in_cash_with_the_next_list_once(posted: District) -> None:
    payment = returned(posted)
    client = posted.client("xa")
    page = client.get(f"/payments/{payment}")
    assert "Trả tiền mặt kỳ sau" in text(page) and "Đề nghị sửa tài khoản" in text(page)
    record = re.search(r'name="record" value="([^"]+)"', page.text)
    assert record
    form = {"record": record[1], "_edit": "x"}
    for answer in [client.post(f"/payment-methods/cash-once/{payment}", data=form, follow_redirects=True) for _ in range(2)]:
        assert "bằng tiền mặt, một lần" in text(answer)
    with posted.open():
        assert PaymentMethod.select().where(PaymentMethod.payment == payment).count() == 1
    mark_all(posted)
    settle(posted, MONTH)
    line = next_list(posted)[PHUC]
    assert (line.method, line.account, line.carried_over, line.total) == ("cash", None, 500_000, 1_000_000)
    with posted.open():
        account = posted.value("person", person_id("phuc"), "payment_method")
        assert account["method"] == "bank"
    assert next(row for code, row in list_of(posted).items() if code == MY).method == "bank"


def test_what_came_back_waits_for_its_commune_until_it_is_answered(posted: District) -> None:
    payment = returned(posted)
    clients = {who: posted.client(who) for who in ("xa", "xa2", "huyen")}

    def told(who: str) -> str:
        return text(clients[who].get("/payment-methods"))

    home = next(who for who in ("xa", "xa2") if PHUC in told(who))
    assert 'href="/payment-methods"' in clients["huyen"].get("/payments").text
    assert "chưa chọn" in told(home) and "chưa chọn" in told("huyen")
    assert PHUC not in told("xa2" if home == "xa" else "xa")
    assert "Khoản bị ngân hàng trả lại, chưa chọn cách trả" in text(clients[home].get("/"))
    record = propose(posted, home, "phuc", OTHER)
    assert "chờ duyệt tài khoản mới" in told(home)
    assert "chưa chọn cách trả" not in text(clients[home].get("/"))
    decide(posted, "lanhdao", record)
    assert "đã sửa tài khoản" in told(home)
    clients[home].post(f"/payment-methods/cash-once/{payment}", data={"record": uuid7()})
    assert "tiền mặt kỳ sau" in told(home)


def list_of(district: District) -> dict[str, Payment]:
    with district.open():
        found = payment_list.find(NEXT)
        assert found is not None
        return {row.line_code or "": row for row in Payment.select().where(Payment.list == found.id)}


def test_the_choice_can_be_taken_back_until_a_list_has_taken_it_on(posted: District) -> None:
    payment = returned(posted)
    client = posted.client("xa")
    client.post(f"/payment-methods/cash-once/{payment}", data={"record": uuid7()})
    with posted.open():
        chosen = payment_method.choice(payment)
        assert chosen is not None and chosen.may_withdraw
    answer = client.post(f"/payment-methods/{chosen.id}/withdraw", follow_redirects=True)
    assert "Đã bỏ lựa chọn" in text(answer)
    mark_all(posted)
    settle(posted, MONTH)
    assert next_list(posted)[PHUC].method == "bank"


def test_only_what_came_back_can_be_chosen_and_only_in_ones_area(posted: District) -> None:
    payment = lines(posted)[PHUC]
    refused = posted.submit("xa", "payment_method", uuid7(), {"payment": (None, payment)}, create=True)
    assert refused.reason is not None and refused.reason.detail == "not_returned"
    returned(posted)
    assert posted.submit("xa2", "payment_method", uuid7(), {"payment": (None, payment)}, create=True).status == "refused"
    assert posted.client("chitra").post(f"/payment-methods/cash-once/{payment}").status_code == 403
    assert posted.submit("lanhdao", "payment_method", uuid7(), {"payment": (None, payment)}, create=True).status == "refused"


def test_the_register_is_what_the_journal_says(posted: District) -> None:
    decide(posted, "lanhdao", propose(posted, "xa", "phuc", OTHER))
    posted.client("xa").post(f"/payment-methods/cash-once/{returned(posted)}", data={"record": uuid7()})
    with posted.open():
        assert verify(door.store()).is_whole


@pytest.mark.parametrize(
    ("changed", "blocks"),
    [
        ({"holder": "NGUYEN VAN KHAC"}, True),
        ({"holder": "NGUYEN VAN KHAC", "relation": "con"}, True),
        ({"holder": "NGUYEN VAN KHAC", "relation": "con", "document": "Giấy ủy quyền 12/2024"}, False),
        ({"holder": "TRAN  PHÚC"}, False),
    ],
)
def test_somebody_elses_account_needs_relation_and_document(district: District, changed: dict[str, str], blocks: bool) -> None:
    with district.open():
        full_name = district.value("person", person_id("phuc"), "full_name")
    assert fold(full_name) == "tran phuc"
    assert decide(district, "lanhdao", propose(district, "xa", "phuc", {**OTHER, **changed})).status == "accepted"
    next_list(district)
    with district.open():
        found = payment_list.find(NEXT)
        assert found is not None
        told = {finding.code: finding for finding in payment_list.findings(found)}
    assert ("HOLDER" in told) == blocks
    if blocks:
        assert told["HOLDER"].is_blocking and [row.line_code for row in told["HOLDER"].rows] == [PHUC]
    page = text(district.client("huyen").get(f"/payment-lists/{NEXT}"))
    assert ("cần ghi quan hệ và giấy tờ" in page) == blocks


@pytest.mark.parametrize(
    ("note", "added"),
    [
        ("TK của con, có giấy ủy quyền", {"relation": "con", "document": "giấy ủy quyền"}),
        ("Chi trả tại nhà; TK của con, có giấy ủy quyền", {"relation": "con", "document": "giấy ủy quyền"}),
        ("Chi trả tại nhà", {}),
        (None, {}),
    ],
)
def test_an_official_list_documents_a_holder_in_its_notes(note: str | None, added: dict[str, str]) -> None:
    assert holder.documented(OTHER, note) == {**OTHER, **added}
    assert holder.documented({"method": "cash"}, note) == {"method": "cash"}


def test_what_came_later_is_filled_in_for_those_who_were_there(posted: District) -> None:
    decide(posted, "lanhdao", propose(posted, "xa", "phuc", {**OTHER, "holder": "NGUYEN VAN KHAC"}))
    with posted.open():
        store = door.store()
        store.run("UPDATE person SET holder_key = NULL")
        store.run("UPDATE entitlement SET holder_key = NULL")
        assert not verify(store).is_whole
        assert refill.after(store, ["0003_funds", "0004_bank"]) > 2
        assert verify(store).is_whole
