"""Sums by month and commune, two ways: what people were entitled to under the law of each month, and what was listed and paid.

The columns are those of the reports' own table: month, commune ("" for the district), base rate, lines, increases, decreases, of these
deaths, sum of coefficients, amount in đồng, lines paid into accounts and in cash.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from portal import door, residence
from portal.law import book, months
from portal.list_lines import OPEN, PAYS, execute, rate_sql

HEADINGS = (
    "month", "commune_code", "rate", "lines", "increases", "decreases", "deaths", "coefficient_sum", "amount", "account_lines", "cash_lines",
)  # fmt: skip
LINE_HEADINGS = (
    "line_code", "person_code", "commune_code", "category", "coefficient", "amount", "arrears", "carried_over", "total", "method", "state",
)  # fmt: skip


class Total(Struct, frozen=True):
    """One row; `coefficient10` is the sum of coefficients ×10. In the cash view increases, decreases and deaths are of lists."""

    month: str
    commune_code: str
    rate: int
    lines: int
    increases: int
    decreases: int
    deaths: int
    coefficient10: int
    amount: int
    account_lines: int
    cash_lines: int

    @property
    def cells(self) -> tuple[str | int, ...]:
        """The values under `HEADINGS`; the coefficient sum with one decimal."""
        head = (self.month, self.commune_code, self.rate, self.lines, self.increases, self.decreases, self.deaths)
        return (*head, tenth(self.coefficient10), self.amount, self.account_lines, self.cash_lines)


def tenth(value: int) -> str:
    """A number stored tenfold, as a decimal: 15 → "1.5"."""
    return f"{value // 10}.{value % 10}"


_LISTED = "SELECT id FROM payment_list WHERE month = ? AND state <> 'draft'"
# As it stands on the month's own list; for a line that came onto a later one as the next change of it says it was before.
_WAS_CASH = """CASE WHEN q.method IS NOT NULL THEN q.method = 'cash' ELSE COALESCE((
  SELECT h.before LIKE :cash FROM payment_method h WHERE h.person = e.person AND (h.entitlement = e.id OR h.entitlement IS NULL)
    AND h.payment IS NULL AND h.from_month > :month ORDER BY h.from_month, h.id LIMIT 1), COALESCE(e.method, p.method) = 'cash') END"""


def entitled(first: str, last: str, *, by_commune: bool = False) -> Iterator[Total]:
    """Month by month what the register says people were entitled to, under the law of the month; the district, then its communes.

    An increase is a line that does not pay in the month before, a decrease one that did and does not any more. Categories and coefficients
    are those of the right in the month, the way of payment is that of the month's list, where it has been frozen.

    Raises:
        NotInForceError: for a month before the first base rate.
    """
    store = door.store()
    for month in months.span(first, last):
        listed = store.run(_LISTED, (month,)).fetchone()
        values: dict[str, Any] = {
            "month": month, "previous": months.add(month, -1), "list": listed[0] if listed else "", "cash": '%"method":"cash"%',
        }  # fmt: skip
        rate = rate_sql(month, values)
        place = residence.commune_in(month)
        pays, paid = PAYS.format(e="e"), PAYS.format(e="e").replace(":month", ":previous")
        was_open = OPEN.format(p="p").replace(":month", ":previous")
        pays_again = PAYS.format(e="o")
        paid_before = PAYS.format(e="o").replace(":month", ":previous")
        sql = f"""
        SELECT commune, SUM(is_line), SUM(is_new), SUM(is_gone), SUM(is_death), SUM(coefficient10), SUM(amount), SUM(by_account) FROM (
          SELECT {place} AS commune, 1 AS is_line,
            CASE WHEN EXISTS (SELECT 1 FROM entitlement o WHERE o.line_code = e.line_code AND {paid_before}) THEN 0 ELSE 1 END AS is_new,
            0 AS is_gone, 0 AS is_death, e.coefficient10, {rate} * e.coefficient10 / 10 AS amount,
            CASE WHEN {_WAS_CASH} THEN 0 ELSE 1 END AS by_account
          FROM entitlement e JOIN person p ON p.id = e.person
          LEFT JOIN payment q ON q.list = :list AND q.line_code = e.line_code AND q.addendum = 0 AND q.allowance > 0
          WHERE {pays} AND {OPEN.format(p="p")}
            AND NOT EXISTS (SELECT 1 FROM entitlement o WHERE o.line_code = e.line_code AND o.start_month > e.start_month AND {pays_again})
          UNION ALL
          SELECT {place}, 0, 0, 1, CASE WHEN e.stop_reason = 'CHET' THEN 1 ELSE 0 END, 0, 0, 0
          FROM entitlement e JOIN person p ON p.id = e.person WHERE {paid} AND {was_open} AND NOT ({pays})
            AND NOT EXISTS (SELECT 1 FROM entitlement o WHERE o.line_code = e.line_code AND {pays_again})
        ) counted GROUP BY commune ORDER BY commune"""
        gone = store.run("SELECT decreases, deaths FROM opening WHERE month = ?", (month,)).fetchone() or (0, 0)
        yield from _rows(month, execute(store, sql, values).fetchall(), by_commune, (int(gone[0]), int(gone[1])))


def paid(first: str, last: str, *, by_commune: bool = False) -> Iterator[Total]:
    """Month by month what was listed: lines with everything on them, and in `amount` what has been paid of it."""
    store = door.store()
    for month in months.span(first, last):
        previous = store.run("SELECT id, month FROM payment_list WHERE month < ? ORDER BY month DESC LIMIT 1", (month,)).fetchone()
        found = store.run("SELECT id FROM payment_list WHERE month = ?", (month,)).fetchone()
        if found is None:
            continue
        values = {"list": found[0], "last": previous[0] if previous else "", "month": month}
        place = residence.commune_since(previous[1], month, "o.person", "o.commune") if previous else "o.commune"
        sql = f"""
        SELECT commune, SUM(is_line), SUM(is_new), SUM(is_gone), SUM(is_death), SUM(coefficient10), SUM(amount), SUM(by_account) FROM (
          SELECT c.commune, 1 AS is_line,
            CASE WHEN EXISTS (SELECT 1 FROM payment o WHERE o.list = :last AND o.line_code = c.line_code) THEN 0 ELSE 1 END AS is_new,
            0 AS is_gone, 0 AS is_death, CASE WHEN c.allowance > 0 THEN c.coefficient10 ELSE 0 END AS coefficient10,
            CASE WHEN c.state = 'paid' THEN c.total ELSE 0 END AS amount, CASE WHEN c.method <> 'cash' THEN 1 ELSE 0 END AS by_account
          FROM payment c WHERE c.list = :list
          UNION ALL
          SELECT {place}, 0, 0, 1, CASE WHEN e.stop_reason = 'CHET' THEN 1 ELSE 0 END, 0, 0, 0
          FROM payment o LEFT JOIN entitlement e ON e.id = o.entitlement
          WHERE o.list = :last AND NOT EXISTS (SELECT 1 FROM payment c WHERE c.list = :list AND c.line_code = o.line_code)
        ) counted GROUP BY commune ORDER BY commune"""
        yield from _rows(month, execute(store, sql, values).fetchall(), by_commune)


def lines(month: str) -> Iterator[tuple[str | int, ...]]:
    """The lines of a month's list under `LINE_HEADINGS`, in the order of the list; nothing where there is no list."""
    store = door.store()
    sql = """SELECT p.line_code, s.code, p.commune, p.category, p.coefficient10, p.allowance, p.arrears, p.carried_over, p.total, p.method,
        p.state, p.id FROM payment p JOIN payment_list l ON l.id = p.list LEFT JOIN person s ON s.id = p.person
        WHERE l.month = ? AND p.id > ? ORDER BY p.id LIMIT 1000"""
    after = ""
    while rows := store.run(sql, (month, after)).fetchall():
        for row in rows:
            yield (*row[:4], tenth(row[4]), *row[5:11])
        after = rows[-1][11]


def _rows(month: str, found: list[tuple[Any, ...]], by_commune: bool, gone_before: tuple[int, int] = (0, 0)) -> Iterator[Total]:
    """`gone_before`: decreases and deaths of the district that the register only has in numbers."""
    rate = book.load().at(month).base_rate
    communes = [(row[0], *(int(figure or 0) for figure in row[1:])) for row in found]
    sums = [sum(row[column] for row in communes) for column in range(1, 8)]
    sums[2], sums[3] = sums[2] + gone_before[0], sums[3] + gone_before[1]
    for row in [("", *sums), *(communes if by_commune else ())]:
        commune, count, new, gone, deaths, coefficient10, amount, by_account = row
        yield Total(month, commune or "", rate, count, new, gone, deaths, coefficient10, amount, by_account, count - by_account)
