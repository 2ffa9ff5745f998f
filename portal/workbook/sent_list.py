"""A list somebody sent, read and laid beside the register: the same for the page and for the command."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from portal import declaration, unit, upload
from portal.upload import File
from portal.workbook.columns import letter
from portal.workbook.opened import WorkbookProblem
from sync.edit import Actor
from sync.fields import COMMUNE
from sync.text import nfc

if TYPE_CHECKING:  # what reads a list is loaded by whoever sends one, not by every start of the portal
    from portal.list_edits import Plan, Sent
    from portal.workbook.arrived import Sheet
    from portal.workbook.headings import Heading
    from portal.workbook.survey import Survey, Told

TAKEN = (
    *("full_name", "birth", "birth_male", "birth_female", "sex", "national_id", "line_code", "hamlet", "phone", "category"),
    *("coefficient10", "amount", "note"),
)
"""The columns a list is read by; of all others nothing is taken over."""
_SAMPLES = 3
_ENOUGH = 3
_BIRTHS = {"birth", "birth_male", "birth_female"}


@dataclass(frozen=True)
class Column:
    """A column under a heading: its letter, index from 0, what stands in the heading and in some cells; `name` is what it is taken to be."""

    letter: str
    index: int
    heading: str
    samples: tuple[str, ...]
    name: str


@dataclass(frozen=True)
class Table:
    """A sheet whose columns somebody may put right. `is_list`: its own words say enough to read a list by; `is_chosen`: somebody has said."""

    sheet: str
    heading: Heading
    columns: tuple[Column, ...]
    is_list: bool
    is_chosen: bool


@dataclass(frozen=True)
class Looked:
    """A list as read, and as it would be taken in."""

    survey: Survey
    sent: Sent
    plan: Plan


def look(
    content: bytes, name: str, upload: str, told: Told, *, accepted: Sequence[str] = (), left_out: Sequence[str] = (), accept_all: bool = False
) -> Looked:
    """Reads a list and says what taking it in would do; writes nothing.

    Args:
        content: the file.
        name: its name.
        upload: the id of its upload, from which new records have theirs.
        told: what the sender says of it.
        accepted: places of asked repairs that were agreed to.
        left_out: rows that the sender leaves out.
        accept_all: every asked repair was agreed to.

    Raises:
        WorkbookProblem: as `survey`.
    """
    from portal import known_lines, list_edits  # noqa: PLC0415  # as above
    from portal.workbook.survey import survey  # noqa: PLC0415

    communes = {each.code: each.name for each in unit.communes()}
    with _no_search_for_garbage():
        found = survey(content, communes, known_lines.of_register, told)
        sent = list_edits.Sent(
            name, upload, found.kind, found.commune, found.month, tuple(found.rows), found.arrival, tuple(found.errors), tuple(found.repairs)
        )
        agreed = [each.at for each in found.repairs if each.ask] if accept_all else accepted
        return Looked(found, sent, list_edits.plan(sent, agreed, left_out))


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """A hundred thousand rows are made here and kept: to look again and again for cycles among them took a quarter of the time.

    What nobody refers to any more goes away at once all the same. Of two threads that read lists the first to end ends it for both.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def told_by(actor: Actor, said: Mapping[str, Any], now: datetime) -> Told:
    """What a sender says of a file (`upload.File.answers`), and what goes without saying: their columns of before, their commune, the month at hand."""
    from portal.workbook.survey import Told  # noqa: PLC0415  # as above

    own = actor.unit if actor.role == COMMUNE else ""
    chosen = upload.columns(actor.unit)
    return Told(chosen, said.get("kind", ""), said.get("commune", ""), said.get("month", ""), own, declaration.open_month(now))


def look_as(actor: Actor, file: File, now: datetime) -> Looked:
    """A file as somebody would take it in.

    Raises:
        WorkbookProblem: as `look`; other_commune and no_commune where that is not within its area, or not told.
    """
    said = file.answers
    looked = look(
        file.content,
        file.name,
        file.id,
        told_by(actor, said, now),
        accepted=said.get("accepted", ()),
        left_out=said.get("left_out", ()),
        accept_all=said.get("accept_all", False),
    )
    communes = communes_of(looked)
    if not all(map(actor.reaches, communes - {""})):
        raise WorkbookProblem("other_commune")
    if "" in communes:
        raise WorkbookProblem("no_commune")
    return looked


def communes_of(looked: Looked) -> set[str]:
    """The communes whose lists a file holds; "" stands for sheets that name none."""
    return {row.commune for row in looked.sent.rows}


def tables_of(content: bytes, chosen: Mapping[str, Mapping[str, int]]) -> list[Table]:
    """The same of a file's content. Raises `WorkbookProblem`: as `arrived.opened`."""
    from portal.workbook.arrived import opened  # noqa: PLC0415  # as above

    return tables(opened(content), chosen)


def tables(sheets: Iterable[Sheet], chosen: Mapping[str, Mapping[str, int]]) -> list[Table]:
    """The sheets of a file that have a heading, with what each column is taken to be."""
    from portal.workbook.headings import heading  # noqa: PLC0415  # as above

    heads = [(sheet, head) for sheet in sheets if not sheet.is_hidden and (head := heading(sheet)) is not None]
    some = any(suffices(head.columns) for _, head in heads)
    return [_table(sheet, head, chosen.get(head.layout), guess=suffices(head.columns) or not some) for sheet, head in heads]


def suffices(columns: Mapping[str, int]) -> bool:
    """Whether a list can be read by these columns: a name, a birth and one more."""
    return "full_name" in columns and bool(_BIRTHS & set(columns)) and len(columns) >= _ENOUGH


def _table(sheet: Sheet, head: Heading, chosen: Mapping[str, int] | None, *, guess: bool) -> Table:
    told = chosen if chosen is not None else head.columns if guess else {}
    names = {at: name for name, at in told.items() if name in TAKEN}
    first = head.rows[-1]
    below = [row for row in sheet.rows[first : first + 30] if sum(cell not in ("", None) for cell in row) > _SAMPLES]
    columns = []
    for at in range(max((len(sheet.rows[number - 1]) for number in head.rows), default=0)):
        words = [_said(sheet.rows[number - 1][at]) for number in head.rows if at < len(sheet.rows[number - 1])]
        samples = [text for row in below if at < len(row) and (text := _said(row[at]))][:_SAMPLES]
        if any(words) or samples:
            columns.append(Column(letter(at), at, " ".join(filter(None, words)), tuple(samples), names.get(at, "")))
    return Table(sheet.name, head, tuple(columns), suffices(head.columns), chosen is not None)


def _said(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return nfc(" ".join(str(cell).split()))[:60] if cell is not None else ""


def report(looked: Looked) -> dict[str, Any]:
    """Everything that was found, as JSON has it: places are "sheet!row" or "sheet!cell", codes are stable."""
    found, made = looked.survey, looked.plan
    return {
        "outcome": "import",
        "kind": found.kind,
        "commune_code": found.commune,
        "month": found.month,
        "sheets": [
            {"name": name, "header_rows": list(place.header_rows), "first_row": place.data[0], "last_row": place.data[-1]}
            for name, place in found.sheets
        ],
        "rows": len(found.rows),
        "matches": found.arrival.matches,
        "new": found.arrival.new,
        "errors": [asdict(each) for each in found.errors],
        "warnings": [asdict(each) for each in found.warnings],
        "repairs": [{"at": each.at, "code": each.code, "from": each.said, "to": each.to, "ask": each.ask} for each in found.repairs],
        "left": [asdict(each) for each in made.left],
        "left_out": made.out,
        "changes": [
            {"at": each.place, "deed": each.deed, "line": each.line, "fields": {name: [now, wanted] for _, name, now, wanted in each.fields}}
            for each in made.wanted
        ],
        "waiting": made.waiting,
        "known": made.known,
        "same": made.same,
        "absent": made.absent,
    }
