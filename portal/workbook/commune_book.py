"""A commune's people as a workbook that goes to work without a line: made here, read back in `portal.workbook.returned`.

It is a page's form written into a file: a row is a person's form, a cell one of its inputs, and what was seen travels in a hidden
sheet, sealed where it identifies somebody (`portal.forms`). A short key ties a row to its person, wherever the row is moved to. A seal
over the hidden sheet shows whether anybody changed it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, Literal

import msgspec
from msgspec import Struct, field

from portal import formats
from portal.workbook.books import FONT, NUMBER
from portal.workbook.columns import letter
from sync.journal import canonical

SHEET, HELP, CHOICES, HIDDEN = "Danh sách", "Hướng dẫn", "Lựa chọn", "_goc"
KEY = "key"
"""The column that says whose a row is."""
MARKER, VERSION = "chi-tra-commune-workbook", 1
EMPTY_ROWS = 40
"""Rows below the last person that wait for new people."""
_LONGEST_CELL = 32_000
_KEY_BYTES = 5
_GROUPS, _HEADINGS = 4, 5
_A4 = 9
_SCALE = 62
_LINE_POINTS = 14
_HELP_WIDTH, _HELP_POINTS = 80, 19
_FILL, _FIXED_FILL = "#DDE6EE", "#F2F2F2"
_REFUSED = ("Ô này không sửa được", "Cột màu xám do hệ thống ghi. Muốn đổi, hãy làm trên trang của cổng.")
_CHOOSE = ("Không có trong danh sách", "Hãy chọn một giá trị trong danh sách thả xuống.")


class Column(Struct, frozen=True):
    """One column of the visible sheet.

    `input` names a form's input ("payment_method.bank"), or what a fixed column shows. `words`: the choices as (code, word); with
    `is_open` others may be typed, too. `group` stands above the heading. `is_printed`: it is on paper, too.
    """

    input: str
    heading: str
    group: str = ""
    width: float = 14
    kind: Literal["text", "fixed", "money"] = "text"
    words: tuple[tuple[str, str], ...] = ()
    is_open: bool = False
    is_printed: bool = True


class Base(Struct, frozen=True):
    """What a row said when it was handed out: the person's record, its cells' `texts` by column (no empty ones), and the form's `seen`."""

    record: str
    texts: dict[str, str]
    seen: dict[str, str]


class About(Struct, frozen=True):
    """Which workbook it is. `made_at` as the journal writes moments, `head` the number of the newest journal entry then.

    `headings`: heading → column; `words`: input → (code, word); they are the file's own, whatever the portal calls them by now.
    """

    id: str
    commune: str
    account: str
    made_at: str
    head: int
    headings: dict[str, str]
    words: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


class Line(Struct, frozen=True):
    """One person's row: their key, and what stands in its cells."""

    key: str
    base: Base


def keys(records: Iterable[str]) -> dict[str, str]:
    """Record → its key, the same in every workbook: a row pasted in from an older file still says whose it is."""
    found = {record: f"N{base64.b32encode(hashlib.sha256(record.encode()).digest()[:_KEY_BYTES]).decode()}" for record in records}
    if len(set(found.values())) < len(found):
        raise ValueError("two records with one key")
    return found


def seal(about: str, rows: Iterable[Sequence[str]], secret: str) -> str:
    """The seal over a hidden sheet's texts."""
    return hmac.new(secret.encode(), canonical([about, *rows]).encode(), hashlib.sha256).hexdigest()


def hidden_rows(about: About, lines: Iterable[Line], secret: str) -> list[list[str]]:
    """The hidden sheet: marker, version and seal; the workbook's own data; then for each person key, record, texts and what was seen."""
    head = _text(about)
    rows = [[line.key, line.base.record, _text(line.base.texts), _text(line.base.seen)] for line in lines]
    return [[MARKER, str(VERSION), seal(head, rows, secret)], [head], *rows]


def make(out: IO[bytes], about: About, title: Sequence[str], columns: Sequence[Column], lines: Sequence[Line], secret: str) -> None:
    """Writes the workbook: the list, help, and two hidden sheets. `title` stands above the list, its first line large.

    Text is written as text whatever it begins with; nothing is ever a formula.
    """
    import xlsxwriter  # noqa: PLC0415 - only who takes a list home pays for it

    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, settings)
    sheet, notes = book.add_worksheet(SHEET), book.add_worksheet(HELP)
    choices, hidden = book.add_worksheet(CHOICES), book.add_worksheet(HIDDEN)
    ranges = _choices(choices, columns)
    _list(book, sheet, title, columns, lines)
    _validations(sheet, columns, ranges, _HEADINGS + 1, _HEADINGS + len(lines) + EMPTY_ROWS)
    _set_up(sheet, columns, about, _HEADINGS + len(lines) + EMPTY_ROWS)
    _help(book, notes)
    plain = book.add_format({"num_format": "@"})
    for at, row in enumerate(hidden_rows(about, lines, secret)):
        for place, text in enumerate(row):
            hidden.write_string(at, place, text, plain)
    hidden.protect()
    hidden.very_hidden()
    book.close()


def _text(value: Any) -> str:
    """JSON in a cell; "_x" would be read as the beginning of an escaped letter (ECMA-376 part 1, 22.4.2.4)."""
    text = canonical(msgspec.to_builtins(value)).replace("_x", "\\u005fx")
    if len(text) > _LONGEST_CELL:
        raise ValueError("too long for a cell")
    return text


def _choices(sheet: Any, columns: Sequence[Column]) -> dict[str, str]:
    """Writes each column's words below each other; returns the range of each."""
    found: dict[str, str] = {}
    for column in columns:
        if column.words:
            at = len(found)
            for row, (_, word) in enumerate(column.words):
                sheet.write_string(row, at, word)
            found[column.input] = f"='{CHOICES}'!${letter(at)}$1:${letter(at)}${len(column.words)}"
    sheet.protect()
    sheet.hide()
    return found


def _list(book: Any, sheet: Any, title: Sequence[str], columns: Sequence[Column], lines: Sequence[Line]) -> None:
    for at, text in enumerate(title):
        look = {"bold": True, "font_size": 14} if not at else {"italic": True, "font_size": 10}
        sheet.write_string(at, 1, text, book.add_format({"font_name": FONT, **look}))
    _headings(sheet, columns, book.add_format({**_HEAD, "font_name": FONT}))
    looks = [book.add_format({**_CELL, "font_name": FONT, **_LOOKS[column.kind]}) for column in columns]
    for row in range(len(lines) + EMPTY_ROWS):
        line = lines[row] if row < len(lines) else None
        if line and (lines_high := max(math.ceil(len(str(_value(line, column))) / column.width) for column in columns)) > 1:
            sheet.set_row(_HEADINGS + row, lines_high * _LINE_POINTS)  # no program does so by itself when it opens a file
        for at, column in enumerate(columns):
            value = _value(line, column) if line else ""
            if isinstance(value, int):
                sheet.write_number(_HEADINGS + row, at, value, looks[at])
            elif value:
                sheet.write_string(_HEADINGS + row, at, value, looks[at])
            else:
                sheet.write_blank(_HEADINGS + row, at, None, looks[at])


def _headings(sheet: Any, columns: Sequence[Column], look: Any) -> None:
    sheet.set_row(_HEADINGS - 1, 42)
    first = 0
    for at, column in enumerate(columns):
        sheet.write_string(_HEADINGS - 1, at, column.heading, look)
        if at + 1 == len(columns) or columns[at + 1].group != column.group:
            if column.group and at > first:
                sheet.merge_range(_GROUPS - 1, first, _GROUPS - 1, at, column.group, look)
            elif column.group:
                sheet.write_string(_GROUPS - 1, at, column.group, look)
            first = at + 1


def _value(line: Line, column: Column) -> str | int:
    text = line.key if column.input == KEY else line.base.texts.get(column.input, "")
    return int(text) if column.kind == "money" and text else text


def _validations(sheet: Any, columns: Sequence[Column], ranges: Mapping[str, str], first: int, last: int) -> None:
    for at, column in enumerate(columns):
        cells = f"{letter(at)}{first}:{letter(at)}{last}"
        if column.kind != "text":
            # Locked cells cannot be sorted; the range below may be edited without a password, and this refuses what is typed.
            told = {"error_title": _REFUSED[0], "error_message": _REFUSED[1]}
            sheet.data_validation(cells, {"validate": "custom", "value": "=FALSE", **told})
        elif column.words:
            told = {"error_title": _CHOOSE[0], "error_message": _CHOOSE[1]}
            sheet.data_validation(cells, {"validate": "list", "source": ranges[column.input], "show_error": not column.is_open, **told})


def _set_up(sheet: Any, columns: Sequence[Column], about: About, last: int) -> None:
    """Widths, what stays in view, what may be done, and A4: pages side by side, each compound value's begins one, who it is on each."""
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width)
    name = next(at for at, column in enumerate(columns) if column.input == "full_name")
    sheet.freeze_panes(_HEADINGS, name + 1)
    sheet.autofilter(_HEADINGS - 1, 0, last - 1, len(columns) - 1)
    may = ("sort", "autofilter", "insert_rows", "format_rows", "format_columns", "format_cells")
    sheet.protect("", dict.fromkeys(may, True))
    sheet.unprotect_range(f"A{_HEADINGS + 1}:{letter(len(columns) - 1)}{last}", "nguoi_huong")
    sheet.ignore_errors({"number_stored_as_text": f"A{_HEADINGS + 1}:{letter(len(columns) - 1)}{last}"})
    printed = [at for at, column in enumerate(columns) if column.is_printed]
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_print_scale(_SCALE)
    sheet.set_v_pagebreaks([at for at in printed if columns[at].group and columns[at].group != columns[at - 1].group])
    sheet.repeat_rows(_GROUPS - 1, _HEADINGS - 1)
    sheet.repeat_columns(1, name)
    sheet.print_area(0, 1, last - EMPTY_ROWS - 1, max(printed))
    sheet.set_footer(f'&L&"{FONT},Regular"&8{about.account} · {formats.moment(about.made_at)} · {about.id[-12:]}&R&8&P/&N')


def _help(book: Any, sheet: Any) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, _HELP_WIDTH)
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.5, right=0.3)
    look = {"font_name": FONT, "text_wrap": True, "valign": "top"}
    title, plain = book.add_format({**look, "bold": True, "font_size": 14}), book.add_format({**look, "font_size": 11})
    for at, text in enumerate(_NOTES):
        sheet.set_row(at, _HELP_POINTS * math.ceil(len(text) / _HELP_WIDTH))
        sheet.write_string(at, 0, text, plain if at else title)
    sheet.protect()


_HEAD = {"bold": True, "font_size": 10, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1, "bg_color": _FILL}
_CELL = {"font_size": 10, "valign": "vcenter", "border": 1}
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "text": {"locked": False, "num_format": "@", "text_wrap": True},
    "fixed": {"bg_color": _FIXED_FILL, "num_format": "@", "text_wrap": True},
    "money": {"bg_color": _FIXED_FILL, "num_format": NUMBER},
}
_NOTES = (
    "Cách dùng tệp này",
    "1. Sửa ngay trong ô, nhiều ngày cũng được, bằng Excel hoặc LibreOffice. Cột màu xám do hệ thống ghi, không sửa.",
    "2. Xong thì lưu lại (.xlsx hoặc .ods) và gửi lên ở trang “Nhập tệp”. Hệ thống cho xem từng chỗ thay đổi rồi mới ghi.",
    "3. Ô để trống không có nghĩa là xóa. Muốn xóa một giá trị, hãy làm trên trang của người đó.",
    "4. Sắp xếp, lọc, chèn dòng, chép trang tính đều được. Giữ nguyên cột “Khóa”: nhờ nó hệ thống biết dòng nào của ai.",
    "5. Muốn sắp xếp trong LibreOffice thì bỏ bảo vệ trang tính trước (không có mật khẩu).",
    "6. Thêm người mới: ghi vào một dòng trống bên dưới (hoặc dòng chèn thêm), để trống cột “Khóa”, điền cả các cột bên phải dành cho người mới.",
    "7. Người mới là đề nghị tăng, chờ duyệt. Loại đối tượng không có trong danh sách thả xuống thì đề nghị trên trang.",
    "8. Không ghi đè người mới lên dòng của người cũ. Người đã mất, chuyển đi, thôi hưởng thì báo trên trang.",
    "9. Xóa dòng không phải là báo giảm; hệ thống sẽ hỏi lại.",
    "10. Ngày sinh ghi ngày/tháng/năm; chỉ biết năm thì ghi năm.",
    "11. Số CCCD và số tài khoản chỉ hiện vài số đầu, cuối: không đổi thì để nguyên, muốn đổi thì ghi lại đủ cả số.",
    "12. Trong khi bạn giữ tệp, người khác vẫn sửa được trên trang. Nếu hai bên cùng sửa một ô, cả hai giá trị được giữ lại để làm rõ.",
    "13. Tệp có dữ liệu cá nhân: không gửi cho người không có trách nhiệm, xóa khi đã gửi xong.",
)
