"""The lines of the register that the rows of a list may be, found by as few questions as its size allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from portal import door

if TYPE_CHECKING:
    from portal.list_arrival import Row

_AT_ONCE = 500
_SHARE = 4
"""From this part of the register on (a fourth) it is read from end to end: line by line costs more than leaving lines out."""
_LINES = """SELECT e.line_code, COALESCE(e.start_month, ''), COALESCE(p.full_name, ''), COALESCE(p.birth, ''), COALESCE(p.national_id, ''),
  e.commune, e.category, COALESCE(p.status, '') = 'dead', COALESCE(p.sex, ''), COALESCE(p.hamlet, ''), COALESCE(p.phone, ''),
  COALESCE(p.note, ''), e.coefficient10, {more}
FROM entitlement e JOIN person p ON p.id = e.person
WHERE (e.stop_month IS NULL OR p.status = 'dead') AND {which}"""
_CODE, _ID, _COMMUNE, _MORE = 0, 4, 5, -1
# The person, or another with the same number, has further lines, which may be another commune's: asked of each line, or of all at once.
_HAS_MORE = """(SELECT COUNT(*) FROM entitlement o WHERE o.person = e.person)
  + (SELECT COUNT(*) FROM person o WHERE o.national_id = p.national_id) > 2"""
_HAVE_MORE = """SELECT national_id FROM person WHERE national_id IS NOT NULL GROUP BY national_id HAVING COUNT(*) > 1
UNION ALL SELECT national_id FROM person
WHERE national_id IS NOT NULL AND id IN (SELECT person FROM entitlement GROUP BY person HAVING COUNT(*) > 1)"""


class Known(Struct, frozen=True, gc=False):
    """A line of the register: whose it is. `dead` where its person has died; what is not known is ""."""

    line_code: str
    full_name: str
    birth: str
    national_id: str
    commune: str
    category: str
    dead: bool = False
    sex: str = ""
    hamlet: str = ""
    phone: str = ""
    note: str = ""
    coefficient10: int | None = None


Finder = Callable[[Mapping[str, Sequence["Row"]]], Iterator[tuple[str, Iterable[Known]]]]
"""Of the rows of each commune's list: for each commune, in any order, all its lines, and those elsewhere with the code or the id of a row."""


def of_register(rows: Mapping[str, Sequence[Row]]) -> Iterator[tuple[str, Iterable[Known]]]:
    """A `Finder` in the register; lines that have stopped are no match, unless their person has died."""
    run = door.store().run
    if sum(map(len, rows.values())) * _SHARE < run("SELECT COUNT(*) FROM entitlement").fetchone()[0]:
        for commune, some in rows.items():
            own = _lines("e.commune = ?", commune, more=_HAS_MORE)
            yield commune, _near(commune, own, some, {line[_ID] for line in own if line[_MORE]})
        return
    several = {number for (number,) in run(_HAVE_MORE).fetchall()}
    for commune, own in _from_end_to_end(list(rows)):
        yield commune, _near(commune, own, rows[commune], several)


def _from_end_to_end(communes: list[str]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Each commune and its lines. What is asked for is a text that no index has: by its index each line would be fetched from elsewhere."""
    marks = ", ".join("?" * len(communes))
    sql = _LINES.format(more="0", which=f"e.commune || '' IN ({marks}) ORDER BY e.commune || ''")
    missing = dict.fromkeys(communes)
    for commune, lines in groupby(door.store().run(sql, communes), itemgetter(_COMMUNE)):
        del missing[commune]
        yield commune, sorted(lines)
    yield from ((commune, []) for commune in missing)


def _near(commune: str, own: list[tuple[Any, ...]], rows: Sequence[Row], several: set[str]) -> Iterator[Known]:
    """A commune's own lines, and those elsewhere that rows may be; `several`: ids that may have lines in more than one commune."""
    codes = {line[_CODE] for line in own}
    strange = [row for row in rows if row.line_code not in codes]
    by_code = _elsewhere("e.line_code", {row.line_code for row in strange}, commune)
    codes = {line[_CODE] for line in by_code}
    alone = {line[_ID] for line in own} - several
    by_id = _elsewhere("p.national_id", {row.national_id for row in strange} - alone, commune)
    for line in (*own, *by_code, *(line for line in by_id if line[_CODE] not in codes)):
        yield Known(line[_CODE], *line[2:_MORE])


def _elsewhere(column: str, values: set[str], commune: str) -> list[tuple[Any, ...]]:
    wanted, found = sorted(values - {""}), list[tuple[Any, ...]]()
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found += _lines(f"{column} IN ({', '.join('?' * len(some))}) AND e.commune <> ?", *some, commune)
    return found


def _lines(which: str, *values: str, more: str = "0") -> list[tuple[Any, ...]]:
    """Lines by code and first month. Sorted here: a database asked for this order reads the index of all codes instead of one commune's."""
    found: list[tuple[Any, ...]] = door.store().run(_LINES.format(which=which, more=more), values).fetchall()
    found.sort()
    return found
