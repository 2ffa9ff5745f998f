"""The decrees as an office reads them: what is in force on a day, since when, by which article, and on which days it changed."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from portal.law import book, months, timeline
from portal.law.book import Book, Law
from portal.law.errors import NotInForceError
from portal.law.terms import Category, Decree, Number, Programme, Source


class Sum(Struct, frozen=True):
    """A sum in đồng: a level, a grant, or what a category pays. `code` names it, `label` says it ("" where the page has the words).

    `announced` is the day its decree was known where that lies after the day asked about ("" else): lists closed before it still
    carry the old sum, and the difference comes as arrears.
    """

    code: str
    label: str
    amount: int
    since: str
    until: str
    source: Source
    announced: str = ""


class Group(Struct, frozen=True):
    """A category with what it pays. `starts`: what its first month counts from; `payee`: who receives it."""

    category: Category
    sum: Sum
    conditions: tuple[str, ...]


class InForce(Struct, frozen=True):
    """The law of one day. `changes`: the days before and after on which something changed, newest last."""

    day: str
    levels: tuple[Sum, ...]
    groups: dict[Programme, tuple[Group, ...]]
    grants: tuple[Sum, ...]
    numbers: tuple[Number, ...]
    decrees: tuple[Decree, ...]
    changes: tuple[str, ...]


def in_force(day: date) -> InForce | None:
    """What is in force on a day, in the office's province; None before the first level the decrees know."""
    opened, shown = book.load(), day.isoformat()
    try:
        law = opened.at(shown[:7])
    except NotInForceError:
        return None
    announced = {decree.id: decree.announced for decree in opened.decrees}

    def later(source: Source) -> str:
        known = announced[source.decree_id]
        return known if known > shown else ""

    levels = tuple(Sum(rate.name, "", rate.amount, rate.since, rate.until, rate.source, later(rate.source)) for rate in law.rates.values())
    grants = tuple(
        Sum(grant.code, grant.label, law.funeral_grant(grant.code), grant.since, grant.until, grant.source, later(grant.source))
        for grant in law.grants.values()
    )
    groups: dict[Programme, tuple[Group, ...]] = {}
    for category in law.categories.values():
        groups[category.programme] = (*groups.get(category.programme, ()), _group(law, category, later(category.source)))
    return InForce(
        day=shown,
        levels=levels,
        groups=groups,
        grants=grants,
        numbers=tuple(law.numbers.values()),
        decrees=opened.decrees,
        changes=changes(opened),
    )


def changes(opened: Book) -> tuple[str, ...]:
    """Every first day "YYYY-MM-DD" of a month from which a value counts, or no longer counts; earliest first."""
    found = set()
    for value in opened.timeline().values():
        if getattr(value, "province", "") in ("", opened.province):
            found.add(value.since)
            if value.until:
                found.add(months.add(value.until, 1))
    return tuple(f"{month}-01" for month in sorted(found))


def differences(day: date) -> tuple[str, ...]:
    """The names ("rate:base", "category:5.5c") of what is in force on the day and not so the month before, or the other way round."""
    opened, month = book.load(), day.isoformat()[:7]
    values = [value for value in opened.timeline().values() if getattr(value, "province", "") in ("", opened.province)]
    before = {value for value in values if timeline.in_month(value, months.add(month, -1))}
    now = {value for value in values if timeline.in_month(value, month)}
    return tuple(sorted({timeline.key(value) for value in before ^ now}))


def _group(law: Law, category: Category, announced: str) -> Group:
    rate = law.rate(category.rate)
    conditions = tuple(" / ".join(law.facts[fact] for fact in facts) for facts in category.needs)
    pays = Sum(
        category.code,
        category.label,
        rate.amount * category.coefficient10 // 10,
        category.since,
        category.until,
        category.source,
        announced,
    )
    return Group(category, pays, conditions)
