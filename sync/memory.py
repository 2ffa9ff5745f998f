"""A store in memory: the reference the database stores are held against, and what simulations run on."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sync.edit import Entry, Record, Write
from sync.journal import GENESIS
from sync.kinds import CATALOGUE, PULLED
from sync.store import Head, Page

Bulk = Callable[["MemoryStore", Mapping[str, Any], int], dict[str, Any]]


class MemoryStore:
    """See `sync.store.Store`. Not for more than one thread."""

    def __init__(self, bulks: Mapping[str, Bulk] | None = None) -> None:
        self.bulks = bulks or {}
        self.register: dict[tuple[str, str], Record] = {}
        self.journal: list[Entry] = []
        self.reused: set[int] = set()
        self.touches: list[tuple[str, str, frozenset[str] | None, str | None, str | None]] = []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Restores everything when it raises."""
        kept = (copy.deepcopy(self.register), list(self.journal), set(self.reused), list(self.touches))
        try:
            yield
        except BaseException:
            self.register, self.journal, self.reused, self.touches = kept
            raise

    def head(self) -> Head:
        """The newest journal entry."""
        return (self.journal[-1].seq, self.journal[-1].hash) if self.journal else (0, GENESIS)

    def answered(self, names: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
        """Of these (device, n): the journal bodies of those already answered."""
        wanted = set(names)
        return {(e.device, e.n): e.body for e in self.journal if (e.device, e.n) in wanted and e.seq not in self.reused}

    def records(self, kind: str, ids: Iterable[str]) -> dict[str, Record]:
        """The records of a kind with these ids, by id."""
        return {i: _copy(self.register[kind, i]) for i in ids if (kind, i) in self.register}

    def where(self, kind: str, field: str, values: Iterable[Any]) -> list[Record]:
        """The records of a kind with one of these values in a field."""
        wanted = [value for value in values if value is not None]
        return [_copy(r) for (k, _), r in self.register.items() if k == kind and r.fields[field] in wanted]

    def append(self, entries: Sequence[Entry], reused: frozenset[int]) -> None:
        """Adds journal entries."""
        self.journal.extend(entries)
        self.reused |= reused

    def write(self, writes: Sequence[tuple[int, Write]]) -> None:
        """Changes the register and notes each change for whoever pulls."""
        for seq, write in writes:
            before = self.register.get((write.kind, write.record))
            fields = {**(before.fields if before else CATALOGUE[write.kind].blank()), **copy.deepcopy(write.fields)}
            self.register[write.kind, write.record] = Record(write.kind, write.record, seq, fields)
            if CATALOGUE[write.kind].pulled and (write.unit is not None or write.left is not None):
                whole = write.create or write.left is not None
                names = None if whole else frozenset(write.fields)
                self.touches.append((write.kind, write.record, names, write.unit, write.left))

    def bulk(self, name: str, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
        """A set-based step as entry `seq`."""
        return self.bulks[name](self, args, seq)

    def position(self) -> int:
        """The newest place in the order of changes."""
        return len(self.touches)

    def changes(self, since: int, limit: int, communes: frozenset[str] | None) -> Page:
        """What changed after the place `since` in these communes."""
        names: dict[tuple[str, str], frozenset[str] | None] = {}
        units: dict[tuple[str, str], str | None] = {}
        upto, taken, more = since, 0, False
        for place, (kind, record, fields, unit, left) in enumerate(self.touches[since:], since + 1):
            if communes is not None and not communes & {unit, left}:
                continue
            if taken == limit:
                more = True
                break
            taken, upto = taken + 1, place
            before = names.get((kind, record), frozenset())
            names[kind, record] = None if fields is None or before is None else before | fields
            units[kind, record] = unit
        inside = [k for k in names if units[k] is not None and (communes is None or units[k] in communes)]
        return Page(
            changed=[(*key, names[key]) for key in inside],
            gone=[key for key in names if key not in set(inside)],
            upto=upto,
            more=more,
        )

    def whole(
        self, communes: frozenset[str] | None, after: tuple[str, str], limit: int, window: Mapping[str, str]
    ) -> list[tuple[str, str]]:
        """The (kind, id) of every record devices may receive in these communes, in order, after that one."""
        found = sorted(
            (PULLED.index(kind), id_)
            for (kind, id_), record in self.register.items()
            if _receivable(record, window) and (communes is None or _unit(record) in communes)
        )
        start = (PULLED.index(after[0]), after[1]) if after[0] else (-1, "")
        return [(PULLED[place], id_) for place, id_ in found if (place, id_) > start][:limit]


def _copy(record: Record) -> Record:
    return Record(record.kind, record.id, record.version, copy.deepcopy(record.fields))


def _receivable(record: Record, window: Mapping[str, str]) -> bool:
    described = CATALOGUE[record.kind]
    if not described.pulled or (described.gate and not record.fields[described.gate]):
        return False
    value = record.fields.get(described.window or "")
    return not value or record.kind not in window or value >= window[record.kind]


def _unit(record: Record) -> Any:
    scope = CATALOGUE[record.kind].scope
    return record.fields[scope] if scope else None
