"""People on the list who may have become eligible by age alone: suggestions to their commune, never rights by themselves.

The register knows a birth; that there is no pension it cannot know (Decree 20/2021, article 5.5c; Decree 176/2025). So a suggestion
leads to a proposal that a person writes.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from peewee import fn

from portal import entitlement
from portal.law import ages, book, months
from portal.law.book import Law
from portal.law.terms import Category
from portal.models.change import Change
from portal.models.entitlement import Entitlement
from portal.models.person import Person
from portal.transition import OVERDUE, Communes
from sync.kinds.change import UNDECIDED

PENSION = "KHONG_LUONG_HUU"
"""The one fact, beside age, that these groups ask about."""


class Suggestion(Struct, frozen=True):
    """A person who has, or will have, the age of a category and no allowance that excludes it. `month`: the first one it could pay.

    `amount` in đồng a month; `facts`: what would have to be proven; `waiting`: an undecided increase of the person ("" for none).
    """

    person: str
    name: str
    birth: str
    commune: str
    hamlet: str
    category: str
    month: str
    age_months: int
    amount: int
    facts: tuple[str, ...]
    waiting: str = ""


def suggestions(first: str, last: str, communes: Communes = None) -> list[Suggestion]:
    """People who reach such an age on the lists `first` to `last`, or did in the year before; by month, commune and name."""
    law = book.load().at(last)
    found: dict[str, Suggestion] = {}
    for category in law.categories.values():
        if not _by_age_alone(category):
            continue
        for row in _of_age(law, category, first, last, communes):
            known = found.get(row["id"])
            suggested = _suggestion(law, category, row)
            if suggested.month <= last and (known is None or known.amount < suggested.amount):
                found[row["id"]] = suggested
    return sorted(found.values(), key=lambda each: (each.month, each.commune, each.name, each.person))


def _by_age_alone(category: Category) -> bool:
    return category.starts in ("birthday", "decision") and bool(category.ages) and len(category.needs) == 1 and PENSION in category.needs[0]


def _of_age(law: Law, category: Category, first: str, last: str, communes: Communes) -> list[dict[str, Any]]:
    """People born in time who are paid no allowance that would exclude this one, with an increase of theirs that waits."""
    low = min(pair[0] for pair in category.ages)
    youngest, oldest = months.add(last, -low), months.add(first, -low - OVERDUE)
    years = [str(year) for year in range(int(oldest[:4]), int(youngest[:4]) + 1)]
    born = ((Person.birth >= oldest) & (Person.birth < months.add(youngest, 1))) | Person.birth.in_(years)
    # A single poor parent's allowance stands beside one of the groups it joins (Điều 6.2).
    others = [each.code for each in law.categories.values() if each.programme != "care_support" and category.group not in each.joins]
    lives = Entitlement.stop_month.is_null() | (Entitlement.stop_month > first)
    has = Entitlement.select(Entitlement.id).where((Entitlement.person == Person.id) & Entitlement.category.in_(others) & lives)
    asks = Change.select(Change.id).where((Change.person == Person.id) & (Change.type == "increase") & Change.state.in_(UNDECIDED)).limit(1)
    columns = (Person.id, Person.full_name, Person.birth, Person.commune, Person.hamlet)
    query: Any = Person.select(*columns, asks.alias("waiting")).where(born & Person.closed.is_null() & ~fn.EXISTS(has))
    if communes is not None:
        query = query.where(Person.commune.in_(sorted(communes)))
    return list(query.dicts())


def _suggestion(law: Law, category: Category, row: dict[str, Any]) -> Suggestion:
    low = min(pair[0] for pair in category.ages)
    birth = law.birth(row["birth"])
    return Suggestion(
        person=row["id"],
        name=row["full_name"] or "",
        birth=row["birth"],
        commune=row["commune"] or "",
        hamlet=row["hamlet"] or "",
        category=category.code,
        month=max(ages.birthday(birth, low)[:7], category.since),
        age_months=low,
        amount=entitlement.monthly(category.code, category.coefficient10, law.month),
        facts=tuple(law.facts[fact] for fact in category.needs[0]),
        waiting=row["waiting"] or "",
    )
