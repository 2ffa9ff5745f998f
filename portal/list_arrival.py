"""A list that arrived, beside who is known: which line each row is, who is new, what must not be taken over, what may be put right.

Rows are matched by the line's code, the national id, or name, birth and commune together; never by a name alone. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from msgspec import Struct

from portal.known_lines import Finder, Known
from portal.law import book, eligibility
from portal.law.book import Law
from portal.law.errors import NotInForceError
from sync.text import fold

AT_HOME = "chi tra tai nha"
"""What a note says, folded, of somebody who is paid at home."""
_WHOLE_BIRTH = len("1938-05-12")
_SAID = {str(digit): (19 + digit // 2, "F" if digit % 2 else "M") for digit in range(10)}
"""What the fourth of twelve digits says: century and sex."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something said of a place ("sheet!cell", "sheet!row" or "file"): a stable `code`, and details for the sentence."""

    at: str
    code: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """A value to put in place of what stands there; one with `ask` only when a person has said yes."""

    at: str
    code: str
    said: str
    to: str
    ask: bool


@dataclass(frozen=True, slots=True)
class Place:
    """What the rows of a sheet share. `letters`: column → its letters; `commune` is whose list it is, "" where it names none."""

    sheet: str
    letters: Mapping[str, str]
    commune: str = ""


class Row(Struct, gc=False):  # hundreds of thousands at once, none of which refers to another: no search for cycles among them
    """A row as read. `at` is "sheet!row"; `number` is that of its sheet's row, from 1. Values that cannot be read are "" or None.

    `born_in` is the column its birth stands in; `lost_id` says that an id stands there but in pieces; `wrong` are the columns that
    must not be taken over. `phone` and `note` are only passed on, as they stand there. `line` is the code of
    the register's line it is; `same`: it says nothing else than that line and its person.
    """

    at: str
    place: Place
    number: int
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
    born_in: str = "birth"
    wrong: frozenset[str] = frozenset()
    phone: Any = ""
    note: Any = ""
    line: str = ""
    same: bool = False

    @property
    def commune(self) -> str:
        """Whose list its sheet is, "" where that names none."""
        return self.place.commune

    def cell(self, column: str) -> str:
        """The cell of a column ("sheet!B7"), the whole row where the sheet has no such column."""
        letters = self.place.letters.get(self.born_in if column == "birth" else column, "")
        return f"{self.place.sheet}!{letters}{self.number}"


@dataclass
class Arrival:
    """What was found: `matches` is "sheet!row" → line code, `new` the rows nobody is known for.

    `absent` is how many lines of the file's communes stand in no row.
    """

    matches: dict[str, str] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    absent: int = 0


def lay_beside(rows: Sequence[Row], known: Finder | Iterable[Known], commune: str, month: str) -> Arrival:
    """Lays rows of a list of `month` ("YYYY-MM") beside the lines known; `commune` is that of rows whose sheet names none."""
    lists: dict[str, list[Row]] = {}
    for row in rows:
        lists.setdefault(row.place.commune or commune, []).append(row)
    law = _ByLaw(month)
    absent: set[str] = set()
    laid: dict[str, Arrival] = {}
    for whose, lines in known(lists) if callable(known) else ((each, known) for each in lists):
        people, found = _People(lines, whose), Arrival()
        for row in lists[whose]:
            law.look(row, found)
            _match(row, people, found)
        absent |= people.alive().difference(found.matches.values())
        laid[whose] = found
    found = Arrival()
    for each in (laid.pop(whose) for whose in lists):
        found.matches |= each.matches
        found.new += each.new
        found.errors += each.errors
        found.warnings += each.warnings
    found.errors += _twice(rows)
    found.absent = len(absent.difference(found.matches.values()))
    return found


def _twice(rows: Iterable[Row]) -> Iterator[Remark]:
    seen: dict[str, Row] = {}
    others: dict[tuple[str, str], Row] = {}
    for row in rows:
        if row.full_name and row.birth:
            key = row.national_id or f"{fold(row.full_name)} {row.birth}"
            first = seen.setdefault(key, row)
            if first.category != row.category:
                first = others.setdefault((key, row.category), row)
            if first is not row:
                yield Remark(row.at, "DUP_IN_FILE", first.at)


class _People:
    """The lines that rows of a commune's list may be."""

    def __init__(self, known: Iterable[Known], commune: str) -> None:
        self.commune = commune
        self.by_code: dict[str, Known] = {}
        self.by_id: dict[str, Known] = {}
        self.of_one_id: dict[str, list[Known]] = {}
        self._by_birth: dict[str, list[Known]] = {}
        self._by_year: dict[str, list[Known]] = {}
        self._names: dict[str, str] = {}
        for each in known:
            self.by_code[each.line_code] = each
            if each.national_id:
                first = self.by_id.setdefault(each.national_id, each)
                if first is not each:
                    self.of_one_id.setdefault(each.national_id, [first]).append(each)

    def line_of(self, row: Row) -> Known | None:
        """The only line with a row's code or id, if there is one."""
        line = self.by_code.get(row.line_code) if row.line_code else None
        return line if line is not None or row.national_id in self.of_one_id else self.by_id.get(row.national_id)

    def alive(self) -> set[str]:
        """The codes of the commune's lines whose people live."""
        return {code for code, each in self.by_code.items() if each.commune == self.commune and not each.dead}

    def named(self, row: Row) -> list[Known]:
        """The commune's lines of people with a row's name and birth, by code. Few rows ask; only names that may be theirs are folded."""
        if not self._by_year:
            for each in self.by_code.values():
                if each.commune == self.commune:
                    self._by_birth.setdefault(each.birth, []).append(each)
                    self._by_year.setdefault(each.birth[:4], []).append(each)
        name, birth = fold(row.full_name), row.birth
        if len(birth) == _WHOLE_BIRTH:
            may_be = [one for known in (birth, birth[:7], birth[:4]) for one in self._by_birth.get(known, ())]
        else:
            may_be = [one for one in self._by_year.get(birth[:4], ()) if _agree(one.birth, birth)]
        return sorted((one for one in may_be if self._folded(one.full_name) == name), key=attrgetter("line_code"))

    def _folded(self, name: str) -> str:
        folded = self._names.get(name)
        if folded is None:
            folded = self._names[name] = fold(name)
        return folded


def _match(row: Row, people: _People, found: Arrival) -> None:
    line = people.line_of(row)
    if line is not None and line.full_name == row.full_name and not line.dead:
        _take(row, line, people.commune, found)  # nearly all rows; what may be wrong with the others needs a closer look
        return
    lines = [line] if line is not None else people.of_one_id.get(row.national_id, [])
    if lines and not row.line_code and not _same_name(lines[0], row) and not _agree(lines[0].birth, row.birth):
        if row.full_name:
            found.errors.append(Remark(row.cell("national_id"), "ID_DUPLICATE", lines[0].line_code))
        row.wrong |= {"national_id"}
        lines = []
    elif not lines:
        named = people.named(row)
        others = [one for one in named if one.national_id and row.national_id and one.national_id != row.national_id]
        if others:
            found.warnings.append(Remark(row.at, "SAME_NAME_BIRTH", others[0].line_code))
        lines = [one for one in named if one not in others]
    _place(row, lines, people.commune, found)


def _same_name(line: Known, row: Row) -> bool:
    return line.full_name == row.full_name or fold(line.full_name) == fold(row.full_name)


def _place(row: Row, lines: list[Known], commune: str, found: Arrival) -> None:
    alive = [one for one in lines if not one.dead]
    fitting = [one for one in alive if one.category == row.category] or alive
    if len(fitting) == 1:
        _take(row, fitting[0], commune, found)
        return
    _hold_against_id(row, found)
    if not lines:
        found.new.append(row.at)
    elif alive:
        found.errors.append(Remark(row.at, "AMBIGUOUS", ", ".join(one.line_code for one in lines)))
    else:
        found.errors.append(Remark(row.at, "PERSON_DEAD", lines[0].line_code))


def _take(row: Row, line: Known, commune: str, found: Arrival) -> None:
    """A row is this line."""
    _hold_against_id(row, found)
    found.matches[row.at] = row.line = line.line_code
    row.same = _says_the_same(row, line)
    if line.commune != commune:
        found.errors.append(Remark(row.at, "COMMUNE_OTHER", f"{line.line_code} {line.commune}"))
    elif row.birth != line.birth and row.birth and line.birth.startswith(row.birth):
        found.warnings.append(Remark(row.cell("birth"), "DATE_TEXT", line.birth))


def _hold_against_id(row: Row, found: Arrival) -> None:
    if row.national_id and not id_fits(row.national_id, row.birth, row.sex) and not {"national_id", "birth"} & row.wrong:
        found.warnings.append(Remark(row.cell("national_id"), "ID_BIRTH"))


def _says_the_same(row: Row, line: Known) -> bool:
    """Whether nothing in a row is news, and nothing has to be looked at more closely. Blank cells say nothing."""
    return (
        row.full_name == line.full_name
        and row.birth in ("", line.birth)
        and row.sex in ("", line.sex)
        and row.national_id in ("", line.national_id)
        and row.hamlet in ("", line.hamlet)
        and row.phone in ("", None, line.phone)
        and (row.note in ("", None) or (row.note == line.note and AT_HOME not in fold(line.note)))
        and row.category in ("", line.category)
        and row.coefficient10 in (None, line.coefficient10)
    )


def _agree(one: str, other: str) -> bool:
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


def id_fits(number: str, birth: str, sex: str) -> bool:
    """Whether the digits of sex, century and year (NĐ 137/2015 Điều 13) agree with what the row says; nine digits say nothing."""
    if len(number) != 12:
        return True
    century, said = _SAID[number[3]]
    return (not birth or birth[:4] == f"{century}{number[4:6]}") and (not sex or sex == said)


class _ByLaw:
    """What the law of a month says of rows: thousands share a category and a sum, or a category and a month of birth."""

    def __init__(self, month: str) -> None:
        self.month, self.book = month, book.load()
        try:
            self.law: Law | None = self.book.at(month)
        except NotInForceError:
            self.law = None
        self.sums: dict[tuple[str, int | None, int | None], list[tuple[str, str, str]]] = {}
        self.ages: dict[tuple[str, str], list[eligibility.Finding]] = {}

    def look(self, row: Row, found: Arrival) -> None:
        """Adds what is to be said of a row."""
        asked = (row.category, row.coefficient10, row.amount)
        said = self.sums.get(asked)
        if said is None:
            said = self.sums[asked] = list(self._sums(*asked))
        for column, code, why in said:
            (found.warnings if code == "HIV" else found.errors).append(Remark(row.cell(column), code, why))
        if row.birth and "birth" not in row.wrong:
            born = (row.category, row.birth[:7])
            ages = self.ages.get(born)
            if ages is None:
                ages = self.ages[born] = self._ages(*born)
            for each in ages:
                if each.code == "AGE_CATEGORY":
                    found.errors.append(Remark(row.cell("category"), "AGE_CATEGORY", each.text))
                else:
                    row.wrong |= {"birth"}
                    found.errors.append(Remark(row.at, "BIRTH_FUTURE", row.birth))

    def _sums(self, code: str, coefficient10: int | None, amount: int | None) -> Iterator[tuple[str, str, str]]:
        category = self.law.categories.get(code) if self.law is not None else None
        if self.law is None or category is None:
            yield "category", "CATEGORY_UNKNOWN", code
            return
        coefficient = coefficient10 if coefficient10 is not None else category.coefficient10
        if coefficient != category.coefficient10:
            yield "coefficient10", "COEF_CATEGORY", f"{category.coefficient10}"
        rate = self.law.rate(category.rate).amount
        if amount is not None and amount * 10 != rate * coefficient:
            yield "amount", "AMOUNT", f"{rate * coefficient // 10}"
        if category.confidential:
            yield "category", "HIV", ""

    def _ages(self, code: str, birth: str) -> list[eligibility.Finding]:
        """What the age says, which counts in months: an age that fits is found out in a fifth of the time a finding takes."""
        category = self.law.categories.get(code) if self.law is not None else None
        if self.law is None or category is None or eligibility.covers(category, self.law.birth(birth), self.month):
            return []
        return [each for each in eligibility.check(self.book, self.month, code, birth) if each.code in ("AGE_CATEGORY", "BIRTH_FUTURE")]
