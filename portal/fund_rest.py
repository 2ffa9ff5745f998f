"""What remains of a year's money with the providers: the unpaid sums that wait for their people, and the sums that have to go back.

What is left at the end of a year is settled under budget law (returned or carried forward, domain.md 2.2); here it is shown, line by line.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from portal import door, fund_account
from portal.fund_account import Balance
from portal.list_sql import CANCELLED, execute
from portal.settlement_lines import reason_of, scoped
from portal.settlement_steps import DUE, OUTCOME

SHOWN = 500
"""Lines given at most; the sums count all of them."""

_LINES = f"""
SELECT p.id, p.full_name, p.line_code, p.commune, p.month, {OUTCOME} AS outcome, p.total, p.mark, p.hold
FROM payment_list l JOIN payment p ON p.list = l.id
WHERE l.state <> 'draft' AND l.month >= :first AND l.month <= :last AND p.total > 0
  AND p.state <> 'paid' AND {OUTCOME} <> 'withheld_not_due' AND NOT {CANCELLED.format(p="p")}{{scope}}
  AND NOT EXISTS (
    SELECT 1 FROM payment q JOIN payment_list k ON k.id = q.list
    WHERE q.person = p.person AND q.line_code = p.line_code AND q.month > p.month AND k.state <> 'draft' AND k.month <= :last
      AND q.carried_from LIKE :any || '"' || p.month || '"' || :any
      AND NOT (k.state = 'settled' AND q.state <> 'paid' AND {CANCELLED.format(p="q")}))
ORDER BY p.commune, p.month, p.sort_key, p.line_code
"""


class Line(Struct, frozen=True):
    """A sum that nobody has received by the end of the year and no later list of it carries; `total` in đồng."""

    id: str
    name: str
    line_code: str
    commune: str
    month: str
    outcome: str
    total: int
    reason: str


class Rest(Struct, frozen=True):
    """A year: each provider's months as one balance, the unpaid lines (the first `SHOWN`), their number and sum."""

    balances: tuple[Balance, ...]
    lines: tuple[Line, ...]
    count: int
    total: int


def of_year(year: int, communes: Iterable[str] | None) -> Rest:
    """A year's account, and what remains of it within these communes (None: all)."""
    store, first, last = door.store(), f"{year:04d}-01", f"{year:04d}-12"
    scope, values = scoped(communes)
    given = {"first": first, "last": last, "due": DUE, "any": "%", **values}
    rows = execute(store, _LINES.format(scope=scope), given).fetchall()
    lines = tuple(_line(*row) for row in rows[:SHOWN])
    return Rest(tuple(summed(fund_account.balances(store, last), first)), lines, len(rows), sum(int(row[6]) for row in rows))


def _line(
    id_: str, name: str, line_code: str, commune: str, month: str, outcome: str, total: int, mark: str | None, hold: str | None
) -> Line:
    return Line(id_, name, line_code, commune, month, outcome, int(total), reason_of(outcome, mark, hold))


def summed(months: Iterable[Balance], since: str) -> list[Balance]:
    """Each provider's months from one on as one balance: it opens as the first and ends as the last."""
    found: dict[str, Balance] = {}
    for row in months:
        if row.month < since:
            continue
        earlier = found.get(row.provider)
        if earlier is None:
            found[row.provider] = row
            continue
        added = ("transferred", "paid_cash", "paid_account", "returned", "listed", "carried_in", "netted", "not_due", "cancelled")
        sums = {name: getattr(earlier, name) + getattr(row, name) for name in added}
        found[row.provider] = msgspec.structs.replace(row, opening=earlier.opening, **sums)
    return [found[provider] for provider in sorted(found)]
