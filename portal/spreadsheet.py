"""Writes a workbook of one sheet row by row: the same rows are the same bytes, whenever and by whomever it is written (ECMA-376).

Text is text: a cell that begins with "=" is shown as it is and never reckoned with. Memory stays the same whatever the number of rows.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from html import escape
from typing import IO

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/%s" Target="%s"/></Relationships>'
)
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NO_SHEET = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_AT_ONCE = 500

Cell = str | int


def write(out: IO[bytes], sheet: str, rows: Iterable[Sequence[Cell]]) -> None:
    """Writes a sheet to `out`: an int is a number, everything else text."""
    name = _NO_SHEET.sub(" ", sheet)[:_LONGEST_NAME].strip(" '") or "Sheet1"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        _part(book, "[Content_Types].xml", _TYPES)
        _part(book, "_rels/.rels", _RELATIONS % ("officeDocument", "xl/workbook.xml"))
        sheets = f'<sheets><sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets>'
        _part(book, "xl/workbook.xml", f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{sheets}</workbook>')
        _part(book, "xl/_rels/workbook.xml.rels", _RELATIONS % ("worksheet", "worksheets/sheet1.xml"))
        with book.open(_info("xl/worksheets/sheet1.xml"), "w") as part:
            part.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            waiting: list[str] = []
            for number, row in enumerate(rows, 1):
                waiting.append(f'<row r="{number}">{"".join(_cell(at, number, cell) for at, cell in enumerate(row))}</row>')
                if len(waiting) == _AT_ONCE:
                    part.write("".join(waiting).encode())
                    waiting = []
            part.write(f"{''.join(waiting)}</sheetData></worksheet>".encode())


def _cell(column: int, row: int, cell: Cell) -> str:
    place = f"{_letter(column)}{row}"
    if isinstance(cell, int):
        return f'<c r="{place}"><v>{cell}</v></c>'
    if not cell:
        return ""
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(_NO_XML.sub("", cell), quote=False)}</t></is></c>'


def _letter(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = f"{chr(ord('A') + rest)}{letters}"
    return letters


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _part(book: zipfile.ZipFile, name: str, text: str) -> None:
    book.writestr(_info(name), text.encode())
