"""A printed cash list that comes back signed: which list the paper is of, its rows as they are numbered on it, what was said of them, marks.

After a power cut the paper is all there is. It says by its code (`portal.official_list.code_of`) which lines it has in which order, so that
a number on it means one line and no other, whatever was held back, released or added since.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time

from msgspec import Struct

from portal import calendar, clock, door, official_list, payment, payment_list, schedule
from portal.models.payment_list import PaymentList
from portal.payment import Line
from portal.payment_list import AddendumLine, MonthList
from portal.settlement import POSTED
from sync.edit import Actor, Result

PAGE = 150
"""Rows keyed in at a time: a page of them stays quick on an old machine, and a slip costs no more than these."""
MARKABLE = ("planned", "uncollected")
"""States a signature on paper may still change; money that was paid or is held back is never marked over here."""
_SHORTEST = 4
_NOON = time(12)
_CODE = re.compile(r"([0-9a-f]*)(?:/([0-9]{1,6}))?")
_NUMBERS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


class WrongPaper(Exception):
    """The code on the paper is not of the list that is asked for. `code`: unreadable, unknown, other_month, draft, no_such_addendum, addendum_missing."""

    def __init__(self, code: str, **details: str | int) -> None:
        """`details`: `month` the paper is of, or `last`, the number of the list's newest addendum."""
        super().__init__(code)
        self.code = code
        self.details = details


class NotNumbers(Exception):
    """What was typed is not a list of numbers; `part` is what could not be read."""

    def __init__(self, part: str) -> None:
        """`part` as it was typed."""
        super().__init__(part)
        self.part = part


class Row(Struct, frozen=True):
    """A row of the paper: its number there, and the line as it stands now."""

    number: int
    line: Line

    @property
    def is_markable(self) -> bool:
        """Whether a mark may be keyed in for it."""
        return self.line.state in MARKABLE


class Paper(Struct, frozen=True):
    """A paper as it was printed.

    `code` as printed; `rows` those that are asked for, by number; `count` and `total` (đồng) of all there are on the paper; `since`: the
    commune's addenda it does not know.
    """

    month: str
    commune: str
    code: str
    rows: tuple[Row, ...]
    count: int
    total: int
    since: tuple[AddendumLine, ...]


class Said(Struct, frozen=True):
    """What the paper says of a row: `what` a code of `payment.BY_HAND`, with the reason where it is "uncollected"."""

    number: int
    what: str
    reason: str = ""


class Kept(Struct, frozen=True):
    """What became of one of the rows that were handed in; without a result it was left alone, as it stands otherwise by now."""

    row: Row
    said: Said
    result: Result | None


def upto(found: MonthList, commune: str, typed: str) -> int:
    """The newest addendum a paper knows, by the code on it: the digest or at least four digits of its beginning, "/" and the number.

    The number may be left out where no addendum is about the commune.

    Raises:
        WrongPaper: where the code is not of this list.
    """
    match = _CODE.fullmatch("".join(typed.casefold().split()))
    if match is None or len(match[1]) < _SHORTEST:
        raise WrongPaper("unreadable")
    if not found.digest.startswith(match[1]):
        other = PaymentList.get_or_none(PaymentList.digest.startswith(match[1]), PaymentList.state.in_(POSTED))
        raise WrongPaper("unknown") if other is None else WrongPaper("other_month", month=str(other.month))
    last = official_list.last_addendum(found)
    if match[2] is None:
        if payment_list.addenda(found.id, [commune]):
            raise WrongPaper("addendum_missing", last=last)
        return last
    if int(match[2]) > last:
        raise WrongPaper("no_such_addendum", last=last)
    return int(match[2])


def paper(found: MonthList, commune: str, addendum: int, hamlets: frozenset[str] | None = None) -> Paper:
    """A commune's paper of a posted list, printed when `addendum` was the newest; rows of these hamlets (None: all)."""
    ids = official_list.printed(found, commune, addendum)
    lines = {line.id: line for line in payment.of_list(found.id, commune)}
    rows = [Row(number, lines[id_]) for number, id_ in enumerate(ids, 1)]
    return Paper(
        month=found.month,
        commune=commune,
        code=official_list.code_of(found, addendum),
        rows=tuple(row for row in rows if hamlets is None or row.line.hamlet in hamlets),
        count=len(rows),
        total=sum(row.line.total for row in rows),
        since=tuple(each for each in payment_list.addenda(found.id, [commune]) if each.number > addendum),
    )


def hamlets_of(month: str, commune: str, agent: str) -> frozenset[str] | None:
    """The hamlets of a commune whose people an agent pays in a month; None for the whole commune."""
    mine = frozenset(hamlet for where, code, hamlet in schedule.assignments(agent) if (where, code) == (month, commune))
    return None if "" in mine else mine


def read_numbers(typed: str) -> frozenset[int]:
    """Numbers as people write them: "1-40, 43, 45" or "1–40 43;45".

    Raises:
        NotNumbers: where a part is no number and no range.
    """
    told = re.sub(r"\s*[-–—]\s*", "-", typed)
    found: set[int] = set()
    for part in re.split(r"[\s,;]+", told.strip()) if told.strip() else ():
        match = _NUMBERS.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not 0 < first <= last:
            raise NotNumbers(part)
        found.update(range(first, last + 1))
    return frozenset(found)


def write_numbers(numbers: Iterable[int]) -> str:
    """Numbers as `read_numbers` reads them, runs as ranges: "1-40, 43, 45"."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{first}-{last}" if first < last else str(first) for first, last in runs)


def may_be_of(month: str, commune: str, day: str, today: date) -> bool:
    """Whether money may have been handed out on a day "YYYY-MM-DD": a pay day of the month, or one with a session there; not to come."""
    cycle = calendar.cycle(month)
    with_session = {each.day for each in schedule.sessions(month, frozenset({commune}))}
    return day <= today.isoformat() and (cycle.pay_from <= day <= cycle.pay_to or day in with_session)


def moment_of(day: str, now: datetime) -> datetime:
    """The moment of a mark that was made on paper: noon of the day written there, as no hour is; not later than now."""
    return min(datetime.combine(date.fromisoformat(day), _NOON, clock.LOCAL), now)


def record(actor: Actor, now: datetime, day: str, of: Paper, said: Sequence[Said], shown: frozenset[int]) -> list[Kept]:
    """Hands in what a paper says, one edit a row, numbered as on the paper.

    Args:
        actor: who keyed it in; `actor.device` is the form's own name, so that the same form again is the same edits.
        now: this moment.
        day: "YYYY-MM-DD", as written on the paper.
        of: the paper as its rows stand now.
        said: what it says of some of its rows.
        shown: numbers of the rows that had been told to be marked uncollected: a signature over that was meant.
    """
    at, rows = moment_of(day, now), {row.number: row for row in of.rows}
    answered = door.store().answered([(actor.device, each.number) for each in said])
    seen = {n: json.loads(body)["edit"]["set"]["mark"][0] for (_, n), body in answered.items()}
    told = [(rows[each.number], each) for each in said if each.number in rows]
    sent = [(row, each) for row, each in told if each.number in seen or _stands_as_shown(row, shown)]
    wanted = [
        (row.line.id, seen.get(each.number, row.line.mark), payment.wanted_mark(row.line, each.what, each.reason, at)) for row, each in sent
    ]
    results = payment.mark_lines(actor, now, wanted, numbers=[each.number for _, each in sent])
    became = {each.number: result for (_, each), result in zip(sent, results, strict=True)}
    return [Kept(row, each, became.get(each.number)) for row, each in told]


def sums(rows: Iterable[Row]) -> tuple[int, int]:
    """How many rows, and their sum in đồng."""
    every = list(rows)
    return len(every), sum(row.line.total for row in every)


def by_what(said: Iterable[Said]) -> Mapping[tuple[str, str], frozenset[int]]:
    """(what, reason) → the numbers it is said of."""
    found: dict[tuple[str, str], set[int]] = {}
    for each in said:
        found.setdefault((each.what, each.reason), set()).add(each.number)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def _stands_as_shown(row: Row, shown: frozenset[int]) -> bool:
    return row.line.state == "planned" or (row.line.state == "uncollected" and row.number in shown)
