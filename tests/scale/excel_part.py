"""Part *excel*: a month's list for signature as a workbook, and a list that somebody sent, beside the bare libraries with the same rows."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.scale import people
from tests.scale.figures import Figure, median
from tests.scale.places import Places, say
from tests.scale.program import ROOT, plain_environment

_TIMES = 3
_PROVINCE = people.PROVINCE
_MOST_MIB = 300


def measure(places: Places) -> None:
    """Reports the part's figures."""
    _import(places, places.portal_file, people.DISTRICT)
    _import(places, places.province_file, _PROVINCE)
    district = places.home / "sheets.sqlite3"
    shutil.copy(places.portal_file, district)
    people.post_month(f"sqlite:///{district}")
    _make_cash(district)
    _export(places, district, people.DISTRICT, "openpyxl", 10)
    province = places.home / "sheets-province.sqlite3"
    shutil.copy(district, province)
    _multiply(province)
    _export(places, province, _PROVINCE, "xlsxwriter", 16)
    for file in (district, province):
        file.unlink()


def _import(places: Places, register: Path, rows: int) -> None:
    sent = places.home / f"sent-{rows}.xlsx"
    _program("sent_list", str(register), str(sent))
    told: dict[str, list[dict[str, Any]]] = {"portal": [], "listed": [], "iterated": []}
    for turn in range(_TIMES):
        for way, some in told.items():
            say(f"excel: a list of {rows} rows read by {way}, round {turn + 1}")
            some.append(json.loads(_program("arrival", way, f"sqlite:///{register}", str(sent))))
    assert {one["rows"] for one in told["portal"]} == {rows}
    seconds = {way: median([one["seconds"] for one in some]) for way, some in told.items()}
    bare = min(seconds["listed"], seconds["iterated"])
    places.report(Figure("excel", f"import of {rows} rows, checks and preview", seconds["portal"], "s", "bare calamine", bare, most=4))
    peak = max(one["peak"] for one in told["portal"])
    places.report(Figure("excel", f"import of {rows} rows, memory of the process", peak, "MiB", most=_MOST_MIB, of="value"))
    sent.unlink()


def _export(places: Places, file: Path, rows: int, beside: str, most_added: float) -> None:
    told: dict[str, list[dict[str, Any]]] = {"portal": [], beside: []}
    for turn in range(_TIMES if rows < _PROVINCE else 1):
        for way, some in told.items():
            say(f"excel: {rows} rows by {way}, round {turn + 1}")
            some.append(_run(way, file, places.home / f"{way}.xlsx"))
            assert some[-1]["rows"] == rows, some[-1]
    seconds = {way: median([one["seconds"] for one in some]) for way, some in told.items()}
    name = f"{beside} {'write only' if beside == 'openpyxl' else 'constant memory'}"
    places.report(Figure("excel", f"export of {rows} rows to sign", seconds["portal"], "s", f"bare {name}", seconds[beside], most=1.3))
    added = median([one["added"] for one in told["portal"]])
    places.report(Figure("excel", f"export of {rows} rows, memory added", added, "MiB", most=most_added, of="value"))


def _run(way: str, file: Path, out: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_program("sheets", way, str(file), str(out)).splitlines()[-1])
    return told


def _program(name: str, *arguments: str) -> str:
    """Runs one of the bench's programs in a process of its own; what it prints."""
    command = [sys.executable, "-m", f"tests.scale.{name}", *arguments]
    return subprocess.run(command, cwd=ROOT, env=plain_environment(), check=True, capture_output=True, text=True).stdout


def _make_cash(file: Path) -> None:
    """Every line on paper, as it was before accounts."""
    with sqlite3.connect(file) as line:
        line.execute("UPDATE payment SET method = 'cash'")
    line.close()  # which carries it into the file that is copied


def _multiply(file: Path) -> None:
    """As many lines as a province has: the district's again and again, under the same list."""
    with sqlite3.connect(file) as line:
        columns = [row[1] for row in line.execute("PRAGMA table_info(payment)")]
        copied = ", ".join({"id": "p.id || '-' || n", "line_code": "p.line_code || '-' || n"}.get(name, f"p.{name}") for name in columns)
        line.execute(
            f"""WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < 25)
            INSERT INTO payment ({", ".join(columns)}) SELECT {copied} FROM payment p, copies
            LIMIT {_PROVINCE} - (SELECT COUNT(*) FROM payment)"""
        )
        line.execute("UPDATE payment_list SET lines = (SELECT COUNT(*) FROM payment)")
    line.close()
