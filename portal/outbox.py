"""What became of the edits somebody handed in: of each field the outcome, who decides, what was decided and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from portal import history
from portal.clock import utc_text
from portal.models.account import Account
from portal.models.change import Change
from portal.models.conflict import Conflict
from portal.models.journal import Journal
from sync.edit import Reason
from sync.fields import Field
from sync.kinds import CATALOGUE
from sync.kinds.change import UNDECIDED

PAGE = 50
_AT_ONCE = 200
_OTHERWISE = frozenset({"current", "other", "same", "once", "twice"})
_UNTOLD = frozenset({"json", "uuid", "list", "int"})
_LONGEST = timedelta(days=60)
"""For so long something that was not taken as it was meant stands under what needs attention."""


class Followed(Struct, frozen=True):
    """What waits, or was decided, because of an edit: a conflict or a change.

    `state`: open or resolved; proposed, returned, approved, rejected or withdrawn. `deciders` are roles while nobody has decided;
    `answer` is the choice of a conflict, `text` the question or the reason that came with a decision; `otherwise`: somebody
    else asked back, or decided otherwise than the author meant.
    """

    kind: str
    id: str
    state: str
    deciders: tuple[str, ...]
    by: str
    at: str
    answer: str
    text: str
    otherwise: bool


class Sent(Struct, frozen=True):
    """One edit of the account's own: how it reads, its outcomes by field, and what came of those that wait.

    `asked` are field → value wanted, of fields that mean something to a reader. `reason` is there where it was refused; `needs_me`:
    its author has something to do or to know. Of a record that is none of the author's, the entry tells nothing.
    """

    entry: history.Entry
    outcomes: tuple[tuple[str, str], ...]
    asked: tuple[tuple[Field, Any], ...]
    reason: Reason | None
    followed: tuple[Followed, ...]
    needs_me: bool


class Page(Struct, frozen=True):
    """A page of what was sent, newest first; `before` is the number to page on by, 0 where it begins."""

    sent: list[Sent]
    before: int


def page(account: Account, now: datetime, *, before: int = 0, attention: bool = False) -> Page:
    """What an account has sent, newest first, below the journal's number `before` (0: from the end).

    With `attention` only what needs its author, of the last 60 days.
    """
    since = utc_text(now - _LONGEST) if attention else ""
    found: list[Sent] = []
    while True:
        size = _AT_ONCE if attention else PAGE
        rows = _rows(account.name, before, since, size + 1)
        some, more = rows[:size], len(rows) > size
        for sent in _sent(some, account):
            if attention and not sent.needs_me:
                continue
            if len(found) == PAGE:
                return Page(found, found[-1].entry.seq)
            found.append(sent)
        if not more:
            return Page(found, 0)
        before = int(some[-1]["seq"])
        if len(found) == PAGE or not attention:
            return Page(found, before)


def needing(account: Account, now: datetime) -> int:
    """How many of an account's edits need it; no more than a page of them are counted."""
    return len(page(account, now, attention=True).sent)


def _rows(account: str, before: int, since: str, limit: int) -> list[dict[str, Any]]:
    wanted = [Journal.account == account, *([Journal.seq < before] if before else []), *([Journal.at >= since] if since else [])]
    columns = (Journal.seq, Journal.body)
    query: Any = Journal.select(*columns)
    return list(query.where(*wanted).order_by(Journal.seq.desc()).limit(limit).dicts())


def _sent(rows: list[dict[str, Any]], account: Account) -> Iterable[Sent]:
    if not rows:
        return
    bodies = {int(row["seq"]): json.loads(row["body"]) for row in rows}
    told = {entry.seq: entry for entry in history.entries(bodies, account.role)}
    follows = _followed({id_ for body in bodies.values() for _, id_ in _opened(body)})
    for seq, body in bodies.items():
        result = body["result"]
        followed = tuple(follows[id_] for _, id_ in _opened(body) if id_ in follows)
        given = result.get("reason")
        outcomes = tuple(result.get("fields", {}).items())
        yield Sent(
            entry=replace(told[seq], about=history.About()) if given and given["code"] == "unknown_record" else told[seq],
            asked=tuple(_asked(body["edit"], account.role)),
            outcomes=outcomes,
            reason=Reason(**{name: given.get(name, "") for name in ("code", "field", "detail")}) if given else None,
            followed=followed,
            needs_me=bool(given) or any(each.otherwise for each in followed),
        )


def _opened(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Conflicts and changes that an edit opened or amended because it could not be applied as it was."""
    edit, result = body["edit"], body["result"]
    outcomes = set(result.get("fields", {}).values())
    kinds = {"conflict": "conflict", "change": "proposed"}
    found = [(kind, record) for kind, record, *_ in body.get("writes", ()) if kind in kinds and {kinds[kind], "conflict"} & outcomes]
    is_exception = not outcomes & {"conflict", "proposed"} and "mark" in result.get("fields", {})
    if is_exception:
        found = [(kind, record) for kind, record, created, _ in body.get("writes", ()) if kind == "conflict" and created]
    if isinstance(edit, dict) and edit.get("kind") == "change" and edit.get("op") == "create" and outcomes:
        found.append(("change", str(edit["record"])))
    return list(dict.fromkeys(found))


def _followed(ids: set[str]) -> dict[str, Followed]:
    found: dict[str, Followed] = {}
    conflicts: Any = Conflict.select().where(Conflict.id.in_(sorted(ids)))
    changes: Any = Change.select().where(Change.id.in_(sorted(ids)))
    rows = [*conflicts, *changes] if ids else []
    people = _names({row.resolved_by if isinstance(row, Conflict) else row.decided_by for row in rows} - {None})
    for row in rows:
        if isinstance(row, Conflict):
            answer = json.loads(str(row.resolution)) if row.resolution else {}
            found[row.id] = Followed(
                "conflict",
                row.id,
                str(row.state),
                tuple(json.loads(str(row.deciders or "[]"))) if row.state == "open" else (),
                people.get(str(row.resolved_by), str(row.resolved_by or "")),
                str(row.resolved_at or ""),
                str(answer.get("choice", "")),
                str(answer.get("note", "")),
                row.resolved_by != row.author and answer.get("choice") in _OTHERWISE,
            )
            continue
        decision = json.loads(str(row.decision)) if row.decision else {}
        found[row.id] = Followed(
            "change",
            row.id,
            str(row.state),
            tuple(json.loads(str(row.deciders or "[]"))) if row.state in UNDECIDED else (),
            people.get(str(row.decided_by), str(row.decided_by or "")),
            str(row.decided_at or ""),
            "",
            str(row.question or decision.get("reason") or ""),
            row.state in ("returned", "rejected"),
        )
    return found


def _names(accounts: set[Any]) -> dict[str, str]:
    rows: Any = Account.select(Account.name, Account.full_name).where(Account.name.in_(sorted(accounts))).tuples()
    return dict(rows)


def _asked(edit: Any, role: str) -> Iterable[tuple[Field, Any]]:
    """The fields an edit named and what it wanted of each; those of its kind that the role may see and that read as a value."""
    kind = CATALOGUE.get(str(edit.get("kind"))) if isinstance(edit, dict) else None
    given = edit.get("set") if kind is not None else None
    if kind is None or not isinstance(given, dict):
        return
    for name, pair in given.items():
        field = kind.fields.get(name)
        readable = field is not None and role not in field.hidden_from and field.type not in _UNTOLD
        if field is not None and readable and isinstance(pair, list) and len(pair) == len(("seen", "wanted")):
            yield field, pair[1]
