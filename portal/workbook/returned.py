"""A commune's workbook as it comes back: which rows are whose, what was changed in them, who is new, who is missing.

Rows are found by their key, wherever they stand, in whatever sheet. Nothing here asks the register; `portal.workbook.commune_edits`
lays what was found beside it.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from portal import formats
from portal.workbook.arrived import Sheet
from portal.workbook.columns import letter
from portal.workbook.commune_book import HIDDEN, KEY, MARKER, VERSION, About, Base, seal
from portal.workbook.opened import WorkbookProblem
from portal.workbook.read import Finding
from sync.structs import looked_up
from sync.text import fold, squeeze

_HEADING_WITHIN = 40
_ENOUGH = 3
_SURE_DIGITS = 15
"""Digits of a number that a worksheet keeps; the rest become zeros."""


class Cell(Struct, frozen=True):
    """A cell that is not blank: where it stands ("sheet!cell"), what it says, and whether it is text or what a program made of it."""

    place: str
    text: str
    kind: Literal["text", "number", "date"] = "text"


class Row(Struct, frozen=True):
    """A row of the list: where ("sheet!row"), the key that stands in it ("" for none), its cells by input."""

    place: str
    key: str
    cells: dict[str, Cell]

    @property
    def said(self) -> dict[str, str]:
        """What it says, without where."""
        return {name: cell.text for name, cell in self.cells.items()}


class Handed(Struct, frozen=True):
    """A workbook that was read: what it was when it was made, its people by key, its rows, and cells that cannot be read."""

    about: About
    people: dict[str, Base]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]


class Versions(Struct, frozen=True):
    """One person's rows that say different things; `likely` is the number of the only one that changes anything, None where several do."""

    rows: tuple[Row, ...]
    likely: int | None


class Sorted(Struct, frozen=True):
    """Rows by what they mean. `edited`: key → the row that changes something; `asked`: key → rows of which one has to be chosen.

    `removed` are keys that stand in no row any more, in the order of the list; `new` are rows of people who were not on it.
    """

    edited: dict[str, Row]
    asked: dict[str, Versions]
    new: tuple[Row, ...]
    removed: tuple[str, ...]
    findings: tuple[Finding, ...]


def is_ours(sheets: Iterable[Sheet]) -> bool:
    """Whether a file is a workbook that the portal handed out: it has the hidden sheet."""
    return any(_is_hidden(sheet) for sheet in sheets)


def read(sheets: Sequence[Sheet], secret: str) -> Handed:
    """Reads a workbook that came back.

    Raises:
        WorkbookProblem: not_ours (no hidden sheet), newer (of a version this portal does not know), tampered (the hidden sheet is not as
            it was made), no_heading (no sheet has the list's headings).
    """
    hidden = next((sheet for sheet in sheets if _is_hidden(sheet)), None)
    if hidden is None:
        raise WorkbookProblem("not_ours")
    about, people = _hidden(hidden, secret)
    rows: list[Row] = []
    findings: list[Finding] = []
    seen = False
    for sheet in sheets:
        place = _heading(sheet, about)
        if place is not None:
            seen = True
            lost = [heading for heading, name in about.headings.items() if name not in place[1].values()]
            if lost:
                findings.append(Finding(sheet.name, "columns_missing", {"told": ", ".join(lost)}))
            for row, wrong in _rows(sheet, *place):
                rows.append(row)
                findings += wrong
    if not seen:
        raise WorkbookProblem("no_heading")
    return Handed(about, people, tuple(rows), tuple(findings))


def sort_out(handed: Handed) -> Sorted:
    """What the rows mean, by their keys alone: the same whatever their order, and however often they were copied."""
    by_key: dict[str, list[Row]] = {}
    new: list[Row] = []
    findings = list(handed.findings)
    said: dict[str, Row] = {}
    for row in handed.rows:
        if row.key in handed.people:
            by_key.setdefault(row.key, []).append(row)
        elif row.key:
            findings.append(Finding(row.place, "unknown_key", {"told": row.key}))
        elif json.dumps(row.said, sort_keys=True) not in said:
            said[json.dumps(row.said, sort_keys=True)] = row
            new.append(row)
    edited: dict[str, Row] = {}
    asked: dict[str, Versions] = {}
    for key, some in by_key.items():
        base = handed.people[key]
        different = {json.dumps({name: cell.text for name, cell in changes(row, base).items()}, sort_keys=True): row for row in reversed(some)}
        if len(different) > 1:
            versions = tuple(sorted(different.values(), key=some.index))
            changed = [number for number, row in enumerate(versions) if changes(row, base)]
            asked[key] = Versions(versions, changed[0] if len(changed) == 1 else None)
        elif changes(some[0], base):
            edited[key] = some[0]
    sure, unsure = _unknown(new, handed.people)
    findings += unsure
    order = {key: at for at, key in enumerate(handed.people)}
    return Sorted(
        edited=dict(sorted(edited.items(), key=lambda item: order[item[0]])),
        asked=dict(sorted(asked.items(), key=lambda item: order[item[0]])),
        new=tuple(sure),
        removed=tuple(key for key in handed.people if key not in by_key),
        findings=tuple(findings),
    )


def changes(row: Row, base: Base) -> dict[str, Cell]:
    """The cells of a row that say something else than was handed out; a blank cell says nothing."""
    return {name: cell for name, cell in row.cells.items() if not is_same(cell, base.texts.get(name, ""))}


def is_same(cell: Cell, text: str) -> bool:
    """Whether a cell still says what was handed out, though a program made a number or a date of it."""
    text = squeeze(text)
    if cell.text == text:
        return True
    if cell.kind == "number":
        return text.isdecimal() and cell.text.isdecimal() and int(text) == int(cell.text)
    # "05/1938" became the first of that month.
    return cell.kind == "date" and f"01/{text}" == cell.text


def _unknown(new: Sequence[Row], people: Mapping[str, Base]) -> tuple[list[Row], list[Finding]]:
    """Rows of people who are not on the list, and a finding for each that names one who is: their key was lost, or they share a name.

    A number of its own tells two people of one name and birth apart.
    """
    known: dict[tuple[str, str], list[Base]] = {}
    for base in people.values():
        known.setdefault(_who(base.texts), []).append(base)
    sure: list[Row] = []
    unsure: list[Finding] = []
    for row in new:
        mask = formats.mask_id(re.sub(r"\D", "", row.said.get("national_id", "")))
        others = [base for base in known.get(_who(row.said), ()) if not mask or base.texts.get("national_id", mask) == mask]
        if others:
            unsure.append(Finding(row.place, "known_person", {"told": others[0].texts["full_name"]}))
        else:
            sure.append(row)
    return sure, unsure


def _who(texts: Mapping[str, str]) -> tuple[str, str]:
    return fold(texts.get("full_name", "")), texts.get("birth", "")


def _is_hidden(sheet: Sheet) -> bool:
    return bool(sheet.name == HIDDEN and sheet.rows and sheet.rows[0] and sheet.rows[0][0] == MARKER)


looked_up(About, Base)


def _hidden(sheet: Sheet, secret: str) -> tuple[About, dict[str, Base]]:
    texts = [[str(cell) for cell in row if cell not in ("", None)] for row in sheet.rows]
    texts = [row for row in texts if row]
    if texts[0][1:2] not in ([str(VERSION)], [f"{VERSION}.0"]):
        raise WorkbookProblem("newer")
    try:
        (_, _, sealed), (head,), *rows = texts
        if not hmac.compare_digest(sealed, seal(head, rows, secret)):
            raise WorkbookProblem("tampered")
        people = {key: msgspec.convert({"record": record, "texts": json.loads(said), "seen": json.loads(seen)}, Base) for key, record, said, seen in rows}
        return msgspec.json.decode(head, type=About), people
    except (ValueError, TypeError) as error:
        raise WorkbookProblem("tampered") from error


def _heading(sheet: Sheet, about: About) -> tuple[int, dict[int, str]] | None:
    """The index of the row of headings, and the input of each column; None for a sheet that is no list."""
    if _is_hidden(sheet):
        return None
    for at, row in enumerate(sheet.rows[:_HEADING_WITHIN]):
        found: dict[int, str] = {}
        for place, cell in enumerate(row):
            name = about.headings.get(squeeze(cell)) if isinstance(cell, str) else None
            if name is not None and name not in found.values():
                found[place] = name
        if KEY in found.values() and len(found) >= _ENOUGH:
            return at, found
    return None


def _rows(sheet: Sheet, heading: int, columns: Mapping[int, str]) -> Iterable[tuple[Row, list[Finding]]]:
    for at in range(heading + 1, len(sheet.rows)):
        cells: dict[str, Cell] = {}
        wrong: list[Finding] = []
        key = ""
        for place, name in columns.items():
            where = f"{letter(place)}{at + 1}"
            raw = sheet.rows[at][place] if place < len(sheet.rows[at]) else ""
            code = "cell_error" if where in sheet.errors else "no_value" if where in sheet.no_value else ""
            cell = None if code else _cell(f"{sheet.name}!{where}", raw)
            if name == KEY:
                key = cell.text if cell else ""
                continue
            if cell is not None and cell.kind == "number" and len(cell.text.lstrip("-")) > _SURE_DIGITS:
                cell, code = None, "rounded_number"
            if code:
                wrong.append(Finding(f"{sheet.name}!{where}", code))
            if cell is not None:
                cells[name] = cell
        if key or cells:
            yield Row(f"{sheet.name}!{at + 1}", key, cells), wrong


def _cell(place: str, raw: Any) -> Cell | None:
    if isinstance(raw, bool):
        return Cell(place, "Có" if raw else "Không")
    if isinstance(raw, int | float):
        return Cell(place, str(int(raw)) if float(raw).is_integer() else str(raw), "number")
    if isinstance(raw, datetime | date):
        day = raw.date() if isinstance(raw, datetime) else raw
        return Cell(place, f"{day.day:02d}/{day.month:02d}/{day.year:04d}", "date")
    text = squeeze(str(raw)) if raw is not None else ""
    return Cell(place, text) if text else None
