"""People: the list with its search and filters, and what the page of one person shows.

Lists are paged by key (sort key, id), never counted. What a role may not know is not asked of the database (domain.md 7.2).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import peewee
from msgspec import Struct

from portal import entitlement, unit
from portal.models.change import Change
from portal.models.conflict import Conflict
from portal.models.entitlement import Entitlement
from portal.models.payment import Payment
from portal.models.person import Person
from sync.fields import POST
from sync.kinds import CATALOGUE
from sync.kinds.change import UNDECIDED
from sync.text import fold
from sync.values import ValueProblem, parse_phone

PAGE = 50
_JOINED_DIGITS = re.compile(r"\+?\d[\d .\-]{6,}\d")
_ID_LENGTHS = (9, 12)
_FEWEST_DIGITS = 3


class Asked(Struct, frozen=True):
    """What was asked of the list; "" is no filter.

    `words` as typed; `commune` a code; `hamlet` the code of a hamlet; `category` a category or its group; `after` or `before` the id
    of the person beyond whom the page begins.
    """

    words: str = ""
    commune: str = ""
    hamlet: str = ""
    category: str = ""
    method: str = ""
    status: str = ""
    after: str = ""
    before: str = ""


class Row(NamedTuple):
    """A person in the list. `monthly` is what the month pays in đồng; `groups` are the categories' public words."""

    id: str
    full_name: str
    code: str
    birth: str
    commune: str
    hamlet: str
    method: str
    status: str
    monthly: int
    groups: tuple[str, ...]


class Page(Struct, frozen=True):
    """A page of the list; `before` and `after` are the ids to page on by, "" where the list ends."""

    rows: list[Row]
    before: str
    after: str


class Paid(Struct, frozen=True):
    """A payment of a person, as their page shows it. `mark` and `hold` as the catalogue describes them."""

    id: str
    month: str
    line_code: str
    total: int
    method: str
    state: str
    mark: dict[str, Any]
    hold: dict[str, Any]


class Open(Struct, frozen=True):
    """Something about a person that waits for somebody: a change (`what` its type, `detail` its reason) or a conflict (`detail` its field)."""

    kind: str
    id: str
    what: str
    detail: str
    state: str
    at: str
    author: str


_LISTED = (Person.id, Person.full_name, Person.code, Person.birth, Person.commune, Person.hamlet, Person.method, Person.status)


def page(asked: Asked, communes: frozenset[str] | None, role: str, month: str) -> Page:
    """A page of the people in these communes (None: all), by name, with what `month` pays them."""
    wanted = _conditions(asked, communes, role, month)
    start, backwards = _start(asked, communes)
    if start is not None:
        key = peewee.Tuple(Person.sort_key, Person.id)
        wanted.append(key < peewee.Tuple(*start) if backwards else key > peewee.Tuple(*start))
    order = (Person.sort_key.desc(), Person.id.desc()) if backwards else (Person.sort_key, Person.id)
    query = Person.select(*_LISTED).order_by(*order).limit(PAGE + 1)
    rows: list[Any] = list((query.where(*wanted) if wanted else query).tuples())
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    sums = entitlement.amounts([row[0] for row in rows], month) if rows else {}
    shown = [_row(row, *sums.get(row[0], (0, ())), month, role) for row in rows]
    goes_back, goes_on = (more, start is not None) if backwards else (start is not None, more)
    return Page(
        rows=shown,
        before=shown[0].id if shown and goes_back else "",
        after=shown[-1].id if shown and goes_on else "",
    )


def payments(person: str) -> list[Paid]:
    """A person's payments on posted lists, newest month first."""
    names = ("id", "month", "line_code", "total", "method", "state", "mark", "hold")
    query: Any = (
        Payment.select(*(getattr(Payment, name) for name in names))
        .where(Payment.person == person, Payment.published)
        .order_by(Payment.month.desc(), Payment.line_code)
    )
    return [Paid(**{**row, "mark": _decoded(row["mark"]), "hold": _decoded(row["hold"])}) for row in query.dicts()]


def waiting_about(person: str, role: str) -> list[Open]:
    """Changes that nobody has decided and conflicts nobody has resolved about a person, oldest first."""
    changes: Any = Change.select(Change.id, Change.type, Change.reason, Change.state, Change.at, Change.author).where(
        Change.person == person, Change.state.in_(UNDECIDED)
    )
    found = [Open("change", id_, type_, reason, state, at, author) for id_, type_, reason, state, at, author in changes.tuples()]
    rights = Entitlement.select(Entitlement.id).where(Entitlement.person == person)
    paid = Payment.select(Payment.id).where(Payment.person == person)
    about = (Conflict.about == person) | Conflict.about.in_(rights) | Conflict.about.in_(paid) | Conflict.about.in_([o.id for o in found])
    columns = (Conflict.id, Conflict.type, Conflict.about_kind, Conflict.field, Conflict.state, Conflict.at, Conflict.author)
    conflicts: Any = Conflict.select(*columns).where(about, Conflict.state == "open")
    for id_, type_, kind, field, state, at, author in conflicts.tuples():
        if field in CATALOGUE[kind].visible(role):
            found.append(Open("conflict", id_, type_, f"{kind}.{field}", state, at, author))
    return sorted(found, key=lambda each: each.at or "")


def editable(role: str) -> tuple[list[str], list[str]]:
    """Names of a person's fields that this role writes at once, and of those whose change waits for a decision."""
    fields = [f for f in CATALOGUE["person"].fields.values() if f.merge != "fixed" and role not in f.hidden_from]
    return [f.name for f in fields if role in f.direct], [f.name for f in fields if role in f.propose and role not in f.direct]


def _row(row: tuple[Any, ...], monthly: int, categories: tuple[str, ...], month: str, role: str) -> Row:
    texts: Any = [value or "" for value in row]
    groups = tuple(dict.fromkeys(entitlement.group(code, month) for code in categories)) if entitlement.may_read(role) else ()
    return Row._make((*texts, monthly, groups))


def _conditions(asked: Asked, communes: frozenset[str] | None, role: str, month: str) -> list[Any]:
    found: list[Any] = _in_scope(communes)
    if asked.commune:
        found.append(Person.commune == asked.commune)
    if asked.hamlet:
        place = unit.by_code(asked.hamlet)
        is_one = place is not None and place.kind == "hamlet"
        found += [Person.commune == place.parent, Person.hamlet == place.name] if place is not None and is_one else [peewee.SQL("1 = 0")]
    if asked.method:
        found.append(Person.method == asked.method)
    if asked.status:
        found.append(Person.status == asked.status)
    if asked.category and entitlement.may_read(role):
        rights = Entitlement.select(peewee.SQL("1")).where(
            Entitlement.person == Person.id,
            Entitlement.category.in_(_asked_categories(asked.category, month, role)),
            entitlement.paying(month),
        )
        found.append(peewee.fn.EXISTS(rights))
    return found + [_matches(word, role) for word in _words(asked.words)]


def _in_scope(communes: frozenset[str] | None) -> list[Any]:
    if communes is None:
        return []
    return [Person.commune == next(iter(communes))] if len(communes) == 1 else [Person.commune.in_(sorted(communes))]


def _asked_categories(code: str, month: str, role: str) -> list[str]:
    """A group, or one category where the role may know it and it is not confidential: nobody finds those by a filter."""
    if code in dict(entitlement.groups(month)) or (entitlement.may_know(role) and code in dict(entitlement.categories(month))):
        return entitlement.of_group(code, month)
    return []


def _words(typed: str) -> list[str]:
    """The words to look for, folded; a number written in groups ("0510 000 001", "+84 510…") is one word."""
    text = typed.strip()
    if _JOINED_DIGITS.fullmatch(text):
        try:
            return [parse_phone(text)]
        except ValueProblem:
            return [re.sub(r"\D", "", text)]
    return fold(text).split()


def _matches(word: str, role: str) -> Any:
    """A word of a name, code or phone; digits of an identity number only whole, and only by a role that may read it."""
    if not word.isdigit():
        return Person.search_key.contains(word)
    # Not the search key: it holds the identity number, which must not be found piece by piece.
    found = Person.code.contains(word) | Person.full_name.contains(word)
    if len(word) >= _FEWEST_DIGITS:
        found |= Person.phone.contains(word)
    if len(word) in _ID_LENGTHS and role not in POST:
        found |= Person.national_id == word
    return found


def _start(asked: Asked, communes: frozenset[str] | None) -> tuple[tuple[str, str] | None, bool]:
    """The key the page begins beyond, and whether it is read backwards; no key where the person is not in scope."""
    beyond = asked.before or asked.after
    if not beyond:
        return None, False
    found: Sequence[str] | None = (
        Person.select(Person.sort_key, Person.id).where(Person.id == beyond, *_in_scope(communes)).tuples().first()
    )
    return ((found[0], found[1]), bool(asked.before)) if found else (None, False)


def _decoded(text: str | None) -> dict[str, Any]:
    return dict(json.loads(text)) if text else {}
