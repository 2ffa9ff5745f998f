"""Reads what a bank or the post office answers: CSV (UTF-8 or UTF-16; comma, semicolon, tab or bar) or XLSX.

Columns are found by their headings. A row that is cut short makes the whole file one that cannot be used: half a file must not
pass for a whole one.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from portal.result_check import Row, Table
from portal.workbook.columns import letter
from portal.workbook.opened import MAX_BYTES, Rows, WorkbookProblem, sheets
from sync.text import fold, squeeze

HEADINGS = {
    "code": ("Mã hồ sơ", "Mã dòng"),
    "content": ("Nội dung", "Nội dung chuyển khoản"),
    "account": ("Số tài khoản", "Số TK"),
    "amount": ("Số tiền",),
    "status": ("Kết quả", "Trạng thái"),
    "reason": ("Mã lý do", "Lý do", "Lý do chưa nhận"),
    "remark": ("Diễn giải", "Mô tả lỗi"),
    "paid": ("Đã nhận",),
    "unpaid": ("Chưa nhận",),
    "name": ("Họ tên", "Họ và tên", "Tên người hưởng"),
    "place": ("Xã", "Xã, thị trấn"),
    "received_by": ("Người nhận",),
}
"""Column → the headings it may have."""
_BY_HEADING = {fold(text): name for name, texts in HEADINGS.items() for text in texts}
_HEADING_WITHIN = 30
_MAX_ROWS = 20_000
_DELIMITERS = "\t;,|"
_TOTAL = ("cong", "tong")
_MONTH = re.compile(r"\b(?:thang|t) ?(\d{1,2}) ?/ ?(\d{4})\b")


class Truncated(Exception):
    """The file ends, or a row ends, before it should; `place` says where."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def read_result(content: bytes) -> Table:
    """The rows of a result below their heading, to a total row or the end.

    Raises:
        WorkbookProblem: too_large, not_a_workbook, damaged, encoding, no_heading.
        Truncated: a row or a quoted cell is cut short.
    """
    if len(content) > MAX_BYTES:
        raise WorkbookProblem("too_large")
    if content.startswith(b"PK"):
        for name, rows in sheets(content):
            if (start := _heading(rows)) is not None:
                return replace(_dated(_table(rows, start, f"{name}!", lettered=True), rows[:start], f"{name}!"), sheet=name, heading=start + 1)
        raise WorkbookProblem("no_heading")
    rows = _csv_rows(content)
    start = _heading(rows)
    if start is None:
        raise WorkbookProblem("no_heading")
    return replace(_dated(_table(rows, start, "", lettered=False), rows[:start], ""), heading=start + 1)


def is_result(rows: Rows) -> bool:
    """Whether a sheet's rows are an answer of a bank or the post office, and not a list of people with their accounts."""
    start = _heading(rows)
    names = {_BY_HEADING.get(fold(_text(cell))) for cell in rows[start]} if start is not None else set()
    return {"paid", "unpaid"} <= names or ("account" in names and bool({"content", "status"} & names))


def _csv_rows(content: bytes) -> list[list[Any]]:
    if b"\x00" in content[:200] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WorkbookProblem("not_a_workbook")
    try:
        text = content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise WorkbookProblem("encoding") from error
    heading = next((line for line in text.splitlines()[:_HEADING_WITHIN] if fold("Số tiền") in fold(line)), "")
    delimiter = max(_DELIMITERS, key=heading.count)
    rows: list[list[Any]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            # Blank lines are kept out by csv; the file's own line number is what a person looks for.
            rows += [[] for _ in range(reader.line_num - len(rows) - 1)]
            rows.append(list(row))
            if len(rows) > _MAX_ROWS:
                raise WorkbookProblem("too_large")
    except csv.Error as error:
        raise Truncated(f"{reader.line_num}") from error
    return rows


def _dated(table: Table, above: list[list[Any]], prefix: str) -> Table:
    """The table with the month that a title above it speaks of: "KẾT QUẢ CHI TRẢ THÁNG 09/2024"."""
    for number, row in enumerate(above, 1):
        for cell in row:
            found = _MONTH.search(fold(_text(cell)))
            if found:
                return replace(table, month=f"{found[2]}-{found[1]:0>2}", month_place=f"{prefix}{number}")
    return table


def _heading(rows: list[list[Any]]) -> int | None:
    for index, row in enumerate(rows[:_HEADING_WITHIN]):
        names = {_BY_HEADING.get(fold(_text(cell))) for cell in row}
        if "amount" in names and names & {"code", "content", "account"}:
            return index
    return None


def _table(rows: list[list[Any]], start: int, prefix: str, *, lettered: bool) -> Table:
    columns: dict[str, int] = {}
    for at, cell in enumerate(rows[start]):
        name = _BY_HEADING.get(fold(_text(cell)))
        if name is not None:
            columns.setdefault(name, at)
    headings = {name: _text(rows[start][at]) for name, at in columns.items()}
    found: list[Row] = []
    for number, row in enumerate(rows[start + 1 :], start + 2):
        if not any(_text(cell) for cell in row):
            continue

        def place(name: str, number: int = number) -> str:
            return f"{prefix}{letter(columns[name])}{number}" if lettered else f"{number}:{headings[name]}"

        places = {name: place(name) for name in columns} | {"row": f"{prefix}{number}"}
        first = next(text for cell in row if (text := _text(cell)))
        if fold(first).split()[0] in _TOTAL:
            amount = _text(row[columns["amount"]]) if len(row) > columns["amount"] else ""
            return Table(tuple(found), frozenset(columns), amount, places["amount"])
        if not lettered and len(row) < len(rows[start]):
            raise Truncated(str(number))
        values = {name: _text(row[at]) if at < len(row) else "" for name, at in columns.items()}
        found.append(Row(number, places=places, **values))
    return Table(tuple(found), frozenset(columns))


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return squeeze(str(cell)) if cell is not None else ""
