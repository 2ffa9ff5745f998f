"""What a commune's workbook that came back asks for: each changed cell beside the register, as the edits a person's page would send.

A row is handed to `portal.forms` as the form it was made from, so that one definition reads page and workbook. The door does the merge;
here it is only foretold, to be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from portal import commune_workbook, door, forms, unit, wording
from portal.upload import Item
from portal.workbook.commune_columns import CHANGE, inputs, person_fields
from portal.workbook.returned import Cell, Handed, Row, changes
from sync.edit import Actor, Record
from sync.fields import Field
from sync.kinds import CATALOGUE
from sync.merge import three_way
from sync.text import fold
from sync.values import ValueProblem


class Wrong(Struct, frozen=True):
    """A place of which nothing is taken: a cell, else a whole row. What is wrong says a `code`, or a `sentence` of the forms'.

    `heading` is the column's, "" for a row; `told` what stands there, or what the code's sentence names.
    """

    place: str
    code: str = ""
    sentence: str = ""
    told: str = ""
    heading: str = ""


class Told(Struct, frozen=True):
    """One changed field side by side, in words: as it was handed out, as it stands now, as the cell says.

    `outcome` is what the door would make of it: applied, proposed or conflict.
    """

    place: str
    field: str
    base: str
    now: str
    wanted: str
    outcome: str


class Edited(Struct, frozen=True):
    """What one person's row changes. `item` is the edit that asks for it."""

    person: str
    name: str
    item: Item
    told: tuple[Told, ...]


class Compared(Struct, frozen=True):
    """The people whose rows change something, what cannot be taken, how many cells ask for what stands there or was asked for already."""

    edited: tuple[Edited, ...]
    wrong: tuple[Wrong, ...]
    same: int


class Typed:
    """What a row says, as a form's inputs."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def get(self, key: str, /) -> str | None:
        """The value of an input."""
        return self._values.get(key)

    def getlist(self, key: str, /) -> list[str]:
        """Every value of an input."""
        return [self._values[key]] if key in self._values else []


def typed(handed: Handed, name: str, cell: Cell) -> str:
    """A cell as its input would send it: the code of a word that can be chosen, else what stands there."""
    wanted = fold(cell.text)
    return next((code for code, word in handed.about.words.get(name, ()) if fold(word) == wanted), cell.text)


def compare(handed: Handed, rows: Mapping[str, Row], actor: Actor) -> Compared:
    """Lays rows (by key) beside the register; reads only."""
    known = door.store().records("person", [handed.people[key].record for key in rows])
    asked = commune_workbook.asked_since([handed.people[key].record for key in rows], handed.about.head)
    edited: list[Edited] = []
    wrong: list[Wrong] = []
    same = 0
    for key, row in rows.items():
        record = known.get(handed.people[key].record)
        if record is None or not _may_reach(actor, record):
            wrong.append(Wrong(row.place, "unknown_record"))
            continue
        pairs, troubles = _pairs(handed, key, row, record, actor)
        wrong += troubles
        wanted = {
            name: pair
            for name, pair in pairs.items()
            if record.fields[name] != pair[1] and pair[1] not in asked.get((record.id, name), ())
        }
        same += len(pairs) - len(wanted)
        if wanted:
            told = tuple(_told(handed, key, row, record, name, pair, actor) for name, pair in wanted.items())
            edited.append(Edited(record.id, handed.people[key].texts["full_name"], Item(row.place, "person", record.id, wanted), told))
    return Compared(tuple(edited), tuple(wrong), same)


def _pairs(handed: Handed, key: str, row: Row, record: Record, actor: Actor) -> tuple[dict[str, tuple[Any, Any]], list[Wrong]]:
    """Field → (value seen, value wanted), as the form of the person's page reads them; and what cannot be read, by cell."""
    base = handed.people[key]
    changed = changes(row, base)
    if _is_another(changed, base.texts):
        return {}, [Wrong(row.place, "other_person", told=base.texts["full_name"])]
    may = set(person_fields(actor.role))
    fields = [name for name in dict.fromkeys(name.partition(".")[0] for name in changed) if name in may]
    troubles = [
        Wrong(cell.place, "new_only" if name.startswith(CHANGE) else "fixed_column", told=cell.text, heading=heading_of(handed, name))
        for name, cell in changed.items()
        if name.partition(".")[0] not in may
    ]
    sent: dict[str, str] = {}
    for field in fields:
        sent[f"seen.{field}"] = base.seen[field]
        for name in inputs(field):
            masked = _is_masked(field, name)
            cell = changed.get(name)
            before = base.texts.get(name, "")
            sent[name] = typed(handed, name, cell) if cell else "" if masked else typed(handed, name, Cell("", before)) if before else ""
    current = record.fields if actor.reaches(record["commune"]) else None
    form = forms.read("person", Typed(sent), fields, current)
    pairs = forms.pairs(form, current)
    troubles += [_trouble(handed, name, sentence, row, changed) for name, sentence in form.errors.items()]
    if _is_idle(changed, form.values.get("payment_method")):
        troubles.append(Wrong(_first(changed, "payment_method").place, "account_of_cash", heading=heading_of(handed, "payment_method.method")))
    hamlet = pairs.get("hamlet")
    if hamlet is not None and hamlet[1] not in _hamlets(handed, record):
        pairs.pop("hamlet")
        troubles.append(_trouble(handed, "hamlet", wording.wrong_value(ValueProblem("not_a_choice")), row, changed))
    return pairs, troubles


def _is_idle(changed: Mapping[str, Cell], method: Mapping[str, Any] | None) -> bool:
    """Whether an account was written beside "paid in cash": it would count for nothing, and nobody would be told."""
    parts = {name.partition(".")[2] for name in changed if name.startswith("payment_method.")}
    return method == {"method": "cash"} and bool(parts) and "method" not in parts


def _first(changed: Mapping[str, Cell], field: str) -> Cell:
    """The first changed cell of a field."""
    return next(cell for name, cell in changed.items() if name.partition(".")[0] == field)


def _is_masked(field: str, name: str) -> bool:
    type_, part = CATALOGUE["person"].fields[field].type, name.partition(".")[2]
    return (f"{type_}.{part}" if part else type_) in forms.MASKED


def _trouble(handed: Handed, name: str, sentence: str, row: Row, changed: Mapping[str, Cell]) -> Wrong:
    """What is wrong with an input that a cell stands for, at that cell: one left blank is said of the row."""
    cell = changed.get(name) or row.cells.get(name)
    return Wrong(cell.place if cell else row.place, sentence=sentence, told=cell.text if cell else "", heading=heading_of(handed, name))


def heading_of(handed: Handed, name: str) -> str:
    """The heading of an input's column; of a compound value as a whole, that of its first part."""
    headings = {each: heading for heading, each in handed.about.headings.items()}
    return headings.get(name) or next((heading for each, heading in headings.items() if each.startswith(f"{name}.")), "")


def _is_another(changed: Mapping[str, Cell], texts: Mapping[str, str]) -> bool:
    """Whether somebody else was written over a person's row: no word of the name is left, and the year of birth is another."""
    if "full_name" not in changed or "birth" not in changed:
        return False
    words = set(fold(changed["full_name"].text).split()) & set(fold(texts.get("full_name", "")).split())
    return not words and changed["birth"].text[-4:] != texts.get("birth", "")[-4:]


def _may_reach(actor: Actor, record: Record) -> bool:
    return any(actor.reaches(commune) for commune in (record["commune"], *(record["former_communes"] or ())))


def _hamlets(handed: Handed, record: Record) -> set[str]:
    """Names of hamlets that may stand in a row: those the workbook offered, and those of the person's commune by now."""
    offered = {code for code, _ in handed.about.words.get("hamlet", ())}
    return offered | {each.name for each in unit.hamlets(record["commune"])}


def _told(handed: Handed, key: str, row: Row, record: Record, name: str, pair: tuple[Any, Any], actor: Actor) -> Told:
    described = CATALOGUE["person"].fields[name]
    seen, wanted = pair
    changed = changes(row, handed.people[key])
    cell = _first(changed, name)
    reached = actor.reaches(record["commune"])
    texts = handed.people[key].texts
    before = ", ".join(texts[each] for each in inputs(name) if each in texts)
    now = wording.value(described, record.fields[name], actor.role) if reached else ""
    return Told(cell.place, name, before, now, wording.value(described, wanted, actor.role), _outcome(described, seen, wanted, record, actor))


def _outcome(described: Field, seen: Any, wanted: Any, record: Record, actor: Actor) -> str:
    outcome = three_way(seen, record.fields[described.name], wanted)
    waits = actor.role not in described.direct or record["closed"] is not None or not actor.reaches(record["commune"])
    return "proposed" if outcome == "applied" and waits else outcome


def people(handed: Handed, keys: Iterable[str], actor: Actor) -> list[Record]:
    """The people of these keys who are still on the actor's list, in the order given."""
    ids = [handed.people[key].record for key in keys]
    known = door.store().records("person", ids)
    return [known[each] for each in ids if each in known and actor.reaches(known[each]["commune"]) and known[each]["closed"] is None]


