from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.law import amount, book
from portal.law.highest import Claim, payable
from tests.law import table

CODES = sorted(book.load().at("2024-09").categories)


def claims_of(month: str, written: list[str]) -> list[Claim]:
    law = book.load().at(month)
    return [
        Claim(
            ref=ref,
            category=law.category(ref.partition("#")[0]),
            amount=amount.amount_of(law, ref.partition("#")[0]),
            about=ref.partition("#")[2],
        )
        for ref in written
    ]


@pytest.mark.parametrize("case", table.read("highest")["case"], ids=lambda case: case["about"])
def test_one_the_highest_with_one_exception(case: dict[str, Any]) -> None:
    claims = claims_of(case["month"], case["claims"])
    for order in permutations(claims):
        winners, losers = payable(order)
        assert {claim.ref for claim in winners} == set(case["paid"])
        assert {lost.claim.ref for lost in losers} == set(case["claims"]) - set(case["paid"])


def test_a_loser_names_the_winner_and_the_article() -> None:
    (lost,) = payable(claims_of("2024-09", ["5.5c", "5.6-nang-nct"])).losers
    assert lost.claim.ref == "5.5c"
    assert [claim.ref for claim in lost.instead] == ["5.6-nang-nct"]
    assert str(lost.source) == "Điều 6 khoản 2, Nghị định 20/2021/NĐ-CP"
    (lost,) = payable(claims_of("2024-09", ["20.2c", "20.2d"])).losers
    assert "Điều 20" in str(lost.source)


@given(st.lists(st.sampled_from(CODES), unique=True, max_size=8))
def test_nothing_is_lost_or_doubled_and_one_allowance_is_paid(written: list[str]) -> None:
    claims = claims_of("2024-09", written)
    winners, losers = payable(claims)
    assert sorted([claim.ref for claim in winners] + [lost.claim.ref for lost in losers]) == sorted(written)
    own = [claim for claim in winners if claim.category.programme == "allowance"]
    groups = [claim.category.group for claim in own]
    assert len(own) <= 1 or (len(own) == 2 and "5.4" in groups and set(groups) & {"5.5", "5.6", "5.8"})
    asked = [claim.amount for claim in claims if claim.category.programme == "allowance"]
    assert sum(claim.amount for claim in own) >= max(asked, default=0)
    assert all(lost.instead for lost in losers)
