"""Ages in whole months, and what reaching an age does to an entitlement."""

from __future__ import annotations

from calendar import monthrange
from typing import Literal

import msgspec

from portal.law import months
from portal.law.book import Book
from portal.law.terms import AgeStep, Category, Source

TransitionKind = Literal["coefficient", "category", "proof", "end", "law"]


class Transition(msgspec.Struct, frozen=True):
    """One change that age or a new decree brings to an entitlement of category `category`.

    `month` is the first list it changes: the month of the birthday for a new coefficient or category, the month after it for an end.
    `kind`: "coefficient" (also the category), "category" (same coefficient), "proof" (goes on when `provided` is proven), "end",
    "law" (a decree changes or ends the category). With `provided` it happens when that fact is proven, with `unless` when it is not.
    `event_date` is the birthday, or the first day of `month` for "law"; `reason` the code to propose it with.
    """

    month: str
    kind: TransitionKind
    category: str
    to: str
    coefficient10_before: int
    coefficient10_after: int
    age_months: int
    event_date: str
    reason: str
    source: Source | None = None
    provided: str = ""
    unless: str = ""


def age_at(birth: str, month: str) -> int:
    """Age in months that is reached some time in `month`: a birthday counts for its whole month (Điều 8.1).

    `birth` is "1938", "1938-05" or "1938-05-12"; what is not known is 1 January, or the first of the month. Negative before birth.
    """
    return months.between(months.month_of(birth), month)


def years_at(birth: str, month: str) -> int:
    """Completed years reached in `month`; negative before birth."""
    return age_at(birth, month) // 12


def birthday(birth: str, age_months: int) -> str:
    """Date "YYYY-MM-DD" on which the age is reached, the last day of the month where that day does not exist (29 February)."""
    _, _, day = months.parts(birth)
    month = months.add(months.month_of(birth), age_months)
    year, number = map(int, month.split("-"))
    return f"{month}-{min(day, monthrange(year, number)[1]):02d}"


def covers(category: Category, birth: str, month: str) -> bool:
    """Whether somebody born then has the age for the category in `month`.

    A right that ends with an age lasts through the month of the birthday (Điều 8.2); one that changes with it changes in that month.
    """
    age = age_at(birth, month)
    return category.admits(age) or any(step.months == age and (not step.to or step.provided) for step in category.at_age)


def transitions(book: Book, birth: str, category: str, from_month: str, to_month: str) -> list[Transition]:
    """List what age and the decrees will do to an entitlement between two months, both included, in order of month.

    `category` is its code in `from_month`, `birth` that of the person whose age counts (`Category.age_of`). After a change the new
    category is followed, too; where a fact decides, both outcomes are listed and the one that goes on is followed. An empty list for
    a category that is not in force in `from_month`. Raises ValueError for months and births that cannot be read.
    """
    found: list[Transition] = []
    current = book.at(from_month).categories.get(category)
    begin = from_month
    while current is not None and begin <= to_month:
        step = _next_step(current, birth, begin, first=not found)
        by_law = months.add(current.until, 1) if current.until else ""
        if step is not None and (not by_law or _step_month(birth, step) < by_law):
            target = _target(book, current, step, birth)
            found += _by_age(current, step, target, birth)
            begin = months.add(months.add(months.month_of(birth), step.months), 1)
            # Of two children the younger one's age is needed from here on: the caller has it, we do not.
            other_child = current.age_of == "child" and step.to != current.code
            current = None if other_child else target
        elif by_law:
            target = book.at(by_law).categories.get(current.followed_by or current.code)
            found.append(_by_law(current, target, by_law, birth))
            begin, current = by_law, target
        else:
            break
    return sorted(
        (transition for transition in found if from_month <= transition.month <= to_month),
        key=lambda transition: (transition.month, transition.kind == "end"),
    )


def _step_month(birth: str, step: AgeStep) -> str:
    reached = months.add(months.month_of(birth), step.months)
    return reached if step.to else months.add(reached, 1)


def _next_step(category: Category, birth: str, begin: str, *, first: bool) -> AgeStep | None:
    # When a fact fails the right ends a month later than it would have changed, so look that far back at the start.
    later = [
        step
        for step in category.at_age
        if _step_month(birth, step) >= begin or (first and step.provided and months.add(_step_month(birth, step), 1) == begin)
    ]
    return min(later, key=lambda step: step.months, default=None)


def _target(book: Book, category: Category, step: AgeStep, birth: str) -> Category | None:
    if not step.to:
        return None
    return book.at(months.add(months.month_of(birth), step.months), province=category.province).categories.get(step.to)


def _by_age(category: Category, step: AgeStep, target: Category | None, birth: str) -> list[Transition]:
    reached = months.add(months.month_of(birth), step.months)
    date = birthday(birth, step.months)
    found: list[Transition] = []
    if target is not None:
        kind: TransitionKind = "coefficient" if target.coefficient10 != category.coefficient10 else "category"
        found.append(
            Transition(
                month=reached,
                kind="proof" if target.code == category.code else kind,
                category=category.code,
                to=target.code,
                coefficient10_before=category.coefficient10,
                coefficient10_after=target.coefficient10,
                age_months=step.months,
                event_date=date,
                reason="SO_CON" if category.age_of == "child" else "TUOI",
                source=step.source,
                provided=step.provided,
            )
        )
    if target is None or step.provided:
        found.append(
            Transition(
                month=months.add(reached, 1),
                kind="end",
                category=category.code,
                to="",
                coefficient10_before=category.coefficient10,
                coefficient10_after=0,
                age_months=step.months,
                event_date=date,
                reason="QUA_TUOI",
                source=step.source,
                unless=step.provided if target is not None else "",
            )
        )
    return found


def _by_law(category: Category, target: Category | None, month: str, birth: str) -> Transition:
    return Transition(
        month=month,
        kind="law",
        category=category.code,
        to=target.code if target else "",
        coefficient10_before=category.coefficient10,
        coefficient10_after=target.coefficient10 if target else 0,
        age_months=age_at(birth, month),
        event_date=f"{month}-01",
        reason="CHUYEN_DT" if target else "HET_DK",
        source=category.ended_by,
    )
