"""Reads the official payment list: a sheet for each commune with titles, a heading of two rows, lines, total, words, signatures.

Headings are found by what they say, not by where they stand. Nothing is put right in silence: what cannot be read becomes
a finding at its cell, and its line is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from portal import money
from portal.workbook.columns import COLUMNS, METHODS, letter
from portal.workbook.opened import MAX_BYTES, Rows, WorkbookProblem, read_bytes, sheets
from sync.text import fold, squeeze
from sync.values import ValueProblem, parse_money, parse_month, parse_payment_method

_HEADING_WITHIN = 40
_NOWHERE = -1
_MONTH = re.compile(r"\bthang (\d{1,2}) nam (\d{4})\b")
_COMMUNE = re.compile(r"đơn vị: *(?P<name>.*?) *\(mã (?P<code>\d+)\)", re.IGNORECASE)
_TOTAL = re.compile(r"^(cong|tong cong|tong so)\b")
_WORDS = "so tien bang chu:"
_METHODS = {fold(text): code for text, code in METHODS.items()}
_BY_HEADING = {fold(column.heading): column for column in COLUMNS}
_REQUIRED = {column.name for column in COLUMNS if column.required} | {"birth_male", "birth_female"}


@dataclass(frozen=True)
class Finding:
    """What is wrong at a place: `where` is "sheet!cell" or the sheet's name, `code` is stable, `details` are for the sentence."""

    where: str
    code: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ListRow:
    """One line of the list, its values as the catalogue normalises them. `row` is the worksheet's row number.

    `amount` is the month's sum in đồng; `payee` is who receives it where that is not the person, as the list writes it.
    """

    row: int
    person_code: str
    line_code: str
    full_name: str
    sex: str
    birth: str
    national_id: str | None
    hamlet: str | None
    category: str
    coefficient10: int
    amount: int | None
    decision_no: str | None
    decision_date: str | None
    start_month: str
    payment_method: dict[str, str]
    payee: str | None
    phone: str | None
    note: str | None


@dataclass(frozen=True)
class SheetRows:
    """The lines of one sheet. `letters`: column name → the worksheet's letters."""

    name: str
    commune_code: str
    commune_name: str
    rows: tuple[ListRow, ...]
    letters: Mapping[str, str]

    def cell(self, row: ListRow, column: str) -> str:
        """Where a value stands: "Thạch Kim!K12"."""
        return f"{self.name}!{self.letters.get(column, '')}{row.row}"


@dataclass(frozen=True)
class ListFile:
    """A list as it was read. `month` is "YYYY-MM"; `findings` say what could not be read or does not agree."""

    month: str
    sheets: tuple[SheetRows, ...]
    findings: tuple[Finding, ...]

    @property
    def rows(self) -> tuple[ListRow, ...]:
        """The lines of all sheets."""
        return tuple(row for sheet in self.sheets for row in sheet.rows)


def read_list(source: Path | bytes, *, max_bytes: int = MAX_BYTES) -> ListFile:
    """Reads a workbook with the official list.

    Args:
        source: the file, or its content.
        max_bytes: how large the file may be; unpacked it has bounds of its own.

    Raises:
        WorkbookProblem: the file is none, damaged, too large, or holds no such list in any sheet.
    """
    if isinstance(source, bytes) and len(source) > max_bytes:
        raise WorkbookProblem("too_large")
    content = source if isinstance(source, bytes) else read_bytes(source, max_bytes)
    findings: list[Finding] = []
    found: list[SheetRows] = []
    months: list[str] = []
    for name, rows in sheets(content):
        sheet = _Sheet(name, rows)
        if sheet.heading == _NOWHERE:
            findings.append(Finding(name, "no_heading"))
            continue
        month = sheet.month()
        if month is None or month != (months or [month])[0]:
            sheet.findings.append(Finding(name, "no_month" if month is None else "other_month", {"month": month}))
        months += [month] if month else []
        found.append(sheet.read())
        findings += sheet.findings
    if not found or not months:
        raise WorkbookProblem("not_a_list")
    return ListFile(months[0], tuple(found), (*findings, *_repeated(found)))


class _Sheet:
    """One worksheet being read."""

    def __init__(self, name: str, rows: Rows) -> None:
        self.name = name
        self.rows = rows
        self.findings: list[Finding] = []
        self.columns: dict[str, int] = {}
        self.heading = self._find_heading()

    def _find_heading(self) -> int:
        """The index of the heading's last row; notes which column stands where."""
        for index, row in enumerate(self.rows[:_HEADING_WITHIN]):
            texts = [_heading(cell) for cell in row]
            if fold("Mã hồ sơ") not in texts or fold("Họ và tên") not in texts:
                continue
            below = [_heading(cell) for cell in self.rows[index + 1]] if index + 1 < len(self.rows) else []
            two_rows = any(_BY_HEADING[text].under for text in below if text in _BY_HEADING)
            for place, texts_here in enumerate((texts, below if two_rows else [])):
                for at, text in enumerate(texts_here):
                    column = _BY_HEADING.get(text)
                    if column is not None and bool(column.under) == bool(place):
                        self.columns.setdefault(column.name, at)
            return index + 1 if two_rows else index
        return _NOWHERE

    def month(self) -> str | None:
        """The month its titles name."""
        for text in self._titles():
            if match := _MONTH.search(fold(text)):
                try:
                    return parse_month(f"{match.group(1)}/{match.group(2)}")
                except ValueProblem:
                    return None
        return None

    def _titles(self) -> Iterator[str]:
        for row in self.rows[: self.heading]:
            yield from (squeeze(cell) for cell in row if isinstance(cell, str) and cell)

    def read(self) -> SheetRows:
        code = name = ""
        for text in self._titles():
            if match := _COMMUNE.fullmatch(text):
                code, name = match["code"], match["name"]
        if not code:
            self.findings.append(Finding(self.name, "no_commune"))
        for column in COLUMNS:
            if column.name in _REQUIRED and column.name not in self.columns:
                self.findings.append(Finding(self.name, "column_missing", {"column": column.heading}))
        complete = set(self.columns) >= _REQUIRED
        letters = {name: letter(at) for name, at in self.columns.items()}
        return SheetRows(self.name, code, name, tuple(self._lines()) if complete else (), letters)

    def _lines(self) -> Iterator[ListRow]:
        amount = lines = coefficients = 0
        whole = True
        for index in range(self.heading + 1, len(self.rows)):
            if self._is_total(index):
                if whole:
                    self._check_total(index, lines, coefficients, amount)
                return
            if not any(cell not in ("", None) for cell in self.rows[index]):
                continue
            line = self._line(index)
            whole = whole and line is not None
            if line is not None:
                lines, coefficients, amount = lines + 1, coefficients + line.coefficient10, amount + (line.amount or 0)
                yield line
        self.findings.append(Finding(self.name, "no_total"))

    def _is_total(self, index: int) -> bool:
        return not self._cell(index, "line_code") and any(isinstance(cell, str) and _TOTAL.match(fold(cell)) for cell in self.rows[index])

    def _check_total(self, index: int, lines: int, coefficients: int, amount: int) -> None:
        stated_lines = re.search(r"\d[\d.]*", str(self._cell(index, "full_name")))
        if stated_lines and int(stated_lines.group().replace(".", "")) != lines:
            self._note(index, "full_name", "other_count", stated=stated_lines.group(), counted=lines)
        for name, parse, sum_ in (("coefficient10", _tenfold, coefficients), ("amount", parse_money, amount)):
            raw = self._cell(index, name)
            if raw in ("", None):
                continue
            try:
                if parse(raw) != sum_:
                    self._note(index, name, "other_total", stated=raw, counted=sum_)
            except ValueProblem as problem:
                self._note(index, name, problem.code, **problem.details)
        for below in range(index + 1, len(self.rows)):
            for at, cell in enumerate(self.rows[below]):
                if isinstance(cell, str) and fold(cell).startswith(_WORDS):
                    said = fold(cell).removeprefix(_WORDS).strip(" ./")
                    if said != fold(money.in_words(amount)):
                        self.findings.append(Finding(f"{self.name}!{letter(at)}{below + 1}", "other_words", {"counted": amount}))

    def _line(self, index: int) -> ListRow | None:
        before = len(self.findings)
        values: dict[str, Any] = {}
        for column in COLUMNS:
            if column.described is None:
                continue
            raw = self._cell(index, column.name)
            try:
                values[column.name] = column.described.read(_typed(column.name, raw))
            except ValueProblem as problem:
                self._note(index, column.name, problem.code, **problem.details)
                continue
            if column.required and values[column.name] is None:
                self._note(index, column.name, "missing")
        male, female = values.pop("birth_male", None), values.pop("birth_female", None)
        if len(self.findings) == before and (male is None) == (female is None):
            self._note(index, "birth_male", "missing" if male is None else "two_births")
        payment_method = self._payment_method(index)
        if len(self.findings) > before or payment_method is None:
            return None
        if not values["line_code"].startswith(f"{values['person_code']}/"):
            self._note(index, "line_code", "other_person")
            return None
        return ListRow(row=index + 1, sex="M" if female is None else "F", birth=male or female, payment_method=payment_method, **values)

    def _payment_method(self, index: int) -> dict[str, str] | None:
        written = self._cell(index, "method")
        method = _METHODS.get(fold(str(written)))
        if method is None:
            self._note(index, "method", "not_a_choice" if written else "missing", allowed=", ".join(METHODS))
            return None
        members = {name: self._cell(index, name) for name in ("bank", "bin", "account", "holder")}
        try:
            return parse_payment_method({"method": method, **members})
        except ValueProblem as problem:
            self._note(index, problem.details.get("member", "method"), problem.code)
            return None

    def _cell(self, index: int, column: str) -> Any:
        at = self.columns.get(column)
        row = self.rows[index]
        return row[at] if at is not None and at < len(row) else ""

    def _note(self, index: int, column: str, code: str, **details: Any) -> None:
        at = self.columns.get(column)
        where = f"{self.name}!{letter(at)}{index + 1}" if at is not None else self.name
        self.findings.append(Finding(where, code, details))


def _heading(cell: Any) -> str:
    return fold(cell) if isinstance(cell, str) else ""


def _typed(column: str, raw: Any) -> Any:
    """A cell as the catalogue's parser takes it: a whole number is no coefficient ten times already."""
    if column == "coefficient10" and isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw)
    return f"{raw:%Y-%m-%d}" if column == "start_month" and isinstance(raw, date) else raw


def _tenfold(raw: Any) -> int:
    """Ten times a sum of coefficients, which is beyond the bounds of a single one."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return round(raw * 10)
    whole, _, tenth = squeeze(str(raw)).replace(".", ",").partition(",")
    if not whole.isdecimal() or (tenth and not tenth.isdecimal()):
        raise ValueProblem("not_a_coefficient")
    return int(whole) * 10 + int((tenth or "0")[0])


def _repeated(found: list[SheetRows]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for sheet in found:
        for row in sheet.rows:
            cell = sheet.cell(row, "line_code")
            if first.setdefault(row.line_code, cell) != cell:
                yield Finding(cell, "line_twice", {"first": first[row.line_code]})
