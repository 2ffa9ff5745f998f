"""The one door: reads a batch's records as a set, decides edit by edit, writes as a set, one durable commit.

One bad edit never takes its neighbours along: it is refused, with its reason, and stands in the journal like the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from sync import journal
from sync.desk import Desk, Shelf
from sync.edit import Actor, Edit, Entry, Reason, Refused, Result
from sync.kinds import CATALOGUE, RULES
from sync.store import Law, Store
from sync.values import ValueProblem


class Unreadable(msgspec.Struct, frozen=True):
    """An edit that could be named (it has an `n`) but not read; kept as it came."""

    n: int
    raw: Any
    of: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """What became of a batch: one result per edit, in order, and the number of the newest journal entry."""

    results: list[Result]
    head: int


def receive(edits: Sequence[Edit | Unreadable], store: Store, actor: Actor, now: str, law: Law) -> Answer:
    """Takes a batch in. All its answers become durable together, before this returns (guarantee G2).

    `now` is the server's time (UTC, RFC 3339), recorded with every entry.
    """
    with store.transaction():
        seq, previous = store.head()
        shelf = Shelf(store, CATALOGUE)
        known = store.answered([(edit.of or actor.device, edit.n) for edit in edits])
        _fetch(edits, shelf)
        entries: list[Entry] = []
        reused: set[int] = set()
        results: list[Result] = []
        for edit in edits:
            device = edit.of or actor.device
            first = known.get((device, edit.n))
            if first is not None and _same(first, edit):
                results.append(_repeated(first))
                continue
            seq += 1
            desk = Desk(shelf, actor, edit, now, law, seq) if isinstance(edit, Edit) else None
            result = _reused(edit, seq, reused) if first is not None else _decide(edit, desk, seq)
            body = _body(edit, actor, result, desk)
            item = journal.entry(
                previous,
                seq,
                at=now,
                device=device,
                n=edit.n,
                account=actor.account,
                kind=edit.kind if isinstance(edit, Edit) else "",
                record=edit.record if isinstance(edit, Edit) else "",
                body=body,
            )
            entries.append(item)
            previous = item.hash
            known.setdefault((device, edit.n), body)
            if desk is not None:
                shelf.pending.extend((seq, write) for write in desk.writes.values())
            results.append(result)
        store.append(entries, frozenset(reused))
        shelf.flush()
    return Answer(results, seq)


def _fetch(edits: Sequence[Edit | Unreadable], shelf: Shelf) -> None:
    wanted: dict[str, set[str]] = {}
    for edit in edits:
        if isinstance(edit, Edit) and edit.kind in CATALOGUE:
            wanted.setdefault(edit.kind, set()).add(edit.record)
    for kind, ids in sorted(wanted.items()):
        shelf.fetch(kind, ids)
        RULES[kind].gather(shelf, ids)


def _same(body: str, edit: Edit | Unreadable) -> bool:
    first = msgspec.json.decode(body)["edit"]
    return bool(journal.canonical(first) == journal.canonical(_as_sent(edit)))


def _as_sent(edit: Edit | Unreadable) -> Any:
    return edit if isinstance(edit, Edit) else edit.raw


def _repeated(body: str) -> Result:
    first = msgspec.convert(msgspec.json.decode(body)["result"], Result)
    return Result(n=first.n, status="duplicate", version=first.version, fields=first.fields, reason=first.reason)


def _reused(edit: Edit | Unreadable, seq: int, reused: set[int]) -> Result:
    reused.add(seq)
    return Result(n=edit.n, status="refused", version=seq, reason=Reason(code="reused"))


def _decide(edit: Edit | Unreadable, desk: Desk | None, seq: int) -> Result:
    if desk is None or isinstance(edit, Unreadable):
        return Result(n=edit.n, status="refused", version=seq, reason=Reason(code="malformed"))
    try:
        return Result(n=edit.n, status="accepted", version=seq, fields=_dispatch(edit, desk))
    except Refused as refused:
        desk.undo()
        return Result(n=edit.n, status="refused", version=seq, reason=refused.reason)


def _dispatch(edit: Edit, desk: Desk) -> dict[str, Any]:
    kind = CATALOGUE.get(edit.kind)
    if kind is None:
        raise Refused("unknown_kind")
    rules = RULES[edit.kind]
    pairs: dict[str, tuple[Any, Any]] = {}
    for name, (seen, wanted) in edit.set.items():
        described = kind.fields.get(name)
        if described is None or desk.actor.role in described.hidden_from:
            raise Refused("unknown_field", field=name)
        try:
            pairs[name] = (_lenient(described.read, seen), described.read(wanted))
        except ValueProblem as problem:
            raise Refused("invalid_value", field=name, detail=problem.code) from problem
    record = desk.get(edit.kind, edit.record)
    if edit.op == "create":
        if record is not None:
            raise Refused("invalid_value", detail="exists")
        if desk.actor.role not in kind.create:
            raise Refused("forbidden")
        return rules.create(desk, {name: wanted for name, (_, wanted) in pairs.items()})
    if record is None:
        raise Refused("unknown_record")
    if not pairs:
        raise Refused("malformed", detail="nothing_set")
    return rules.alter(desk, record, pairs)


def _lenient(read: Any, seen: Any) -> Any:
    """The value seen was given out by the server; one that today's bounds refuse is compared as it is."""
    try:
        return read(seen)
    except ValueProblem:
        return seen


def _body(edit: Edit | Unreadable, actor: Actor, result: Result, desk: Desk | None) -> str:
    body: dict[str, Any] = {
        "edit": _as_sent(edit),
        "role": actor.role,
        "unit": actor.unit,
        "result": result,
    }
    if actor.device and edit.of:
        body["by"] = actor.device
    if desk is not None and desk.bulks:
        body["bulk"] = desk.bulks
    if desk is not None and desk.writes:
        body["writes"] = [
            [write.kind, write.record, write.create, {k: v for k, v in write.fields.items() if v is not None or not write.create}]
            for write in desk.writes.values()
        ]
    return journal.canonical(body)
