"""Proposing a change: what the law makes of it, and the forms, which keep what was typed."""

from __future__ import annotations

from typing import Any

import pytest

from portal import change, proposal
from portal.change import Filter
from portal.proposal import Draft
from sync.ids import uuid7
from tests import lists
from tests.district import NOW, District, bank, person_id, right_id
from tests.proposing import Fields, approve, opened, posted_list, propose, send, text

NOWHERE = "01900000-0000-7000-8000-000000000000"


class TestTheLawFillsTheMonths:
    """Start and stop months by domain 1.5, with the article that says so."""

    @pytest.mark.parametrize(
        ("draft", "month", "article"),
        [
            ({"reason": "CHET", "event_date": "2024-10-03"}, "2024-11", "Điều 8 khoản 2"),
            ({"reason": "CHUYEN_DI", "event_date": "2024-09"}, "2024-10", "Điều 8 khoản 4"),
            ({"reason": "TAM_GIAM", "event_date": "2024-10-01"}, "2024-11", "Thông tư 02/2021"),
            (
                {"reason": "MUC_KT", "event_date": "2024-08-20", "entitlement": right_id("dao"), "category": "5.5a-80"},
                "2024-08",
                "Điều 8 khoản 1",
            ),
        ],
    )
    def test_of_an_event(self, district: District, draft: dict[str, Any], month: str, article: str) -> None:
        with district.open():
            seen = proposal.preview(Draft(person=person_id("dao"), **draft), NOW)
        assert seen.problems == {}
        assert seen.effective == month
        assert article in seen.source

    def test_of_a_birthday_with_arrears(self, district: District) -> None:
        new: dict[str, Any] = {"id": uuid7(), "full_name": "Trần Thị Tám", "birth": "1944-08-09", "commune": "18568"}
        for month in ("2024-09", "2024-10"):
            lists.opened(district, month)
        with district.open():
            seen = proposal.preview(Draft(reason="MOI", new_person=new, category="5.5c", event_date="2024-08-09"), NOW)
        assert (seen.effective, seen.amount, seen.by_decision) == ("2024-08", 500_000, False)
        arrears = next(effect for effect in seen.effects if effect.code == "arrears")
        # October's list is still a draft, so September is owed; August was never on a list of the portal.
        assert (arrears.values["since"], arrears.values["count"], arrears.values["amount"]) == ("2024-09", 1, 500_000)
        unlisted = next(effect for effect in seen.effects if effect.code == "unlisted")
        assert (unlisted.values["since"], unlisted.values["until"]) == ("2024-08", "2024-08")

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
        again = send(client, form, event_date="04/10/2024")
        assert again.status_code == 303
        assert "đã được gửi rồi" in text(client.get(again.location).text)
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

    def test_refused_by_the_door_it_can_be_corrected_and_sent(self, district: District) -> None:
        client = district.client("xa2")
        form = opened(client)
        typed = {
            "new.full_name": "Trần Thị Tám",
            "new.birth": "09/08/1944",
            "reason": "MOI",
            "category": "5.5c",
            "event_date": "09/08/2024",
        }
        refused = send(client, form, **{**typed, "new.commune": "18568"})
        assert refused.status_code == 422
        kept = Fields(refused.text, "/changes/new").found
        assert kept["new.full_name"] == "Trần Thị Tám"
        assert send(client, kept, **{"new.commune": "18580"}).status_code == 303
        assert district.value("change", form["record"], "commune") == "18580"

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
        typed = {
            "new.full_name": "Nguyễn Thị Đào",
            "new.birth": "1938",
            "new.national_id": "099138000001",
            "reason": "MOI",
            "category": "5.5c",
        }
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
        first: dict[str, Any] = {
            "reason": "SUA_TK",
            "person": person_id("phuc"),
            "target_set": {
                "payment_method": (
                    district.value("person", person_id("phuc"), "payment_method"),
                    bank("00009900000055", "TRAN PHUC", "LPBank"),
                )
            },
        }
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

    @pytest.mark.parametrize("path", ["/changes/new?person=khong", f"/changes/{NOWHERE}", f"/changes/{NOWHERE}/answer", "/changes/abc"])
    def test_an_unknown_id_is_not_found(self, district: District, path: str) -> None:
        assert district.client("xa").get(path).status_code == 404
