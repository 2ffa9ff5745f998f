"""Twenty times the level of the month of death, on both sides of each date, for whom the law names and nobody else."""

from __future__ import annotations

import pytest

from portal.law import book, funeral


@pytest.mark.parametrize(
    ("month", "basis", "category", "code", "amount"),
    [
        ("2021-06", "monthly", None, "MTP", 5_400_000),
        ("2021-07", "monthly", None, "MTP", 7_200_000),
        ("2021-07", "recipient", "5.5c", "MTP", 7_200_000),
        ("2024-06", "recipient", "5.6-nang", "MTP", 7_200_000),
        ("2024-07", "recipient", "5.6-nang", "MTP", 10_000_000),
        ("2025-06", "recipient", "5.5c", "MTP", 10_000_000),
        ("2025-07", "recipient", "HTXH-75", "MTP-HTXH", 10_000_000),
        ("2026-06", "recipient", "HTXH-75", "MTP-HTXH", 10_000_000),
        ("2026-07", "recipient", "HTXH-75", "MTP-HTXH", 10_800_000),
        ("2026-06", "recipient", "5.6-dbn", "MTP", 10_000_000),
        ("2026-07", "recipient", "5.6-dbn", "MTP", 10_800_000),
        ("2024-10", "child", "5.4", "MTP", 10_000_000),
    ],
)
def test_the_grant_of_a_month(month: str, basis: str, category: str | None, code: str, amount: int) -> None:
    due = funeral.due(book.load().at(month), basis, category)
    assert due is not None
    assert (due.code, due.amount, due.rate * due.multiple) == (code, amount, amount)


@pytest.mark.parametrize(
    ("month", "basis", "category"),
    [
        ("2024-10", "recipient", "20.2c"),  # support of a carer is no allowance of article 5
        ("2024-10", "recipient", None),
        ("2024-10", "recipient", "HTXH-75"),  # not in force yet
        ("2025-07", "recipient", "5.5c"),  # ended
        ("2024-10", "child", "5.5c"),
        ("2024-10", "child", None),
    ],
)
def test_and_no_grant_for_others(month: str, basis: str, category: str | None) -> None:
    assert funeral.due(book.load().at(month), basis, category) is None
