"""Small official lists to read: the layout of the real ones, made with openpyxl."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from portal.workbook.columns import COLUMNS

HEADING = 8
FIRST = 10

CASH = {"method": "Tiền mặt"}
BANK = {"method": "Chuyển khoản", "bank": "Agribank", "bin": "970405", "account": "00009911112222", "holder": "LE VAN AN"}


def line(number: int, **changes: Any) -> dict[str, Any]:
    """A line of the list that can be read; `changes` replace cells by column name."""
    code = f"LH18580-{number:04d}"
    return {
        "number": number,
        "person_code": code,
        "line_code": f"{code}/1",
        "full_name": "Nguyễn Thị Đào",
        "birth_female": 1938,
        "national_id": f"0991380{number:05d}",
        "hamlet": "Thôn 1",
        "category": "5.5c",
        "coefficient10": 1,
        "amount": 500000,
        "decision_no": "12/QĐ-UBND",
        "decision_date": "12/01/2018",
        "start_month": "01/2018",
        **CASH,
        **changes,
    }


def sheet(
    into: Worksheet,
    lines: Sequence[Mapping[str, Any]],
    *,
    month: str = "THÁNG 09 NĂM 2024",
    commune: str = "Xã Thạch Kim (mã 18580)",
    total: Mapping[str, Any] | None = None,
    words: str | None = None,
) -> None:
    """Writes one commune's list: titles, a heading of two rows, the lines, a total, its words."""
    into["A1"] = "ỦY BAN NHÂN DÂN HUYỆN LỘC HÀ"
    into["A4"] = f"DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI HÀNG THÁNG {month}"
    into["A5"] = f"Đơn vị: {commune}"
    for at, column in enumerate(COLUMNS, 1):
        into.cell(HEADING, at, column.under or column.heading)
        if column.under:
            into.cell(HEADING + 1, at, column.heading)
    rows = [*lines, *([total] if total is not None else [])]
    for row, cells in enumerate(rows, FIRST):
        for at, column in enumerate(COLUMNS, 1):
            if column.name in cells:
                into.cell(row, at, cells[column.name])
    if words is not None:
        into.cell(FIRST + len(rows), 1, f"Số tiền bằng chữ: {words}./.")


def saved(*fill: Callable[[Worksheet], None]) -> bytes:
    """A workbook with one sheet for each function, named Xã 1, Xã 2 …"""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, write in enumerate(fill, 1):
        write(book.create_sheet(f"Xã {number}"))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def one_list(*lines: Mapping[str, Any], **options: Any) -> bytes:
    """A workbook with a list of one commune, its total and words as they should be unless `options` say otherwise."""
    sum_ = sum(int(each.get("amount") or 0) for each in lines if isinstance(each.get("amount"), int))
    tens = sum(float(each["coefficient10"]) for each in lines if isinstance(each.get("coefficient10"), int | float))
    options.setdefault("total", {"full_name": f"Cộng: {len(lines)} lượt", "coefficient10": tens, "amount": sum_})
    return saved(lambda into: sheet(into, lines, **options))
