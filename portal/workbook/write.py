"""Lays a form out in a workbook: headings of the offices, title, table, total, amount in words, signatures, what stands below each page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import ceil
from pathlib import Path
from typing import NamedTuple

from portal import money
from portal.workbook.books import NUMBER, TENTHS, Book, Layout, Style
from portal.workbook.form import Band, Column, Form, Sheet, Value

_COUNTER = "TT"
_COUNTER_WIDTH = 5.0
_ALIGN = {"text": "left", "centre": "center", "number": "right", "coefficient": "center"}
_FORMATS = {"number": NUMBER, "coefficient": TENTHS}
_SHEET_NAME = 31
_NO_NAME = str.maketrans(dict.fromkeys(r"[]:*?/\ ".rstrip(), "-"))
_ORGAN = Style(size=11, align="center")
_ISSUER = Style(size=11, bold=True, align="center", wrap=True)
_COUNTRY = Style(size=11, bold=True, align="center")
_PLACE = Style(size=11, italic=True, align="center")
_TITLE = Style(size=14, bold=True, align="center")
_SUBTITLE = Style(size=12, bold=True, align="center")
_UNIT = Style(size=10, italic=True, align="right")
_HEAD = Style(size=10, bold=True, align="center", border=True, wrap=True)
_BAND = Style(size=10, bold=True, italic=True, border=True)
_NOTE = Style(size=10, italic=True)
_WORDS = Style(size=11, bold=True, italic=True)
_SIGN = Style(size=11, bold=True, align="center")
_SIGN_HINT = Style(size=10, italic=True, align="center")
_SIGNATURE_ROWS = 4
_ROW_POINTS, _HEAD_POINTS = 18.0, 30.0
_LEFT = 0.44
_PLAIN_SIZE = 9.0
"""Size at which bold capitals are as wide as the characters a column's width is counted in."""


class Written(NamedTuple):
    """What a workbook holds: rows in all its sheets, and the sum of the column that is written out in words."""

    rows: int
    total: int


def write(form: Form, sheets: Iterable[Sheet], path: Path) -> Written:
    """Writes a workbook.

    Args:
        form: what every sheet looks like.
        sheets: read one after the other, and their rows as they are written.
        path: the file to make.
    """
    made = Book(path)
    written = [_sheet(made, form, each) for each in sheets]
    made.close()
    return Written(sum(each.rows for each in written), sum(each.total for each in written))


def _sheet(made: Book, form: Form, sheet: Sheet) -> Written:
    columns = (Column(_COUNTER, _COUNTER_WIDTH, "centre"), *(sheet.columns or form.columns))
    widths = tuple(column.width for column in columns)
    above = _letterhead(form, sheet, widths)
    two_rows = any(column.under for column in columns)
    head = (len(above) + 1, len(above) + (2 if two_rows else 1))
    made.begin(Layout(sheet_name(sheet.name), widths, head, form.footer, form.is_landscape, form.row_points))
    for pieces in above:
        _line(made, widths, pieces)
    _heading(made, columns, two_rows=two_rows)
    written, sums = _table(made, columns, sheet.rows)
    totals: list[Value] = ["", "Tổng cộng", *[""] * (len(columns) - 2)]
    for place, total in sums.items():
        totals[place] = total
    made.row(totals, [_cell(column, bold=True) for column in columns], _ROW_POINTS)
    words = sums[form.in_words + 1] if form.in_words is not None and not sheet.columns else 0
    if form.in_words is not None and not sheet.columns:
        _line(made, widths, [(0, len(columns) - 1, f"Số tiền bằng chữ: {money.in_words(words)}.", _WORDS)])
    for note in sheet.notes:
        _line(made, widths, [(0, len(columns) - 1, note, _NOTE)])
    _signatures(made, widths, form)
    return Written(written, words)


Piece = tuple[int, int, str, Style]
"""First and last column of a merged cell, its text and look."""


def _letterhead(form: Form, sheet: Sheet, widths: Sequence[float]) -> list[list[Piece]]:
    """What stands above the table: the offices over the columns of the left half, the country over those of the right."""
    left, right = _half(widths), len(widths) - 1
    upper, country = list(form.organ), ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", form.place]
    found: list[list[Piece]] = []
    for number in range(max(len(upper), len(country))):
        row: list[Piece] = []
        if number < len(upper):
            row.append((0, left, upper[number], _ISSUER if number == len(upper) - 1 else _ORGAN))
        if number < len(country):
            row.append((left + 1, right, country[number], _PLACE if number == len(country) - 1 else _COUNTRY))
        found.append(row)
    found.append([])
    found += [[(0, right, text, style)] for text, style in ((sheet.title or form.title, _TITLE), (form.period, _SUBTITLE), (sheet.subtitle, _SUBTITLE))]
    found.append([(0, right, form.unit, _UNIT)])
    return found


def _half(widths: Sequence[float]) -> int:
    """The last column of the left half."""
    so_far = list(accumulate(widths))
    return next((at for at, sum_ in enumerate(so_far) if sum_ >= so_far[-1] * _LEFT and at), 1)


def _line(made: Book, widths: Sequence[float], pieces: Sequence[Piece]) -> None:
    """Writes a row of merged cells, as high as what is written in them needs: no program makes it so by itself."""
    values: list[Value] = [None] * len(widths)
    styles: list[Style | None] = [None] * len(widths)
    lines = 1
    for first, last, text, style in pieces:
        made.merge(first, last)
        values[first], styles[first] = text, style
        if style.wrap:
            lines = max(lines, ceil(len(text) * style.size / _PLAIN_SIZE / sum(widths[first : last + 1])))
    made.row(values, styles, _ROW_POINTS * lines)


def _heading(made: Book, columns: Sequence[Column], *, two_rows: bool) -> None:
    styles = [_HEAD] * len(columns)
    if not two_rows:
        made.row([column.heading for column in columns], styles, _HEAD_POINTS)
        return
    upper: list[Value] = []
    for place, column in enumerate(columns):
        if not column.under:
            made.merge(place, place, 2)
            upper.append(column.heading)
        elif place and columns[place - 1].under == column.under:
            upper.append("")
        else:
            last = place
            while last + 1 < len(columns) and columns[last + 1].under == column.under:
                last += 1
            made.merge(place, last)
            upper.append(column.under)
    made.row(upper, styles, _ROW_POINTS)
    made.row([column.heading if column.under else "" for column in columns], styles, _HEAD_POINTS)


def _table(made: Book, columns: Sequence[Column], rows: Iterable[tuple[Value, ...] | Band]) -> tuple[int, dict[int, int]]:
    """Writes the rows; returns how many, and the sum of each column that has one."""
    styles = [_cell(column) for column in columns]
    tenths = [place for place, column in enumerate(columns) if column.kind == "coefficient"]
    sums = {place: 0 for place, column in enumerate(columns) if column.summed}
    count = 0
    for row in rows:
        if isinstance(row, Band):
            made.merge(0, len(columns) - 1)
            made.row([row.text, *[""] * (len(columns) - 1)], [_BAND] * len(columns), _ROW_POINTS)
            continue
        count += 1
        values: list[str | int | float | None] = [count, *row]
        for place in sums:
            sums[place] += int(values[place] or 0)
        for place in tenths:
            tenfold = values[place]
            values[place] = tenfold / 10 if isinstance(tenfold, int) else tenfold
        made.row(values, styles)
    return count, sums


def _cell(column: Column, *, bold: bool = False) -> Style:
    return Style(
        size=10,
        bold=bold,
        align=_ALIGN[column.kind],
        border=True,
        wrap=column.kind == "text",
        format=_FORMATS.get(column.kind, "General"),
    )


def _signatures(made: Book, widths: Sequence[float], form: Form) -> None:
    if not form.signers:
        return
    width = len(widths)
    share = max(width // len(form.signers), 1)
    spans = [(number * share, width - 1 if number == len(form.signers) - 1 else (number + 1) * share - 1) for number in range(len(form.signers))]
    _line(made, widths, [])
    _line(made, widths, [(first, last, text, _SIGN) for (first, last), text in zip(spans, form.signers, strict=True)])
    _line(made, widths, [(first, last, "(Ký, ghi rõ họ tên)", _SIGN_HINT) for first, last in spans])
    for _ in range(_SIGNATURE_ROWS):
        _line(made, widths, [])


def sheet_name(text: str) -> str:
    """A worksheet's name: what Excel refuses in it replaced, cut to 31 characters."""
    return text.translate(_NO_NAME).strip("'")[:_SHEET_NAME] or "Danh sách"
