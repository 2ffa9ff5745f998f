"""What one process does that writes a month's list for signature: the portal's way, or a library's bare one with the same columns and rows.

Run as a program: `python -m tests.scale.sheets WAY DATABASE-FILE OUT`; prints a line of JSON: seconds, MiB added, rows.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from tests.scale.high_water import memory

MONTH = "2024-10"
_MONEY = (6, 7, 9, 10, 11)
_ROWS = """SELECT line_code, p.full_name, substr(s.birth, 1, 4), category, coefficient10 / 10.0, allowance, arrears, 0, carried_over, funeral, total,
  recipient, '', '' FROM payment p JOIN person s ON s.id = p.person ORDER BY p.id"""


def portal(file: Path, out: Path) -> Callable[[], int]:
    """The portal's own list, a sheet for each commune."""
    os.environ["PORTAL_DATABASE"] = f"sqlite:///{file}"
    from portal import db, official_list, payment_list
    from portal.workbook import lists

    db.connect(os.environ["PORTAL_DATABASE"])
    db.database.connect()
    found, kind = payment_list.find(MONTH), lists.find("cash")
    assert found is not None
    assert kind is not None
    official_list.counts(found)  # a worker's page cache is full by the time somebody asks for a list
    made = kind
    head = lists.Letterhead(("UBND HUYỆN", "PHÒNG LAO ĐỘNG"), "Lộc Hà")
    return lambda: lists.make(made, found, official_list.communes(found), head, date(2024, 10, 5), out).rows


def openpyxl(file: Path, out: Path) -> Callable[[], int]:
    """openpyxl, write only: a cell with a format for each sum, as its documentation shows."""
    import openpyxl as library
    from openpyxl.cell import WriteOnlyCell

    def work() -> int:
        book = library.Workbook(write_only=True)
        sheet = book.create_sheet("Danh sách")
        count = 0
        for count, row in enumerate(_rows(file), 1):
            cells: list[Any] = [count, *row]
            for place in _MONEY:
                cells[place] = WriteOnlyCell(sheet, cells[place])
                cells[place].number_format = "#,##0"
            sheet.append(cells)
        book.save(out)
        return count

    return work


def xlsxwriter(file: Path, out: Path) -> Callable[[], int]:
    """XlsxWriter in constant memory, a format for each sum."""
    import xlsxwriter as library

    def work() -> int:
        book = library.Workbook(str(out), {"constant_memory": True})
        sheet, money = book.add_worksheet("Danh sách"), book.add_format({"num_format": "#,##0"})
        count = 0
        for count, row in enumerate(_rows(file), 1):
            for place, value in enumerate((count, *row)):
                sheet.write(count - 1, place, value, money if place in _MONEY else None)
        book.close()
        return count

    return work


WAYS = {"portal": portal, "openpyxl": openpyxl, "xlsxwriter": xlsxwriter}


def _rows(file: Path) -> Iterator[tuple[Any, ...]]:
    with sqlite3.connect(file) as line:
        yield from line.execute(_ROWS)


def main(way: str, file: Path, out: Path) -> None:
    """Does the work once and says what it took; the libraries are imported before, the first use of a file is not."""
    work = WAYS[way](file, out)
    if way == "portal":
        import xlsxwriter as _loaded  # noqa: F401  # what the portal would load by itself is no part of a row's cost
    before, began = memory(), time.perf_counter()
    rows = work()
    print(json.dumps({"seconds": time.perf_counter() - began, "added": memory() - before, "rows": rows}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
