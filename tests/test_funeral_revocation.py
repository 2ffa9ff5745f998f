"""A grant that was approved wrongly is taken back: not listed, held back where it waits, to be recovered where it was paid."""

from __future__ import annotations

from typing import Any

import pytest

from portal import door, funeral_grant, payment_list, settlement, verify
from sync.edit import Result
from sync.ids import named
from tests.district import MONTH, District, code, person_id
from tests.lists import found, opened, run, settle, step
from tests.overpaying import LATER, tell
from tests.posted import mark, mark_all, post_list
from tests.proposing import Fields, text
from tests.test_funeral_grant import FULL, ask, decide, granted, lines, settlement_closed, why

LINE = f"{code('dao')}/MT"
MISSED = {LINE.replace("/", "_").replace("-", "_"): "uncollected"}


def revoke(here: District, who: str = "huyen", *, record: str = "g1", because: str = "Trùng với tiền tuất") -> Result:
    with here.open():
        return funeral_grant.revoke(here.actor(who), LATER, named(record), because)


@pytest.fixture
def approved(district: District) -> District:
    tell(district, "report 10-03")
    granted(district)
    return district


def the_line(here: District, month: str = MONTH) -> str:
    return str(run(here, "SELECT id FROM payment WHERE line_code = ? AND month = ?", LINE, month)[0][0])


def recovery(here: District) -> tuple[int, str] | None:
    """What is to be recovered of the grant, and its state."""
    with here.open():
        record = door.shelf().get("recovery", named("recovery", person_id("dao"), LINE))
    return None if record is None else (record["overpaid"], record["state"])


def test_what_is_not_listed_yet_never_is_and_may_be_asked_for_again(approved: District) -> None:
    assert revoke(approved).fields == {"state": "applied"}
    assert revoke(approved).fields == {"state": "unchanged"}
    post_list(approved)
    assert lines(approved) == []
    assert ask(approved, record="g2").status == "accepted"
    assert decide(approved, record="g2").fields == {"decision": "applied"}
    opened(approved, "2024-11")
    assert [row[:3] for row in lines(approved)] == [("2024-11", f"{LINE}2", FULL)]


def test_a_draft_with_it_is_not_frozen_but_built_again(approved: District) -> None:
    there = opened(approved)
    assert len(lines(approved)) == 1
    revoke(approved)
    assert why(step(approved, "draft", "frozen")) == "changed"
    assert approved.submit("huyen", "payment_list", there.id, {"build": (1, 2)}).fields == {"build": "applied"}
    assert lines(approved) == []
    assert step(approved, "draft", "frozen").fields == {"state": "applied"}


def test_what_waits_is_held_told_as_an_addendum_returned_to_the_budget_and_not_let_go(each_district: District) -> None:
    tell(each_district, "report 10-03")
    granted(each_district)
    there = post_list(each_district)
    assert revoke(each_district).fields == {"state": "applied"}
    assert lines(each_district)[0][6] == "withheld"
    with each_district.open():
        assert [(each.type, each.amount, each.reason) for each in payment_list.addenda(there)] == [("withhold", FULL, "Trùng với tiền tuất")]
    line = the_line(each_district)
    hold = each_district.value("payment", line, "hold")
    assert why(each_district.submit("huyen", "payment", line, {"hold": (hold, None)}, why="chi")) == "revoked"
    mark_all(each_district)
    with each_district.open():
        account = settlement.show(MONTH, None)
    assert account is not None
    assert account.agrees and account.total.withheld_not_due == (1, FULL)
    assert settlement_closed(each_district).status == "accepted"
    opened(each_district, "2024-11")
    assert len(lines(each_district)) == 1
    assert recovery(each_district) is None
    with each_district.open():
        assert verify.verify(door.store()).is_whole


def test_what_was_paid_opens_a_recovery_that_follows_the_mark(approved: District) -> None:
    post_list(approved)
    mark_all(approved)
    assert recovery(approved) is None
    assert revoke(approved).fields == {"state": "applied"}
    assert lines(approved)[0][6] == "paid"
    assert recovery(approved) == (FULL, "open")
    page = approved.client("huyen").get(f"/recoveries/{named('recovery', person_id('dao'), LINE)}")
    assert page.status_code == 200 and "10.000.000" in page.text
    line = the_line(approved)
    undone = approved.submit("kiemsoat", "payment", line, {"mark": (approved.value("payment", line, "mark"), None)}, why="ghi nhầm")
    assert undone.fields == {"mark": "applied"}
    assert recovery(approved) == (0, "open")


def test_money_handed_out_before_the_addendum_was_read_is_recovered_too(approved: District) -> None:
    post_list(approved)
    revoke(approved)
    assert mark(approved, the_line(approved), "counter", "chitra").fields == {"mark": "applied"}
    assert recovery(approved) == (FULL, "open")


def test_the_other_recoveries_of_the_person_are_left_alone(approved: District) -> None:
    """A death told late, and a grant that stands beside it."""
    post_list(approved)
    mark_all(approved)
    tell(approved, "report 09-20")
    assert recovery(approved) is None
    (own,) = run(approved, "SELECT overpaid FROM recovery WHERE person = ?", person_id("dao"))
    revoke(approved)
    assert recovery(approved) == (FULL, "open")
    assert sorted(run(approved, "SELECT overpaid FROM recovery WHERE person = ?", person_id("dao"))) == sorted([own, (FULL,)])


def test_on_its_way_to_the_next_list_it_is_held_there(approved: District) -> None:
    post_list(approved)
    mark_all(approved, **MISSED)
    settle(approved, MONTH)
    assert why(revoke(approved)) == "carried_on"
    opened(approved, "2024-11")
    assert why(revoke(approved)) == "carried_on"
    assert step(approved, "draft", "frozen", "2024-11").fields == {"state": "applied"}
    assert revoke(approved).fields == {"state": "applied"}
    assert [(row[0], row[4], row[6]) for row in lines(approved)] == [(MONTH, FULL, "uncollected"), ("2024-11", FULL, "withheld")]
    settle(approved, "2024-11")
    opened(approved, "2024-12")
    assert len(lines(approved)) == 2
    assert found(approved, "2024-11").state == "settled"


@pytest.mark.parametrize("who", ["xa", "xa2", "kiemsoat", "giamsat"])
def test_only_who_decides_takes_it_back(approved: District, who: str) -> None:
    assert revoke(approved, who).status == "refused"


def test_with_a_reason_and_never_ones_own(district: District) -> None:
    tell(district, "report 10-03")
    ask(district, who="huyen")
    assert revoke(district, "huyen2").fields == {"state": "conflict"}, "not approved yet"
    decide(district, "huyen2")
    assert why(revoke(district, "huyen")) == "own_change"
    assert why(revoke(district, "huyen2", because="")) == "reason_missing"
    assert revoke(district, "lanhdao").fields == {"state": "applied"}


def test_on_its_page(approved: District) -> None:
    post_list(approved)
    path, client = f"/funeral-grants/{named('g1')}", approved.client("lanhdao")
    page = client.get(path).text
    assert "Khoản chưa chi được giữ lại, bưu điện được báo bằng phụ lục." in page
    fields: dict[str, Any] = Fields(page, f"{path}/revocation").found
    assert client.post(f"{path}/revocation", data={**fields, "why": " "}).status_code == 422
    form = {**fields, "why": "Duyệt nhầm người"}
    told = [client.post(f"{path}/revocation", data=form, follow_redirects=True) for _ in range(2)]
    assert all("Quyết định đã bị hủy" in text(each.text) and "Duyệt nhầm người" in each.text for each in told)
    assert "Hủy quyết định đã duyệt nhầm" not in told[0].text
    assert "revocation" not in approved.client("xa").get(path).text
    assert approved.client("xa").post(f"{path}/revocation", data={**form, "_edit": "another"}).status_code == 422
    assert "Đã hủy quyết định" in client.get("/funeral-grants?state=revoked").text
