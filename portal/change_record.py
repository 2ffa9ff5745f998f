"""One change as a page shows it: what stands there and what is wanted, what it does, what has moved, and its history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from portal import clock, door, procedure
from portal.change_effect import Effect, effects, monthly, resumption
from portal.declaration import open_month
from portal.law import book, eligibility, reasons
from portal.law.eligibility import Finding
from portal.law.errors import LawError, UnknownReasonError
from portal.models.account import Account
from portal.models.conflict import Conflict
from portal.models.entitlement import Entitlement
from portal.models.journal import Journal
from portal.models.person import Person
from sync.desk import Shelf
from sync.edit import Actor, Record
from sync.fields import POST
from sync.kinds import CATALOGUE
from sync.kinds.change import ENDING, UNDECIDED, shown_digest, waits_for_appraisal
from sync.kinds.entitlement import pays_in

_ENTRIES = 500
"""How far back a page that was shown long ago is compared."""
_PARTS = ("category", "coefficient10", "child_birth", "payee")
_TOLD = ("reason", "event_date", "effective", "evidence", "note", "category", "coefficient10", "child_birth", "payee", "payment_method")


class Side(Struct, frozen=True):
    """One value, side by side: as the author saw it, as it stands now, as wanted; `moved` where the first two differ.

    `kind` and `field` name the catalogue's field, `line` the line it belongs to.
    """

    kind: str
    field: str
    now: Any
    wanted: Any
    seen: Any = None
    moved: bool = False
    line: str = ""


class Event(Struct, frozen=True):
    """One journal entry about a change. `deed`: proposed, appraised, amended, answered, withdrawn, approve, return, reject, or refused."""

    at: str
    who: str
    role: str
    deed: str
    text: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


class Moved(Struct, frozen=True):
    """One thing that changed after a page was shown: who, when, and the record's new values by field."""

    at: str
    who: str
    kind: str
    fields: Mapping[str, Any]


class Shown(Struct, frozen=True):
    """A change with everything a decider is shown. `resumption`: what resuming does with back pay and without it. `head` is the newest journal entry it takes in; `digest` what is decided on."""

    id: str
    values: Mapping[str, Any]
    person: Mapping[str, Any] | None
    new_person: Mapping[str, Any]
    reason_label: str
    event_label: str
    source: str
    author: str
    decided_by: str
    sides: tuple[Side, ...]
    effects: tuple[Effect, ...]
    resumption: tuple[tuple[Effect, ...], tuple[Effect, ...]] | None
    findings: tuple[Finding, ...]
    conflict: str
    digest: str
    head: int
    by_decision: bool
    may_decide: bool
    may_appraise: bool
    is_report: bool
    appraised_by: str
    may_answer: bool
    may_withdraw: bool
    history: tuple[Event, ...]


def find(actor: Actor, change_id: str, now: datetime) -> Shown | None:
    """The change as this actor may see it, or None where it does not exist for them."""
    head = door.store().head()[0]
    shelf = door.shelf()
    change = shelf.get("change", change_id)
    if change is None or not actor.reaches(change["commune"]):
        return None
    if actor.role in POST and change["type"] not in ENDING and change["author"] != actor.account:
        return None
    person = shelf.get("person", change["person"]) if change["person"] else None
    appraisal = change["appraisal"] or {}
    is_report = waits_for_appraisal(appraisal)
    powers = procedure.of(change["type"], clock.local_date(now).isoformat())
    appraiser = str(appraisal.get("by") or "")
    names = account_names({name for name in (change["author"], change["decided_by"], appraiser) if name})
    undecided = change["state"] in UNDECIDED
    own = change["author"] == actor.account
    visible = CATALOGUE["change"].visible(actor.role)
    values = {name: value if name in visible else None for name, value in change.fields.items()}
    reason = _reason(change["reason"])
    open_conflict: Any = Conflict.select(Conflict.id).where(Conflict.about == change_id, Conflict.state == "open").first()
    return Shown(
        id=change_id,
        values=values,
        person={"id": person.id, **person.fields} if person else None,
        new_person=values["new_person"] or {},
        reason_label=reason.label if reason else change["reason"] or "",
        event_label=reason.event if reason else "",
        source=str(reason.source) if reason and reason.source else "",
        author=names.get(change["author"], change["author"] or ""),
        decided_by=names.get(change["decided_by"], change["decided_by"] or ""),
        sides=tuple(_sides(shelf, change, values)),
        effects=effects({"id": change_id, **change.fields}, open_month(now)),
        resumption=resumption({"id": change_id, **change.fields}, open_month(now)) if undecided else None,
        findings=tuple(_findings(change, person)) if undecided and actor.role not in POST else (),
        conflict=open_conflict.id if open_conflict else "",
        digest=shown_digest(shelf, change),
        head=head,
        by_decision=_starts_by_decision(change),
        may_decide=undecided and not own and not is_report and actor.role in (change["deciders"] or ()),
        may_appraise=undecided and not own and is_report and actor.role in powers.appraises,
        is_report=is_report,
        appraised_by=names.get(appraiser, appraiser),
        may_answer=own and change["state"] == "returned",
        may_withdraw=own and undecided,
        history=tuple(history(change)),
    )


def person_card(actor: Actor, person_id: str, now: datetime) -> dict[str, Any] | None:
    """Who a proposal is about: fields, rights that have not ended, sum of the month; None where the actor may not reach them."""
    shelf = door.shelf()
    person = shelf.get("person", person_id)
    if person is None or not actor.reaches(person["commune"]):
        return None
    month = open_month(now)
    rights = [
        right for right in shelf.where("entitlement", {"person": person_id}) if right["stop_month"] is None or right["stop_month"] > month
    ]
    return {
        "id": person_id,
        "fields": person.fields,
        "rights": [{"id": right.id, "line_code": right["line_code"], "fields": right.fields} for right in rights],
        "amount": sum(monthly(right["category"], right["coefficient10"], month) or 0 for right in rights if pays_in(right.fields, month)),
        "month": month,
    }


def month_now(now: datetime) -> str:
    """The month whose law a proposal is offered by."""
    return open_month(now)


def moved_since(change_id: str, head: int) -> list[Moved]:
    """What others wrote to the change, its person, their rights or its target after journal entry `head`."""
    change = door.shelf().get("change", change_id)
    if change is None:
        return []
    rights = (
        [row.id for row in Entitlement.select(Entitlement.id).where(Entitlement.person == change["person"])] if change["person"] else []
    )
    about = {change_id, *rights} | {each for each in (change["person"], change["target"]) if each}
    found = []
    entries = list(Journal.select().where(Journal.seq > head).order_by(Journal.seq.desc()).limit(_ENTRIES))[::-1]
    names = account_names({entry.account for entry in entries})
    for entry in entries:
        for kind, record, _, fields in json.loads(entry.body).get("writes", ()):
            if record in about:
                found.append(Moved(entry.at, names.get(entry.account, entry.account), kind, fields))
    return found


def history(change: Record) -> Iterable[Event]:
    """What was done with a change, oldest first."""
    about = [change.id, *(each for each in (change["person"], change["target"]) if each)]
    rows = [row for row in Journal.select().where(Journal.record.in_(about)).order_by(Journal.seq) if change.id in row.body]
    names = account_names({row.account for row in rows})
    for row in rows:
        body = json.loads(row.body)
        edit, role = body["edit"], body.get("role", "")
        writes = {record: fields for _, record, _, fields in body.get("writes", ())}
        if change.id not in writes:
            continue
        deed, text = _deed(edit, change.id)
        told = {name: writes[change.id][name] for name in _TOLD if name in writes[change.id]} if deed == "amended" else {}
        yield Event(row.at, names.get(row.account, row.account), role, deed, text, told)


def _deed(edit: Mapping[str, Any], change_id: str) -> tuple[str, str]:
    wanted = {name: pair[1] for name, pair in edit.get("set", {}).items()}
    why = edit.get("why") or ""
    if edit.get("record") != change_id or edit.get("op") == "create":
        return "proposed", why or wanted.get("note") or ""
    if isinstance(wanted.get("decision"), dict):
        return wanted["decision"].get("verdict", ""), wanted["decision"].get("reason", "")
    if isinstance(wanted.get("appraisal"), dict):
        return "appraised", wanted["appraisal"].get("note", "")
    if wanted.get("state") == "withdrawn":
        return "withdrawn", why
    return ("answered" if "state" in wanted else "amended"), why


def person_names(rows: Iterable[Any], role: str) -> dict[str, str]:
    """Change id → whose change it is, by name; "" for a new person the role is not told of."""
    known = list(rows)
    ids = {row.person for row in known if row.person}
    names = {row.id: row.full_name for row in Person.select(Person.id, Person.full_name).where(Person.id.in_(sorted(ids)))} if ids else {}
    found = {}
    for row in known:
        new = json.loads(row.new_person) if row.new_person and role not in POST else {}
        found[row.id] = names.get(row.person) or new.get("full_name") or ""
    return found


def account_names(accounts: Iterable[str]) -> dict[str, str]:
    """Account → the person's name."""
    wanted = sorted(set(accounts))
    return {row.name: row.full_name or row.name for row in Account.select().where(Account.name.in_(wanted))} if wanted else {}


def named(accounts: Iterable[str | None]) -> dict[str | None, str]:
    """Account → the person's name, the account itself where nobody has it, "" for none."""
    every = tuple(accounts)
    known = account_names(account for account in every if account)
    return {account: known.get(account, account) if account else "" for account in every}


def reason_label(code: str | None) -> str:
    """A reason in words, or its code."""
    reason = _reason(code)
    return reason.label if reason else code or ""


def _reason(code: str | None) -> reasons.Reason | None:
    try:
        return reasons.find(code or "")
    except UnknownReasonError:
        return None


def _sides(shelf: Shelf, change: Record, values: Mapping[str, Any]) -> Iterable[Side]:
    if values.get("target_set"):
        yield from _targeted(shelf, change, values["target_set"])
    if change["state"] not in UNDECIDED:
        return  # what it did is told as effects; there is nothing left to compare
    if change["type"] in ENDING and change["person"]:
        yield from _ended(shelf, change)
    if change["type"] == "adjustment":
        yield from _adjusted(shelf.get("entitlement", change["entitlement"]), change, values)
    if change["type"] == "increase" and values.get("category"):
        yield from (Side("entitlement", name, None, values[name]) for name in _PARTS if values.get(name) is not None)
        yield Side("payment", "allowance", None, monthly(change["category"], change["coefficient10"], change["effective"]))


def _targeted(shelf: Shelf, change: Record, target_set: Mapping[str, Any]) -> Iterable[Side]:
    target = shelf.get(change["target_kind"], change["target"])
    line = target["line_code"] if change["target_kind"] == "entitlement" and target else ""
    for name, (seen, wanted) in target_set.items():
        now = target[name] if target else None
        yield Side(change["target_kind"], name, now, wanted, seen, moved=seen not in (now, wanted), line=line)


def _ended(shelf: Shelf, change: Record) -> Iterable[Side]:
    name = "stop_month" if change["type"] == "decrease" else "suspended_from"
    for right in shelf.where("entitlement", {"person": change["person"]}):
        touched = not change["entitlement"] or right.id == change["entitlement"]
        if touched and (right["stop_month"] is None or right["stop_month"] > (change["effective"] or "")):
            yield Side("entitlement", name, right[name], change["effective"], line=right["line_code"])


def _adjusted(right: Record | None, change: Record, values: Mapping[str, Any]) -> Iterable[Side]:
    if right is None:
        return
    for name in _PARTS:
        if values.get(name) is not None and values[name] != right[name]:
            yield Side("entitlement", name, right[name], values[name], line=right["line_code"])
    yield _amounts(change, right)


def _amounts(change: Record, right: Record) -> Side:
    month = change["effective"]
    category, coefficient10 = change["category"] or right["category"], change["coefficient10"] or right["coefficient10"]
    now, wanted = monthly(right["category"], right["coefficient10"], month), monthly(category, coefficient10, month)
    return Side("payment", "allowance", now, wanted, line=right["line_code"])


def _findings(change: Record, person: Record | None) -> Iterable[Finding]:
    if change["type"] not in ("increase", "adjustment") or not change["category"] or not change["effective"]:
        return ()
    birth = (person["birth"] if person else (change["new_person"] or {}).get("birth")) or ""
    child = change["child_birth"] or ""
    try:
        return eligibility.check(
            book.load(), change["effective"], change["category"], birth, child_birth=child, coefficient10=change["coefficient10"]
        )
    except LawError:
        return ()


def _starts_by_decision(change: Record) -> bool:
    if change["reason"] != "MOI" or not change["category"] or not change["effective"]:
        return False
    found = book.load().at(change["effective"]).categories.get(change["category"])
    return found is not None and found.starts == "decision"
