"""Two libraries behind one small interface: a workbook written row by row, never whole in memory.

openpyxl (write only) is right for a commune and is there for reading anyway; above `MANY` rows XlsxWriter (constant memory) takes
half the time. Text is written as text whatever it begins with: no value is ever a formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from portal.workbook.columns import letter

MANY = 1_000
"""Rows from which the faster library is worth its import."""
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


class Book(Protocol):
    """A workbook being written from top to bottom."""

    def begin(self, layout: Layout) -> None:
        """Begins a worksheet."""
        ...

    def row(self, values: Sequence[str | int | float | None], styles: Sequence[Style | None], height: float | None = None) -> None:
        """Writes the next row; a style of None is a cell that is left out. `height` in points."""
        ...

    def merge(self, first: int, last: int, rows: int = 1) -> None:
        """Makes columns `first` to `last` (from 0) of the row to come one cell, `rows` rows high."""
        ...

    def close(self) -> None:
        """Ends the file."""
        ...


def book(path: Path, rows: int) -> Book:
    """A workbook at `path` for about so many rows."""
    return _Fast(path) if rows > MANY else _Plain(path)


class _Plain:
    """openpyxl."""

    def __init__(self, path: Path) -> None:
        from openpyxl import Workbook  # noqa: PLC0415 - 20 MB that only an export pays for

        self._path = path
        self._made = Workbook(write_only=True)
        self._cells: dict[tuple[int, Style], Any] = {}

    def begin(self, layout: Layout) -> None:
        from openpyxl.worksheet.properties import PageSetupProperties  # noqa: PLC0415

        sheet = self._sheet = self._made.create_sheet(layout.name)
        self._cells.clear()
        self._at = 0
        for place, width in enumerate(layout.widths):
            sheet.column_dimensions[letter(place)].width = width
        if layout.row_points:
            sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = layout.row_points, True
        first, last = layout.heading
        sheet.freeze_panes = f"A{last + 1}"
        sheet.print_title_rows = f"{first}:{last}"
        sheet.page_setup.orientation = "landscape" if layout.is_landscape else "portrait"
        sheet.page_setup.paperSize = _A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        for side, inches in _MARGIN_INCHES.items():
            setattr(sheet.page_margins, side, inches)
        sheet.oddFooter.center.text, sheet.oddFooter.center.font, sheet.oddFooter.center.size = layout.footer, f"{FONT},Regular", 9

    def row(self, values: Sequence[str | int | float | None], styles: Sequence[Style | None], height: float | None = None) -> None:
        self._at += 1
        if height is not None:
            self._sheet.row_dimensions[self._at].height = height
        self._sheet.append([self._cell(place, value, style) for place, (value, style) in enumerate(zip(values, styles, strict=True))])

    def merge(self, first: int, last: int, rows: int = 1) -> None:
        if first != last or rows > 1:
            self._sheet.merged_cells.add(f"{letter(first)}{self._at + 1}:{letter(last)}{self._at + rows}")

    def close(self) -> None:
        self._made.save(self._path)

    def _cell(self, place: int, value: Any, style: Style | None) -> Any:
        """One cell a column and style, used again for each row: a quarter less time (performance.md 4)."""
        if style is None:
            return None
        cell = self._cells.get((place, style))
        if cell is None:
            cell = self._cells[place, style] = self._styled(style)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
        return cell

    def _styled(self, style: Style) -> Any:
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
        from openpyxl.styles import Alignment, Border, Font, Side  # noqa: PLC0415

        cell = WriteOnlyCell(self._sheet)
        cell.font = Font(name=FONT, size=style.size, bold=style.bold, italic=style.italic)
        cell.alignment = Alignment(horizontal=style.align, vertical="center", wrap_text=style.wrap)
        cell.number_format = style.format
        if style.border:
            line = Side(style="thin")
            cell.border = Border(left=line, right=line, top=line, bottom=line)
        return cell


class _Fast:
    """XlsxWriter."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter  # noqa: PLC0415 - only a large export pays for it

        self._made = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        self._formats: dict[Style, Any] = {}

    def begin(self, layout: Layout) -> None:
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
        sheet, at = self._sheet, self._at
        if height is not None:
            sheet.set_row(at, height)
        for place, (value, style) in enumerate(zip(values, styles, strict=True)):
            if style is None:
                continue
            look = self._formats.get(style) or self._format(style)
            if isinstance(value, str) and value:
                sheet.write_string(at, place, value, look)
            elif value is None or value == "":
                sheet.write_blank(at, place, None, look)
            else:
                sheet.write_number(at, place, value, look)
        self._at += 1

    def merge(self, first: int, last: int, rows: int = 1) -> None:
        # `merge_range` writes all the cells of the range, and a row further down would end this one in constant memory.
        if first != last or rows > 1:
            self._sheet.merge.append([self._at, first, self._at + rows - 1, last])

    def close(self) -> None:
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
