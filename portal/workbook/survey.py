"""Reads a list as a commune sends it: sheets, columns, rows and their cells, each with what is wrong with it or may be put right."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import repeat
from typing import Any

from portal.known_lines import Finder, Known
from portal.list_arrival import Arrival, Place, Remark, Repair, Row, id_fits, lay_beside
from portal.workbook.arrived import Sheet, arriving
from portal.workbook.columns import letter
from portal.workbook.headings import Region, region
from portal.workbook.opened import WorkbookProblem
from sync.text import fold, nfc, squeeze
from sync.values import ValueProblem, parse_birth, parse_coefficient10, parse_money, parse_sex

_MONTH = re.compile(r"\b(?:thang|t) ?(0?[1-9]|1[0-2]) ?(?:nam|/) ?(\d{4})\b")
_WORDS = re.compile(r"ngay (\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_SHORT = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2})")
_DAY = re.compile(r"(\d\d)/(\d\d)/((?:1[89]|20)\d\d)", re.ASCII)
_CELL = re.compile(r"([A-Z]+)(\d+)")
_EPOCH = date(1899, 12, 30)
_TEXTS = ("full_name", "hamlet", "note", "reason", "category")
_MARKS = frozenset("=+-@")
_BLANK = ("", None)
_ID_DIGITS = (9, 12)


@dataclass(frozen=True)
class Told:
    """What the sender says of a file; where it says nothing, the file's own words count.

    `columns`: layout of a heading → column name → index from 0 (`headings.region`). `else_commune` and `else_month` are those of a sheet
    and of a file that name none.
    """

    columns: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    kind: str = ""
    commune: str = ""
    month: str = ""
    else_commune: str = ""
    else_month: str = ""


_NOTHING = Told()


@dataclass
class Survey:
    """A file as read: `sheets` are those with a list, `arrival` how it lies beside the lines known; amounts in đồng."""

    kind: str = "list"
    commune: str = ""
    month: str = ""
    sheets: list[tuple[str, Region]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    arrival: Arrival = field(default_factory=Arrival)


def survey(content: bytes, communes: dict[str, str], known: Finder | Iterable[Known], told: Told = _NOTHING) -> Survey:
    """Reads a file and lays it beside the lines known; writes nothing.

    Args:
        content: the file.
        communes: code → name, to find whose list it is by its titles.
        known: the lines of the register, or what finds those that rows may be.
        told: what the sender says of the file.

    Raises:
        WorkbookProblem: as `arrived.opened`, and not_a_list where no sheet holds one.
    """
    found = Survey()
    names = {code: fold(name) for code, name in communes.items()}
    for sheet in arriving(content):
        region_ = region(sheet, told.columns)
        if sheet.is_hidden:
            found.warnings += [Remark(sheet.name, "HIDDEN")] if sheet.rows else []
        elif region_ is not None and region_.data:
            _Reading(found, sheet, region_).read(names, told)
        sheet.rows.clear()  # before the next one is laid out
    found.kind, found.month = told.kind or found.kind, told.month or found.month or told.else_month
    if not found.sheets or not found.month:
        raise WorkbookProblem("not_a_list")
    found.arrival = lay_beside(found.rows, known, found.commune, found.month)
    found.errors += found.arrival.errors
    found.warnings += found.arrival.warnings
    return found


class _Reading:
    """One sheet being read into a survey: its columns are picked once, the cells of a row are read together."""

    def __init__(self, found: Survey, sheet: Sheet, place: Region) -> None:
        self.found, self.sheet, self.region = found, sheet, place
        self.data = [sheet.rows[number - 1] for number in place.data]
        self.letters = {name: letter(at) for name, at in place.columns.items()}
        self.hamlets: dict[int, Any] = {}
        self.decomposed = False

    def read(self, communes: Mapping[str, str], told: Told) -> None:
        """Reads the sheet; `communes`: code → folded name."""
        found = self.found
        found.sheets.append((self.sheet.name, self.region))
        commune = self._titles(communes, told)
        found.commune = found.commune or commune
        self._of_sheet()
        rows = self._rows(Place(self.sheet.name, self.letters, commune))
        found.rows += rows
        if total := self.region.total:
            at, cells = self.region.columns.get("amount", -1), self.sheet.rows[total - 1]
            stated, counted = _money(cells[at]) if 0 <= at < len(cells) else None, sum(row.amount or 0 for row in rows)
            if stated not in (None, counted):
                found.warnings.append(Remark(f"{self.sheet.name}!{self.letters['amount']}{total}", "TOTAL", f"{stated} {counted}"))

    def _titles(self, communes: Mapping[str, str], told: Told) -> str:
        """Notes month and kind by the titles; returns whose list it is, by the sender or the titles."""
        above = self.sheet.rows[: self.region.header_rows[0] - 1]
        titles = [fold(cell) for row in above for cell in row if isinstance(cell, str) and cell]
        for title in titles:
            if match := _MONTH.search(title):
                self.found.month = self.found.month or f"{match[2]}-{match[1]:0>2}"
            self.found.kind = "increase" if re.search(r"\btang\b", title) else self.found.kind
        named = (code for title in titles for code, name in communes.items() if name in title)
        return told.commune or next(named, "") or told.else_commune

    def _of_sheet(self) -> None:
        sheet, place, warn = self.sheet, self.region, self.found.warnings
        numbers = set(place.data)
        warn += [Remark(f"{sheet.name}!{number}", "HIDDEN") for number in sorted(numbers & sheet.hidden_rows)]
        warn += [Remark(f"{sheet.name}!{name}", "HIDDEN") for name in sorted(sheet.hidden_columns & set(self.letters.values()))]
        merged: dict[str, None] = {}
        for (top, left), (bottom, _) in sheet.merged:
            if bottom > top and top + 1 in numbers:
                merged[letter(left)] = None
                if left == place.columns.get("hamlet"):
                    self.hamlets |= dict.fromkeys(range(top + 1, bottom + 2), sheet.rows[top][left])
        warn += [Remark(f"{sheet.name}!{name}", "MERGED") for name in merged]
        names = self._column("full_name")
        self.decomposed = sum(nfc(name) != name for name in map(str, names)) * 2 > len(names)
        for is_so, code in ((self.decomposed, "NFD"), (bool(sheet.old_text), "FONT"), (sheet.claims_more, "DIMENSION")):
            warn += [Remark("file", code)] if is_so else []

    def _column(self, name: str) -> list[Any]:
        """What stands in a column, row by row; "" where there is no such column."""
        at = self.region.columns.get(name)
        return [row[at] for row in self.data] if at is not None and self.data and at < len(self.data[0]) else [""] * len(self.data)

    def _rows(self, place: Place) -> list[Row]:
        columns = ("full_name", "hamlet", "category", "line_code", "national_id", "amount", "coefficient10", "sex", "birth", "phone", "note")
        cells = zip(*map(self._column, columns), strict=True)
        born = zip(self._column("birth_male"), self._column("birth_female"), strict=True) if self._is_split() else repeat(None)
        noted = self._noted()
        rows: list[Row] = []
        for number, cell, split in zip(self.region.data, cells, born, strict=False):
            name, hamlet, category, line_code, national_id, amount, coefficient, sex, birth, phone, note = cell
            row = Row(f"{place.sheet}!{number}", place, number, phone=phone, note=note)
            rows.append(row)
            for column, code in noted.get(number, ()):
                self._say(row, column, code)
            row.full_name = self._name(row, name)
            row.hamlet = _squeezed(str(hamlet or self.hamlets.get(number, "")))
            row.category = _squeezed(str(category))
            row.line_code = squeeze(str(line_code)) if line_code != "" else ""
            row.sex = _sex(sex)
            self._born(row, birth if split is None else _of_two(row, *split), national_id)
            self._national_id(row, national_id)
            row.amount = _money(amount)
            if row.amount is None and amount not in _BLANK:
                self._wrong(row, "amount", "MONEY_AMBIGUOUS")
            row.coefficient10 = _coefficient(coefficient)
            if row.coefficient10 is None and coefficient not in _BLANK:
                self._wrong(row, "coefficient10", "COEF_CATEGORY")
        return rows

    def _is_split(self) -> bool:
        return "birth_male" in self.region.columns or "birth_female" in self.region.columns

    def _noted(self) -> dict[int, list[tuple[str, str]]]:
        """Row → (column, code) of what is to be said of its cells whatever they mean."""
        found: dict[int, list[tuple[str, str]]] = defaultdict(list)
        wrong, blank, formulas = (_by_column(cells) for cells in (self.sheet.errors, self.sheet.no_value, self.sheet.formulas))
        for column, letters in self.letters.items():
            for number in blank[letters] | wrong[letters]:
                found[number].append((column, "CELL_ERROR" if number in wrong[letters] else "NO_VALUE"))
            raws = self._column(column) if column in _TEXTS else []
            begun = {raw for raw in set(raws) if isinstance(raw, str) and (text := raw.strip())[:1] in _MARKS and len(text) > 1}
            if begun or formulas[letters]:
                for number, raw in zip(self.region.data, raws, strict=False):
                    if raw in begun or (number in formulas[letters] and isinstance(raw, str)):
                        found[number].append((column, "FORMULA_TEXT"))
        return found

    def _say(self, row: Row, column: str, code: str) -> None:
        if code == "CELL_ERROR":
            self._wrong(row, column, code)
        else:
            self.found.warnings.append(Remark(row.cell(column), code))

    def _wrong(self, row: Row, column: str, code: str) -> None:
        row.wrong |= {column}
        self.found.errors.append(Remark(row.cell(column), code))

    def _repair(self, row: Row, column: str, code: str, said: Any, to: str, *, ask: bool) -> None:
        self.found.repairs.append(Repair(row.cell(column), code, str(said), to, ask))

    def _name(self, row: Row, raw: Any) -> str:
        name = squeeze(str(raw))
        if not name:
            self._wrong(row, "full_name", "NAME_MISSING")
        if not isinstance(raw, str):
            return name
        if self.sheet.old_text and (old := self.sheet.old_text.get(f"{self.letters['full_name']}{row.number}")):
            self._repair(row, "full_name", "FONT", old, raw, ask=False)
        if name != raw:
            if nfc(raw) != raw and not self.decomposed:
                self._repair(row, "full_name", "NFD", raw, name, ask=False)
            elif name != nfc(raw):
                self._repair(row, "full_name", "TRIM", raw, name, ask=False)
        return name

    def _born(self, row: Row, raw: Any, number: Any) -> None:
        if raw in _BLANK:
            self._wrong(row, "birth", "BIRTH_MISSING")
            return
        try:
            row.birth = (day_of(raw) if isinstance(raw, str) else "") or self._birth(row, raw, number)
        except ValueProblem:
            self._wrong(row, "birth", "BIRTH_UNREADABLE")

    def _birth(self, row: Row, raw: Any, number: Any) -> str:
        if isinstance(raw, int | float):
            if 1890 <= raw <= 2100:
                return str(int(raw))
            if not 1 <= raw <= 80_000:
                raise ValueProblem("not_a_date")
            born = (_EPOCH + timedelta(days=int(raw))).isoformat()
            self._repair(row, "birth", "DATE_SERIAL", int(raw), born, ask=True)
            return born
        if isinstance(raw, date | datetime):
            return parse_birth(raw)
        text, ask = str(raw).strip(), False
        if match := _WORDS.fullmatch(fold(text)):
            born = parse_birth("/".join(match.groups()))
        elif match := _SHORT.fullmatch(text):
            digits = re.sub(r"\D", "", str(number))
            century = 1900 + 100 * (int(digits[3]) // 2) if len(digits) == 12 else 1900
            born, ask = parse_birth(f"{match[1]}/{match[2]}/{century + int(match[3])}"), True
        else:
            born = parse_birth(text)
        if len(born) == 10 and not re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", text):
            self._repair(row, "birth", "DATE_TEXT", raw, born, ask=ask)
        return born

    def _national_id(self, row: Row, raw: Any) -> None:
        if raw in _BLANK:
            return
        said = str(raw)
        if len(said) in _ID_DIGITS and said.isdecimal() and said.isascii():
            row.national_id = said
            return
        number = re.sub(r"[\s.'\-]", "", re.sub(r"\.0$", "", said.strip()))
        if not (number.isdecimal() and number.isascii()):
            number = ""
        if len(number) in _ID_DIGITS:
            row.national_id = number
            self._repair(row, "national_id", "ID_APOS", raw, number, ask=False)
        elif len(number) == 11 and row.birth and id_fits(f"0{number}", row.birth, row.sex):
            row.national_id = f"0{number}"
            plain = str(int(raw)) if isinstance(raw, float) else said
            self._repair(row, "national_id", "ID_ZERO", plain, row.national_id, ask=True)
        else:
            row.lost_id = True
            self._wrong(row, "national_id", "ID_FORMAT")


def day_of(text: str) -> str:
    """A birth written the usual way, 12/05/1938, as `parse_birth` reads it, in a tenth of the time; "" for what is written otherwise."""
    match = _DAY.fullmatch(text)
    if match is None:
        return ""
    born = f"{match[3]}-{match[2]}-{match[1]}"
    try:
        return born if 1890 <= date.fromisoformat(born).year <= 2100 else ""
    except ValueError:
        return ""


def _of_two(row: Row, male: Any, female: Any) -> Any:
    """The birth where men and women have a column each, which tells the sex, too."""
    row.born_in = "birth_female" if female and not male else "birth_male"
    if male or female:
        row.sex = "F" if female else "M"
    return male or female


def _by_column(cells: set[str]) -> dict[str, set[int]]:
    """A column's letters → the numbers of the rows of these cells."""
    found: dict[str, set[int]] = defaultdict(set)
    for match in map(_CELL.fullmatch, cells):
        if match:
            found[match[1]].add(int(match[2]))
    return found


# Thousands of cells say the same few things. Typed: 1 and True are no sums, 1.0 is one.
@lru_cache(maxsize=1024, typed=True)
def _money(raw: Any) -> int | None:
    try:
        return None if raw in _BLANK else parse_money(raw)
    except ValueProblem:
        return None


@lru_cache(maxsize=256, typed=True)
def _coefficient(raw: Any) -> int | None:
    try:
        return None if raw in _BLANK else parse_coefficient10(float(raw) if isinstance(raw, int) else raw)
    except ValueProblem:
        return None


@lru_cache(maxsize=256, typed=True)
def _sex(raw: Any) -> str:
    try:
        return parse_sex(raw)
    except ValueProblem:
        return ""


@lru_cache(maxsize=2048)
def _squeezed(text: str) -> str:
    return squeeze(text)
