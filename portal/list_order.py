"""The lines of a list numbered in its order: commune, hamlet, name as Vietnamese sorts it, line code.

A line's id is made of its number, so that a list is paged through, printed and played again in this order.
"""

from __future__ import annotations

from typing import Any

from portal.list_lines import BESIDE, BROUGHT, CONTENT, Parts, Runs, dialect, execute, select

_ORDER = "commune {C}, COALESCE(hamlet, '') {C}, COALESCE(sort_key, '') {C}, line_code {C}"
_NUMBERED = "SELECT row_number() OVER (ORDER BY {order}) AS n, t.* FROM ({lines}) t"

# Whom a list names, on SQLite: the number, the row of the right (whether it pays, and has anything beside it) or of the grant.
_PLACE = """
CREATE TEMP TABLE IF NOT EXISTS place (
  n INTEGER PRIMARY KEY, entitlement INTEGER, pays INTEGER, beside INTEGER, funeral_grant INTEGER, UNIQUE (beside, entitlement, pays))
"""
_ROWS = ("entitlement", "pays", "beside", "funeral_grant")
_SORTED_BY = ("line_code", "commune", "hamlet", "sort_key")
_RIGHT = "e.rowid AS entitlement, {} AS pays, {} AS beside, NULL AS funeral_grant, e.person, e.line_code, p.commune, p.hamlet, p.sort_key"
_GRANT = """
SELECT NULL AS entitlement, NULL AS pays, NULL AS beside, g.rowid AS funeral_grant, t.person, t.line_code, t.commune, t.hamlet, t.sort_key
FROM ({grants}) t JOIN funeral_grant g ON g.line_code = t.line_code"""
# CROSS JOIN: SQLite reads the tables in the order in which they are named.
_OF_RIGHTS = """
SELECT w.n, {line} FROM temp.place w CROSS JOIN entitlement e CROSS JOIN person p {joined}
WHERE w.beside = {beside} AND e.rowid = w.entitlement AND p.id = e.person"""
_OF_GRANTS = """
SELECT w.n, t.* FROM temp.place w CROSS JOIN funeral_grant g CROSS JOIN ({grants}) t WHERE g.rowid = w.funeral_grant AND t.line_code = g.line_code"""


def ordered(store: Runs, lines: str) -> str:
    """A SELECT of lines with their number `n`."""
    return _NUMBERED.format(order=_ORDER.format(**dialect(store)), lines=lines)


def listed(store: Runs, list_id: str, month: str, *, known: str = "") -> tuple[list[str], dict[str, Any]]:
    """The SELECTs of all lines of a list, whose arrears are in their table, with their numbers `n`, and their values.

    On SQLite whom it names is put in order first, by few columns: sorting whole lines costs it several times as much. The lines are then
    read in the order of the register, as the indexes on people and rights like it best that they are written to.

    Raises:
        NotInForceError: for a month before the first base rate.
    """
    if not store.sqlite:
        lines, values = select(store, list_id, month, known=known, stored=True)
        return [ordered(store, lines)], values
    parts = Parts(store, list_id, month, known, None, stored=True)
    _place(store, parts)
    each = (
        _OF_RIGHTS.format(line=parts.line("1", alone=True), joined="", beside=0),
        _OF_RIGHTS.format(line=parts.line("w.pays"), joined=BESIDE, beside=1),
        _OF_GRANTS.format(grants=parts.grants),
    )
    return [parts.whole((part,), ("n", *CONTENT)) for part in each], parts.values


def _place(store: Runs, parts: Parts) -> None:
    beside = f"e.line_code IN ({BROUGHT})"
    named = (parts.paying(_RIGHT.format(1, beside)), parts.ended(_RIGHT.format(0, 1)), _GRANT.format(grants=parts.grants))
    rows = ", ".join(_ROWS)
    order = _ORDER.format(**dialect(store))
    store.run(_PLACE)
    store.run("DELETE FROM temp.place")
    whole = parts.whole(named, (*_ROWS, "person", *_SORTED_BY))
    execute(store, f"INSERT INTO temp.place ({rows}) SELECT {rows} FROM ({whole}) d ORDER BY {order}", parts.values)
