"""The lines behind a month's account: what reached nobody and why, what still has no outcome, and the exceptions to clear up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from portal import door
from portal.law import reasons
from portal.law.errors import LawError
from portal.law.reasons import Kind
from portal.list_lines import execute
from portal.settlement import Communes
from portal.settlement_steps import DUE, OUTCOME

EXCEPTIONS = ("double_payment", "paid_on_hold", "paid_after_stop", "late", "not_assigned")
"""Types of conflict that stand in a month's account until somebody settles them."""
SHOWN = 300
"""Lines given at most; the tables count all of them."""
UNPAID = ("uncollected", "rejected", "withheld_due", "withheld_not_due")
_KINDS: dict[str, tuple[Kind | None, ...]] = {"uncollected": ("uncollected",), "rejected": ("returned", "uncollected")}


class Line(Struct, frozen=True):
    """A line with its outcome; `total` in đồng, `reason` in words as the law's table of reasons has them, or as written."""

    id: str
    name: str
    line_code: str
    commune: str
    hamlet: str
    method: str
    outcome: str
    total: int
    reason: str


class Irregularity(Struct, frozen=True):
    """An open exception about a line."""

    id: str
    type: str
    at: str
    author: str
    name: str
    line_code: str
    commune: str
    total: int


def lines(list_id: str, communes: Communes, outcomes: Iterable[str] = UNPAID) -> list[Line]:
    """The lines with one of these outcomes, by commune and name, the first `SHOWN`."""
    named = {f"outcome{number}": name for number, name in enumerate(outcomes)}
    scope, values = scoped(communes)
    sql = f"""SELECT p.id, p.full_name, p.line_code, p.commune, COALESCE(p.hamlet, ''), p.method, {OUTCOME}, p.total, p.mark, p.hold
        FROM payment p WHERE p.list = :list{scope} AND {OUTCOME} IN ({", ".join(f":{name}" for name in named)})
        ORDER BY p.commune, p.sort_key, p.line_code, p.addendum LIMIT {SHOWN}"""
    rows = execute(door.store(), sql, {"list": list_id, "due": DUE, **values, **named}).fetchall()
    return [Line(*(*row[:8], reason_of(row[6], row[8], row[9]))) for row in rows]


def irregularities(list_id: str, communes: Communes) -> list[Irregularity]:
    """Open exceptions about lines of the list, by commune and time."""
    types = {f"type{number}": name for number, name in enumerate(EXCEPTIONS)}
    scope, values = scoped(communes)
    sql = f"""SELECT c.id, c.type, c.at, c.author, p.full_name, p.line_code, p.commune, p.total
        FROM conflict c JOIN payment p ON p.id = c.about WHERE p.list = :list{scope} AND c.state = 'open'
        AND c.type IN ({", ".join(f":{name}" for name in types)}) ORDER BY p.commune, c.at, c.id LIMIT {SHOWN}"""
    return [Irregularity(*row) for row in execute(door.store(), sql, {"list": list_id, **values, **types}).fetchall()]


def reason_of(outcome: str, mark: str | None, hold: str | None) -> str:
    """Why a line was not paid: of its hold where it is withheld, of its mark else; both as stored."""
    kept: dict[str, Any] = json.loads((hold if outcome.startswith("withheld") else mark) or "{}")
    code = str(kept.get("reason") or "")
    for kind in _KINDS.get(outcome, (None,)):
        try:
            return reasons.find(code, kind).label
        except LawError:
            continue
    return code


def scoped(communes: Communes) -> tuple[str, dict[str, Any]]:
    """A further condition on the communes of a table `p`, with its values."""
    if communes is None:
        return "", {}
    codes = {f"commune{number}": code for number, code in enumerate(sorted(communes))}
    return f" AND p.commune IN ({', '.join(f':{name}' for name in codes) or 'NULL'})", codes
