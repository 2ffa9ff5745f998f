"""A list as offices send it: a sheet for each commune in a layout of its own, most rows as the register has them, some not.

Run as a program: `python -m tests.scale.sent_list DATABASE-FILE OUT`, because a library that writes shared texts keeps them all.
"""

from __future__ import annotations

import random
import sqlite3
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.scale import people

_HEADINGS = {
    "TT": 5,
    "Họ và tên": 24,
    "Ngày sinh": 12,
    "Giới tính": 7,
    "Số CCCD/CMND": 15,
    "Thôn/TDP": 12,
    "Mã ĐT": 12,
    "Hệ số": 7,
    "Mức hưởng": 12,
    "Số quyết định": 16,
    "Ngày quyết định": 12,
    "Hưởng từ tháng": 10,
    "Hình thức chi trả": 14,
    "Ngân hàng": 14,
    "Số tài khoản": 16,
    "Chủ tài khoản": 24,
    "Số điện thoại": 13,
    "Ghi chú": 24,
}
_RATE = 500_000
_BIRTH, _ID, _HAMLET, _CATEGORY, _COEFFICIENT, _AMOUNT, _PHONE, _NOTE = 2, 4, 5, 6, 7, 8, 16, 17
_ROWS = """SELECT p.full_name, p.birth, p.sex, p.national_id, p.hamlet, e.category, e.coefficient10, e.decision_no, e.decision_date,
  e.start_month, e.method, e.bank, e.account, e.holder, p.phone, p.note
FROM entitlement e JOIN person p ON p.id = e.person WHERE e.commune = ? ORDER BY p.hamlet, p.sort_key, e.line_code"""


def write(register: Path, out: Path) -> None:
    """Writes the list of every commune of a register."""
    chance = random.Random(6)
    with sqlite3.connect(register) as line, xlsxwriter.Workbook(str(out)) as book:
        bold, money, day = (book.add_format(one) for one in ({"bold": True}, {"num_format": "#,##0"}, {"num_format": "dd/mm/yyyy"}))
        for code, name in people.COMMUNES.items():
            sheet = book.add_worksheet(name)
            sheet.write("A1", f"ỦY BAN NHÂN DÂN XÃ {name.upper()}", bold)
            sheet.write("A3", "DANH SÁCH ĐỐI TƯỢNG HƯỞNG TRỢ CẤP XÃ HỘI HÀNG THÁNG, THÁNG 10 NĂM 2024", bold)
            for at, (heading, width) in enumerate(_HEADINGS.items()):
                sheet.write(4, at, heading, bold)
                sheet.set_column(at, at, width)
            number = 0
            for number, cells in enumerate(_lines(line, code, chance), 1):
                sheet.write_number(4 + number, 0, number)
                for at, cell in enumerate(cells, 1):
                    if isinstance(cell, date):
                        sheet.write_datetime(4 + number, at, cell, day)
                    elif isinstance(cell, str):
                        sheet.write_string(4 + number, at, cell)
                    elif cell is not None:
                        sheet.write_number(4 + number, at, cell, money if at == _AMOUNT else None)
            sheet.write(5 + number, 1, "Cộng", bold)
            sheet.write_formula(5 + number, _AMOUNT, f"=SUM(I6:I{5 + number})", money, number * _RATE)
    line.close()


def _lines(line: sqlite3.Connection, commune: str, chance: random.Random) -> Iterator[list[Any]]:
    for name, birth, sex, number, hamlet, category, tenfold, decision, decided, since, method, bank, account, holder, phone, note in (
        line.execute(_ROWS, (commune,))
    ):
        row = [
            name,
            "/".join(reversed(birth.split("-"))),
            "Nữ" if sex == "F" else "Nam",
            number,
            hamlet,
            category,
            tenfold / 10,
            _RATE * tenfold // 10,
            decision,
            date.fromisoformat(decided),
            f"{since[5:]}/{since[:4]}",
            "Tiền mặt" if method == "cash" else "Chuyển khoản",
            bank,
            account,
            holder,
            phone,
            note,
        ]
        _damaged(row, chance)
        yield row


def _damaged(row: list[Any], chance: random.Random) -> None:
    """What becomes of some of a hundred rows; `row` begins with the name, in the second column."""
    name, birth, number, amount = row[0], row[_BIRTH - 1], row[_ID - 1], row[_AMOUNT - 1]
    changes: list[dict[int, Any]] = [
        *[{1: f"{name} Mới", _ID: f"{number[:6]}9{number[7:]}"}] * 4,  # somebody new
        *[{_HAMLET: "Thôn 12", _PHONE: "0987000111"}] * 4,  # something has changed
        *[{_ID: int(number)}] * 2,  # a zero is lost
        *[{_BIRTH: birth[:6] + birth[8:]}] * 2,
        *[{1: f" {name.replace(' ', '  ')}"}] * 2,
        {_AMOUNT: amount + 10_000},
        {_CATEGORY: "5.99"},
        {_BIRTH: None},
        {_COEFFICIENT: "1,5", _AMOUNT: "500.000đ"},
        {_NOTE: "=HYPERLINK(0)"},
    ]
    fate = chance.randrange(200)
    for at, cell in (changes[fate] if fate < len(changes) else {}).items():
        row[at - 1] = cell


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
