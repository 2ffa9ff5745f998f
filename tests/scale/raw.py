"""Raw limits: the same work with nothing in between, in this process, on the same machine and in the same run."""

from __future__ import annotations

import gzip
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.scale.edits import Batch
from tests.scale.people import Person

_COLUMNS = ("code", "full_name", "birth", "sex", "national_id", "commune", "hamlet", "address", "phone", "payment_method", "note", "status")
_LOG = ("uuid", "device", "person", "field", "old", "new", "at", "applied")


@dataclass(frozen=True)
class Merged:
    """Seconds of wall and processor for all batches, seconds of each, and how many edits met another value."""

    wall: float
    cpu: float
    batches: list[float]
    conflicts: int


def merge_sqlite(path: Path, people: Sequence[Person], batches: Sequence[Batch]) -> Merged:
    """The merge in bare sqlite3 (WAL, synchronous=FULL): read a batch's people, compare, update, log, commit."""
    file = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=wal", "synchronous=full", "cache_size=-6144"):
        file.execute(f"PRAGMA {pragma}")
    file.execute(f"CREATE TABLE person (id TEXT PRIMARY KEY, version INTEGER, {', '.join(_COLUMNS)})")
    file.execute(f"CREATE TABLE edit (seq INTEGER PRIMARY KEY, {', '.join(_LOG)}, UNIQUE (uuid))")
    file.execute("BEGIN")
    rows = [(person.id, 1, *(_plain(person.fields.get(name)) for name in _COLUMNS)) for person in people]
    file.executemany(f"INSERT INTO person VALUES ({_marks(len(_COLUMNS) + 2)})", rows)
    file.execute("COMMIT")
    taken, met = [], 0
    wall, cpu = time.perf_counter(), time.process_time()
    for batch in batches:
        before = time.perf_counter()
        met += _one_batch(file, batch)
        taken.append(time.perf_counter() - before)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    file.close()
    return Merged(wall, cpu, taken, met)


def _one_batch(file: sqlite3.Connection, batch: Batch) -> int:
    file.execute("BEGIN IMMEDIATE")
    ids = [edit.person.id for edit in batch.edits]
    names = [edit.uuid for edit in batch.edits]
    found = file.execute(f"SELECT id, version, {', '.join(_COLUMNS)} FROM person WHERE id IN ({_marks(len(ids))})", ids)
    current = {row[0]: dict(zip(_COLUMNS, row[2:], strict=True)) for row in found}
    known = {name for (name,) in file.execute(f"SELECT uuid FROM edit WHERE uuid IN ({_marks(len(names))})", names)}
    log: list[tuple[Any, ...]] = []
    changes: dict[str, list[tuple[str, str]]] = {}
    for edit in batch.edits:
        if edit.uuid in known:
            continue
        applied = current[edit.person.id][edit.field] == edit.seen
        if applied:
            changes.setdefault(edit.field, []).append((edit.wanted, edit.person.id))
        log.append((edit.uuid, batch.device, edit.person.id, edit.field, edit.seen, edit.wanted, edit.at, applied))
    for field, some in changes.items():
        file.executemany(f"UPDATE person SET {field} = ?, version = version + 1 WHERE id = ?", some)
    file.executemany(f"INSERT INTO edit ({', '.join(_LOG)}) VALUES ({_marks(len(_LOG))})", log)
    file.execute("COMMIT")
    return sum(1 for row in log if not row[-1])


def first_page(path: Path, times: int = 200) -> list[float]:
    """Milliseconds of the bare query behind the first page of the list, its 50 rows as text packed."""
    file = sqlite3.connect(path)
    taken = []
    for _ in range(times):
        before = time.perf_counter()
        rows = file.execute(
            "SELECT id, full_name, code, birth, commune, hamlet, method, status FROM person ORDER BY sort_key, id LIMIT 51"
        ).fetchall()
        gzip.compress(repr(rows).encode(), 6)
        taken.append((time.perf_counter() - before) * 1000)
    file.close()
    return taken


def search(path: Path, words: str, times: int = 200) -> list[float]:
    """Milliseconds of the bare query behind a search for words without marks."""
    file = sqlite3.connect(path)
    conditions = " AND ".join("search_key LIKE ?" for _ in words.split())
    sql = (
        f"SELECT id, full_name, code, birth, commune, hamlet, method, status FROM person WHERE {conditions} ORDER BY sort_key, id LIMIT 51"
    )
    taken = []
    for _ in range(times):
        before = time.perf_counter()
        rows = file.execute(sql, [f"%{word}%" for word in words.split()]).fetchall()
        gzip.compress(repr(rows).encode(), 6)
        taken.append((time.perf_counter() - before) * 1000)
    file.close()
    return taken


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int) else str(value)


def _marks(count: int) -> str:
    return ", ".join("?" * count)
