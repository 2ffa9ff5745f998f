"""What one person meant to do to one record at one moment, and what became of it (sync-protocol 2–4)."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from sync.structs import looked_up

Value = Any
"""A JSON value as the catalogue's parsers normalise it: text, int, bool, None, a list or a small object."""

Outcome = Literal["unchanged", "applied", "conflict", "proposed", "superseded"]
Status = Literal["accepted", "duplicate", "refused"]


class Edit(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One edit as it stands on the wire; (device, `n`) names it for ever.

    `set` maps a field to (value seen, value wanted); for `create` the value seen is None.
    `at` is the device's own clock (RFC 3339 with offset): shown, never used to order or decide.
    """

    n: int
    kind: str
    record: str
    op: Literal["create", "set"]
    set: dict[str, tuple[Value, Value]]
    at: str
    base: int | None = None
    why: str | None = None
    of: str | None = None


class Actor(Struct, frozen=True, kw_only=True):
    """Who hands edits in, and what they may reach.

    `communes` None means every commune. `device` names the device (or the page form) whose counter `n` is.
    `assignments` are the payment sessions given to a paying agent: (month, commune, hamlet or "" for the whole commune).
    `online` is true where the person acts on a page that shows the present state.
    `hamlet` is the name of the only hamlet whose people they reach, None where they reach the whole of `communes`.
    """

    account: str
    role: str
    unit: str
    device: str
    communes: frozenset[str] | None = frozenset()
    name: str = ""
    assignments: frozenset[tuple[str, str, str]] = frozenset()
    online: bool = False
    hamlet: str | None = None

    def reaches_hamlet(self, hamlet: str | None) -> bool:
        """Whether people of this hamlet lie in the actor's scope, their commune aside."""
        return self.hamlet is None or self.hamlet == hamlet

    def reaches(self, commune: str | None) -> bool:
        """Whether a record of this commune (None: of no commune) lies in the actor's scope."""
        return self.communes is None or commune is None or commune in self.communes


class Reason(Struct, frozen=True, omit_defaults=True):
    """Why an edit was refused: a stable `code` of the protocol, and what it is about.

    `detail` is a finer stable code (e.g. "own_change"); `message` is put in the user's words at the edge.
    """

    code: str
    field: str = ""
    detail: str = ""
    message: str = ""


class Result(Struct, frozen=True, omit_defaults=True):
    """The answer to one edit. `version` is the number of the journal entry that records it."""

    n: int
    status: Status
    version: int = 0
    fields: dict[str, Outcome] = field(default_factory=dict)
    reason: Reason | None = None


class Refused(Exception):
    """An edit that may not be; the whole edit has no effect, its journal entry says so."""

    def __init__(self, code: str, *, field: str = "", detail: str = "") -> None:
        super().__init__(f"{code} {field} {detail}".strip())
        self.reason = Reason(code=code, field=field, detail=detail)


class Record:
    """A register record as the door works on it: `fields` holds every catalogue field of its kind."""

    __slots__ = ("fields", "id", "kind", "version")

    def __init__(self, kind: str, record_id: str, version: int, fields: dict[str, Value]) -> None:
        self.kind = kind
        self.id = record_id
        self.version = version
        self.fields = fields

    def __getitem__(self, name: str) -> Value:
        return self.fields.get(name)

    def __repr__(self) -> str:
        return f"Record({self.kind} {self.id} v{self.version})"


class Write(Struct, frozen=True):
    """One record changed by one journal entry. `unit`: the commune whose people may see it (None: nobody by commune).

    `left` is the commune it lay in before, where that differs. `full` holds every field of the record as it stands now.
    """

    kind: str
    record: str
    fields: dict[str, Value]
    create: bool
    unit: str | None = None
    left: str | None = None
    full: dict[str, Value] = field(default_factory=dict)


class Entry(Struct, frozen=True):
    """One line of the journal, one per edit whatever its outcome. `body` is canonical JSON; `hash` chains it."""

    seq: int
    at: str
    device: str
    n: int
    account: str
    kind: str
    record: str
    body: str
    hash: str


looked_up(Edit, Result)
