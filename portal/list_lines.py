"""The lines of a month's list as one SELECT over the register: what is drawn up, and what a draft is compared with.

Who pays in the month, at which rate, with what stayed unpaid before and what is owed from earlier months. One text for SQLite and
PostgreSQL; where their functions differ, the two spellings stand side by side in `_DIALECTS`.
"""

from __future__ import annotations

from typing import Any

from portal import funeral_lines
from portal.arrears import owed
from portal.law import months
from portal.list_sql import CANCELLED, OPEN, PAYS, Runs, dialect, execute, rate_sql

__all__ = ("CONTENT", "OPEN", "PAYS", "Runs", "dialect", "execute", "rate_sql", "select")

CONTENT = (
    "person", "entitlement", "line_code", "commune", "hamlet", "full_name", "category", "coefficient10", "rate", "allowance",
    "arrears", "carried_over", "carried_from", "funeral", "total", "method", "bank", "account", "holder", "recipient",
    "home_delivery", "sort_key",
)
"""The columns of a line that come from the register, in the order of `select`."""
LOOK_BACK_MONTHS = 12
"""How far back a settled list is searched for money that never reached anyone. Each list carries the one before it along, so that
this only bridges months that were settled late, or a death report that was rejected after its month was settled."""

# Settled, not paid, still due, and not on another list already. A sum held because of a death report that was rejected or withdrawn
# after its month was settled is due after all. What a stop decision cancelled goes back to the budget (domain.md 2.4) and is not carried
# on; a line that it cancelled gives free what it carried from before the stop: the month of a death is due (Điều 8.2). A transfer that
# came back may have been asked for in cash: then all of the line is, this once (`sync.kinds.payment_method`).
_UNPAID = f"""
unpaid_line AS (
  SELECT p.line_code, p.month, p.total,
    CASE WHEN p.carried_from IS NULL OR p.carried_from = '[]' THEN '' ELSE substr(p.carried_from, 2, length(p.carried_from) - 2) || ',' END
      || '"' || p.month || '"' AS inner_months,
    CASE WHEN EXISTS (SELECT 1 FROM payment_method m WHERE m.payment = p.id AND NOT COALESCE(m.withdrawn, FALSE)) THEN 1 ELSE 0 END AS in_cash
  FROM payment_list l JOIN payment p ON p.list = l.id
  WHERE l.state = 'settled' AND l.month < :month AND l.month >= :since AND p.state <> 'paid' AND p.total > 0
    AND (p.state <> 'withheld' OR p.hold LIKE :due OR EXISTS (
      SELECT 1 FROM change c WHERE c.person = p.person AND c.state IN ('rejected', 'withdrawn') AND p.hold LIKE :any || c.id || :any))
    AND NOT {CANCELLED.format(p="p")}
    AND NOT EXISTS (
      SELECT 1 FROM payment q JOIN payment_list k ON k.id = q.list
      WHERE q.person = p.person AND q.line_code = p.line_code AND q.month > p.month AND q.list <> :list
        AND q.carried_from LIKE :any || '"' || p.month || '"' || :any
        AND NOT (k.state = 'settled' AND q.state <> 'paid' AND {CANCELLED.format(p="q")}))
),
unpaid AS (
  SELECT line_code, SUM(total) AS amount, '[' || {{joined}} || ']' AS carried_from, MAX(in_cash) AS in_cash
  FROM (SELECT * FROM unpaid_line ORDER BY line_code, month) in_order GROUP BY line_code
)"""

_STORED = "SELECT * FROM arrears WHERE list = :list AND addendum = 0"
"""The arrears of a list once they stand in their table."""
_ARREAR = "\narrear AS (SELECT line_code, SUM(amount) AS amount FROM ({owed}) owed_parts GROUP BY line_code)"
_NO_ARREAR = "\narrear AS (SELECT CAST(NULL AS TEXT) AS line_code, 0 AS amount WHERE 1 = 0)"

_LINE = """
SELECT e.person, e.id AS entitlement, e.line_code, p.commune, p.hamlet, p.full_name, e.category, e.coefficient10,
  {rate} AS rate, {allowance} AS allowance, COALESCE(a.amount, 0) AS arrears,
  COALESCE(u.amount, 0) AS carried_over, u.carried_from, 0 AS funeral,
  {allowance} + COALESCE(a.amount, 0) + COALESCE(u.amount, 0) AS total,
  CASE WHEN u.in_cash = 1 THEN 'cash' ELSE COALESCE(e.method, p.method) END AS method,
  CASE WHEN u.in_cash = 1 THEN NULL WHEN e.method IS NULL THEN {bank} ELSE e.bank END AS bank,
  CASE WHEN u.in_cash = 1 THEN NULL WHEN e.method IS NULL THEN {account} ELSE e.account END AS account,
  CASE WHEN u.in_cash = 1 THEN NULL WHEN e.method IS NULL THEN {holder} ELSE e.holder END AS holder,
  COALESCE(e.payee, CASE WHEN {until} < :month THEN NULL ELSE {alternate} END, p.full_name) AS recipient,
  COALESCE(p.home_delivery, FALSE) AS home_delivery, p.sort_key
"""
# What may stand beside a line's own sum, by line code. Each also brings a line that pays nothing itself any more.
_BESIDE = "LEFT JOIN unpaid u ON u.line_code = {o}.line_code LEFT JOIN arrear a ON a.line_code = {o}.line_code"
_PAYING = f"FROM entitlement e CROSS JOIN person p {_BESIDE.format(o='e')}"
# Two rights under one line code would break the rule of one line: the later one stands, the checks name them.
_ONE = "NOT EXISTS (SELECT 1 FROM entitlement o WHERE o.line_code = e.line_code AND o.start_month > e.start_month AND {other_pays})"
_ENDED = f"""FROM (SELECT line_code FROM unpaid UNION SELECT line_code FROM arrear) b {_BESIDE.format(o="b")}
  JOIN entitlement e ON e.line_code = b.line_code
    AND NOT EXISTS (SELECT 1 FROM entitlement n WHERE n.line_code = e.line_code AND n.start_month > e.start_month)
  JOIN person p ON p.id = e.person"""
_GONE = """NOT EXISTS (
  SELECT 1 FROM entitlement o JOIN person s ON s.id = o.person WHERE o.line_code = b.line_code AND {other_pays} AND {other_open})"""


# A list that stands by units which have since been succeeded by others keeps to them, whatever is added to it or corrected on it.
_PLACES = {"commune": "COALESCE(r.commune, x.commune) AS commune", "hamlet": "CASE WHEN r.id IS NULL THEN x.hamlet ELSE r.hamlet END AS hamlet"}
_THEN = """
SELECT {columns} FROM ({lines}) x LEFT JOIN residence r ON r.person = x.person AND r.until = (
  SELECT MIN(m.until) FROM residence m WHERE m.person = x.person AND m.until >= :month)
"""


def select(
    store: Runs, list_id: str, month: str, *, known: str = "", person: str | None = None, stored: bool = False
) -> tuple[str, dict[str, Any]]:
    """The SELECT of a list's lines (columns `CONTENT`, unordered) with its values.

    Args:
        store: to ask what there is to look at.
        list_id: the list, whose own lines do not count as given before.
        month: its month.
        known: the day up to which decrees count as announced; "" for all of them.
        person: of whom alone, where given.
        stored: whether the list's arrears have been put into their table already; else they are worked out anew.

    Raises:
        NotInForceError: for a month before the first base rate.
    """
    spelt = dialect(store)
    values: dict[str, Any] = {
        "month": month, "list": list_id, "since": months.add(month, -LOOK_BACK_MONTHS), "any": "%", "due": '%"due":true%', "person": person,
    }  # fmt: skip
    rate = rate_sql(month, values, known_on=known)
    owes = _STORED if stored else owed(store, list_id, month, values, known=known, person=person)
    parts = [_UNPAID.format(joined=spelt["joined"]), _ARREAR.format(owed=owes) if owes else _NO_ARREAR]
    only = "" if person is None else " AND e.person = :person"
    pays, is_open = PAYS.format(e="e"), OPEN.format(p="p")
    other = {"other_pays": PAYS.format(e="o"), "other_open": OPEN.format(p="s")}
    paying = _LINE.format(rate=rate, allowance=f"{rate} * e.coefficient10 / 10", **spelt)
    ended = _LINE.format(rate=rate, allowance="0", **spelt)
    each = (
        f"{paying}{_PAYING} WHERE p.id = e.person AND {pays} AND {is_open} AND {_ONE.format(**other)}{only}",
        f"{ended}{_ENDED} WHERE {_GONE.format(**other)}{only}",
        f"{funeral_lines.lines(store, values, known=known)}{only.replace('e.person', 'f.person')}",
    )
    columns = ", ".join(spelt["column"].format(name) for name in CONTENT)
    sql = f"WITH {','.join(parts)}\n" + "\nUNION ALL\n".join(f"SELECT {columns} FROM ({lines}) q" for lines in each)
    if execute(store, "SELECT 1 FROM succession WHERE until >= :month", values).fetchone():
        sql = _THEN.format(columns=", ".join(_PLACES.get(name, f"x.{name}") for name in CONTENT), lines=sql)
    return sql, values
