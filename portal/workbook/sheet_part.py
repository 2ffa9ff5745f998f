"""What a worksheet's part of an .xlsx says beyond the values of its cells: fonts, hidden parts, formulas without a value, error cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.workbook import legacy_fonts
from portal.workbook.columns import letter
from portal.workbook.package import MAX_COLUMNS, MAX_TOKENS, WorkbookProblem

_ROW = re.compile(rb"<row\b[^<>]*>")
_NUMBER = re.compile(rb'\br="(\d+)"')
_COLUMN = re.compile(rb"<col\b[^<>]*>")
_FORMULA = re.compile(rb"<f(?=[\s/>])[^<>]*?(?:/>|>[^<]*</f>)\s*(<v[^<>]*>[^<])?")
_ERROR = re.compile(rb'<c\b[^<>]*?\bt="e"[^<>]*>')
_CELL = re.compile(rb'<c\b[^<>]*?\br="([A-Z]+\d+)"')
_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+\d+:[A-Z]+(\d+)"')
_TAG = 300
_HEAD = 4096


@dataclass
class Marks:
    """What was found, by cell name. `hidden_rows`: numbers; `hidden_columns`: letters; `fonts`: cell → the legacy font it is written in.

    `claimed` is the last row the sheet says it has, 0 where it does not say.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)
    no_value: set[str] = field(default_factory=set)
    formulas: set[str] = field(default_factory=set)
    fonts: dict[str, str] = field(default_factory=dict)
    claimed: int = 0


def look(xml: bytes, legacy: Mapping[int, str]) -> Marks:
    """The marks of a worksheet's part; `legacy`: cell style → its legacy font. What the part does not hold is not looked for."""
    found = Marks()
    if claimed := _DIMENSION.search(xml[:_HEAD]):
        found.claimed = int(claimed[1])
    if b'hidden="' in xml:
        _hidden(found, xml)
    for count, match in enumerate(_FORMULA.finditer(xml)):
        if count > MAX_TOKENS:
            raise WorkbookProblem("too_large")
        if name := _cell_before(xml, match.start()):
            found.formulas.add(name)
            if not match[1]:
                found.no_value.add(name)
    if b't="e"' in xml:
        found.errors = {name for match in _ERROR.finditer(xml) if (name := _name(match[0]))}
    if legacy:
        styled = re.compile(rb'<c\b[^<>]*?\bs="(%b)"[^<>]*>' % b"|".join(b"%d" % style for style in legacy))
        found.fonts = {name: legacy[int(match[1])] for match in styled.finditer(xml) if (name := _name(match[0]))}
    return found


def targets(book: bytes, relations: bytes) -> list[str]:
    """The part of each sheet in the workbook's order, by xl/workbook.xml and its relations; "" where they do not say."""
    by_id = {}
    for one in re.findall(r"<Relationship\b[^<>]*>", relations.decode(errors="replace")):
        ids, target = re.search(r'\bId="([^"]*)"', one), re.search(r'\bTarget="([^"]*)"', one)
        if ids and target:
            by_id[ids[1]] = "xl/" + target[1].removeprefix("/xl/").removeprefix("xl/")
    ids_of = [re.search(r'r:id="([^"]*)"', one) for one in re.findall(r"<sheet\b[^<>]*>", book.decode(errors="replace"))]
    return [by_id.get(one[1], "") if one else "" for one in ids_of]


def legacy_styles(styles: bytes) -> dict[int, str]:
    """Cell style → its font, of the styles (xl/styles.xml) whose font was used before Unicode."""
    if b".Vn" not in styles and b"VNI-" not in styles:
        return {}
    text = styles.decode(errors="replace")
    fonts = [
        (re.search(r'<name val="([^"]*)"', one) or re.search(r'<rFont val="([^"]*)"', one))
        for one in re.findall(r"<font>.*?</font>|<font/>", text, re.DOTALL)
    ]
    cells = re.search(r"<cellXfs.*?</cellXfs>", text, re.DOTALL)
    found = {}
    for at, style in enumerate(re.findall(r"<xf\b[^<>]*>", cells[0] if cells else "")):
        font = re.search(r'fontId="(\d+)"', style)
        name = fonts[int(font[1])] if font and int(font[1]) < len(fonts) else None
        if name and legacy_fonts.is_legacy(name[1]):
            found[at] = name[1]
    return found


def _cell_before(xml: bytes, at: int) -> str:
    """The name of the cell whose tag ends right before a place, or at it; "" where none does."""
    start = xml.rfind(b"<", max(0, at - _TAG), at)
    cell = _CELL.match(xml, start) if start >= 0 else None
    return cell[1].decode() if cell and cell.end() <= at else ""


def _name(tag: bytes) -> str:
    cell = _CELL.match(tag)
    return cell[1].decode() if cell else ""


def _hidden(found: Marks, xml: bytes) -> None:
    for row in _ROW.findall(xml):
        number = _NUMBER.search(row)
        if number and b'hidden="1"' in row:
            found.hidden_rows.add(int(number[1]))
    for column in _COLUMN.findall(xml):
        first, last = re.search(rb'min="(\d+)"', column), re.search(rb'max="(\d+)"', column)
        if first and last and b'hidden="1"' in column:
            found.hidden_columns |= {letter(at - 1) for at in range(int(first[1]), min(int(last[1]), MAX_COLUMNS) + 1)}
