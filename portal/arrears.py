"""What months gone by still owe, as SQL: what was due in each by the law and the facts as known now, less what lists have given for it.

A rate or a fact that takes effect before the list that carries it thereby yields arrears on the next list, by itself (Decree 20/2021,
article 8.1; circular 02/2021, article 6.1.b). Months count from the portal's first list on: of those before it the portal knows nothing.
What was given beyond what was due is no part of a list, it is an overpayment and never netted off.

Only what can have changed is looked at: the lines whose right or person was written since the last list was drawn up, and the months
whose level has been announced since; all of them, where a decree's file came later than its announcement and the last list was drawn up
without it. All else was looked at then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from portal.clock import from_utc_text, local_date
from portal.list_sql import OPEN, PAYS, Runs, dialect, execute, levels, rate_sql

PARTS = ("line_code", "person", "entitlement", "month", "category", "coefficient10", "rate", "due", "given", "amount")
"""The columns of a month's part of a line's arrears; `amount` is `due` less `given`, in đồng."""

_LAST = "NOT EXISTS (SELECT 1 FROM payment r WHERE r.list = q.list AND r.line_code = q.line_code AND r.addendum > q.addendum)"
# Held for a decision that stands, on a list that is settled: no later list carries it along.
_DEAD = """l.state = 'settled' AND q.state = 'withheld' AND q.hold LIKE :held_for_change AND q.hold NOT LIKE :held_though_due AND NOT EXISTS (
      SELECT 1 FROM change x WHERE x.person = q.person AND x.state IN ('rejected', 'withdrawn') AND q.hold LIKE :any || x.id || :any)"""
_PATTERNS = {"any": "%", "held_for_change": '%"change":"%', "held_though_due": '%"due":true%'}
GIVES = f"{_LAST} AND NOT ({_DEAD})"
"""Whether a line `q` of a list `l` gives what stands on it: as its last addendum has it, and not held for good."""


class Listed(Struct, frozen=True):
    """A list drawn up before: its id and month, the journal entry that drew it up last, and the day on which that was."""

    id: str
    month: str
    built_in: int
    known_on: str


def lists_before(store: Runs, month: str) -> list[Listed]:
    """The lists of the months before one, the earliest first."""
    rows = store.run("SELECT id, month, built_in, built_at FROM payment_list WHERE month < ? ORDER BY month", (month,)).fetchall()
    return [Listed(row[0], row[1], row[2] or 0, known_on(row[3])) for row in rows]


def known_on(at: str | None) -> str:
    """The day in Viet Nam of a moment (UTC text), up to which the law is taken as known; "" (all of it) where there is none."""
    return local_date(from_utc_text(at)).isoformat() if at else ""


def due(months: Sequence[str], values: dict[str, Any], *, known: str = "", lines: str = "", where: str = "", name: str = "due") -> str:
    """A SELECT of what each line was due in each of these months: line_code, person, entitlement, month, category, coefficient10, rate, amount.

    Args:
        months: the months asked about; one at least.
        values: takes the values of the SQL.
        known: the day up to which decrees count as announced; "" for all of them.
        lines: a table or CTE whose `line_code`s are the only ones asked about; "" for every line.
        where: a further condition on `e` (entitlement), `p` (person) and `g` (the month).
        name: how the names of the values begin.

    Raises:
        NotInForceError: for a month before the first base rate.
    """
    rows, cases = [], []
    for number, month in enumerate(months):
        base, special = levels(month, known)
        values |= {f"{name}_month{number}": month, f"{name}_base{number}": base}
        rows.append(f"SELECT :{name}_month{number} AS month, :{name}_base{number} AS rate")
        if special:
            rate = rate_sql(month, values, known_on=known, name=f"{name}_rate{number}")
            cases.append(f"WHEN g.month = :{name}_month{number} THEN {rate}")
    rate = f"CASE {' '.join(cases)} ELSE g.rate END" if cases else "g.rate"
    pays, pays_later, is_open = (text.replace(":month", "g.month") for text in (PAYS.format(e="e"), PAYS.format(e="o"), OPEN.format(p="p")))
    # Few lines first, in that order: each is asked about every month there has been.
    chosen, own = (f"{lines} c CROSS JOIN entitlement e", "AND e.line_code = c.line_code") if lines else ("entitlement e", "")
    return f"""
  SELECT e.line_code, e.person, e.id AS entitlement, g.month, e.category, e.coefficient10, {rate} AS rate, {rate} * e.coefficient10 / 10 AS amount
  FROM {chosen} JOIN ({" UNION ALL ".join(rows)}) g ON {pays} JOIN person p ON p.id = e.person
  WHERE {is_open} {own} {f"AND {where}" if where else ""}
    AND NOT EXISTS (SELECT 1 FROM entitlement o WHERE o.line_code = e.line_code AND o.start_month > e.start_month AND {pays_later})"""


def given(months: Sequence[str], values: dict[str, Any], *, lines: str = "", where: str = "", name: str = "given") -> str:
    """A SELECT of what lists other than `:list` have given each line for each of these months: line_code, month, amount.

    Own amounts and arrears alike, whether they have been paid, wait to be paid, or are carried along. `lines` and `where` (a condition
    on `q`, the line of a list) as in `due`.
    """
    numbered = {f"{name}_month{number}": month for number, month in enumerate(months)}
    values |= numbered | _PATTERNS
    marks = ", ".join(f":{each}" for each in numbered)
    also = f" AND {where}" if where else ""
    lists = f"{lines} c CROSS JOIN payment_list l" if lines else "payment_list l"
    parts = f"{lines} c JOIN arrears b ON b.line_code = c.line_code" if lines else "arrears b"
    own = " AND q.line_code = c.line_code" if lines else ""
    return f"""
  SELECT line_code, month, SUM(amount) AS amount FROM (
    SELECT q.line_code, q.month, q.allowance AS amount FROM {lists} JOIN payment q ON q.list = l.id{own}
    WHERE l.month IN ({marks}) AND l.id <> :list AND q.allowance > 0 AND {GIVES}{also}
    UNION ALL
    SELECT b.line_code, b.month, b.amount FROM {parts} JOIN payment_list l ON l.id = b.list
      JOIN payment q ON q.list = b.list AND q.line_code = b.line_code AND q.addendum = b.addendum
    WHERE b.month IN ({marks}) AND b.list <> :list AND {GIVES}{also}
  ) each_given GROUP BY line_code, month"""


def owed(store: Runs, list_id: str, month: str, values: dict[str, Any], *, known: str = "", person: str | None = None) -> str:
    """A SELECT (columns `PARTS`) of what the months before `month` still owe on a list of `month`; "" where nothing has changed.

    `values` takes the values of the SQL; `known` is as in `due`; of one person only, where given.

    Raises:
        NotInForceError: for a month before the first base rate.
    """
    before = lists_before(store, month)
    if not before:
        return ""
    months, last = [listed.month for listed in before], before[-1]
    anew = [each for each in months if levels(each, known) != levels(each, last.known_on)] if _paid_as_known(store, last) else months
    values |= {"list": list_id, "month": month, "drawn": last.built_in, "person": person}
    only = " AND e.person = :person" if person is not None else ""
    changed = _CHANGED.format(only=only)
    some = execute(store, f"SELECT 1 FROM ({changed}) c LIMIT 1", values).fetchone() is not None
    both = []
    if some:
        both.append(_less(due(months, values, known=known, lines="changed", name="due_changed"), given(months, values, lines="changed")))
    if anew:
        rest = dialect(store)["unchanged"] if some else "1 = 1"
        mine = ("e.person = :person AND ", "q.person = :person AND ") if person is not None else ("", "")
        now = due(anew, values, known=known, where=mine[0] + rest.format("e"), name="due_anew")
        both.append(_less(now, given(anew, values, where=mine[1] + rest.format("q"), name="given_anew")))
    with_changed = f"WITH changed AS ({changed})\n" if some else ""
    return f"{with_changed}{' UNION ALL '.join(both)}" if both else ""


def _paid_as_known(store: Runs, last: Listed) -> bool:
    """Whether the last list's lines stand at the levels that its day would know by the decrees as they are filed now."""
    base, special = levels(last.month, last.known_on)
    usual = " AND ".join("category <> ?" for _ in special) or "1 = 1"
    asked = [(base, usual, tuple(special)), *((amount, "category = ?", (code,)) for code, amount in special.items())]
    for amount, which, codes in asked:
        sql = f"SELECT rate FROM payment WHERE list = ? AND addendum = 0 AND allowance > 0 AND {which} LIMIT 1"
        row = store.run(sql, (last.id, *codes)).fetchone()
        if row is not None and row[0] != amount:
            return False
    return True


# Whose right or person was written since; and whose money a settled list holds for good: it may have become due after all.
_CHANGED = """
  SELECT line_code FROM entitlement e WHERE version > :drawn AND start_month < :month{only}
  UNION
  SELECT e.line_code FROM person p JOIN entitlement e ON e.person = p.id WHERE p.version > :drawn AND e.start_month < :month{only}
  UNION
  SELECT e.line_code FROM payment_list l JOIN payment e ON e.list = l.id AND e.state <> 'paid'
  WHERE l.state = 'settled' AND l.month < :month AND e.state = 'withheld'{only}"""


def _less(due_: str, given_: str) -> str:
    return f"""
SELECT d.line_code, d.person, d.entitlement, d.month, d.category, d.coefficient10, d.rate, d.amount AS due, COALESCE(v.amount, 0) AS given,
  d.amount - COALESCE(v.amount, 0) AS amount
FROM ({due_}) d LEFT JOIN ({given_}) v ON v.line_code = d.line_code AND v.month = d.month
WHERE d.amount > COALESCE(v.amount, 0)"""
