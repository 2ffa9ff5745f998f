"""Loads a demo district into an empty database: units, people and their lines through the door, accounts, and the open month.

All of it is one transaction: interrupted, it leaves the database as empty as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from portal import access, account, clock, db, door, unit
from portal.declaration import open_month
from portal.demo.source import Line, Person, Source
from portal.models.account import Account
from portal.models.journal import Journal
from portal.models.person import Person as PersonRow
from sync.edit import Actor, Edit
from sync.fields import IMPORTER
from sync.ids import named, uuid7
from sync.text import fold

BATCH = 500
OPENS = 8
"""The hour at which an office begins its day."""
_DAY = 8
_DEVICE = "demo"
_LEVELS = ("xa ", "phuong ", "thi tran ")
_OFFICE = (
    ("huyen", "Trần Thị Thu Hà", "district_officer", "district_office"),
    ("huyen2", "Lê Quang Vinh", "district_officer", "district_office"),
    ("lanhdao", "Nguyễn Hữu Phước", "approver", "district_office"),
    ("kiemtra", "Phan Văn Chính", "auditor", "district_office"),
    ("buudien", "Hồ Thị Minh", "post_supervisor", "post_office"),
    ("quantri", "Đặng Quốc Trị", "admin", ""),
)
_COMMUNE_NAMES = ("Nguyễn Thị Hoài", "Trần Văn Lâm", "Võ Thị Nga", "Bùi Đức Anh", "Hoàng Thị Lý", "Phạm Xuân Sơn")
_AGENT_NAMES = ("Lê Thị Thủy", "Đinh Văn Tài", "Ngô Thị Hạnh", "Cao Minh Đức", "Dương Thị Oanh", "Trương Văn Hải")

Progress = Callable[[int], None]
"""Told after each batch how many records it added."""


_IMPORTER = Actor(account=_DEVICE, role=IMPORTER, unit="", device=_DEVICE, communes=None, name="Dữ liệu mẫu", online=True)


class LoadProblem(Exception):
    """The door refused a record of the district; the message names it and says why."""


@dataclass(frozen=True)
class Loaded:
    """What was loaded, and the month ("YYYY-MM") that was opened with `list_lines` lines."""

    people: int
    lines: int
    accounts: int
    month: str
    list_lines: int


def is_empty() -> bool:
    """Whether the database has no record and no account yet."""
    return not (PersonRow.select().exists() or Journal.select().exists() or Account.select().exists())


def day_after(month: str) -> date:
    """The day on which a demo lives whose last list is that of a month: before the pay days of the month behind it."""
    following = clock.month_after(month)
    return date(int(following[:4]), int(following[5:]), _DAY)


def size(source: Source) -> int:
    """How many records `load` will hand in."""
    return len(source.units) + len(source.people) + len(source.lines)


def load(source: Source, now: datetime, progress: Progress = lambda _count: None) -> Loaded:
    """Loads the district and opens the month after its list.

    Args:
        source: the district; see `portal.demo.source`.
        now: the moment recorded with everything.
        progress: told how many records each batch added.

    Raises:
        LoadProblem: the door refused a record; nothing is kept.
    """
    with db.write_transaction():
        put(source, now, progress)
        people = list(demo_people(source))
        account.add_demo(people, now)
        month = clock.month_after(source.month)
        lines = open_next(month, now)
    return Loaded(len(source.people), len(source.lines), len(people), month, lines)


def put_opening(month: str, decreases: int, deaths: int, now: datetime) -> None:
    """Puts what the first list's month lost before it into the register, in numbers. Raises `LoadProblem`."""
    given = {"month": month, "decreases": decreases, "deaths": deaths, "source": "Danh sách nhận bàn giao"}
    pairs = {name: (None, value) for name, value in given.items()}
    edit = Edit(n=1, kind="opening", record=named("opening", month), op="create", set=pairs, at=clock.utc_text(now))
    _hand_in([edit], msgspec.structs.replace(_IMPORTER, device=f"{_DEVICE}:opening"), now)


def put(source: Source, now: datetime, progress: Progress = lambda _count: None) -> dict[str, str]:
    """Puts units, people and lines into the register; returns person code → id. Raises `LoadProblem`."""
    actor = _IMPORTER
    ids = {person.code: uuid7() for person in source.people}
    edits = list(_edits(source, ids, clock.utc_text(now)))
    for start in range(0, len(edits), BATCH):
        batch = edits[start : start + BATCH]
        _hand_in(batch, actor, now)
        progress(len(batch))
    unit.refresh()
    return ids


def open_next(month: str, now: datetime) -> int:
    """Draws up the first draft of a month, so that it is the open one; returns its lines. Raises `LoadProblem`."""
    officer = Account.get_or_none(Account.role == "district_officer")
    if officer is None:
        return 0
    record = named("payment_list", month)
    result = door.submit_one(access.actor(officer, f"{_DEVICE}:list"), now, "payment_list", record, {"month": (None, month)}, create=True)
    if result.status != "accepted" or open_month(now) != month:
        raise LoadProblem(f"The list of {month} cannot be drawn up: {result.reason}.")
    drawn = door.shelf().get("payment_list", record)
    return int(drawn["lines"]) if drawn is not None else 0


def demo_people(source: Source) -> Iterator[tuple[str, str, str, str]]:
    """The demo accounts as (name, full name, role, unit): an office's each, then an officer for each commune and an agent for each pay point."""
    for name, shown, role, kind in _OFFICE:
        code = next((each.code for each in source.units if each.kind == kind), "")
        if code or role == "admin":
            yield name, shown, role, code
    names = {each.code: _slug(each.name) for each in source.units if each.kind == "commune"}
    taken = [slug for slug in names.values() if list(names.values()).count(slug) > 1]
    for number, (code, slug) in enumerate(names.items()):
        own = f"{slug}-{code}" if slug in taken else slug
        yield f"xa-{own}", _COMMUNE_NAMES[number % len(_COMMUNE_NAMES)], "commune_officer", code
        points = [each.code for each in source.units if each.kind == "pay_point" and each.serves == code]
        for nth, point in enumerate(points, 1):
            yield f"bd-{own}{nth if nth > 1 else ''}", _AGENT_NAMES[(number + nth) % len(_AGENT_NAMES)], "post_agent", point


def _slug(name: str) -> str:
    plain = fold(name)
    for level in _LEVELS:
        plain = plain.removeprefix(level)
    return plain.replace(" ", "-")


def _edits(source: Source, ids: Mapping[str, str], at: str) -> Iterator[Edit]:
    records: list[tuple[str, str, Mapping[str, Any]]] = []
    records += [("unit", named("unit", each.code, each.valid_from), asdict(each)) for each in source.units]
    records += [("person", ids[person.code], _person(person)) for person in source.people]
    records += [("entitlement", uuid7(), _entitlement(line, ids[line.person_code])) for line in source.lines]
    for n, (kind, record, values) in enumerate(records, 1):
        given = {name: (None, value) for name, value in values.items() if value is not None}
        yield Edit(n=n, kind=kind, record=record, op="create", set=given, at=at)


def _person(person: Person) -> dict[str, Any]:
    return {**asdict(person), "home_delivery": person.home_delivery or None}


def _entitlement(line: Line, person: str) -> dict[str, Any]:
    values = asdict(line)
    del values["person_code"], values["amount"]
    return {**values, "person": person}


def _hand_in(batch: Sequence[Edit], actor: Actor, now: datetime) -> None:
    answer = door.submit(batch, actor, now)
    for edit, result in zip(batch, answer.results, strict=True):
        outcomes = set(result.fields.values())
        if result.status != "accepted" or outcomes - {"applied"}:
            code = edit.set.get("line_code", edit.set.get("code", (None, edit.record)))[1]
            why = f"{result.reason.code} {result.reason.field} {result.reason.detail}" if result.reason else ", ".join(sorted(outcomes))
            raise LoadProblem(f"The {edit.kind} {code} of the demo district was not taken: {why.strip()}.")
