"""People written into a commune's workbook who were not on it: each row becomes a proposed increase, as the page would send it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from portal import change, door, entitlement, forms, proposal, telling, unit, wording
from portal.clock import month_of
from portal.proposal import Draft, Preview
from portal.upload import Item
from portal.workbook.commune_columns import CHANGE, FIXED, OF_A_CHANGE, USUAL_REASON, inputs, person_fields
from portal.workbook.commune_edits import Typed, Wrong, heading_of, typed
from portal.workbook.returned import Handed, Row
from sync.edit import Actor
from sync.ids import named
from sync.text import fold
from sync.values import ValueProblem

_REQUIRED = ("reason", "category")
_CASH = {"method": "cash"}


class Proposed(Struct, frozen=True):
    """A new person's row: who, what the law makes of it, and the edit that proposes it. `state` where that was proposed before, else ""."""

    name: str
    birth: str
    place: str
    category: str
    seen: Preview
    item: Item
    change: str
    state: str = ""


def propose(handed: Handed, rows: Iterable[Row], actor: Actor, now: datetime) -> tuple[list[Proposed], list[Wrong]]:
    """Reads the rows of new people; reads only.

    Returns:
        Those that can be proposed or were already, and what is wrong with the others: of these nothing is taken.
    """
    found: list[Proposed] = []
    wrong: list[Wrong] = []
    place = unit.by_code(handed.about.commune)
    for row in rows:
        if place is None or place.succeeded_by is not None:
            wrong.append(Wrong(row.place, "commune_ended"))
            continue
        draft, ids, troubles = _draft(handed, row, actor)
        seen = proposal.preview(draft, now) if not troubles else Preview()
        troubles += _by_law(handed, row, seen)
        if draft.category and entitlement.is_confidential(draft.category, month_of(now)):
            troubles.append(_wrong(handed, row, f"{CHANGE}category", code="category_on_page"))
        if any(each.change == ids for each in found):
            troubles.append(Wrong(row.place, "person_twice", told=_name(row)))
        wrong += [*troubles, *(_wrong(handed, row, name, code="fixed_column") for name in FIXED if name in row.cells)]
        if not troubles:
            item = Item(row.place, "change", ids, change.proposed(draft, now), create=True)
            found.append(Proposed(_name(row), (draft.new_person or {})["birth"], row.place, draft.category or "", seen, item, ids))
    return _with_states(found), wrong


def _draft(handed: Handed, row: Row, actor: Actor) -> tuple[Draft, str, list[Wrong]]:
    """The proposal a row is, its id, and what cannot be read of it."""
    names = person_fields(actor.role)
    sent = {name: typed(handed, name, row.cells[name]) for field in names for name in inputs(field) if name in row.cells}
    own = {name: typed(handed, CHANGE + name, row.cells[CHANGE + name]) for name in OF_A_CHANGE if CHANGE + name in row.cells}
    person = forms.read("person", Typed(sent), names)
    more = forms.read("change", Typed({"reason": USUAL_REASON, **own}), OF_A_CHANGE, required=_REQUIRED)
    errors = {**person.errors, **{CHANGE + name: text for name, text in more.errors.items()}}
    values = {name: value for name, value in person.values.items() if value is not None}
    who = (handed.about.id, fold(_name(row)), str(values.get("birth", "")))
    data: dict[str, Any] = {
        "id": named("commune-workbook", "person", *who),
        "commune": handed.about.commune,
        "payment_method": _CASH,
        **values,
    }
    draft = Draft(reason=more.values.get("reason") or "", new_person=data, **_given(more.values))
    troubles = [_wrong(handed, row, name, sentence) for name, sentence in errors.items()]
    hamlet, offered = values.get("hamlet"), {code for code, _ in handed.about.words.get("hamlet", ())}
    if hamlet is not None and hamlet not in offered:
        troubles.append(_wrong(handed, row, "hamlet", wording.wrong_value(ValueProblem("not_a_choice"))))
    return draft, named("commune-workbook", "change", *who), troubles


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values.get(name) for name in OF_A_CHANGE if name != "reason"}


def _by_law(handed: Handed, row: Row, seen: Preview) -> list[Wrong]:
    found = [_wrong(handed, row, _input(name), text) for name, text in telling.problems_of(seen).items()]
    for name, some in seen.findings.items():
        found += [_wrong(handed, row, _input(name), each.text) for each in some if each.blocking]
    return found


def _wrong(handed: Handed, row: Row, name: str, sentence: str = "", code: str = "") -> Wrong:
    """What is wrong with an input, at its cell; of the row where that is blank."""
    cell = row.cells.get(name)
    return Wrong(cell.place if cell else row.place, code, sentence, cell.text if cell else "", heading_of(handed, name))


def _input(name: str) -> str:
    return name.removeprefix("new.") if name.startswith("new.") else CHANGE + name


def _name(row: Row) -> str:
    return row.cells["full_name"].text if "full_name" in row.cells else ""


def _with_states(found: Sequence[Proposed]) -> list[Proposed]:
    known: Mapping[str, Any] = door.store().records("change", [each.change for each in found])
    return [
        Proposed(each.name, each.birth, each.place, each.category, each.seen, each.item, each.change, known[each.change]["state"] if each.change in known else "")
        for each in found
    ]
