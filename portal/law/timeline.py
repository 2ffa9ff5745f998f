"""The decrees laid end to end: later texts end earlier values, and what does not fit is named, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

import msgspec
from msgspec import Struct

from portal.law import months
from portal.law.decree_file import DecreeFile, Ending
from portal.law.terms import AgeStep, Category, Grant, Number, Rate

Value = Rate | Category | Grant | Number
AnyValue = TypeVar("AnyValue", Rate, Category, Grant, Number)
_FOR_EVER = months.number("9999-12")


class Timeline(Struct, frozen=True):
    """Every value with its final [since, until], after the endings of later decrees."""

    rates: tuple[Rate, ...]
    categories: tuple[Category, ...]
    grants: tuple[Grant, ...]
    numbers: tuple[Number, ...]

    def values(self) -> tuple[Value, ...]:
        """All of them, whatever their kind."""
        return (*self.rates, *self.categories, *self.grants, *self.numbers)


def key(value: Value) -> str:
    """Name a value as `[[ends]]` does: "rate:base", "category:5.5c"; a province's own has "@code" behind."""
    match value:
        case Rate():
            return f"rate:{value.name}" + (f"@{value.province}" if value.province else "")
        case Category():
            return f"category:{value.code}"
        case Grant():
            return f"grant:{value.code}"
        case Number():
            return f"number:{value.name}" + (f"@{value.province}" if value.province else "")


def last(value: Value) -> int:
    """Number of the last month in which the value counts, far in the future when it is open."""
    return months.number(value.until) if value.until else _FOR_EVER


def in_month(value: Value, month: str) -> bool:
    """Whether the value counts in `month`."""
    return months.number(value.since) <= months.number(month) <= last(value)


def lay(files: Sequence[DecreeFile]) -> tuple[Timeline, tuple[str, ...]]:
    """Apply every ending; the second part lists the endings that found nothing to end."""
    endings = [ending for file in files for ending in file.endings]
    used: set[Ending] = set()

    def end(value: AnyValue) -> AnyValue:
        for ending in endings:
            if ending.what != key(value) or ending.set_by != value.source.decree_id:
                continue
            if not months.number(value.since) <= months.number(ending.until) < last(value):
                continue
            used.add(ending)
            if isinstance(value, Category):
                return msgspec.structs.replace(value, until=ending.until, followed_by=ending.to, ended_by=ending.source)
            return msgspec.structs.replace(value, until=ending.until)
        return value

    timeline = Timeline(
        rates=tuple(end(value) for file in files for value in file.rates),
        categories=tuple(end(value) for file in files for value in file.categories),
        grants=tuple(end(value) for file in files for value in file.grants),
        numbers=tuple(end(value) for file in files for value in file.numbers),
    )
    lost = tuple(
        f"{ending.source.place}: {ending.source.decree_id} ends {ending.what} of {ending.set_by} with {ending.until}, "
        f"but {ending.set_by} has no such value then"
        for ending in endings
        if ending not in used
    )
    return timeline, lost


def clashes(timeline: Timeline) -> tuple[str, ...]:
    """Every gap, overlap, dangling reference and impossible value: file and line, then a sentence."""
    return (
        *_successions(timeline),
        *_money(timeline),
        *_rates_missing(timeline),
        *_ages(timeline),
    )


def _successions(timeline: Timeline) -> Iterable[str]:
    by_key: dict[str, list[Value]] = {}
    for value in timeline.values():
        by_key.setdefault(key(value), []).append(value)
    for name, values in by_key.items():
        values.sort(key=lambda value: value.since)
        for before, after in pairwise(values):
            whose = f"{after.source.place}: {name}: {before.source.decree_id} ({before.since} to {before.until or 'further notice'}) and {after.source.decree_id}"
            apart = months.number(after.since) - last(before)
            if apart < 1:
                yield f"{whose} (from {after.since}) overlap; end the earlier one ({before.source.place}) with [[ends]]"
            elif apart > 1 and "@" not in name:
                yield f"{whose} (from {after.since}) leave a gap (the earlier one: {before.source.place})"


def _money(timeline: Timeline) -> Iterable[str]:
    for rate in timeline.rates:
        if rate.amount <= 0 or rate.amount % 10:
            yield f"{rate.source.place}: {key(rate)} of {rate.source.decree_id}: {rate.amount} must be a positive multiple of 10 đồng (no rounding)"
    for category in timeline.categories:
        if category.coefficient10 <= 0:
            yield f"{category.source.place}: {key(category)} of {category.source.decree_id}: the coefficient is not positive"
    for grant in timeline.grants:
        if grant.multiple <= 0:
            yield f"{grant.source.place}: {key(grant)} of {grant.source.decree_id}: the multiple is not positive"


def _rates_missing(timeline: Timeline) -> Iterable[str]:
    paid: tuple[Category | Grant, ...] = (*timeline.categories, *timeline.grants)
    for value in paid:
        levels = sorted((rate for rate in timeline.rates if rate.name == value.rate and not rate.province), key=lambda rate: rate.since)
        if not levels or levels[0].since > value.since or last(levels[-1]) < last(value):
            period = f"from {value.since} to {value.until or 'further notice'}"
            yield f"{value.source.place}: {key(value)} of {value.source.decree_id} counts {period}, rate:{value.rate} does not"


def _ages(timeline: Timeline) -> Iterable[str]:
    codes: dict[str, list[Category]] = {}
    for category in timeline.categories:
        codes.setdefault(category.code, []).append(category)
    groups = {category.group for category in timeline.categories}
    for category in timeline.categories:
        name = f"{category.source.place}: {key(category)} of {category.source.decree_id}"
        ends = {below for _, below in category.ages if below is not None}
        for missing in sorted(ends - {step.months for step in category.at_age}):
            yield f"{name} ends at {missing} months of age without an at_age that says what follows"
        for step in category.at_age:
            wrong = _step(category, step, ends, codes.get(step.to, []))
            if wrong:
                yield f"{name}: at {step.months} months {wrong}"
        successors = codes.get(category.followed_by, [])
        if category.followed_by and not any(in_month(target, months.add(category.until, 1)) for target in successors):
            yield f"{name}: is followed by {category.followed_by}, which is not in force when it ends"
        for group in set(category.joins) - groups:
            yield f"{name}: joins {group}, which is no group"


def _step(category: Category, step: AgeStep, ends: set[int], targets: Sequence[Category]) -> str:
    if step.to == category.code:
        return "" if category.admits(step.months) and step.provided else "it goes on as itself, which needs `provided` and an admitted age"
    if step.months not in ends:
        return "no range of its ages ends"
    # Of several children one reaches the age and another, younger one keeps the right: its age is not known here.
    another = category.age_of == "child" and step.provided
    if step.to and not any(target.admits(step.months) or another for target in targets):
        return f"it becomes {step.to}, which is no category for that age"
    return ""
