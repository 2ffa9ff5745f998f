"""A filing as a change in the register's terms: proposed by its commune, decided by the district on what it is shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from msgspec import Struct

from portal import access, change, door, proposal
from portal.change import Approval, Decided, Filter
from portal.demo.filing import Filing
from portal.demo.movement import Movement
from portal.law import reasons
from portal.models.account import Account
from portal.models.entitlement import Entitlement
from portal.models.person import Person
from portal.proposal import Draft
from portal.workbook import records
from sync.edit import Result
from sync.enact import ENDS_PERSON
from sync.ids import named

_QUEUE = 5000


_RIGHTS = """SELECT e.id, e.line_code, e.payment_method, p.payment_method FROM person p JOIN entitlement e ON e.person = p.id
WHERE p.id = ? AND p.closed IS NULL AND e.stop_month IS NULL"""


class _Right(Struct, frozen=True):
    """A right, how it is paid, and how its person is."""

    id: str
    line_code: str
    method: Any
    persons: Any


class Untold(Exception):
    """The door refused a filing; the message names it and says why."""


class Teller:
    """Proposes and decides. `officers` are the communes' accounts by commune, `decider` the district's."""

    def __init__(self, people: Mapping[str, str], officers: Mapping[str, Account], decider: Account) -> None:
        self.people = dict(people)
        self._officers = officers
        self._decider = decider
        self._behind: dict[str, Movement] = {}

    def tell(self, filings: Sequence[Filing], now: datetime) -> None:
        """A commune proposes what it has to tell at a moment. Raises `Untold`."""
        actor = access.actor(self._officers[filings[0].first.commune], f"form:{_record(filings[0])}")
        wanted = [each for each in filings if each.type != "correction"]
        results = change.propose_many(actor, now, [(_record(each), self._draft(each)) for each in wanted]) if wanted else []
        for filing, result in zip(wanted, results, strict=True):
            _taken(filing.first, result)
        for filing in filings:
            if filing.type == "correction":
                self._correct(filing, now)

    def _correct(self, filing: Filing, now: datetime) -> None:
        line = filing.first.line
        person = Person.get_by_id(self.people[line.person_code])
        actor = access.actor(self._officers[filing.first.commune], f"form:{_record(filing)}:correction")
        pairs = {"national_id": (person.national_id, line.national_id)}
        _taken(filing.first, door.submit_one(actor, now, "person", person.id, pairs, why="Sửa theo giấy tờ"))

    def decide(self, filings: Sequence[Filing], now: datetime) -> None:
        """The district approves them, each on what its queue shows. Raises `Untold`."""
        methods = [each for each in filings if each.type == "payment_method"]
        left = [each for each in filings if each.type != "payment_method"]
        while left:  # of one person one at a time: the next is decided on what the one before has made of their rights
            some = list({each.first.line.person_code: each for each in reversed(left)}.values())
            for type_ in dict.fromkeys(_kind(filing) for filing in some):
                self._decide(type_, [filing for filing in some if _kind(filing) == type_], now)
            left = [each for each in left if each not in some]
        if methods:
            self._decide("payment_method", methods, now)

    def _decide(self, type_: str, some: Sequence[Filing], now: datetime) -> None:
        actor = access.actor(self._decider, f"form:{_record(some[0])}:decisions")
        rows = change.queue(actor, Filter(state="proposed", type=type_), size=_QUEUE).rows
        digests = {row.id: row.digest for row in rows}
        if type_ == "correction":
            _approved(some[0].first, change.approve_many(actor, now, [(row.id, row.digest) for row in rows]))
        elif type_ == "payment_method":
            methods = [(_record(each), digests.get(_record(each), "")) for each in _own_lines_last(some)]
            _approved(some[0].first, change.approve_many(actor, now, methods))
        else:
            chosen = [_approval(each, digests.get(_record(each), "")) for each in some]
            _approved(some[0].first, change.approve_each(actor, now, chosen))

    def catch_up(self, month: str, now: datetime, later: datetime) -> int:
        """Lets people be paid as their first line is, once none of their other lines would be drawn along; returns how many were.

        Raises:
            Untold: the door refused it.
        """
        told: list[tuple[Movement, str, str]] = []
        for code, movement in sorted(self._behind.items()):
            rights = self._rights(code)
            if not rights or rights[0].persons == movement.line.payment_method:
                del self._behind[code]
                continue
            if any(right.method == right.persons for right in rights):
                continue
            record = named("change", "demo", code, "payment_method", month, "person")
            actor = access.actor(self._officers[movement.commune], f"form:{record}")
            draft = _paid(self.people[code], "", rights[0].persons, movement.line.payment_method, replace(movement, month=month))
            _taken(movement, change.propose(actor, now, record, draft))
            told.append((movement, code, record))
        if told:
            actor = access.actor(self._decider, f"form:{named('change', 'demo', month, 'people')}")
            digests = {row.id: row.digest for row in change.queue(actor, Filter(state="proposed", type="payment_method"), size=_QUEUE).rows}
            _approved(told[0][0], change.approve_many(actor, later, [(record, digests[record]) for _, _, record in told]))
            for _, code, _ in told:
                del self._behind[code]
        return len(told)

    def _draft(self, filing: Filing) -> Draft:
        first = filing.first
        line, person = first.line, self.people.get(first.line.person_code)
        common: dict[str, Any] = {"reason": first.reason, "person": person, "event_date": first.event_date, "note": line.note}
        if filing.type == "payment_method":
            return self._method(filing)
        if filing.type == "increase":
            return self._increase(filing, common)
        if first.reason in ENDS_PERSON:
            return Draft(**common, effective=first.month)
        right = self._right(line.line_code)
        if filing.type == "decrease":
            return Draft(**common, entitlement=right.id, effective=first.month)
        return Draft(**common, entitlement=right.id, effective=first.month, category=line.category, payee=line.payee)

    def _increase(self, filing: Filing, common: dict[str, Any]) -> Draft:
        first = filing.first
        line = first.line
        if first.reason == proposal.RESUME:
            return Draft(**common, entitlement=self._right(line.line_code).id, effective=first.month)
        by_decision = first.reason == "MOI" and proposal.starts_by_decision(line.category, first.month)
        common |= {
            "category": line.category,
            "payee": line.payee,
            "payment_method": line.payment_method,
            "effective": None if by_decision else first.month,
        }
        if common["person"] is None:
            code = line.person_code
            self.people[code] = named("person", "demo", code)
            values = records.person(first.commune, [line], first.month)
            common["new_person"] = {"id": self.people[code], **{name: value for name, value in values.items() if value is not None}}
        return Draft(**common)

    def _method(self, filing: Filing) -> Draft:
        """Of a person's first line the change is the person's own, unless another line would be drawn along that is not meant."""
        first = filing.first
        code, wanted = first.line.person_code, first.line.payment_method
        person, rights = self.people[code], self._rights(code)
        right = next(each for each in rights if each.line_code == first.line.line_code)
        if right.line_code == min(each.line_code for each in rights):
            if right.method == right.persons and all(each is right or each.method != right.persons for each in rights):
                self._behind.pop(code, None)
                return _paid(person, "", right.persons, wanted, first)
            self._behind[code] = first
        return _paid(person, right.id, right.method, wanted, first)

    def _right(self, line_code: str) -> Any:
        return Entitlement.select().where(Entitlement.line_code == line_code).order_by(Entitlement.start_month.desc()).get()

    def _rights(self, person_code: str) -> list[_Right]:
        """A person's rights that have not ended, with how each and the person are paid."""
        rows = door.store().run(_RIGHTS, (self.people[person_code],)).fetchall()
        return [_Right(row[0], row[1], *(json.loads(text) if text else None for text in row[2:])) for row in rows]


def _paid(person: str, right: str, seen: Any, wanted: Any, movement: Movement) -> Draft:
    return Draft(
        reason=movement.reason,
        person=person,
        entitlement=right,
        event_date=movement.event_date,
        effective=movement.month,
        target_set={"payment_method": (seen, wanted)},
    )


def _own_lines_last(filings: Iterable[Filing]) -> list[Filing]:
    return sorted(filings, key=lambda each: each.first.line.line_code, reverse=True)


def _kind(filing: Filing) -> str:
    """The type of the change it becomes: what ends a right may only suspend it."""
    return "correction" if filing.type == "correction" else reasons.find(filing.first.reason).kind


def _record(filing: Filing) -> str:
    return named("change", "demo", filing.first.line.line_code, filing.first.kind, filing.first.month)


def _approval(filing: Filing, digest: str) -> Approval:
    """With number and date of the decision. Who comes back after a suspension is paid from then on: so count the figures expected."""
    line = filing.first.line
    return Approval(
        _record(filing), digest, line.decision_no or "", line.decision_date or "", arrears=False if filing.first.reason == proposal.RESUME else None
    )


def _approved(first: Movement, decided: Iterable[Decided]) -> None:
    for each in decided:
        if each.outcome != "approved":
            raise Untold(
                f"A {first.kind} like that of {first.line.line_code} for {first.month} was not approved: {each.outcome} {each.detail}."
            )


def _taken(movement: Movement, result: Result) -> None:
    outcomes = set(result.fields.values())
    if result.status != "accepted" or outcomes - {"applied", "proposed"}:
        why = f"{result.reason.code} {result.reason.field} {result.reason.detail}" if result.reason else ", ".join(sorted(outcomes))
        raise Untold(f"The {movement.kind} of {movement.line.line_code} for {movement.month} was not taken: {why.strip()}.")
