"""A payment list reckoned on paper: a plain loop over the register, with its own table of rates, to hold the portal's sums against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal import db
from portal.models.entitlement import Entitlement
from portal.models.person import Person

RATES = (("2015-01", 270_000), ("2021-07", 360_000), ("2024-07", 500_000), ("2026-07", 540_000))


@dataclass(frozen=True)
class Sum:
    """One line as it ought to be."""

    person: str
    commune: str
    category: str
    coefficient10: int
    allowance: int
    method: str


def rate(month: str) -> int:
    """The level of a month, in đồng."""
    return [amount for since, amount in RATES if since <= month][-1]


def lines(month: str) -> dict[str, Sum]:
    """Line code → what the register says of the month."""
    found: dict[str, Sum] = {}
    people: dict[str, Any] = {person.id: person for person in Person.select()}
    rights: list[Any] = list(Entitlement.select().order_by(Entitlement.start_month))
    for right in rights:
        person = people[right.person]
        begun = right.start_month <= month
        ended = right.stop_month is not None and right.stop_month <= month
        paused = right.suspended_from is not None and right.suspended_from <= month
        closed = person.closed is not None and person.closed[:7] < month
        if begun and not ended and not paused and not closed:
            found[right.line_code] = Sum(
                person=right.person,
                commune=person.commune,
                category=right.category,
                coefficient10=right.coefficient10,
                allowance=rate(month) // 10 * right.coefficient10,
                method=right.method or person.method,
            )
    return found


def listed(list_id: str) -> dict[str, Sum]:
    """Line code → what stands on a list, addenda aside."""
    rows = db.database.execute_sql(
        "SELECT line_code, person, commune, category, coefficient10, allowance, method, list FROM payment WHERE addendum = 0"
    )
    return {row[0]: Sum(*row[1:7]) for row in rows.fetchall() if row[7] == list_id}
