from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from portal.workbook.arrived import opened
from portal.workbook.legacy_fonts import decoded
from portal.workbook.opened import WorkbookProblem

MESSY = Path(__file__).parents[2] / "shared" / "data" / "messy"


def saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def package(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), part)
    return content.getvalue()


@pytest.mark.parametrize(
    ("font", "old", "new"),
    [
        (".VnTime", "nguyÔn thÞ h\u00adêng", "nguyễn thị hường"),
        (".VnTimeH", "x· th¹ch kim", "XÃ THẠCH KIM"),
        ("VNI-Times", "Nguyeãn Thò Höôøng", "Nguyễn Thị Hường"),
        ("Times New Roman", "Trần Thị Nga", "Trần Thị Nga"),
    ],
)
def test_text_is_read_by_its_font(font: str, old: str, new: str) -> None:
    assert decoded(old, font) == new


def test_only_the_cells_in_an_old_font_are_decoded_and_what_stood_there_is_kept() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["B2"], sheet["C2"] = "TrÇn ThÞ Nga", "Ã giữ nguyên"
    sheet["B2"].font = Font(name=".VnTime")
    [found] = opened(saved(book))
    assert found.rows[1] == ["", "Trần Thị Nga", "Ã giữ nguyên"]
    assert found.old_text == {"B2": "TrÇn ThÞ Nga"}


def test_hidden_rows_columns_and_sheets_formulas_without_value_and_errors_are_noted() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A2"], sheet["B2"] = "a", "=1+1", "#N/A"
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    draft = book.create_sheet("Nháp")
    draft.sheet_state = "hidden"
    draft["A1"] = "x"
    first, second = opened(saved(book))
    assert (first.hidden_rows, first.hidden_columns, first.no_value, first.errors) == ({2}, {"B"}, {"A2"}, {"B2"})
    assert (first.is_hidden, second.is_hidden) == (False, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_csv_is_read_in_any_of_its_encodings(encoding: str, mark: str) -> None:
    text = f"TT{mark}Dân tộc\r\n1{mark}Kinh\r\n"
    decomposed = text.replace("ộ", "ô\u0323") if encoding == "cp1258" else text
    [found] = opened(decomposed.encode(encoding))
    assert found.rows[1] == ["1", "Kinh"]
    assert len(found.rows) == 2


REPEATED = (
    b'<x><table:table table:name="A"><table:table-row table:number-rows-repeated="1048000"><table:table-cell '
    b'table:number-columns-repeated="1000"><text:p>x</text:p></table:table-cell></table:table-row></table:table></x>'
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (package(word__document_xml=b"<w/>"), "not_a_workbook"),
        (package(xl__workbook_xml=b"<!DOCTYPE x [<!ENTITY a 'b'>]><workbook/>"), "damaged"),
        (package(xl__workbook_xml=b"0" * 220_000_000), "too_large"),
        (package(content_xml=REPEATED, mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "too_large"),
        (b"PK\x03\x04broken", "damaged"),
        (b"\x00\x01\x02", "not_a_workbook"),
        (b"just words", "not_a_workbook"),
    ],
    ids=["word", "entities", "bomb", "repeated", "broken", "binary", "words"],
)
def test_hostile_and_wrong_files_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(WorkbookProblem) as refused:
        opened(content)
    assert refused.value.code == code


if MESSY.is_dir():

    def test_the_old_workbook_of_a_commune_is_read_in_its_fonts() -> None:
        [sheet] = opened((MESSY / "01-thach-kim-tcvn3.xls").read_bytes())
        assert [row[1] for row in sheet.rows[9:12]] == ["Trần Thị Nga", "Trần Trọng Toàn", "Hoàng Thị Thân"]
        assert (sheet.rows[7][3], sheet.rows[9][8], sheet.old_text["B10"]) == ("nữ", "500.000đ", "TrÇn ThÞ Nga")

    def test_a_million_repeated_rows_are_told_not_expanded_and_a_formula_is_its_value() -> None:
        sheet = opened((MESSY / "07-phu-luu.ods").read_bytes())[0]
        assert (sheet.claims_more, len(sheet.rows), sheet.formulas, sheet.rows[11][9]) == (True, 21, {"J12"}, "x")

    def test_what_is_hidden_without_value_or_wrong_is_noted() -> None:
        mine, draft = opened((MESSY / "03-mai-phu-o-gop-dong-an.xlsx").read_bytes())
        assert (mine.hidden_rows, mine.hidden_columns, draft.is_hidden) == ({12, 23}, {"E"}, True)
        increases = opened((MESSY / "04-tan-loc-tang.xlsx").read_bytes())[0]
        assert (increases.no_value, increases.errors) == ({"I30", "H31"}, {"E29"})
