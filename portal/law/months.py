"""Arithmetic on months written "YYYY-MM", and on dates of which only the year or the month is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_MONTH = re.compile(r"(?a:(\d{4})-(0[1-9]|1[0-2]))")
_DATE = re.compile(r"(?a:(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?)")


def number(month: str) -> int:
    """Months since year 0, so that months can be subtracted; ValueError unless `month` is "YYYY-MM"."""
    found = _MONTH.fullmatch(month)
    if found is None:
        raise ValueError(f"{month!r} is not a month: write it as YYYY-MM")
    return int(found[1]) * 12 + int(found[2]) - 1


def from_number(count: int) -> str:
    """Undo `number`; ValueError outside the years 0000 to 9999."""
    if not 0 <= count < 120_000:
        raise ValueError(f"month number {count} is outside the years 0000 to 9999")
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def add(month: str, months: int) -> str:
    """Return the month that lies `months` after `month` (before it, when negative)."""
    return from_number(number(month) + months)


def between(start: str, end: str) -> int:
    """Whole months from `start` to `end`; negative when `end` is earlier."""
    return number(end) - number(start)


def span(first: str, last: str) -> Iterator[str]:
    """Every month from `first` to `last`, both included; nothing when `last` is earlier."""
    for count in range(number(first), number(last) + 1):
        yield from_number(count)


def parts(date_text: str) -> tuple[int, int, int]:
    """Year, month and day of "YYYY", "YYYY-MM" or "YYYY-MM-DD", what is not known being 1.

    A person of whom only the year is known counts as born on 1 January, one of whom the month is known on its first day:
    by analogy with Nghị định 135/2020/NĐ-CP; social assistance has no rule of its own.

    Raises ValueError for any other writing and for a day that the month does not have.
    """
    found = _DATE.fullmatch(date_text)
    if found is None:
        raise ValueError(f"{date_text!r} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    if found[3]:
        date(year, month, day)
    return year, month, day


def whole_date(date_text: str) -> str:
    """Return the date unchanged; ValueError unless it is a day that exists, written "YYYY-MM-DD"."""
    return date.fromisoformat(date_text).isoformat()


def month_of(date_text: str) -> str:
    """Month of a date of full or reduced precision: "1938" is "1938-01", by the rule of `parts`."""
    year, month, _ = parts(date_text)
    return f"{year:04d}-{month:02d}"


def spoken(month: str) -> str:
    """Write a month as people here do: "2024-10" is "10/2024"."""
    count = number(month)
    return f"{count % 12 + 1:02d}/{count // 12}"
