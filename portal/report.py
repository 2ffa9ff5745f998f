"""A report as a Word document, laid out by Decree 30/2020 (Annex I; domain.md 5.2): sizes, margins and places, no words of its own.

The words come as text, one paragraph a line, "role: text"; `ROLES` says what each role looks like. Tables stand in an annex on
landscape pages, their cells between " | ".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length, Mm

from portal.report_parts import Part, cells, read
from portal.word import Look, columns, grid, number_pages, paragraph, rule, set_font

BODY_POINTS = 14
_CENTRE, _JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY
_BODY = Look(BODY_POINTS, align=_JUSTIFY, indent=True, before=3, after=6, spacing=1.1)
_HEADING = replace(_BODY, bold=True, keep=True)
ROLES: dict[str, Look] = {
    "above": Look(13, align=_CENTRE),
    "organ": Look(13, bold=True, align=_CENTRE),
    "number": Look(13, align=_CENTRE, before=6),
    "country": Look(12, bold=True, align=_CENTRE),
    "motto": Look(13, bold=True, align=_CENTRE),
    "place": Look(13, italic=True, align=_CENTRE, before=6),
    "type": Look(14, bold=True, align=_CENTRE, before=16),
    "abstract": Look(14, bold=True, align=_CENTRE),
    "part": _HEADING,
    "section": _HEADING,
    "text": _BODY,
    "close": replace(_BODY, after=12, keep=True),
    "receivers": Look(12, bold=True, italic=True),
    "receiver": Look(11),
    "sign": Look(14, bold=True, align=_CENTRE),
    "annex": Look(14, bold=True, align=_CENTRE),
    "title": Look(14, bold=True, align=_CENTRE, before=8, keep=True),
    "note": Look(12, italic=True, align=_CENTRE, before=4, after=4),
    "unit": Look(12, italic=True, align=WD_ALIGN_PARAGRAPH.RIGHT, before=4, after=2, keep=True),
}
"""What each role looks like; sizes in points. Besides these: columns, row and total, the parts of a table."""
_ASIDE = frozenset({"above", "organ", "number", "country", "motto", "place", "receivers", "receiver", "sign"})
"""Roles that stand beside each other above and below the text."""
_PAGE = (Mm(210), Mm(297))
_MARGINS = (Mm(20), Mm(20), Mm(20), Mm(30))
"""Top, right, bottom, left: the decree asks for 20–25, 15–20, 20–25, 30–35 mm."""
_WIDTH = Length(_PAGE[0] - _MARGINS[1] - _MARGINS[3])
_LEFT_HEAD, _LEFT_END = Mm(64), Mm(80)
_SIGNATURE_LINES = 5
_CELL_POINTS = 9.5
_FIRST, _SECOND = Mm(9), Mm(34)
_DIGIT_MM = 1.75
_CELL_MARGINS = 1.3
_ROOM = {".": 0.5, ",": 0.5, "(": 0.7, ")": 0.7, "/": 0.6, "%": 2.0, " ": 0.5}
"""How wide some signs are, in digits."""


def document(text: str, *, title: str, author: str, now: datetime) -> bytes:
    """The Word file (.docx) of a text; title and author are its properties, blanks for number, day and signature stay blank."""
    parts = read(text)
    made = Document()
    for style in ("Normal", "Header"):
        set_font(made.styles[style], BODY_POINTS)
    told = made.core_properties
    told.title, told.author, told.last_modified_by, told.comments, told.language = title, author, author, "", "vi-VN"
    told.created = told.modified = now.replace(tzinfo=None)
    _page(made.sections[0])
    number_pages(made.sections[0], 13)
    at_annex = next((place for place, (role, _) in enumerate(parts) if role == "annex"), len(parts))
    _letter(made, parts[:at_annex])
    if at_annex < len(parts):
        _annex(made, parts[at_annex:])
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def _letter(made: Any, parts: list[Part]) -> None:
    left, right = columns(made, _LEFT_HEAD, Length(_WIDTH - _LEFT_HEAD))
    _fill(left, parts, ("above", "organ"))
    rule(left, Mm(22), _LEFT_HEAD)
    _fill(left, parts, ("number",))
    _fill(right, parts, ("country", "motto"))
    rule(right, Mm(54), Length(_WIDTH - _LEFT_HEAD))
    _fill(right, parts, ("place",))
    body = [part for part in parts if part[0] not in _ASIDE]
    for place, (role, text) in enumerate(body):
        paragraph(made, text, ROLES[role])
        if role == "abstract" and body[place + 1][0] != "abstract":
            rule(made, Mm(50), _WIDTH)
            made.paragraphs[-1].paragraph_format.space_after = Mm(4)
    left, right = columns(made, _LEFT_END, Length(_WIDTH - _LEFT_END))
    _fill(left, parts, ("receivers", "receiver"))
    _fill(right, parts, ("sign",))
    for _ in range(_SIGNATURE_LINES):
        paragraph(right, "", ROLES["sign"])


def _annex(made: Any, parts: list[Part]) -> None:
    section = made.add_section(WD_SECTION.NEW_PAGE)
    _page(section, is_landscape=True)
    number_pages(section, 13, restart=True)
    width = section.page_width - section.left_margin - section.right_margin
    headings: list[str] = []
    rows: list[tuple[str, list[str]]] = []
    for role, text in [*parts, ("", "")]:
        if role in ("row", "total"):
            rows.append((role, cells(text)))
            continue
        if rows:
            grid(made, headings, [row for _, row in rows], _widths(width, headings, [row for _, row in rows]), Look(_CELL_POINTS), sums=_totals(rows))
            rows = []
        if role == "columns":
            headings = cells(text)
        elif role:
            paragraph(made, text, ROLES[role])


def _fill(cell: Any, parts: list[Part], roles: tuple[str, ...]) -> None:
    for role, text in parts:
        if role in roles:
            paragraph(cell, text, ROLES[role], reuse=len(cell.paragraphs) == 1)


def _page(section: Any, *, is_landscape: bool = False) -> None:
    width, height = _PAGE
    section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (height, width) if is_landscape else (width, height)
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = _MARGINS
    section.header_distance = section.footer_distance = Mm(10)


def _totals(rows: list[tuple[str, list[str]]]) -> frozenset[int]:
    return frozenset(number for number, (role, _) in enumerate(rows) if role == "total")


def _widths(width: int, headings: list[str], rows: list[list[str]]) -> list[Length]:
    """The first column narrow, the numbers as wide as the longest of each, the words of the second what is left of it.

    No number is broken over two lines; where nothing is left the second column keeps its least width.
    """
    columns_ = list(zip(headings, *rows, strict=True))
    room = [max(_room(word) for cell in column for word in (*cell.split(), "0000")) for column in columns_[2:]]
    least = Mm(_DIGIT_MM * sum(room))
    second = min(Mm(_DIGIT_MM * max(map(_room, columns_[1]))), Length(width - _FIRST - least))
    second = max(second, _SECOND)
    left = width - _FIRST - second
    return [_FIRST, Length(second), *(Length(int(left * each / sum(room))) for each in room)]


def _room(word: str) -> float:
    """How wide bold words are, in digits, with the cell's margins."""
    return _CELL_MARGINS + sum(_ROOM.get(letter, 1.0 if letter.isdigit() else 1.15) for letter in word)
