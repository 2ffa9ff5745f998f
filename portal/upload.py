"""A file that somebody handed in: kept while it is looked at, confirmed once, then taken in edit by edit through the door.

What is confirmed is a frozen list of edits. Each has its place in it for a number and the upload for a device (`upload:<id>`), so that
handing one in again is the same edit (guarantee G3): a browser that is closed, an answer that is lost, a server that is killed leave
the rest to be carried on with. Names and values are kept no longer than the file needs them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from portal import door
from portal.clock import utc_text
from portal.db import write_transaction
from portal.home import Waiting
from portal.language import mark
from portal.models.account import Account
from portal.models.upload import Upload, UploadBatch, UploadColumns
from sync.edit import Actor, Edit, Outcome, Reason, Result
from sync.ids import uuid7
from sync.structs import looked_up

BATCH = 200
"""How many edits are handed in at once."""
KEPT = {"open": timedelta(days=7), "running": timedelta(days=60)}
"""For how long a file that is not finished is kept."""
OUTCOMES = ("refused", "conflict", "proposed", "applied", "unchanged")
"""What may have become of an edit, what needs somebody first."""


class File(Struct, frozen=True):
    """A file handed in. `content` is b"" once it is finished or given up; `answers` is what its sender said of it so far."""

    id: str
    account: str
    kind: str
    commune: str
    name: str
    digest: str
    state: str
    made_at: str
    total: int
    answers: Mapping[str, Any]
    content: bytes = b""


class Item(Struct, frozen=True):
    """One edit of the list to confirm: where it stands in the file ("sheet!row"), what it is of, what it sets and wants.

    `record` has to be the same whenever the same file is looked at; `pairs` is field → (value seen, value wanted).
    """

    place: str
    kind: str
    record: str
    pairs: Mapping[str, tuple[Any, Any]]
    create: bool = False
    why: str = ""


class Answered(Struct, frozen=True):
    """What became of one edit. `outcome` is one of OUTCOMES; `fields` field → outcome; `reason` where it was refused."""

    place: str
    kind: str
    record: str
    outcome: str
    fields: Mapping[str, Outcome] = {}
    reason: Reason | None = None


class Progress(Struct, frozen=True):
    """How far a file is: edits answered of all, how many of each outcome, and those that were not simply written, in the file's order."""

    done: int
    total: int
    counts: Mapping[str, int]
    rest: tuple[Answered, ...]

    @property
    def is_finished(self) -> bool:
        """Whether every edit has its answer."""
        return self.done >= self.total


def add(account: Account, kind: str, commune: str, name: str, content: bytes, now: datetime) -> str:
    """Keeps a file to be looked at; the id of its upload. The same file that is still being looked at is that one."""
    _forget_old(now)
    digest = hashlib.sha256(content).hexdigest()
    mine = (Upload.account == account.name) & (Upload.unit == account.unit)
    same = Upload.get_or_none(mine, Upload.digest == digest, Upload.state == "open")
    if same is not None:
        return str(same.id)
    found = uuid7()
    fixed = {"account": account.name, "unit": account.unit, "kind": kind, "commune": commune, "name": name[-200:], "digest": digest}
    Upload.insert(id=found, **fixed, content=content, state="open", made_at=utc_text(now), answers="{}", shown="", total=0).execute()
    return found


def find(account: Account, upload: str) -> File | None:
    """One of the account's own files, with its content; None for anybody else's, and for one of a unit it has left."""
    row = Upload.get_or_none(Upload.id == upload, Upload.account == account.name, Upload.unit == account.unit)
    return _file(row) if row is not None else None


def begun(account: Account, content: bytes) -> str | None:
    """The id of the account's upload of this very file whose taking in was begun and not finished, or None."""
    digest = hashlib.sha256(content).hexdigest()
    row = Upload.get_or_none(Upload.account == account.name, Upload.unit == account.unit, Upload.digest == digest, Upload.state == "running")
    return str(row.id) if row is not None else None


def own(account: Account, limit: int = 50) -> list[File]:
    """The account's files, newest first, without their content."""
    columns = [getattr(Upload, name) for name in _BARE]
    mine = (Upload.account == account.name) & (Upload.unit == account.unit) & (Upload.state != "dropped")
    return [_file(row) for row in Upload.select(*columns).where(mine).order_by(Upload.made_at.desc(), Upload.id.desc()).limit(limit)]


def waiting(account: Account, _now: datetime) -> list[Waiting]:
    """Files whose taking in was begun and not finished."""
    query = Upload.select().where(Upload.account == account.name, Upload.unit == account.unit, Upload.state == "running")
    return [Waiting(mark("Tệp đang ghi dở"), query.count(), "upload.index")]


def answer(upload: str, answers: Mapping[str, Any]) -> None:
    """Notes what the sender says of a file that is being looked at."""
    Upload.update(answers=json.dumps(dict(answers), ensure_ascii=False)).where(Upload.id == upload, Upload.state == "open").execute()


def plan_digest(items: Iterable[Item]) -> str:
    """SHA-256 (hex) of what would be handed in: what somebody was shown, and says yes to."""
    return hashlib.sha256(msgspec.json.encode(list(items), order="deterministic")).hexdigest()


def freeze(upload: str, items: Sequence[Item], now: datetime) -> bool:
    """Makes these the edits of the file, for good. False where it was confirmed before, or the same file is being taken in already."""
    edits = [
        (each.place, Edit(n=n, kind=each.kind, record=each.record, op="create" if each.create else "set", set=dict(each.pairs), at=utc_text(now), why=each.why or None))
        for n, each in enumerate(items, 1)
    ]
    with write_transaction():
        row = Upload.get_or_none(Upload.id == upload, Upload.state == "open")
        if row is None or Upload.select().where(Upload.unit == row.unit, Upload.digest == row.digest, Upload.state == "running").exists():
            return False
        for number, start in enumerate(range(0, len(edits), BATCH), 1):
            some = edits[start : start + BATCH]
            UploadBatch.insert(
                id=f"{upload}/{number}", upload=upload, number=number, size=len(some), edits=msgspec.json.encode(some).decode(), results=None
            ).execute()
        Upload.update(state="running", total=len(edits), shown=plan_digest(items), content=None).where(Upload.id == upload).execute()
        if not edits:
            _finish(upload, "done")
    return True


def carry_on(upload: str, actor: Actor, now: datetime) -> None:
    """Hands in the next edits of a confirmed file, at most BATCH; nothing where all are answered or it was given up."""
    by = msgspec.structs.replace(actor, device=f"upload:{upload}")
    with write_transaction():
        if not Upload.select().where(Upload.id == upload, Upload.state == "running").exists():
            return
        wanted = UploadBatch.select().where(UploadBatch.upload == upload, UploadBatch.results.is_null())
        some = list(wanted.order_by(UploadBatch.number).limit(_AND_MORE))
        if some:
            placed = msgspec.json.decode(some[0].edits or "[]", type=list[tuple[str, Edit]])
            results = door.submit([edit for _, edit in placed], by, now).results
            told = [_answered(place, edit, result) for (place, edit), result in zip(placed, results, strict=True)]
            UploadBatch.update(results=msgspec.json.encode(told).decode()).where(UploadBatch.id == some[0].id).execute()
        if len(some) < _AND_MORE:
            _finish(upload, "done")


looked_up(list[tuple[str, Edit]], list[Answered])


def progress(upload: str) -> Progress:
    """How far a confirmed file is, from what the door has answered."""
    rows = UploadBatch.select(UploadBatch.size, UploadBatch.results).where(UploadBatch.upload == upload).order_by(UploadBatch.number)
    told: list[Answered] = []
    total = 0
    for row in rows:
        total += row.size
        told += msgspec.json.decode(row.results, type=list[Answered]) if row.results else []
    counts = Counter(each.outcome for each in told)
    rest = tuple(each for each in told if each.outcome not in ("applied", "unchanged"))
    return Progress(len(told), total, {name: counts[name] for name in OUTCOMES if counts[name]}, rest)


def drop(upload: str) -> None:
    """Gives a file up: what was not handed in yet never will be."""
    with write_transaction():
        if Upload.select().where(Upload.id == upload, Upload.state.in_(list(KEPT))).exists():
            _finish(upload, "dropped")


def columns(unit: str) -> dict[str, dict[str, int]]:
    """What a unit has said of the columns under each heading it sends: layout → column name → index from 0."""
    rows = UploadColumns.select().where(UploadColumns.key.startswith(f"{unit}/"))
    return {row.key.removeprefix(f"{unit}/"): json.loads(row.columns) for row in rows}


def remember_columns(unit: str, layout: str, chosen: Mapping[str, int], now: datetime) -> None:
    """Keeps what a unit said of the columns under a heading, for its next file of that layout."""
    values = {"columns": json.dumps(dict(chosen), sort_keys=True), "at": utc_text(now)}
    with write_transaction():
        if not UploadColumns.update(**values).where(UploadColumns.key == f"{unit}/{layout}").execute():
            UploadColumns.insert(key=f"{unit}/{layout}", **values).execute()


_AND_MORE = 2
_BARE = ("id", "account", "kind", "commune", "name", "digest", "state", "made_at", "total", "answers")


def _file(row: Any) -> File:
    values = {name: getattr(row, name) for name in _BARE}
    return File(**{**values, "total": int(row.total), "answers": json.loads(row.answers)}, content=bytes(row.content or b""))


def _answered(place: str, edit: Edit, result: Result) -> Answered:
    said = set(result.fields.values()) if result.reason is None else {"refused"}
    outcome = next((each for each in OUTCOMES if each in said), "unchanged")
    return Answered(place, edit.kind, edit.record, outcome, result.fields, result.reason)


def _finish(upload: str, state: str) -> None:
    """Nothing of it is kept but where each edit stood and what became of it."""
    Upload.update(state=state, content=None, answers="{}").where(Upload.id == upload).execute()
    UploadBatch.update(edits=None).where(UploadBatch.upload == upload).execute()


def _forget_old(now: datetime) -> None:
    for state, kept in KEPT.items():
        for row in list(Upload.select(Upload.id).where(Upload.state == state, Upload.made_at < utc_text(now - kept))):
            drop(str(row.id))
