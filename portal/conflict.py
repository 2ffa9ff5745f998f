"""Conflicts: two values for one field, or a fact that clashes with a rule; who may decide, what they are shown, and deciding it.

Lists are paged by key; ids go up with time, so that the longest waiting stand first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from peewee import fn

from portal import conflict_trail, door, unit
from portal.conflict_trail import Said
from portal.home import Waiting
from portal.language import mark
from portal.models.account import Account
from portal.models.change import Change
from portal.models.conflict import Conflict
from portal.models.entitlement import Entitlement
from portal.models.payment import Payment
from portal.models.person import Person
from sync.desk import Shelf
from sync.edit import Actor, Record, Result
from sync.fields import APPROVER, POST, Field
from sync.kinds import CATALOGUE
from sync.kinds.conflict import CHOICES, KIND, shown_digest

PAGE = 50
STATES = ("open", "resolved", "all")
_RESOLVERS = KIND.fields["resolution"].direct - {APPROVER}
"""The head of office approves what others have settled."""
_NOT_TYPED = frozenset({"mark", "json", "list", "uuid", "int"})
"""Types of which no other value can be typed: only one of the two that are there is chosen."""
_COMPARED = ("full_name", "birth", "sex", "national_id", "commune", "hamlet", "address", "phone", "guardian", "payment_method")


class Filter(Struct, frozen=True):
    """What the queue is narrowed to; "" is everything. `mine`: only what this account may decide."""

    state: str = "open"
    commune: str = ""
    type: str = ""
    mine: bool = False


class Row(Struct, frozen=True):
    """One conflict in the queue. `month` of a payment; `may_decide`: by this account."""

    id: str
    type: str
    field: Field
    month: str
    name: str
    commune: str
    at: str
    author: str
    state: str
    resolution: str
    may_decide: bool


class Page(Struct, frozen=True):
    """A page of the queue; `after` is the id to page on by, "" where it ends."""

    rows: list[Row]
    after: str


class Asked(Struct, frozen=True):
    """A conflict as a decider is asked it.

    `values` are the conflict's own fields; `about` the fields of the record it is about, `payment` those of the payment where it is
    one, `report` those of the change that ended or held the right; `sides` compares two people, field → (on the list, proposed).
    `digest` is over what is shown; `head` the newest journal entry then.
    """

    id: str
    values: Mapping[str, Any]
    field: Field
    person: str
    name: str
    about: Mapping[str, Any]
    seen: Said
    now: Said
    wanted: Said
    payment: Mapping[str, Any] | None
    report: Mapping[str, Any] | None
    report_by: Said | None
    sides: tuple[tuple[str, Any, Any], ...]
    choices: tuple[str, ...]
    may_decide: bool
    own: bool
    resolver: str
    digest: str
    head: int


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """Open conflicts this account may decide."""
    if account.role not in _RESOLVERS:
        return []
    communes = unit.within_reach_of(account.unit)
    actor = Actor(account=account.name, role=account.role, unit=account.unit, device="", communes=communes)
    count = Conflict.select(fn.COUNT(Conflict.id)).where(*_conditions(actor, Filter(mine=True))).scalar()
    return [Waiting(mark("Mâu thuẫn cần làm rõ"), count or 0, "conflict.index")]


def queue(actor: Actor, wanted: Filter, after: str = "", size: int = PAGE) -> Page:
    """A page of the conflicts in the actor's scope that their role may read, oldest first."""
    conditions = _conditions(actor, wanted)
    if after:
        conditions.append(Conflict.id > after)
    rows = list(Conflict.select().where(*conditions).order_by(Conflict.id).limit(size + 1))
    more, rows = len(rows) > size, rows[:size]
    told = _people(rows)
    authors = conflict_trail.names(str(row.author) for row in rows)
    return Page([_row(row, actor, told, authors) for row in rows], rows[-1].id if more else "")


def find(actor: Actor, conflict_id: str) -> Asked | None:
    """One conflict, where it lies in the actor's scope and says nothing their role may not know; else None."""
    shelf = door.shelf()
    record = shelf.get("conflict", conflict_id)
    if record is None or not actor.reaches(record["commune"]) or not _may_read(actor.role, record.fields):
        return None
    about = shelf.get(record["about_kind"], record["about"])
    if about is None:
        return None
    return _asked(shelf, actor, record, about)


def resolve(actor: Actor, now: datetime, conflict_id: str, choice: str, digest: str, *, value: Any = None, note: str = "") -> Result:
    """Decides a conflict on what was shown: `digest`; `value` for the choice "other"."""
    resolution = {"choice": choice, "digest": digest, **({"value": value} if choice == "other" else {}), **({"note": note} if note else {})}
    return door.submit_one(actor, now, "conflict", conflict_id, {"resolution": (None, resolution)}, why=note)


def field_of(conflict: Mapping[str, Any]) -> Field:
    """The catalogue's field a conflict is about."""
    kind = "person" if conflict["type"] == "same_person" else conflict["about_kind"]
    return CATALOGUE[kind].fields[conflict["field"]]


def _conditions(actor: Actor, wanted: Filter) -> list[Any]:
    found: list[Any] = []
    if actor.communes is not None:
        found.append(Conflict.commune.is_null() | Conflict.commune.in_(sorted(actor.communes)))
    if wanted.state != "all":
        found.append(Conflict.state == wanted.state)
    if wanted.commune:
        found.append(Conflict.commune == wanted.commune)
    if wanted.type:
        found.append(Conflict.type == wanted.type)
    if wanted.mine:
        found.append(Conflict.deciders.contains(f'"{actor.role}"'))
    hidden = [(kind, name) for kind, each in CATALOGUE.items() for name in each.fields.keys() - each.visible(actor.role)]
    found += [~((Conflict.about_kind == kind) & (Conflict.field == name)) for kind, name in hidden]
    if actor.role in POST:
        found.append(Conflict.type != "same_person")
    return found or [Conflict.id.is_null(False)]


def _may_read(role: str, conflict: Mapping[str, Any]) -> bool:
    if conflict["type"] == "same_person":
        return role not in POST
    return conflict["field"] in CATALOGUE[conflict["about_kind"]].visible(role)


def _may_decide(actor: Actor, deciders: Iterable[str], state: str) -> bool:
    return state == "open" and actor.role in deciders and actor.role in _RESOLVERS


def _row(row: Conflict, actor: Actor, told: Mapping[str, tuple[str, str]], authors: Mapping[str, str]) -> Row:
    name, month = told.get(str(row.about), ("", ""))
    return Row(
        id=row.id,
        type=str(row.type),
        field=field_of({"type": row.type, "about_kind": row.about_kind, "field": row.field}),
        month=month,
        name=name,
        commune=str(row.commune or ""),
        at=str(row.at or ""),
        author=authors.get(str(row.author), str(row.author)),
        state=str(row.state),
        resolution=json.loads(str(row.resolution))["choice"] if row.resolution else "",
        may_decide=_may_decide(actor, json.loads(str(row.deciders or "[]")), str(row.state)),
    )


def _people(rows: Iterable[Conflict]) -> dict[str, tuple[str, str]]:
    """Record a conflict is about → the person's name, and the month where it is a payment."""
    by_kind: dict[str, set[str]] = {}
    for row in rows:
        by_kind.setdefault(str(row.about_kind), set()).add(str(row.about))
    found: dict[str, tuple[str, str]] = {}
    for id_, name, month in _tuples(Payment, by_kind, "payment", Payment.id, Payment.full_name, Payment.month):
        found[id_] = (name, month)
    for id_, name in _tuples(Person, by_kind, "person", Person.id, Person.full_name):
        found[id_] = (name, "")
    for id_, person, new in _tuples(Change, by_kind, "change", Change.id, Change.person, Change.new_person):
        found[id_] = (json.loads(new)["full_name"] if new else _name_of(person), "")
    for id_, person in _tuples(Entitlement, by_kind, "entitlement", Entitlement.id, Entitlement.person):
        found[id_] = (_name_of(person), "")
    return found


def _tuples(model: Any, by_kind: Mapping[str, set[str]], kind: str, *columns: Any) -> Iterable[Any]:
    ids = sorted(by_kind.get(kind, ()))
    return model.select(*columns).where(model.id.in_(ids)).tuples() if ids else ()


def _name_of(person: str | None) -> str:
    found = Person.get_or_none(Person.id == person) if person else None
    return str(found.full_name) if found is not None else ""


def _asked(shelf: Shelf, actor: Actor, record: Record, about: Record) -> Asked:
    field = field_of(record.fields)
    person = _person_of(shelf, about)
    new = about["new_person"] if about.kind == "change" else None
    trail = conflict_trail.of(record, about)
    payment = about.fields if about.kind == "payment" else None
    report = shelf.get("change", _report_of(shelf, record, about))
    own = record["author"] == actor.account
    return Asked(
        id=record.id,
        values=record.fields,
        field=field,
        person=_page_of(shelf, actor, record["current"]["id"] if new else person.id if person is not None else None),
        name=(new or {}).get("full_name") or (person["full_name"] if person is not None else ""),
        about=about.fields,
        seen=trail.seen,
        now=trail.now,
        wanted=trail.wanted,
        payment=payment,
        report=report.fields if report is not None else None,
        report_by=conflict_trail.reported(report) if report is not None else None,
        sides=_sides(shelf, record, actor) if record["type"] == "same_person" else (),
        choices=_choices(record, field, actor, own=own),
        may_decide=_may_decide(actor, record["deciders"] or (), record["state"]),
        own=own,
        resolver=conflict_trail.names([record["resolved_by"] or ""]).get(record["resolved_by"], record["resolved_by"] or ""),
        digest=shown_digest(shelf, record),
        head=door.store().head()[0],
    )


def _person_of(shelf: Shelf, about: Record) -> Record | None:
    if about.kind == "person":
        return about
    return shelf.get("person", about["person"]) if about["person"] else None


def _report_of(shelf: Shelf, record: Record, about: Record) -> str:
    """The change that held the payment, or ended the right it was for; "" where there is none."""
    if about.kind != "payment":
        return ""
    if about["hold"] and about["hold"].get("change"):
        return str(about["hold"]["change"])
    if record["type"] != "paid_after_stop":
        return ""
    ending = [
        c
        for c in shelf.where("change", {"person": about["person"]})
        if c["type"] in ("decrease", "suspension") and c["state"] == "approved"
    ]
    return max(ending, key=lambda c: str(c["decided_at"])).id if ending else ""


def _choices(record: Record, field: Field, actor: Actor, *, own: bool) -> tuple[str, ...]:
    """What may be chosen: of an approved field nobody chooses the value they wanted themselves."""
    choices = CHOICES[record["type"]]
    if record["type"] == "field" and field.type in _NOT_TYPED:
        choices = tuple(choice for choice in choices if choice != "other")
    if own and field.propose and actor.role not in field.direct:
        choices = tuple(choice for choice in choices if choice not in ("wanted", "other"))
    return choices


def _sides(shelf: Shelf, record: Record, actor: Actor) -> tuple[tuple[str, Any, Any], ...]:
    """The two people field by field; of one in another area no more than the conflict itself tells."""
    known = shelf.get("person", record["current"]["id"])
    inside = known is not None and actor.reaches(known["commune"])
    fields = known.fields if inside and known is not None else {**record["current"], "national_id": record["wanted"].get("national_id")}
    names = [name for name in _COMPARED if name in CATALOGUE["person"].visible(actor.role) and (inside or name in fields)]
    sides = [(name, fields.get(name), record["wanted"].get(name)) for name in names]
    return tuple(side for side in sides if side[1] is not None or side[2] is not None)


def _page_of(shelf: Shelf, actor: Actor, person: str | None) -> str:
    """The id of the person whose page may be opened; "" where they lie in another area."""
    found = shelf.get("person", person) if person else None
    return found.id if found is not None and actor.reaches(found["commune"]) else ""
