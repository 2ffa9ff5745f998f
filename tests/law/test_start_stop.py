from __future__ import annotations

from typing import Any

import pytest

from portal.law import book, eligibility, reasons
from portal.law.errors import DateMissingError, UnknownReasonError
from tests.law import table

CASES = table.read("start_stop")


@pytest.mark.parametrize("case", CASES["start"], ids=lambda case: f"{case['reason']} {case['category']} {case['event']}")
def test_from_which_month_a_right_counts(case: dict[str, Any]) -> None:
    category = book.load().at(case.get("at", "2023-01")).category(case["category"])
    found = eligibility.start_month(category, case["reason"], case["event"], case["decision"], birthday_delay=case.get("birthday_delay", 0))
    assert found.month == case["month"]
    assert (found.source.article if found.source else "") == case["article"]


@pytest.mark.parametrize("case", CASES["stop"], ids=lambda case: f"{case['reason']} {case['event']}")
def test_from_which_month_it_stops(case: dict[str, Any]) -> None:
    found = eligibility.stop_month(case["reason"], case["event"])
    assert found.month == case["month"]
    assert found.source is not None
    assert found.source.article == case["article"]


_BASIS = {"b": "birthday", "c": "certificate", "d": "decision", "d20": "decision"}
_ROWS = [(code, _BASIS[basis]) for basis, codes in table.read("categories")["starts"].items() for code in codes]


@pytest.mark.parametrize(("code", "basis"), _ROWS)
def test_every_category_starts_with_what_the_text_names(code: str, basis: str) -> None:
    """Signed in June; the birthday or the certificate was in March: only a decision counts from June."""
    category = book.load().at("2024-06").category(code)
    found = eligibility.start_month(category, "MOI", "2024-03-15", "2024-06-20")
    assert found.month == ("2024-06" if basis == "decision" else "2024-03")
    later = eligibility.start_month(category, "MOI", "2024-03-15", "2024-06-20", birthday_delay=1)
    assert later.month == {"decision": "2024-06", "certificate": "2024-03", "birthday": "2024-04"}[basis]
    moved = eligibility.start_month(category, "CHUYEN_DEN", "2024-12", "2024-06-20")
    assert moved.month == "2025-01"


def test_every_category_has_a_row() -> None:
    assert {code for code, _ in _ROWS} == set(book.load().at("2024-06").categories)


def test_every_reason_has_a_case() -> None:
    tried = {case["reason"] for rows in CASES.values() for case in rows}
    changes = {code for kind in reasons.CHANGE_KINDS for code in reasons.of_kind(kind)}
    # Payment methods count alike; one of them is tried.
    assert changes - tried == {"SUA_TK", "VE_TIEN_MAT"}


def test_a_date_that_is_needed_is_asked_for_by_name() -> None:
    law = book.load().at("2023-01")
    with pytest.raises(DateMissingError) as caught:
        eligibility.start_month(law.category("5.6-nang"), "MOI", "", "2023-01-02")
    assert caught.value.which == "event_date"
    with pytest.raises(DateMissingError) as caught:
        eligibility.start_month(law.category("5.4"), "MOI", "2023-01-02")
    assert caught.value.which == "decision_date"
    with pytest.raises(DateMissingError):
        eligibility.stop_month("CHET", "")
    with pytest.raises(ValueError, match="not a date"):
        eligibility.stop_month("CHET", "3/9/2024")


def test_a_reason_is_asked_for_at_its_own_door() -> None:
    with pytest.raises(UnknownReasonError, match="stop_month"):
        eligibility.start_month(book.load().at("2023-01").category("5.5c"), "CHET", "2023-01-01")
    with pytest.raises(UnknownReasonError, match="start_month"):
        eligibility.stop_month("MOI", "2023-01-01")
    with pytest.raises(UnknownReasonError, match=r"choose one of .*CHET"):
        eligibility.stop_month("CHIET", "2023-01-01")


@pytest.mark.parametrize(
    ("uncollected", "count", "step"),
    [
        ([], 0, "none"),
        (["2024-09"], 1, "none"),
        (["2024-08", "2024-09"], 2, "ask"),
        (["2024-07", "2024-08", "2024-09"], 3, "suspend"),
        (["2023-12", "2024-01", "2024-02"], 0, "none"),
        (["2024-06", "2024-07", "2024-09"], 1, "none"),
        ([f"2024-0{month}" for month in range(1, 10)], 9, "suspend"),
    ],
)
def test_two_months_ask_three_suspend(uncollected: list[str], count: int, step: str) -> None:
    found = eligibility.uncollected(book.load().at("2024-09"), uncollected, "2024-09")
    assert (found.count, found.step) == (count, step)
    assert (found.source is None) == (step == "none")


def test_three_months_are_counted_over_the_turn_of_the_year() -> None:
    found = eligibility.uncollected(book.load().at("2024-01"), {"2023-11", "2023-12", "2024-01"}, "2024-01")
    assert found.step == "suspend"
    assert "Thông tư 02/2021" in str(found.source)


def test_reasons_have_words_in_both_languages_and_codes_of_their_own() -> None:
    everything = [reason for group in reasons.every().values() for reason in group.values()]
    assert all(reason.label and reason.label_en for reason in everything)
    changes = [code for kind in reasons.CHANGE_KINDS for code in reasons.of_kind(kind)]
    assert len(changes) == len(set(changes))
    assert set(reasons.of_kind("returned")) == {"SAI_TK", "SAI_TEN", "TK_DONG", "TK_KHOA", "SAI_NH", "HET_HAN_GTTT", "KHAC"}
    assert reasons.find("CHET").kind == "decrease"
    assert reasons.find("CHET", "uncollected").kind == "uncollected"
    assert reasons.find("TAM_GIAM").stops
    assert not reasons.find("MOI").stops
