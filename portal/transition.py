"""Ages and decrees that will change a right: found ahead of time, and proposed as changes, once for each right and threshold.

A threshold passed needs nobody's report: 4 years, 16, 22, 36 months, 60, 80 stand in the decrees (Decree 20/2021, articles 5, 6, 20).
Where a fact decides (still studying), both outcomes are told and a person chooses. Somebody else decides every proposal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from portal import clock, declaration, door, entitlement, unit
from portal.calendar import cycle
from portal.home import Waiting
from portal.language import mark
from portal.law import ages, book, months
from portal.law.ages import Transition
from portal.law.book import Book
from portal.law.terms import Category
from portal.models.account import Account
from portal.models.change import Change
from portal.models.entitlement import Entitlement
from portal.models.person import Person
from sync.edit import Actor, Edit
from sync.ids import named
from sync.kinds.change import UNDECIDED

Communes = frozenset[str] | None
AHEAD = 3
"""Months a page looks ahead, where nothing else is asked for."""
OVERDUE = 12
"""Months back in which an age of one's own that was reached and never acted on is still found; older ones the list's own check of ages
finds. A child's is found however long ago: no check asks for it."""
_BATCH = 200
_PERSON = (Person.full_name, Person.birth, Person.commune, Person.hamlet)


class Coming(Struct, frozen=True):
    """What will happen to a right. `id` is the change that proposes it: the same for this right and threshold whoever asks.

    `month` is the first list it changes, `to` the category that follows ("" for an end), `age_months` the age that is reached (of
    the person, or of the child where `of_child`; 0 where a decree does it), sums in đồng a month. `fact` is the fact that decides ("" for none): proven, the right
    goes on as `to`; not proven, it ends with `end_month`, whose reason is `end_reason`. `state` is the proposal's ("" for none yet),
    `other` another undecided change of this right.
    """

    id: str
    entitlement: str
    person: str
    name: str
    birth: str
    commune: str
    hamlet: str
    line_code: str
    category: str
    to: str
    kind: str
    reason: str
    event_date: str
    month: str
    age_months: int
    before: int
    after: int
    coefficient10: int
    source: str
    fact: str = ""
    end_month: str = ""
    end_reason: str = ""
    of_child: bool = False
    state: str = ""
    other: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it can be proposed: nobody has, and no other change of the right waits."""
        return not self.state and not self.other


class Choice(Struct, frozen=True):
    """One thing to propose: what comes, and whether the fact that decides is proven."""

    coming: Coming
    proven: bool = True


class Made(Struct, frozen=True):
    """What became of one proposal: "proposed", "known" (it was there) or "refused" with the door's detail."""

    id: str
    outcome: str
    detail: str = ""


def by_age(first: str, last: str, communes: Communes = None) -> list[Coming]:
    """Rights that an age changes on the lists `first` to `last`, those overdue included, by month, commune and name."""
    opened = book.load()
    found = []
    for row in _crossing(opened, first, last, communes):
        for coming in _of(opened, row, "", last):
            if coming.kind != "law" and _is_due(coming, first, last, row["stop_month"]):
                found.append(coming)
                break
    return _stated(sorted(found, key=lambda each: (each.month, each.commune, each.name, each.line_code)))


def by_decree(month: str, communes: Communes = None) -> list[Coming]:
    """Rights whose category a decree ends before `month`, so that another takes its place in it, or nothing does."""
    opened, before = book.load(), months.add(month, -1)
    ended = [category.code for category in opened.timeline().categories if category.until == before and _counts(opened, category)]
    if not ended:
        return []
    pays = (Entitlement.start_month <= before) & (Entitlement.stop_month.is_null() | (Entitlement.stop_month > month))
    rows = _rows((Entitlement.category.in_(ended)) & pays, communes)
    found = [coming for row in rows for coming in _of(opened, row, before, month) if coming.kind == "law" and coming.month == month]
    return _stated(sorted(found, key=lambda each: (each.commune, each.name, each.line_code)))


def propose(actor: Actor, now: datetime, chosen: Sequence[Choice]) -> list[Made]:
    """Hands proposals in; one that was made before changes nothing, however often it is asked for."""
    known = _states([choice.coming.id for choice in chosen])
    made = {choice.coming.id: Made(choice.coming.id, "known") for choice in chosen if choice.coming.id in known}
    fresh = list({choice.coming.id: choice for choice in chosen if choice.coming.id not in known}.values())
    number = 0
    for start in range(0, len(fresh), _BATCH):
        batch = fresh[start : start + _BATCH]
        edits = [_edit(choice, number + n, now) for n, choice in enumerate(batch, 1)]
        number += len(batch)
        for choice, result in zip(batch, door.submit(edits, actor, now).results, strict=True):
            reason = result.reason
            outcome = "proposed" if reason is None else "known" if reason.detail == "exists" else "refused"
            made[choice.coming.id] = Made(
                choice.coming.id, outcome, reason.detail or reason.code if outcome == "refused" and reason else ""
            )
    return [made[choice.coming.id] for choice in chosen]


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """For those who propose: rights that an age changes on the list in preparation, and nobody has proposed it."""
    if account.role not in ("commune_officer", "district_officer"):
        return []
    month = declaration.open_month(now)
    served = unit.communes_served_by(account.unit)
    communes = None if account.role == "district_officer" and len(served) == len(unit.communes()) else served
    count = sum(each.is_open for each in by_age(month, month, communes))
    return [Waiting(mark("Người đến mốc tuổi, chưa đề nghị"), count, "transition.index", cycle(month).declare_by)]


def _crossing(opened: Book, first: str, last: str, communes: Communes) -> list[dict[str, Any]]:
    """Rights whose person reaches an age that some category asks about, until `last`; their own category's rule is asked later."""
    lives = (Entitlement.start_month <= last) & (Entitlement.stop_month.is_null() | (Entitlement.stop_month > first))
    found = []
    for whose, column in (("beneficiary", Person.birth), ("child", Entitlement.child_birth)):
        categories = [each for each in opened.at(first).categories.values() if each.at_age and each.age_of == whose]
        thresholds = sorted({step.months for category in categories for step in category.at_age})
        if whose == "child":
            born: Any = column < months.add(last, 1 - min(thresholds, default=0))
        else:
            born = column.in_([str(year) for month in thresholds for year in _years(first, last, month)])
            for reached in thresholds:
                born |= (column >= months.add(first, -reached - OVERDUE)) & (column < months.add(last, 1 - reached))
        asked = Entitlement.category.in_([category.code for category in categories])
        found += _rows(born & asked & lives & Person.closed.is_null(), communes)
    return found


def _years(first: str, last: str, reached: int) -> range:
    """Years of birth that may reach the age between the two months, or did shortly before."""
    return range(int(months.add(first, -reached - OVERDUE)[:4]), int(months.add(last, -reached)[:4]) + 1)


def _rows(condition: Any, communes: Communes) -> list[dict[str, Any]]:
    columns = (Entitlement.id, Entitlement.person, Entitlement.line_code, Entitlement.category, Entitlement.coefficient10)
    until = (Entitlement.start_month, Entitlement.stop_month, Entitlement.child_birth)
    query: Any = Entitlement.select(*columns, *until, *_PERSON).join(Person, on=Person.id == Entitlement.person).where(condition)
    if communes is not None:
        query = query.where(Person.commune.in_(sorted(communes)))
    return list(query.dicts())


def _of(opened: Book, row: Mapping[str, Any], since: str, last: str) -> list[Coming]:
    """What age and decrees bring to a right from `since` ("": its beginning) until `last`."""
    forms = [form for form in opened.ever(row["category"]) if _counts(opened, form)]
    start = next((max(since, row["start_month"], form.since) for form in reversed(forms) if form.since <= last), "")
    if not start or start > last:
        return []
    law = opened.at(last)
    birth = row["child_birth"] if forms[-1].age_of == "child" else row["birth"]
    try:
        found = ages.transitions(opened, law.birth(birth or ""), row["category"], start, months.add(last, 1))
    except ValueError:
        return []
    own = [each for each in found if each.category == row["category"]]
    ends = {each.age_months: each for each in own if each.unless}
    of_child = forms[-1].age_of == "child"
    return [_coming({**row, "birth": birth or ""}, each, ends.get(each.age_months), of_child) for each in own if not each.unless]


def _is_due(coming: Coming, first: str, last: str, stop_month: str | None) -> bool:
    """Whether it belongs on these lists. What is overdue counts, unless the right simply went on as itself then."""
    acts = coming.end_month if coming.to == coming.category else coming.month
    if acts > last or (stop_month is not None and stop_month <= (coming.end_month or coming.month)):
        return False
    return acts >= first or coming.to != coming.category


def _coming(row: Mapping[str, Any], each: Transition, end: Transition | None, of_child: bool) -> Coming:
    return Coming(
        id=named("change", "transition", row["id"], str(each.age_months) if each.kind != "law" else each.month),
        entitlement=row["id"],
        person=row["person"],
        name=row["full_name"] or "",
        birth=row["birth"],
        commune=row["commune"] or "",
        hamlet=row["hamlet"] or "",
        line_code=row["line_code"],
        category=each.category,
        to=each.to,
        kind=each.kind,
        reason=each.reason,
        event_date=each.event_date,
        month=each.month,
        age_months=each.age_months if each.kind != "law" else 0,
        before=entitlement.monthly(each.category, row["coefficient10"], months.add(each.month, -1)),
        after=entitlement.monthly(each.to, each.coefficient10_after, each.month) if each.to else 0,
        coefficient10=each.coefficient10_after,
        source=str(each.source) if each.source else "",
        fact=each.provided,
        end_month=end.month if end else "",
        end_reason=end.reason if end else "",
        of_child=of_child,
    )


def _counts(opened: Book, category: Category) -> bool:
    return category.province in ("", opened.province)


def _stated(found: list[Coming]) -> list[Coming]:
    """The same with what has become of each already."""
    states = _states([each.id for each in found])
    others: dict[str, str] = {}
    rights = [each.entitlement for each in found]
    for start in range(0, len(rights), _BATCH):
        some = rights[start : start + _BATCH]
        rows: Any = Change.select(Change.entitlement, Change.id).where(Change.entitlement.in_(some), Change.state.in_(UNDECIDED))
        others |= dict(rows.tuples())
    return [_with(each, states.get(each.id, ""), others.get(each.entitlement, "")) for each in found]


def _with(each: Coming, state: str, other: str) -> Coming:
    return replace(each, state=state, other="" if other == each.id else other)


def _states(ids: Iterable[str]) -> dict[str, str]:
    every = list(ids)
    found: dict[str, str] = {}
    for start in range(0, len(every), _BATCH):
        rows: Any = Change.select(Change.id, Change.state).where(Change.id.in_(every[start : start + _BATCH])).tuples()
        found |= dict(rows)
    return found


def _edit(choice: Choice, n: int, now: datetime) -> Edit:
    coming = choice.coming
    goes_on = coming.to and (choice.proven or not coming.fact)
    values: dict[str, Any] = {
        "person": coming.person,
        "entitlement": coming.entitlement,
        "reason": coming.reason if goes_on or not coming.to else coming.end_reason,
        "event_date": coming.event_date,
        "effective": coming.end_month if coming.to and not goes_on else coming.month,
        "note": coming.source or None,
    }
    if goes_on:
        values |= {"category": coming.to, "coefficient10": coming.coefficient10}
    pairs = {name: (None, value) for name, value in values.items() if value is not None}
    return Edit(n=n, kind="change", record=coming.id, op="create", at=clock.utc_text(now), set=pairs)
