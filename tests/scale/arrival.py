"""What one process does that reads a list somebody sent: all that a dry run and a preview ask, or a library's bare read of every sheet.

Run as a program: `python -m tests.scale.arrival WAY DATABASE-URL FILE`; prints a line of JSON: seconds, seconds of processor time, MiB
added, rows.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.scale.high_water import memory


def portal(url: str, file: Path) -> Callable[[], int]:
    """The portal's own: read, laid beside the register, every check, what taking it in would do, and all of that as it is printed."""
    import msgspec

    from portal import db, unit
    from portal.law import book
    from portal.workbook import sent_list
    from portal.workbook.opened import read_bytes
    from portal.workbook.survey import Told

    db.connect(url)
    db.database.connect()
    book.load()  # a worker has answered before somebody sends a list
    unit.communes()

    def work() -> int:
        looked = sent_list.look(read_bytes(file), file.name, "0", Told())
        assert looked.survey.errors
        assert looked.plan.items
        msgspec.json.encode(sent_list.report(looked))
        return len(looked.survey.rows)

    return work


def listed(_: str, file: Path) -> Callable[[], int]:
    """python-calamine, `to_python` of every sheet."""
    import python_calamine as library

    def work() -> int:
        book = library.CalamineWorkbook.from_path(str(file))
        return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)

    return work


def iterated(_: str, file: Path) -> Callable[[], int]:
    """python-calamine, `iter_rows` of every sheet."""
    import python_calamine as library

    def work() -> int:
        book = library.CalamineWorkbook.from_path(str(file))
        return sum(1 for name in book.sheet_names for _ in book.get_sheet_by_name(name).iter_rows())

    return work


WAYS = {"portal": portal, "listed": listed, "iterated": iterated}


def main(way: str, url: str, file: Path) -> None:
    """Does the work once and says what it took; what is imported and connected before is a worker's usual state."""
    work = WAYS[way](url, file)
    before, began, used = memory(), time.perf_counter(), time.process_time()
    rows = work()
    seconds, spent = time.perf_counter() - began, time.process_time() - used
    peak = memory()
    print(json.dumps({"seconds": seconds, "cpu": spent, "added": peak - before, "peak": peak, "rows": rows}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
