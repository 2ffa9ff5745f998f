"""Changes from proposal to decision: what an approval does, who decides on what, and what the queue shows."""

from __future__ import annotations

import re
from typing import Any

from portal import change, change_record, home
from portal.change import Filter
from portal.models.account import Account
from sync.ids import uuid7
from tests.district import NOW, District, person_id
from tests.proposing import DAY, EARLIER, Fields, approve, decide, propose, text


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

    def test_one_that_moved_is_asked_again_with_what_moved(self, each_district: District) -> None:
        record = propose(each_district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-01")
        client = each_district.client("huyen")
        form = Fields(client.get(f"/changes/{record}").text, f"/changes/{record}/decision").found
        each_district.submit("xa", "change", record, {"note": (None, "Gia đình xin thôi")})
        answer = client.post(f"/changes/{record}/decision", data={**form, "verdict": "approve", "number": "33/QĐ", "date": "09/10/2024"})
        assert answer.status_code == 409
        assert "Người xa" in text(answer.text)
        assert "Ghi chú: Gia đình xin thôi" in text(answer.text)
        assert each_district.value("change", record, "state") == "proposed"
        again = Fields(answer.text, f"/changes/{record}/decision").found
        assert (again["number"], again["date"]) == ("33/QĐ", "09/10/2024")
        assert again["digest"] != form["digest"]
        answer = client.post(f"/changes/{record}/decision", data={**again, "verdict": "approve"})
        assert answer.status_code == 303
        assert each_district.value("change", record, "decision")["number"] == "33/QĐ"

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
        sent = commune.post(
            f"/changes/{record}/answer", data={**form, "answer": "Đã có", "event_date": "02/10/2024", "evidence": "Giấy chứng tử 05/2024"}
        )
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
        answer = client.post(
            "/changes/decisions", data={**Fields(page, "/changes/decisions").found, "chosen": chosen, "date": "31/02/2024"}
        )
        assert answer.status_code == 422
        assert district.value("change", record, "state") == "proposed"

    def test_the_same_national_id_waits_for_an_answer(self, district: District) -> None:
        new: dict[str, Any] = {
            "id": uuid7(),
            "full_name": "Nguyễn Thị Đào",
            "birth": "1938",
            "commune": "18580",
            "national_id": "099138000001",
        }
        record = propose(district, "xa2", reason="MOI", new_person=new, category="5.5c", event_date="2024-05-01")
        shown = text(district.client("huyen").get(f"/changes/{record}").text)
        assert "trùng với một người đã có" in shown
        result = decide(district, "huyen", record)
        assert result.reason is not None
        assert result.reason.detail == "same_person_open"


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

    def test_filters_and_pages_by_key(self, each_district: District) -> None:
        keys = ("dao", "duong", "my", "hoa", "an")
        ids = [propose(each_district, "xa", reason="HET_DK", person=person_id(key), event_date="2024-10-01", now=EARLIER) for key in keys]
        propose(each_district, "xa2", reason="TAM_GIAM", person=person_id("ut"), event_date="2024-10-01")
        with each_district.open():
            actor = each_district.actor("huyen")
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

    def test_each_is_told_what_waits(self, each_district: District) -> None:
        record = propose(each_district, "xa", reason="HET_DK", person=person_id("dao"), event_date="2024-10-01")

        def count(who: str) -> int:
            with each_district.open():
                found: list[home.Waiting] = change.waiting(Account.get(Account.name == who), NOW)
            return sum(item.count for item in found)

        assert (count("huyen"), count("lanhdao"), count("xa"), count("chitra")) == (1, 1, 0, 0)
        decide(each_district, "huyen", record, "return", reason="Vì sao?")
        assert (count("huyen"), count("xa")) == (0, 1)

    def test_who_may_not_propose_gets_no_form(self, district: District) -> None:
        assert district.client("giamsat").get("/changes").status_code == 200
        assert district.client("giamsat").get(f"/changes/new?person={person_id('dao')}").status_code == 403
        assert district.client("quantri").get("/changes").status_code == 403
