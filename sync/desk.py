"""The desk at which one edit is dealt with: the records at hand, what it writes, and how it is undone when refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sync.edit import Actor, Edit, Record, Refused, Write
from sync.fields import Kind
from sync.store import Law, Store


class Shelf:
    """Records already fetched in this batch, with what its earlier edits made of them."""

    def __init__(self, store: Store, catalogue: Mapping[str, Kind]) -> None:
        self.store = store
        self.catalogue = catalogue
        self.pending: list[tuple[int, Write]] = []
        self._records: dict[str, dict[str, Record | None]] = {}
        self._gathered: set[tuple[str, str, Any]] = set()

    def fetch(self, kind: str, ids: Iterable[str]) -> None:
        """Reads the records of a kind that are not on the shelf yet, all at once."""
        kept = self._records.setdefault(kind, {})
        missing = [i for i in ids if i not in kept]
        if missing:
            kept.update(dict.fromkeys(missing))
            kept.update(self.store.records(kind, missing))

    def gather(self, kind: str, field: str, values: Iterable[Any]) -> None:
        """Reads every record of a kind with one of these values in a field, all at once."""
        missing = [v for v in values if (kind, field, v) not in self._gathered]
        if missing:
            kept = self._records.setdefault(kind, {})
            for record in self.store.where(kind, field, missing):
                kept.setdefault(record.id, record)
            self._gathered.update((kind, field, v) for v in missing)

    def get(self, kind: str, record_id: str) -> Record | None:
        """One record, or None."""
        self.fetch(kind, (record_id,))
        return self._records[kind][record_id]

    def put(self, kind: str, record_id: str, record: Record | None) -> None:
        """Keeps a record, or the absence of one."""
        self._records.setdefault(kind, {})[record_id] = record

    def where(self, kind: str, equals: Mapping[str, Any]) -> list[Record]:
        """The records whose fields equal these values, as the batch has left them so far; by id."""
        if not any((kind, name, value) in self._gathered for name, value in equals.items()):
            name, value = next(iter(equals.items()))
            self.gather(kind, name, (value,))
        found = [record for record in self._records.get(kind, {}).values() if record is not None]
        for name, value in equals.items():
            found = [record for record in found if record.fields[name] == value]
        return sorted(found, key=lambda record: record.id) if len(found) > 1 else found

    def flush(self) -> None:
        """Hands what the batch has written so far to the store."""
        if self.pending:
            self.store.write(self.pending)
            self.pending = []

    def forget(self) -> None:
        """Drops every record: a set-based step has changed the register underneath."""
        self._records.clear()
        self._gathered.clear()


class Desk:
    """One edit being dealt with: rules read through it and write through it."""

    def __init__(self, shelf: Shelf, actor: Actor, edit: Edit, now: str, law: Law, seq: int) -> None:
        self.shelf = shelf
        self.actor = actor
        self.edit = edit
        self.now = now
        self.law = law
        self.seq = seq
        self.writes: dict[tuple[str, str], Write] = {}
        self.bulks: list[dict[str, Any]] = []
        self._undo: list[tuple[Record, int, dict[str, Any]]] = []
        self._created: list[tuple[str, str]] = []

    def get(self, kind: str, record_id: str | None) -> Record | None:
        """One record, or None."""
        return self.shelf.get(kind, record_id) if record_id else None

    def where(self, kind: str, **equals: Any) -> list[Record]:
        """The records of a kind whose fields equal these values."""
        return self.shelf.where(kind, equals)

    def create(self, kind: str, record_id: str, values: dict[str, Any]) -> Record:
        """A new record. Raises `Refused` where a value that may stand once only is there already."""
        described = self.shelf.catalogue[kind]
        record = Record(kind, record_id, self.seq, {**described.blank(), **values})
        for group in described.unique:
            key = {name: record.fields[name] for name in group}
            if None not in key.values() and self.shelf.where(kind, key):
                raise Refused("invalid_value", field=group[-1], detail="taken")
        self.shelf.put(kind, record_id, record)
        self._created.append((kind, record_id))
        self._note(described, record, dict(record.fields), created=True)
        return record

    def write(self, record: Record, **values: Any) -> None:
        """Changes fields of a record; what already stands so is left out."""
        changed = {k: v for k, v in values.items() if record.fields.get(k) != v}
        if not changed:
            return
        described = self.shelf.catalogue[record.kind]
        before = record.fields
        self._undo.append((record, record.version, before))
        record.fields = {**before, **changed}
        record.version = self.seq
        self.shelf.put(record.kind, record.id, record)
        self._note(described, record, changed, created=False, before=before)

    def _note(
        self,
        described: Kind,
        record: Record,
        changed: dict[str, Any],
        *,
        created: bool,
        before: dict[str, Any] | None = None,
    ) -> None:
        key = (record.kind, record.id)
        earlier = self.writes.get(key)
        open_ = described.gate is None or record.fields[described.gate]
        unit = record.fields[described.scope] if described.scope and open_ else None
        left = earlier.left if earlier else None
        if before is not None and described.scope and before[described.scope] != unit and left is None:
            left = before[described.scope]
        self.writes[key] = Write(
            kind=record.kind,
            record=record.id,
            fields={**earlier.fields, **changed} if earlier else changed,
            create=created or (earlier is not None and earlier.create),
            unit=unit,
            left=left,
            full=record.fields,
        )

    def bulk(self, name: str, **args: Any) -> dict[str, Any]:
        """A set-based step, before anything else the edit writes; returns its figures. May raise `Refused`."""
        if self.writes:
            raise AssertionError("a set-based step comes before the edit's own writes")
        self.shelf.flush()
        figures = self.shelf.store.bulk(name, args, self.seq)
        self.bulks.append({"name": name, "args": args, "figures": figures})
        self.shelf.forget()
        return figures

    def undo(self) -> None:
        """Takes back what the edit changed on the shelf."""
        for record, version, before in reversed(self._undo):
            record.version = version
            record.fields = before
        for key in self._created:
            self.shelf.put(*key, None)
        self.writes = {}
