"""The lists that leave the portal as workbooks, read back as whoever gets them would: by Excel's reader, on paper by LibreOffice."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from pypdf import PdfReader
from werkzeug.test import TestResponse

from portal import door, payment_list, result
from portal.workbook.form import Column, Form
from portal.workbook.form import Sheet as FormSheet
from portal.workbook.write import write
from sync.ids import named
from tests import machine
from tests.district import IMPORTED, MONTH, District, Made, code, import_as, line_code, people_edits
from tests.posted import lines, mark, mark_all, post_list
from tests.proposing import approve

FILES = f"/payment-lists/{MONTH}/files"
MONEY_COLUMN, CARRIED = 12, 10


@pytest.fixture
def posted(district: District) -> District:
    post_list(district)
    return district


def opened(answer: TestResponse) -> Any:
    assert answer.status_code == 200, answer.text[:500]
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def cells(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def table(sheet: Any) -> list[list[Any]]:
    """The numbered rows."""
    return [row for row in cells(sheet) if isinstance(row[0], int)]


def text(sheet: Any) -> str:
    return "\n".join(str(value) for row in cells(sheet) for value in row if value is not None)


def test_the_cash_list_is_by_hamlet_and_name_with_its_sum_in_figures_and_words(each_district: District) -> None:
    post_list(each_district)
    book = opened(each_district.client("huyen").get(f"{FILES}/cash.xlsx"))
    assert book.sheetnames == ["Thị trấn Lộc Hà", "Xã Thạch Kim"]
    sheet = book["Thị trấn Lộc Hà"]
    told = text(sheet)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in told
    assert "DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI HẰNG THÁNG\nTháng 10/2024\nĐơn vị: Thị trấn Lộc Hà (mã 18568)" in told
    rows = table(sheet)
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert [row[1] for row in rows] == [line_code(key) for key in ("duong", "dao", "an", "binh")] + [line_code("binh", 2), line_code("hoa")]
    bands = [row[0] for row in cells(sheet) if row[0] in ("TDP 1", "TDP 2")]
    assert bands == ["TDP 1", "TDP 2"]
    total = next(row for row in cells(sheet) if row[1] == "Tổng cộng")
    assert total[11] == sum(row[11] for row in rows) == 500_000 * 4 + 750_000 * 2
    assert "Số tiền bằng chữ: Ba triệu năm trăm nghìn đồng." in told
    assert "Tại nhà" in rows[0][14]


def test_what_is_printed_says_which_list_it_is_of_and_its_heading_stands_on_each_page(posted: District) -> None:
    sheet = opened(posted.client("huyen").get(f"{FILES}/cash.xlsx"))["Xã Thạch Kim"]
    with posted.open():
        found = payment_list.find(MONTH)
        assert found is not None
    assert found.digest[:16] in sheet.oddFooter.center.text
    first, last = (int(part) for part in sheet.print_title_rows.replace("$", "").split(":"))
    assert [cell.value for cell in sheet[first]][1:4] == ["Mã hồ sơ", "Họ và tên", "Năm sinh"]
    assert [cell.value for cell in sheet[last]][8:10] == ["Số tháng", "Số tiền"]
    assert sheet.freeze_panes == f"A{last + 1}"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_format.defaultRowHeight >= 26 and sheet.sheet_format.customHeight  # one signs there


def test_no_list_says_who_has_an_illness(posted: District) -> None:
    for kind in ("cash", "transfer", "increase"):
        book = opened(posted.client("huyen").get(f"{FILES}/{kind}.xlsx"))
        told = "\n".join(text(sheet) for sheet in book)
        assert "HIV" not in told
        assert "5.8" not in told


def test_the_transfer_list_has_the_accounts_whole_and_a_content_without_the_category(posted: District) -> None:
    book = opened(posted.client("kiemsoat").get(f"{FILES}/transfer.xlsx?commune=18568"))
    assert book.sheetnames == ["Thị trấn Lộc Hà"]
    rows = table(book.worksheets[0])
    told = next(row for row in rows if row[2] == "Trần Phúc")
    assert told[3:] == ["TRAN PHUC", "00009900000007", "LPBank", 500_000, f"TCXH T10/2024 {line_code('phuc')}"]
    assert all(len(row[7]) <= 70 for row in rows)


def test_nobody_signs_for_what_is_withheld(posted: District) -> None:
    posted.report_death("dao", "2024-10-03")
    sheet = opened(posted.client("huyen").get(f"{FILES}/cash.xlsx?commune=18568")).worksheets[0]
    assert line_code("dao") not in text(sheet)
    assert "Không in 1 dòng đang giữ lại." in text(sheet)


def test_text_is_never_a_formula(district: District) -> None:
    evil = '=HYPERLINK("http://x","a")'
    rights = [("5.5c", 10, "2018-01", dict[str, str]())]
    with district.open():
        answer = door.submit(people_edits([Made("evil", evil, "1940", "M", "18568-01", rights, {"code": "E-1"})]), import_as("evil"), IMPORTED)
    assert {each.status for each in answer.results} == {"accepted"}
    post_list(district)
    sheet = opened(district.client("huyen").get(f"{FILES}/cash.xlsx?commune=18568")).worksheets[0]
    named_so = [cell for row in sheet.iter_rows() for cell in row if cell.value == evil]
    assert [cell.data_type for cell in named_so] == ["s", "s"]


def test_increases_and_decreases_come_with_month_reason_and_decision(each_district: District) -> None:
    post_list(each_district)
    mark_all(each_district)
    change = each_district.report_death("dao", "2024-10-03")
    approve(each_district, change)
    listed = named("list", "2024-11")
    made = each_district.submit("huyen", "payment_list", listed, {"month": (None, "2024-11")}, create=True)
    assert made.status == "accepted", made
    client = each_district.client("huyen")
    gone = opened(client.get("/payment-lists/2024-11/files/decrease.xlsx"))
    rows = [row for sheet in gone for row in table(sheet)]
    assert [(row[1], row[8], row[9]) for row in rows] == [(line_code("dao"), "11/2024", "Chết")]
    summary = opened(client.get("/payment-lists/2024-11/files/summary.xlsx")).worksheets[0]
    town = next(row for row in table(summary) if row[1] == "Thị trấn Lộc Hà")
    assert town[2:8] == [9, 0, 1, 1, 0, 8]


def test_result_and_settlement_agree_with_the_pages(posted: District) -> None:
    client = posted.client("kiemsoat")
    ids = lines(posted)
    mark(posted, ids[line_code("duong")], "uncollected")
    mark(posted, ids[line_code("phuc")], "rejected")
    mark_all(posted)
    with posted.open():
        told = result.of_month(MONTH)
        assert told is not None
    book = opened(client.get(f"{FILES}/result.xlsx"))
    whole = next(row for row in cells(book.worksheets[0]) if row[1] == "Tổng cộng")
    assert (whole[2], whole[3]) == (told.whole.lines, told.whole.total)
    assert (whole[4], whole[5]) == told.whole.cash
    assert (whole[8], whole[9]) == (1, 500_000)
    assert (whole[10], whole[11]) == (1, 500_000)
    not_paid = table(book.worksheets[1])
    assert {(row[1], row[6]) for row in not_paid} == {(line_code("duong"), "Chưa nhận"), (line_code("phuc"), "Bị trả lại")}
    sums = next(row for row in cells(opened(client.get(f"{FILES}/settlement.xlsx")).worksheets[0]) if row[1] == "Tổng cộng")
    opening, given, cash, bank, returned, *kept = sums[2:11]
    assert opening + given == cash + bank + returned + sum(kept)
    assert cash + bank == told.whole.paid


def test_who_may_have_which_list(district: District) -> None:
    with district.open():
        assert payment_list.find(MONTH) is None
    assert district.client("huyen").get(FILES).status_code == 404
    post_list(district)
    own = district.client("xa")
    page = own.get(FILES)
    assert page.status_code == 200
    assert "/files/cash.xlsx" in page.text
    assert opened(own.get(f"{FILES}/cash.xlsx")).sheetnames == ["Thị trấn Lộc Hà"]
    assert own.get(f"{FILES}/cash.xlsx?commune=18580").status_code == 404
    assert district.client("chitra").get(f"{FILES}/cash.xlsx").status_code == 403
    assert own.get(f"{FILES}/nothing.xlsx").status_code == 404


def test_on_paper_every_row_is_there_and_headings_are_on_every_page(posted: District, tmp_path: Path) -> None:
    with posted.client("huyen").get(f"{FILES}/cash.xlsx") as answer:
        (tmp_path / "cash.xlsx").write_bytes(answer.data)
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [str(machine.office_suite()), profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "cash.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pages = [page.extract_text() for page in PdfReader(tmp_path / "cash.pdf").pages]
    assert len(pages) == 2
    for key in ("dao", "duong", "hoa", "an", "binh", "ut", "binh2", "yen", "vinh"):
        assert code(key) in "".join(pages)
    for number, page in enumerate(pages, 1):
        assert "Mã hồ sơ" in page
        assert f"trang {number}/2" in page


def test_an_office_with_a_long_name_is_not_cut_off_above_a_narrow_table(tmp_path: Path) -> None:
    office = "PHÒNG LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI HUYỆN LỘC HÀ"
    columns = (Column("Xã, thị trấn", 24), Column("Số", 9, "number"), Column("Đồng", 26, "number"))
    form = Form("BẢNG", "Tháng 10/2024", "đồng", ("UBND HUYỆN LỘC HÀ", office), "Lộc Hà, ngày", columns, ("Lập biểu",), "trang &P/&N")
    write(form, [FormSheet("Xã", "Toàn địa bàn", [])], tmp_path / "made.xlsx")
    sheet: Any = openpyxl.load_workbook(tmp_path / "made.xlsx").active
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == office)
    across = next(each for each in sheet.merged_cells.ranges if cell.coordinate in each)
    width = sum(sheet.column_dimensions[get_column_letter(column)].width for column in range(across.min_col, across.max_col + 1))
    assert cell.alignment.wrap_text and sheet.row_dimensions[cell.row].height >= 18 * len(office) / width
