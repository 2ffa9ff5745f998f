"""When each movement of a demo district is told and decided: one filing for each change, in an order in which none meets an unready one.

A commune tells on the reported day, the district decides on the day of the decision. What concerns a line that nobody has decided
yet waits until it is; whatever has no day of decision is decided before the list closes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from msgspec import Struct

from portal.demo.movement import Movement
from sync.enact import ENDS_PERSON

When = tuple[str, int]
"""A day "YYYY-MM-DD" and an hour in Viet Nam."""
OPENS, LAST = 8, 13
"""Hours between which the offices tell and decide."""
CORRECTION = "SUA_SAI"


class Filing(Struct, frozen=True):
    """One change: its movements (several lines of a person who died are one), and when it is told and decided."""

    type: Literal["decrease", "increase", "adjustment", "payment_method", "correction"]
    movements: tuple[Movement, ...]
    told: When
    decided: When

    @property
    def first(self) -> Movement:
        """The movement it is named by."""
        return self.movements[0]


def filings(movements: Iterable[Movement]) -> list[Filing]:
    """One filing for each change of these movements, given in the order in which they happened; by month and in that order."""
    ready: dict[str, When] = {}
    found: list[Filing] = []
    for _, some in groupby(movements, key=lambda each: each.month):
        for group in _together(some):
            first = group[0]
            told = max(
                (min(each.reported_date for each in group), OPENS), *(_after(ready[key]) for key in _keys(group) if key in ready), ("", 0)
            )
            decided = max((first.decision_date or first.list_closed, OPENS + 1), _after(told))
            filing = Filing(_type(first), tuple(group), told, decided)
            for each in group:
                ready[each.line.line_code] = max(ready.get(each.line.line_code, decided), decided)
            if first.kind == "increase":
                person = first.line.person_code
                ready.setdefault(person, decided)
                ready[_every_line(person)] = max(ready.get(_every_line(person), decided), decided)
            found.append(filing)
    return found


def _together(movements: Iterable[Movement]) -> list[list[Movement]]:
    """The movements of a month, those that are one event of a person as one, in the order of the first of each."""
    groups: dict[tuple[str, ...], list[Movement]] = {}
    for each in movements:
        whole = each.kind == "decrease" and each.reason in ENDS_PERSON
        key = (each.line.person_code, each.reason) if whole or each.reason == CORRECTION else (each.line.line_code, each.kind)
        groups.setdefault(key, []).append(each)
    return list(groups.values())


def _type(movement: Movement) -> Literal["decrease", "increase", "adjustment", "payment_method", "correction"]:
    if movement.reason == CORRECTION:
        return "correction"
    return movement.kind  # type: ignore[return-value]  # the other four, as the file names them


def _keys(group: list[Movement]) -> list[str]:
    """What has to be decided before: the lines, the person whom an increase brings; of a way of payment all the person's lines."""
    person = group[0].line.person_code
    every = [_every_line(person)] if group[0].kind == "payment_method" else []
    return [*(each.line.line_code for each in group), person, *every]


def _every_line(person: str) -> str:
    return f"{person}/*"


def _after(when: When) -> When:
    """The next hour of work."""
    day, hour = when
    return (day, hour + 1) if hour < LAST else ((date.fromisoformat(day) + timedelta(days=1)).isoformat(), OPENS)
