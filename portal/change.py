"""Changes: proposing one, deciding it on what was shown, asking back and answering, and what became of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from peewee import fn

from portal import change_record, clock, door, procedure, proposal, unit
from portal.home import Waiting
from portal.language import mark
from portal.models.account import Account
from portal.models.change import Change
from portal.proposal import Draft
from sync.edit import Actor, Edit, Result
from sync.fields import POST
from sync.kinds import RULES
from sync.kinds.change import ENDING, UNDECIDED, shown_digest, waits_for_appraisal

PAGE = 50
VIEWS = ("waiting", "proposed", "returned", "approved", "rejected", "withdrawn", "all")
"""What the queue can be narrowed to; "waiting" is what nobody has decided."""


class Filter(Struct, frozen=True):
    """What a list of changes is narrowed to. `state` is one of VIEWS; "" elsewhere means everything."""

    state: str = "waiting"
    commune: str = ""
    type: str = ""
    mine: bool = False


class Row(Struct, frozen=True):
    """One change in a list. `digest` is there where this account may decide it: what it would decide on."""

    id: str
    type: str
    reason: str
    reason_label: str
    person_name: str
    commune: str
    effective: str
    event_date: str
    author: str
    at: str
    state: str
    question: str
    answer: str
    decided_by: str
    decided_at: str
    digest: str = ""


class Page(Struct, frozen=True):
    """One page of a list, newest first; `after` is the key of the next page, "" at the end."""

    rows: tuple[Row, ...]
    after: str = ""


class Approval(Struct, frozen=True):
    """A change to approve on what was shown of it (`digest`), with the decision's number and date.

    `arrears`: whether a right that is resumed brings its suspended months; None: as was proposed.
    """

    change: str
    digest: str
    number: str = ""
    day: str = ""
    arrears: bool | None = None


class Decided(Struct, frozen=True):
    """What became of one of several decisions: approved, moved (shown again), or refused with `detail`."""

    id: str
    outcome: str
    detail: str = ""


def propose(actor: Actor, now: datetime, record: str, draft: Draft, *, why: str | None = None) -> Result:
    """Hands a draft in as change `record`. What the law fills in is filled in as the preview of the same day shows it."""
    return propose_many(actor, now, [(record, draft)], why=why)[0]


def propose_many(actor: Actor, now: datetime, drafts: Sequence[tuple[str, Draft]], *, why: str | None = None) -> list[Result]:
    """Hands drafts in as these changes, one edit each, all in one submit."""
    edits = [
        Edit(n=n, kind="change", record=record, op="create", set=proposed(draft, now), at=clock.utc_text(now), why=why or None)
        for n, (record, draft) in enumerate(drafts, 1)
    ]
    return door.submit(edits, actor, now).results


def decide(
    actor: Actor,
    now: datetime,
    change: str,
    verdict: str,
    digest: str,
    *,
    reason: str = "",
    number: str = "",
    day: str = "",
    arrears: bool | None = None,
    n: int = 1,
) -> Result:
    """Decides one change on what was shown: `verdict` approve, return or reject; `day` is the decision's date "YYYY-MM-DD", `arrears` as in Approval.

    The outcome "conflict" of the field "decision" says that something moved since, or that another decided first.
    """
    return door.submit([_decision(now, change, verdict, digest, reason, number, day, n, arrears)], actor, now).results[0]


def approve_many(actor: Actor, now: datetime, chosen: Sequence[tuple[str, str]], *, number: str = "", day: str = "") -> list[Decided]:
    """Approves several (change, digest), each on what was shown of it; one that moved does not hold the others up."""
    return approve_each(actor, now, [Approval(change, digest, number, day) for change, digest in chosen])


def approve_each(actor: Actor, now: datetime, chosen: Sequence[Approval]) -> list[Decided]:
    """Approves several, each by a decision of its own; see `approve_many`."""
    edits = [_decision(now, each.change, "approve", each.digest, "", each.number, each.day, n, each.arrears) for n, each in enumerate(chosen, 1)]
    if not edits:
        return []
    found = []
    for each, result in zip(chosen, door.submit(edits, actor, now).results, strict=True):
        if result.reason is not None:
            found.append(Decided(each.change, "refused", result.reason.detail or result.reason.code))
        else:
            found.append(Decided(each.change, "moved" if result.fields.get("decision") == "conflict" else "approved"))
    return found


def appraise(actor: Actor, now: datetime, change: str, digest: str, note: str = "") -> Result:
    """Vouches for what was reported, on what was shown; "conflict" as in `decide`."""
    return door.submit_one(actor, now, "change", change, {"appraisal": ({"wanted": True}, {"digest": digest, "note": note})})


def withdraw(actor: Actor, now: datetime, change: str, seen_state: str) -> Result:
    """The author takes a proposal back that nobody has decided."""
    return door.submit_one(actor, now, "change", change, {"state": (seen_state, "withdrawn")})


def answer(actor: Actor, now: datetime, change: str, text: str, pairs: Mapping[str, tuple[Any, Any]]) -> list[Result]:
    """The author answers the question a proposal came back with, amends it where `pairs` says so, and sends it again."""
    amended = [("set", dict(pairs))] if pairs else []
    wanted = [*amended, ("set", {"state": ("returned", "proposed")})]
    at = clock.utc_text(now)
    edits = [
        Edit(n=n, kind="change", record=change, op="set", set=values, at=at, why=text or None) for n, (_, values) in enumerate(wanted, 1)
    ]
    return door.submit(edits, actor, now).results


def queue(actor: Actor, wanted: Filter, after: str = "", size: int = PAGE) -> Page:
    """Changes in the actor's area, newest first."""
    query = Change.select().where(*_conditions(actor, wanted)).order_by(Change.at.desc(), Change.id.desc()).limit(size + 1)
    if after:
        at, _, last = after.partition("~")
        query = query.where((Change.at < at) | ((Change.at == at) & (Change.id < last)))
    found = list(query)
    more = len(found) > size
    found = found[:size]
    names = change_record.person_names(found, actor.role)
    authors = change_record.account_names({name for row in found for name in (row.author, row.decided_by) if name})
    digests = _digests(actor, [row for row in found if may_decide(actor, row)])
    rows = tuple(_row(row, names[row.id], authors, digests.get(row.id, "")) for row in found)
    return Page(rows, f"{found[-1].at}~{found[-1].id}" if more else "")


def counts(actor: Actor) -> dict[str, int]:
    """How many changes of each state lie in the actor's area."""
    rows: Any = Change.select(Change.state, fn.COUNT(Change.id)).where(*_scope(actor)).group_by(Change.state).tuples()
    return dict(rows)


def may_decide(actor: Actor, row: Any) -> bool:
    """Whether the actor may decide this change now: never their own."""
    deciders = row.deciders if isinstance(row.deciders, list) else json.loads(row.deciders or "[]")
    waits = waits_for_appraisal(json.loads(row.appraisal or "{}"))
    return row.state in UNDECIDED and row.author != actor.account and actor.role in deciders and not waits


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """For whoever decides: changes to decide. For authors: questions to answer."""
    found = []
    if account.role in ("district_officer", "approver", "commune_officer"):
        communes = unit.communes_served_by(account.unit)
        waiting_ = (Change.state == "proposed") & Change.commune.in_(list(communes)) & (Change.author != account.name)
        reported = Change.appraisal.is_null(False) & Change.appraisal.contains('"wanted"')
        count = Change.select().where(waiting_, Change.deciders.contains(f'"{account.role}"'), ~reported).count()
        found.append(Waiting(mark("Đề nghị biến động chờ duyệt"), count, "change.index"))
        if account.role in procedure.of("decrease", clock.local_date(now).isoformat()).appraises:
            count = Change.select().where(waiting_, reported).count()
            found.append(Waiting(mark("Báo cáo của thôn chờ thẩm định"), count, "change.index"))
    asked = Change.select().where(Change.state == "returned", Change.author == account.name).count()
    found.append(Waiting(mark("Đề nghị bị trả lại, cần trả lời"), asked, "change.index"))
    return found


def proposed(draft: Draft, now: datetime) -> dict[str, tuple[Any, Any]]:
    """What the edit sets that hands a draft in: field → (None, value), with what the law fills in on this day."""
    effective, coefficient10 = proposal.filled_in(draft, now)
    values: dict[str, Any] = {
        "reason": draft.reason,
        "person": draft.person,
        "event_date": draft.event_date,
        "evidence": draft.evidence,
        "note": draft.note,
        "entitlement": draft.entitlement or None,
        "effective": effective,
    }
    if draft.reason == proposal.RESUME and draft.without_arrears:
        values["without_arrears"] = True
    if draft.type in ("increase", "adjustment") and draft.reason != proposal.RESUME:
        values |= {"category": draft.category, "coefficient10": coefficient10, "child_birth": draft.child_birth, "payee": draft.payee}
    if draft.type == "increase":
        values |= {"new_person": draft.new_person, "payment_method": draft.payment_method}
    if draft.target_set:
        kind, target = ("entitlement", draft.entitlement) if draft.entitlement else ("person", draft.person)
        values |= {"target_kind": kind, "target": target, "target_set": {name: list(pair) for name, pair in draft.target_set.items()}}
    return {name: (None, value) for name, value in values.items() if value not in (None, "")}


def _decision(now: datetime, change: str, verdict: str, digest: str, reason: str, number: str, day: str, n: int, arrears: bool | None = None) -> Edit:
    said = {"verdict": verdict, "digest": digest, "reason": reason, "number": number, "date": day}
    decision: dict[str, Any] = {name: value for name, value in said.items() if value} | ({} if arrears is None else {"arrears": arrears})
    if verdict == "approve":
        row = Change.get_or_none(Change.id == change)
        if row is not None and row.reason == "MOI" and proposal.starts_by_decision(row.category, row.effective):
            decision["effective"] = (day or clock.local_date(now).isoformat())[:7]  # signed with the approval, where no day is given
    return Edit(n=n, kind="change", record=change, op="set", set={"decision": (None, decision)}, at=clock.utc_text(now))


def _digests(actor: Actor, rows: Iterable[Any]) -> dict[str, str]:
    shelf = door.shelf()
    ids = [row.id for row in rows]
    shelf.fetch("change", ids)
    RULES["change"].gather(shelf, ids)
    found = {}
    for change_id in ids:
        change = shelf.get("change", change_id)
        if change is not None:
            found[change_id] = shown_digest(shelf, change)
    return found


def _scope(actor: Actor) -> list[Any]:
    conditions: list[Any] = [Change.state.is_null(False)]
    if actor.communes is not None:
        conditions.append(Change.commune.in_(sorted(actor.communes)))
    if actor.role in POST:
        # The post office is told what stops payments, and sees its own reports; categories of new people are not its business.
        conditions.append(Change.type.in_(ENDING) | (Change.author == actor.account))
    return conditions


def _conditions(actor: Actor, wanted: Filter) -> list[Any]:
    conditions = _scope(actor)
    if wanted.state == "waiting":
        conditions.append(Change.state.in_(UNDECIDED))
    elif wanted.state != "all":
        conditions.append(Change.state == wanted.state)
    if wanted.commune:
        conditions.append(Change.commune == wanted.commune)
    if wanted.type:
        conditions.append(Change.type == wanted.type)
    if wanted.mine:
        conditions.append(Change.author == actor.account)
    return conditions


def _row(row: Any, person_name: str, authors: Mapping[str, str], digest: str) -> Row:
    decision = json.loads(row.decision) if row.decision else {}
    return Row(
        id=row.id,
        type=row.type,
        reason=row.reason,
        reason_label=change_record.reason_label(row.reason),
        person_name=person_name,
        commune=row.commune or "",
        effective=row.effective or "",
        event_date=row.event_date or "",
        author=authors.get(row.author, row.author or ""),
        at=row.at or "",
        state=row.state,
        question=row.question or "",
        answer=decision.get("reason") or "",
        decided_by=authors.get(row.decided_by, row.decided_by or ""),
        decided_at=row.decided_at or "",
        digest=digest,
    )
