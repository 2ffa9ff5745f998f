"""An official list beside the register: what is there already, what differs, what is new; and how the new is taken in.

Nothing that stands in the register is overwritten: a cell that differs is told and left alone, for a person to propose as a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal import clock, door, unit
from portal.workbook import records
from portal.workbook.read import Finding, ListFile, ListRow, SheetRows
from sync.edit import Actor, Edit, Record
from sync.ids import uuid7

BATCH = 500
_OF_PERSON = ("full_name", "birth", "sex", "national_id", "hamlet", "phone")
_OF_RIGHT = ("category", "coefficient10", "start_month", "decision_no", "decision_date", "payment_method", "payee", "note")
_CELLS = {"birth": ("birth_male", "birth_female"), "sex": ("birth_male", "birth_female"), "payment_method": ("method",)}


@dataclass(frozen=True)
class NewLine:
    """A line the register has not. `person` is the record id of its person where that one is there already."""

    sheet: SheetRows
    row: ListRow
    person: str | None


@dataclass(frozen=True)
class Comparison:
    """A list beside the register. `differences` are lines that stand there otherwise, `errors` what cannot be taken in."""

    file: ListFile
    matched: int
    new: tuple[NewLine, ...]
    differences: tuple[Finding, ...]
    errors: tuple[Finding, ...]


def compare(file: ListFile) -> Comparison:
    """Lays a list beside the register; changes nothing.

    Codes of errors beyond those of reading: unknown_commune, unknown_category, other_coefficient, same_national_id (somebody else
    has it). Codes of differences: differs (details: field, register, file), stopped, other_person, other_commune.
    """
    register = _Register(file)
    matched = 0
    new: list[NewLine] = []
    differences: list[Finding] = []
    errors = list(file.findings)
    twice = {finding.where for finding in file.findings if finding.code == "line_twice"}
    for sheet in file.sheets:
        if unit.by_code(sheet.commune_code) is None or unit.by_code(sheet.commune_code) not in unit.communes():
            if sheet.commune_code:
                errors.append(Finding(sheet.name, "unknown_commune", {"commune": sheet.commune_code}))
            continue
        for row in sheet.rows:
            right = register.rights.get(row.line_code)
            if right is not None:
                matched += 1
                differences += register.differences(sheet, row, right)
            elif sheet.cell(row, "line_code") not in twice:
                wrong = list(register.objections(sheet, row))
                errors += wrong
                if not wrong:
                    found = register.people_by_code.get(row.person_code)
                    differences += register.of_person(sheet, row, found) if found else ()
                    new.append(NewLine(sheet, row, found.id if found else None))
    return Comparison(file, matched, tuple(new), tuple(differences), tuple(errors))


def take_in(comparison: Comparison, actor: Actor, now: datetime) -> tuple[int, tuple[Finding, ...]]:
    """Hands the new lines in, their people first where the register has them not.

    Returns:
        How many lines were added, and a finding (refused) for each record the door did not take.
    """
    people: dict[str, list[NewLine]] = {}
    for each in comparison.new:
        if each.person is None:
            people.setdefault(each.row.person_code, []).append(each)
    ids = {code: uuid7() for code in people}
    ids |= {each.row.person_code: each.person for each in comparison.new if each.person is not None}
    counter = iter(range(1, len(comparison.new) * 2 + 1))
    made = [
        (
            lines[0],
            _edit(
                next(counter), "person", ids[code], records.person(lines[0].sheet.commune_code, _by_line(lines), comparison.file.month), now
            ),
        )
        for code, lines in people.items()
    ]
    _, refused = _hand_in(made, actor, now)
    lost = {each.row.person_code for each, _ in refused}
    lines = [
        (
            each,
            _edit(
                next(counter),
                "entitlement",
                uuid7(),
                {**records.entitlement(each.sheet.commune_code, each.row), "person": ids[each.row.person_code]},
                now,
            ),
        )
        for each in comparison.new
        if each.row.person_code not in lost
    ]
    added, refused_lines = _hand_in(lines, actor, now)
    return added, tuple(finding for _, finding in (*refused, *refused_lines))


class _Register:
    """The records of the register a list is about, read as sets."""

    def __init__(self, file: ListFile) -> None:
        store = door.store()
        rows = file.rows
        self.month = file.month
        rights = store.where("entitlement", "line_code", {row.line_code for row in rows})
        # An adjusted line stands several times under its code: the latest counts.
        self.rights = {right["line_code"]: right for right in sorted(rights, key=lambda right: str(right["start_month"]))}
        self.people_by_code = {found["code"]: found for found in store.where("person", "code", {row.person_code for row in rows})}
        people = store.records("person", {right["person"] for right in rights})
        self.people = {**people, **{found.id: found for found in self.people_by_code.values()}}
        known = store.where("person", "national_id", {row.national_id for row in rows if row.national_id})
        self.ids: dict[str, str] = {found["national_id"]: found["code"] for found in known}

    def objections(self, sheet: SheetRows, row: ListRow) -> Iterator[Finding]:
        """Why a new line cannot be taken in."""
        by_law = door.LAW.coefficient10(row.category, self.month)
        if by_law is None:
            yield Finding(sheet.cell(row, "category"), "unknown_category", {"category": row.category})
        elif by_law != row.coefficient10:
            yield Finding(sheet.cell(row, "coefficient10"), "other_coefficient", {"law": by_law, "file": row.coefficient10})
        # Two new people of one file with one number, too: the first of them counts.
        if row.national_id and self.ids.setdefault(row.national_id, row.person_code) != row.person_code:
            yield Finding(sheet.cell(row, "national_id"), "same_national_id", {"person": self.ids[row.national_id]})
        found = self.people_by_code.get(row.person_code)
        if found is not None and found["commune"] != sheet.commune_code:
            yield Finding(sheet.cell(row, "person_code"), "other_commune", {"register": found["commune"], "file": sheet.commune_code})

    def differences(self, sheet: SheetRows, row: ListRow, right: Record) -> Iterator[Finding]:
        """Where a line that is there already says something else than the register."""
        if right["stop_month"] is not None and right["stop_month"] <= self.month:
            yield Finding(sheet.cell(row, "line_code"), "stopped", {"from": right["stop_month"], "reason": right["stop_reason"]})
        if right["commune"] != sheet.commune_code:
            yield Finding(sheet.cell(row, "line_code"), "other_commune", {"register": right["commune"], "file": sheet.commune_code})
        person = self.people.get(right["person"])
        if person is None or person["code"] != row.person_code:
            yield Finding(sheet.cell(row, "person_code"), "other_person", {"register": person["code"] if person else None})
            return
        yield from self.of_person(sheet, row, person)
        yield from self._cells(sheet, row, right, _OF_RIGHT)

    def of_person(self, sheet: SheetRows, row: ListRow, person: Record) -> Iterator[Finding]:
        """Where a line says something else of its person than the register."""
        yield from self._cells(sheet, row, person, _OF_PERSON)

    def _cells(self, sheet: SheetRows, row: ListRow, record: Record, fields: Sequence[str]) -> Iterator[Finding]:
        for field in fields:
            cells = [name for name in _CELLS.get(field, (field,)) if name in sheet.letters]
            written = getattr(row, field)
            if cells and written != record[field]:
                place = cells[-1] if row.sex == "F" else cells[0]
                yield Finding(sheet.cell(row, place), "differs", {"field": field, "register": record[field], "file": written})


def _by_line(lines: Sequence[NewLine]) -> list[ListRow]:
    return sorted((each.row for each in lines), key=lambda row: row.line_code)


def _edit(n: int, kind: str, record: str, values: Mapping[str, Any], now: datetime) -> Edit:
    given = {name: (None, value) for name, value in values.items() if value is not None}
    return Edit(n=n, kind=kind, record=record, op="create", set=given, at=clock.utc_text(now))


def _hand_in(items: Sequence[tuple[NewLine, Edit]], actor: Actor, now: datetime) -> tuple[int, list[tuple[NewLine, Finding]]]:
    refused: list[tuple[NewLine, Finding]] = []
    for start in range(0, len(items), BATCH):
        batch = items[start : start + BATCH]
        answer = door.submit([edit for _, edit in batch], actor, now)
        for (each, _), result in zip(batch, answer.results, strict=True):
            if result.status != "accepted" or set(result.fields.values()) != {"applied"}:
                why = result.reason
                told = {"reason": why.code, "field": why.field, "detail": why.detail} if why else {"reason": "proposed"}
                refused.append((each, Finding(each.sheet.cell(each.row, "line_code"), "refused", told)))
    return len(items) - len(refused), refused
