"""What changes do to rights, people and payments, before and after they are decided; and what the door refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from portal import change_record, door, proposal
from portal.proposal import Draft
from sync.ids import uuid7
from tests.district import CASH, MONTH, NOW, District, bank, person_id, right_id
from tests.proposing import DAY, addenda, approve, decide, payments, posted_list, propose, rights


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
        record = propose(
            district, "xa", reason="HET_CHAM_SOC", person=person_id("my"), entitlement=right_id("my", 2), event_date="2024-10-02"
        )
        approve(district, record)
        assert [(category, stop) for category, _, _, stop in rights(district, "my")] == [("5.6-dbn-te", None), ("20.2c", "2024-11")]
        assert district.value("person", person_id("my"), "status") == "active"

    def test_an_adjustment_keeps_the_old_months(self, district: District) -> None:
        draft: dict[str, Any] = {
            "reason": "MUC_KT",
            "person": person_id("hoa"),
            "entitlement": right_id("hoa"),
            "category": "5.6-dbn",
            "event_date": "2024-10-02",
        }
        approve(district, propose(district, "xa", **draft), number="15/QĐ", day="2024-10-09")
        assert rights(district, "hoa") == [("5.6-nang", 15, "2019-02", "2024-10"), ("5.6-dbn", 20, "2024-10", None)]

    def test_an_adjustment_does_not_revive_what_ends(self, district: District) -> None:
        approve(district, propose(district, "xa", reason="HET_DK", person=person_id("hoa"), event_date="2024-11-10"))
        draft: dict[str, Any] = {"reason": "MUC_KT", "person": person_id("hoa"), "entitlement": right_id("hoa"), "category": "5.6-dbn"}
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
        new: dict[str, Any] = {
            "id": uuid7(),
            "full_name": "Trần Thị Tám",
            "birth": "1944-08-09",
            "commune": "18568",
            "hamlet": "TDP 1",
            "payment_method": CASH,
        }
        record = propose(district, "xa", reason="MOI", new_person=new, category="5.5c", event_date="2024-08-09")
        approve(district, record, number="20/QĐ", day="2024-10-09")
        with district.open():
            person = door.shelf().get("person", new["id"])
            right = door.shelf().where("entitlement", {"person": new["id"]})[0]
        assert person is not None
        assert person["status"] == "active"
        assert (right["start_month"], right["coefficient10"], right["decision_no"], right["payment_method"]) == (
            "2024-08",
            10,
            "20/QĐ",
            CASH,
        )

    def test_a_right_that_counts_from_the_signing_starts_in_the_month_of_the_decision(self, district: District) -> None:
        record = propose(district, "xa", reason="MOI", person=person_id("dao"), category="5.4")
        approve(district, record, number="21/QĐ", day="2024-11-04")
        assert ("5.4", 10, "2024-11", None) in rights(district, "dao")
        assert district.value("change", record, "effective") == "2024-11"

    def test_approved_without_a_day_it_is_signed_on_that_day(self, district: District) -> None:
        record = propose(district, "xa", reason="MOI", person=person_id("dao"), category="5.4")
        approve(district, record, now=datetime(2024, 11, 5, 2, 0, tzinfo=UTC))
        assert ("5.4", 10, "2024-11", None) in rights(district, "dao")

    def test_a_persons_method_is_that_of_the_rights_paid_alike(self, district: District) -> None:
        account = bank("00009900000001", "NGUYEN THI DAO")
        draft: dict[str, Any] = {"reason": "DK_TAI_KHOAN", "person": person_id("dao"), "target_set": {"payment_method": (CASH, account)}}
        approve(district, propose(district, "xa", **draft))
        assert district.value("person", person_id("dao"), "payment_method") == account
        assert district.value("entitlement", right_id("dao"), "payment_method") == account

    def test_one_right_can_be_paid_in_its_own_way(self, district: District) -> None:
        now = district.value("entitlement", right_id("my", 2), "payment_method")
        draft: dict[str, Any] = {
            "reason": "VE_TIEN_MAT",
            "person": person_id("my"),
            "entitlement": right_id("my", 2),
            "target_set": {"payment_method": (now, CASH)},
        }
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

    def test_what_it_holds_is_told(self, each_district: District) -> None:
        with posted_list(each_district):
            draft = Draft(reason="CHET", person=person_id("dao"), event_date="2024-09-30")
            with each_district.open():
                before = {effect.code: effect.values for effect in proposal.preview(draft, NOW).effects}
            assert before["holds"]["amount"] == 500_000
            record = each_district.report_death("dao", "2024-09-30")
            with each_district.open():
                found = change_record.find(each_district.actor("xa"), record, NOW)
            assert found is not None
            held = {effect.code: effect.values for effect in found.effects}
            assert (held["held"]["count"], held["held"]["amount"], held["held"]["months"]) == (1, 500_000, [MONTH])
            assert "holds" not in held
