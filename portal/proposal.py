"""A change as it is being written: from which month it counts by the law, what it is worth, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from portal import clock
from portal.change_effect import Effect, effects, monthly
from portal.declaration import open_month
from portal.law import book, eligibility, reasons
from portal.law.book import Law
from portal.law.eligibility import Claim, Finding
from portal.law.errors import DateMissingError, LawError, UnknownReasonError
from portal.law.reasons import Reason
from portal.models.change import Change
from portal.models.entitlement import Entitlement
from portal.models.person import Person
from sync.edit import Actor
from sync.fields import POST
from sync.kinds.change import DEATH, ENDING, UNDECIDED

TYPES = ("increase", "decrease", "adjustment", "suspension", "payment_method")
_ELSEWHERE = frozenset({"CHUYEN_NOI_BO", "MUC_CHUAN"})
"""Reasons nobody proposes here: a move within the district corrects the person's commune, a new base rate needs no proposal."""
RESUME = "TIEP_TUC"


class Draft(Struct, frozen=True):
    """What a form says so far. `person` or `new_person` (with its "id"); `entitlement` "" means all of the person's lines.

    `without_arrears`: a suspended right is resumed without the months between. `target_set` is for a change of payment method: {"payment_method": (seen, wanted)}.
    """

    reason: str
    person: str | None = None
    new_person: Mapping[str, Any] | None = None
    entitlement: str | None = None
    category: str | None = None
    event_date: str | None = None
    effective: str | None = None
    evidence: str | None = None
    note: str | None = None
    child_birth: str | None = None
    payee: str | None = None
    payment_method: Mapping[str, Any] | None = None
    without_arrears: bool = False
    target_set: Mapping[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The type its reason stands for; "" where there is no such reason."""
        try:
            return reasons.find(self.reason).kind
        except UnknownReasonError:
            return ""


class Preview(Struct, frozen=True):
    """A draft seen in the light of the law. `problems`: field → code; `findings`: field → what the law says of it.

    `effective` is the month that counts, `lawful` the law's own where a date allows it, `source` where that stands;
    `by_decision`: it counts from the month of signing, which is not known yet.
    """

    effective: str | None = None
    lawful: str | None = None
    source: str = ""
    by_decision: bool = False
    coefficient10: int | None = None
    amount: int | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    known: tuple[Any, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether the law, or a missing value, forbids to send it."""
        return bool(self.problems) or any(finding.blocking for found in self.findings.values() for finding in found)


def reasons_for(type_: str) -> tuple[Reason, ...]:
    """The reasons that can be proposed for a type, in the order to offer them."""
    return tuple(reason for reason in reasons.of_kind(type_).values() if reason.code not in _ELSEWHERE)  # type: ignore[arg-type]  # one of TYPES


def types_for(role: str) -> tuple[str, ...]:
    """What a role may propose: the post office reports that something ended, offices anything."""
    return ENDING[:1] + ENDING[1:] if role in POST else TYPES


def categories(month: str) -> list[tuple[str, str, int]]:
    """Code, label and coefficient ×10 of every category in force in a month."""
    return [(found.code, found.label, found.coefficient10) for found in book.load().at(month).categories.values()]


def preview(draft: Draft, now: datetime) -> Preview:
    """What the law says of a draft, on this day."""
    problems: dict[str, str] = {}
    type_ = draft.type
    if not type_:
        return Preview(problems={"reason": "unknown_reason" if draft.reason else "missing"})
    today = clock.local_date(now).isoformat()
    _dates(draft, today, problems)
    law_says = _lawful(draft, today, problems)
    effective = draft.effective or (law_says.month if law_says else None)
    if type_ == "payment_method":
        _method(draft, problems)
        effective = effective or open_month(now)
    rights = _live_rights(draft.person)
    category = _category(draft, type_, rights, effective, problems)
    findings: dict[str, list[Finding]] = {}
    if draft.effective and law_says and draft.effective != law_says.month:
        _note(findings, "effective", "NOT_THE_LAWS_MONTH", month=law_says.month)
    coefficient10 = None
    if category and effective and not problems:
        coefficient10 = _coefficient(category, effective)
        _check(draft, category, effective, rights, findings)
    if draft.reason == RESUME and draft.without_arrears and not draft.note:
        problems["note"] = "missing"
    known = _same_person(draft)
    if known:
        _note(findings, "new.national_id", "SAME_PERSON", commune=known[0].commune)
    if draft.person and type_ in ENDING:
        _already(draft, findings)
    change = {
        "id": None, "state": None, "type": type_, "reason": draft.reason, "person": draft.person, "entitlement": draft.entitlement or None,
        "category": category, "coefficient10": coefficient10, "effective": effective, "event_date": draft.event_date,
        "target_set": draft.target_set, "without_arrears": draft.without_arrears,
    }
    return Preview(
        effective=effective,
        lawful=law_says.month if law_says else None,
        source=str(law_says.source) if law_says and law_says.source else "",
        by_decision=_by_decision(draft, category, effective),
        coefficient10=coefficient10,
        amount=monthly(category, coefficient10, effective),
        problems=problems,
        findings={name: tuple(found) for name, found in findings.items()},
        effects=() if problems else effects(change, open_month(now)),
        known=known,
    )


def filled_in(draft: Draft, now: datetime) -> tuple[str | None, int | None]:
    """The month and the coefficient ×10 that the law fills in on this day: those of `preview`, and nothing else of it."""
    problems: dict[str, str] = {}
    type_ = draft.type
    if not type_:
        return None, None
    today = clock.local_date(now).isoformat()
    _dates(draft, today, problems)
    law_says = _lawful(draft, today, problems)
    effective = draft.effective or (law_says.month if law_says else open_month(now) if type_ == "payment_method" else None)
    category = _category(draft, type_, (), effective, problems) if type_ in ("increase", "adjustment") else None
    return effective, _coefficient(category, effective) if category and effective and not problems else None


def starts_by_decision(category: str | None, month: str | None) -> bool:
    """Whether a new right of this category counts from the month in which the decision is signed (Điều 8.1)."""
    found = _term(category, month)
    return found is not None and found.starts == "decision"


def _dates(draft: Draft, today: str, problems: dict[str, str]) -> None:
    if draft.event_date is None:
        return
    if len(draft.event_date) == len("YYYY"):
        problems["event_date"] = "month_missing"
    elif draft.reason == DEATH and draft.event_date > today[: len(draft.event_date)]:
        problems["event_date"] = "in_the_future"


def _lawful(draft: Draft, today: str, problems: dict[str, str]) -> eligibility.Effective | None:
    type_ = draft.type
    if type_ in ("payment_method", "correction") or "event_date" in problems:
        return None
    try:
        if type_ in ENDING:
            return eligibility.stop_month(draft.reason, draft.event_date or "")
        month = draft.effective or (draft.event_date or today)[:7]
        # A month before the category was in force: the rule of today's law says from when, `_check` that it cannot be then.
        found = _term(draft.category, month) or _term(draft.category, today) or _any_term(today)
        delay = book.load().at(month).numbers.get("birthday_start_delay_months")
        return eligibility.start_month(found, draft.reason, draft.event_date or "", today, birthday_delay=delay.value if delay else 0)
    except DateMissingError:
        problems["event_date"] = "missing"
    except LawError:
        problems["event_date"] = "no_law"
    return None


def _method(draft: Draft, problems: dict[str, str]) -> None:
    seen, wanted = draft.target_set.get("payment_method", (None, None))
    if wanted is None:
        problems["payment_method.method"] = "missing"
    elif seen == wanted:
        problems["payment_method.method"] = "unchanged"
    elif draft.reason == "VE_TIEN_MAT" and wanted["method"] != "cash":
        problems["payment_method.method"] = "not_cash"
    elif draft.reason != "VE_TIEN_MAT" and wanted["method"] == "cash":
        problems["payment_method.method"] = "not_by_account"


def _live_rights(person: str | None) -> list[Any]:
    return list(Entitlement.select().where(Entitlement.person == person, Entitlement.stop_month.is_null())) if person else []


def _category(draft: Draft, type_: str, rights: Iterable[Any], effective: str | None, problems: dict[str, str]) -> str | None:
    if type_ == "adjustment":
        # Not only what has no end yet: a line may change by itself later on, where an age was decided ahead.
        lasts = Entitlement.stop_month.is_null() | (Entitlement.stop_month > (effective or ""))
        right = Entitlement.get_or_none(Entitlement.id == draft.entitlement, Entitlement.person == draft.person, lasts)
        if right is None:
            problems["entitlement"] = "missing"
            return None
        category = draft.category or str(right.category)
        same = (draft.payee or right.payee) == right.payee and (draft.child_birth or right.child_birth) == right.child_birth
        if effective and same and (category, _coefficient(category, effective)) == (right.category, right.coefficient10):
            problems["category"] = "unchanged"
        return category
    if type_ != "increase" or draft.reason == RESUME:
        if draft.reason == RESUME and not any(right.suspended_from for right in rights) and not _is_dead(draft.person):
            problems["reason"] = "nothing_suspended"
        return None
    if not draft.category:
        problems["category"] = "missing"
    return draft.category


def _check(draft: Draft, category: str, month: str, rights: list[Any], findings: dict[str, list[Finding]]) -> None:
    birth = (draft.new_person or {}).get("birth") or ""
    if draft.person:
        birth = Person.get_by_id(draft.person).birth or ""
    child = draft.child_birth or next((right.child_birth for right in rights if right.id == draft.entitlement), "") or ""
    for finding in eligibility.check(book.load(), month, category, birth, child_birth=child):
        findings.setdefault("category", []).append(finding)
    law = book.load().at(month)
    if category not in law.categories or draft.type != "increase":
        return
    standing = [right for right in rights if right.category in law.categories and not right.suspended_from]
    claims = [_claim(law, right.id, right.category) for right in standing] + [_claim(law, "new", category)]
    for lost in eligibility.payable(claims).losers:
        other = next((right.line_code for right in standing if right.id == lost.claim.ref), "")
        code = "NOT_THE_HIGHEST" if lost.claim.ref == "new" else "REPLACES_LOWER"
        _note(findings, "category", code, line=other, source=str(lost.source))


def _claim(law: Law, ref: str, category: str) -> Claim:
    found = law.category(category)
    return Claim(ref, found, monthly(category, found.coefficient10, law.month) or 0)


def _same_person(draft: Draft) -> tuple[Any, ...]:
    number = (draft.new_person or {}).get("national_id")
    return tuple(Person.select().where(Person.national_id == number).limit(3)) if number else ()


def _already(draft: Draft, findings: dict[str, list[Finding]]) -> None:
    """Says where the same is waiting for a decision already."""
    waiting = Change.select().where(Change.person == draft.person, Change.state.in_(UNDECIDED), Change.type.in_(ENDING)).limit(1)
    for change in waiting:
        _note(findings, "reason", "WAITING_ALREADY", change=change.id, at=change.at or "")


def _note(findings: dict[str, list[Finding]], name: str, code: str, **values: str) -> None:
    """A finding of ours, which the page puts in words."""
    findings.setdefault(name, []).append(Finding(code, blocking=False, text="", values=values))


def _coefficient(category: str, month: str) -> int | None:
    found = _term(category, month)
    return found.coefficient10 if found else None


def _by_decision(draft: Draft, category: str | None, month: str | None) -> bool:
    return draft.reason == "MOI" and not draft.effective and starts_by_decision(category, month)


def _is_dead(person: str | None) -> bool:
    return Person.select().where(Person.id == person, Person.status == "dead").exists()


def _term(category: str | None, month: str | None) -> Any:
    if not category or not month:
        return None
    try:
        return book.load().at(month[:7]).categories.get(category)
    except (LawError, ValueError):
        return None


def source_of(reason: str) -> tuple[str, str]:
    """What the event date of a reason means, and where the month it counts from stands; "" where no text says."""
    try:
        found = reasons.find(reason)
    except UnknownReasonError:
        return "", ""
    return found.event, str(found.source) if found.source else ""


def _any_term(month: str) -> Any:
    """Some category, for reasons whose month does not hang on one."""
    return next(iter(book.load().at(month[:7]).categories.values()))


def actor_may(actor: Actor, type_: str) -> bool:
    """Whether the actor may propose a change of this type."""
    return type_ in types_for(actor.role)
