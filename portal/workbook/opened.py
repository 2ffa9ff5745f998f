"""Opens a workbook that someone sent: its size is looked at before anything of it is unpacked into memory."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

MAX_BYTES = 16 * 1024 * 1024
_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_PARTS = 1_000
_MAX_ROWS = 50_000
_MAX_COLUMNS = 100
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,9})(\d{1,9})["']""")
_CHUNK = 1024 * 1024

Rows = list[list[Any]]


class WorkbookProblem(Exception):
    """A file cannot be read as a workbook; `code` says why: missing_file, too_large, not_a_workbook, damaged, not_a_list."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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


def sheets(content: bytes) -> list[tuple[str, Rows]]:
    """Every visible sheet with its rows from row 1 and column A on; cells are text, float, bool, date, time or "".

    Raises:
        WorkbookProblem: too_large (unpacked, or by its rows and columns), not_a_workbook, damaged.
    """
    _bound(content)
    import python_calamine as calamine  # noqa: PLC0415  # only for those who read a workbook

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == calamine.SheetVisibleEnum.Visible]
        return [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in shown]
    except (calamine.CalamineError, ValueError, OSError, KeyError) as error:
        raise WorkbookProblem("damaged") from error


def _bound(content: bytes) -> None:
    """What is unpacked is counted, not believed: an entry that says less than it holds fails its check sum."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            entries = parts.infolist()
            if len(entries) > _MAX_PARTS or sum(entry.file_size for entry in entries) > _MAX_UNPACKED:
                raise WorkbookProblem("too_large")
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= {entry.filename for entry in entries}:
                raise WorkbookProblem("not_a_workbook")
            for entry in entries:
                with parts.open(entry) as part:
                    tail = b""
                    while chunk := part.read(_CHUNK):
                        total += len(chunk)
                        if total > _MAX_UNPACKED:
                            raise WorkbookProblem("too_large")
                        if _SHEET.fullmatch(entry.filename):
                            _bound_places(tail + chunk)
                            tail = chunk[-32:]
    except zipfile.BadZipFile as error:
        raise WorkbookProblem("not_a_workbook" if not content.startswith(b"PK") else "damaged") from error
    except (EOFError, NotImplementedError, RuntimeError, OSError) as error:  # cut short, another method, a password
        raise WorkbookProblem("damaged") from error


def _bound_places(xml: bytes) -> None:
    """One cell at the far end of a sheet would make every cell before it exist in memory."""
    for letters, row in _PLACE.findall(xml):
        if int(row) > _MAX_ROWS or _index(letters) > _MAX_COLUMNS:
            raise WorkbookProblem("too_large")


def _index(letters: bytes) -> int:
    index = 0
    for each in letters.upper():
        index = index * 26 + each - ord("A") + 1
    return index
