"""The floor: the least Flask + peewee + htmx app that does the same work, kept beside the checkout and not part of it.

`BENCH_DIR` says where it is; else it is looked for at ../shared/bench. It is run with this environment's Python and the same server
settings as the portal, on the same people.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sync.text import fold
from tests.scale.edits import Batch
from tests.scale.people import COMMUNES, Person
from tests.scale.program import ROOT, Program, free_port, gunicorn, plain_environment

LIST = "/list"
FIRST = "/healthz"
_COLUMNS = ("full_name", "fold", "id_card", "commune_id", "hamlet", "address", "phone", "note")


def folder() -> Path | None:
    """Where the floor is; None where it is not there."""
    place = Path(os.environ.get("BENCH_DIR") or ROOT.parent / "shared" / "bench").resolve()
    return place if (place / "ref_app.py").is_file() else None


def load(place: Path, url: str, people: Sequence[Person]) -> None:
    """Makes the floor's tables in an empty database, with these people in them."""
    command = [sys.executable, str(place / "ref_app.py"), str(len(people))]
    subprocess.run(command, check=True, env={**plain_environment(), **_environment(place, url)}, cwd=place)
    rows = [(*_row(person), person.number) for person in people]
    if url.startswith("sqlite:///"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
            file.executemany(f"UPDATE person SET {', '.join(f'{name} = ?' for name in _COLUMNS)} WHERE id = ?", rows)
        file.close()
        return
    import psycopg2
    from psycopg2.extras import execute_values

    with psycopg2.connect(url) as line, line.cursor() as cursor:
        wanted = ", ".join(f"{name} = v.{name}" for name in _COLUMNS)
        sql = f"UPDATE person SET {wanted} FROM (VALUES %s) v ({', '.join(_COLUMNS)}, id) WHERE person.id = v.id"
        execute_values(cursor, sql, rows, page_size=1000)
    line.close()


def start(place: Path, url: str, home: Path, *, workers: int, threads: int) -> Program:
    """The floor, starting."""
    port = free_port()
    return Program(
        gunicorn("ref_app:app", port, workers=workers, threads=threads), port, _environment(place, url), place, home / "floor.log"
    )


def body(batch: Batch) -> bytes:
    """A batch as the floor reads it: an id and an object an edit, not compressed."""
    edits = [
        {
            "uuid": edit.uuid,
            "id": edit.person.number,
            "field": edit.field,
            "old": edit.seen or "",
            "new": edit.wanted,
            "base": 1,
            "time": edit.at,
        }
        for edit in batch.edits
    ]
    return json.dumps({"client": f"xa{batch.device}", "edits": edits}, ensure_ascii=False).encode()


def conflicts(answer: bytes) -> int:
    """How many edits of a batch met another value."""
    results: list[str] = json.loads(answer)["results"]
    return results.count("conflict")


def _row(person: Person) -> tuple[Any, ...]:
    fields = person.fields
    key = fold(f"{fields['full_name']} {fields['national_id']} {fields['code']}")
    where = list(COMMUNES).index(fields["commune"]) + 1
    words = (fields["hamlet"], fields["address"], fields["phone"], fields["note"] or "")
    return (fields["full_name"], key, fields["national_id"], where, *words)


def _environment(place: Path, url: str) -> dict[str, str]:
    script = ROOT / "static" / "vendor" / "htmx.min.js"
    return {"DB_URL": url, "SYNC_PRAGMA": "FULL", "MODE": "set", "HTMX": str(script), "PYTHONPATH": str(place)}
