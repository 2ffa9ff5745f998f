"""Makes the project's own copy of a demo district: `python -m portal.demo.copy DIR`, from a directory as `source` describes it."""

from __future__ import annotations

import csv
import gzip
import io
import sys
from pathlib import Path
from typing import Any

from portal.demo import source


def copy(directory: Path, into: Path = source.DATA) -> list[Path]:
    """Writes every list of the directory as CSV and every CSV file as it is, compressed; returns the files, the same bytes each time.

    Raises:
        source.SourceProblem: a list has lines that cannot be read.
    """
    into.mkdir(parents=True, exist_ok=True)
    contents = {path.name: path.read_bytes() for path in sorted(directory.glob("*.csv"))}
    for month in source.months(directory):
        contents[f"{source.LIST.format(month=month)}.csv"] = _as_csv(directory, month)
    written = []
    for name, content in sorted(contents.items()):
        path = into / f"{name}.gz"
        path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
        written.append(path)
    return written


def _as_csv(directory: Path, month: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, source.LIST_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for commune, row in source.list_lines(directory, month):
        values: dict[str, Any] = {name: getattr(row, name, None) for name in source.LIST_COLUMNS}
        writer.writerow({**values, **row.payment_method, "commune": commune})
    return text.getvalue().encode()


if __name__ == "__main__":
    for made in copy(Path(sys.argv[1])):
        print(f"{made.stat().st_size:>8}  {made.name}")  # noqa: T201  # a program's answer
