from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.workbook.opened import sheets
from portal.workbook.package import MAX_LAID, Package, WorkbookProblem

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="{}/{}" Target="{}"/></Relationships>'
_BOOK = f'<workbook xmlns:r="{_OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>'


def book(rows: str, part: str = "worksheets/sheet1.xml") -> bytes:
    """A workbook of one sheet, whose rows are written as they are."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", _TYPES)
        made.writestr("_rels/.rels", _LINKS.format(_OFFICE, "officeDocument", "xl/workbook.xml"))
        made.writestr("xl/workbook.xml", _BOOK)
        made.writestr("xl/_rels/workbook.xml.rels", _LINKS.format(_OFFICE, "worksheet", part))
        made.writestr(f"xl/{part}", f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
    return content.getvalue()


NEAR = '<row r="1"><c r="A1"><v>1</v></c></row>'


def test_a_sheet_is_read_however_its_cells_say_where_they_are() -> None:
    ways = ('<c r="B2" s="1"><v>2</v></c>', "<c r='B2'><v>2</v></c>", '<c s="1" r="B2"><v>2</v></c>', '<c r="A2"/><c><v>2</v></c>')
    for way in ways:
        assert list(sheets(book(f'{NEAR}<row r="2">{way}</row>'))) == [("S", [[1.0, ""], ["", 2.0]])]


@pytest.mark.parametrize(
    "rows",
    [
        f'{NEAR}<row r="9"><c r="XFD1048576"><v>1</v></c></row>',
        f'{NEAR}<row r="9"><c r="A60000"><v>1</v></c></row>',
        f'{NEAR}<row r="9"><c r="CW9"><v>1</v></c></row>',
        f'{NEAR}<row r="9"><c r="A9" r="XFD1048576"><v>1</v></c></row>',
        f"{NEAR}<row r=\"9\"><c\n r = 'XFD1048576'><v>1</v></c></row>",
        f'{NEAR}<x:row r="9"><x:c r="XFD1048576"><v>1</v></x:c></x:row>',
        f'{NEAR}<!--<c r="A1" s="--><c r="XFD1048576"><v>1</v></c>',
        f"{NEAR}{'<row/>' * 1_000_000}<row><c><v>1</v></c><c><v>1</v></c><c/><c/><c/><c/><c><v>1</v></c></row>",
        f'{NEAR}<row r="9">{"<c/>" * 200_000}<c><v>1</v></c></row><row r="50000"><c><v>1</v></c></row>',
    ],
    ids=["far", "down", "right", "twice", "spaced", "prefixed", "comment", "rows", "cells"],
)
def test_one_cell_at_the_far_end_is_refused_before_those_before_it_are_made(rows: str) -> None:
    for part in ("worksheets/sheet1.xml", "elsewhere.bin"):
        with pytest.raises(WorkbookProblem) as refused:
            list(sheets(book(rows, part)))
        assert refused.value.code == "too_large"


_PLACES = st.tuples(st.sampled_from(["A", "b", "Z", "BC", "CV", "CW", ""]), st.sampled_from([1, 2, 40_000, 50_000, 50_001]))
_CELLS = st.one_of(
    st.just("<c><v>1</v></c>"),
    st.builds(lambda place: f'<c r="{place[0] or "A"}{place[1]}"><v>1</v></c>', _PLACES),
    st.builds(lambda place: f"<c s='1' r = '{place[0] or 'A'}{place[1]}'><v>1</v></c>", _PLACES),
    st.builds(lambda place: f'<x:c r="A1" r="{place[0] or "A"}{place[1]}"><v>1</v></x:c>', _PLACES),
)
_ROWS = st.builds(lambda number, cells: f"<row{number}>{''.join(cells)}</row>", st.sampled_from(["", ' r="3"', ' r="49999"']), st.lists(_CELLS, max_size=4))


@settings(max_examples=60, deadline=None)
@given(st.lists(_ROWS, min_size=1, max_size=5))
def test_what_is_let_through_is_never_laid_out_beyond_the_bounds(rows: list[str]) -> None:
    content = book("".join(rows))
    try:
        Package(content).check()
    except WorkbookProblem:
        return
    end = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("S").end
    assert end is None or (end[0] + 1) * (end[1] + 1) <= MAX_LAID


def test_a_part_that_holds_more_than_it_says_is_damaged() -> None:
    """Its check sum is that of what it says it holds: who stops reading there is told nothing, a library that reads on is."""
    rows = NEAR * 2_000
    whole = book(rows)
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        entry = package.getinfo("xl/worksheets/sheet1.xml")
        said = package.read(entry)[:1000]
    was, now = struct.pack("<III", entry.CRC, entry.compress_size, entry.file_size), struct.pack("<III", zlib.crc32(said), entry.compress_size, 1000)
    assert whole.count(was) == 2
    with pytest.raises(WorkbookProblem) as refused:
        list(sheets(whole.replace(was, now)))
    assert refused.value.code == "damaged"
