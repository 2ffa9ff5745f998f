"""Rights to a monthly sum: what a person gets in a month and why, and how much of a category a role may know (domain.md 7.2)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from portal.law import amount, book
from portal.law.amount import Line, Owed, Part
from portal.law.book import Book
from portal.law.errors import LawError
from portal.law.terms import Category
from portal.models.arrears import Arrears
from portal.models.entitlement import Entitlement
from portal.models.payment import Payment
from sync.fields import APPROVER, COMMUNE, DISTRICT, POST
from sync.highest import YIELDS
from sync.kinds.entitlement import pays_in

KNOWING = frozenset({COMMUNE, DISTRICT, APPROVER})
"""Roles that may know the category itself; others read the group it shares with many (Decree 20/2021, article 8.1.b)."""


_TEXTS = (
    *("id", "line_code", "payee", "method", "bank", "account", "holder", "start_month", "stop_month", "suspended_from"),
    *("decision_no", "decision_date", "stop_reason", "child_birth"),
)
_COLUMNS = (*_TEXTS, "category", "coefficient10")


class Right(Struct, frozen=True):
    """A right as a page shows it, with as much as a role may know.

    `monthly` is đồng in the month asked about, 0 where it does not pay then; `total` adds what the month's posted list pays beside it;
    `category` is in words, "" where it may not be known; `lines` say why. `yields`: fulfilled, but not paid beside a higher one (Điều 6.2).
    """

    id: str
    line_code: str
    category: str
    coefficient10: int
    payee: str
    method: str
    bank: str
    account: str
    holder: str
    start_month: str
    stop_month: str
    suspended_from: str
    decision_no: str
    decision_date: str
    stop_reason: str
    child_birth: str
    monthly: int
    total: int
    lines: tuple[Line, ...] = ()
    yields: bool = False


def may_know(role: str) -> bool:
    """Whether a role may know a person's category beyond its group."""
    return role in KNOWING


def may_read(role: str) -> bool:
    """Whether a role may know a person's group at all: the post office pays without knowing why."""
    return role not in POST


def label(code: str, month: str = "", *, detailed: bool) -> str:
    """A category in words: its own label, or the one it shares with its group; a grant's; the code where no law knows it."""
    found = _category(code, month)
    if found is None:
        return _grant(code) or (code if detailed else "")
    return found.label if detailed else found.public_label


def is_confidential(code: str, month: str = "") -> bool:
    """Whether nobody but who decides may know who has this category; so for one no law knows."""
    found = _category(code, month)
    return found is None or found.confidential


def group(code: str, month: str = "") -> str:
    """The words a category shares with its whole group: what lists show."""
    return label(code, month, detailed=False)


def groups(month: str) -> list[tuple[str, str]]:
    """The groups of a month, as (code, words)."""
    return list({each.public_code: each.public_label for each in book.load().at(month).categories.values()}.items())


def categories(month: str, *, confidential: bool = False, group: str = "") -> list[tuple[str, str]]:
    """The categories in force in a month (of a group), as (code, words); those that are confidential only when asked for."""
    every = book.load().at(month).categories.values()
    return [(each.code, each.label) for each in every if (confidential or not each.confidential) and group in ("", each.public_code)]


def group_of(code: str, month: str) -> str:
    """The group of a category, or of a group itself; "" where there is no such."""
    return next((each.public_code for each in book.load().at(month).categories.values() if code in (each.code, each.public_code)), "")


def of_group(code: str, month: str) -> list[str]:
    """The categories of a group, or the one category itself."""
    every = book.load().at(month).categories.values()
    return [each.code for each in every if code in (each.public_code, each.code)]


def monthly(category: str, coefficient10: int, month: str) -> int:
    """What a right pays in a month, in đồng; 0 where the law of that month does not know it."""
    try:
        law = book.load().at(month)
        return amount.amount(law, coefficient10, rate=law.category(category).rate)
    except LawError:
        return 0


def of_person(person: str, month: str, role: str) -> list[Right]:
    """A person's rights, those that pay in `month` first, then the newest; with as much as the role may know."""
    rows: Any = (
        Entitlement.select(*(getattr(Entitlement, name) for name in _COLUMNS))
        .where(Entitlement.person == person)
        .order_by(Entitlement.start_month.desc(), Entitlement.line_code)
    )
    beside = _listed(person, month)
    found = [_right(row, month, role, beside.get(row["id"], ())) for row in rows.dicts()]
    newest = {right.line_code: right.id for right in reversed(found)}
    told = [replace(right, yields=right.stop_reason == YIELDS and newest[right.line_code] == right.id) for right in found]
    return sorted(told, key=lambda right: right.total == 0)


def amounts(people: Iterable[str], month: str) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Person → what their rights pay in a month, in đồng, and the categories of these; one question for all of them."""
    fields = (Entitlement.person, Entitlement.category, Entitlement.coefficient10)
    sums: dict[str, tuple[int, tuple[str, ...]]] = {}
    rows: Any = Entitlement.select(*fields).where(Entitlement.person.in_(list(people)), paying(month)).tuples()
    for person, category, coefficient10 in rows:
        so_far, known = sums.get(person, (0, ()))
        more = () if category in known else (category,)
        sums[person] = (so_far + _monthly(category, coefficient10, month), known + more)
    return sums


def paying(month: str) -> Any:
    """The condition that a right pays in a month (see `sync.kinds.entitlement.pays_in`), for a query."""
    return (
        (Entitlement.start_month <= month)
        & (Entitlement.stop_month.is_null() | (Entitlement.stop_month > month))
        & (Entitlement.suspended_from.is_null() | (Entitlement.suspended_from > month))
    )


def _right(row: Mapping[str, Any], month: str, role: str, parts: tuple[Part, ...]) -> Right:
    pays = pays_in(dict(row), month)
    own = monthly(row["category"], row["coefficient10"], month) if pays else 0
    category = label(row["category"], month if pays else row["start_month"], detailed=may_know(role)) if may_read(role) else ""
    texts: dict[str, Any] = {name: row[name] or "" for name in _TEXTS}
    return Right(
        **texts,
        coefficient10=row["coefficient10"],
        category=category,
        monthly=own,
        total=own + sum(part.amount for part in parts if part.kind in amount.PAID_PARTS),
        lines=_why(row["category"], row["coefficient10"], month if pays else "", role, parts) if may_read(role) else (),
    )


def _why(category: str, coefficient10: int, month: str, role: str, parts: tuple[Part, ...]) -> tuple[Line, ...]:
    if not month:
        return amount.told(parts)
    try:
        law = book.load().at(month)
        return amount.why(law, law.category(category), coefficient10, parts, reveal=may_know(role))
    except LawError:
        return ()


def _listed(person: str, month: str) -> dict[str, tuple[Part, ...]]:
    """Right → what the month's posted lists pay beside the right's own sum, and what of it they hold back."""
    columns = (
        Payment.entitlement,
        Payment.list,
        Payment.line_code,
        Payment.addendum,
        Payment.arrears,
        Payment.carried_over,
        Payment.carried_from,
        Payment.funeral,
        Payment.total,
        Payment.state,
    )
    rows: Any = Payment.select(*columns).where(Payment.person == person, Payment.month == month, Payment.published).tuples()
    found: dict[str, tuple[Part, ...]] = {}
    owed = _owed(person)
    for right, list_, line_code, addendum, arrears, carried, carried_from, funeral, total, state in rows:
        since = sorted(json.loads(carried_from)) if carried_from else [""]
        by_month = amount.back_pay(book.load(), owed.get((list_, line_code, addendum), []))
        parts = (
            *(by_month or (Part("arrears", arrears or 0),)),
            Part("carry_over", carried or 0, since[0] if since else "", since[-1] if since else ""),
            Part("funeral_grant", funeral or 0),
            Part("withheld", total if state == "withheld" else 0),
        )
        found[right] = found.get(right, ()) + tuple(part for part in parts if part.amount)
    return found


def _owed(person: str) -> dict[tuple[str, str, int], list[Owed]]:
    """(List, line code, addendum) → what its arrears are made of."""
    names = ("month", "category", "coefficient10", "rate", "due", "given")
    rows: Any = Arrears.select(Arrears.list, Arrears.line_code, Arrears.addendum, *(getattr(Arrears, name) for name in names))
    found: dict[tuple[str, str, int], list[Owed]] = {}
    for list_, line_code, addendum, *values in rows.where(Arrears.person == person).tuples():
        found.setdefault((list_, line_code, addendum), []).append(Owed(*values))
    return found


def _category(code: str, month: str) -> Category | None:
    """The category as it stands in a month; as the newest law has it, where that month does not know it or none is named."""
    return _known(book.load(), code, month)


@lru_cache(maxsize=512)
def _known(opened: Book, code: str, month: str) -> Category | None:
    try:
        return opened.at(month).category(code)
    except (LawError, ValueError):
        ever = opened.ever(code)
        return ever[-1] if ever else None


def _monthly(category: str, coefficient10: int, month: str) -> int:
    return _paid(book.load(), category, coefficient10, month)


@lru_cache(maxsize=512)
def _paid(_opened: Book, category: str, coefficient10: int, month: str) -> int:
    return monthly(category, coefficient10, month)


def _grant(code: str) -> str:
    """The words of a one-off grant, which stands on a line in a category's place; "" where there is none."""
    return next((grant.label for grant in book.load().timeline().grants if grant.code == code), "")
