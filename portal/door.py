"""The portal's way through the sync door: its store, its law, its set-based steps. Every change of data passes here."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from portal import bank_file_steps, fund_steps, payment_list_steps, procedure, result_file_steps, settlement_steps, succession_steps
from portal.clock import from_utc_text, local_date, utc_text
from portal.law import amount, book, eligibility, funeral, highest, reasons
from portal.law.book import Law
from portal.law.errors import LawError
from portal.law.highest import Claim
from portal.store import Bulk, PeeweeStore
from sync import door
from sync.desk import Shelf
from sync.edit import Actor, Edit, Result
from sync.fields import Kind
from sync.kinds import CATALOGUE
from sync.procedure import Procedure
from sync.values import ValueProblem

_FORM = "form:"

BULKS: Mapping[str, Bulk] = {
    "build": payment_list_steps.build,
    "freeze": payment_list_steps.freeze,
    "post": payment_list_steps.post,
    "amend": payment_list_steps.amend,
    "balance": settlement_steps.balance,
    "reopen": settlement_steps.reopen,
    "fund_request": fund_steps.request,
    "funds": fund_steps.close,
    "succeed": succession_steps.succeed,
    "bank_file": bank_file_steps.bank_file,
    "book": result_file_steps.book,
}


class LawOfTheDoor:
    """The law's answers in the words of `sync.store.Law`."""

    def reason_type(self, reason: str) -> str | None:
        """The type of change a reason code stands for, or None."""
        try:
            return reasons.find(reason).kind
        except LawError:
            return None

    def stop_month(self, reason: str, event_date: str) -> str:
        """The first month no longer paid (Decree 20/2021, article 8.2)."""
        return eligibility.stop_month(reason, event_date).month

    def coefficient10(self, category: str, month: str) -> int | None:
        """Ten times the coefficient in force, or None."""
        try:
            return book.load().at(month).coefficient10(category)
        except LawError:
            return None

    def highest(self, month: str, claims: Sequence[tuple[str, str, int, str]]) -> tuple[frozenset[str], frozenset[str]]:
        """Which allowances are paid and which yield (article 6.2)."""
        try:
            winners, losers = highest.payable(list(_claims(book.load().at(month), claims)))
        except LawError:
            return frozenset(), frozenset()
        return frozenset(claim.ref for claim in winners), frozenset(lost.claim.ref for lost in losers)

    def amount(self, category: str, coefficient10: int, month: str) -> int | None:
        """Đồng of a right in a month, or None."""
        try:
            law = book.load().at(month)
            return amount.amount(law, coefficient10, rate=law.category(category).rate)
        except LawError:
            return None

    def funeral_grant(self, basis: str, category: str | None, month: str) -> tuple[str, int, int] | None:
        """Code, level and multiple of a burial's grant, or None (article 11)."""
        try:
            due = funeral.due(book.load().at(month), basis, category)
        except LawError:
            return None
        return (due.code, due.rate, due.multiple) if due is not None else None

    def day(self, at: str) -> str:
        """The date in Viet Nam at a moment of the journal."""
        return local_date(from_utc_text(at)).isoformat()

    def day_before(self, day: str) -> str:
        """The date before a date."""
        return (date.fromisoformat(day) - timedelta(days=1)).isoformat()

    def procedure(self, name: str, at: str, also: Sequence[Mapping[str, Any]] = ()) -> Procedure:
        """Who proposes, appraises and decides in a procedure at a moment."""
        return procedure.of(name, self.day(at), also)

    def knows(self, preset: str | None, name: str | None, rule: Mapping[str, Any] | None) -> bool:
        """Whether there is such a preset, or such a procedure with a rule of this form."""
        return procedure.knows(preset, name, rule)


def _claims(law: Law, claims: Sequence[tuple[str, str, int, str]]) -> Iterator[Claim]:
    """The allowances among a person's rights, where the law of the month has them and, with a birth, the age fits."""
    for ref, code, coefficient10, birth in claims:
        category = law.categories.get(code)
        if category is None or category.programme == "care_support":
            continue
        if birth and category.age_of == "beneficiary" and not eligibility.covers(category, law.birth(birth), law.month):
            continue
        yield Claim(ref, category, amount.amount(law, coefficient10, rate=category.rate))


LAW = LawOfTheDoor()


def store() -> PeeweeStore:
    """The store of this process's database."""
    return PeeweeStore(BULKS)


def shelf() -> Shelf:
    """A reader of records as the door sees them (for what a decider is shown)."""
    return Shelf(store(), CATALOGUE)


def is_form(device: str) -> bool:
    """Whether a name is a page form's and not a registered device's."""
    return device.startswith(_FORM)


def submit(edits: Sequence[Edit | door.Unreadable], actor: Actor, now: datetime) -> door.Answer:
    """Hands edits in; returns when their answers are durable.

    A page form sent twice is the same edits, although the clock has moved on meanwhile: its moments are those of the first. So it
    is where a booklet hands in what a form could not (`of` is the form's name), and the form had arrived after all.
    """
    into, at = store(), utc_text(now)
    runs = [(form, list(run)) for form, run in itertools.groupby(edits, key=_form_of)]
    if not actor.online and not any(form for form, _ in runs):
        return door.receive(edits, into, actor, at, LAW)
    told = door.Answer([], into.head()[0])
    with into.transaction():
        for form, run in runs:
            by = msgspec.structs.replace(actor, device=form) if form else actor
            named = [msgspec.structs.replace(edit, of=None) for edit in run if isinstance(edit, Edit)] if form else run
            answer = door.receive(_as_first(named, into, by) if form or actor.online else named, into, by, at, LAW)
            told = door.Answer([*told.results, *answer.results], answer.head)
    return told


def _form_of(edit: Edit | door.Unreadable) -> str:
    return edit.of if isinstance(edit, Edit) and edit.of and is_form(edit.of) else ""


def _as_first(edits: Sequence[Edit | door.Unreadable], into: PeeweeStore, actor: Actor) -> list[Edit | door.Unreadable]:
    known = into.answered([(actor.device, edit.n) for edit in edits])
    found: list[Edit | door.Unreadable] = []
    for edit in edits:
        body = known.get((actor.device, edit.n))
        first = json.loads(body)["edit"] if body is not None else None
        same = first is not None and _timeless(first) == _timeless(msgspec.to_builtins(edit))
        found.append(msgspec.convert(first, Edit) if same else edit)
    return found


def _timeless(edit: dict[str, Any]) -> dict[str, Any]:
    """An edit without the moments a form does not ask for: its own, and that of a payment mark; values as the catalogue reads them."""
    kind = CATALOGUE.get(edit.get("kind", ""))
    pairs = {name: [_plain(kind, name, value) for value in pair] for name, pair in edit.get("set", {}).items()}
    for name, (_, wanted) in pairs.items():
        if name == "mark" and isinstance(wanted, dict):
            pairs[name][1] = {**wanted, "at": None}
    return {**edit, "at": None, "set": {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}}


def _plain(kind: Kind | None, name: str, value: Any) -> Any:
    try:
        return kind.fields[name].read(value) if kind is not None and name in kind.fields else value
    except ValueProblem:
        return value


def submit_one(
    actor: Actor,
    now: datetime,
    kind: str,
    record: str,
    pairs: Mapping[str, tuple[Any, Any]],
    *,
    create: bool = False,
    why: str | None = None,
    n: int = 1,
) -> Result:
    """Hands one edit in: field → (value seen, value wanted). `actor.device` is the form's own name: sent twice it is one edit."""
    edit = Edit(
        n=n,
        kind=kind,
        record=record,
        op="create" if create else "set",
        set=dict(pairs),
        at=utc_text(now),
        why=why or None,
    )
    return submit([edit], actor, now).results[0]
