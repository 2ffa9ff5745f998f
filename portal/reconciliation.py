"""Reconciling a month: where the money came from and went for each commune and provider, and what is out of the ordinary, line by line.

The identity (domain.md 2.4; Decree 20/2021, article 34.5): opening unpaid + transferred = paid in cash + paid into accounts + returned +
closing unpaid (uncollected, rejected, withheld), and while the month runs + not paid out yet.
"""

from __future__ import annotations

import json

import msgspec
from msgspec import Struct

from portal import clock, door, funds, payment_list
from portal.calendar import days_of
from portal.list_sql import CANCELLED, execute
from portal.models.account import Account
from portal.models.journal import Journal
from portal.settlement import Communes, Tally, record_id
from portal.settlement_lines import scoped
from portal.settlement_steps import DUE, OUTCOME

SHOWN = 200
"""Lines given at most of each sort."""

_SAME = "q.person = p.person AND q.line_code = p.line_code"
_CARRIES = "{later}.carried_from LIKE :any || '\"' || {earlier}.month || '\"' || :any"
_LIVE = f"NOT (k.state = 'settled' AND q.state <> 'paid' AND {CANCELLED.format(p='q')})"
_LATER = f"""payment q JOIN payment_list k ON k.id = q.list
  WHERE {_SAME} AND q.month > p.month AND k.state <> 'draft' AND {_CARRIES.format(later="q", earlier="p")} AND {_LIVE}"""
_OPEN_TO_CARRY = f"""p.state <> 'paid' AND {OUTCOME} IN ('uncollected', 'rejected', 'withheld_due') AND p.total > 0 AND NOT EXISTS (SELECT 1 FROM {_LATER})
  AND EXISTS (SELECT 1 FROM payment_list k WHERE k.month > p.month AND k.state <> 'draft')"""

# What is out of the ordinary: a code, and the condition on a line `p` of the month's list.
_LINES: dict[str, str] = {
    # Paid although it was withheld, where nobody has been asked about it.
    "paid_on_hold": """p.state = 'paid' AND p.hold IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM conflict c WHERE c.about = p.id AND c.state = 'open' AND c.type IN ('paid_on_hold', 'paid_after_stop'))""",
    # The line and its correction both paid.
    "paid_twice": """p.state = 'paid' AND p.line_code IN (
        SELECT line_code FROM payment WHERE list = :list AND state = 'paid' GROUP BY line_code HAVING COUNT(*) > 1)""",
    # The earlier month was paid after all, late, and this line carries it.
    "carried_though_paid": f"""p.carried_from IS NOT NULL AND p.carried_from <> '[]' AND EXISTS (
        SELECT 1 FROM payment q WHERE {_SAME} AND q.month < p.month AND q.state = 'paid' AND {_CARRIES.format(later="p", earlier="q")})""",
    # The sum of the result is not that of the line's parts.
    "amount": """p.total <> COALESCE(p.allowance, 0) + COALESCE(p.arrears, 0) + COALESCE(p.carried_over, 0) + COALESCE(p.funeral, 0)""",
    # Unpaid and still due, a later list is there and does not carry it.
    "not_carried": f"{_OPEN_TO_CARRY} AND NOT {CANCELLED.format(p='p')}",
    # Unpaid, and cancelled by a stop decision: back to the budget.
    "to_return": f"{_OPEN_TO_CARRY} AND {CANCELLED.format(p='p')}",
    # Withheld as not due, although it carries sums of earlier months, which may be due.
    "held_with_carried": f"{OUTCOME} = 'withheld_not_due' AND p.carried_over > 0",
}
_FOUND = """
SELECT p.id, p.full_name, p.line_code, p.commune, p.total FROM payment p
WHERE p.list = :list{scope} AND {condition} ORDER BY p.commune, p.sort_key, p.line_code LIMIT {limit}
"""


class Flow(Struct, frozen=True):
    """A part of a month's money, in đồng: of a commune, a pay point or a bank (`key`, `method`), or of all of them."""

    key: str
    method: str
    opening: int
    transferred: int
    paid_cash: int
    paid_account: int
    returned: int
    closing: int
    planned: int

    @property
    def difference(self) -> int:
        """What does not add up; 0 where the identity holds."""
        gone = self.paid_cash + self.paid_account + self.returned + self.closing + self.planned
        return self.opening + self.transferred - gone


class Discrepancy(Struct, frozen=True):
    """Something out of the ordinary. `code` is a key of `_LINES`, or says what is wrong with a month or a provider's money; `line` the payment's id, "" where it is about a month.

    `amount` in đồng; `month`, where it is about another one; `provider`, where it is about one.
    """

    code: str
    amount: int
    line: str = ""
    name: str = ""
    line_code: str = ""
    commune: str = ""
    month: str = ""
    provider: str = ""


class Happened(Struct, frozen=True):
    """A step of a settlement: `state` (signed, closed, open), who, when (UTC text) and why."""

    state: str
    account: str
    at: str
    why: str


def flow(tally: Tally, month: str) -> Flow:
    """Where the money of a tally came from and went, by the office's rule of the month for money that is not paid."""
    opening = 0 if days_of(clock.month_after(month, -1)).returns_unpaid else tally.opening
    away = days_of(month).returns_unpaid
    return Flow(
        key=tally.key,
        method=tally.method,
        opening=opening,
        transferred=tally.listed[1] - opening,
        paid_cash=tally.paid_cash[1],
        paid_account=tally.paid_account[1],
        returned=tally.returned[1] + (tally.carried[1] if away else 0),
        closing=0 if away else tally.carried[1],
        planned=tally.planned[1],
    )


def discrepancies(list_id: str, month: str, communes: Communes, *, with_funds: bool) -> list[Discrepancy]:
    """What is out of the ordinary in a month, of these communes; about the provider's money where it may be told."""
    found = [each for code in _LINES for each in _of_lines(code, list_id, communes)]
    earlier = [listed for listed in payment_list.every() if listed.month < month and listed.state == "posted"]
    found += [Discrepancy("month_open", listed.total, month=listed.month) for listed in reversed(earlier)]
    return [*found, *(_of_funds(month) if with_funds else ())]


def steps(list_id: str) -> list[Happened]:
    """How a settlement went, the newest step first: signed, closed, opened again, each with its reason."""
    rows = (
        Journal.select(Journal.at, Journal.account, Journal.body).where(Journal.record == record_id(list_id)).order_by(Journal.seq.desc())
    )
    told = []
    for row in rows:
        body = json.loads(row.body)
        state = next((fields.get("state") for kind, _, _, fields in body.get("writes", ()) if kind == "settlement"), None)
        if state is not None:
            told.append(Happened(state, row.account, row.at, body["edit"].get("why") or ""))
    people = Account.select(Account.name, Account.full_name).where(Account.name.in_([each.account for each in told]))
    full = {account.name: account.full_name for account in people}
    return [msgspec.structs.replace(each, account=full.get(each.account) or each.account) for each in told]


def _of_lines(code: str, list_id: str, communes: Communes) -> list[Discrepancy]:
    scope, values = scoped(communes)
    sql = _FOUND.format(scope=scope, condition=_LINES[code], limit=SHOWN)
    rows = execute(door.store(), sql, {"list": list_id, "due": DUE, "any": "%", **values}).fetchall()
    return [Discrepancy(code, int(total), id_, name, line_code, commune) for id_, name, line_code, commune, total in rows]


def _of_funds(month: str) -> list[Discrepancy]:
    """What does not agree between requests, vouchers and lines."""
    asked = [each for each in funds.requests(month) if each.state == "approved" and each.transferred != each.amount]
    found = [Discrepancy("not_as_requested", each.transferred - each.amount, month=month, provider=each.provider) for each in asked]
    waiting = [each for each in funds.movements(month) if not each.void and not each.confirmed]
    found += [Discrepancy("not_confirmed", each.amount, name=each.number, month=month, provider=each.provider) for each in waiting]
    for row in funds.balances(month):
        if row.difference:
            found.append(Discrepancy("funds_unbalanced", row.difference, month=month, provider=row.provider))
        if row.owed:
            found.append(Discrepancy("owed" if row.owed > 0 else "returned_too_much", abs(row.owed), month=month, provider=row.provider))
    return found
