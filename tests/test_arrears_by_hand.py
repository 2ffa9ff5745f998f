"""Months of lists over a moving register, beside a second calculator: plain loops over plain dictionaries, nothing of the portal in it.

People begin, end, are adjusted, suspended and resumed with any delay; levels become known late. The calculator keeps for each line
and month what has been given; each list must say the same, line by line and month by month, to the đồng.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from portal import db, door, migrations, payment_list_steps
from tests import machine

PEOPLE, MONTHS = (10_000, 60) if machine.SOAK else (2_000, 30)
FIRST = 2022 * 12
# Each level with the month it counts from and the list (the month it is closed for) that knew it first.
LEVELS = ((2021 * 12 + 6, 0, 360_000), (2024 * 12 + 6, 2024 * 12 + 7, 500_000), (2026 * 12 + 6, 2026 * 12 + 8, 540_000))


@dataclass
class Term:
    """A right between two months (numbers): what `entitlement` has in a row."""

    row: str
    start: int
    stop: int | None
    coefficient10: int
    suspended: int | None = None


@dataclass
class Line:
    """A line of one person, and what has been given for each month."""

    code: str
    person: str
    terms: list[Term]
    given: dict[int, int] = field(default_factory=dict)


def written(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def level(month: int, closed_for: int) -> int:
    return next(amount for since, known, amount in reversed(LEVELS) if month >= since and closed_for >= known)


def due(line: Line, month: int, closed_for: int) -> int:
    fits = [
        term
        for term in line.terms
        if term.start <= month and (term.stop is None or month < term.stop) and (term.suspended is None or month < term.suspended)
    ]
    return level(month, closed_for) * max(fits, key=lambda term: term.start).coefficient10 // 10 if fits else 0


def draw_up(lines: list[Line], first: int, month: int) -> dict[str, tuple[int, int]]:
    """Line code → (own sum, arrears) of a month's list; what it gives is kept."""
    found = {}
    for line in lines:
        own, back = due(line, month, month), 0
        for before in range(first, month):
            owed = due(line, before, month) - line.given.get(before, 0)
            if owed > 0:
                back += owed
                line.given[before] = line.given.get(before, 0) + owed
        if own:
            line.given[month] = own
        if own or back:
            found[line.code] = (own, back)
    return found


class Register:
    """The portal's side: rows written as approved changes write them, lists drawn up by the portal's own step."""

    def __init__(self) -> None:
        self.store = door.store()
        self.seq = 1

    def add(self, lines: list[Line]) -> None:
        people = [(line.person, self.seq, f"P{line.code}", "Nguyễn Văn A", "18568", "cash", line.code) for line in lines]
        self.store.insert("person", ("id", "version", "code", "full_name", "commune", "method", "sort_key"), people)
        for line in lines:
            for term in line.terms:
                self.insert(line, term)

    def insert(self, line: Line, term: Term) -> None:
        row = (
            term.row, self.seq, line.person, "18568", line.code, "5.6-nang", term.coefficient10, "cash", written(term.start),
            None if term.stop is None else written(term.stop), None if term.suspended is None else written(term.suspended),
        )  # fmt: skip
        names = (
            "id",
            "version",
            "person",
            "commune",
            "line_code",
            "category",
            "coefficient10",
            "method",
            "start_month",
            "stop_month",
            "suspended_from",
        )
        self.store.insert("entitlement", names, [row])

    def update(self, term: Term) -> None:
        values = (
            written(term.start),
            term.coefficient10,
            *(None if value is None else written(value) for value in (term.stop, term.suspended)),
        )
        sql = "UPDATE entitlement SET start_month = ?, coefficient10 = ?, stop_month = ?, suspended_from = ?, version = ? WHERE id = ?"
        self.store.run(sql, (*values, self.seq, term.row))

    def draw_up(self, month: int) -> dict[str, tuple[int, int]]:
        self.seq += 1
        at = f"{written(month - 1)}-24T03:00:00Z"
        list_id = f"00000000-0000-7000-8000-{month:012d}"
        payment_list_steps.build(self.store, {"list": list_id, "month": written(month), "at": at}, self.seq)
        columns = ("id", "version", "month", "state", "built_in", "built_at")
        self.store.insert("payment_list", columns, [(list_id, self.seq, written(month), "posted", self.seq, at)])
        self.seq += 1
        rows = self.store.run("SELECT line_code, allowance, arrears FROM payment WHERE list = ?", (list_id,)).fetchall()
        assert len({row[0] for row in rows}) == len(rows), "never two lines for one right and month"
        assert all(own >= 0 and back >= 0 for _, own, back in rows)
        return {code: (int(own), int(back)) for code, own, back in rows}


def move(rng: random.Random, register: Register, line: Line, month: int) -> None:
    """Something becomes known about a line before the list of `month` is drawn up, with effect from any month up to a year ago."""
    last = line.terms[-1]
    when = month - rng.choice((0, 0, 0, 1, 2, 3, 6, 11))
    match rng.randrange(5):
        case 0 if last.stop is None:  # an end, perhaps told late
            last.stop = max(when, last.start)
            register.update(last)
        case 1 if last.stop is None and when > last.start and last.suspended is None:  # another level from some month on
            last.stop = when
            register.update(last)
            line.terms.append(Term(f"{line.code}-{len(line.terms)}", when, None, rng.choice((10, 15, 20, 25, 30))))
            register.insert(line, line.terms[-1])
        case 2 if last.suspended is None and last.stop is None and when >= last.start:
            last.suspended = when
            register.update(last)
        case 3 if last.suspended is not None:  # resumed, with what was held back
            last.suspended = None
            register.update(last)
        case 4 if last.stop is not None:  # the end was a mistake
            last.stop = None
            register.update(last)


@pytest.fixture
def register(sqlite_url: str) -> Iterator[Register]:
    db.connect(sqlite_url)
    migrations.migrate()
    with db.database.connection_context():
        yield Register()
    db.disconnect()


@pytest.mark.parametrize("first", [FIRST + 14, 2025 * 12 + 3])
def test_every_line_of_every_month_is_what_the_other_calculator_says(register: Register, first: int) -> None:
    rng = random.Random(first)
    lines = [
        Line(
            f"L{number:05d}",
            f"p{number:05d}",
            [Term(f"L{number:05d}-0", first + rng.randint(-12, MONTHS), None, rng.choice((10, 15, 20, 25)))],
        )
        for number in range(PEOPLE)
    ]
    back = 0
    with db.write_transaction():
        register.add(lines)
        for month in range(first, first + MONTHS):
            for line in rng.sample(lines, max(1, PEOPLE // 40)):
                move(rng, register, line, month)
            expected = draw_up(lines, first, month)
            assert register.draw_up(month) == expected, written(month)
            back += sum(owed for _, owed in expected.values())
    assert back > 0
    given = register.store.run(
        "SELECT line_code, month, SUM(amount) FROM arrears GROUP BY line_code, month HAVING SUM(amount) > 3 * 540000"
    ).fetchall()
    assert given == [], "no month is owed twice"
