"""What was done to a person's records, by whom and why, read from the journal; and the journal itself, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from peewee import Value

from portal import booked, residence
from portal.law import reasons
from portal.law.errors import LawError
from portal.law.reasons import Reason
from portal.models.account import Account
from portal.models.change import Change
from portal.models.conflict import Conflict
from portal.models.entitlement import Entitlement
from portal.models.funeral_grant import FuneralGrant
from portal.models.journal import Journal
from portal.models.payment import Payment
from portal.models.person import Person
from portal.models.recovery import Recovery
from portal.models.recovery_entry import RecoveryEntry
from sync.fields import Field
from sync.kinds import CATALOGUE
from sync.kinds.person import KIND as PERSON

PAGE = 50
_IN_AT_ONCE = 500
_PAIR = 2
_UNTOLD_TYPES = frozenset({"json", "uuid", "list", "int"})
# Of these kinds only some fields mean something to a reader; the rest is bookkeeping of the change itself.
_TOLD = {
    "change": frozenset(
        {"effective", "event_date", "evidence", "note", "category", "coefficient10", "child_birth", "payee", "payment_method", "question"}
    ),
    "conflict": frozenset[str](),
    "unit": frozenset[str](),
    "succession": frozenset[str](),
    "payment": frozenset({"mark", "hold"}),
    "recovery": frozenset({"overpaid", "holder", "state", "written_off"}),
    "recovery_entry": frozenset({"type", "day", "amount", "number", "party", "note", "state", "void_why"}),
    "funeral_grant": frozenset({"deceased", "death_date", "burial_day", "document", "organiser", "relation", "amount", "state", "revoked_why"}),
}


class Step(Struct, frozen=True):
    """One field in an entry: what stood there, what was wanted or written, and what became of it."""

    kind: str
    field: Field
    old: Any
    new: Any
    outcome: str


class About(Struct, frozen=True):
    """Whose record an entry is about, "" where nobody's, and which of theirs: a line code, or the month of a payment."""

    person: str = ""
    name: str = ""
    line_code: str = ""
    month: str = ""


class Entry(Struct, frozen=True):
    """One entry of the journal as people read it.

    `event` is what was done (see `_event`); `detail` a code that goes with it: a reason, a verdict, a state of a mark; `about` whom and
    which of their lines or months; `refused` the code of a refusal, "" where the edit was taken.
    """

    seq: int
    at: str
    account: str
    name: str
    role: str
    unit: str
    kind: str
    record: str
    about: About
    event: str
    detail: str
    why: str
    refused: str
    steps: tuple[Step, ...]


class Page(Struct, frozen=True):
    """A page of the journal; `before` is the number to page on by, 0 where it begins."""

    entries: list[Entry]
    before: int


def of_person(person: str, role: str) -> list[Entry]:
    """Everything done to a person's records, newest first, with the fields this role may see."""
    ids = [person, *_related(person)]
    rows = [row for some in _chunks(ids) for row in _rows(Journal.record.in_(some))]
    rows.sort(key=lambda row: int(row["seq"]))
    names = _names(row["account"] for row in rows)
    about = _about(rows)
    state: dict[tuple[str, str], dict[str, Any]] = {}
    told = [_entry(row, names, about, role, state) for row in rows]
    moved = {row["seq"]: steps for row in rows if row["kind"] == "succession" and (steps := residence.steps(person, row["record"]))}
    for number, entry in enumerate(told):
        if entry.seq in moved:
            own = tuple(Step("person", PERSON.fields[name], old, new, "applied") for name, old, new in moved[entry.seq])
            told[number] = msgspec.structs.replace(entry, steps=own)
    return sorted([*told, *_with_files(person)], key=lambda entry: entry.seq, reverse=True)


def page(role: str, *, before: int = 0, account: str = "", kind: str = "") -> Page:
    """The journal, newest first: entries with a number below `before` (0: from the end), of an account, of a kind."""
    wanted = [Journal.seq < before] if before else []
    wanted += [Journal.account == account] if account else []
    wanted += [Journal.kind == kind] if kind else []
    rows = _rows(*wanted, newest=PAGE + 1)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    names = _names(row["account"] for row in rows)
    about = _about(rows)
    return Page([_entry(row, names, about, role, None) for row in rows], rows[-1]["seq"] if more else 0)


def entries(numbers: Iterable[int], role: str) -> list[Entry]:
    """The journal's entries with these numbers, newest first."""
    rows = _rows(Journal.seq.in_(list(numbers)))
    rows.sort(key=lambda row: -int(row["seq"]))
    names = _names(row["account"] for row in rows)
    about = _about(rows)
    return [_entry(row, names, about, role, None) for row in rows]


def reason_of(code: str) -> Reason | None:
    """The reason of a change, or of a right that is not paid, by its code, for its label; None for an unknown one."""
    try:
        return reasons.of_kind("not_paid").get(code) or reasons.find(code)
    except LawError:
        return None


def accounts() -> list[tuple[str, str]]:
    """Accounts as (name, full name), by name."""
    rows: Any = Account.select(Account.name, Account.full_name).order_by(Account.name).tuples()
    return list(rows)


def _with_files(person: str) -> list[Entry]:
    """Marks the person's payments got with files of results, as entries like those of a mark by hand."""
    paid: Any = Payment.select(Payment.id).where(Payment.person == person).tuples()
    marks = booked.of_lines(row[0] for row in paid)
    names = _names(each.account for each in marks)
    name = Person.get(Person.id == person).full_name if marks else ""
    return [
        Entry(
            seq=each.seq,
            at=each.at,
            account=each.account,
            name=names.get(each.account, each.account),
            role=each.role,
            unit=each.unit,
            kind="payment",
            record=each.line,
            about=About(person, name or "", "", each.month),
            event="mark",
            detail=str(each.mark["state"]),
            why=each.name,
            refused="",
            steps=(),
        )
        for each in marks
    ]


def _related(person: str) -> list[str]:
    """Ids of the records through which a person's own are changed: rights, changes, payments, conflicts about them, successions."""
    found = residence.successions(person)
    for model in (Entitlement, Change, Payment, Recovery, FuneralGrant):
        rows: Any = model.select(model.id).where(model.person == person).tuples()
        found += [row[0] for row in rows]
    entries: Any = RecoveryEntry.select(RecoveryEntry.id).join(Recovery, on=Recovery.id == RecoveryEntry.recovery).where(Recovery.person == person)
    found += [row[0] for row in entries.tuples()]
    for some in _chunks([person, *found]):
        conflicts: Any = Conflict.select(Conflict.id).where(Conflict.about.in_(some)).tuples()
        found += [row[0] for row in conflicts]
    return found


def _rows(*wanted: Any, newest: int | None = None) -> list[dict[str, Any]]:
    columns = (Journal.seq, Journal.at, Journal.account, Journal.kind, Journal.record, Journal.body)
    query: Any = Journal.select(*columns)
    query = query.where(*wanted) if wanted else query
    return list(query.order_by(Journal.seq.desc()).limit(newest).dicts() if newest else query.dicts())


def _names(accounts_: Iterable[str]) -> dict[str, str]:
    rows: Any = Account.select(Account.name, Account.full_name).where(Account.name.in_(sorted(set(accounts_)))).tuples()
    return dict(rows)


def _about(rows: Iterable[Mapping[str, Any]]) -> dict[str, About]:
    """Record → whom it is about, for the records of these journal rows."""
    records: dict[str, list[str]] = {}
    for row in rows:
        records.setdefault(row["kind"], []).append(row["record"])
    columns = {
        "person": (Person.id, Person.id, Value(""), Value("")),
        "entitlement": (Entitlement.id, Entitlement.person, Entitlement.line_code, Value("")),
        "payment": (Payment.id, Payment.person, Value(""), Payment.month),
        "change": (Change.id, Change.person, Value(""), Value("")),
        "conflict": (Conflict.id, Conflict.about, Value(""), Value("")),
        "recovery": (Recovery.id, Recovery.person, Recovery.line_code, Value("")),
        "recovery_entry": (RecoveryEntry.id, _whose(Recovery.person), _whose(Recovery.line_code), Value("")),
        "funeral_grant": (FuneralGrant.id, FuneralGrant.person, Value(""), Value("")),
    }
    found: list[tuple[str, str, str, str]] = []
    for kind in columns.keys() & records.keys():
        for some in _chunks(sorted(set(records[kind]))):
            found.extend(columns[kind][0].model.select(*columns[kind]).where(columns[kind][0].in_(some)).tuples())
    names: dict[str, str] = {}
    for some in _chunks(sorted({person for _, person, _, _ in found if person})):
        people: Any = Person.select(Person.id, Person.full_name).where(Person.id.in_(some)).tuples()
        names.update(people)
    return {record: About(person, names[person], line, month) for record, person, line, month in found if person in names}


def _whose(column: Any) -> Any:
    """A column of the recovery that an entry of its ledger belongs to."""
    return Recovery.select(column).where(Recovery.id == RecoveryEntry.recovery)


def _entry(
    row: Mapping[str, Any],
    names: Mapping[str, str],
    about: Mapping[str, About],
    role: str,
    state: dict[tuple[str, str], dict[str, Any]] | None,
) -> Entry:
    body = msgspec.json.decode(row["body"])
    edit: dict[str, Any] = body["edit"] if isinstance(body["edit"], dict) else {}
    pairs = {name: pair for name, pair in (edit.get("set") or {}).items() if isinstance(pair, list) and len(pair) == _PAIR}
    reason = body["result"].get("reason") or {}
    event, detail = _event(row["kind"], edit, pairs, body)
    return Entry(
        seq=row["seq"],
        at=row["at"],
        account=row["account"],
        name=names.get(row["account"], row["account"]),
        role=body["role"],
        unit=body["unit"],
        kind=row["kind"],
        record=row["record"],
        about=about.get(row["record"], About()),
        event=event,
        detail=detail,
        why=str(edit.get("why") or ""),
        refused=str(reason.get("detail") or reason.get("code") or ""),
        steps=tuple(_steps(row["kind"], pairs, body, role, state)),
    )


def _event(kind: str, edit: Mapping[str, Any], pairs: Mapping[str, Any], body: Mapping[str, Any]) -> tuple[str, str]:
    """What was done, with a detail: one of bulk, propose, withdraw, decide, resolve, mark, hold, release; else the edit's own op."""
    op = str(edit.get("op") or "unreadable")
    wanted = {name: pair[1] for name, pair in pairs.items()}
    if body.get("bulk"):
        return ("succeed", "") if kind == "succession" else ("bulk", str(body["bulk"][0]["name"]))
    if kind == "change" and op == "create":
        return "propose", str(wanted.get("reason") or "")
    if kind == "change" and wanted.get("state") == "withdrawn":
        return "withdraw", ""
    for event, name, member in (("decide", "decision", "verdict"), ("resolve", "resolution", "choice"), ("mark", "mark", "state")):
        if isinstance(wanted.get(name), dict):
            return event, str(wanted[name].get(member) or "")
    if "mark" in wanted or "hold" in wanted:
        return ("unmark" if "mark" in wanted else "hold" if wanted["hold"] else "release"), ""
    return op, ""


def _steps(
    kind: str, pairs: Mapping[str, Any], body: Mapping[str, Any], role: str, state: dict[tuple[str, str], dict[str, Any]] | None
) -> Iterable[Step]:
    why = body["edit"].get("why") if isinstance(body["edit"], dict) else None
    for of_kind, record, created, written in body.get("writes", ()):
        before = state.setdefault((of_kind, record), {}) if state is not None else {}
        if of_kind == "change" and isinstance(written.get("target_set"), dict):
            about = written.get("target_kind") or before.get("target_kind") or kind
            yield from _proposed(str(about), written["target_set"], before.get("target_set") or {}, role)
        for name in _in_order(of_kind, written):
            field = _told(of_kind, name, role)
            is_repeated = name == "note" and written[name] == why
            if field is not None and written[name] != before.get(name) and not is_repeated:
                seen = pairs[name][0] if state is None and of_kind == kind and name in pairs else before.get(name)
                yield Step(of_kind, field, None if created else seen, written[name], "applied")
        before.update(written)
    outcomes = body["result"].get("fields", {})
    for name in _in_order(kind, outcomes):
        outcome, field = outcomes[name], _told(kind, name, role)
        if outcome in ("conflict", "superseded") and field is not None and name in pairs:
            yield Step(kind, field, pairs[name][0], pairs[name][1], outcome)


def _proposed(kind: str, wanted: Mapping[str, Any], before: Mapping[str, Any], role: str) -> Iterable[Step]:
    for name in _in_order(kind, wanted):
        field = _told(kind, name, role)
        if field is not None and wanted[name] != before.get(name):
            yield Step(kind, field, wanted[name][0], wanted[name][1], "proposed")


def _in_order(kind: str, names: Iterable[str]) -> list[str]:
    """Names of fields in the catalogue's order; those it does not know are left out."""
    given = set(names)
    return [name for name in CATALOGUE[kind].fields if name in given] if kind in CATALOGUE else []


def _told(kind: str, name: str, role: str) -> Field | None:
    """The field, where it means something to a reader who may see it."""
    described = CATALOGUE.get(kind)
    field = described.fields.get(name) if described else None
    if field is None or role in field.hidden_from:
        return None
    if kind in _TOLD:
        return field if name in _TOLD[kind] else None
    return None if field.type in _UNTOLD_TYPES else field


def _chunks(ids: list[str]) -> Iterable[list[str]]:
    for start in range(0, len(ids), _IN_AT_ONCE):
        yield ids[start : start + _IN_AT_ONCE]
