"""A list given back with what was found in it: repairs put in, cells that are wrong marked and explained, a sheet that tells everything.

Every cell stands where it stood. Text is written as text, whatever it begins with: nothing of it is ever a formula.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from portal.workbook.arrived import opened
from portal.workbook.columns import letter
from portal.workbook.survey import Survey
from portal.workbook.write import sheet_name

_TONES = {"bad": "#F8CBAD", "ask": "#FFE699", "note": "#FFF2CC", "good": "#C6E0B4"}
_ORDER = tuple(_TONES)
_WIDEST, _SAMPLE = 45, 200
_FONT = {"font_name": "Times New Roman", "font_size": 11}
_LONGEST_COMMENT = 1_000


@dataclass(frozen=True)
class Mark:
    """What is said of a place ("sheet!cell" or "sheet!row"). `tone`: bad, ask, note or good; `to` is put in, where it is not None."""

    at: str
    tone: str
    text: str
    to: str | None = None


@dataclass(frozen=True)
class Notes:
    """The sheet at the end: its name, and tables with a title, a heading and rows."""

    name: str
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]]


def write(content: bytes, survey: Survey, marks: Iterable[Mark], notes: Notes) -> bytes:
    """The file as .xlsx with its marks; hidden sheets are left out.

    Raises:
        WorkbookProblem: as `arrived.opened`.
    """
    import xlsxwriter  # noqa: PLC0415  # only for those who ask for the file

    out = io.BytesIO()
    settings = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, settings)
    looks = _Looks(book)
    placed = _by_cell(survey, marks)
    names: set[str] = set()
    regions = dict(survey.sheets)
    for sheet in opened(content):
        if sheet.is_hidden:
            continue
        into = book.add_worksheet(_free(sheet.name, names))
        _widths(into, sheet.rows)
        first = regions[sheet.name].header_rows[-1] if sheet.name in regions else len(sheet.rows)
        spread = _spread(sheet.merged, sheet.rows, first)
        for at, row in enumerate(sheet.rows):
            for column, value in enumerate(row):
                said = placed.get(f"{sheet.name}!{letter(column)}{at + 1}", ())
                _cell(into, looks, at, column, spread.get((at, column), value), said)
    _notes(book.add_worksheet(_free(notes.name, names)), looks, notes)
    book.close()
    return out.getvalue()


class _Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, str, bool], Any] = {}

    def find(self, tone: str = "", number: str = "", *, bold: bool = False) -> Any:
        key = (tone, number, bold)
        if key not in self._made:
            more = ({"bg_color": _TONES[tone]} if tone else {}) | ({"num_format": number} if number else {}) | ({"bold": True} if bold else {})
            self._made[key] = self._book.add_format({**_FONT, **more})
        return self._made[key]


def _by_cell(survey: Survey, marks: Iterable[Mark]) -> Mapping[str, list[Mark]]:
    """Marks by the cell they are put on; those of a whole row stand at the name."""
    names = {f"{name}!{number}": f"{name}!{letter(place.columns['full_name'])}{number}" for name, place in survey.sheets for number in place.data}
    found: dict[str, list[Mark]] = defaultdict(list)
    for each in marks:
        found[names.get(each.at, each.at)].append(each)
    return found


def _cell(into: Any, looks: _Looks, row: int, column: int, value: Any, said: Sequence[Mark]) -> None:
    tone = min((each.tone for each in said), key=_ORDER.index, default="")
    put = next((each.to for each in said if each.to is not None), None)
    value = put if put is not None else value
    if isinstance(value, bool):
        into.write_boolean(row, column, value, looks.find(tone))
    elif isinstance(value, int | float):
        into.write_number(row, column, value, looks.find(tone))
    elif isinstance(value, date | datetime):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001  # a cell has no zone
        into.write_datetime(row, column, moment, looks.find(tone, "dd/mm/yyyy"))
    elif value not in ("", None) or said:
        text = value.isoformat() if isinstance(value, time) else str(value or "")
        if text:
            into.write_string(row, column, text, looks.find(tone, "@"))
        else:
            into.write_blank(row, column, None, looks.find(tone, "@"))
    if said:
        into.write_comment(row, column, "\n".join(each.text for each in said)[:_LONGEST_COMMENT], {"x_scale": 2.2, "y_scale": 1.2})


def _spread(merged: Iterable[tuple[tuple[int, int], tuple[int, int]]], rows: Sequence[Sequence[Any]], first: int) -> dict[tuple[int, int], Any]:
    """Cells below a merged one among the data: each row gets its value, for the merging itself is gone."""
    return {
        (row, left): rows[top][left]
        for (top, left), (bottom, _) in merged
        if top >= first and bottom > top and top < len(rows) and left < len(rows[top])
        for row in range(top, min(bottom + 1, len(rows)))
    }


def _widths(into: Any, rows: Sequence[Sequence[Any]]) -> None:
    widest: dict[int, int] = defaultdict(int)
    for row in rows[:_SAMPLE]:
        if sum(cell not in ("", None) for cell in row) > 1:
            for at, cell in enumerate(row):
                widest[at] = max(widest[at], len(str(cell)))
    for at, width in widest.items():
        into.set_column(at, at, min(width + 2, _WIDEST))


def _notes(into: Any, looks: _Looks, notes: Notes) -> None:
    at = 0
    into.set_column(0, 0, 24)
    into.set_column(1, 3, _WIDEST)
    for title, heading, rows in notes.tables:
        if not rows:
            continue
        into.write_string(at, 0, title, looks.find("", "@", bold=True))
        for number, row in enumerate([heading, *rows], at + 1):
            for column, text in enumerate(row):
                into.write_string(number, column, text, looks.find("", "@", bold=number == at + 1))
        at += len(rows) + 3


def _free(name: str, taken: set[str]) -> str:
    base = sheet_name(name)
    found = next(each for each in (base, *(f"{base[:27]} {number}" for number in range(2, 1000))) if each.casefold() not in taken)
    taken.add(found.casefold())
    return found
