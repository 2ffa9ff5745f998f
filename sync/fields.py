"""The catalogue: every kind of record, its fields, their types and bounds, how each merges and who may change it.

The door, the wire schema, the page forms, the workbook columns and the labels all read it; nothing repeats it.
Each kind's fields stand with its rules in `sync/kinds/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from msgspec import Struct, field

from sync.values import ValueProblem

Merge = Literal["three_way", "ladder", "fixed"]
"""three_way: by value seen; ladder: a payment mark; fixed: given at creation or by a decision, never by a plain edit."""

HAMLET = "hamlet_reporter"
COMMUNE = "commune_officer"
AGENT = "post_agent"
SUPERVISOR = "post_supervisor"
DISTRICT = "district_officer"
APPROVER = "approver"
AUDITOR = "auditor"
ADMIN = "admin"
IMPORTER = "importer"
"""The command line loading lists that other offices have decided already; no person signs in with it."""

POST = frozenset({AGENT, SUPERVISOR})
OFFICE = frozenset({COMMUNE, DISTRICT})
NOBODY: frozenset[str] = frozenset()


class Choice(Struct, frozen=True):
    """One value of a field with a fixed set of values."""

    code: str
    label: str
    label_en: str


class Field(Struct, frozen=True):
    """One field of a kind.

    `parse` normalises a raw value or raises `ValueProblem`; None always stands for "no value".
    `direct`: roles whose edit applies at once; `propose`: roles whose edit waits for one of `decide`.
    `input`: how a page asks for it. `hidden_from`: roles that are never sent it (guarantee G8).
    """

    name: str
    label: str
    label_en: str
    type: str
    parse: Callable[[object], Any]
    merge: Merge = "three_way"
    direct: frozenset[str] = NOBODY
    propose: frozenset[str] = NOBODY
    decide: frozenset[str] = NOBODY
    hidden_from: frozenset[str] = NOBODY
    required: bool = False
    choices: tuple[Choice, ...] = ()
    input: str = "text"
    bounds: Mapping[str, int] = field(default_factory=dict)

    def read(self, raw: object) -> Any:
        """The normalised value of `raw`; empty text and None are both None. Raises `ValueProblem`."""
        if raw is None or raw == "":
            return None
        return self.parse(raw)


def fixed(name: str, label: str, label_en: str, type_: str, parse: Callable[[object], Any], **more: Any) -> Field:
    """A field that is given at creation or by a decision, never by a plain edit. `more` as `Field` has it."""
    return Field(name, label, label_en, type_, parse, merge="fixed", **more)


class Kind(Struct, frozen=True):
    """One kind of record.

    `scope`: the field that holds the commune whose people may see the record, or None.
    `unique`: groups of fields no two records of the kind may share (where none of them is None).
    `pulled`: whether devices receive it; `gate`: a bool field that has to be true before they do; `carried`: the fields they receive
    (empty: all); `window`: the field with the month, or the moment, after which they need the record no more (`sync.wire.windows`).
    `create`: roles that may create one.
    """

    name: str
    label: str
    label_en: str
    fields: Mapping[str, Field]
    scope: str | None = "commune"
    unique: tuple[tuple[str, ...], ...] = ()
    pulled: bool = False
    gate: str | None = None
    carried: frozenset[str] = frozenset()
    window: str | None = None
    create: frozenset[str] = NOBODY

    def blank(self) -> dict[str, Any]:
        """Every field with no value."""
        return dict.fromkeys(self.fields)

    def visible(self, role: str) -> frozenset[str]:
        """The names of the fields a role may be sent."""
        return frozenset(f.name for f in self.fields.values() if role not in f.hidden_from)

    def told(self, role: str) -> frozenset[str]:
        """The names of the fields devices of a role receive."""
        return self.visible(role) & self.carried if self.carried else self.visible(role)


def fields(*entries: Field) -> dict[str, Field]:
    """The fields of a kind by name, in the order people read them."""
    return {entry.name: entry for entry in entries}


def one_of(choices: tuple[Choice, ...]) -> Callable[[object], str]:
    """A parser for a field with a fixed set of values."""
    codes = frozenset(choice.code for choice in choices)

    def parse(raw: object) -> str:
        if isinstance(raw, str) and raw in codes:
            return raw
        raise ValueProblem("not_a_choice", allowed=", ".join(sorted(codes)))

    return parse
