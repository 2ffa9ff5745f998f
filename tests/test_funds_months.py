"""The provider's account over several months, whatever happens: marks, holds, stops decided late, another rule, money given back."""

from __future__ import annotations

import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import door, verify
from tests.district import MONTH, District, served
from tests.funded import balance, balances, by_hand, fund, move, settle
from tests.lists import run
from tests.machine import SOAK
from tests.posted import lines, mark, post_list
from tests.test_calendar import rule

MONTHS = (MONTH, "2024-11", "2024-12")
EVENTS = st.tuples(
    st.lists(st.sampled_from(["counter", "counter", "bank", "uncollected", "rejected", "hold"]), min_size=14, max_size=14),
    st.lists(st.tuples(st.integers(0, 13), st.sampled_from([0, 1, 2])), max_size=2),
    st.booleans(),
)
"""Of one month: what becomes of each line; whose right ends (a line's place, how many months back); whether what is owed is given back."""


def agrees(here: District, month: str) -> None:
    """Vouchers and lines agree in every month so far, and each month opens as the one before it closed."""
    rows = balances(here)
    for before, row in pairwise(rows):
        assert row.opening == before.closing
    for row in rows:
        assert row.opening + row.transferred == row.paid + row.returned + row.closing
        assert row.difference == 0, row
    assert rows[-1].month == month and rows[-1].closing == by_hand(here, month)["held"]


def live_through(here: District, month: str, marks: list[str], stops: list[tuple[int, int]], gives_back: bool) -> bool:
    """One month from its list to its closing; whether it closed."""
    post_list(here, month)
    fund(here, month)
    agrees(here, month)
    for (_, payment), state in zip(sorted(lines(here, month).items()), marks, strict=False):
        if state == "hold":
            held = here.submit("huyen", "payment", payment, {"hold": (None, {"reason": "x"})}, why="Chờ xác minh")
            assert held.status == "accepted"
        elif here.value("payment", payment, "hold") is None:
            assert mark(here, payment, state).status == "accepted"
    agrees(here, month)
    codes = sorted(lines(here, month))
    for place, back in stops:
        since = MONTHS[max(0, MONTHS.index(month) - back)]
        run(here, "UPDATE entitlement SET stop_month = ?, stop_reason = 'CHET' WHERE line_code = ?", since, codes[place % len(codes)])
    agrees(here, month)
    if gives_back and balance(here, month).owed > 0:
        assert move(here, month, type="return", cause="not_due", amount=balance(here, month).owed).status == "accepted"
        assert balance(here, month).owed == 0
    agrees(here, month)
    return settle(here, month).status == "accepted"


@pytest.fixture(scope="module")
def start(district_file: Path) -> Path:
    return district_file


@settings(max_examples=60 if SOAK else 5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(EVENTS, min_size=3, max_size=3), st.sampled_from(["", *MONTHS]))
def test_the_account_balances_through_the_months(
    start: Path, events: list[tuple[list[str], list[tuple[int, int]], bool]], since: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "district.sqlite3"
        shutil.copyfile(start, path)
        with served(f"sqlite:///{path}") as here:
            if since:
                assert rule(here, since).status == "accepted"
            for month, (marks, stops, gives_back) in zip(MONTHS, events, strict=True):
                assert live_through(here, month, marks, stops, gives_back)
                agrees(here, month)
            owed = balance(here, MONTHS[-1]).owed
            assert owed >= 0


def test_the_journal_tells_the_same_money_again(district: District) -> None:
    assert rule(district, MONTHS[1]).status == "accepted"
    for month in MONTHS:
        assert live_through(district, month, ["uncollected", "rejected", *["counter"] * 12], [], gives_back=False)
    with district.open():
        assert verify.verify(door.store()).is_whole
