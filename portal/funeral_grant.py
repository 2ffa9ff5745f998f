"""Grants towards burials: asked for with a death, decided by another, and where the money is (Decree 20/2021, articles 11, 34.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from peewee import fn

from portal import door, unit
from portal.change_record import named
from portal.clock import utc_text
from portal.home import Waiting
from portal.language import mark
from portal.law import book, funeral
from portal.law.errors import LawError
from portal.law.funeral import Due
from portal.models.account import Account
from portal.models.change import Change
from portal.models.funeral_grant import FuneralGrant
from portal.models.payment import Payment
from sync.edit import Actor, Record, Result
from sync.fields import POST
from sync.kinds import CATALOGUE
from sync.kinds.change import DEATH, UNDECIDED
from sync.kinds.funeral_grant import STANDING, shown_digest
from sync.procedure import FUNERAL

PAGE = 50
VIEWS = ("proposed", "approved", "rejected", "withdrawn", "all")
FIELDS = {
    "recipient": (),
    "child": ("deceased", "birth", "death_date"),
    "monthly": ("deceased", "birth", "death_date", "commune", "hamlet", "stop_document"),
}
"""Case → what its form asks for of who died; the register says the rest."""
ABOUT_BURIAL = ("burial_day", "document", "organiser", "relation", "organiser_id", "payment_method", "note")
REQUIRED = {
    "recipient": ("organiser", "relation"),
    "child": ("deceased", "birth", "death_date", "organiser", "relation"),
    "monthly": ("deceased", "birth", "death_date", "commune", "stop_document", "organiser", "relation"),
}


class Filter(Struct, frozen=True):
    """What was asked of the list; "" is no filter."""

    state: str = "proposed"
    commune: str = ""


class Row(Struct, frozen=True):
    """A grant in the list, or on a person's page."""

    id: str
    deceased: str
    commune: str
    death_date: str
    organiser: str
    amount: int
    state: str
    line_code: str


class Page(Struct, frozen=True):
    """A page of the list with count and đồng of all that match; `after` is the id to page on by, "" where it ends."""

    rows: list[Row]
    count: int
    amount: int
    after: str


class Paid(Struct, frozen=True):
    """Where the money is: the lists it has stood on, by month, and what became of it there."""

    id: str
    month: str
    total: int
    state: str


class Shown(Struct, frozen=True):
    """A grant with everything a decider is shown; `digest` is what is decided on. `why` has level, multiple and source of the sum."""

    id: str
    values: Mapping[str, Any]
    person: Mapping[str, Any] | None
    author: str
    decided_by: str
    why: Due | None
    paid: tuple[Paid, ...]
    digest: str
    death_undecided: bool
    may_decide: bool
    may_withdraw: bool
    may_revoke: bool
    revoked_by: str


class Subject(Struct, frozen=True):
    """Whom a request is about: a person of the register, the day of death that is known ("" for none), and the grant the law gives."""

    id: str
    name: str
    code: str
    birth: str
    commune: str
    hamlet: str
    death_date: str
    is_undecided: bool
    due: Due | None
    standing: tuple[Row, ...]


def listed(actor: Actor, wanted: Filter, after: str = "", size: int = PAGE) -> Page:
    """A page of the grants in the actor's communes, the newest first."""
    conditions = _conditions(actor, wanted)
    told: Any = (
        FuneralGrant.select(fn.COUNT(FuneralGrant.id), fn.COALESCE(fn.SUM(FuneralGrant.amount), 0)).where(*conditions).tuples().get()
    )
    if after:
        conditions.append(FuneralGrant.id < after)
    rows: list[Any] = list(FuneralGrant.select().where(*conditions).order_by(FuneralGrant.id.desc()).limit(size + 1))
    more, rows = len(rows) > size, rows[:size]
    return Page([_row(row) for row in rows], int(told[0]), int(told[1]), rows[-1].id if more else "")


def find(actor: Actor, grant_id: str, now: datetime) -> Shown | None:
    """One grant, where it lies in the actor's scope; else None."""
    shelf = door.shelf()
    record = shelf.get("funeral_grant", grant_id)
    if record is None or actor.role in POST or not actor.reaches(record["commune"]):
        return None
    person = shelf.get("person", record["person"]) if record["person"] else None
    names = named((record["author"], record["decided_by"], record["revoked_by"]))
    visible = CATALOGUE["funeral_grant"].visible(actor.role)
    own = record["author"] == actor.account
    decides = door.LAW.procedure(FUNERAL, _at(now)).decides
    return Shown(
        id=grant_id,
        values={name: value if name in visible else None for name, value in record.fields.items()},
        person={"id": person.id, **person.fields} if person is not None else None,
        author=names[record["author"]],
        decided_by=names[record["decided_by"]],
        why=_why(record),
        paid=_paid(record),
        digest=shown_digest(shelf, record),
        death_undecided=record["basis"] == "recipient" and person is not None and person["status"] != "dead",
        may_decide=record["state"] == "proposed" and not own and actor.role in decides,
        may_withdraw=record["state"] == "proposed" and own,
        may_revoke=record["state"] == "approved" and not own and actor.role in decides,
        revoked_by=names[record["revoked_by"]],
    )


def subject(actor: Actor, person_id: str) -> Subject | None:
    """A person a request may be about, where they lie in the actor's scope; else None."""
    shelf = door.shelf()
    person = shelf.get("person", person_id)
    if person is None or not actor.reaches(person["commune"]):
        return None
    day, is_undecided = _death(person)
    rights = shelf.where("entitlement", {"person": person_id})
    return Subject(
        id=person_id,
        name=person["full_name"],
        code=person["code"] or "",
        birth=person["birth"] or "",
        commune=person["commune"],
        hamlet=person["hamlet"] or "",
        death_date=day,
        is_undecided=is_undecided,
        due=_highest(rights, day[:7], "recipient") if day else None,
        standing=tuple(row for row in of_person(person_id) if row.state in STANDING),
    )


def ask(actor: Actor, now: datetime, record: str, values: Mapping[str, Any]) -> Result:
    """Hands a request in; `record` is its id."""
    pairs = {name: (None, value) for name, value in values.items() if value is not None}
    return door.submit_one(actor, now, "funeral_grant", record, pairs, create=True)


def decide(
    actor: Actor, now: datetime, grant_id: str, verdict: str, digest: str, *, reason: str = "", number: str = "", day: str = ""
) -> Result:
    """Approves or rejects on what was shown (`digest`); the field's outcome is "conflict" where something moved since."""
    told = {"verdict": verdict, "digest": digest, "reason": reason, "number": number, "date": day}
    decision = {name: value for name, value in told.items() if value}
    return door.submit_one(actor, now, "funeral_grant", grant_id, {"decision": (None, decision)})


def withdraw(actor: Actor, now: datetime, grant_id: str) -> Result:
    """The author takes a request back."""
    return door.submit_one(actor, now, "funeral_grant", grant_id, {"state": ("proposed", "withdrawn")})


def revoke(actor: Actor, now: datetime, grant_id: str, why: str) -> Result:
    """Takes a wrong approval back, with a reason: what is not paid is held, what is paid is to be recovered."""
    return door.submit_one(actor, now, "funeral_grant", grant_id, {"state": ("approved", "revoked")}, why=why)


def of_person(person: str) -> list[Row]:
    """A person's grants, the newest first."""
    found: Any = FuneralGrant.select().where(FuneralGrant.person == person).order_by(FuneralGrant.id.desc())
    return [_row(row) for row in found]


def is_parent(person: str) -> bool:
    """Whether the person receives, or received, an allowance for a child as a single poor parent (category 5.4)."""
    return any(_is_parents(right) for right in door.shelf().where("entitlement", {"person": person}))


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """Requests this account may decide: of others, in its communes."""
    if account.role not in door.LAW.procedure(FUNERAL, _at(now)).decides:
        return []
    actor = Actor(account=account.name, role=account.role, unit=account.unit, device="", communes=unit.within_reach_of(account.unit))
    count = (
        FuneralGrant.select(fn.COUNT(FuneralGrant.id)).where(*_conditions(actor, Filter()), FuneralGrant.author != account.name).scalar()
    )
    return [Waiting(mark("Đề nghị mai táng phí chờ duyệt"), count or 0, "funeral_grant.index")]


def _at(now: datetime) -> str:
    return utc_text(now)


def _conditions(actor: Actor, wanted: Filter) -> list[Any]:
    found: list[Any] = [FuneralGrant.state.is_null(False)]
    if actor.communes is not None:
        found.append(FuneralGrant.commune.in_(sorted(actor.communes)))
    if wanted.state != "all":
        found.append(FuneralGrant.state == wanted.state)
    if wanted.commune:
        found.append(FuneralGrant.commune == wanted.commune)
    return found


def _row(row: Any) -> Row:
    texts = {name: getattr(row, name) or "" for name in ("deceased", "commune", "death_date", "organiser", "state", "line_code")}
    return Row(id=row.id, amount=row.amount or 0, **texts)


def _death(person: Record) -> tuple[str, bool]:
    """The day of a person's death, and whether nobody has decided it yet."""
    if person["status"] == "dead" and person["death_date"]:
        return person["death_date"], False
    reports: Any = Change.select(Change.event_date).where(
        Change.person == person.id, Change.reason == DEATH, Change.state.in_(UNDECIDED), Change.event_date.is_null(False)
    )
    first = reports.order_by(Change.id).tuples().first()
    return (first[0], True) if first else ("", False)


def _highest(rights: list[Record], month: str, basis: str) -> Due | None:
    """The highest grant that the rights of a month give."""
    try:
        law = book.load().at(month)
    except LawError:
        return None
    live = [r for r in rights if r["start_month"] <= month and (r["stop_month"] is None or month < r["stop_month"])]
    found = [due for right in live if (due := funeral.due(law, basis, right["category"])) is not None]
    return max(found, key=lambda due: due.amount, default=None)


def _is_parents(right: Record) -> bool:
    try:
        law = book.load().at(right["start_month"])
    except LawError:
        return False
    return funeral.due(law, "child", right["category"]) is not None


def _why(record: Record) -> Due | None:
    try:
        grant = book.load().at(record["death_date"][:7]).grant(record["grant_code"])
    except LawError:
        return None
    return Due(record["grant_code"], record["rate"], record["multiple"], record["amount"], grant.source)


def _paid(record: Record) -> tuple[Paid, ...]:
    if not record["line_code"]:
        return ()
    rows: Any = (
        Payment.select(Payment.id, Payment.month, Payment.total, Payment.state)
        .where(Payment.person == record["person"], Payment.line_code == record["line_code"])
        .order_by(Payment.month, Payment.addendum)
        .tuples()
    )
    return tuple(Paid(*row) for row in rows)
