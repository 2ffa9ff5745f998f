"""Changes from proposal to decision: through the pages as people do, and through the noun as a command line would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal import change, change_record, door, home, proposal
from portal.change import Filter
from portal.models.account import Account
from portal.models.entitlement import Entitlement
from portal.proposal import Draft
from sync.edit import Result
from sync.ids import named, uuid7
from sync.kinds.change import shown_digest
from tests.district import CASH, MONTH, NOW, District, bank, person_id, right_id

DAY = "2024-10-03"
EARLIER = datetime(2024, 9, 20, 2, 0, tzinfo=UTC)


class Fields(HTMLParser):
    """What a browser would send of the form with this action."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.action, self.inside = action, False
        self.found: dict[str, str] = {}
        self._select = self._area = ""
        self.feed(page)
        assert self.found, f"no form {action} on the page"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.inside = given.get("action") == self.action
        elif not self.inside or (not name and tag != "option"):
            return
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.found[name] = given.get("value") or ""
        elif tag == "select":
            self._select = name
            self.found[name] = ""
        elif tag == "option" and self._select and "selected" in given:
            self.found[self._select] = given.get("value") or ""
        elif tag == "textarea":
            self._area = name
            self.found[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def text(page: str) -> str:
    main = page[page.find("<main") : page.find("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#39;", "'").strip()


def opened(client: FlaskClient, **query: str) -> dict[str, str]:
    answer = client.get("/changes/new", query_string=query)
    assert answer.status_code == 200, answer.text
    return Fields(answer.text, "/changes/new").found


def send(client: FlaskClient, fields: dict[str, str], **typed: str) -> Any:
    return client.post("/changes/new", data={**fields, **typed, "step": "send"})


def propose(district: District, who: str, now: datetime = NOW, **draft: Any) -> str:
    """A proposal through the noun; the id of the change."""
    record = uuid7()
    with district.open():
        result = change.propose(district.actor(who), now, record, Draft(**draft))
    assert result.status == "accepted", result
    return record


def decide(district: District, who: str, record: str, verdict: str = "approve", *, digest: str = "", now: datetime = NOW, **more: str) -> Result:
    with district.open():
        shelf = door.shelf()
        found = shelf.get("change", record)
        assert found is not None
        return change.decide(district.actor(who), now, record, verdict, digest or shown_digest(shelf, found), **more)


def approve(district: District, record: str, who: str = "huyen", **more: str) -> None:
    result = decide(district, who, record, **more)
    assert result.fields == {"decision": "applied"}, result


def rights(district: District, key: str) -> list[tuple[str, int, str, str | None]]:
    with district.open():
        rows = Entitlement.select().where(Entitlement.person == person_id(key)).order_by(Entitlement.line_code, Entitlement.start_month)
        return [(row.category, row.coefficient10, row.start_month, row.stop_month) for row in rows]


@contextmanager
def posted_list(district: District, state: str = "frozen") -> Iterator[str]:
    """October's list, built through the door and frozen, as far as the state asks."""
    record = named("payment_list", MONTH)
    assert district.submit("huyen", "payment_list", record, {"month": (None, MONTH)}, create=True).status == "accepted"
    if state != "draft":
        assert district.submit("huyen", "payment_list", record, {"state": ("draft", "frozen")}).status == "accepted"
    yield record


def payments(district: District, key: str) -> list[Any]:
    with district.open():
        return [record for record in door.shelf().where("payment", {"person": person_id(key)})]


def addenda(district: District, payment_list: str) -> list[tuple[int, str]]:
    with district.open():
        found = door.shelf().where("addendum", {"list": payment_list})
    return sorted((each["number"], each["type"]) for each in found)


class TestTheLawFillsTheMonths:
    """Start and stop months by domain 1.5, with the article that says so."""

    @pytest.mark.parametrize(
        ("draft", "month", "article"),
        [
            ({"reason": "CHET", "event_date": "2024-10-03"}, "2024-11", "Điều 8 khoản 2"),
            ({"reason": "CHUYEN_DI", "event_date": "2024-09"}, "2024-10", "Điều 8 khoản 4"),
            ({"reason": "TAM_GIAM", "event_date": "2024-10-01"}, "2024-11", "Thông tư 02/2021"),
            ({"reason": "MUC_KT", "event_date": "2024-08-20", "entitlement": right_id("dao"), "category": "5.5a-80"}, "2024-08", "Điều 8 khoản 1"),
        ],
    )
    def test_of_an_event(self, district: District, draft: dict[str, str], month: str, article: str) -> None:
        with district.open():
            seen = proposal.preview(Draft(person=person_id("dao"), **draft), NOW)
        assert seen.problems == {}
        assert seen.effective == month
        assert article in seen.source

    def test_of_a_birthday_with_arrears(self, district: District) -> None:
        new = {"id": uuid7(), "full_name": "Trần Thị Tám", "birth": "1944-08-09", "commune": "18568"}
        with district.open():
            seen = proposal.preview(Draft(reason="MOI", new_person=new, category="5.5c", event_date="2024-08-09"), NOW)
        assert (seen.effective, seen.amount, seen.by_decision) == ("2024-08", 500_000, False)
        arrears = next(effect for effect in seen.effects if effect.code == "arrears")
        # The next list is November's: August, September and October are owed, each by its own law.
        assert (arrears.values["count"], arrears.values["amount"]) == (3, 1_500_000)

    def test_of_a_decision_not_signed_yet(self, district: District) -> None:
        with district.open():
            seen = proposal.preview(Draft(reason="MOI", person=person_id("dao"), category="5.4"), NOW)
        assert (seen.effective, seen.by_decision) == ("2024-10", True)

    def test_and_another_month_is_allowed_but_said(self, district: District) -> None:
        draft = Draft(reason="HET_DK", person=person_id("dao"), event_date="2024-09-10", effective="2024-12")
        with district.open():
            seen = proposal.preview(draft, NOW)
        assert seen.effective == "2024-12"
        assert [finding.code for finding in seen.findings["effective"]] == ["NOT_THE_LAWS_MONTH"]

    def test_what_the_law_forbids_blocks(self, district: District) -> None:
        with district.open():
            seen = proposal.preview(Draft(reason="MOI", person=person_id("hoa"), category="5.5c", event_date="2024-08-09"), NOW)
        assert seen.blocked
        assert [finding.code for finding in seen.findings["category"] if finding.blocking] == ["AGE_CATEGORY"]

    def test_a_lower_right_beside_a_higher_one_is_said(self, district: District) -> None:
        with district.open():
            seen = proposal.preview(Draft(reason="MOI", person=person_id("yen"), category="5.5a-60", event_date="2024-08-09"), NOW)
        assert "NOT_THE_HIGHEST" in [finding.code for finding in seen.findings["category"]]
        assert not seen.blocked


class TestWhatAnApprovalDoes:
    def test_a_death_stops_every_right_and_closes_the_person(self, district: District) -> None:
        record = propose(district, "xa", reason="CHET", person=person_id("my"), event_date=DAY)
        approve(district, record, number="12/QĐ", day="2024-10-07")
        assert {stop for *_, stop in rights(district, "my")} == {"2024-11"}
        with district.open():
            person = door.shelf().get("person", person_id("my"))
        assert person is not None
        assert (person["status"], person["death_date"], person["closed"]) == ("dead", DAY, DAY)

    def test_a_right_that_would_end_later_ends_with_the_death(self, district: District) -> None:
        first = propose(district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-12-10")
        approve(district, first)
        second = propose(district, "xa", reason="CHET", person=person_id("dao"), event_date=DAY)
        approve(district, second)
        assert [stop for *_, stop in rights(district, "dao")] == ["2024-11"]

    def test_a_decrease_of_one_right_leaves_the_others(self, district: District) -> None:
        record = propose(district, "xa", reason="HET_CHAM_SOC", person=person_id("my"), entitlement=right_id("my", 2), event_date="2024-10-02")
        approve(district, record)
        assert [(category, stop) for category, _, _, stop in rights(district, "my")] == [("5.6-dbn-te", None), ("20.2c", "2024-11")]
        assert district.value("person", person_id("my"), "status") == "active"

    def test_an_adjustment_keeps_the_old_months(self, district: District) -> None:
        draft = {"reason": "MUC_KT", "person": person_id("hoa"), "entitlement": right_id("hoa"), "category": "5.6-dbn", "event_date": "2024-10-02"}
        approve(district, propose(district, "xa", **draft), number="15/QĐ", day="2024-10-09")
        assert rights(district, "hoa") == [("5.6-nang", 15, "2019-02", "2024-10"), ("5.6-dbn", 20, "2024-10", None)]

    def test_an_adjustment_does_not_revive_what_ends(self, district: District) -> None:
        approve(district, propose(district, "xa", reason="HET_DK", person=person_id("hoa"), event_date="2024-11-10"))
        draft = {"reason": "MUC_KT", "person": person_id("hoa"), "entitlement": right_id("hoa"), "category": "5.6-dbn"}
        result = decide(district, "huyen", propose(district, "xa", **draft, event_date="2024-12-02"))
        assert result.reason is not None
        assert result.reason.detail == "ended"
        assert [stop for *_, stop in rights(district, "hoa")] == ["2024-12"]

    def test_a_suspension_and_its_end(self, district: District) -> None:
        record = propose(district, "xa", reason="KHONG_CHAP_HANH", person=person_id("dao"), event_date="2024-09-02")
        approve(district, record)
        assert district.value("entitlement", right_id("dao"), "suspended_from") == "2024-10"
        back = propose(district, "xa", reason="TIEP_TUC", person=person_id("dao"), event_date="2024-10-04")
        approve(district, back)
        assert district.value("entitlement", right_id("dao"), "suspended_from") is None

    def test_a_new_person_gets_a_code_and_a_right(self, district: District) -> None:
        new = {"id": uuid7(), "full_name": "Trần Thị Tám", "birth": "1944-08-09", "commune": "18568", "hamlet": "TDP 1", "payment_method": CASH}
        record = propose(district, "xa", reason="MOI", new_person=new, category="5.5c", event_date="2024-08-09")
        approve(district, record, number="20/QĐ", day="2024-10-09")
        with district.open():
            person = door.shelf().get("person", new["id"])
            right = door.shelf().where("entitlement", {"person": new["id"]})[0]
        assert person is not None
        assert person["status"] == "active"
        assert (right["start_month"], right["coefficient10"], right["decision_no"], right["payment_method"]) == ("2024-08", 10, "20/QĐ", CASH)

    def test_a_right_that_counts_from_the_signing_starts_in_the_month_of_the_decision(self, district: District) -> None:
        record = propose(district, "xa", reason="MOI", person=person_id("dao"), category="5.4")
        approve(district, record, number="21/QĐ", day="2024-11-04")
        assert ("5.4", 10, "2024-11", None) in rights(district, "dao")
        assert district.value("change", record, "effective") == "2024-11"

    def test_a_persons_method_is_that_of_the_rights_paid_alike(self, district: District) -> None:
        account = bank("00009900000001", "NGUYEN THI DAO")
        draft = {"reason": "DK_TAI_KHOAN", "person": person_id("dao"), "target_set": {"payment_method": (CASH, account)}}
        approve(district, propose(district, "xa", **draft))
        assert district.value("person", person_id("dao"), "payment_method") == account
        assert district.value("entitlement", right_id("dao"), "payment_method") == account

    def test_one_right_can_be_paid_in_its_own_way(self, district: District) -> None:
        now = district.value("entitlement", right_id("my", 2), "payment_method")
        draft = {"reason": "VE_TIEN_MAT", "person": person_id("my"), "entitlement": right_id("my", 2), "target_set": {"payment_method": (now, CASH)}}
        approve(district, propose(district, "xa", **draft))
        assert district.value("entitlement", right_id("my", 2), "payment_method") == CASH
        assert district.value("entitlement", right_id("my", 1), "payment_method") == now
        assert district.value("person", person_id("my"), "payment_method") == now


class TestTheDoorSaysNo:
    def refused(self, district: District, pairs: dict[str, Any], who: str = "xa") -> str:
        result = district.submit(who, "change", uuid7(), {name: (None, value) for name, value in pairs.items()}, create=True)
        assert result.status == "refused", result
        assert result.reason is not None
        return result.reason.detail or result.reason.code

    def test_to_fields_no_proposal_may_set(self, district: District) -> None:
        target = {"reason": "SUA_SAI", "person": person_id("dao"), "target_kind": "person", "target": person_id("dao")}
        assert self.refused(district, {**target, "target_set": {"status": ["active", "dead"]}}) == "unknown_field"
        assert self.refused(district, {**target, "target_set": {"birth": ["1938", "hôm qua"]}}) == "not_a_date"
        assert self.refused(district, {**target, "target_set": {"birth": ["1937", "1938"]}}) == "unchanged"
        assert self.refused(district, target) == "missing"
        right = {**target, "target_kind": "entitlement", "target": right_id("dao")}
        assert self.refused(district, {**right, "target_set": {"coefficient10": [10, 30]}}) == "unknown_field"

    def test_to_a_target_of_somebody_else(self, district: District) -> None:
        pairs = {"reason": "SUA_SAI", "person": person_id("dao"), "target_kind": "person", "target": person_id("ut")}
        assert self.refused(district, {**pairs, "target_set": {"birth": ["1939", "1940"]}}) == "unknown_record"

    def test_to_a_target_in_another_type(self, district: District) -> None:
        pairs = {"reason": "CHET", "person": person_id("dao"), "event_date": DAY, "target_kind": "person", "target": person_id("dao")}
        assert self.refused(district, {**pairs, "target_set": {"birth": ["1938", "1940"]}}) == "sets_no_fields"

    def test_to_a_new_person_without_an_id(self, district: District) -> None:
        new = {"full_name": "Trần Thị Tám", "birth": "1944", "commune": "18568"}
        assert self.refused(district, {"reason": "MOI", "category": "5.5c", "new_person": new}) == "id_missing"

    def test_to_an_event_of_which_only_the_year_is_known(self, district: District) -> None:
        assert self.refused(district, {"reason": "CHET", "person": person_id("dao"), "event_date": "2024"}) == "month_missing"

    def test_to_people_of_another_commune(self, district: District) -> None:
        assert self.refused(district, {"reason": "CHET", "person": person_id("ut"), "event_date": DAY}) == "unknown_record"


class TestPaymentsAreHeld:
    def test_a_reported_death_holds_at_once_and_is_numbered(self, district: District) -> None:
        with posted_list(district) as list_:
            record = district.report_death("dao", DAY)
            district.report_death("duong", DAY)
            assert addenda(district, list_) == [(1, "withhold"), (2, "withhold")]
            [payment] = payments(district, "dao")
            assert payment["hold"] == {"reason": "CHET", "change": record, "due": True}

    def test_a_draft_is_held_without_an_addendum(self, district: District) -> None:
        with posted_list(district, "draft") as list_:
            district.report_death("dao", DAY)
            assert addenda(district, list_) == []
            assert payments(district, "dao")[0]["hold"] is not None

    def test_a_rejected_report_lets_go(self, district: District) -> None:
        with posted_list(district) as list_:
            record = district.report_death("dao", DAY)
            assert decide(district, "huyen", record, "reject", reason="Nhầm người").fields == {"decision": "applied"}
            assert payments(district, "dao")[0]["hold"] is None
            assert addenda(district, list_) == [(1, "withhold"), (2, "release")]

    def test_two_reports_one_rejected_still_hold(self, district: District) -> None:
        with posted_list(district) as list_:
            first = district.report_death("dao", DAY)
            second = district.report_death("dao", "2024-09-28", who="chitra")
            decide(district, "huyen", first, "reject", reason="Ngày chết sai")
            [payment] = payments(district, "dao")
            assert payment["hold"] == {"reason": "CHET", "change": second, "due": False}
            assert addenda(district, list_) == [(1, "withhold")]

    def test_a_corrected_date_says_anew_what_was_due(self, district: District) -> None:
        with posted_list(district):
            record = district.report_death("dao", DAY)
            district.submit("xa", "change", record, {"event_date": (DAY, "2024-09-29")})
            assert payments(district, "dao")[0]["hold"]["due"] is False
            assert district.value("change", record, "effective") == "2024-10"

    def test_another_decrease_holds_with_the_approval(self, district: District) -> None:
        with posted_list(district) as list_:
            record = propose(district, "xa", reason="CHUYEN_DI", person=person_id("dao"), event_date="2024-09-12")
            assert payments(district, "dao")[0]["hold"] is None
            approve(district, record)
            assert payments(district, "dao")[0]["hold"]["change"] == record
            assert addenda(district, list_) == [(1, "withhold")]

    def test_what_it_holds_is_told(self, district: District) -> None:
        with posted_list(district):
            draft = Draft(reason="CHET", person=person_id("dao"), event_date="2024-09-30")
            with district.open():
                before = {effect.code: effect.values for effect in proposal.preview(draft, NOW).effects}
            assert before["holds"]["amount"] == 500_000
            record = district.report_death("dao", "2024-09-30")
            with district.open():
                found = change_record.find(district.actor("xa"), record, NOW)
            assert found is not None
            held = {effect.code: effect.values for effect in found.effects}
            assert (held["held"]["count"], held["held"]["amount"], held["held"]["months"]) == (1, 500_000, [MONTH])
            assert "holds" not in held


class TestDecisions:
    def test_nobody_decides_their_own(self, district: District) -> None:
        record = propose(district, "huyen", reason="CHUYEN_DI", person=person_id("dao"), event_date="2024-10-01")
        result = decide(district, "huyen", record)
        assert result.reason is not None
        assert result.reason.detail == "own_change"
        page = district.client("huyen").get(f"/changes/{record}")
        assert "Quyết định của bạn" not in page.text
        assert "Quyết định của bạn" in district.client("huyen2").get(f"/changes/{record}").text
        approve(district, record, "huyen2")

    def test_a_commune_does_not_decide_on_rights(self, district: District) -> None:
        record = district.report_death("dao", DAY, who="chitra")
        assert "Quyết định của bạn" not in district.client("xa").get(f"/changes/{record}").text
        assert decide(district, "xa", record).status == "refused"

    def test_one_that_moved_is_asked_again_with_what_moved(self, district: District) -> None:
        record = propose(district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-01")
        client = district.client("huyen")
        form = Fields(client.get(f"/changes/{record}").text, f"/changes/{record}/decision").found
        district.submit("xa", "change", record, {"note": (None, "Gia đình xin thôi")})
        answer = client.post(f"/changes/{record}/decision", data={**form, "verdict": "approve", "number": "33/QĐ", "date": "09/10/2024"})
        assert answer.status_code == 409
        assert "Người xa" in text(answer.text)
        assert "Ghi chú: Gia đình xin thôi" in text(answer.text)
        assert district.value("change", record, "state") == "proposed"
        again = Fields(answer.text, f"/changes/{record}/decision").found
        assert (again["number"], again["date"]) == ("33/QĐ", "09/10/2024")
        assert again["digest"] != form["digest"]
        answer = client.post(f"/changes/{record}/decision", data={**again, "verdict": "approve"})
        assert answer.status_code == 303
        assert district.value("change", record, "decision")["number"] == "33/QĐ"

    def test_a_second_tab_that_decided_first(self, district: District) -> None:
        record = propose(district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-01")
        first, second = district.client("huyen"), district.client("huyen2")
        one = Fields(first.get(f"/changes/{record}").text, f"/changes/{record}/decision").found
        two = Fields(second.get(f"/changes/{record}").text, f"/changes/{record}/decision").found
        assert first.post(f"/changes/{record}/decision", data={**one, "verdict": "approve"}).status_code == 303
        late = second.post(f"/changes/{record}/decision", data={**two, "verdict": "reject", "reason": "Chưa đủ giấy"})
        assert late.status_code == 409
        assert "Người huyen" in text(late.text)
        assert district.value("change", record, "state") == "approved"

    def test_a_double_click_decides_once(self, district: District) -> None:
        record = propose(district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-01")
        client = district.client("huyen")
        form = Fields(client.get(f"/changes/{record}").text, f"/changes/{record}/decision").found
        answers = [client.post(f"/changes/{record}/decision", data={**form, "verdict": "approve"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        with district.open():
            found = change_record.find(district.actor("huyen"), record, NOW)
        assert found is not None
        assert [event.deed for event in found.history] == ["proposed", "approve"]

    def test_returning_and_rejecting_need_words_and_keep_what_was_typed(self, district: District) -> None:
        record = propose(district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-01")
        client = district.client("huyen")
        form = Fields(client.get(f"/changes/{record}").text, f"/changes/{record}/decision").found
        answer = client.post(f"/changes/{record}/decision", data={**form, "verdict": "return", "number": "7/QĐ", "date": "45/13/2024"})
        assert answer.status_code == 422
        kept = Fields(answer.text, f"/changes/{record}/decision").found
        assert (kept["number"], kept["date"]) == ("7/QĐ", "45/13/2024")
        assert 'id="f-reason-error"' in answer.text
        assert 'id="f-date-error"' in answer.text
        assert district.value("change", record, "state") == "proposed"

    def test_a_question_is_answered_and_then_approved(self, district: District) -> None:
        record = propose(district, "xa", reason="CHET", person=person_id("dao"), event_date=DAY)
        decide(district, "huyen", record, "return", reason="Có giấy chứng tử chưa?")
        commune = district.client("xa")
        assert "Có giấy chứng tử chưa?" in text(commune.get("/changes").text)
        assert "cần trả lời" in commune.get("/").text
        page = commune.get(f"/changes/{record}/answer")
        form = Fields(page.text, f"/changes/{record}/answer").found
        empty = commune.post(f"/changes/{record}/answer", data={**form, "evidence": "Giấy chứng tử 05/2024"})
        assert empty.status_code == 422
        assert Fields(empty.text, f"/changes/{record}/answer").found["evidence"] == "Giấy chứng tử 05/2024"
        sent = commune.post(f"/changes/{record}/answer", data={**form, "answer": "Đã có", "event_date": "02/10/2024", "evidence": "Giấy chứng tử 05/2024"})
        assert sent.status_code == 303
        assert district.value("change", record, "state") == "proposed"
        assert district.value("change", record, "event_date") == "2024-10-02"
        assert district.value("change", record, "evidence") == "Giấy chứng tử 05/2024"
        shown = text(district.client("huyen").get(f"/changes/{record}").text)
        assert "Đã có" in shown
        assert "Có giấy chứng tử chưa?" in shown
        approve(district, record)

    def test_an_answer_alone_sends_it_back(self, district: District) -> None:
        record = propose(district, "xa", reason="CHET", person=person_id("dao"), event_date=DAY)
        decide(district, "huyen", record, "return", reason="Đúng người này?")
        with district.open():
            results = change.answer(district.actor("xa"), NOW, record, "Đúng", {})
        assert [result.fields for result in results] == [{"state": "applied"}]
        assert district.value("change", record, "state") == "proposed"

    def test_a_withdrawn_one_is_not_decided(self, district: District) -> None:
        record = propose(district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-01")
        client = district.client("xa")
        form = Fields(client.get(f"/changes/{record}").text, f"/changes/{record}/withdrawal").found
        assert client.post(f"/changes/{record}/withdrawal", data=form).status_code == 303
        assert district.value("change", record, "state") == "withdrawn"
        assert decide(district, "huyen", record).fields == {"decision": "conflict"}
        again = client.post(f"/changes/{record}/withdrawal", data={**form, "_edit": "another"})
        assert again.status_code == 303

    def test_one_that_would_write_nothing_says_so(self, district: District) -> None:
        one = propose(district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-01")
        two = propose(district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-02")
        approve(district, one)
        client = district.client("huyen")
        form = Fields(client.get(f"/changes/{two}").text, f"/changes/{two}/decision").found
        answer = client.post(f"/changes/{two}/decision", data={**form, "verdict": "approve"})
        assert answer.status_code == 422
        assert "không làm thay đổi gì" in text(answer.text)

    def test_several_at_once_and_one_that_moved(self, district: District) -> None:
        ids = [propose(district, "xa", reason="HET_DK", person=person_id(key), event_date="2024-10-01") for key in ("dao", "duong", "hoa")]
        own = propose(district, "huyen", reason="HET_DK", person=person_id("phuc"), event_date="2024-10-01")
        client = district.client("huyen")
        page = client.get("/changes").text
        chosen = re.findall(r'name="chosen" value="([^"]+)"', page)
        assert {value.split()[0] for value in chosen} == set(ids)
        form = Fields(page, "/changes/decisions").found
        district.submit("xa", "change", ids[1], {"note": (None, "xem lại ngày")})
        own_too = f"{own} {'0' * 64}"
        answer = client.post("/changes/decisions", data={**form, "chosen": [*chosen, own_too], "number": "40/QĐ", "date": "09/10/2024"})
        assert answer.status_code == 200
        assert "Đã duyệt 2 trong 4 đề nghị" in text(answer.text)
        assert "Vừa thay đổi" in text(answer.text)
        assert "chính bạn" in text(answer.text)
        assert [district.value("change", each, "state") for each in (*ids, own)] == ["approved", "proposed", "approved", "proposed"]
        again = client.post("/changes/decisions", data={**form, "chosen": [*chosen, own_too], "number": "40/QĐ", "date": "09/10/2024"})
        assert "Đã duyệt 2 trong 4 đề nghị" in text(again.text)

    def test_several_with_a_date_that_cannot_be_decides_none(self, district: District) -> None:
        record = propose(district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-01")
        client = district.client("huyen")
        page = client.get("/changes").text
        chosen = re.findall(r'name="chosen" value="([^"]+)"', page)
        answer = client.post("/changes/decisions", data={**Fields(page, "/changes/decisions").found, "chosen": chosen, "date": "31/02/2024"})
        assert answer.status_code == 422
        assert district.value("change", record, "state") == "proposed"

    def test_the_same_national_id_waits_for_an_answer(self, district: District) -> None:
        new = {"id": uuid7(), "full_name": "Nguyễn Thị Đào", "birth": "1938", "commune": "18580", "national_id": "099138000001"}
        record = propose(district, "xa2", reason="MOI", new_person=new, category="5.5c", event_date="2024-05-01")
        shown = text(district.client("huyen").get(f"/changes/{record}").text)
        assert "trùng với một người đã có" in shown
        result = decide(district, "huyen", record)
        assert result.reason is not None
        assert result.reason.detail == "same_person_open"


class TestForms:
    def test_a_death_is_a_date_a_note_and_one_button(self, district: District) -> None:
        with posted_list(district):
            client = district.client("xa")
            form = opened(client, person=person_id("dao"), reason="CHET")
            answer = send(client, form, event_date="28/09/2024", note="Con trai báo")
            assert answer.status_code == 303
            shown = text(client.get(answer.location).text)
        assert "Thôi hưởng từ tháng 10/2024" in shown
        assert "1 khoản đang giữ lại: 500.000 đ (tháng 10/2024)" in shown
        assert "Điều 8 khoản 2" in shown
        assert "Con trai báo" in shown

    def test_sent_twice_is_sent_once(self, district: District) -> None:
        client = district.client("xa")
        form = opened(client, person=person_id("dao"), reason="CHET")
        places = {send(client, form, event_date="03/10/2024").location for _ in range(2)}
        assert len(places) == 1
        with district.open():
            assert len(change.queue(district.actor("xa"), Filter("all")).rows) == 1

    def test_sent_again_with_other_words_changes_nothing(self, district: District) -> None:
        client = district.client("xa")
        form = opened(client, person=person_id("dao"), reason="CHET")
        assert send(client, form, event_date="03/10/2024").status_code == 303
        send(client, form, event_date="04/10/2024")
        assert district.value("change", form["record"], "event_date") == "2024-10-03"

    @pytest.mark.parametrize(
        ("typed", "place"),
        [
            ({"event_date": ""}, "event_date"),
            ({"event_date": "31/02/2024"}, "event_date"),
            ({"event_date": "2024"}, "event_date"),
            ({"event_date": "20/10/2024"}, "event_date"),
            ({"event_date": "03/10/2024", "note": "x" * 501}, "note"),
        ],
    )
    def test_wrong_values_stay_as_typed_with_the_error_beside(self, district: District, typed: dict[str, str], place: str) -> None:
        client = district.client("xa")
        form = opened(client, person=person_id("dao"), reason="CHET")
        answer = send(client, form, **{"note": "Gia đình báo", **typed})
        assert answer.status_code == 422
        assert f'id="f-{place}-error"' in answer.text
        kept = Fields(answer.text, "/changes/new").found
        assert {name: kept[name] for name in typed} == typed
        assert (kept["record"], kept["_edit"]) == (form["record"], form["_edit"])

    def test_a_look_before_sending_shows_the_months_and_the_sum(self, district: District) -> None:
        client = district.client("xa")
        form = opened(client, person=person_id("hoa"), type="adjustment")
        assert form["entitlement"] == right_id("hoa")
        typed = {**form, "reason": "MUC_KT", "category": "5.6-dbn", "event_date": "02/10/2024"}
        answer = client.post("/changes/new", data={**typed, "step": "review"})
        assert answer.status_code == 200
        shown = text(answer.text)
        assert "Từ tháng 10/2024" in shown
        assert "750.000 đ → 1.000.000 đ" in shown
        assert Fields(answer.text, "/changes/new").found == typed
        sent = client.post("/changes/new", data={**Fields(answer.text, "/changes/new").found, "step": "send"})
        assert sent.status_code == 303
        assert district.value("change", form["record"], "coefficient10") == 20

    def test_what_the_law_forbids_is_not_sent(self, district: District) -> None:
        client = district.client("xa")
        form = opened(client, person=person_id("hoa"), type="increase")
        answer = send(client, form, reason="MOI", category="5.5c", event_date="02/10/2024")
        assert answer.status_code == 422
        assert "không đúng tuổi của nhóm 5.5c" in text(answer.text)

    def test_a_new_person_in_one_form(self, district: District) -> None:
        client = district.client("xa")
        form = opened(client)
        assert form["new.commune"] == "18568"
        typed = {"new.full_name": "Trần Thị Tám", "new.birth": "09/08/1944", "new.sex": "F", "new.hamlet": "TDP 1"}
        answer = send(client, form, **typed, reason="MOI", category="5.5c", event_date="09/08/2024")
        assert answer.status_code == 303, text(answer.text)
        shown = text(client.get(answer.location).text)
        assert "Hưởng từ tháng 08/2024, mỗi tháng 500.000 đ" in shown
        assert "Trần Thị Tám" in shown
        approve(district, form["record"])
        assert district.value("person", form["new_id"], "full_name") == "Trần Thị Tám"

    def test_a_number_known_already_is_said_before_and_kept_as_a_conflict_after(self, district: District) -> None:
        client = district.client("xa2")
        form = opened(client)
        typed = {"new.full_name": "Nguyễn Thị Đào", "new.birth": "1938", "new.national_id": "099138000001", "reason": "MOI", "category": "5.5c"}
        look = client.post("/changes/new", data={**form, **typed, "event_date": "05/2024", "step": "review"})
        assert "Số CCCD này đã có trong danh sách (Thị trấn Lộc Hà)" in text(look.text)
        answer = send(client, form, **typed, event_date="05/2024")
        assert answer.status_code == 303
        assert "cần làm rõ" in text(client.get(answer.location).text)

    def test_a_method_of_payment_with_the_account_half_hidden(self, district: District) -> None:
        client = district.client("xa")
        page = client.get("/changes/new", query_string={"person": person_id("phuc"), "type": "payment_method"})
        assert "00009900000007" not in page.text
        form = Fields(page.text, "/changes/new").found
        typed = {"reason": "SUA_TK", "payment_method.account": "00009900000077"}
        answer = send(client, form, **typed)
        assert answer.status_code == 303, text(answer.text)
        shown = client.get(answer.location).text
        assert "••••0007" in shown
        assert "••••0077" in shown
        approve(district, form["record"])
        assert district.value("person", person_id("phuc"), "payment_method")["account"] == "00009900000077"
        assert district.value("entitlement", right_id("phuc"), "payment_method")["account"] == "00009900000077"

    def test_three_values_where_the_one_that_was_seen_has_moved(self, district: District) -> None:
        client = district.client("xa")
        form = opened(client, person=person_id("phuc"), type="payment_method")
        first = {"reason": "SUA_TK", "person": person_id("phuc"), "target_set": {"payment_method": (district.value("person", person_id("phuc"), "payment_method"), bank("00009900000055", "TRAN PHUC", "LPBank"))}}
        assert send(client, form, reason="SUA_TK", **{"payment_method.account": "00009900000077"}).status_code == 303
        approve(district, propose(district, "huyen2", **first))
        shown = text(district.client("huyen").get(f"/changes/{form['record']}").text)
        for account in ("••••0007", "••••0055", "••••0077"):
            assert account in shown

    def test_the_post_office_reports_what_ended_and_nothing_else(self, district: District) -> None:
        agent = district.client("chitra")
        form = opened(agent, person=person_id("dao"), reason="CHET")
        assert send(agent, form, event_date="03/10/2024").status_code == 303
        page = agent.get("/changes/new", query_string={"person": person_id("dao"), "type": "adjustment"})
        assert "Điều chỉnh" not in text(page.text)
        assert agent.get("/changes/new").status_code == 404
        assert agent.get("/changes/new", query_string={"person": person_id("ut")}).status_code == 404

    @pytest.mark.parametrize("path", ["/changes/new?person=khong", f"/changes/{uuid7()}", f"/changes/{uuid7()}/answer", "/changes/abc"])
    def test_an_unknown_id_is_not_found(self, district: District, path: str) -> None:
        assert district.client("xa").get(path).status_code == 404


class TestTheQueue:
    def test_a_commune_sees_its_own_and_what_became_of_each(self, district: District) -> None:
        mine = propose(district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-01")
        propose(district, "xa2", reason="HET_DK", person=person_id("ut"), event_date="2024-10-01")
        decide(district, "huyen", mine, "reject", reason="Chưa đủ giấy tờ")
        shown = text(district.client("xa").get("/changes?state=all").text)
        assert "Nguyễn Thị Đào" in shown
        assert "Võ Thị Út" not in shown
        assert "Lý do: Chưa đủ giấy tờ" in shown
        assert "Người huyen" in shown
        assert district.client("xa2").get(f"/changes/{mine}").status_code == 404

    def test_filters_and_pages_by_key(self, district: District) -> None:
        keys = ("dao", "duong", "my", "hoa", "an")
        ids = [propose(district, "xa", reason="HET_DK", person=person_id(key), event_date="2024-10-01", now=EARLIER) for key in keys]
        propose(district, "xa2", reason="TAM_GIAM", person=person_id("ut"), event_date="2024-10-01")
        with district.open():
            actor = district.actor("huyen")
            assert len(change.queue(actor, Filter(commune="18568")).rows) == 5
            assert [row.person_name for row in change.queue(actor, Filter(type="suspension")).rows] == ["Võ Thị Út"]
            assert change.queue(actor, Filter(mine=True)).rows == ()
            seen, after = [], ""
            while True:
                page = change.queue(actor, Filter(commune="18568"), after, size=2)
                seen += [row.id for row in page.rows]
                after = page.after
                if not after:
                    break
        assert sorted(seen) == sorted(ids)

    def test_the_post_office_is_not_told_of_new_people_and_categories(self, district: District) -> None:
        propose(district, "xa", reason="MOI", person=person_id("dao"), category="5.4")
        record = propose(district, "xa", reason="HET_DK", person=person_id("an"), event_date="2024-10-01")
        agent = district.client("chitra")
        shown = agent.get("/changes").text
        assert "Quyết định hưởng mới" not in shown
        page = agent.get(f"/changes/{record}").text
        assert "5.8" not in text(page)

    def test_each_is_told_what_waits(self, district: District) -> None:
        record = propose(district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-01")

        def count(who: str) -> int:
            with district.open():
                found: list[home.Waiting] = change.waiting(Account.get(Account.name == who), NOW)
            return sum(item.count for item in found)

        assert (count("huyen"), count("lanhdao"), count("xa"), count("chitra")) == (1, 1, 0, 0)
        decide(district, "huyen", record, "return", reason="Vì sao?")
        assert (count("huyen"), count("xa")) == (0, 1)

    def test_who_may_not_propose_gets_no_form(self, district: District) -> None:
        assert district.client("giamsat").get("/changes").status_code == 200
        assert district.client("giamsat").get(f"/changes/new?person={person_id('dao')}").status_code == 403
        assert district.client("quantri").get("/changes").status_code == 403
