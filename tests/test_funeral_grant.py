"""Grants towards burials: who asks, who decides, how much, once, on the next list to whoever arranged the burial."""

from __future__ import annotations

from typing import Any

import pytest

from portal import db, door, followup, funeral_grant, list_checks, list_lines, result, settlement, verify
from portal.funeral_grant import Filter
from sync.edit import Result
from sync.ids import named
from sync.kinds.funeral_grant import shown_digest
from tests.district import MONTH, NOW, District, bank, code, person_id
from tests.lists import run, settle
from tests.overpaying import LATER, tell
from tests.posted import mark, mark_all, post_list
from tests.proposing import Fields, propose, text

FULL = 10_000_000
ORGANISER = {"organiser": "Nguyễn Văn Cả", "relation": "con trai", "document": "12/2024"}


def ask(here: District, key: str = "dao", who: str = "xa", *, record: str = "g1", basis: str = "recipient", **more: Any) -> Result:
    values = {"basis": basis, **({"person": person_id(key)} if key else {}), **ORGANISER, **more}
    pairs = {name: (None, value) for name, value in values.items() if value is not None}
    return here.submit(who, "funeral_grant", named(record), pairs, create=True, now=LATER)


def decide(here: District, who: str = "huyen", *, record: str = "g1", verdict: str = "approve", **more: Any) -> Result:
    with here.open():
        shelf = door.shelf()
        found = shelf.get("funeral_grant", named(record))
        assert found is not None
        digest = more.pop("digest", "") or shown_digest(shelf, found)
        return funeral_grant.decide(here.actor(who), LATER, named(record), verdict, digest, **more)


def granted(here: District, key: str = "dao", **more: Any) -> None:
    asked = ask(here, key, **more)
    assert asked.status == "accepted", asked
    done = decide(here, record=more.get("record", "g1"))
    assert done.fields == {"decision": "applied"}, done


def why(result_: Result) -> str:
    assert result_.reason is not None, result_
    return result_.reason.detail or result_.reason.code


def lines(here: District, key: str = "dao") -> list[tuple[Any, ...]]:
    """Month, line code, what was granted, carried over, total, recipient and state of the grant's lines."""
    sql = "SELECT month, line_code, funeral, carried_over, total, recipient, state FROM payment WHERE person = ? AND entitlement IS NULL ORDER BY month"
    return run(here, sql, person_id(key))


class TestAsking:
    def test_with_the_report_of_the_death_and_decided_after_it(self, district: District) -> None:
        assert why(ask(district)) == "no_death_report"
        tell(district, "hear 10-03")
        assert ask(district).status == "accepted"
        assert district.value("funeral_grant", named("g1"), "amount") == FULL
        assert why(decide(district)) == "death_undecided"
        tell(district, "report 10-03")
        assert decide(district).fields == {"decision": "applied"}
        assert district.value("funeral_grant", named("g1"), "line_code") == f"{code('dao')}/MT"

    def test_never_ones_own_and_on_what_was_shown(self, district: District) -> None:
        tell(district, "report 10-03")
        assert ask(district, who="huyen").status == "accepted"
        assert why(decide(district, "huyen")) == "own_change"
        assert decide(district, "huyen2", digest="0" * 64).fields == {"decision": "conflict"}
        assert decide(district, "huyen2").fields == {"decision": "applied"}
        assert why(ask(district, record="g2")) == "already"

    def test_who_may(self, district: District) -> None:
        tell(district, "report 10-03")
        for who in ("xa2", "chitra", "kiemsoat", "lanhdao", "giamsat"):
            assert ask(district, who=who, record=who).status == "refused", who
        assert ask(district).status == "accepted"
        for who in ("xa", "xa2", "kiemsoat", "giamsat"):
            assert decide(district, who).status == "refused", who

    def test_rejected_needs_a_reason_and_may_be_asked_again(self, district: District) -> None:
        tell(district, "report 10-03")
        ask(district)
        assert why(decide(district, verdict="reject")) == "reason_missing"
        assert decide(district, verdict="reject", reason="thiếu giấy chứng tử").fields == {"decision": "applied"}
        assert ask(district, record="g2").status == "accepted"

    def test_not_without_a_right_in_the_month_of_death(self, district: District) -> None:
        """Ended in August, dead in October."""
        tell(district, "stop 07-15, report 10-03")
        assert why(ask(district)) == "no_grant"

    def test_not_for_a_carer(self, district: District) -> None:
        tell(district, "report 10-03", "my")
        granted(district, "my")
        assert district.value("funeral_grant", named("g1"), "grant_code") == "MTP"
        with district.open():
            assert funeral_grant.of_person(person_id("my"))[0].amount == FULL

    @pytest.mark.parametrize(("day", "amount"), [("2024-06-30", 7_200_000), ("2024-07-01", FULL)])
    def test_by_the_level_of_the_month_of_death(self, district: District, day: str, amount: int) -> None:
        tell(district, f"report {day[5:]}")
        granted(district)
        assert district.value("funeral_grant", named("g1"), "amount") == amount

    def test_the_child_of_a_single_parent_once_each(self, district: District) -> None:
        child = {"deceased": "Nguyễn Văn Con", "birth": "2019-02-01", "death_date": "2024-10-02", "basis": "child"}
        assert why(ask(district, "dao", **child)) == "no_grant"
        granted(district, "binh", **child)
        assert why(ask(district, "binh", record="g2", **child)) == "already"
        granted(district, "binh", record="g3", **{**child, "deceased": "Nguyễn Thị Út", "birth": "2021-02-01"})
        post_list(district)
        assert [(row[1], row[2], row[6]) for row in lines(district, "binh")] == [
            (f"{code('binh')}/MT", FULL, "planned"),
            (f"{code('binh')}/MT2", FULL, "planned"),
        ]

    def test_somebody_of_eighty_with_an_allowance_of_social_insurance(self, district: District) -> None:
        who = {"basis": "monthly", "commune": "18568", "deceased": "Trần Thị Hạ", "death_date": "2024-10-02", "stop_document": "7/QĐ"}
        assert why(ask(district, "", **who, birth="1950-01-01")) == "not_old_enough"
        granted(district, "", **who, birth="1944-10-02")
        assert why(ask(district, "", record="g2", **who, birth="1944-10-02")) == "already"
        person = district.value("funeral_grant", named("g1"), "person")
        assert (district.value("person", person, "status"), district.value("person", person, "full_name")) == ("dead", "Trần Thị Hạ")
        post_list(district)
        assert run(district, "SELECT full_name, total FROM payment WHERE person = ?", person) == [("Trần Thị Hạ", FULL)]


class TestPaying:
    def test_once_with_the_next_list_to_who_arranged_the_burial(self, each_district: District) -> None:
        tell(each_district, "report 10-03")
        granted(each_district, payment_method=bank("0000990077", "NGUYEN VAN CA"))
        post_list(each_district)
        # October is due, the grant stands beside it.
        assert lines(each_district) == [(MONTH, f"{code('dao')}/MT", FULL, 0, FULL, "Nguyễn Văn Cả", "planned")]
        ways = "SELECT method, account, holder FROM payment WHERE person = ? AND entitlement IS NULL"
        assert run(each_district, ways, person_id("dao")) == [("bank", "0000990077", "NGUYEN VAN CA")]
        mark_all(each_district)
        with each_district.open():
            assert verify.verify(door.store()).is_whole
            approved = funeral_grant.listed(each_district.actor("xa"), Filter(state="approved"))
            assert [(row.deceased, row.amount) for row in approved.rows] == [("Nguyễn Thị Đào", FULL)]
            shown = funeral_grant.find(each_district.actor("xa"), named("g1"), NOW)
            assert shown is not None
            assert [(paid.month, paid.total, paid.state) for paid in shown.paid] == [(MONTH, FULL, "paid")]
        settle(each_district, MONTH)
        post_list(each_district, "2024-11")
        assert [row[0] for row in lines(each_district)] == [MONTH]

    def test_uncollected_it_is_carried_over_like_any_sum(self, district: District) -> None:
        tell(district, "report 10-03")
        granted(district)
        post_list(district)
        mark_all(district, **{f"{code('dao')}/MT".replace("/", "_").replace("-", "_"): "uncollected"})
        settle(district, MONTH)
        post_list(district, "2024-11")
        assert [row[2:5] for row in lines(district)] == [(FULL, 0, FULL), (0, FULL, FULL)]

    def test_a_level_raised_afterwards_brings_what_is_missing_once(self, each_district: District) -> None:
        """Listed at 360.000 before the decree of July 2024 was known."""
        tell(each_district, "report 07-02")
        granted(each_district)
        with each_district.open():
            early, values = list_lines.select(door.store(), named("early"), MONTH, known="2024-06-30", person=person_id("dao"))
            (row,) = list_lines.execute(
                door.store(), f"SELECT funeral, total, rate FROM ({early}) e WHERE entitlement IS NULL", values
            ).fetchall()
            assert tuple(int(value) for value in row) == (7_200_000, 7_200_000, 360_000)
        post_list(each_district)
        listed_early(each_district)
        settle(each_district, MONTH)
        post_list(each_district, "2024-11")
        assert [row[2:5] for row in lines(each_district)] == [(7_200_000, 0, 7_200_000), (2_800_000, 7_200_000, FULL)]

    def test_uncollected_it_is_nobodys_missed_month(self, district: District) -> None:
        """No follow-up, no suspension: there is nothing monthly to suspend."""
        tell(district, "report 10-03")
        granted(district)
        for month in (MONTH, "2024-11"):
            post_list(district, month)
            mark_all(district, month, **{f"{code('dao')}/MT".replace("/", "_").replace("-", "_"): "uncollected"})
            settle(district, month)
        with district.open():
            assert followup.cases("2024-11") == []

    def test_it_counts_in_settlement_and_report(self, district: District) -> None:
        tell(district, "report 10-03")
        granted(district)
        post_list(district)
        mark_all(district)
        with district.open():
            account = settlement.show(MONTH, None)
            told = result.of_month(MONTH)
        assert account is not None
        assert told is not None
        assert account.agrees
        assert account.total.difference == 0
        assert told.whole.funeral == FULL
        assert told.whole.total == told.whole.allowance + told.whole.arrears + told.whole.carried_over + FULL
        closed = settlement_closed(district)
        assert closed.status == "accepted", closed

    def test_a_second_report_of_the_death_does_not_hold_it_back(self, district: District) -> None:
        tell(district, "report 10-03")
        granted(district)
        tell(district, "hear 10-03")
        post_list(district)
        assert lines(district)[0][6] == "planned"
        tell(district, "hear 10-02")
        assert lines(district)[0][6] == "planned"

    def test_approved_after_closing_it_may_be_added_under_a_number(self, district: District) -> None:
        tell(district, "report 10-03")
        there = post_list(district)
        granted(district)
        assert lines(district) == []
        about = {"list": (None, there), "type": (None, "add"), "person": (None, person_id("dao"))}
        added = district.submit("huyen", "addendum", named("add"), about, create=True, why="mai táng phí")
        assert added.status == "accepted", added
        assert [row[2] for row in lines(district)] == [FULL]
        post_list(district, "2024-11")
        assert len(lines(district)) == 1

    def test_the_checks_of_the_list_find_nothing_wrong_with_it(self, district: District) -> None:
        tell(district, "report 10-03")
        granted(district)
        there = post_list(district)
        with district.open():
            found = list_checks.run(door.store(), there, MONTH)
        assert [each.code for each in found if each.is_blocking] == []
        line = run(district, "SELECT id FROM payment WHERE entitlement IS NULL")[0][0]
        assert mark(district, line, "counter", "chitra").status == "accepted"
        with district.open():
            assert door.shelf().where("recovery", {"person": person_id("dao")}) == []


def listed_early(here: District) -> None:
    """Puts the grant's line as it would have been listed before the decree."""
    with here.open(), db.write_transaction():
        door.store().run("UPDATE payment SET funeral = 7200000, total = 7200000 WHERE entitlement IS NULL")


def settlement_closed(here: District) -> Result:
    with here.open():
        found = settlement.show(MONTH, None)
        assert found is not None
        settlement.sign(here.actor("kiemsoat"), NOW, found, found.digest, found.state)
        found = settlement.show(MONTH, None)
        assert found is not None
        return settlement.close(here.actor("huyen"), NOW, found, found.digest)


class TestPages:
    def test_the_death_offers_it_and_the_form_sends_it(self, district: District) -> None:
        change = propose(district, "xa", reason="CHET", person=person_id("dao"), event_date="2024-10-03")
        client = district.client("xa")
        page = client.get(f"/changes/{change}").text
        assert f"/funeral-grants/new?person={person_id('dao')}" in page
        form = client.get(f"/funeral-grants/new?person={person_id('dao')}").text
        assert "20 × 500.000 đ = 10.000.000 đ" in text(form)
        fields = Fields(form, "/funeral-grants/new").found
        short = client.post("/funeral-grants/new", data={**fields, "organiser": "Nguyễn Văn Cả"})
        assert short.status_code == 422
        assert "Nguyễn Văn Cả" in short.text
        again = Fields(short.text, "/funeral-grants/new").found
        sent = client.post("/funeral-grants/new", data={**again, "relation": "con trai", "organiser_id": "099075000123"})
        assert sent.status_code == 303, text(sent.text)
        shown = client.get(sent.headers["Location"]).text
        assert "Mười triệu đồng" in shown
        assert "099075000123" not in shown
        assert "Mai táng phí" in client.get(f"/people/{person_id('dao')}").text
        twice = client.post("/funeral-grants/new", data={**again, "relation": "con trai", "organiser_id": "099075000123"})
        assert twice.status_code == 303, "sent twice it is once"

    def test_the_district_decides_on_its_page(self, district: District) -> None:
        tell(district, "report 10-03")
        ask(district)
        path = f"/funeral-grants/{named('g1')}"
        client = district.client("huyen")
        assert "Đề nghị mai táng phí chờ duyệt" in client.get("/").text
        assert "Nguyễn Thị Đào" in client.get("/funeral-grants").text
        fields = Fields(client.get(path).text, f"{path}/decision").found
        missing = client.post(f"{path}/decision", data={**fields, "verdict": "reject"})
        assert missing.status_code == 422
        done = client.post(f"{path}/decision", data={**fields, "verdict": "approve", "number": "15/QĐ", "date": "04/10/2024"})
        assert done.status_code == 303
        assert "Sẽ chi cùng danh sách tháng tới" in client.get(path).text
        late = client.post(f"{path}/decision", data={**fields, "_edit": "another", "verdict": "reject", "reason": "x"})
        assert late.status_code == 409

    def test_every_page_that_shows_lines_can_show_it(self, district: District) -> None:
        tell(district, "report 10-03")
        granted(district)
        post_list(district)
        line = run(district, "SELECT id FROM payment WHERE entitlement IS NULL")[0][0]
        paths = (
            f"/payment-lists/{MONTH}", f"/payment-lists/{MONTH}/lines", f"/payment-lists/{MONTH}/lines/{line}", f"/payments/{line}",
            f"/people/{person_id('dao')}", f"/settlements/{MONTH}", f"/reports/{MONTH}", f"/funeral-grants/{named('g1')}",
        )  # fmt: skip
        for who in ("huyen", "giamsat"):
            client = district.client(who)
            for path in paths:
                answer = client.get(path)
                assert answer.status_code == 200, (who, path, text(answer.text)[:300])
        post = district.client("kiemsoat")
        assert post.get(f"/payments/{line}").status_code == 200
        assert post.get(f"/payments?month={MONTH}").status_code == 200
        assert post.get("/funeral-grants").status_code == 403

    def test_of_another_commune_nothing_is_told(self, district: District) -> None:
        tell(district, "report 10-03")
        ask(district)
        client = district.client("xa2")
        assert client.get(f"/funeral-grants/{named('g1')}").status_code == 404
        assert client.get(f"/funeral-grants/new?person={person_id('dao')}").status_code == 404
        assert "Nguyễn Thị Đào" not in client.get("/funeral-grants?state=all").text
