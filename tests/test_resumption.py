"""A suspended right goes on with back pay or without it: what is proposed, what is shown of both, what is decided, what the list brings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal import change_record
from portal.change_effect import Effect
from sync.edit import Result
from tests.district import District, line_code, person_id, right_id
from tests.lists import change_right, opened, run, to
from tests.proposing import Fields, approve, decide, propose, rights, send, text
from tests.proposing import opened as form_of

NOW = datetime(2024, 12, 4, 2, 0, tzinfo=UTC)
"""When Dao, suspended from October on, is to receive her 500.000 đ again."""
BACK: dict[str, Any] = {"reason": "TIEP_TUC", "person": person_id("dao"), "event_date": "2024-12-04"}
WITHOUT = {**BACK, "without_arrears": True, "note": "Không chấp hành rà soát"}


@pytest.fixture
def suspended(district: District) -> District:
    return _suspended(district)


def _suspended(here: District) -> District:
    opened(here, "2024-09")
    approve(here, propose(here, "xa", reason="KHONG_CHAP_HANH", person=person_id("dao"), event_date="2024-09-02"))
    for month in ("2024-10", "2024-11", "2024-12"):
        opened(here, month)
    here.app.config["SETTINGS"] = replace(here.app.config["SETTINGS"], today=date(2024, 12, 4))
    return here


def january(here: District) -> tuple[int, int]:
    """Dao's own sum and her arrears on the list of January 2025."""
    opened(here, "2025-01", now=NOW)
    ((own, back),) = run(here, "SELECT allowance, arrears FROM payment WHERE month = '2025-01' AND line_code = ?", line_code("dao"))
    return int(own), int(back)


def told(effects: tuple[Effect, ...]) -> list[tuple[Any, ...]]:
    """(code, first month, last month, months, đồng) of each effect; of a resumption its month alone."""
    names = ("since", "until", "count", "amount")
    return [(each.code, *([each.values["month"]] if "month" in each.values else [each.values[name] for name in names])) for each in effects]


def both(here: District, record: str, now: datetime = NOW) -> Any:
    with here.open():
        shown = change_record.find(here.actor("huyen"), record, now)
    assert shown is not None
    return None if shown.resumption is None else tuple(told(each) for each in shown.resumption)


@pytest.mark.parametrize(
    ("draft", "said", "own_and_back"),
    [
        (BACK, {}, (500_000, 1_500_000)),  # October, November, December
        (WITHOUT, {}, (500_000, 500_000)),  # December: it goes on from the month of the decision
        (WITHOUT, {"arrears": True}, (500_000, 1_500_000)),
        (BACK, {"arrears": False}, (500_000, 500_000)),
    ],
)
def test_the_list_brings_what_was_proposed_unless_the_decision_says_otherwise(
    each_district: District, draft: dict[str, Any], said: dict[str, Any], own_and_back: tuple[int, int]
) -> None:
    here = _suspended(each_district)
    approve(here, propose(here, "xa", now=NOW, **draft), now=NOW, **said)
    assert january(here) == own_and_back


def test_what_both_bring_is_shown_before_it_is_decided(suspended: District) -> None:
    record = propose(suspended, "xa", now=NOW, **WITHOUT)
    # December's list is a draft still: built again it pays December itself.
    assert both(suspended, record) == (
        [("resumes", "2024-10"), ("arrears", "2024-10", "2024-11", 2, 1_000_000)],
        [("resumes_anew", "2024-12"), ("forgoes", "2024-10", "2024-11", 2, 1_000_000)],
    )
    page = suspended.client("huyen").get(f"/changes/{record}").text
    assert "Không truy lĩnh 2 tháng (10/2024–11/2024): 1.000.000 đ." in text(page).replace("\u00a0", " ")
    assert "Truy lĩnh 2 tháng (10/2024–11/2024): 1.000.000 đ." in text(page).replace("\u00a0", " ")
    assert Fields(page, f"/changes/{record}/decision").found["arrears"] == "no"
    approve(suspended, record, now=NOW)
    assert both(suspended, record) is None


def test_each_suspended_month_is_owed_at_its_own_level(district: District) -> None:
    change_right(district, "dao", suspended_from="2024-05")
    now = datetime(2024, 8, 5, 2, 0, tzinfo=UTC)
    record = propose(district, "xa", now=now, **{**BACK, "event_date": "2024-08-05"})
    # May and June at 360.000, July and August at 500.000.
    assert both(district, record, now) == (
        [("resumes", "2024-05"), ("arrears", "2024-05", "2024-08", 4, 1_720_000)],
        [("resumes_anew", "2024-08"), ("arrears", "2024-08", "2024-08", 1, 500_000), ("forgoes", "2024-05", "2024-07", 3, 1_220_000)],
    )


def test_what_waits_at_the_post_office_is_let_go_and_not_owed_once_more(district: District) -> None:
    to(district, "posted")
    approve(district, propose(district, "xa", reason="KHONG_CHAP_HANH", person=person_id("dao"), event_date="2024-09-02"))
    now = datetime(2024, 11, 4, 2, 0, tzinfo=UTC)
    record = propose(district, "xa", now=now, **{**BACK, "event_date": "2024-11-04"})
    assert both(district, record, now) == (
        [("resumes", "2024-10"), ("releases", "2024-10", "2024-10", 1, 500_000)],
        [("resumes_anew", "2024-11"), ("forgoes", "2024-10", "2024-10", 1, 500_000)],
    )
    state = "SELECT state FROM payment WHERE month = '2024-10' AND line_code = ?"
    approve(district, record, now=now, arrears=False)
    assert run(district, state, line_code("dao")) == [("withheld",)]
    assert [(start, stop) for _, _, start, stop in rights(district, "dao")] == [("2018-01", "2024-10"), ("2024-11", None)]


def test_there_is_nothing_to_choose_where_no_month_went_by(suspended: District) -> None:
    change_right(suspended, "dao", suspended_from="2024-12")
    assert both(suspended, propose(suspended, "xa", now=NOW, **BACK)) is None


def test_the_commune_is_asked_on_its_form_and_says_why(suspended: District) -> None:
    client = suspended.client("xa")
    assert "without_arrears" not in client.get("/changes/new", query_string={"person": person_id("hoa"), "type": "increase"}).text
    fields = form_of(client, person=person_id("dao"), reason="TIEP_TUC")
    assert "seen.without_arrears" not in fields
    answer = send(client, fields, event_date="04/12/2024", without_arrears="1")
    assert answer.status_code == 422
    assert 'id="f-note-error"' in answer.text
    kept = Fields(answer.text, "/changes/new").found
    assert kept["without_arrears"] == "1"
    answer = send(client, kept, note="Không chấp hành rà soát")
    assert answer.status_code == 303, text(answer.text)
    record = answer.headers["Location"].rpartition("/")[2]
    assert suspended.value("change", record, "without_arrears") is True
    page = text(client.get(f"/changes/{record}").text)
    assert "Các tháng tạm dừng Không truy lĩnh" in page
    assert "Hưởng lại từ tháng 12/2024; các tháng tạm dừng trước đó không được truy lĩnh." in page


def test_the_decider_departs_from_the_proposal_with_a_reason(suspended: District) -> None:
    record = propose(suspended, "xa", now=NOW, **BACK)
    client, at = suspended.client("huyen"), f"/changes/{record}"
    fields = Fields(client.get(at).text, f"{at}/decision").found
    assert fields["arrears"] == "yes"
    without = {**fields, "verdict": "approve", "arrears": "no", "number": "77/QĐ"}
    answer = client.post(f"{at}/decision", data=without)
    assert answer.status_code == 422
    kept = Fields(answer.text, f"{at}/decision").found
    assert (kept["arrears"], kept["number"]) == ("no", "77/QĐ")
    answer = client.post(f"{at}/decision", data={**without, "reason": "Đã nhận trợ giúp khác"}, follow_redirects=True)
    assert "Các tháng tạm dừng Không truy lĩnh Đã nhận trợ giúp khác" in text(answer.text)
    assert january(suspended) == (500_000, 500_000)


def test_many_at_once_are_decided_as_proposed(suspended: District) -> None:
    record = propose(suspended, "xa", now=NOW, **WITHOUT)
    client = suspended.client("huyen")
    chosen = [value for value in _chosen(client.get("/changes").text) if value.startswith(record)]
    assert client.post("/changes/decisions", data={"chosen": chosen}).status_code == 200
    assert january(suspended) == (500_000, 500_000)


def _chosen(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('name="chosen" value="')[1:]]


def test_a_resumption_without_a_month_cannot_leave_any_out(suspended: District) -> None:
    pairs = {"reason": (None, "TIEP_TUC"), "person": (None, person_id("dao")), "without_arrears": (None, True)}
    record = right_id("dao", 9)
    assert suspended.submit("xa", "change", record, pairs, create=True).status == "accepted"
    refused: Result = decide(suspended, "huyen", record)
    assert (refused.status, refused.reason.field if refused.reason else "") == ("refused", "effective")
