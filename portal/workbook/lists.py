"""The lists that leave the portal as workbooks: their official headings, what stands in their columns, and what goes into which sheet.

No law prescribes their form; these are the usual columns (domain.md 2.3). Official documents are Vietnamese, whatever the screen speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

from msgspec import Struct

from portal import formats, official_list, residence, result
from portal.official_list import Move, Pay
from portal.payment_list import MonthList
from portal.workbook.form import Band, Column, Form, Row, Sheet
from portal.workbook.write import Written, write
from sync import banks

_CASH = (
    Column("Mã hồ sơ", 17),
    Column("Họ và tên", 24),
    Column("Năm sinh", 7, "centre"),
    Column("Nhóm đối tượng", 18),
    Column("Hệ số", 6, "coefficient"),
    Column("Mức hưởng", 11, "number", summed=True),
    Column("Truy lĩnh", 11, "number", summed=True),
    Column("Số tháng", 7, "number", under="Chưa nhận kỳ trước"),
    Column("Số tiền", 11, "number", under="Chưa nhận kỳ trước", summed=True),
    Column("Mai táng phí", 11, "number", summed=True),
    Column("Tổng cộng", 13, "number", summed=True),
    Column("Người nhận", 22),
    Column("Ký nhận", 14),
    Column("Ghi chú", 14),
)
_TRANSFER = (
    Column("Mã hồ sơ", 17),
    Column("Họ và tên", 24),
    Column("Chủ tài khoản", 26),
    Column("Số tài khoản", 20),
    Column("Ngân hàng", 18),
    Column("Số tiền", 14, "number", summed=True),
    Column("Nội dung", 34),
)
_MOVES = (
    Column("Mã hồ sơ", 17),
    Column("Họ và tên", 24),
    Column("Ngày sinh", 11, "centre"),
    Column("Địa chỉ", 16),
    Column("Nhóm đối tượng", 20),
    Column("Hệ số", 6, "coefficient"),
    Column("Mức", 12, "number", summed=True),
    Column("Từ tháng", 9, "centre"),
    Column("Lý do", 24),
    Column("Số quyết định", 14, under="Quyết định"),
    Column("Ngày", 11, "centre", under="Quyết định"),
    Column("Truy lĩnh", 12, "number", summed=True),
)
_SUMMARY = (
    Column("Xã, thị trấn", 24),
    Column("Đầu kỳ", 9, "number", summed=True),
    Column("Tăng", 8, "number", summed=True),
    Column("Giảm", 8, "number", summed=True),
    Column("Trong đó chết", 9, "number", summed=True),
    Column("Tạm dừng", 9, "number", summed=True),
    Column("Cuối kỳ", 9, "number", summed=True),
    Column("Điều chỉnh (đồng)", 14, "number", summed=True),
    Column("Kinh phí (đồng)", 16, "number", summed=True),
)
_RESULT = (
    Column("Xã, thị trấn", 22),
    Column("Lượt", 8, "number", under="Phải trả", summed=True),
    Column("Số tiền", 15, "number", under="Phải trả", summed=True),
    Column("Lượt", 8, "number", under="Đã trả tiền mặt", summed=True),
    Column("Số tiền", 14, "number", under="Đã trả tiền mặt", summed=True),
    Column("Lượt", 8, "number", under="Đã chuyển khoản", summed=True),
    Column("Số tiền", 15, "number", under="Đã chuyển khoản", summed=True),
    Column("Lượt", 7, "number", under="Chưa nhận", summed=True),
    Column("Số tiền", 13, "number", under="Chưa nhận", summed=True),
    Column("Lượt", 7, "number", under="Bị trả lại", summed=True),
    Column("Số tiền", 13, "number", under="Bị trả lại", summed=True),
    Column("Lượt", 7, "number", under="Giữ lại", summed=True),
    Column("Số tiền", 13, "number", under="Giữ lại", summed=True),
    Column("Tồn cuối kỳ", 14, "number", summed=True),
)
_UNPAID = (
    Column("Mã hồ sơ", 17),
    Column("Họ và tên", 24),
    Column("Xã, thị trấn", 20),
    Column("Thôn, tổ dân phố", 16),
    Column("Hình thức", 13),
    Column("Kết quả", 16),
    Column("Số tiền", 14, "number", summed=True),
    Column("Lý do", 28),
)
_SETTLEMENT = (
    Column("Xã, thị trấn", 24),
    Column("Chưa chi kỳ trước", 15, "number", summed=True),
    Column("Cấp trong kỳ", 16, "number", summed=True),
    Column("Tiền mặt", 15, "number", under="Đã chi", summed=True),
    Column("Chuyển khoản", 16, "number", under="Đã chi", summed=True),
    Column("Nộp trả ngân sách", 15, "number", summed=True),
    Column("Chưa nhận", 14, "number", under="Chưa chi cuối kỳ", summed=True),
    Column("Bị trả lại", 14, "number", under="Chưa chi cuối kỳ", summed=True),
    Column("Giữ lại", 14, "number", under="Chưa chi cuối kỳ", summed=True),
)
_LISTED = "Lập biểu"
_SIGNED_POINTS = 28.0
"""How high a row is that somebody signs in: some six millimetres where the table is as wide as the page."""
_METHODS = {"cash": "Tiền mặt", "bank": "Chuyển khoản"}
_OUTCOMES = {
    "uncollected": "Chưa nhận",
    "rejected": "Bị trả lại",
    "withheld_due": "Giữ lại",
    "withheld_not_due": "Không được hưởng",
}


class Kind(Struct, frozen=True):
    """One list.

    `code` as in its address; `in_words`: the number of the column that is written out, None for none; `of_provider`: there is one only
    when the list was handed to who pays.
    """

    code: str
    title: str
    columns: tuple[Column, ...]
    signers: tuple[str, ...]
    in_words: int | None = None
    of_provider: bool = False


KINDS = (
    Kind("cash", "DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI HẰNG THÁNG", _CASH, (_LISTED, "Nhân viên chi trả", "Thủ trưởng đơn vị"), 10),
    Kind("transfer", "DANH SÁCH CHUYỂN KHOẢN TRỢ CẤP XÃ HỘI", _TRANSFER, (_LISTED, "Thủ trưởng đơn vị"), 5),
    Kind("increase", "DANH SÁCH TĂNG ĐỐI TƯỢNG HƯỞNG TRỢ CẤP XÃ HỘI", _MOVES, (_LISTED, "Thủ trưởng đơn vị")),
    Kind("decrease", "DANH SÁCH GIẢM ĐỐI TƯỢNG HƯỞNG TRỢ CẤP XÃ HỘI", _MOVES, (_LISTED, "Thủ trưởng đơn vị")),
    Kind("adjustment", "DANH SÁCH ĐIỀU CHỈNH MỨC TRỢ CẤP XÃ HỘI", _MOVES, (_LISTED, "Thủ trưởng đơn vị")),
    Kind("suspension", "DANH SÁCH TẠM DỪNG TRỢ CẤP XÃ HỘI", _MOVES, (_LISTED, "Thủ trưởng đơn vị")),
    Kind("summary", "BẢNG TỔNG HỢP BIẾN ĐỘNG THEO XÃ, THỊ TRẤN", _SUMMARY, (_LISTED, "Thủ trưởng đơn vị"), 8),
    Kind("result", "BÁO CÁO KẾT QUẢ CHI TRẢ TRỢ CẤP XÃ HỘI", _RESULT, (_LISTED, "Kiểm soát", "Giám đốc Bưu điện"), of_provider=True),
    Kind("settlement", "BẢNG QUYẾT TOÁN KINH PHÍ CHI TRẢ TRỢ CẤP XÃ HỘI", _SETTLEMENT, ("Bưu điện", _LISTED, "Thủ trưởng đơn vị"), of_provider=True),
)
_BY_CODE = {kind.code: kind for kind in KINDS}


class Letterhead(Struct, frozen=True):
    """Whose list it is: the offices from the upper one to the one that issues it, and the name of the place before the date."""

    organ: tuple[str, ...]
    place: str


def find(code: str) -> Kind | None:
    """The list with this code, or None."""
    return _BY_CODE.get(code)


def make(kind: Kind, found: MonthList, communes: Sequence[str], head: Letterhead, today: date, path: Path) -> Written:
    """Writes one of the lists of a month as a workbook, a sheet for each commune (a summary: one for all)."""
    marked = f"{kind.title.capitalize()} {formats.month(found.month)} · {_content(found)} · trang &P/&N"
    form = Form(
        title=kind.title,
        period=f"Tháng {formats.month(found.month)}",
        unit="Đơn vị tính: đồng",
        organ=head.organ,
        place=f"{head.place}, ngày      tháng {today.month:02d} năm {today.year}",
        columns=kind.columns,
        signers=kind.signers,
        footer=marked,
        in_words=kind.in_words,
        row_points=_SIGNED_POINTS if kind.code == "cash" else 0,
    )
    return write(form, _sheets(kind, found, communes), path)


def _sheets(kind: Kind, found: MonthList, communes: Sequence[str]) -> Iterator[Sheet]:
    named = residence.named_in(found.month)
    whole = _WHOLE.get(kind.code)
    if whole is not None:
        yield Sheet("Tổng hợp", "Toàn địa bàn", whole(found, communes))
        if kind.code == "result":
            yield Sheet("Chưa chi trả", "Các lượt chưa đến tay người hưởng", _unpaid(found, communes), title=_NOT_PAID, columns=_UNPAID)
        return
    held = {commune: withheld for (commune, method), (_, withheld) in official_list.counts(found).items() if method == _method(kind)}
    moves = official_list.moves(found) if kind.code in official_list.MOVES else []
    for commune in communes:
        name = named(commune)
        subtitle = f"Đơn vị: {name} (mã {commune})"
        if kind.code in official_list.MOVES:
            rows: Iterable[Row | Band] = _moves(each for each in moves if each.kind == kind.code and each.commune == commune)
            yield Sheet(name, subtitle, rows)
        else:
            pays = official_list.to_pay(found, commune, _method(kind))
            notes = (f"Không in {held[commune]} dòng đang giữ lại.",) if held.get(commune) else ()
            yield Sheet(name, subtitle, _cash(pays) if kind.code == "cash" else _transfers(pays, found.month), notes)


def _content(found: MonthList) -> str:
    """What tells one paper from another, and what it is keyed back in by. A draft has no such code: nobody is to sign it."""
    if found.state == "draft":
        return "bản xem trước, chưa chốt"
    return f"nội dung {official_list.code_of(found, official_list.last_addendum(found))}"


def _method(kind: Kind) -> str:
    return "cash" if kind.code == "cash" else "bank"


def _cash(lines: Iterable[Pay]) -> Iterator[Row | Band]:
    for hamlet, some in groupby(lines, key=lambda line: line.hamlet):
        yield Band(hamlet or "Chưa rõ thôn, tổ dân phố")
        for line in some:
            notes = [*(["Tại nhà"] if line.home_delivery else []), *([f"Phụ lục {line.addendum}"] if line.addendum else [])]
            yield (
                line.line_code, line.full_name, line.birth, line.category, line.coefficient10, line.allowance, line.arrears or None,
                line.months_unpaid or None, line.carried_over or None, line.funeral or None, line.total, line.recipient, "", ", ".join(notes),
            )  # fmt: skip


def _transfers(lines: Iterable[Pay], month: str) -> Iterator[Row]:
    for line in lines:
        content = f"TCXH T{formats.month(month)} {line.line_code}"
        yield (line.line_code, line.full_name, line.holder, line.account, _bank(line.bank), line.total, content)


def _moves(lines: Iterable[Move]) -> Iterator[Row]:
    for line in lines:
        yield (
            line.line_code, line.full_name, formats.day(line.birth), line.hamlet, line.category, line.coefficient10, line.amount,
            formats.month(line.from_month), line.reason, line.decision_no, formats.day(line.decision_date), line.arrears or None,
        )  # fmt: skip


def _summary(found: MonthList, communes: Sequence[str]) -> Iterator[Row]:
    named = residence.named_in(found.month)
    for row, dead, suspended in official_list.movements(found):
        if row.key in communes:
            name = named(row.key)
            yield (name, row.opening, row.increases, row.decreases, dead, suspended, row.closing, row.adjusted, row.closing_amount)


def _result(found: MonthList, communes: Sequence[str]) -> Iterator[Row]:
    named = residence.named_in(found.month)
    told = result.of_month(found.month, frozenset(communes))
    for each in told.communes if told else ():
        kept = each.uncollected + each.rejected + each.withheld + each.planned
        yield (
            named(each.commune), each.lines, each.total, *each.cash, each.bank_lines, each.bank, each.uncollected_lines, each.uncollected,
            each.rejected_lines, each.rejected, each.withheld_lines, each.withheld, kept,
        )  # fmt: skip


def _settlement(found: MonthList, communes: Sequence[str]) -> Iterator[Row]:
    named = residence.named_in(found.month)
    for commune, sums in official_list.settled(found).items():
        if commune in communes:
            yield (
                named(commune), sums["opening"], sums["listed"] - sums["opening"], sums["cash"], sums["bank"], sums["withheld_not_due"],
                sums["uncollected"] + sums["planned"], sums["rejected"], sums["withheld_due"],
            )  # fmt: skip


def _unpaid(found: MonthList, communes: Sequence[str]) -> Iterator[Row]:
    named = residence.named_in(found.month)
    for commune in communes:
        for line in official_list.unpaid(found, commune):
            how, what = _METHODS.get(line.method, line.method), _OUTCOMES[line.outcome]
            yield (line.line_code, line.full_name, named(commune), line.hamlet, how, what, line.total, line.reason)


_NOT_PAID = "DANH SÁCH CHƯA CHI TRẢ"
_WHOLE = {"summary": _summary, "result": _result, "settlement": _settlement}


def _bank(text: str) -> str:
    known = banks.find(text)
    return known.name if known else text
