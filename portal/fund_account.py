"""The provider's account by month: what it held, was given, paid, gave back and holds, beside what the lines say it should hold.

Decree 20/2021, article 34.4 and 34.5; domain.md 2.4. By the vouchers: opening + transferred = paid in cash + paid into accounts + returned
+ closing. By the lines: closing = `kept` (unpaid sums that will be paid yet) + `owed` (sums that will not: back to the budget). The two
agree to the đồng, or the month does not close.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from portal.clock import month_after
from portal.list_sql import CANCELLED, Runs, execute
from portal.settlement_steps import DUE, OUTCOME
from sync.kinds.calendar import KEEP, RETURN
from sync.structs import looked_up

LOOK_BACK_MONTHS = 12
"""How far back unpaid lines without a successor are looked for; a list looks as far back for what it carries over."""

_MOVED = (
    "SELECT provider, month, type, COALESCE(cause, ''), SUM(amount) FROM fund_movement WHERE NOT void GROUP BY provider, month, type, cause"
)
_LINES = f"""
SELECT l.month, p.commune, p.method, {OUTCOME} AS outcome, SUM(p.total), SUM(COALESCE(p.carried_over, 0))
FROM payment_list l JOIN payment p ON p.list = l.id WHERE l.state <> 'draft' AND l.month >= :since
GROUP BY l.month, p.commune, p.method, {OUTCOME}
"""
# Unpaid lines that may still be paid, each with the month of the first later list that carries it; a stop decision cancels them.
_UNPAID = f"""
SELECT p.month, p.commune, p.total, (
  SELECT MIN(q.month) FROM payment q JOIN payment_list k ON k.id = q.list
  WHERE q.person = p.person AND q.line_code = p.line_code AND q.month > p.month AND k.state <> 'draft'
    AND q.carried_from LIKE :any || '"' || p.month || '"' || :any
      AND NOT (k.state = 'settled' AND q.state <> 'paid' AND {CANCELLED.format(p="q")})) AS successor
FROM payment_list l JOIN payment p ON p.list = l.id
WHERE l.state <> 'draft' AND l.month >= :since AND p.state <> 'paid' AND p.total > 0 AND {OUTCOME} <> 'withheld_not_due'
  AND NOT {CANCELLED.format(p="p")}
"""
_OFFICES = "SELECT code, kind, parent, serves, valid_from, valid_to FROM unit ORDER BY code, valid_from"


class Balance(Struct, frozen=True):
    """A provider's month, in đồng. `provider` is a unit's code, "" where no post office serves the commune.

    By the vouchers: `opening`, `transferred`, `returned`, and with what the lines say was paid, `closing`. By the lines: `listed`, of it
    `carried_in` from before, of that `netted` with money the provider held; `planned` has no outcome yet, `carried` goes on to the next
    list, `not_due` is cancelled, `cancelled` was held for earlier months and is not due any more.
    """

    provider: str
    month: str
    opening: int = 0
    transferred: int = 0
    paid_cash: int = 0
    paid_account: int = 0
    returned: int = 0
    listed: int = 0
    carried_in: int = 0
    netted: int = 0
    planned: int = 0
    carried: int = 0
    not_due: int = 0
    cancelled: int = 0
    kept: int = 0
    owed: int = 0

    @property
    def paid(self) -> int:
        """Paid in cash and into accounts."""
        return self.paid_cash + self.paid_account

    @property
    def closing(self) -> int:
        """What the provider holds at the end of the month."""
        return self.opening + self.transferred - self.paid - self.returned

    @property
    def difference(self) -> int:
        """What the provider holds beyond what the lines account for; 0 where they agree."""
        return self.closing - self.kept - self.owed

    @property
    def needed(self) -> int:
        """New money the list needs."""
        return self.listed - self.netted

    @property
    def is_balanced(self) -> bool:
        """Whether vouchers and lines agree, and no more was given back than had to be."""
        return self.difference == 0 and self.owed >= 0


def balances(store: Runs, upto: str | None = None) -> list[Balance]:
    """Every provider's months, from the first with a voucher, by month and provider; none where the office keeps no vouchers.

    A month that is closed stays as it was closed, as long as all before it are.
    """
    moved = _moved(store, upto)
    if not moved:
        return []
    first = {provider: min(month for each, month in moved if each == provider) for provider, _ in moved}
    kept = _closed(store)
    start = _first_open(store, kept, min(first.values()))
    lines = _lines(store, start)
    waiting = _waiting(store, month_after(start, -LOOK_BACK_MONTHS))
    months = sorted({*kept, *lines, *(month for _, month in moved)})
    rules = _rules(store)
    found: list[Balance] = []
    last: dict[str, Balance] = {}
    for month in months:
        if upto is not None and month > upto:
            break
        if month < start:
            rows = kept.get(month, [])
        else:
            places = providers(store, month)
            sums = _by_provider(lines.get(month, {}), places)
            due = _by_provider(_still_waiting(waiting, month), places)
            rows = [
                _balance(provider, month, sums.get(provider, {}), moved.get((provider, month), {}), due.get(provider, {}), last, rules)
                for provider in sorted(provider for provider in first if first[provider] <= month)
            ]
        found += rows
        last |= {row.provider: row for row in rows}
    return found


def held_for(store: Runs, provider: str, month: str) -> int | None:
    """What the provider held for unpaid lines at the end of the last month before this one; None where no vouchers are kept."""
    before = [row for row in balances(store, month) if row.provider == provider and row.month < month]
    return before[-1].kept if before else None


def rule_of(store: Runs, month: str) -> str:
    """What becomes of money not paid in a month: `KEEP` or `RETURN` of the catalogue."""
    return _rule(_rules(store), month)


def providers(store: Runs, month: str) -> dict[str, str]:
    """Commune → the post office that pays there: of its own area, else of the next area above it; the only one there is, everywhere."""
    units: dict[str, dict[str, Any]] = {}
    for row in store.run(_OFFICES).fetchall():
        unit = dict(zip(("code", "kind", "parent", "serves", "valid_from", "valid_to"), row, strict=True))
        holds = (unit["valid_from"] or "")[:7] <= month and (unit["valid_to"] is None or unit["valid_to"][:7] >= month)
        if holds or unit["code"] not in units:
            units[unit["code"]] = unit
    offices = {unit["serves"]: code for code, unit in units.items() if unit["kind"] == "post_office" and unit["serves"]}
    communes = [code for code, unit in units.items() if unit["kind"] == "commune"]
    if len(set(offices.values())) == 1:
        return dict.fromkeys(communes, next(iter(offices.values())))
    found = {}
    for commune in communes:
        place: str | None = commune
        seen: set[str] = set()
        while place and place not in offices and place not in seen:
            seen.add(place)
            place = units[place]["parent"] if place in units else None
        found[commune] = offices.get(place or "", "")
    return found


def _balance(
    provider: str,
    month: str,
    lines: Mapping[str, int],
    moved: Mapping[str, int],
    waiting: Mapping[str, int],
    last: Mapping[str, Balance],
    rules: list[tuple[str, str]],
) -> Balance:
    get = lines.get
    before = last.get(provider)
    carried_in, carried, planned = get("carried_in", 0), get("carried", 0), get("planned", 0)
    if before is None:  # The first month with vouchers: what was left over before it is there, unless it was given back.
        held, opening, owed = (0, 0, 0) if _rule(rules, month_after(month, -1)) == RETURN else (carried_in, carried_in, 0)
    else:
        held, opening, owed = before.kept, before.closing, before.owed
    netted = min(carried_in, held)
    later = min(held - netted, waiting.get("total", 0))
    cancelled = held - netted - later
    unpaid_back, not_due_back = moved.get("return.unpaid", 0), moved.get("return.not_due", 0)
    away = carried if _rule(rules, month) == RETURN else unpaid_back
    return Balance(
        provider=provider,
        month=month,
        opening=opening,
        transferred=moved.get("transfer.", 0),
        paid_cash=get("paid_cash", 0),
        paid_account=get("paid_account", 0),
        returned=unpaid_back + not_due_back + moved.get("return.excess", 0),
        listed=get("listed", 0),
        carried_in=carried_in,
        netted=netted,
        planned=planned,
        carried=carried,
        not_due=get("not_due", 0),
        cancelled=cancelled,
        kept=planned + carried - away + later,
        owed=owed + get("not_due", 0) + cancelled + away - unpaid_back - not_due_back,
    )


def _moved(store: Runs, upto: str | None) -> dict[tuple[str, str], dict[str, int]]:
    """(provider, month) → type and cause → đồng."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for provider, month, type_, cause, amount in store.run(_MOVED).fetchall():
        if upto is None or month <= upto:
            found.setdefault((provider, month), {})[f"{type_}.{cause}"] = int(amount)
    return found


looked_up(list[Balance])


def _closed(store: Runs) -> dict[str, list[Balance]]:
    """Month → balances as they were closed."""
    rows = store.run("SELECT month, funds FROM settlement WHERE state = 'closed' AND funds IS NOT NULL ORDER BY month").fetchall()
    told = {month: msgspec.convert(list(json.loads(funds).values()), list[Balance]) for month, funds in rows}
    return {month: found for month, found in told.items() if found}


def _first_open(store: Runs, kept: Mapping[str, list[Balance]], first: str) -> str:
    """The first month from `first` on that has to be counted."""
    months = [str(row[0]) for row in store.run("SELECT month FROM payment_list WHERE state <> 'draft' ORDER BY month").fetchall()]
    later = [month for month in months if month >= first]
    counted = next((month for month in later if month not in kept), None)
    if counted is None:
        return month_after(later[-1]) if later else first
    return counted if first in kept else first


def _lines(store: Runs, since: str) -> dict[str, dict[str, dict[str, int]]]:
    """Month → commune → sums of its lines."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for month, commune, method, outcome, total, carried_in in execute(store, _LINES, {"since": since, "due": DUE}).fetchall():
        sums = found.setdefault(month, {}).setdefault(commune or "", {})
        for name, amount in (("listed", total), ("carried_in", carried_in), (_SUM_OF.get(outcome) or _paid(method), total)):
            sums[name] = sums.get(name, 0) + int(amount or 0)
    return found


_SUM_OF = {"planned": "planned", "withheld_not_due": "not_due", **dict.fromkeys(("uncollected", "rejected", "withheld_due"), "carried")}


def _paid(method: str) -> str:
    return "paid_cash" if method == "cash" else "paid_account"


def _waiting(store: Runs, since: str) -> list[tuple[str, str, int, str | None]]:
    rows = execute(store, _UNPAID, {"since": since, "due": DUE, "any": "%"}).fetchall()
    return [(month, commune or "", int(total), successor) for month, commune, total, successor in rows]


def _still_waiting(waiting: list[tuple[str, str, int, str | None]], month: str) -> dict[str, dict[str, int]]:
    """Commune → unpaid sums of earlier months that stand on no list up to this one."""
    found: dict[str, dict[str, int]] = {}
    for own, commune, total, successor in waiting:
        if own < month and (successor is None or successor > month):
            sums = found.setdefault(commune, {})
            sums["total"] = sums.get("total", 0) + total
    return found


def _by_provider(communes: Mapping[str, Mapping[str, int]], places: Mapping[str, str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    only = next(iter(set(places.values()))) if len(set(places.values())) == 1 else ""
    for commune, sums in communes.items():
        own = found.setdefault(places.get(commune, only), {})
        for name, amount in sums.items():
            own[name] = own.get(name, 0) + amount
    return found


def _rules(store: Runs) -> list[tuple[str, str]]:
    sql = "SELECT valid_from, unpaid_balance FROM cycle_rule WHERE withdrawn IS NULL OR NOT withdrawn ORDER BY valid_from DESC"
    return [(str(month), str(rule)) for month, rule in store.run(sql).fetchall()]


def _rule(rules: list[tuple[str, str]], month: str) -> str:
    return next((rule for since, rule in rules if since <= month), str(KEEP))
