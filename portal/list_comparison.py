"""This month's list against the one before: opening + increases − decreases = closing, and the differences line by line.

Compared are the monthly amounts (a line that only carries money over, or is an addendum, is none). Before the portal's first list
stands the register of the month before, under the law of that month.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from portal import door, residence
from portal.law import months
from portal.law.errors import NotInForceError
from portal.list_lines import OPEN, PAYS, dialect, execute, rate_sql
from portal.payment_list import MonthList, before

PAGE = 50
KINDS = ("added", "ended", "amount", "method")
"""What can differ: a line came, went, pays another amount, or pays another way. A line with both stands under `amount`."""


class Movement(Struct, frozen=True):
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


_FIGURES = tuple(name for name in Movement.__struct_fields__ if name != "key")


class Difference(Struct, frozen=True):
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
    both, values = _two_months(found, communes)
    key, grouped = (by, f"line_code, {by}") if by in ("commune", "category") else ("''", "line_code")
    sql = f"""
    SELECT k, SUM(was), SUM(CASE WHEN was = 0 THEN 1 ELSE 0 END), SUM(CASE WHEN is_now = 0 THEN 1 ELSE 0 END), SUM(is_now),
      SUM(before), SUM(CASE WHEN was = 0 THEN after ELSE 0 END), SUM(CASE WHEN is_now = 0 THEN before ELSE 0 END), SUM(after)
    FROM (
      SELECT {key} AS k, SUM(1 - is_now) AS was, SUM(is_now) AS is_now, SUM((1 - is_now) * allowance) AS before, SUM(is_now * allowance) AS after
      FROM ({both}) both_months GROUP BY {grouped}
    ) each_line GROUP BY k ORDER BY k"""
    return [_movement(row) for row in execute(door.store(), sql, values).fetchall()]


def in_words(rows: Iterable[Movement], words: Callable[[str], str]) -> list[Movement]:
    """Movements under what their keys are called; those that go by the same words (a group a role may not look into) as one."""
    found: dict[str, Movement] = {}
    for row in rows:
        said = words(row.key)
        before_ = found.get(said)
        sums = [getattr(row, name) + (getattr(before_, name) if before_ else 0) for name in _FIGURES]
        found[said] = Movement(said, *sums)
    return list(found.values())


def differences(
    found: MonthList, communes: Iterable[str] | None = None, *, kind: str = "", after: str = "", limit: int = PAGE
) -> tuple[list[Difference], str]:
    """The lines that differ, by line code, after the line code `after`; and the line code to page on by, "" at the end."""
    both, values = _two_months(found, communes)
    values["after"], values["kind"] = after, kind
    sql = f"""
    SELECT line, d.person, name, d.commune, kind, before, after, method_before, method_after,
      CASE WHEN kind = 'ended' THEN COALESCE(e.stop_reason, '') ELSE '' END
    FROM (
      SELECT line_code AS line, person, name, commune, before, after, method_before, method_after, entitlement,
        CASE WHEN was = 0 THEN 'added' WHEN is_now = 0 THEN 'ended' WHEN before <> after THEN 'amount' ELSE 'method' END AS kind
      FROM (
        SELECT line_code, MAX(person) AS person, SUM(1 - is_now) AS was, SUM(is_now) AS is_now,
          COALESCE(MAX(CASE WHEN is_now = 1 THEN full_name END), MAX(full_name)) AS name,
          COALESCE(MAX(CASE WHEN is_now = 1 THEN commune END), MAX(commune)) AS commune,
          SUM((1 - is_now) * allowance) AS before, SUM(is_now * allowance) AS after,
          COALESCE(MAX(CASE WHEN is_now = 0 THEN paid_by END), '') AS method_before,
          COALESCE(MAX(CASE WHEN is_now = 1 THEN paid_by END), '') AS method_after,
          MAX(CASE WHEN is_now = 0 THEN entitlement END) AS entitlement
        FROM ({both}) both_months WHERE line_code > :after GROUP BY line_code
      ) compared WHERE was = 0 OR is_now = 0 OR before <> after OR method_before <> method_after
    ) d LEFT JOIN entitlement e ON e.id = d.entitlement {"WHERE kind = :kind" if kind else ""}
    ORDER BY line LIMIT {int(limit) + 1}"""
    rows = [_difference(row) for row in execute(door.store(), sql, values).fetchall()]
    return rows[:limit], rows[limit - 1].line_code if len(rows) > limit else ""


def _difference(row: tuple[Any, ...]) -> Difference:
    line_code, person, name, commune, kind, before, after, method_before, method_after, reason = row
    return Difference(line_code, person, name, commune, kind, int(before), int(after), method_before, method_after, reason)


def _movement(row: tuple[Any, ...]) -> Movement:
    opening, increases, decreases, closing, was, came, went, now = (int(figure) for figure in row[1:])
    return Movement(row[0], opening, increases, decreases, closing, was, came, went, now - was - came + went, now)


def _two_months(found: MonthList, communes: Iterable[str] | None) -> tuple[str, dict[str, Any]]:
    """SQL of the lines of both months, `is_now` 1 or 0, with its values. One beside the other, to be grouped: no join to be planned badly."""
    values: dict[str, Any] = {"list": found.id}
    scope = ""
    if communes is not None:
        codes = {f"commune{number}": code for number, code in enumerate(sorted(communes))}
        values |= codes
        scope = f" AND commune IN ({', '.join(f':{name}' for name in codes) or 'NULL'})"
    columns = "line_code, person, entitlement, full_name, {}, category, allowance, COALESCE(method, '') || COALESCE(' ' || account, '') AS paid_by"
    of_list = f"SELECT {{}} AS is_now, {columns} FROM payment WHERE list = {{}} AND addendum = 0 AND allowance > 0{{}}"
    last = before(found.month)
    if last is not None:
        values |= {"last": last.id, "now": found.month}
        place = residence.commune_since(last.month, found.month, "payment.person", "payment.commune", "now")
        listed = of_list.format(0, f"{place} AS commune", ":last", "")
        then = f"SELECT * FROM ({listed}) earlier WHERE 1 = 1{scope}"
    else:
        then = _register(found.month, values, scope)
    return f"{of_list.format(1, 'commune', ':list', scope)} UNION ALL {then}", values


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
      SELECT 0 AS is_now, e.line_code, e.person, e.id AS entitlement, p.full_name, p.commune, e.category, {rate} * e.coefficient10 / 10 AS allowance,
        COALESCE(e.method, p.method, '') || COALESCE(' ' || {account}, '') AS paid_by
      FROM entitlement e JOIN person p ON p.id = e.person WHERE {PAYS.format(e="e")} AND {OPEN.format(p="p")}
        AND NOT EXISTS (SELECT 1 FROM entitlement o WHERE o.line_code = e.line_code AND o.start_month > e.start_month AND {PAYS.format(e="o")})
    ) registered WHERE 1 = 1{scope}"""
