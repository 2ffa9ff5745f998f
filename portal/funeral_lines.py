"""The lines of funeral grants on a month's list: paid once, with the first list after the decision (Decree 20/2021, article 34.4).

A grant is a line of its own, to whoever arranged the burial; uncollected it is carried over like any sum. Where a level is raised
afterwards for the month of the death, the next list brings what is missing.
"""

from __future__ import annotations

from typing import Any

from portal.law import book
from portal.law.errors import LawError
from portal.list_sql import Runs

_LINES = """
SELECT f.person, CAST(NULL AS TEXT) AS entitlement, f.line_code, p.commune, p.hamlet, f.deceased AS full_name, f.grant_code AS category,
  f.multiple * 10 AS coefficient10, f.due / f.multiple AS rate, 0 AS allowance, 0 AS arrears, COALESCE(u.amount, 0) AS carried_over, u.carried_from,
  f.due - f.given AS funeral, COALESCE(u.amount, 0) + f.due - f.given AS total,
  f.method, f.bank, f.account, f.holder, f.organiser AS recipient, FALSE AS home_delivery, p.sort_key
FROM (
  SELECT g.*, CASE WHEN {due} > {given} THEN {due} ELSE {given} END AS due, {given} AS given FROM funeral_grant g WHERE g.state = 'approved'
) f JOIN person p ON p.id = f.person LEFT JOIN unpaid u ON u.line_code = f.line_code
WHERE (u.line_code IS NOT NULL OR f.due > f.given)"""
_GIVEN = """(SELECT COALESCE(SUM(q.funeral), 0) FROM payment q
    WHERE q.person = g.person AND q.line_code = g.line_code AND q.list <> :list AND NOT EXISTS (
      SELECT 1 FROM payment r WHERE r.list = q.list AND r.line_code = q.line_code AND r.addendum > q.addendum))"""


def lines(store: Runs, values: dict[str, Any], *, known: str = "") -> str:
    """A SELECT of the grants' lines, in the columns of `portal.list_lines.CONTENT`; it uses the CTE `unpaid` (what is carried over).

    `values` takes its values; `known` is the day up to which decrees count as announced, "" for all of them. A condition on `p`
    (person) or `f` (the grant) may follow.
    """
    asked = store.run(
        "SELECT DISTINCT substr(death_date, 1, 7), grant_code, multiple FROM funeral_grant WHERE state = 'approved'"
    ).fetchall()
    cases = []
    for number, (month, code, multiple) in enumerate(sorted(asked)):
        due = _due(month, code, multiple, known)
        if due is None:
            continue
        values |= {f"grant_month{number}": month, f"grant_code{number}": code, f"grant_due{number}": due}
        cases.append(
            f"WHEN substr(g.death_date, 1, 7) = :grant_month{number} AND g.grant_code = :grant_code{number} THEN :grant_due{number}"
        )
    return _LINES.format(due=f"CASE {' '.join(cases)} ELSE g.amount END" if cases else "g.amount", given=_GIVEN)


def _due(month: str, code: str, multiple: int, known: str) -> int | None:
    """The sum by the law as it is known, None where that has no such grant: then the one decided counts."""
    try:
        law = book.load().at(month, known_on=known)
        return multiple * law.rate(law.grant(code).rate).amount
    except LawError:
        return None
