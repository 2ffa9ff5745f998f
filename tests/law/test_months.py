from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.law import months

any_month = st.integers(0, 119_999).map(months.from_number)


@given(any_month, st.integers(-2400, 2400))
def test_adding_and_taking_away_come_back(month: str, count: int) -> None:
    if 0 <= months.number(month) + count < 120_000:
        there = months.add(month, count)
        assert months.add(there, -count) == month
        assert months.between(month, there) == count
        assert (there > month) == (count > 0)


@given(any_month, any_month)
def test_a_span_is_every_month_once_in_order(first: str, last: str) -> None:
    if months.between(first, last) > 600:
        last = months.add(first, 600)
    span = list(months.span(first, last))
    assert len(span) == max(0, months.between(first, last) + 1)
    assert all(months.between(before, after) == 1 for before, after in pairwise(span))


def test_a_year_turns_over() -> None:
    assert months.add("2024-12", 1) == "2025-01"
    assert months.add("2024-01", -1) == "2023-12"
    assert months.spoken("2024-07") == "07/2024"


@pytest.mark.parametrize(
    ("text", "month"), [("1938", "1938-01"), ("1938-05", "1938-05"), ("1938-05-12", "1938-05"), ("2024-02-29", "2024-02")]
)
def test_what_is_not_known_of_a_date_is_its_first_day(text: str, month: str) -> None:
    assert months.month_of(text) == month


@pytest.mark.parametrize(
    "text", ["", "38", "1938-13", "1938-00", "1938-5", "2023-02-29", "1938-05-12T00", "12/05/1938", "１９３８", "1938-05-12\n"]
)
def test_other_writings_of_a_date_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        months.month_of(text)


@pytest.mark.parametrize("text", ["", "2024", "2024-13", "2024-1", "2024-10-01", " 2024-10"])
def test_other_writings_of_a_month_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        months.number(text)
