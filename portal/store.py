"""The sync door's store on the portal's tables: the only file that knows both. SQLite and PostgreSQL, set by set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import peewee

from portal import db
from portal.register import TABLES, Table
from sync.edit import Entry, Record, Write
from sync.journal import GENESIS
from sync.kinds import CATALOGUE, PULLED
from sync.store import Head, Page

Bulk = Callable[["PeeweeStore", Mapping[str, Any], int], dict[str, Any]]
_IN_AT_ONCE = 500
_ENTRY = Entry.__struct_fields__
_TOUCH = ("seq", "kind", "record", "fields", "unit", "left_unit")


class PeeweeStore:
    """See `sync.store.Store`. `bulks` are the set-based steps by name; `database` defaults to the portal's own."""

    def __init__(self, bulks: Mapping[str, Bulk], database: peewee.Database | None = None) -> None:
        self.bulks = bulks
        self._own = database is None
        self.database: Any = database if database is not None else db.database
        self.sqlite = isinstance(getattr(self.database, "obj", self.database), peewee.SqliteDatabase)
        self.mark = "?" if self.sqlite else "%s"

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One writer at a time; durable when it ends, or when the transaction ends that it is called in."""
        if self.database.in_transaction():  # no savepoint: SQLite would keep each page of a month's list twice, in memory
            yield
            return
        if self._own:
            with db.write_transaction():
                yield
            return
        with self.database.atomic():
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads that see one moment of the register; writes nothing."""
        with self.database.atomic():
            if not self.sqlite:
                self.database.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield

    def run(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Executes SQL written with `?` for its parameters; returns the cursor."""
        return self.database.execute_sql(sql if self.sqlite else sql.replace("?", "%s"), tuple(params))

    def head(self) -> Head:
        """The newest journal entry."""
        row = self.run("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else (0, GENESIS)

    def answered(self, names: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
        """Of these (device, n): the journal bodies of those already answered."""
        by_device: dict[str, list[int]] = {}
        for device, n in names:
            by_device.setdefault(device, []).append(n)
        found = {}
        for device, numbers in by_device.items():
            for some in _chunks(sorted(set(numbers))):
                sql = f"SELECT n, body FROM journal WHERE device = ? AND n IN ({_marks(some)}) AND NOT reused"
                found.update({(device, n): body for n, body in self.run(sql, (device, *some)).fetchall()})
        return found

    def records(self, kind: str, ids: Iterable[str]) -> dict[str, Record]:
        """The records of a kind with these ids, by id."""
        return {record.id: record for record in self.where(kind, "id", ids)}

    def where(self, kind: str, field: str, values: Iterable[Any]) -> list[Record]:
        """The records of a kind with one of these values in a field."""
        table = TABLES[kind]
        columns = ", ".join(f'"{name}"' for name in ("id", "version", *table.columns))
        found = []
        for some in _chunks(sorted({table.encode(field, value) for value in values if value is not None})):
            sql = f'SELECT {columns} FROM "{kind}" WHERE "{field}" IN ({_marks(some)})'
            found += [Record(kind, row[0], row[1], table.decode(row[2:])) for row in self.run(sql, some).fetchall()]
        return found

    def append(self, entries: Sequence[Entry], reused: frozenset[int]) -> None:
        """Adds journal entries."""
        rows = [(*msgspec.structs.astuple(entry), entry.seq in reused) for entry in entries]
        self.insert("journal", (*_ENTRY, "reused"), rows)

    def write(self, writes: Sequence[tuple[int, Write]]) -> None:
        """Changes the register and notes each change for whoever pulls."""
        last: dict[tuple[str, str], tuple[int, Write, set[str], bool]] = {}
        touches = []
        for seq, write in writes:
            key = (write.kind, write.record)
            names, made = (last[key][2], last[key][3]) if key in last else (set[str](), False)
            last[key] = (seq, write, names | set(write.fields), made or write.create)
            if CATALOGUE[write.kind].pulled and (write.unit is not None or write.left is not None):
                whole = write.create or write.left is not None
                names_text = "" if whole else ",".join(sorted(write.fields))
                touches.append((seq, write.kind, write.record, names_text, write.unit, write.left))
        inserts: dict[str, list[dict[str, Any]]] = {}
        updates: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = {}
        for (kind, record), (seq, write, names, made) in last.items():
            table = TABLES[kind]
            if made:
                inserts.setdefault(kind, []).append({"id": record, "version": seq, **table.row(None, write.full)})
                continue
            row = {"version": seq, **table.row(dict.fromkeys(names), write.full)}
            updates.setdefault((kind, tuple(row)), []).append((*row.values(), record))
        for kind, rows in inserts.items():
            self.insert(kind, tuple(rows[0]), [tuple(row.values()) for row in rows])
        for (kind, columns), values in updates.items():
            self._update(TABLES[kind], columns, values)
        self.insert("touch", _TOUCH, touches)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Adds rows to a table, as one set."""
        if not rows:
            return
        names = ", ".join(f'"{name}"' for name in columns)
        cursor = self.database.cursor()
        if self.sqlite:
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({_marks(columns)})', rows)
            return
        from psycopg2.extras import execute_values  # noqa: PLC0415 - only with PostgreSQL

        execute_values(cursor, f'INSERT INTO "{table}" ({names}) VALUES %s', rows, page_size=1000)

    def _update(self, table: Table, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        cursor = self.database.cursor()
        if self.sqlite:
            assignments = ", ".join(f'"{name}" = ?' for name in columns)
            cursor.executemany(f'UPDATE "{table.name}" SET {assignments} WHERE id = ?', rows)
            return
        from psycopg2.extras import execute_values  # noqa: PLC0415 - only with PostgreSQL

        assignments = ", ".join(f'"{n}" = v."{n}"::{table.casts.get(n, "text")}' for n in columns)
        names = ", ".join(f'"{name}"' for name in (*columns, "key"))
        sql = f'UPDATE "{table.name}" t SET {assignments} FROM (VALUES %s) v ({names}) WHERE t.id = v.key'
        execute_values(cursor, sql, rows, page_size=1000)

    def bulk(self, name: str, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
        """A set-based step as entry `seq`."""
        return self.bulks[name](self, args, seq)

    def position(self) -> int:
        """The newest place in the order of changes."""
        return int(self.run("SELECT COALESCE(MAX(id), 0) FROM touch").fetchone()[0])

    def changes(self, since: int, limit: int, communes: frozenset[str] | None) -> Page:
        """What changed after the place `since` in these communes."""
        where = "id > ?"
        params: list[Any] = [since]
        if communes is not None:
            codes = sorted(communes) or [""]
            marks = _marks(codes)
            where += f" AND (unit IN ({marks}) OR left_unit IN ({marks}))"
            params += codes + codes
        sql = f"SELECT id, kind, record, fields, unit FROM touch WHERE {where} ORDER BY id LIMIT ?"
        rows = self.run(sql, (*params, limit + 1)).fetchall()
        more, rows = len(rows) > limit, rows[:limit]
        names: dict[tuple[str, str], frozenset[str] | None] = {}
        units: dict[tuple[str, str], str | None] = {}
        for _, kind, record, fields, unit in rows:
            key = (kind, record)
            before = names.get(key, frozenset())
            names[key] = None if not fields or before is None else before | frozenset(fields.split(","))
            units[key] = unit
        inside = [k for k in names if units[k] is not None and (communes is None or units[k] in communes)]
        gone = [key for key in names if key not in set(inside)]
        changed = [(kind, record, names[kind, record]) for kind, record in inside]
        upto = rows[-1][0] if rows else since
        return Page(changed=changed, gone=gone, upto=upto, more=more)

    def whole(
        self, communes: frozenset[str] | None, after: tuple[str, str], limit: int, window: Mapping[str, str]
    ) -> list[tuple[str, str]]:
        """The (kind, id) of every record devices may receive in these communes, in order, after that one."""
        found: list[tuple[str, str]] = []
        for kind in PULLED[PULLED.index(after[0]) if after[0] else 0 :]:
            if len(found) >= limit:
                break
            described = CATALOGUE[kind]
            where, params = ["id > ?"], [after[1] if kind == after[0] else ""]
            if communes is not None:
                codes = sorted(communes) or [""]
                where.append(f'"{described.scope}" IN ({_marks(codes)})')
                params += codes
            if described.gate:
                where.append(described.gate)
            if kind in window:
                where.append(f'("{described.window}" IS NULL OR "{described.window}" >= ?)')
                params.append(window[kind])
            sql = f'SELECT id FROM "{kind}" WHERE {" AND ".join(where)} ORDER BY id LIMIT ?'
            found += [(kind, i) for (i,) in self.run(sql, (*params, limit - len(found))).fetchall()]
        return found


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _chunks(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _IN_AT_ONCE):
        yield values[start : start + _IN_AT_ONCE]
