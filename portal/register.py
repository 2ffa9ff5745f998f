"""How the register's records lie in their tables: columns of catalogue fields, and those derived from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from portal import holder
from portal.models.addendum import Addendum
from portal.models.arrears import Arrears
from portal.models.bank_file import BankFile, BankTemplate
from portal.models.change import Change
from portal.models.conflict import Conflict
from portal.models.contract import Contract
from portal.models.cycle_rule import CycleRule
from portal.models.declaration import Declaration
from portal.models.entitlement import Entitlement
from portal.models.followup import Followup
from portal.models.fund_movement import FundMovement
from portal.models.fund_request import FundRequest
from portal.models.funeral_grant import FuneralGrant
from portal.models.grievance import Grievance
from portal.models.holiday import Holiday
from portal.models.opening import Opening
from portal.models.pay_session import PaySession
from portal.models.payment import Payment
from portal.models.payment_list import PaymentList
from portal.models.payment_method import PaymentMethod
from portal.models.person import Person
from portal.models.procedure import Procedure
from portal.models.recovery import Recovery
from portal.models.recovery_entry import RecoveryEntry
from portal.models.register import RegisterModel
from portal.models.report_text import ReportText
from portal.models.residence import Residence
from portal.models.result_file import ResultFile
from portal.models.schedule import Schedule
from portal.models.settlement import Settlement
from portal.models.succession import Succession
from portal.models.unit import Unit
from sync.holds import state_of
from sync.journal import canonical
from sync.kinds import CATALOGUE
from sync.text import fold, sort_key

_decode = msgspec.json.Decoder().decode
JSON_TYPES = frozenset({"json", "list", "lines", "payment_method", "alternate_recipient", "mark"})
BOOL_TYPES = frozenset({"bool"})
NUMBER_TYPES = frozenset({"int", "money", "coefficient", "percent100"})

Fields = Mapping[str, Any]


class Derived(Struct, frozen=True):
    """A column made from fields of the same record."""

    column: str
    sources: frozenset[str]
    make: Callable[[Fields], Any]


def _from(column: str, sources: str, make: Callable[[Fields], Any]) -> Derived:
    return Derived(column, frozenset(sources.split()), make)


def _search_key(fields: Fields) -> str:
    parts = (fields["full_name"], fields["code"], fields["national_id"], fields["phone"])
    return fold(" ".join(part for part in parts if part))


def _part(compound: str, member: str) -> Callable[[Fields], Any]:
    return lambda fields: (fields[compound] or {}).get(member)


_PAYING = tuple(_from(name, "payment_method", _part("payment_method", name)) for name in ("method", "bank", "account", "holder"))

DERIVED: Mapping[str, tuple[Derived, ...]] = {
    "person": (
        _from("search_key", "full_name code national_id phone", _search_key),
        _from("sort_key", "full_name", lambda fields: sort_key(fields["full_name"] or "")),
        _from("method", "payment_method", _part("payment_method", "method")),
        _from("holder_key", "payment_method full_name", holder.of_person),
    ),
    "entitlement": (*_PAYING, _from("holder_key", "payment_method payee", holder.of_entitlement)),
    "recovery": (
        _from("search_key", "full_name line_code", lambda fields: fold(f"{fields['full_name'] or ''} {fields['line_code'] or ''}")),
        _from("sort_key", "full_name", lambda fields: sort_key(fields["full_name"] or "")),
    ),
    "funeral_grant": _PAYING,
    "payment": (
        _from("state", "mark hold", lambda fields: state_of(fields["mark"], fields["hold"])),
        _from("sort_key", "full_name", lambda fields: sort_key(fields["full_name"] or "")),
    ),
}

MODELS: Mapping[str, type[RegisterModel]] = {
    "unit": Unit,
    "person": Person,
    "entitlement": Entitlement,
    "change": Change,
    "declaration": Declaration,
    "payment_list": PaymentList,
    "payment": Payment,
    "addendum": Addendum,
    "arrears": Arrears,
    "pay_session": PaySession,
    "schedule": Schedule,
    "settlement": Settlement,
    "cycle_rule": CycleRule,
    "holiday": Holiday,
    "contract": Contract,
    "fund_request": FundRequest,
    "fund_movement": FundMovement,
    "conflict": Conflict,
    "followup": Followup,
    "grievance": Grievance,
    "bank_template": BankTemplate,
    "bank_file": BankFile,
    "result_file": ResultFile,
    "payment_method": PaymentMethod,
    "recovery": Recovery,
    "recovery_entry": RecoveryEntry,
    "report_text": ReportText,
    "funeral_grant": FuneralGrant,
    "opening": Opening,
    "procedure": Procedure,
    "succession": Succession,
    "residence": Residence,
}


class Table:
    """One kind's table: which columns, and how a value goes in and comes out."""

    def __init__(self, kind: str) -> None:
        fields = CATALOGUE[kind].fields
        self.name = kind
        self.columns = tuple(fields)
        self.derived = DERIVED.get(kind, ())
        self._place = {name: place for place, name in enumerate(fields)}
        self._json = frozenset(n for n, f in fields.items() if f.type in JSON_TYPES)
        self._bool = tuple(i for i, (n, f) in enumerate(fields.items()) if f.type in BOOL_TYPES)
        self._decoded = tuple(i for i, n in enumerate(fields) if n in self._json)
        self.casts = {
            "version": "bigint",
            **{n: _cast(f.type) for n, f in fields.items()},
        }

    def encode(self, name: str, value: Any) -> Any:
        """A field's value as its column holds it."""
        return canonical(value) if value is not None and name in self._json else value

    def decode(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """A row of the catalogue's columns, in order, as fields."""
        values = list(row)
        for i in self._decoded:
            if values[i] is not None:
                values[i] = _decode(values[i])
        for i in self._bool:
            if values[i] is not None:
                values[i] = bool(values[i])
        return dict(zip(self.columns, values, strict=True))

    def row(self, names: Mapping[str, Any] | None, full: Fields) -> dict[str, Any]:
        """The columns to write: those of the fields named (None: all), and what is derived from them."""
        chosen = self.columns if names is None else sorted(names, key=self._place.__getitem__)
        columns = {name: self.encode(name, full[name]) for name in chosen}
        for derived in self.derived:
            if names is None or not derived.sources.isdisjoint(names):
                columns[derived.column] = derived.make(full)
        return columns


def _cast(type_: str) -> str:
    if type_ in BOOL_TYPES:
        return "boolean"
    return "bigint" if type_ in NUMBER_TYPES else "text"


TABLES: Mapping[str, Table] = {kind: Table(kind) for kind in CATALOGUE}
