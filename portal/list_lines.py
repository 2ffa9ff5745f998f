"""The lines of a month's list as one SELECT over the register: what is drawn up, and what a draft is compared with.

Who pays in the month, at which rate, with what stayed unpaid before and what is owed from earlier months. One text for SQLite and
PostgreSQL; where their functions differ, the two spellings stand side by side in `portal.list_sql`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal import funeral_lines
from portal.arrears import owed
from portal.law import months
from portal.list_sql import CANCELLED, OPEN, PAYS, Runs, dialect, execute, rate_sql

__all__ = ("CONTENT", "OPEN", "PAYS", "Parts", "Runs", "dialect", "execute", "rate_sql", "select")

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

_LINE = """e.person, e.id AS entitlement, e.line_code, p.commune, p.hamlet, p.full_name, e.category, e.coefficient10,
  {rate} AS rate, {allowance} AS allowance, {arrears} AS arrears, {carried_over} AS carried_over, {carried_from} AS carried_from, 0 AS funeral,
  {allowance} + {arrears} + {carried_over} AS total,
  CASE WHEN {in_cash} = 1 THEN 'cash' ELSE COALESCE(e.method, p.method) END AS method,
  CASE WHEN {in_cash} = 1 THEN NULL WHEN e.method IS NULL THEN {bank} ELSE e.bank END AS bank,
  CASE WHEN {in_cash} = 1 THEN NULL WHEN e.method IS NULL THEN {account} ELSE e.account END AS account,
  CASE WHEN {in_cash} = 1 THEN NULL WHEN e.method IS NULL THEN {holder} ELSE e.holder END AS holder,
  COALESCE(e.payee, CASE WHEN {until} < :month THEN NULL ELSE {alternate} END, p.full_name) AS recipient,
  COALESCE(p.home_delivery, FALSE) AS home_delivery, p.sort_key"""
# What may stand beside a line's own sum, by line code. Each also brings a line that pays nothing itself any more.
BESIDE = "LEFT JOIN unpaid u ON u.line_code = e.line_code LEFT JOIN arrear a ON a.line_code = e.line_code"
BROUGHT = "SELECT line_code FROM unpaid UNION SELECT line_code FROM arrear"
_WITH_BESIDE = {
    "arrears": "COALESCE(a.amount, 0)", "carried_over": "COALESCE(u.amount, 0)", "carried_from": "u.carried_from", "in_cash": "u.in_cash",
}  # fmt: skip
_ALONE = {"arrears": "0", "carried_over": "0", "carried_from": "CAST(NULL AS TEXT)", "in_cash": "0"}
_PAYING = "FROM entitlement e CROSS JOIN person p {beside} WHERE p.id = e.person AND {pays} AND {is_open} AND {one}"
# Two rights under one line code would break the rule of one line: the later one stands, the checks name them.
_ONE = "NOT EXISTS (SELECT 1 FROM entitlement o WHERE o.line_code = e.line_code AND o.start_month > e.start_month AND {other_pays})"
_ENDED = f"""FROM ({BROUGHT}) b
  JOIN entitlement e ON e.line_code = b.line_code
    AND NOT EXISTS (SELECT 1 FROM entitlement n WHERE n.line_code = e.line_code AND n.start_month > e.start_month)
  JOIN person p ON p.id = e.person {{beside}} WHERE NOT EXISTS (
    SELECT 1 FROM entitlement o JOIN person s ON s.id = o.person WHERE o.line_code = b.line_code AND {{other_pays}} AND {{other_open}})"""


# A list that stands by units which have since been succeeded by others keeps to them, whatever is added to it or corrected on it.
_PLACES = {"commune": "COALESCE(r.commune, x.commune) AS commune", "hamlet": "CASE WHEN r.id IS NULL THEN x.hamlet ELSE r.hamlet END AS hamlet"}
_THEN = """
SELECT {columns} FROM ({lines}) x LEFT JOIN residence r ON r.person = x.person AND r.until = (
  SELECT MIN(m.until) FROM residence m WHERE m.person = x.person AND m.until >= :month)
"""


class Parts:
    """What the lines of a list are made of, as SQL: rights that pay, rights that only bring what came before, funeral grants.

    See `select` for the arguments. `values` are those of all of the SQL.
    """

    def __init__(self, store: Runs, list_id: str, month: str, known: str, person: str | None, *, stored: bool) -> None:
        self._store = store
        self._spelt = dialect(store)
        self.values: dict[str, Any] = {
            "month": month, "list": list_id, "since": months.add(month, -LOOK_BACK_MONTHS), "any": "%", "due": '%"due":true%', "person": person,
        }  # fmt: skip
        rate = rate_sql(month, self.values, known_on=known)
        owes = _STORED if stored else owed(store, list_id, month, self.values, known=known, person=person)
        self._before = f"{_UNPAID.format(joined=self._spelt['joined'])},{_ARREAR.format(owed=owes) if owes else _NO_ARREAR}"
        self._rate = rate
        self._only = "" if person is None else " AND e.person = :person"
        self._when = {
            "pays": PAYS.format(e="e"), "is_open": OPEN.format(p="p"), "other_pays": PAYS.format(e="o"), "other_open": OPEN.format(p="s"),
        }  # fmt: skip
        grants = funeral_lines.lines(store, self.values, known=known)
        self.grants = f"{grants}{self._only.replace('e.person', 'f.person')}"

    def line(self, pays: str, *, alone: bool = False) -> str:
        """The columns `CONTENT` of a right `e` of a person `p` with `BESIDE`, unless it stands `alone`.

        `pays` is SQL: 1 where the right itself pays in the month, else 0.
        """
        beside = _ALONE if alone else _WITH_BESIDE
        return _LINE.format(rate=self._rate, allowance=f"{pays} * {self._rate} * e.coefficient10 / 10", **self._spelt, **beside)

    def paying(self, columns: str, beside: str = "") -> str:
        """A SELECT of rights that pay in the month."""
        one = _ONE.format(**self._when)
        return f"SELECT {columns} {_PAYING.format(beside=beside, one=one, **self._when)}{self._only}"

    def ended(self, columns: str, beside: str = "") -> str:
        """A SELECT of rights that pay nothing themselves any more."""
        return f"SELECT {columns} {_ENDED.format(beside=beside, **self._when)}{self._only}"

    def whole(self, parts: Iterable[str], columns: Iterable[str]) -> str:
        """These parts as one SELECT, whose `columns` (line_code and person among them) are named alike in all of them."""
        names = tuple(columns)
        chosen = ", ".join(self._spelt["column"].format(name) for name in names)
        sql = f"WITH {self._before}\n" + "\nUNION ALL\n".join(f"SELECT {chosen} FROM ({part}) q" for part in parts)
        if execute(self._store, "SELECT 1 FROM succession WHERE until >= :month", self.values).fetchone():
            sql = _THEN.format(columns=", ".join(_PLACES.get(name, f"x.{name}") for name in names), lines=sql)
        return sql


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
    parts = Parts(store, list_id, month, known, person, stored=stored)
    each = (parts.paying(parts.line("1"), BESIDE), parts.ended(parts.line("0"), BESIDE), parts.grants)
    return parts.whole(each, CONTENT), parts.values
