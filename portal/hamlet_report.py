"""What a hamlet's head reports: who of the hamlet died, moved away or is missing. A report waits for the commune's appraisal.

They see names and years of birth of their own hamlet, and nothing else: no sums, no categories, nobody with a confidential one
(Decree 20/2021, article 8.1.b; domain.md 7.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from portal import clock, door, unit
from portal.change_record import reason_label
from portal.law import book
from portal.models.account import Account
from portal.models.change import Change
from portal.models.entitlement import Entitlement
from portal.models.person import Person
from sync.edit import Actor, Result
from sync.kinds.change import UNDECIDED

REASONS = ("CHET", "CHUYEN_DI", "MAT_TICH")
"""What a hamlet may report: codes of `portal.law.reasons`."""
_SHOWN = 20


class Neighbour(Struct, frozen=True):
    """A person of the hamlet; `reported` is the state of an undecided report about them, "" for none."""

    id: str
    full_name: str
    year: str
    address: str
    reported: str


class Report(Struct, frozen=True):
    """One of one's own reports and what became of it; `vouched` once the commune has."""

    name: str
    reason_label: str
    event_date: str
    at: str
    state: str
    vouched: bool
    question: str


def place(account: Account) -> tuple[str, str] | None:
    """(commune's code, hamlet's name) an account reports for, None where its unit is no hamlet."""
    at = unit.by_code(account.unit)
    return (at.parent, at.name) if at is not None and at.kind == "hamlet" and at.succeeded_by is None else None


def neighbours(commune: str, hamlet: str, now: datetime) -> list[Neighbour]:
    """The people of a hamlet whose files are open, by name."""
    month = clock.month_of(now)
    hidden = [each.code for each in book.load().at(month).categories.values() if each.confidential]
    confidential = Entitlement.select(Entitlement.person).where(Entitlement.category.in_(hidden))
    columns = (Person.id, Person.full_name, Person.birth, Person.address)
    own = (Person.commune == commune) & (Person.hamlet == hamlet) & Person.closed.is_null()
    rows: Any = Person.select(*columns).where(own, Person.id.not_in(confidential)).order_by(Person.sort_key, Person.id).tuples()
    open_: Any = Change.select(Change.person, Change.state).where(
        Change.commune == commune, Change.state.in_(UNDECIDED), Change.type == "decrease"
    )
    reported: dict[str, str] = dict(open_.tuples())
    return [Neighbour(id_, name, (birth or "")[:4], address or "", reported.get(id_, "")) for id_, name, birth, address in rows]


def report(actor: Actor, now: datetime, record: str, given: Mapping[str, str]) -> Result:
    """Hands a report in as change `record`; `given` has person, reason, event_date and note. Refused for anybody of another hamlet."""
    pairs = {name: (None, value) for name, value in given.items() if value}
    return door.submit_one(actor, now, "change", record, pairs, create=True, why=given.get("note") or None)


def own(account: str) -> list[Report]:
    """The newest reports of an account, newest first."""
    found: Any = (
        Change.select(Person.full_name, Change.reason, Change.event_date, Change.at, Change.state, Change.appraisal, Change.question)
        .join(Person, on=(Person.id == Change.person))
        .where(Change.author == account)
        .order_by(Change.at.desc(), Change.id.desc())
        .limit(_SHOWN)
        .tuples()
    )
    return [
        Report(name, reason_label(reason), day or "", at or "", state, '"by"' in (appraisal or ""), question or "")
        for name, reason, day, at, state, appraisal, question in found
    ]
