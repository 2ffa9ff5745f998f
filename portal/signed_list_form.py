"""The form a signed paper list is keyed in with: what is asked for, what stands in it, what it says of each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from msgspec import Struct, field

from portal import payment, signed_list
from portal.payment_list import MonthList
from portal.problems import NotFound
from portal.schedule import Session
from portal.signed_list import NotNumbers, Paper, Row, Said

_PLACES = ("counter", "home")
SAID = "said."
"""Before the names of the hidden fields that carry what was said from the form to its confirmation."""


class Typed(Struct, frozen=True):
    """What stands in the form: the day and numbers as typed, where money was handed out unless a row says otherwise, and what each row says."""

    day: str = ""
    place: str = "counter"
    numbers: str = ""
    signed: frozenset[int] = frozenset()
    ways: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)


class Asked(Struct, frozen=True):
    """What the address asks for: a paper, those of its rows that are on this page, and the session the reader came from."""

    found: MonthList
    of: Session | None
    paper: Paper
    first: int

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows on this page."""
        return self.paper.rows[self.first : self.first + signed_list.PAGE]

    @property
    def place(self) -> dict[str, Any]:
        """What an address of this page is made of."""
        named = {"month": self.found.month, "commune": self.paper.commune, "code": self.paper.code}
        return {**named, "session": self.of.id if self.of else None, "first": self.first or None}


class Form(Protocol):
    """What was sent, as a request has it."""

    def get(self, key: str, default: str, /) -> str:
        """The first value of an input, or `default`."""
        ...

    def getlist(self, key: str, /) -> list[str]:
        """Every value of an input."""
        ...

    def items(self) -> Iterable[tuple[str, str]]:
        """Each input with its first value."""
        ...


def typed(form: Form, asked: Asked) -> Typed:
    """The form as it came in. A way or a reason that the record does not offer is left out."""
    ticked, known = _ticked(form), {each.code for each in payment.reasons_of("uncollected")}
    ways = {row.number: form.get(f"way.{row.number}", "") for row in asked.rows if row.is_markable}
    reasons = {row.number: form.get(f"reason.{row.number}", "") for row in asked.rows if row.is_markable}
    of_row = {row.number: row for row in asked.rows}
    return Typed(
        day=form.get("day", "")[:20],
        place=_place(form),
        numbers=form.get("numbers", "")[:500],
        signed=frozenset(number for row in asked.rows if row.is_markable and (number := row.number) in ticked),
        ways={number: way for number, way in ways.items() if way in payment.ways(of_row[number].line)},
        reasons={number: reason for number, reason in reasons.items() if reason in known},
    )


def said(asked: Asked, typed: Typed) -> list[Said]:
    """What the form says of each row: a reason is "not collected", else a tick is "signed", else nothing."""
    found = []
    for row in asked.rows:
        if reason := typed.reasons.get(row.number):
            found.append(Said(row.number, "uncollected", reason))
        elif row.number in typed.signed:
            usual = "home" if row.line.home_delivery else typed.place
            found.append(Said(row.number, typed.ways.get(row.number, usual)))
    return found


def said_before(form: Form, asked: Asked) -> list[Said]:
    """What the confirmation was about, from its hidden fields; a row that changed meanwhile is left to the noun."""
    rows, known = {row.number: row for row in asked.rows}, {each.code for each in payment.reasons_of("uncollected")}
    found = []
    for name, text in form.items():
        if not name.startswith(SAID):
            continue
        what, _, reason = name.removeprefix(SAID).partition(".")
        numbers = read(text)
        if not numbers <= rows.keys() or (reason not in known if what == "uncollected" else bool(reason)):
            raise NotFound
        if what != "uncollected" and any(what not in payment.ways(rows[number].line) for number in numbers):
            raise NotFound
        found += [Said(number, what, reason) for number in numbers]
    return sorted(found, key=lambda each: each.number)


def typed_before(form: Form, asked: Asked) -> Typed:
    """The form as it stood before its confirmation."""
    before = said_before(form, asked)
    return Typed(
        day=form.get("day", "")[:20],
        place=_place(form),
        signed=frozenset(each.number for each in before if each.what != "uncollected"),
        ways={each.number: each.what for each in before if each.what != "uncollected"},
        reasons={each.number: each.reason for each in before if each.reason},
    )


def _ticked(form: Form) -> frozenset[int]:
    return frozenset(int(text) for text in form.getlist("signed") if text.isascii() and text.isdigit() and len(text) < 6)


def _place(form: Form) -> str:
    place = form.get("place", "")
    return place if place in _PLACES else _PLACES[0]


def read(text: str) -> frozenset[int]:
    """Numbers of a hidden field. Raises NotFound for what no page of ours says."""
    try:
        return signed_list.read_numbers(text)
    except NotNumbers as problem:
        raise NotFound from problem
