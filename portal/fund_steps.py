"""The set-based steps of funds: the figures of a request, and the provider's balance when a month is closed.

Each is a function of the register and its arguments alone, so that playing the journal again gives the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from portal import fund_account
from portal.clock import month_after
from portal.list_lines import execute
from sync.edit import Refused
from sync.journal import digest
from sync.kinds.calendar import RETURN
from sync.kinds.fund_request import ITEMS

if TYPE_CHECKING:
    from portal.store import PeeweeStore

_ITEMS = f"""
SELECT commune, {", ".join(f"SUM(COALESCE({name}, 0))" for name in ITEMS)}, SUM(total) FROM payment WHERE list = :list GROUP BY commune
"""
_EARLIER = """
SELECT COALESCE(SUM(amount), 0) FROM fund_request
WHERE month = :month AND provider = :provider AND state = 'approved' AND number < :number
"""


def request(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Counts what a month's list needs: its items, less what the provider holds for lines it carries, less earlier requests.

    Args:
        store: within the door's transaction.
        args: `list` (id), `month`, `provider` (a unit's code), `number` of the request.
        seq: the journal entry's number.

    Returns:
        The sums of `sync.kinds.fund_request.SUMS` in đồng, "unpaid_balance" (the rule they follow), "communes": code → items and
        "listed", "digest" of all of it.

    Raises:
        Refused: `nothing_to_request` where nothing is left to ask for.
    """
    places = fund_account.providers(store, args["month"])
    communes = {}
    for commune, *sums in execute(store, _ITEMS, {"list": args["list"]}).fetchall():
        if places.get(commune, args["provider"]) == args["provider"]:
            communes[commune] = dict(zip((*ITEMS, "listed"), (int(each) for each in sums), strict=True))
    items = {name: sum(sums[name] for sums in communes.values()) for name in (*ITEMS, "listed")}
    rule = fund_account.rule_of(store, month_after(args["month"], -1))
    held = fund_account.held_for(store, args["provider"], args["month"])
    if held is None:
        held = 0 if rule == RETURN else items["carried_over"]
    netted = min(items["carried_over"], held)
    earlier = int(execute(store, _EARLIER, {name: args[name] for name in ("month", "provider", "number")}).fetchone()[0])
    amount = items["listed"] - netted - earlier
    if amount <= 0:
        raise Refused("forbidden", field="amount", detail="nothing_to_request")
    figures = {**items, "netted": netted, "earlier": earlier, "amount": amount, "unpaid_balance": rule, "communes": communes}
    return {**figures, "digest": digest(figures)}


def close(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Counts the providers' balances of a month that is to be closed.

    Args:
        store: within the door's transaction.
        args: `month`.
        seq: the journal entry's number.

    Returns:
        Provider's code → its `fund_account.Balance`; nothing where the office keeps no vouchers yet.

    Raises:
        Refused: `funds_unbalanced` where vouchers and lines do not agree to the đồng.
    """
    rows = [row for row in fund_account.balances(store, args["month"]) if row.month == args["month"]]
    if any(not row.is_balanced for row in rows):
        raise Refused("forbidden", field="state", detail="funds_unbalanced")
    return {row.provider: msgspec.to_builtins(row) for row in rows}
