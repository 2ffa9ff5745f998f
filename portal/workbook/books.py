"""A workbook written from top to bottom, row by row, never whole in memory.

By XlsxWriter (constant memory): with every cell styled it takes half the time of openpyxl (write only), of a commune's list as of a
province's. Text is written as text whatever it begins with: no value is ever a formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

FONT = "Times New Roman"
NUMBER = "#,##0"
TENTHS = "0.0"
_A4 = 9
_MARGIN_INCHES = {"left": 0.6, "right": 0.4, "top": 0.6, "bottom": 0.7}


class Style(Struct, frozen=True):
    """How a cell looks. `format` as Excel writes it."""

    size: float = 11
    bold: bool = False
    italic: bool = False
    align: str = "left"
    border: bool = False
    wrap: bool = False
    format: str = "General"


class Layout(Struct, frozen=True):
    """A worksheet before its first row.

    `widths` in characters; `heading`: the first and the last row (from 1) that stay in view and are printed on each page; `footer`
    stands below each page. `row_points`: how high rows are that nothing else is said of, 0 for as the program likes.
    """

    name: str
    widths: tuple[float, ...]
    heading: tuple[int, int]
    footer: str
    is_landscape: bool
    row_points: float = 0


class Book:
    """A workbook at `path`; `close` ends the file."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter  # noqa: PLC0415 - only an export pays for it

        self._made = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        self._formats: dict[Style, Any] = {}
        self._styles: Sequence[Style | None] = ()
        self._looks: list[Any] = []

    def begin(self, layout: Layout) -> None:
        """Begins a worksheet."""
        sheet = self._sheet = self._made.add_worksheet(layout.name)
        self._at = 0
        for place, width in enumerate(layout.widths):
            sheet.set_column(place, place, width)
        if layout.row_points:
            sheet.set_default_row(layout.row_points)
        first, last = layout.heading
        sheet.freeze_panes(last, 0)
        sheet.repeat_rows(first - 1, last - 1)
        if layout.is_landscape:
            sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(**_MARGIN_INCHES)
        sheet.set_footer(f'&C&"{FONT},Regular"&9{layout.footer}')

    def row(self, values: Sequence[str | int | float | None], styles: Sequence[Style | None], height: float | None = None) -> None:
        """Writes the next row; a style of None is a cell that is left out. `height` in points."""
        sheet, at = self._sheet, self._at
        if height is not None:
            sheet.set_row(at, height)
        if styles is not self._styles:  # a table has the same ones for all its rows
            self._styles, self._looks = styles, [style and (self._formats.get(style) or self._format(style)) for style in styles]
        for place, (value, look) in enumerate(zip(values, self._looks, strict=True)):
            if look is None:
                continue
            if isinstance(value, str) and value:
                sheet.write_string(at, place, value, look)
            elif value is None or value == "":
                sheet.write_blank(at, place, None, look)
            else:
                sheet.write_number(at, place, value, look)
        self._at += 1

    def merge(self, first: int, last: int, rows: int = 1) -> None:
        """Makes columns `first` to `last` (from 0) of the row to come one cell, `rows` rows high."""
        # `merge_range` writes all the cells of the range, and a row further down would end this one in constant memory.
        if first != last or rows > 1:
            self._sheet.merge.append([self._at, first, self._at + rows - 1, last])

    def close(self) -> None:
        """Ends the file."""
        self._made.close()

    def _format(self, style: Style) -> Any:
        look = {
            "font_name": FONT,
            "font_size": style.size,
            "bold": style.bold,
            "italic": style.italic,
            "align": style.align,
            "valign": "vcenter",
            "text_wrap": style.wrap,
            "num_format": style.format,
            "border": 1 if style.border else 0,
        }
        made = self._formats[style] = self._made.add_format(look)
        return made
