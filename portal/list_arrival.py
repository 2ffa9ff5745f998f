"""A list that arrived, beside who is known: which line each row is, who is new, what must not be taken over, what may be put right.

Rows are matched by the line's code, the national id, or name, birth and commune together; never by a name alone. Nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from portal.law import book, eligibility
from portal.law.book import Book, Law
from portal.law.errors import NotInForceError
from portal.models.entitlement import Entitlement
from portal.models.person import Person
from sync.text import fold


@dataclass(frozen=True)
class Remark:
    """Something said of a place ("sheet!cell", "sheet!row" or "file"): a stable `code`, and details for the sentence."""

    at: str
    code: str
    why: str = ""


@dataclass(frozen=True)
class Repair:
    """A value to put in place of what stands there; one with `ask` only when a person has said yes."""

    at: str
    code: str
    said: str
    to: str
    ask: bool


@dataclass(frozen=True)
class Known:
    """A line of the register: whose it is. `dead` where its person has died; `national_id` and `birth` are "" where not known."""

    line_code: str
    full_name: str
    birth: str
    national_id: str
    commune: str
    category: str
    dead: bool = False


@dataclass
class Row:
    """A row as read. `at` is "sheet!row"; `cells`: column → "sheet!cell". Values that cannot be read are "" or None.

    `lost_id` says that an id stands there but in pieces; `commune` is that of its sheet, "" where it names none; `more` is what stands in
    other columns, as it stands there.
    """

    at: str
    cells: dict[str, str]
    full_name: str = ""
    birth: str = ""
    sex: str = ""
    national_id: str = ""
    lost_id: bool = False
    line_code: str = ""
    hamlet: str = ""
    category: str = ""
    coefficient10: int | None = None
    amount: int | None = None
    wrong: set[str] = field(default_factory=set)
    commune: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def cell(self, column: str) -> str:
        """The cell of a column, the whole row where the sheet has no such column."""
        return self.cells.get(column, self.at)


@dataclass
class Arrival:
    """What was found: `matches` is "sheet!row" → line code, `new` the rows nobody is known for."""

    matches: dict[str, str] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)


def of_register() -> list[Known]:
    """Every line of the register; lines that have stopped are no match, unless their person has died."""
    rows = (
        Entitlement.select(
            Entitlement.line_code,
            Person.full_name,
            Person.birth,
            Person.national_id,
            Entitlement.commune,
            Entitlement.category,
            Person.status,
        )
        .join(Person, on=(Entitlement.person == Person.id))
        .where(Entitlement.stop_month.is_null() | (Person.status == "dead"))
        .tuples()
    )
    return [
        Known(line, name or "", birth or "", number or "", commune, category, dead=status == "dead")
        for line, name, birth, number, commune, category, status in rows.iterator()
    ]


def lay_beside(rows: Iterable[Row], known: Iterable[Known], commune: str, month: str) -> Arrival:
    """Lays rows of a list of `month` ("YYYY-MM") beside the lines known; `commune` is that of rows whose sheet names none."""
    found = Arrival()
    people = _People(known)
    seen: dict[tuple[str, str], str] = {}
    for row in rows:
        for remark in _by_law(row, month):
            (found.warnings if remark.code == "HIV" else found.errors).append(remark)
        _match(row, people, row.commune or commune, found)
        key = (row.national_id or f"{fold(row.full_name)} {row.birth}", row.category)
        if row.full_name and row.birth and seen.setdefault(key, row.at) != row.at:
            found.errors.append(Remark(row.at, "DUP_IN_FILE", seen[key]))
    return found


class _People:
    def __init__(self, known: Iterable[Known]) -> None:
        self.by_code: dict[str, Known] = {}
        self.by_id: dict[str, list[Known]] = defaultdict(list)
        self.by_name: dict[str, list[Known]] = defaultdict(list)
        for each in known:
            self.by_code[each.line_code] = each
            if each.national_id:
                self.by_id[each.national_id].append(each)
            self.by_name[fold(each.full_name)].append(each)


def _match(row: Row, people: _People, commune: str, found: Arrival) -> None:
    lines = [people.by_code[row.line_code]] if row.line_code in people.by_code else people.by_id.get(row.national_id, [])
    if lines and not row.line_code and fold(lines[0].full_name) != fold(row.full_name) and not _agree(lines[0].birth, row.birth):
        if row.full_name:
            found.errors.append(Remark(row.cell("national_id"), "ID_DUPLICATE", lines[0].line_code))
        row.wrong.add("national_id")
        lines = []
    elif not lines:
        named = _named(row, people, commune)
        others = [one for one in named if one.national_id and row.national_id and one.national_id != row.national_id]
        if others:
            found.warnings.append(Remark(row.at, "SAME_NAME_BIRTH", others[0].line_code))
        lines = [one for one in named if one not in others]
    _place(row, lines, commune, found)


def _named(row: Row, people: _People, commune: str) -> list[Known]:
    return [one for one in people.by_name.get(fold(row.full_name), ()) if one.commune == commune and _agree(one.birth, row.birth)]


def _place(row: Row, lines: list[Known], commune: str, found: Arrival) -> None:
    if row.national_id and not {"national_id", "birth"} & row.wrong and _contradicts(row):
        found.warnings.append(Remark(row.cell("national_id"), "ID_BIRTH"))
    chosen = _of_category(lines, row.category)
    if not lines:
        found.new.append(row.at)
    elif all(one.dead for one in lines):
        found.errors.append(Remark(row.at, "PERSON_DEAD", lines[0].line_code))
    elif chosen is None:
        found.errors.append(Remark(row.at, "AMBIGUOUS", ", ".join(one.line_code for one in lines)))
    else:
        found.matches[row.at] = chosen.line_code
        if chosen.commune != commune:
            found.errors.append(Remark(row.at, "COMMUNE_OTHER", f"{chosen.line_code} {chosen.commune}"))
        elif row.birth and len(row.birth) < len(chosen.birth) and chosen.birth.startswith(row.birth):
            found.warnings.append(Remark(row.cell("birth"), "DATE_TEXT", chosen.birth))


def _of_category(lines: list[Known], category: str) -> Known | None:
    alive = [one for one in lines if not one.dead]
    fitting = [one for one in alive if one.category == category] or alive
    return fitting[0] if len(fitting) == 1 else None


def _agree(one: str, other: str) -> bool:
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


def _contradicts(row: Row) -> bool:
    return not id_fits(row.national_id, row.birth, row.sex)


def id_fits(number: str, birth: str, sex: str) -> bool:
    """Whether the digits of sex, century and year (NĐ 137/2015 Điều 13) agree with what the row says; nine digits say nothing."""
    if len(number) != 12:
        return True
    century, female = divmod(int(number[3]), 2)
    year = 1900 + 100 * century + int(number[4:6])
    return (not birth or int(birth[:4]) == year) and (not sex or (sex == "F") == bool(female))


def _by_law(row: Row, month: str) -> Iterator[Remark]:
    law = _law(book.load(), month)
    category = law.categories.get(row.category) if law is not None else None
    if law is None or category is None:
        yield Remark(row.cell("category"), "CATEGORY_UNKNOWN", row.category)
        return
    coefficient = row.coefficient10 if row.coefficient10 is not None else category.coefficient10
    if coefficient != category.coefficient10:
        yield Remark(row.cell("coefficient10"), "COEF_CATEGORY", f"{category.coefficient10}")
    if row.amount is not None and row.amount * 10 != law.rate(category.rate).amount * coefficient:
        yield Remark(row.cell("amount"), "AMOUNT", f"{law.rate(category.rate).amount * coefficient // 10}")
    if category.confidential:
        yield Remark(row.cell("category"), "HIV")
    if row.birth and "birth" not in row.wrong:
        for each in _ages(book.load(), month, category.code, row.birth):
            if each.code == "AGE_CATEGORY":
                yield Remark(row.cell("category"), "AGE_CATEGORY", each.text)
            elif each.code == "BIRTH_FUTURE":
                row.wrong.add("birth")
                yield Remark(row.at, "BIRTH_FUTURE", row.birth)


@lru_cache(maxsize=8)
def _law(opened: Book, month: str) -> Law | None:
    try:
        return opened.at(month)
    except NotInForceError:
        return None


@lru_cache(maxsize=4096)
def _ages(opened: Book, month: str, category: str, birth: str) -> list[eligibility.Finding]:
    """Thousands of rows share a category and a birth: each pair is looked up once."""
    return eligibility.check(opened, month, category, birth)
