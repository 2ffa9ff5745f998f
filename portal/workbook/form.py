"""A form as it is printed and signed: headings of the offices, title, columns, rows in bands, total, amount in words, signatures.

What a form looks like stands here once; `portal.workbook.write` lays it out in a workbook. Decree 30/2020, Annex I; domain.md 2.3, 5.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Kind = Literal["text", "centre", "number", "coefficient"]
"""How a column's values stand: words, words in the middle, whole numbers with dots, a coefficient stored tenfold."""
Value = str | int | None


class Column(Struct, frozen=True):
    """One column. `width` in characters; `under`: the heading above, where it has two rows; `summed`: the total has its sum."""

    heading: str
    width: float
    kind: Kind = "text"
    under: str = ""
    summed: bool = False


class Band(Struct, frozen=True):
    """A line across the table: what the rows below it have in common."""

    text: str


Row = tuple[Value, ...]
"""A value for each column after the first, which counts the rows."""


class Sheet(Struct, frozen=True):
    """One worksheet. `subtitle` says of whom; `rows` are read once, as they are written; `notes` stand below the total.

    `columns` are the sheet's own where it has others than the form.
    """

    name: str
    subtitle: str
    rows: Iterable[Row | Band]
    notes: tuple[str, ...] = ()
    title: str = ""
    columns: tuple[Column, ...] = ()


class Form(Struct, frozen=True):
    """A form.

    `organ`: the offices in the upper left corner, the one that issues it last; `place`: place and date, the day left blank; `in_words`: the number of the column whose sum is written out below the table, None for none; `signers`: who signs, from left to
    right; `footer`: printed below each page, so that a sheet of paper says which list it is of; `row_points`: how high
    the rows are, where somebody signs in them, 0 for as high as their text.
    """

    title: str
    period: str
    unit: str
    organ: tuple[str, ...]
    place: str
    columns: tuple[Column, ...]
    signers: tuple[str, ...]
    footer: str
    in_words: int | None = None
    is_landscape: bool = True
    row_points: float = 0
