"""Opens a workbook that someone sent: its size is looked at before anything of it is unpacked into memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.workbook.package import MAX_BYTES, Package, WorkbookProblem

__all__ = ["MAX_BYTES", "Rows", "WorkbookProblem", "read_bytes", "sheets"]

Rows = list[list[Any]]


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """The file's content. Raises `WorkbookProblem`: missing_file, too_large."""
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise WorkbookProblem("missing_file") from error
    if len(content) > max_bytes:
        raise WorkbookProblem("too_large")
    return content


def sheets(content: bytes) -> Iterator[tuple[str, Rows]]:
    """Every visible sheet, one after the other, with its rows from row 1 and column A on; cells are text, float, bool, date, time or "".

    Raises:
        WorkbookProblem: too_large (unpacked, or by its rows and columns), not_a_workbook, damaged.
    """
    if not content.startswith(b"PK"):
        raise WorkbookProblem("not_a_workbook")
    package = Package(content)
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= package.names:
        raise WorkbookProblem("not_a_workbook")
    package.check()
    import python_calamine as calamine  # noqa: PLC0415  # only for those who read a workbook

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == calamine.SheetVisibleEnum.Visible]
        for name in shown:
            yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (calamine.CalamineError, ValueError, OSError, KeyError) as error:
        raise WorkbookProblem("damaged") from error
