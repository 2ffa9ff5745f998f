"""A list that arrived as edits: what it says otherwise than the register, who is new, and what of it is not taken over and why.

Only a cell that says something is an edit, with the value that stood in the register when it was looked at. What a proposal already
waits to do is not asked for twice, so that the same file again has nothing to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal import door, unit
from portal.list_arrival import AT_HOME, Arrival, Remark, Repair, Row
from portal.models.change import Change
from portal.upload import Item
from sync.edit import Record
from sync.ids import named
from sync.kinds.change import UNDECIDED
from sync.text import fold, sort_key
from sync.values import ValueProblem, parse_phone, parse_text

_ROW = re.compile(r"^(.*!)[A-Z]*(\d+)$", re.DOTALL)
_HAMLET_WORDS = re.compile(r"^(?:(?:thon|tdp|to dan pho|to|xom|khoi)\b[ .]*|t\.? ?(?=\d))")
_NEW_ID = 12
_NOTE = 500
_BLANK = ("", None)
_CASH = {"method": "cash"}


@dataclass(frozen=True)
class Wanted:
    """What one row would do. `deed`: set (fields of a person), adjust (another category), new (a proposed increase).

    `fields` are (kind, field, value now, value wanted); `record` is the person's id, "" for a new one; `month` the first it counts in.
    """

    place: str
    deed: str
    name: str
    line: str
    record: str
    fields: tuple[tuple[str, str, Any, Any], ...]
    month: str = ""


@dataclass
class Plan:
    """A file as edits (`items`) and as what each row would do (`wanted`).

    `left` are cells that are not taken over, and why; `out` the rows left out: row → error, asked (a repair nobody agreed to), chosen.
    `waiting`: rows whose proposal waits already; `known`: rows of a list of increases who are on the list; `same`: rows that say
    nothing new; `absent`: how many lines of the file's communes stand in no row.
    """

    items: list[Item] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    left: list[Remark] = field(default_factory=list)
    out: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    same: int = 0
    absent: int = 0


@dataclass(frozen=True)
class Sent:
    """A list as read: its rows, how they lie beside the register, what is wrong with them and may be put right.

    `name` is the file's; `upload` the upload's id, from which the records that it makes have theirs.
    """

    name: str
    upload: str
    kind: str
    commune: str
    month: str
    rows: tuple[Row, ...]
    arrival: Arrival
    errors: tuple[Remark, ...]
    repairs: tuple[Repair, ...]


def row_of(at: str) -> str:
    """The row ("sheet!7") of a place that is a row or a cell of one ("sheet!B7"); "" for a whole sheet, column or file."""
    found = _ROW.match(at)
    return f"{found[1]}{found[2]}" if found else ""


def plan(sent: Sent, accepted: Iterable[str] = (), left_out: Iterable[str] = ()) -> Plan:
    """What taking a list in would do.

    Args:
        sent: the list.
        accepted: places of asked repairs that somebody agreed to; a row with another is left out.
        left_out: rows that somebody leaves out.
    """
    made, agreed = Plan(), set(accepted)
    why = dict.fromkeys(left_out, "chosen")
    why |= {row_of(each.at): "asked" for each in sent.repairs if each.ask and each.at not in agreed}
    why |= {row_of(each.at): "error" for each in sent.errors}
    rows = []
    for row in sent.rows:
        at = row.at
        if at in why:
            made.out[at] = why[at]
        elif row.line and sent.kind == "increase":
            made.known.append(at)
        else:
            rows.append(row)
    register = _Register(sent, rows)
    for row in rows:
        if row.same and row.line not in register.rights:
            made.same += 1
        else:
            register.take(row, made)
    made.absent = sent.arrival.absent if sent.kind != "increase" else 0
    return made


class _Register:
    """The records a list is about, and the proposals that wait for them, each read as a set."""

    def __init__(self, sent: Sent, rows: list[Row]) -> None:
        store = door.store()
        self.sent = sent
        found = store.where("entitlement", "line_code", {row.line for row in rows if not row.same} - {""})
        # What one row says of somebody is held against what another says that is news to nobody.
        found += store.where("entitlement", "person", {right["person"] for right in found})
        # An adjusted line stands several times under its code: the latest counts.
        self.rights = {right["line_code"]: right for right in sorted(found, key=lambda right: str(right["start_month"]))}
        self.people = store.records("person", {right["person"] for right in self.rights.values()})
        self.communes = {row.commune or sent.commune for row in rows}
        self.hamlets = {code: {_hamlet_key(each.name): each.name for each in unit.hamlets(code)} for code in self.communes}
        self.said: dict[tuple[str, str], Any] = {}
        self.taken: set[tuple[str, str]] = set()
        self.sets: dict[tuple[str, str], Any] = {}
        self.adjusts: set[tuple[str, str]] = set()
        self.increases: set[tuple[str, ...]] = set()
        self._waiting()

    def _waiting(self) -> None:
        """What is proposed already for these communes and nobody has decided."""
        columns = (Change.type, Change.target, Change.target_set, Change.entitlement, Change.category, Change.new_person)
        query: Any = Change.select(*columns).where(Change.state.in_(UNDECIDED), Change.commune.in_(sorted(self.communes)))
        for type_, target, target_set, entitlement, category, new_person in query.tuples():
            if target and target_set:
                self.sets |= {(target, name): pair[1] for name, pair in json.loads(target_set).items()}
            if type_ == "adjustment":
                self.adjusts.add((entitlement or "", category or ""))
            if new_person:
                self.increases |= _keys(json.loads(new_person), category or "")

    def take(self, row: Row, made: Plan) -> None:
        """Adds what a row would do."""
        right = self.rights.get(row.line)
        person = self.people.get(right["person"]) if right is not None else None
        if right is None or person is None:
            self._new(row, made)
        else:
            pairs, is_waiting = self._pairs(row, right, person, made)
            adjusted = self._adjusted(row, right)
            if pairs:
                shown = tuple(("person", name, now, wanted) for name, (now, wanted) in pairs.items())
                made.wanted.append(Wanted(row.at, "set", person["full_name"], row.line, person.id, shown))
                made.items.append(Item(row.at, "person", person.id, pairs, why=self._source(row)))
            if adjusted and (right.id, adjusted[0]) not in self.adjusts:
                self._adjust(row, right, adjusted, made)
            elif adjusted or is_waiting:
                made.waiting.append(row.at)
            elif not pairs:
                made.same += 1

    def _pairs(self, row: Row, right: Record, person: Record, made: Plan) -> tuple[dict[str, tuple[Any, Any]], bool]:
        """Field → (value in the register, value in the file) where a row says otherwise; and whether some of that waits already."""
        found: dict[str, tuple[Any, Any]] = {}
        is_waiting = False
        said = self._said(row, made)
        if said.get("note") == right["note"]:
            said["note"] = None
        for name, wanted in said.items():
            now, key = person[name], (person.id, name)
            if not wanted:
                continue
            first = self.said.setdefault(key, wanted)
            if first != wanted and not _is_no_news(name, first, wanted) and not _is_no_news(name, wanted, first):
                made.left.append(Remark(row.cell(name), "CONTRADICTS"))
            elif wanted != now and key not in self.taken and not _is_no_news(name, now, wanted):
                if self.sets.get(key) == wanted:
                    is_waiting = True
                else:
                    found[name] = (now, wanted)
                self.taken.add(key)
        return found, is_waiting

    def _said(self, row: Row, made: Plan) -> dict[str, Any]:
        """What a row says of a person: field → value as the catalogue has it, None for nothing that can be taken over."""
        found: dict[str, Any] = {name: getattr(row, name) for name in ("full_name", "birth", "sex", "national_id")}
        if row.hamlet:
            known = self.hamlets[row.commune or self.sent.commune]
            found["hamlet"] = known.get(_hamlet_key(row.hamlet)) if known else row.hamlet
            if found["hamlet"] is None:
                made.left.append(Remark(row.cell("hamlet"), "HAMLET_UNKNOWN"))
        if row.phone not in _BLANK:
            try:
                found["phone"] = _phone(row.phone)
            except ValueProblem:
                made.left.append(Remark(row.cell("phone"), "PHONE"))
        if row.note not in _BLANK:
            try:
                note = parse_text(row.note, max_length=_NOTE)
            except ValueProblem:
                made.left.append(Remark(row.cell("note"), "NOTE"))
            else:
                found["home_delivery"] = AT_HOME in fold(note) or None
                found["note"] = note if fold(note) != AT_HOME else None
        return found

    def _adjusted(self, row: Row, right: Record) -> tuple[str, int] | None:
        """The category and its coefficient ×10 where a row has others than the register."""
        category = row.category or right["category"]
        coefficient10 = door.LAW.coefficient10(category, self.sent.month)
        is_other = category != right["category"] or (row.coefficient10 is not None and coefficient10 != right["coefficient10"])
        return (category, coefficient10) if coefficient10 is not None and is_other else None

    def _adjust(self, row: Row, right: Record, wanted: tuple[str, int], made: Plan) -> None:
        category, coefficient10 = wanted
        values = {
            "reason": "CHUYEN_DT", "person": right["person"], "entitlement": right.id, "category": category,
            "coefficient10": coefficient10, "effective": self.sent.month, "evidence": self._source(row),
        }
        person = self.people[right["person"]]
        parts = (("category", category), ("coefficient10", coefficient10))
        shown = tuple(("entitlement", name, right[name], value) for name, value in parts if right[name] != value)
        made.wanted.append(Wanted(row.at, "adjust", person["full_name"], right["line_code"], person.id, shown, self.sent.month))
        made.items.append(Item(row.at, "change", self._id(row, "adjust"), {k: (None, v) for k, v in values.items()}, create=True))
        self.adjusts.add((right.id, category))

    def _new(self, row: Row, made: Plan) -> None:
        """A person nobody is known for becomes a proposed increase, from the month of the list; who decides may amend it."""
        commune = row.commune or self.sent.commune
        person = {"id": self._id(row, "person"), "commune": commune, "payment_method": _CASH}
        said = self._said(row, made)
        note = said.pop("note", None)
        person |= {name: value for name, value in said.items() if value}
        keys = _keys(person, row.category)
        if keys & self.increases:
            made.waiting.append(row.at)
            return
        self.increases |= keys
        coefficient10 = door.LAW.coefficient10(row.category, self.sent.month)
        values = {
            "reason": "MOI", "new_person": person, "category": row.category, "coefficient10": coefficient10,
            "effective": self.sent.month, "evidence": self._source(row), "note": note,
        }
        shown: list[tuple[str, str, Any, Any]] = [("person", name, None, value) for name, value in person.items() if name not in ("id", "full_name", "payment_method")]
        shown += [("entitlement", name, None, values[name]) for name in ("category", "coefficient10")]
        made.wanted.append(Wanted(row.at, "new", row.full_name, "", "", tuple(shown), self.sent.month))
        pairs = {name: (None, value) for name, value in values.items() if value is not None}
        made.items.append(Item(row.at, "change", self._id(row, "change"), pairs, create=True))

    def _source(self, row: Row) -> str:
        return f"{self.sent.name}, {row.at}"[-200:]

    def _id(self, row: Row, what: str) -> str:
        return named("upload", self.sent.upload, row.at, what)


def _keys(person: Mapping[str, Any], category: str) -> set[tuple[str, ...]]:
    """What a proposed person is known by: the number, and name, birth and commune together."""
    by_name = ("", fold(str(person.get("full_name") or "")), str(person.get("birth") or ""), str(person.get("commune") or ""), category)
    number = str(person.get("national_id") or "")
    return {("id", number, category)} if number else {by_name}


def _is_no_news(name: str, now: Any, wanted: Any) -> bool:
    """Whether a cell says no more than the register does: less of a birth, an old number, a name in other letters."""
    if not now:
        return False
    if name == "birth":
        return str(now).startswith(str(wanted))
    if name == "national_id":
        return len(str(now)) == _NEW_ID > len(str(wanted))
    if name == "full_name":
        has_no_marks = fold(wanted) == wanted.casefold()
        return sort_key(now) == sort_key(wanted) or (has_no_marks and fold(now) == fold(wanted))
    return False


def _hamlet_key(name: str) -> str:
    """What a hamlet is known by: Thôn 3, "thon 3." and 3 are one."""
    said = fold(name).strip(" .")
    return _HAMLET_WORDS.sub("", said) or said


def _phone(raw: Any) -> str:
    """A number of a worksheet has lost the zero it began with; that of a phone is no guess."""
    try:
        return parse_phone(raw)
    except ValueProblem as problem:
        if "suggestion" not in problem.details:
            raise
        return str(problem.details["suggestion"])
