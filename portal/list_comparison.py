"""This month's list against the one before: opening + increases − decreases = closing, and the differences line by line.

Compared are the monthly amounts (a line that only carries money over, or is an addendum, is none). Before the portal's first list
stands the register of the month before, under the law of that month.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portal import door
from portal.law import months
from portal.law.errors import NotInForceError
from portal.list_lines import OPEN, PAYS, dialect, execute, rate_sql
from portal.payment_list import MonthList, before

PAGE = 50
KINDS = ("added", "ended", "amount", "method")
"""What can differ: a line came, went, pays another amount, or pays another way. A line with both stands under `amount`."""


@dataclass(frozen=True)
class Movement:
    """One commune or category ("" for the whole): lines and đồng a month before, come, gone, changed in amount, and now.

    `opening + increases - decreases == closing`, and the same for the amounts with `adjusted`.
    """

    key: str
    opening: int
    increases: int
    decreases: int
    closing: int
    opening_amount: int
    increase_amount: int
    decrease_amount: int
    adjusted: int
    closing_amount: int


@dataclass(frozen=True)
class Difference:
    """One line that differs; sums in đồng a month, 0 where it was or is not there. `reason` is the code a right ended for."""

    line_code: str
    person: str
    name: str
    commune: str
    kind: str
    before: int
    after: int
    method_before: str
    method_after: str
    reason: str


def movements(found: MonthList, by: str, communes: Iterable[str] | None = None) -> list[Movement]:
    """Opening, increases, decreases and closing of each commune or category (`by`), or of the whole (`by` = "").

    A line that changes its commune or category is a decrease there and an increase here.
    """
    with_, values = _two_months(found, communes)
    key = f"{{0}}.{by}" if by in ("commune", "category") else "''"
    same = "o.line_code = c.line_code" + (f" AND o.{by} = c.{by}" if by else "")
    sql = f"""{with_}
    SELECT k, SUM(o), SUM(i), SUM(d), SUM(c), SUM(oa), SUM(ia), SUM(da), SUM(ca) FROM (
      SELECT {key.format("c")} AS k, CASE WHEN o.line_code IS NULL THEN 0 ELSE 1 END AS o, CASE WHEN o.line_code IS NULL THEN 1 ELSE 0 END AS i,
        0 AS d, 1 AS c, COALESCE(o.allowance, 0) AS oa, CASE WHEN o.line_code IS NULL THEN c.allowance ELSE 0 END AS ia, 0 AS da,
        c.allowance AS ca FROM now_line c LEFT JOIN then_line o ON {same}
      UNION ALL
      SELECT {key.format("o")}, 1, 0, 1, 0, o.allowance, 0, o.allowance, 0 FROM then_line o
        WHERE NOT EXISTS (SELECT 1 FROM now_line c WHERE {same})
    ) moved GROUP BY k ORDER BY k"""
    return [_movement(row) for row in execute(door.store(), sql, values).fetchall()]


def differences(
    found: MonthList, communes: Iterable[str] | None = None, *, kind: str = "", after: str = "", limit: int = PAGE
) -> tuple[list[Difference], str]:
    """The lines that differ, by line code, after the line code `after`; and the line code to page on by, "" at the end."""
    with_, values = _two_months(found, communes)
    values["after"], values["kind"] = after, kind
    sql = f"""{with_}
    SELECT line_code, person, name, commune, kind, before, now, method_before, method_now, reason FROM (
      SELECT c.line_code, c.person, c.full_name AS name, c.commune,
        CASE WHEN o.line_code IS NULL THEN 'added' WHEN o.allowance <> c.allowance THEN 'amount' ELSE 'method' END AS kind,
        COALESCE(o.allowance, 0) AS before, c.allowance AS now, COALESCE(o.paid_by, '') AS method_before, c.paid_by AS method_now, '' AS reason
      FROM now_line c LEFT JOIN then_line o ON o.line_code = c.line_code
      WHERE o.line_code IS NULL OR o.allowance <> c.allowance OR o.paid_by <> c.paid_by
      UNION ALL
      SELECT o.line_code, o.person, o.full_name, o.commune, 'ended', o.allowance, 0, o.paid_by, '', COALESCE(e.stop_reason, '')
      FROM then_line o LEFT JOIN entitlement e ON e.id = o.entitlement
      WHERE NOT EXISTS (SELECT 1 FROM now_line c WHERE c.line_code = o.line_code)
    ) differing WHERE line_code > :after {"AND kind = :kind" if kind else ""} ORDER BY line_code LIMIT {int(limit) + 1}"""
    rows = [Difference(*row) for row in execute(door.store(), sql, values).fetchall()]
    return rows[:limit], rows[limit - 1].line_code if len(rows) > limit else ""


def _movement(row: tuple[Any, ...]) -> Movement:
    opening, increases, decreases, closing, was, came, went, now = (int(figure) for figure in row[1:])
    return Movement(row[0], opening, increases, decreases, closing, was, came, went, now - was - came + went, now)


def _two_months(found: MonthList, communes: Iterable[str] | None) -> tuple[str, dict[str, Any]]:
    """Common table expressions `now_line` and `then_line` with their values."""
    values: dict[str, Any] = {"list": found.id}
    scope = ""
    if communes is not None:
        codes = {f"commune{number}": code for number, code in enumerate(sorted(communes))}
        values |= codes
        scope = f" AND commune IN ({', '.join(f':{name}' for name in codes) or 'NULL'})"
    columns = "line_code, person, entitlement, full_name, commune, category, allowance, COALESCE(method, '') || COALESCE(' ' || account, '') AS paid_by"
    of_list = f"SELECT {columns} FROM payment WHERE list = {{}} AND addendum = 0 AND allowance > 0{scope}"
    last = before(found.month)
    if last is not None:
        values["last"] = last.id
        then = of_list.format(":last")
    else:
        then = _register(found.month, values, scope)
    return f"WITH now_line AS ({of_list.format(':list')}), then_line AS ({then})", values


def _register(month: str, values: dict[str, Any], scope: str) -> str:
    """The register of the month before `month`, for the first list of all."""
    values["month"] = months.add(month, -1)
    store = door.store()
    try:
        rate = rate_sql(values["month"], values)
    except NotInForceError:
        rate = "0"
    account = f"CASE WHEN e.method IS NULL THEN {dialect(store)['account']} ELSE e.account END"
    return f"""SELECT * FROM (
      SELECT e.line_code, e.person, e.id AS entitlement, p.full_name, p.commune, e.category, {rate} * e.coefficient10 / 10 AS allowance,
        COALESCE(e.method, p.method, '') || COALESCE(' ' || {account}, '') AS paid_by
      FROM entitlement e JOIN person p ON p.id = e.person WHERE {PAYS.format(e="e")} AND {OPEN.format(p="p")}
        AND NOT EXISTS (SELECT 1 FROM entitlement o WHERE o.line_code = e.line_code AND o.start_month > e.start_month AND {PAYS.format(e="o")})
    ) registered WHERE 1 = 1{scope}"""
