"""Whether the journal is whole, and the register what the journal says (guarantee G10).

The chain is walked first; then the journal is replayed from nothing into an empty database beside this one, step by step as
it was recorded, and each table compared row by row.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import peewee

from portal.door import BULKS
from portal.models import every_model
from portal.register import TABLES
from portal.store import PeeweeStore
from sync.desk import Shelf
from sync.edit import Entry, Record, Refused, Write
from sync.journal import GENESIS, first_bad
from sync.kinds import CATALOGUE

_AT_ONCE = 1000
_ROWS_AT_ONCE = 20_000
_DIFFERENCES = 20
_COLUMNS = ("seq", "at", "device", "n", "account", "kind", "record", "body", "hash")


@dataclass(frozen=True)
class Verdict:
    """What was found: the number of entries, the newest hash, the first bad entry, and rows that are not the journal's.

    A difference is (kind, record id, what: "missing" in the register, "unknown" to the journal, or a column's name); of the journal
    itself ("journal", number, what). `lacks` is true where an entry that was known to be there is not: the end was cut off.
    """

    entries: int
    head: str
    bad_entry: int | None
    differences: tuple[tuple[str, str, str], ...]
    lacks: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return self.bad_entry is None and not self.differences and not self.lacks


def verify(store: PeeweeStore, progress: Callable[[int], None] = lambda _: None, *, known: str = "") -> Verdict:
    """Walks the chain and, where it holds, replays it. `progress` is told the number of entries done, twice over.

    `known` is a hash that was printed before and kept elsewhere: entries cut off the end show by its absence. All of it is read at
    one moment, so that the portal may go on serving.
    """
    with store.snapshot():
        count, head, bad, is_there = _walk(store, progress, known)
        differences = _compare(store, progress) if bad is None else ()
    return Verdict(count, head, bad, differences, lacks=bool(known) and bad is None and not is_there)


def entries(store: PeeweeStore) -> Iterator[list[Entry]]:
    """The journal in order, some at a time."""
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    after = 0
    while True:
        rows = store.run(f"SELECT {names} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", (after, _AT_ONCE)).fetchall()
        if not rows:
            return
        yield [Entry(*row) for row in rows]
        after = rows[-1][0]


def _walk(store: PeeweeStore, progress: Callable[[int], None], known: str) -> tuple[int, str, int | None, bool]:
    count, head, is_there = 0, GENESIS, False
    for some in entries(store):
        bad = first_bad(some, head, count)
        if bad is not None:
            return count, head, bad, is_there
        count += len(some)
        head = some[-1].hash
        is_there = is_there or any(entry.hash == known for entry in some)
        progress(len(some))
    return count, head, None, is_there


def _compare(store: PeeweeStore, progress: Callable[[int], None]) -> tuple[tuple[str, str, str], ...]:
    with tempfile.TemporaryDirectory() as folder:
        database = peewee.SqliteDatabase(
            str(Path(folder) / "replay.db"), pragmas={"journal_mode": "off", "synchronous": "off", "cache_size": -65536}
        )
        models = every_model()
        with database.bind_ctx(models):
            database.create_tables(models)
        replica = PeeweeStore(BULKS, database)
        try:
            return tuple(itertools.islice(_unlike(store, replica, progress), _DIFFERENCES))
        finally:
            database.close()


def _unlike(store: PeeweeStore, replica: PeeweeStore, progress: Callable[[int], None]) -> Iterator[tuple[str, str, str]]:
    reused = {seq for (seq,) in store.run("SELECT seq FROM journal WHERE reused").fetchall()}
    for some in entries(store):
        bodies = [(entry.seq, msgspec.json.decode(entry.body)) for entry in some]
        yield from (("journal", str(seq), "reused") for seq, body in bodies if _is_reused(body) != (seq in reused))
        with replica.transaction():
            refused = _replay(replica, bodies)
        if refused is not None:
            yield "journal", str(refused), "bulk"
            return
        progress(len(some))
    for kind in TABLES:
        yield from _differences(store, replica, kind)


def _is_reused(body: dict[str, Any]) -> bool:
    return bool((body["result"].get("reason") or {}).get("code") == "reused")


def _replay(replica: PeeweeStore, bodies: list[tuple[int, dict[str, Any]]]) -> int | None:
    """Does again what entries did to the register; the number of one whose set-based step cannot be done again, else None."""
    shelf = Shelf(replica, CATALOGUE)
    named: dict[str, set[str]] = {}
    for _, body in bodies:
        for kind, record, *_rest in body.get("writes", ()):
            named.setdefault(kind, set()).add(record)
    for kind, ids in named.items():
        shelf.fetch(kind, ids)
    for seq, body in bodies:
        for step in body.get("bulk", ()):
            shelf.flush()
            try:
                replica.bulk(step["name"], step["args"], seq)
            except Refused:
                return seq
            shelf.forget()
        for kind, record, created, fields in body.get("writes", ()):
            shelf.pending.append((seq, _write(shelf, seq, kind, record, created=created, fields=fields)))
    shelf.flush()
    return None


def _write(shelf: Shelf, seq: int, kind: str, record_id: str, *, created: bool, fields: dict[str, Any]) -> Write:
    record = None if created else shelf.get(kind, record_id)
    before = record.fields if record is not None else CATALOGUE[kind].blank()
    full = {**before, **fields}
    shelf.put(kind, record_id, Record(kind, record_id, seq, full))
    return Write(kind=kind, record=record_id, fields=fields, create=created, full=full)


def _differences(store: PeeweeStore, replica: PeeweeStore, kind: str) -> Iterator[tuple[str, str, str]]:
    table = TABLES[kind]
    columns = ("id", "version", *table.columns, *(derived.column for derived in table.derived))
    here, there = _rows(store, kind, columns), _rows(replica, kind, columns)
    mine, said = next(here, None), next(there, None)
    while mine is not None or said is not None:
        if mine is not None and (said is None or mine[0] < said[0]):
            yield kind, mine[0], "unknown"
            mine = next(here, None)
        elif said is not None and (mine is None or said[0] < mine[0]):
            yield kind, said[0], "missing"
            said = next(there, None)
        elif mine is not None and said is not None:
            for name, left, right in zip(columns, mine, said, strict=True):
                if left != right:
                    yield kind, mine[0], name
            mine, said = next(here, None), next(there, None)


def _rows(store: PeeweeStore, kind: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    names = ", ".join(f'"{name}"' for name in columns)
    binary = "" if store.sqlite else ' COLLATE "C"'
    after = ""
    while True:
        sql = f'SELECT {names} FROM "{kind}" WHERE id{binary} > ? ORDER BY id{binary} LIMIT ?'
        rows = store.run(sql, (after, _ROWS_AT_ONCE)).fetchall()
        yield from rows
        if len(rows) < _ROWS_AT_ONCE:
            return
        after = rows[-1][0]
