"""Reads a list as a commune sends it: sheets, columns, rows and their cells, each with what is wrong with it or may be put right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from portal.list_arrival import Arrival, Known, Remark, Repair, Row, id_fits, lay_beside
from portal.workbook.arrived import Sheet, opened
from portal.workbook.columns import letter
from portal.workbook.headings import Region, region
from sync.text import fold, nfc, squeeze
from sync.values import ValueProblem, parse_birth, parse_coefficient10, parse_money, parse_sex

_MONTH = re.compile(r"\b(?:thang|t) ?(\d{1,2}) ?(?:nam|/) ?(\d{4})\b")
_WORDS = re.compile(r"ngay (\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_SHORT = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2})")
_EPOCH = date(1899, 12, 30)
_TEXTS = ("full_name", "hamlet", "note", "reason", "category")
_MORE = ("phone", "note", "start_month")


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


def survey(content: bytes, communes: dict[str, str], known: Iterable[Known], told: Told = _NOTHING) -> Survey:
    """Reads a file and lays it beside the lines known; writes nothing.

    Args:
        content: the file.
        communes: code → name, to find whose list it is by its titles.
        known: the lines of the register.
        told: what the sender says of the file.

    Raises:
        WorkbookProblem: as `arrived.opened`, and not_a_list where no sheet holds one.
    """
    from portal.workbook.opened import WorkbookProblem  # noqa: PLC0415  # named here for the raise alone

    found = Survey()
    for sheet in opened(content):
        place = region(sheet, told.columns)
        if sheet.is_hidden:
            found.warnings += [Remark(sheet.name, "HIDDEN")] if sheet.rows else []
        elif place is not None and place.data:
            _Reading(found, sheet, place).read(communes, told)
    found.kind, found.month = told.kind or found.kind, told.month or found.month or told.else_month
    if not found.sheets or not found.month:
        raise WorkbookProblem("not_a_list")
    found.arrival = lay_beside(found.rows, known, found.commune, found.month)
    found.errors += found.arrival.errors
    found.warnings += found.arrival.warnings
    return found


class _Reading:
    """One sheet being read into a survey."""

    def __init__(self, found: Survey, sheet: Sheet, place: Region) -> None:
        self.found, self.sheet, self.place = found, sheet, place
        self.hamlets: dict[int, Any] = {}

    def read(self, communes: dict[str, str], told: Told) -> None:
        found, sheet, place = self.found, self.sheet, self.place
        found.sheets.append((sheet.name, place))
        titles = [fold(cell) for row in sheet.rows[: place.header_rows[0] - 1] for cell in row if isinstance(cell, str) and cell]
        for title in titles:
            if match := _MONTH.search(title):
                found.month = found.month or f"{match[2]}-{match[1]:0>2}"
            found.kind = "increase" if re.search(r"\btang\b", title) else found.kind
        named = (code for title in titles for code, name in communes.items() if fold(name) in title)
        commune = told.commune or next(named, "") or told.else_commune
        found.commune = found.commune or commune
        self._of_sheet()
        sum_ = 0
        for number in place.data:
            row = self._row(number)
            row.commune = commune
            found.rows.append(row)
            sum_ += row.amount or 0
        if place.total and (stated := self._money(self._raw(place.total, "amount"))) not in (None, sum_):
            found.warnings.append(Remark(self._at("amount", place.total), "TOTAL", f"{stated} {sum_}"))

    def _of_sheet(self) -> None:
        sheet, place, warn = self.sheet, self.place, self.found.warnings
        warn += [Remark(f"{sheet.name}!{number}", "HIDDEN") for number in place.data if number in sheet.hidden_rows]
        letters = {letter(at) for at in place.columns.values()}
        warn += [Remark(f"{sheet.name}!{name}", "HIDDEN") for name in sorted(sheet.hidden_columns & letters)]
        for (top, left), (bottom, _) in sheet.merged:
            if bottom > top and top + 1 in place.data:
                remark = Remark(f"{sheet.name}!{letter(left)}", "MERGED")
                warn += [remark] if remark not in warn else []
                if left == place.columns.get("hamlet"):
                    self.hamlets |= dict.fromkeys(range(top + 1, bottom + 2), sheet.rows[top][left])
        names = [str(self._raw(number, "full_name")) for number in place.data]
        self.decomposed = sum(nfc(name) != name for name in names) * 2 > len(names)
        for is_so, code in ((self.decomposed, "NFD"), (bool(sheet.old_text), "FONT"), (sheet.claims_more, "DIMENSION")):
            warn += [Remark("file", code)] if is_so else []

    def _raw(self, number: int, column: str) -> Any:
        at, row = self.place.columns.get(column), self.sheet.rows[number - 1]
        return row[at] if at is not None and at < len(row) else ""

    def _at(self, column: str, number: int) -> str:
        return f"{self.sheet.name}!{letter(self.place.columns[column])}{number}"

    def _row(self, number: int) -> Row:
        row = Row(f"{self.sheet.name}!{number}", {name: self._at(name, number) for name in self.place.columns})
        for column in self.place.columns:
            cell = row.cells[column].partition("!")[2] if self.sheet.name else row.cells[column].removeprefix("!")
            if cell in self.sheet.errors:
                self._wrong(row, column, "CELL_ERROR")
            elif cell in self.sheet.no_value:
                self.found.warnings.append(Remark(row.cells[column], "NO_VALUE"))
            self._text(row, column, cell, self._raw(number, column))
        row.full_name = squeeze(str(self._raw(number, "full_name")))
        if not row.full_name:
            self._wrong(row, "full_name", "NAME_MISSING")
        row.hamlet = squeeze(str(self._raw(number, "hamlet") or self.hamlets.get(number, "")))
        row.category = squeeze(str(self._raw(number, "category")))
        row.line_code = squeeze(str(self._raw(number, "line_code")))
        row.more = {name: raw for name in _MORE if (raw := self._raw(number, name)) not in ("", None)}
        self._born(row, number)
        self._national_id(row, self._raw(number, "national_id"))
        row.amount = self._money(raw := self._raw(number, "amount"))
        if row.amount is None and raw not in ("", None):
            self._wrong(row, "amount", "MONEY_AMBIGUOUS")
        self._coefficient(row, self._raw(number, "coefficient10"))
        return row

    def _wrong(self, row: Row, column: str, code: str) -> None:
        row.wrong.add(column)
        self.found.errors.append(Remark(row.cell(column), code))

    def _repair(self, row: Row, column: str, code: str, said: Any, to: str, *, ask: bool) -> None:
        self.found.repairs.append(Repair(row.cell(column), code, str(said), to, ask))

    def _text(self, row: Row, column: str, cell: str, raw: Any) -> None:
        if column not in _TEXTS or not isinstance(raw, str):
            return
        begins = raw.strip()[:1]
        if cell in self.sheet.formulas or (len(raw.strip()) > 1 and begins and begins in "=+-@"):
            self.found.warnings.append(Remark(row.cells[column], "FORMULA_TEXT"))
        if column == "full_name":
            if cell in self.sheet.old_text:
                self._repair(row, column, "FONT", self.sheet.old_text[cell], raw, ask=False)
            if nfc(raw) != raw and not self.decomposed:
                self._repair(row, column, "NFD", raw, squeeze(raw), ask=False)
            elif squeeze(raw) != nfc(raw):
                self._repair(row, column, "TRIM", raw, squeeze(raw), ask=False)

    def _born(self, row: Row, number: int) -> None:
        column, raw = "birth", self._raw(number, "birth")
        if "birth_male" in self.place.columns or "birth_female" in self.place.columns:
            male, female = self._raw(number, "birth_male"), self._raw(number, "birth_female")
            column = "birth_female" if female and not male else "birth_male"
            row.sex, raw = "F" if female else "M" if male else "", male or female
            row.cells["birth"] = row.cells.get(column, row.at)
        try:
            row.sex = row.sex or parse_sex(self._raw(number, "sex"))
        except ValueProblem:
            row.sex = row.sex or ""
        if raw in ("", None):
            self._wrong(row, "birth", "BIRTH_MISSING")
            return
        try:
            row.birth = self._birth(row, raw, self._raw(number, "national_id"))
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
        if raw in ("", None):
            return
        said = str(raw)
        number = re.sub(r"[\s.'\-]", "", re.sub(r"\.0$", "", said.strip()))
        if len(number) in (9, 12) and number.isdigit():
            row.national_id = number
            if number != said:
                self._repair(row, "national_id", "ID_APOS", raw, number, ask=False)
        elif number.isdigit() and len(number) == 11 and row.birth and id_fits(f"0{number}", row.birth, row.sex):
            row.national_id = f"0{number}"
            plain = str(int(raw)) if isinstance(raw, float) else said
            self._repair(row, "national_id", "ID_ZERO", plain, row.national_id, ask=True)
        else:
            row.lost_id = True
            self._wrong(row, "national_id", "ID_FORMAT")

    @staticmethod
    def _money(raw: Any) -> int | None:
        try:
            return None if raw in ("", None) else parse_money(raw)
        except ValueProblem:
            return None

    def _coefficient(self, row: Row, raw: Any) -> None:
        try:
            if raw not in ("", None):
                row.coefficient10 = parse_coefficient10(float(raw) if isinstance(raw, int) else raw)
        except ValueProblem:
            self._wrong(row, "coefficient10", "COEF_CATEGORY")
