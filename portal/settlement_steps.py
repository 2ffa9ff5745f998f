"""The set-based steps of a settlement: the balance of a month's money, and whether a closed month may still be opened again.

The identity (domain.md 2.4; Decree 20/2021, article 34.5): list = paid + uncollected + rejected + withheld, to the đồng, for each
commune and each provider (a pay point for cash, a bank for accounts).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from portal.list_lines import Runs, dialect, execute
from sync.edit import Refused
from sync.journal import digest

if TYPE_CHECKING:
    from portal.store import PeeweeStore

OUTCOMES = ("planned", "paid", "uncollected", "rejected", "withheld_due", "withheld_not_due")
"""What became of a line. A sum that is withheld is due (paid later) or not (returned to the budget)."""
DUE = '%"due":true%'
OUTCOME = "CASE WHEN p.state <> 'withheld' THEN p.state WHEN p.hold LIKE :due THEN 'withheld_due' ELSE 'withheld_not_due' END"
"""SQL of a line's outcome; `:due` is `DUE`."""
_PARTS = "COALESCE(p.allowance, 0) + COALESCE(p.arrears, 0) + COALESCE(p.carried_over, 0) + COALESCE(p.funeral, 0)"
_BATCH = 1000

_SUMS = f"""
SELECT p.commune, p.method, COALESCE(p.hamlet, ''), COALESCE(p.bank, ''), {OUTCOME} AS outcome,
  COUNT(*), SUM(p.total), SUM({_PARTS}), SUM(COALESCE(p.carried_over, 0))
FROM payment p WHERE p.list = :list
GROUP BY p.commune, p.method, COALESCE(p.hamlet, ''), COALESCE(p.bank, ''), {OUTCOME}
"""
_LISTED = f"""
SELECT COUNT(*), COALESCE(SUM(p.total), 0), COALESCE(SUM(CASE WHEN p.total = {_PARTS} THEN 0 ELSE 1 END), 0)
FROM payment p WHERE p.list = :list AND p.addendum = 0
"""
_LINES = "SELECT p.id, p.total, {outcome} FROM payment p WHERE p.list = :list AND p.id {C} > :after ORDER BY p.id {C} LIMIT :batch"
_SESSIONS = """
SELECT commune, hamlets, pay_point FROM pay_session
WHERE month = :month AND COALESCE(state, 'planned') <> 'cancelled' AND pay_point IS NOT NULL ORDER BY commune, day, starts, id
"""
_POINTS = """
SELECT serves, MIN(code) FROM unit WHERE kind = 'pay_point' AND serves IS NOT NULL
  AND valid_from <= :day AND (succeeded_by IS NULL OR valid_to >= :day) GROUP BY serves
"""
_UNITS_OF = "SELECT MIN(valid_from) FROM succession WHERE until >= :month"
"""The first day of the units that came after those of a month's list: a commune's pay points are those before it."""
_CARRIED_ON = """
SELECT l.month FROM payment_list l JOIN payment p ON p.list = l.id
WHERE l.month > :month AND l.state <> 'draft' AND p.carried_from LIKE :carried ORDER BY l.month LIMIT 1
"""


def balance(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Counts the month's money, to be signed or closed.

    Args:
        store: within the door's transaction.
        args: `list` (id).
        seq: the journal entry's number.

    Returns:
        {"figures": see `count`, "digest" of them}.

    Raises:
        Refused: `planned_left` while a line has no outcome; `unbalanced` where the sums do not agree to the đồng.
    """
    figures = count(store, args["list"])
    if figures["outcomes"]["planned"][0]:
        raise Refused("forbidden", field="state", detail="planned_left")
    if not figures["agrees"]:
        raise Refused("forbidden", field="state", detail="unbalanced")
    return {"figures": figures, "digest": digest(figures)}


def reopen(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Lets a closed month be opened again, unless its unpaid sums stand on a later list already: they would be paid twice.

    Args:
        store: within the door's transaction.
        args: `month` of the list that was settled.
        seq: the journal entry's number.

    Raises:
        Refused: `carried_on`.
    """
    if carried_on(store, args["month"]):
        raise Refused("forbidden", field="state", detail="carried_on")
    return {}


def carried_on(store: Runs, month: str) -> str:
    """The first later month whose list, frozen or further, carries unpaid sums of this month; "" for none."""
    row = execute(store, _CARRIED_ON, {"month": month, "carried": f'%"{month}"%'}).fetchone()
    return str(row[0]) if row else ""


def count(store: Runs, list_id: str) -> dict[str, Any]:
    """The money of a list as it stands now, in đồng; the same figures for the same lines, everywhere.

    Returns:
        "month"; "lines", "total" of the list as frozen; "added": [lines, đồng] of its addenda; "opening": đồng carried over into it;
        "outcomes": outcome → [lines, đồng]; "rows": the same for each commune and provider, {"commune", "method", "pay_point", "bank",
        "opening", "listed": [lines, đồng by the lines' parts], then each outcome}; "agrees": whether everything does; "content": SHA-256
        over each line's sum and outcome.
    """
    month, lines, total = execute(store, "SELECT month, lines, total FROM payment_list WHERE id = :list", {"list": list_id}).fetchone()
    found = rows(store, list_id, month)
    own_lines, own_total, wrong = (int(value) for value in execute(store, _LISTED, {"list": list_id}).fetchone())
    outcomes = {name: [sum(row[name][0] for row in found), sum(row[name][1] for row in found)] for name in OUTCOMES}
    listed = [sum(row["listed"][0] for row in found), sum(row["listed"][1] for row in found)]
    counted = [sum(each[0] for each in outcomes.values()), sum(each[1] for each in outcomes.values())]
    return {
        "month": month,
        "lines": int(lines or 0),
        "total": int(total or 0),
        "added": [listed[0] - own_lines, listed[1] - own_total],
        "opening": sum(row["opening"] for row in found),
        "outcomes": outcomes,
        "rows": found,
        "agrees": listed == counted and wrong == 0 and (own_lines, own_total) == (lines or 0, total or 0),
        "content": _content(store, list_id),
    }


def rows(store: Runs, list_id: str, month: str) -> list[dict[str, Any]]:
    """The rows of `count`, by commune, method, pay point and bank."""
    points = _pay_points(store, month)
    found: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for commune, method, hamlet, bank, outcome, lines, total, parts, opening in execute(store, _SUMS, {"list": list_id, "due": DUE}):
        is_cash = method == "cash"
        point = (points.get((commune, hamlet)) or points.get((commune, ""), "")) if is_cash else ""
        key = (commune or "", method or "", point, "" if is_cash else bank)
        row = found.setdefault(key, _row(key))
        row["opening"] += int(opening)
        for name, amount in (("listed", parts), (outcome, total)):
            if name in row:
                row[name] = [row[name][0] + lines, row[name][1] + int(amount)]
    return [found[key] for key in sorted(found)]


def _row(key: tuple[str, str, str, str]) -> dict[str, Any]:
    sums: dict[str, Any] = {name: [0, 0] for name in ("listed", *OUTCOMES)}
    return {**dict(zip(("commune", "method", "pay_point", "bank"), key, strict=True)), "opening": 0, **sums}


def _pay_points(store: Runs, month: str) -> dict[tuple[str, str], str]:
    """(commune, hamlet's name or "" for all of it) → the pay point of the first session there, else the one that serves the commune."""
    found: dict[tuple[str, str], str] = {}
    for commune, hamlets, point in execute(store, _SESSIONS, {"month": month}).fetchall():
        for hamlet in json.loads(hamlets or "[]") or [""]:
            found.setdefault((commune, hamlet), point)
    (after,) = execute(store, _UNITS_OF, {"month": month}).fetchone()
    day = (date.fromisoformat(after) - timedelta(days=1)).isoformat() if after else "9999-12-31"
    for commune, point in execute(store, _POINTS, {"day": day}).fetchall():
        found.setdefault((commune, ""), point)
    return found


def _content(store: Runs, list_id: str) -> str:
    hashed, after = hashlib.sha256(), ""
    sql = _LINES.format(outcome=OUTCOME, C=dialect(store)["C"])
    while rows := execute(store, sql, {"list": list_id, "due": DUE, "after": after, "batch": _BATCH}).fetchall():
        hashed.update(msgspec.json.encode([tuple(row) for row in rows]))
        after = rows[-1][0]
    return hashed.hexdigest()
