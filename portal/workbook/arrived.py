"""A file as somebody sent it: .xlsx, .xls, .ods or .csv, with what its cells do not say by their values alone.

Values come from calamine; fonts, hidden rows, formulas without a value and error cells are looked up in the file's own parts.
Nothing of a file is ever reckoned or run: of a formula only the stored value is taken.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from portal.workbook import legacy_fonts
from portal.workbook.columns import letter
from portal.workbook.opened import MAX_BYTES, Rows, WorkbookProblem, sheets
from sync.text import nfc

_OLE = b"\xd0\xcf\x11\xe0"
_MAX_PART = 60 * 1024 * 1024
_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_ROWS = 50_000
_MAX_COLUMNS = 256
_LARGE = 100_000
_ROW_ATTRS = re.compile(rb"<row\b[^>]*>")
_NUMBER = re.compile(rb'\br="(\d+)"')
_COL = re.compile(rb"<col\b[^>]*>")
_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]+\d+)"[^>]*?(?:/>|>(.*?)</c>)', re.DOTALL)
_REPEATED = re.compile(rb'number-rows-repeated="(\d+)"')
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
_ACROSS = re.compile(rb'number-columns-repeated="(\d+)"')
_MAX_LAID = 5_000_000
_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+\d+:[A-Z]+(\d+)"')


@dataclass
class Sheet:
    """One sheet: rows from row 1 on, and by cell name what is peculiar. `hidden_rows`: numbers; `hidden_columns`: letters."""

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
    """The sheets of a file, whichever of the kinds it is.

    Raises:
        WorkbookProblem: too_large, not_a_workbook, damaged, password, encoding.
    """
    if len(content) > MAX_BYTES:
        raise WorkbookProblem("too_large")
    if content.startswith(_OLE):
        return _xls(content)
    if not content.startswith(b"PK"):
        return [Sheet("", _csv(content))]
    names = _bound(content)
    if "xl/workbook.xml" in names:
        return _xlsx(content, names)
    if "content.xml" in names and "mimetype" in names:
        return _ods(content)
    raise WorkbookProblem("not_a_workbook")


def _bound(content: bytes) -> set[str]:
    """The names of a package's parts. What is unpacked is counted; a part with a document type is no workbook's (entity bombs)."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            if len(entries) > 1_000 or sum(entry.file_size for entry in entries) > _MAX_UNPACKED:
                raise WorkbookProblem("too_large")
            for entry in entries:
                with package.open(entry) as part:
                    if entry.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in part.read(4096).upper():
                        raise WorkbookProblem("damaged")
                    while chunk := part.read(1024 * 1024):
                        total += len(chunk)
                        if total > _MAX_UNPACKED:
                            raise WorkbookProblem("too_large")
            return {entry.filename for entry in entries}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise WorkbookProblem("damaged") from error


def _book(content: bytes) -> Iterator[Sheet]:
    import python_calamine as calamine  # noqa: PLC0415  # only for those who read a workbook

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        for about in book.sheets_metadata:
            one = book.get_sheet_by_name(about.name)
            if one.end is not None and (one.end[0] >= _MAX_ROWS or one.end[1] >= _MAX_COLUMNS):
                raise WorkbookProblem("too_large")
            hidden = about.visible != calamine.SheetVisibleEnum.Visible
            yield Sheet(nfc(about.name), one.to_python(skip_empty_area=False), hidden, merged=list(one.merged_cell_ranges or ()))
    except calamine.PasswordError as error:
        raise WorkbookProblem("password") from error
    except (calamine.CalamineError, ValueError, OSError, KeyError) as error:
        raise WorkbookProblem("damaged") from error


def _xlsx(content: bytes, names: set[str]) -> list[Sheet]:
    sheets(content)  # refuses a cell at the far end before anything is laid out in memory
    found = list(_book(content))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = [name for name in package.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
        targets = _targets(package) if "xl/_rels/workbook.xml.rels" in names else parts
        styles = package.read("xl/styles.xml") if "xl/styles.xml" in names else b""
        fonts = _fonts(styles)
        for one, part in zip(found, targets, strict=False):
            if part in names and package.getinfo(part).file_size <= _MAX_PART:
                _look(one, package.read(part), fonts)
    return found


def _targets(package: zipfile.ZipFile) -> list[str]:
    """The part of each sheet, in the workbook's order."""
    relations = package.read("xl/_rels/workbook.xml.rels").decode(errors="replace")
    by_id = {}
    for one in re.findall(r"<Relationship\b[^>]*>", relations):
        ids, target = re.search(r'\bId="([^"]*)"', one), re.search(r'\bTarget="([^"]*)"', one)
        if ids and target:
            by_id[ids[1]] = "xl/" + target[1].removeprefix("/xl/").removeprefix("xl/")
    book = package.read("xl/workbook.xml").decode(errors="replace")
    ids_of = [re.search(r'r:id="([^"]*)"', one) for one in re.findall(r"<sheet\b[^>]*>", book)]
    return [by_id.get(one[1], "") if one else "" for one in ids_of]


def _fonts(styles: bytes) -> dict[int, str]:
    """The legacy font of each cell style that has one."""
    if b".Vn" not in styles and b"VNI-" not in styles:
        return {}
    text = styles.decode(errors="replace")
    fonts = [
        (re.search(r'<name val="([^"]*)"', one) or re.search(r'<rFont val="([^"]*)"', one))
        for one in re.findall(r"<font>.*?</font>|<font/>", text, re.DOTALL)
    ]
    cells = re.search(r"<cellXfs.*?</cellXfs>", text, re.DOTALL)
    found = {}
    for at, style in enumerate(re.findall(r"<xf\b[^>]*>", cells[0] if cells else "")):
        font = re.search(r'fontId="(\d+)"', style)
        name = fonts[int(font[1])] if font and int(font[1]) < len(fonts) else None
        if name and legacy_fonts.is_legacy(name[1]):
            found[at] = name[1]
    return found


def _look(sheet: Sheet, xml: bytes, fonts: dict[int, str]) -> None:
    """Notes what a worksheet's part says beyond values."""
    if b'hidden="' in xml:
        _look_hidden(sheet, xml)
    claimed = _DIMENSION.search(xml[:4096])
    sheet.claims_more = bool(claimed and int(claimed[1]) >= _LARGE and len(sheet.rows) < _LARGE // 10)
    if not fonts and b"<f" not in xml and b't="e"' not in xml:
        return
    for match in _CELL.finditer(xml):
        name, inner = match[1].decode(), match[2] or b""
        head = match[0][: match.start(2) - match.start()] if match[2] is not None else match[0]
        if b't="e"' in head:
            sheet.errors.add(name)
        if b"<f" in inner:
            sheet.formulas.add(name)
            if not re.search(rb"<v>[^<]", inner):
                sheet.no_value.add(name)
        style = re.search(rb'\bs="(\d+)"', head)
        if style and int(style[1]) in fonts:
            row, column = _place(name)
            _decode(sheet, row, column, fonts[int(style[1])])


def _look_hidden(sheet: Sheet, xml: bytes) -> None:
    for row in _ROW_ATTRS.findall(xml):
        number = _NUMBER.search(row)
        if number and b'hidden="1"' in row:
            sheet.hidden_rows.add(int(number[1]))
    for column in _COL.findall(xml):
        first, last = re.search(rb'min="(\d+)"', column), re.search(rb'max="(\d+)"', column)
        if first and last and b'hidden="1"' in column:
            sheet.hidden_columns |= {letter(at - 1) for at in range(int(first[1]), min(int(last[1]), _MAX_COLUMNS) + 1)}


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


def _xls(content: bytes) -> list[Sheet]:
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
    return found


def _ods(content: bytes) -> list[Sheet]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        if package.getinfo("content.xml").file_size > _MAX_PART:
            raise WorkbookProblem("too_large")
        xml = package.read("content.xml")
    _bound_repeats(xml)
    found = list(_book(content))
    tables = re.findall(rb"<table:table\b.*?</table:table>", xml, re.DOTALL)
    for one, table in zip(found, tables, strict=False):
        one.claims_more = any(int(times) >= _LARGE for times in _REPEATED.findall(table))
        if b"table:formula=" in table or b"visibility=" in table:
            _look_ods(one, table)
    return found


def _bound_repeats(xml: bytes) -> None:
    """A value said once and repeated a billion times would be unpacked here, not in the package."""
    laid = 0
    for match in _ODS_ROW.finditer(xml):
        times = _REPEATED.search(match[1])
        if match[2] and b"<text:p" in match[2]:
            across = sum(int(each) for each in _ACROSS.findall(match[2]))
            laid += (int(times[1]) if times else 1) * max(1, across)
            if laid > _MAX_LAID:
                raise WorkbookProblem("too_large")


def _look_ods(sheet: Sheet, table: bytes) -> None:
    row = 0
    for match in _ODS_ROW.finditer(table):
        times = _REPEATED.search(match[1])
        if b'visibility="collapse"' in match[1] or b'visibility="filter"' in match[1]:
            sheet.hidden_rows.add(row + 1)
        column = 0
        for cell in re.findall(rb"<table:(?:covered-)?table-cell\b[^>]*>", match[2] or b""):
            if b"table:formula=" in cell:
                sheet.formulas.add(f"{letter(column)}{row + 1}")
            repeated = re.search(rb'number-columns-repeated="(\d+)"', cell)
            column += int(repeated[1]) if repeated else 1
        row += int(times[1]) if times else 1
        if row > _MAX_ROWS:
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
            if len(rows) > _MAX_ROWS or len(row) > _MAX_COLUMNS:
                raise WorkbookProblem("too_large")
    except csv.Error as error:
        raise WorkbookProblem("damaged") from error
    return rows


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
