"""Writes the list to transfer and reads the bank's answer by account: CSV (UTF-8 or UTF-16; comma, semicolon or tab) or XLSX.

Columns are found by their headings. A row that is cut short makes the whole file one that cannot be used: half a file must not
pass for a whole one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from portal.bank_result import Row, Table
from portal.payment import Line
from portal.workbook.columns import letter
from portal.workbook.opened import MAX_BYTES, WorkbookProblem, sheets
from sync.text import fold, squeeze

HEADINGS = {
    "code": ("Mã hồ sơ", "Mã dòng"),
    "content": ("Nội dung", "Nội dung chuyển khoản"),
    "account": ("Số tài khoản", "Số TK"),
    "amount": ("Số tiền",),
    "status": ("Kết quả", "Trạng thái"),
    "reason": ("Mã lý do", "Lý do"),
}
"""Column → the headings it may have."""
TRANSFERS = ("Mã hồ sơ", "Số tài khoản", "Chủ tài khoản", "Ngân hàng", "Số tiền", "Nội dung", "Kết quả", "Mã lý do")
"""Columns of the list to transfer; the last two are left for the bank's answer, and `read_result` reads what comes back."""
_BY_HEADING = {fold(text): name for name, texts in HEADINGS.items() for text in texts}
_HEADING_WITHIN = 30
_MAX_ROWS = 20_000
_DELIMITERS = "\t;,"
_TOTAL = ("cong", "tong")


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
                return _table(rows, start, f"{name}!", lettered=True)
        raise WorkbookProblem("no_heading")
    rows = _csv_rows(content)
    start = _heading(rows)
    if start is None:
        raise WorkbookProblem("no_heading")
    return _table(rows, start, "", lettered=False)


def transfer_list(month: str, lines: Iterable[Line]) -> str:
    """A month's transfers as CSV (UTF-8 with a mark, which spreadsheets want), each with its code in the content, no category."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(TRANSFERS)
    for line in lines:
        content = f"TCXH T{month[5:]}/{month[:4]} {line.line_code}"
        writer.writerow([_plain(text) for text in (line.line_code, line.account, line.holder, line.bank, str(line.total), content, "", "")])
    return f"\ufeff{out.getvalue()}"


def _plain(text: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


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
            return f"{prefix}{letter(columns[name])}{number}" if lettered else f"{number}, {headings[name]}"

        places = {name: place(name) for name in columns}
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
    return squeeze(str(cell)) if cell is not None else ""
