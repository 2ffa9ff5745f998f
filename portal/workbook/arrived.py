"""A file as somebody sent it: .xlsx, .xls, .ods or .csv, with what its cells do not say by their values alone.

Values come from calamine; fonts, hidden rows, formulas without a value and error cells are looked up in the file's own parts.
Nothing of a file is ever reckoned or run: of a formula only the stored value is taken.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, repeat

from portal.workbook import legacy_fonts, sheet_part
from portal.workbook.columns import letter
from portal.workbook.opened import Rows
from portal.workbook.package import MAX_BYTES, MAX_LAID, MAX_ROWS, Package, WorkbookProblem
from portal.workbook.sheet_part import Marks
from sync.text import nfc

_OLE = b"\xd0\xcf\x11\xe0"
_MAX_COLUMNS = 256
_LARGE = 100_000
_SMALL = 1_000_000
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_BOOK, _RELATIONS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
_REPEATED = re.compile(rb'number-rows-repeated="(\d+)"')
_ODS_ROW = re.compile(rb"<table:table-row(?=[\s/>])([^<>]*?)(/?)>")
_ACROSS = re.compile(rb'number-columns-repeated="(\d+)"')


@dataclass
class Sheet:
    """One sheet: rows from row 1 on, all as long, and by cell name what is peculiar. `hidden_rows`: numbers; `hidden_columns`: letters."""

    name: str
    rows: Rows
    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[str] = field(default_factory=set)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    errors: set[str] = field(default_factory=set)
    no_value: set[str] = field(default_factory=set)
    formulas: set[str] = field(default_factory=set)
    old_text: dict[str, str] = field(default_factory=dict)
    claims_more: bool = False


def opened(content: bytes) -> list[Sheet]:
    """The sheets of a file, whichever of the kinds it is, all in memory; `arriving` holds one at a time.

    Raises:
        WorkbookProblem: too_large, not_a_workbook, damaged, password, encoding.
    """
    return list(arriving(content))


def arriving(content: bytes) -> Iterator[Sheet]:
    """The sheets of a file, one after the other. Raises `WorkbookProblem` as `opened`."""
    if len(content) > MAX_BYTES:
        raise WorkbookProblem("too_large")
    if content.startswith(_OLE):
        yield from _xls(content)
    elif content.startswith(b"PK"):
        yield from _packed(content)
    else:
        yield Sheet("", _csv(content))


def _packed(content: bytes) -> Iterator[Sheet]:
    package = Package(content)
    if "xl/workbook.xml" in package.names:
        yield from _xlsx(content, package)
    elif "content.xml" in package.names and "mimetype" in package.names:
        yield from _ods(content, package)
    else:
        raise WorkbookProblem("not_a_workbook")


def _book(content: bytes) -> Iterator[Sheet]:
    """The sheets as calamine reads them. It lets others work meanwhile: the next one is read while somebody looks at this one."""
    import python_calamine as calamine  # noqa: PLC0415  # only for those who read a workbook

    laid = 0
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        with ThreadPoolExecutor(1) as ahead:
            coming = (ahead.submit(book.get_sheet_by_name, about.name) for about in book.sheets_metadata)
            follows = None
            for about in book.sheets_metadata:
                one = (follows or next(coming)).result()
                rows, columns = (one.end[0] + 1, one.end[1] + 1) if one.end is not None else (0, 0)
                laid += rows * columns
                if rows > MAX_ROWS or columns > _MAX_COLUMNS or laid > MAX_LAID:
                    raise WorkbookProblem("too_large")
                follows = next(coming, None) if rows * columns < _SMALL else None  # two large ones at once are too much
                hidden = about.visible != calamine.SheetVisibleEnum.Visible
                sheet = Sheet(nfc(about.name), one.to_python(skip_empty_area=False), hidden, merged=list(one.merged_cell_ranges or ()))
                del one  # as large as the sheet
                yield sheet
    except calamine.PasswordError as error:
        raise WorkbookProblem("password") from error
    except (calamine.CalamineError, ValueError, OSError, KeyError) as error:
        raise WorkbookProblem("damaged") from error


def _xlsx(content: bytes, package: Package) -> Iterator[Sheet]:
    kept = dict.fromkeys((_BOOK, _RELATIONS, _STYLES), b"")
    marks: dict[str, Marks] = {}
    for name, part in package.parts():  # all of them before anything is laid out in memory
        if name in kept:
            kept[name] = part
        elif _WORKSHEET.fullmatch(name):
            marks[name] = sheet_part.look(part, sheet_part.legacy_styles(kept[_STYLES]))
    targets = sheet_part.targets(kept[_BOOK], kept[_RELATIONS]) if kept[_RELATIONS] else list(marks)
    for number, sheet in enumerate(_book(content)):
        found = marks.get(targets[number] if number < len(targets) else "")
        if found is not None:
            sheet.hidden_rows, sheet.hidden_columns = found.hidden_rows, found.hidden_columns
            sheet.errors, sheet.no_value, sheet.formulas = found.errors, found.no_value, found.formulas
            sheet.claims_more = found.claimed >= _LARGE and len(sheet.rows) < _LARGE // 10
            for name, font in found.fonts.items():
                _decode(sheet, *_place(name), font)
        yield sheet


def _place(name: str) -> tuple[int, int]:
    letters = name.rstrip("0123456789")
    column = 0
    for each in letters:
        column = column * 26 + ord(each) - ord("A") + 1
    return int(name[len(letters) :]) - 1, column - 1


def _decode(sheet: Sheet, row: int, column: int, font: str) -> None:
    if row < len(sheet.rows) and column < len(sheet.rows[row]) and isinstance(text := sheet.rows[row][column], str) and text:
        plain = legacy_fonts.decoded(text, font)
        if plain != text:
            sheet.old_text[f"{letter(column)}{row + 1}"] = text
            sheet.rows[row][column] = plain


def _xls(content: bytes) -> Iterator[Sheet]:
    found = list(_book(content))
    from xlrd import biffh, compdoc, open_workbook  # noqa: PLC0415  # only for the old format

    try:
        book = open_workbook(file_contents=content, formatting_info=True, logfile=io.StringIO())
    except (biffh.XLRDError, compdoc.CompDocError, ValueError, IndexError, AssertionError, KeyError, OverflowError) as error:
        raise WorkbookProblem("damaged") from error
    for one, about in zip(found, book.sheets(), strict=False):
        one.hidden_rows = {row + 1 for row, info in about.rowinfo_map.items() if info.hidden}
        one.hidden_columns = {letter(at) for at, info in about.colinfo_map.items() if info.hidden}
        for row in range(about.nrows):
            for column in range(about.row_len(row)):
                cell = about.cell(row, column)
                if cell.ctype == biffh.XL_CELL_ERROR:
                    one.errors.add(f"{letter(column)}{row + 1}")
                elif cell.ctype == biffh.XL_CELL_TEXT:
                    font = book.font_list[book.xf_list[cell.xf_index].font_index].name
                    if legacy_fonts.is_legacy(font):
                        _decode(one, row, column, font)
    yield from found


def _ods(content: bytes, package: Package) -> Iterator[Sheet]:
    xml = next(part for name, part in package.parts() if name == "content.xml")
    _bound_repeats(xml)
    tables = [table[max(0, table.find(b"<table:table ")) :] for table in xml.split(b"</table:table>")]
    for one, table in zip(_book(content), chain(tables, repeat(b"")), strict=False):
        one.claims_more = any(int(times) >= _LARGE for times in _REPEATED.findall(table))
        if b"table:formula=" in table or b"visibility=" in table:
            _look_ods(one, table)
        yield one


def _ods_rows(xml: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What the tag of each row says, and what is in it. Found step by step: rows that never end cost no more than others."""
    at = 0
    while match := _ODS_ROW.search(xml, at):
        if match[2]:
            yield match[1], b""
            at = match.end()
            continue
        end = xml.find(b"</table:table-row>", match.end())
        if end < 0:
            return
        yield match[1], xml[match.end() : end]
        at = end


def _bound_repeats(xml: bytes) -> None:
    """A value said once and repeated a billion times would be unpacked here, not in the package."""
    laid = 0
    for said, cells in _ods_rows(xml):
        times = _REPEATED.search(said)
        if b"<text:p" in cells:
            across = sum(int(each) for each in _ACROSS.findall(cells))
            laid += (int(times[1]) if times else 1) * max(1, across)
            if laid > MAX_LAID:
                raise WorkbookProblem("too_large")


def _look_ods(sheet: Sheet, table: bytes) -> None:
    row = 0
    for said, cells in _ods_rows(table):
        times = _REPEATED.search(said)
        if b'visibility="collapse"' in said or b'visibility="filter"' in said:
            sheet.hidden_rows.add(row + 1)
        column = 0
        for cell in re.findall(rb"<table:(?:covered-)?table-cell\b[^<>]*>", cells):
            if b"table:formula=" in cell:
                sheet.formulas.add(f"{letter(column)}{row + 1}")
            repeated = re.search(rb'number-columns-repeated="(\d+)"', cell)
            column += int(repeated[1]) if repeated else 1
        row += int(times[1]) if times else 1
        if row > MAX_ROWS:
            return


def _csv(content: bytes) -> Rows:
    text = _text(content)
    lines = text.splitlines()[:40]
    delimiter = max("\t;,|", key=lambda mark: sum(line.count(mark) for line in lines))
    if not any(delimiter in line for line in lines):
        raise WorkbookProblem("not_a_workbook")
    rows: Rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(list(row))
            if len(rows) > MAX_ROWS or len(row) > _MAX_COLUMNS:
                raise WorkbookProblem("too_large")
    except csv.Error as error:
        raise WorkbookProblem("damaged") from error
    width = max(map(len, rows), default=0)
    return [row if len(row) == width else [*row, *[""] * (width - len(row))] for row in rows]


def _text(content: bytes) -> str:
    """By its byte-order mark, else UTF-8, else Windows-1258, the Vietnamese code page of Windows."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not marked and b"\x00" in content[:1024]:
        raise WorkbookProblem("not_a_workbook")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1258"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WorkbookProblem("encoding")
