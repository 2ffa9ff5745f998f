"""A second calculator, with its own table, its own dates and its own loop, against the book and its transitions."""

from __future__ import annotations

import random
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.law import amount, book
from portal.law.ages import transitions

PEOPLE = 10_000
MONTHS = 60
KINDS = (
    "orphan",
    "infected",
    "parent",
    "poor_old",
    "mountain_old",
    "old",
    "severe",
    "most_severe",
    "small",
    "care_child",
    "care_severe",
    "mother",
)


@dataclass(frozen=True)
class Drawn:
    kind: str
    born: date
    studies: bool
    pensioner: bool
    earns: bool
    first: tuple[int, int]


def level(year: int, month: int) -> int:
    if (year, month) < (2021, 7):
        return 270_000
    if (year, month) < (2024, 7):
        return 360_000
    return 500_000 if (year, month) < (2026, 7) else 540_000


def years(born: date, on: date) -> int:
    # Born on 29 February: in other years the term ends with the last day of the month (Bộ luật Dân sự 2015, Điều 148).
    day = min(born.day, monthrange(on.year, born.month)[1])
    return on.year - born.year - ((on.month, on.day) < (born.month, day))


def code_in(person: Drawn, year: int, month: int, held: str) -> str:  # noqa: C901, PLR0911, PLR0912  # plain on purpose: the text of the law, line by line
    """Category of the month, "" for none; `held` is that of the month before, since some rights are only carried on."""
    eve = date(year, month, 1)
    at_end = date(year, month, monthrange(year, month)[1])
    old, was = years(person.born, at_end), years(person.born, date.fromordinal(eve.toordinal() - 1))
    match person.kind:
        case "orphan":
            if old < 16:
                return "5.1-a" if old < 4 else "5.1-b"
            if person.studies:
                return "5.2" if was < 22 else ""
            return "5.1-b" if was < 16 else ""
        case "infected":
            if old < 16:
                return "5.3-a" if old < 4 else "5.3-b"
            if not person.earns:
                return "5.8"
            return "5.3-b" if was < 16 else ""
        case "parent":
            if was < 16:
                return "5.4"
            return "5.4" if person.studies and was < 22 else ""
        case "poor_old":
            return "5.5a-60" if old < 80 else "5.5a-80"
        case "mountain_old":
            if (year, month) >= (2025, 7):
                return "HTXH-75" if held and not (held == "5.5b" and was >= 80) else ""
            if old < 80:
                return "5.5b"
            if not person.pensioner:
                return "5.5c"
            return "5.5b" if was < 80 else ""
        case "old":
            return "5.5c" if (year, month) < (2025, 7) else "HTXH-75"
        case "severe" | "most_severe":
            base = "5.6-nang" if person.kind == "severe" else "5.6-dbn"
            return base + ("-te" if old < 16 else "-nct" if old >= 60 else "")
        case "small":
            return "5.7" if was < 3 else ""
        case "care_child":
            return "20.1a" if old < 4 else "20.1b" if was < 16 else ""
        case "care_severe":
            return "20.2d-te" if old < 16 else "20.2d"
        case _:
            return "20.2a-1" if was < 3 else ""


COEFFICIENT = {
    "5.1-a": 25, "5.1-b": 15, "5.2": 15, "5.3-a": 25, "5.3-b": 20, "5.4": 10, "5.5a-60": 15, "5.5a-80": 20, "5.5b": 10, "5.5c": 10,
    "5.6-dbn": 20, "5.6-dbn-te": 25, "5.6-dbn-nct": 25, "5.6-nang": 15, "5.6-nang-te": 20, "5.6-nang-nct": 20, "5.7": 15, "5.8": 15,
    "20.1a": 25, "20.1b": 15, "20.2a-1": 15, "20.2d": 15, "20.2d-te": 25, "HTXH-75": 10,
}  # fmt: skip
SPAN = {"orphan": (0, 21), "infected": (0, 30), "parent": (0, 15), "poor_old": (60, 95), "mountain_old": (75, 79), "old": (80, 99)}
SPAN |= {"severe": (0, 90), "most_severe": (0, 90), "small": (0, 2), "care_child": (0, 15), "care_severe": (0, 60), "mother": (0, 2)}


def walk(first: tuple[int, int]) -> Iterator[tuple[int, int]]:
    year, month = first
    for _ in range(MONTHS):
        yield year, month
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def draw(rng: random.Random) -> Drawn:
    kind = rng.choice(KINDS)
    first = (rng.randint(2022, 2024), rng.randint(1, 12))
    youngest, oldest = SPAN[kind]
    year = first[0] - rng.randint(youngest, oldest) - 1
    month = rng.randint(1, 12)
    born = date(year, month, rng.choice((1, monthrange(year, month)[1], rng.randint(1, 28))))
    studies = rng.random() < 0.5
    if kind == "orphan" and years(born, date(*first, 1)) >= 16:
        studies = True
    return Drawn(kind, born, studies, pensioner=rng.random() < 0.5, earns=rng.random() < 0.5, first=first)


def by_the_book(person: Drawn, start: str) -> list[int]:
    law = book.load()
    every = list(walk(person.first))
    begin, last = (f"{year:04d}-{month:02d}" for year, month in (every[0], every[-1]))
    proven = {"DANG_HOC": person.studies, "KHONG_LUONG_HUU": not person.pensioner, "KHONG_THU_NHAP": not person.earns}
    coming = [
        change
        for change in transitions(law, person.born.isoformat(), start, begin, last)
        if (not change.provided or proven[change.provided]) and (not change.unless or not proven[change.unless])
    ]
    held, amounts = start, []
    for year, month in every:
        now = f"{year:04d}-{month:02d}"
        for change in coming:
            if change.month == now and change.category == held:
                held = change.to
        amounts.append(amount.amount_of(law.at(now), held) if held else 0)
    return amounts


def test_ten_thousand_people_for_sixty_months_agree_to_the_dong() -> None:
    rng = random.Random(20_210_315)
    paid = 0
    for number in range(PEOPLE):
        person = draw(rng)
        expected, held, start = [], "", ""
        for year, month in walk(person.first):
            held = code_in(person, year, month, held) if held or not start else ""
            start = start or held
            expected.append(level(year, month) * COEFFICIENT[held] // 10 if held else 0)
        if not expected[0]:
            continue
        paid += 1
        assert by_the_book(person, start) == expected, (number, person)
    assert paid > PEOPLE * 9 // 10
