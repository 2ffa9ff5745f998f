"""The SQL a list is asked with on SQLite and PostgreSQL alike: named values, the two spellings, levels by month, what pays when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from portal.law import book

_DIALECTS: Mapping[bool, Mapping[str, str]] = {
    True: {
        "C": "",
        "hex": "printf('%012x', n)",
        "joined": "group_concat(inner_months, ',')",
        "format": "printf",
        # Without the means to take back one statement alone: kept in memory, they are as large as all the pages it touches.
        "insert": "INSERT OR FAIL",
        "bank": "json_extract(p.payment_method, '$.bank')",
        "account": "json_extract(p.payment_method, '$.account')",
        "holder": "json_extract(p.payment_method, '$.holder')",
        "alternate": "json_extract(p.alternate_recipient, '$.name')",
        "until": "json_extract(p.alternate_recipient, '$.until')",
        # Columns of unlike affinity are no parts of one set for SQLite: it would copy every row from part to whole (its optimizer's
        # overview, 10: subquery flattening).
        "column": "+q.{0} AS {0}",
        # Each engine knows one of the two as a look-up, and goes through the whole table for every line with the other.
        "unchanged": "{}.line_code NOT IN (SELECT line_code FROM changed)",
    },
    False: {
        "C": 'COLLATE "C"',
        "hex": "lpad(to_hex(n), 12, '0')",
        "joined": "string_agg(inner_months, ',' ORDER BY month)",
        "format": "format",
        "insert": "INSERT",
        "bank": "CAST(p.payment_method AS json) ->> 'bank'",
        "account": "CAST(p.payment_method AS json) ->> 'account'",
        "holder": "CAST(p.payment_method AS json) ->> 'holder'",
        "alternate": "CAST(p.alternate_recipient AS json) ->> 'name'",
        "until": "CAST(p.alternate_recipient AS json) ->> 'until'",
        "column": "q.{0}",
        "unchanged": "NOT EXISTS (SELECT 1 FROM changed n WHERE n.line_code = {}.line_code)",
    },
}

PAYS = """{e}.start_month <= :month
    AND ({e}.stop_month IS NULL OR {e}.stop_month > :month)
    AND ({e}.suspended_from IS NULL OR {e}.suspended_from > :month)"""
"""Whether an entitlement pays in the month: begun, not ended, not suspended (`sync.kinds.entitlement.pays_in`)."""
CANCELLED = "({p}.allowance > 0 AND EXISTS (SELECT 1 FROM entitlement z WHERE z.id = {p}.entitlement AND z.stop_month <= {p}.month))"
"""Whether a line's own month is not due any more: its right ended before it (TT 02/2021, Điều 2)."""
OPEN = "({p}.closed IS NULL OR {p}.closed >= :month)"
"""Whether a person's file was still open in the month (closed during it, the month of a death is due: Điều 8.2)."""


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


def levels(month: str, known_on: str = "") -> tuple[int, dict[str, int]]:
    """The base rate of a month in đồng, and the categories with another level; by the decrees announced up to the day `known_on`.

    Raises:
        NotInForceError: for a month before the first base rate.
    """
    law = book.load().at(month, known_on=known_on)
    others = {code: law.rate(category.rate).amount for code, category in sorted(law.categories.items()) if category.rate != "base"}
    return law.base_rate, {code: amount for code, amount in others.items() if amount != law.base_rate}


def rate_sql(month: str, values: dict[str, Any], *, known_on: str = "", right: str = "e", name: str = "rate") -> str:
    """SQL of the level the row `right` is paid at in the month: the base rate, or that of its category where it has another.

    Its values are added to `values` under names that begin with `name`.
    """
    base, special = levels(month, known_on)
    values[name] = base
    if not special:
        return f":{name}"
    cases = []
    for number, (code, amount) in enumerate(special.items()):
        values |= {f"{name}_code{number}": code, f"{name}_amount{number}": amount}
        cases.append(f"WHEN {right}.category = :{name}_code{number} THEN :{name}_amount{number}")
    return f"CASE {' '.join(cases)} ELSE :{name} END"
