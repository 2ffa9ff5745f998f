"""The lines of a month's list as one SELECT over the register: what is drawn up, and what a draft is compared with.

Who pays in the month, at which rate, with what stayed unpaid before and what is owed from earlier months. One text for SQLite and
PostgreSQL; where their functions differ, the two spellings stand side by side in `_DIALECTS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from portal.law import book, months

CONTENT = (
    "person", "entitlement", "line_code", "commune", "hamlet", "full_name", "category", "coefficient10", "rate", "allowance",
    "arrears", "carried_over", "carried_from", "funeral", "total", "method", "bank", "account", "holder", "recipient",
    "home_delivery", "sort_key",
)
"""The columns of a line that come from the register, in the order of `select`."""
LOOK_BACK_MONTHS = 12
"""How far back a settled list is searched for money that never reached anyone. Each list carries the one before it along, so that
this only bridges months that were settled late, or a death report that was rejected after its month was settled."""

_DIALECTS: Mapping[bool, Mapping[str, str]] = {
    True: {
        "C": "",
        "hex": "printf('%012x', n)",
        "joined": "group_concat(inner_months, ',')",
        "bank": "json_extract(p.payment_method, '$.bank')",
        "account": "json_extract(p.payment_method, '$.account')",
        "holder": "json_extract(p.payment_method, '$.holder')",
        "alternate": "json_extract(p.alternate_recipient, '$.name')",
        "until": "json_extract(p.alternate_recipient, '$.until')",
    },
    False: {
        "C": 'COLLATE "C"',
        "hex": "lpad(to_hex(n), 12, '0')",
        "joined": "string_agg(inner_months, ',' ORDER BY month)",
        "bank": "CAST(p.payment_method AS json) ->> 'bank'",
        "account": "CAST(p.payment_method AS json) ->> 'account'",
        "holder": "CAST(p.payment_method AS json) ->> 'holder'",
        "alternate": "CAST(p.alternate_recipient AS json) ->> 'name'",
        "until": "CAST(p.alternate_recipient AS json) ->> 'until'",
    },
}

PAYS = """{e}.start_month <= :month
    AND ({e}.stop_month IS NULL OR {e}.stop_month > :month)
    AND ({e}.suspended_from IS NULL OR {e}.suspended_from > :month)"""
"""Whether an entitlement pays in the month: begun, not ended, not suspended (`sync.kinds.entitlement.pays_in`)."""
OPEN = "({p}.closed IS NULL OR {p}.closed >= :month)"
"""Whether a person's file was still open in the month (closed during it, the month of a death is due: Điều 8.2)."""

# Settled, not paid, still due, and not on another list already. A sum held because of a death report that was rejected or withdrawn
# after its month was settled is due after all.
_UNPAID = """
unpaid_line AS (
  SELECT p.line_code, p.entitlement, p.month, p.total,
    CASE WHEN p.carried_from IS NULL OR p.carried_from = '[]' THEN '' ELSE substr(p.carried_from, 2, length(p.carried_from) - 2) || ',' END
      || '"' || p.month || '"' AS inner_months
  FROM payment_list l JOIN payment p ON p.month = l.month AND p.list = l.id
  WHERE l.state = 'settled' AND l.month < :month AND l.month >= :since AND p.state <> 'paid' AND p.total > 0
    AND (p.state <> 'withheld' OR p.hold LIKE :due OR EXISTS (
      SELECT 1 FROM change c WHERE c.person = p.person AND c.state IN ('rejected', 'withdrawn') AND p.hold LIKE :any || c.id || :any))
    AND NOT EXISTS (
      SELECT 1 FROM payment q WHERE q.person = p.person AND q.line_code = p.line_code AND q.month > p.month AND q.list <> :list
        AND q.carried_from LIKE :any || '"' || p.month || '"' || :any)
),
unpaid AS (
  SELECT line_code, MAX(entitlement) AS entitlement, SUM(total) AS amount, '[' || {joined} || ']' AS carried_from
  FROM (SELECT * FROM unpaid_line ORDER BY line_code, month) in_order GROUP BY line_code
)"""

# A first line for a right that counts from an earlier month, never listed for any month since: the months between, at their own
# rates. Not before the portal's first list, for what was paid before it the portal does not know.
_LATE = """
lateness AS (
  SELECT e.id, SUM({rate_then} * e.coefficient10 / 10) AS amount
  FROM entitlement e JOIN person p ON p.id = e.person JOIN gone ON gone.month >= e.start_month
  WHERE {pays} AND {open} AND e.start_month < :month AND e.start_month >= :first
    AND NOT EXISTS (SELECT 1 FROM payment q WHERE q.list = :last AND q.line_code = e.line_code)
    AND NOT EXISTS (
      SELECT 1 FROM payment q WHERE q.person = e.person AND q.line_code = e.line_code
        AND q.month >= e.start_month AND q.month < :month AND q.list <> :list AND q.allowance > 0)
  GROUP BY e.id
)"""

_LINE = """
SELECT e.person, e.id AS entitlement, e.line_code, p.commune, p.hamlet, p.full_name, e.category, e.coefficient10,
  {rate} AS rate, {allowance} AS allowance, {arrears} AS arrears,
  COALESCE(u.amount, 0) AS carried_over, u.carried_from, 0 AS funeral,
  {allowance} + {arrears} + COALESCE(u.amount, 0) AS total,
  COALESCE(e.method, p.method) AS method,
  CASE WHEN e.method IS NULL THEN {bank} ELSE e.bank END AS bank,
  CASE WHEN e.method IS NULL THEN {account} ELSE e.account END AS account,
  CASE WHEN e.method IS NULL THEN {holder} ELSE e.holder END AS holder,
  COALESCE(e.payee, CASE WHEN {until} < :month THEN NULL ELSE {alternate} END, p.full_name) AS recipient,
  COALESCE(p.home_delivery, FALSE) AS home_delivery, p.sort_key
"""
_PAYING = "FROM entitlement e JOIN person p ON p.id = e.person LEFT JOIN unpaid u ON u.line_code = e.line_code {late}"
# Two rights under one line code would break the rule of one line: the later one stands, the checks name them.
_ONE = "NOT EXISTS (SELECT 1 FROM entitlement o WHERE o.line_code = e.line_code AND o.start_month > e.start_month AND {other_pays})"
_ENDED = "FROM unpaid u JOIN entitlement e ON e.id = u.entitlement JOIN person p ON p.id = e.person"
_GONE = """NOT EXISTS (
  SELECT 1 FROM entitlement o JOIN person s ON s.id = o.person WHERE o.line_code = u.line_code AND {other_pays} AND {other_open})"""


class Runs(Protocol):
    """What of a store the list needs: SQL with `?`, and whether it speaks SQLite's."""

    sqlite: bool

    def run(self, sql: str, params: Any = ()) -> Any:
        """Executes; returns the cursor."""
        ...


def dialect(store: Runs) -> Mapping[str, str]:
    """The spellings of this store's engine."""
    return _DIALECTS[store.sqlite]


def execute(store: Runs, sql: str, values: Mapping[str, Any]) -> Any:
    """Runs SQL written with `:name` for its values; returns the cursor."""
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        names.append(found[1])
        return "?"

    text = re.sub(r"(?<![:\w]):([a-z]\w*)", place, sql)
    return store.run(text, [values[name] for name in names])


def select(store: Runs, list_id: str, month: str, *, person: str | None = None) -> tuple[str, dict[str, Any]]:
    """The SELECT of a list's lines (columns `CONTENT`, unordered) with its values; of one person's only, where given.

    Raises:
        NotInForceError: for a month before the first base rate.
    """
    spelt = dialect(store)
    values: dict[str, Any] = {
        "month": month, "list": list_id, "since": months.add(month, -LOOK_BACK_MONTHS), "any": "%", "due": '%"due":true%', "person": person,
    }
    rate = rate_sql(month, values)
    pays, is_open = PAYS.format(e="e"), OPEN.format(p="p")
    parts = [_UNPAID.format(joined=spelt["joined"])]
    late, arrears = "", "0"
    first, last = _lists_before(store, month)
    if first is not None:
        values |= {"first": first, "last": last}
        gone, rate_then = _rate_then(first, month, values)
        parts += [f"\ngone AS ({gone})", _LATE.format(rate_then=rate_then, pays=pays, open=is_open)]
        late, arrears = "LEFT JOIN lateness a ON a.id = e.id", "COALESCE(a.amount, 0)"
    only = "" if person is None else " AND e.person = :person"
    other = {"other_pays": PAYS.format(e="o"), "other_open": OPEN.format(p="s")}
    paying = _LINE.format(rate=rate, allowance=f"{rate} * e.coefficient10 / 10", arrears=arrears, **spelt)
    ended = _LINE.format(rate=rate, allowance="0", arrears="0", **spelt)
    sql = (
        f"WITH {','.join(parts)}\n{paying}{_PAYING.format(late=late)} WHERE {pays} AND {is_open} AND {_ONE.format(**other)}{only}"
        f"\nUNION ALL\n{ended}{_ENDED} WHERE {_GONE.format(**other)}{only}"
    )
    return sql, values


def _lists_before(store: Runs, month: str) -> tuple[str | None, str | None]:
    """The month of the portal's first list before this one, and the id of the last; None where there is none."""
    rows = store.run("SELECT month, id FROM payment_list WHERE month < ? ORDER BY month", (month,)).fetchall()
    return (rows[0][0], rows[-1][1]) if rows else (None, None)


def rate_sql(month: str, values: dict[str, Any]) -> str:
    """SQL of the level a right is paid at in the month: the base rate, or that of its category where it has another (social pension)."""
    base, special = _levels(month)
    values["rate"] = base
    if not special:
        return ":rate"
    return f"CASE {_cases('rate', special, values)} ELSE :rate END"


def _rate_then(first: str, month: str, values: dict[str, Any]) -> tuple[str, str]:
    """SQL of the months gone by with their base rates (`gone`), and of the level a right was due at in one of them."""
    rows, cases = [], []
    for number, then in enumerate(months.span(first, months.add(month, -1))):
        base, special = _levels(then)
        values |= {f"gone{number}": then, f"base{number}": base}
        rows.append(f"SELECT :gone{number} AS month, :base{number} AS rate")
        if special:
            cases.append(f"WHEN gone.month = :gone{number} THEN CASE {_cases(f'then{number}', special, values)} ELSE gone.rate END")
    return " UNION ALL ".join(rows), f"CASE {' '.join(cases)} ELSE gone.rate END" if cases else "gone.rate"


def _levels(month: str) -> tuple[int, list[tuple[str, int]]]:
    """The base rate, and the categories with another level in đồng."""
    law = book.load().at(month)
    levels = [(code, law.rate(category.rate).amount) for code, category in sorted(law.categories.items()) if category.rate != "base"]
    return law.base_rate, [(code, amount) for code, amount in levels if amount != law.base_rate]


def _cases(name: str, special: list[tuple[str, int]], values: dict[str, Any]) -> str:
    cases = []
    for number, (code, amount) in enumerate(special):
        values |= {f"{name}_code{number}": code, f"{name}_amount{number}": amount}
        cases.append(f"WHEN e.category = :{name}_code{number} THEN :{name}_amount{number}")
    return " ".join(cases)
