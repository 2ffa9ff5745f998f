from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.law import ages, book, eligibility, months
from tests.law import table

CODES = sorted({code for month in ("2024-09", "2026-08") for code in book.load().at(month).categories})
births = st.dates(min_value=date(1915, 1, 1), max_value=date(2026, 12, 31)).flatmap(
    lambda day: st.sampled_from([day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]])
)
any_month = st.integers(months.number("2021-07"), months.number("2040-12")).map(months.from_number)


def blocked(case: dict[str, Any], month: str) -> set[str]:
    found = eligibility.check(book.load(), month, case["category"], case.get("birth", "1980"), child_birth=case.get("child", ""))
    return {finding.code for finding in found if finding.blocking}


@pytest.mark.parametrize("case", table.read("ages")["fits"], ids=lambda case: f"{case['category']} {case.get('birth') or case['child']}")
def test_each_boundary_of_age(case: dict[str, Any]) -> None:
    law = book.load()
    first, last = case["first"], case["last"]
    assert not blocked(case, first)
    if last:
        assert not blocked(case, last)
        assert blocked(case, months.add(last, 1)) == {
            "AGE_CATEGORY" if case["category"] in law.at(months.add(last, 1)).categories else "CATEGORY_ENDED"
        }
    else:
        assert not blocked(case, "2049-12")
    if first > max(law.ever(case["category"])[0].since, (case.get("birth") or case["child"])[:7]):
        assert blocked(case, months.add(first, -1)) == {"AGE_CATEGORY"}


@pytest.mark.parametrize("case", table.read("transitions")["case"], ids=lambda case: case["about"])
def test_what_age_and_decrees_will_bring(case: dict[str, Any]) -> None:
    found = ages.transitions(book.load(), case["birth"], case["category"], *case["between"])
    written = [
        f"{t.month} {t.kind} {t.category}>{t.to} {t.coefficient10_before}>{t.coefficient10_after}"
        + (f" ?{t.provided}" if t.provided else "")
        + (f" !{t.unless}" if t.unless else "")
        for t in found
    ]
    assert written == case["expect"]
    assert all(t.source is not None for t in found)


def test_a_transition_carries_what_its_proposal_needs() -> None:
    change, end = ages.transitions(book.load(), "2008-02-29", "5.1-b", "2024-01", "2024-12")
    assert (change.event_date, change.reason, change.age_months) == ("2024-02-29", "TUOI", 192)
    assert (end.event_date, end.reason, end.month) == ("2024-02-29", "QUA_TUOI", "2024-03")
    assert eligibility.stop_month(end.reason, end.event_date).month == end.month
    law = book.load().at("2024-02")
    assert eligibility.start_month(law.category("5.2"), change.reason, change.event_date).month == change.month


def test_a_birthday_that_does_not_exist_is_the_last_day_of_its_month() -> None:
    assert ages.birthday("2004-02-29", 16 * 12) == "2020-02-29"
    assert ages.birthday("2004-02-29", 22 * 12) == "2026-02-28"
    assert ages.birthday("1944", 80 * 12) == "2024-01-01"
    assert ages.birthday("1944-05", 80 * 12) == "2024-05-01"


@given(births, any_month)
def test_age_grows_by_one_each_month(birth: str, month: str) -> None:
    assert ages.age_at(birth, months.add(month, 1)) == ages.age_at(birth, month) + 1
    assert ages.years_at(birth, month) == ages.age_at(birth, month) // 12


@given(births, st.sampled_from(CODES), any_month, st.integers(-1, 400))
def test_transitions_are_sorted_inside_their_window_and_alike_from_any_start(birth: str, code: str, first: str, length: int) -> None:
    last = months.add(first, length)
    found = ages.transitions(book.load(), birth, code, first, last)
    assert found == sorted(found, key=lambda t: t.month)
    assert all(first <= t.month <= last for t in found)
    assert len({(t.month, t.kind, t.category) for t in found}) == len(found)
    assert [t for t in ages.transitions(book.load(), birth, code, first, months.add(first, 600)) if t.month <= last] == found


@given(births, st.sampled_from(CODES), any_month)
def test_a_fitting_category_that_follows_its_transitions_always_fits(birth: str, code: str, first: str) -> None:
    law = book.load()
    current = law.at(first).categories.get(code)
    if current is None or current.age_of == "child" or not current.admits(ages.age_at(birth, first)):
        return
    found = [t for t in ages.transitions(law, birth, code, first, months.add(first, 240)) if not t.unless]
    for month in months.span(first, months.add(first, 240)):
        for transition in (t for t in found if t.month == month):
            assert current is not None
            assert transition.category == current.code
            current = law.at(month).categories.get(transition.to)
        if current is None:
            return
        assert current.code in law.at(month).categories
        assert ages.covers(law.at(month).category(current.code), birth, month)


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ({"category": "5.5c", "birth": "1940-01-01"}, []),
        ({"category": "5.5k", "birth": "1940"}, ["CATEGORY_UNKNOWN"]),
        ({"category": "HTXH-75", "birth": "1940"}, ["CATEGORY_ENDED"]),
        ({"category": "5.5c", "birth": ""}, ["BIRTH_MISSING"]),
        ({"category": "5.5c", "birth": "12/5/38"}, ["BIRTH_UNREADABLE"]),
        ({"category": "5.5c", "birth": "2031"}, ["BIRTH_FUTURE"]),
        ({"category": "5.5c", "birth": "1948-10"}, ["AGE_CATEGORY"]),
        ({"category": "5.5c", "birth": "1944"}, ["AGE_UNCERTAIN"]),
        ({"category": "5.5c", "birth": "1943"}, []),
        ({"category": "5.6-nang", "birth": "1961-01-01"}, ["AGE_CATEGORY"]),
        ({"category": "5.6-nang-te", "birth": "2007-08-01"}, ["AGE_CATEGORY"]),
        ({"category": "5.5c", "birth": "1940", "coefficient10": 15}, ["COEF_CATEGORY"]),
        ({"category": "5.5c", "birth": "1940", "coefficient10": 10, "amount": 500_000}, []),
        ({"category": "5.5c", "birth": "1940", "amount": 360_000}, ["AMOUNT"]),
        ({"category": "5.5c", "birth": "1940", "amount": 500_001}, ["AMOUNT"]),
        ({"category": "5.4", "birth": "1980"}, ["CHILD_BIRTH_MISSING"]),
        ({"category": "5.4", "birth": "1980", "child_birth": "2001-01-01"}, ["AGE_CATEGORY"]),
        ({"category": "20.2c", "birth": ""}, []),
        ({"category": "5.8", "birth": "1980"}, ["CONFIDENTIAL"]),
        ({"category": "5.5a-60", "birth": "1960", "facts": {"HO_NGHEO": True, "KHONG_PHUNG_DUONG": True}}, []),
        ({"category": "5.5a-60", "birth": "1960", "facts": {"HO_NGHEO": False, "KHONG_PHUNG_DUONG": True}}, ["FACT_FALSE"]),
        ({"category": "5.5a-60", "birth": "1960", "facts": {"HO_NGHEO": True}}, ["FACT_UNKNOWN"]),
        ({"category": "5.4", "birth": "1980", "child_birth": "2010", "facts": {"HO_CAN_NGHEO": True, "DON_THAN": True}}, []),
        ({"category": "5.4", "birth": "1980", "child_birth": "2010", "facts": {"HO_NGHEO": False, "DON_THAN": True}}, ["FACT_UNKNOWN"]),
    ],
)
def test_findings(arguments: dict[str, Any], codes: list[str]) -> None:
    found = eligibility.check(book.load(), "2024-10", **arguments)
    assert [finding.code for finding in found] == codes
    warnings = {"AGE_UNCERTAIN", "CHILD_BIRTH_MISSING", "FACT_UNKNOWN", "CONFIDENTIAL"}
    assert all(finding.blocking == (finding.code not in warnings) and finding.text for finding in found)


def test_the_wrong_age_names_the_category_that_fits() -> None:
    (found,) = eligibility.check(book.load(), "2024-10", "5.6-nang", "1961")
    assert found.values["instead"] == "5.6-nang-nct"
    (found,) = eligibility.check(book.load(), "2024-10", "5.6-nang-nct", "2007-05-05")
    assert found.values["instead"] == "5.6-nang"
    (found,) = eligibility.check(book.load(), "2025-10", "5.5c", "1940")
    assert found.values["to"] == "HTXH-75"


def test_a_difference_may_be_paid_below_the_level_but_not_above() -> None:
    law = book.load()
    assert eligibility.check(law, "2025-10", "HTXH-75", "1940-01", amount=320_000) == []
    assert [finding.code for finding in eligibility.check(law, "2025-10", "HTXH-75", "1940-01", amount=500_010)] == ["AMOUNT"]
