"""Pieces of a Word document: fonts, paragraphs, rules under a heading, tables without and with lines, a page number.

What python-docx has no word for is written as WordprocessingML (ECMA-376, part 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt

FONT = "Times New Roman"
_FIRST_LINE = Mm(12.7)
_ON_A_PAGE = 16
"""Rows of a table that a landscape page has room for, whatever stands above it."""
_AFTER_PROPERTIES = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr")


@dataclass(frozen=True)
class Look:
    """How a paragraph looks: size and space before and after in points; `indent`: the first line; `keep`: stays with the next one."""

    size: float
    bold: bool = False
    italic: bool = False
    align: Any = WD_ALIGN_PARAGRAPH.LEFT
    indent: bool = False
    before: float = 0
    after: float = 0
    keep: bool = False
    spacing: float = 1.0


def set_font(style: Any, size: float) -> None:
    """Makes a style's font the one of official documents, for every script, and its language Vietnamese."""
    style.font.name, style.font.size = FONT, Pt(size)
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FONT)
    language = properties.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        properties.append(language)
    language.set(qn("w:val"), "vi-VN")


def paragraph(holder: Any, text: str, look: Look, *, reuse: bool = False) -> Any:
    """Adds a paragraph to a document or a cell; `reuse`: fills a cell's first, empty one."""
    made = holder.paragraphs[0] if reuse and not holder.paragraphs[0].text else holder.add_paragraph()
    run = made.add_run(text)
    if not text:
        _size_of_mark(made, look.size)
    run.bold, run.italic, run.font.size = look.bold, look.italic, Pt(look.size)
    layout = made.paragraph_format
    layout.alignment, layout.keep_with_next = look.align, look.keep
    layout.space_before, layout.space_after = Pt(look.before), Pt(look.after)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.MULTIPLE, look.spacing
    if look.indent:
        layout.first_line_indent = _FIRST_LINE
    return made


def rule(holder: Any, width: Length, within: Length) -> None:
    """A centred line of this width below what stands there, `within` the width of the column."""
    made = holder.add_paragraph()
    layout = made.paragraph_format
    layout.space_before, layout.space_after = Pt(0), Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(3)
    layout.left_indent = layout.right_indent = Length((within - width) // 2)
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    made._p.get_or_add_pPr().insert_element_before(borders, *_AFTER_PROPERTIES)  # noqa: SLF001  # python-docx has no borders


def columns(holder: Any, *widths: Length) -> list[Any]:
    """A row of cells without lines, one beside the other."""
    table = holder.add_table(rows=1, cols=len(widths))
    table.autofit = False
    _widths(table, widths)
    _margins(table, Mm(0))
    _row_property(table.rows[0], "w:cantSplit")
    return list(table.rows[0].cells)


def grid(holder: Any, headings: list[str], rows: list[list[str]], widths: list[Length], look: Look, *, sums: frozenset[int] = frozenset()) -> Any:
    """A table with lines; its headings stand on every page, no row is torn apart; rows with a number in `sums` are bold.

    Cells are aligned right, but the first (centred) and the second (left). A short table is kept on one page; of a long one, no heading
    ends a page, and no total begins one.
    """
    table = holder.add_table(rows=1 + len(rows), cols=len(headings))
    table.style, table.autofit = "Table Grid", False
    _widths(table, widths)
    _margins(table, Mm(0.8))
    for number, texts in enumerate([headings, *rows]):
        is_head = number == 0
        keep = number < len(rows) and (len(rows) <= _ON_A_PAGE or number <= 1 or number == len(rows) - 1)
        _row_property(table.rows[number], "w:cantSplit")
        if is_head:
            _row_property(table.rows[number], "w:tblHeader")
        for place, (cell, text) in enumerate(zip(table.rows[number].cells, texts, strict=True)):
            align = WD_ALIGN_PARAGRAPH.CENTER if is_head or place == 0 else WD_ALIGN_PARAGRAPH.LEFT if place == 1 else WD_ALIGN_PARAGRAPH.RIGHT
            bold = is_head or number - 1 in sums
            paragraph(cell, text, Look(look.size, bold=bold, align=align, before=2, after=2, keep=keep), reuse=True)
    return table


def number_pages(section: Any, size: float, *, restart: bool = False) -> None:
    """The page number in the middle above the text, not on the first page of the section."""
    section.different_first_page_header_footer = True
    for header in (section.header, section.first_page_header):
        header.is_linked_to_previous = False
    above = paragraph(section.header, "", Look(size, align=WD_ALIGN_PARAGRAPH.CENTER), reuse=True)
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("", "2"), ("end", "")):
        run = above.add_run()
        run.font.size = Pt(size)
        if kind:
            made = OxmlElement("w:fldChar")
            made.set(qn("w:fldCharType"), kind)
        else:
            made = OxmlElement("w:instrText" if text == "PAGE" else "w:t")
            made.text = text
        run._r.append(made)  # noqa: SLF001  # python-docx has no fields
    if restart:
        start = OxmlElement("w:pgNumType")
        start.set(qn("w:start"), "1")
        section._sectPr.append(start)  # noqa: SLF001  # nor page numbering


def _size_of_mark(made: Any, size: float) -> None:
    """An empty paragraph is as high as its mark."""
    look, points = OxmlElement("w:rPr"), OxmlElement("w:sz")
    points.set(qn("w:val"), str(round(size * 2)))
    look.append(points)
    made._p.get_or_add_pPr().insert_element_before(look, "w:sectPr")  # noqa: SLF001  # nor the mark of a paragraph


def _widths(table: Any, widths: Sequence[Length]) -> None:
    """Word reads the width of a cell, LibreOffice that of its column: both say the same."""
    for place, width in enumerate(widths):
        table.columns[place].width = width
        for cell in table.columns[place].cells:
            cell.width = width


def _margins(table: Any, side: Length) -> None:
    margins = OxmlElement("w:tblCellMar")
    for name in ("left", "right"):
        made = OxmlElement(f"w:{name}")
        made.set(qn("w:w"), str(round(side.twips)))
        made.set(qn("w:type"), "dxa")
        margins.append(made)
    properties = table._tbl.tblPr  # noqa: SLF001  # nor margins of cells
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)


def _row_property(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))  # noqa: SLF001  # nor properties of rows
