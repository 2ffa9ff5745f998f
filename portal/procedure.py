"""Who proposes, appraises, decides and signs, by procedure and date: presets as data, and what the office has recorded on top of them.

A preset is a file of `portal/procedures`; which one holds from which day is a record of kind `procedure`, without any the first one,
`huyen`. A record may also give one procedure its own roles. The paying agency (who draws the list up and contracts with the post office)
and the deciding authority are two things (domain.md 1.8; Decree 20/2021, article 34.3).
"""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from portal import db
from portal.models.procedure import Procedure as Row
from sync import fields as roles
from sync.procedure import MONTHLY_LIST, PROCEDURES, Procedure
from sync.structs import looked_up

FIRST = "huyen"
"""The preset of an office that has recorded none."""
_FOLDER = Path(__file__).with_name("procedures")
_ROLES = frozenset({roles.HAMLET, roles.COMMUNE, roles.DISTRICT, roles.APPROVER, roles.AGENT, roles.SUPERVISOR})
_STALE_SECONDS = 2.0
"""How long another process's record may go unnoticed."""


class PresetProblem(Exception):
    """A preset is not what a preset is, or there is none of that name; the message says why."""


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """One procedure as its file says it; what is left out is as in `defaults`. `signs` names the preset's agency or authority."""

    proposes: tuple[str, ...] | None = None
    reports: tuple[str, ...] | None = None
    appraises: tuple[str, ...] | None = None
    decides: tuple[str, ...] | None = None
    signs: str | None = None
    source: str = ""


class Office(Struct, frozen=True, forbid_unknown_fields=True):
    """The paying agency or the deciding authority: the title its head signs under, and how a deputy's signature is headed.

    `kind` is that of its unit, "" for the office that keeps the list; `body` who it is in a sentence.
    """

    title: str
    kind: str = ""
    body: str = ""
    signature: tuple[str, ...] = ()
    source: str = ""


class Called(Struct, frozen=True, forbid_unknown_fields=True):
    """What a role is called where its usual name does not fit."""

    label: str
    label_en: str


class Preset(Struct, frozen=True, forbid_unknown_fields=True):
    """One file: every procedure with its roles. `since` and `until` are the dates (YYYY-MM-DD) between which the law has it so.

    `roles`: role → its name under this preset.
    """

    name: str
    label: str
    source: str
    paying_agency: Office
    deciding_authority: Office
    defaults: Rule
    procedures: Mapping[str, Rule]
    roles: Mapping[str, Called] = {}
    since: str = ""
    until: str = ""

    def rule(self, name: str) -> Rule:
        """The rule of a procedure, what it leaves out filled in."""
        return _over(self.defaults, msgspec.to_builtins(self.procedures[name]))


class InForce(Struct, frozen=True):
    """What holds on one day: a preset, and the office's own rules by procedure."""

    preset: Preset
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def rule(self, name: str) -> Rule:
        """The rule of a procedure."""
        return _over(self.preset.rule(name), self.own.get(name, {}))

    def signer(self, name: str) -> Office:
        """Who signs what a procedure decides."""
        return self.preset.paying_agency if self.rule(name).signs == "paying_agency" else self.preset.deciding_authority


def presets() -> Mapping[str, Preset]:
    """Every preset by name, as shipped.

    Raises:
        PresetProblem: a file is none.
    """
    return _read()


looked_up(Preset, Rule)


def read(path: Path) -> Preset:
    """The preset of a file.

    Raises:
        PresetProblem: it lacks a procedure, names a role that does not exist, or lets who pays decide.
    """
    try:
        preset = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Preset)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise PresetProblem(f"{path.name}: {error}.") from error
    if strange := sorted(set(preset.roles) - _ROLES):
        raise PresetProblem(f"{path.name}: no role {', '.join(strange)}.")
    missing = [name for name in PROCEDURES if name not in preset.procedures]
    if missing or len(preset.procedures) > len(PROCEDURES):
        raise PresetProblem(f"{path.name}: procedures are {', '.join(PROCEDURES)}; lacking {', '.join(missing) or 'none'}.")
    for name in PROCEDURES:
        wrong = _wrong(name, preset.rule(name))
        if wrong:
            raise PresetProblem(f"{path.name}: {name}: {wrong}.")
    return preset


def in_force(day: str, also: Sequence[Mapping[str, Any]] = ()) -> InForce:
    """What holds on a date (YYYY-MM-DD); `also`: records beside those of the register."""
    preset = presets()[FIRST]
    own: dict[str, Mapping[str, Any]] = {}
    for record in sorted((*_recorded(), *also), key=lambda each: each["valid_from"]):
        if record["valid_from"] > day:
            continue
        if record["preset"]:
            preset, own = presets()[record["preset"]], {}
        elif record["name"]:
            own = {**own, record["name"]: record["rule"]}
    return InForce(preset, own)


def of(name: str, day: str, also: Sequence[Mapping[str, Any]] = ()) -> Procedure:
    """The roles of a procedure on a date, as the door asks for them."""
    held = in_force(day, also)
    return _shipped(held.preset.name, name) if name not in held.own else _roles(held.rule(name))


@cache
def _shipped(preset: str, name: str) -> Procedure:
    return _roles(presets()[preset].rule(name))


def _roles(rule: Rule) -> Procedure:
    return Procedure(
        proposes=frozenset(rule.proposes or ()),
        decides=frozenset(rule.decides or ()),
        reports=frozenset(rule.reports or ()),
        appraises=frozenset(rule.appraises or ()),
    )


def knows(preset: str | None, name: str | None, rule: Mapping[str, Any] | None) -> bool:
    """Whether there is such a preset, or such a procedure with a rule of this form."""
    if preset is not None:
        return preset in presets()
    try:
        return name in PROCEDURES and not _wrong(str(name), _over(presets()[FIRST].rule(str(name)), rule or {}))
    except msgspec.ValidationError:
        return False


def refresh() -> None:
    """Forgets what was read, after a record was written."""
    global _kept
    _kept = None


def _over(base: Rule, more: Mapping[str, Any]) -> Rule:
    given = {name: value for name, value in more.items() if value not in (None, "")}
    return msgspec.convert({**msgspec.to_builtins(base), **given}, Rule)


def _wrong(name: str, rule: Rule) -> str:
    """What is wrong with a whole rule, in a few words; "" for nothing."""
    if name == MONTHLY_LIST and (rule.proposes, rule.decides) != ((roles.DISTRICT,), (roles.APPROVER,)):
        return "the list is drawn up by district_officer and approved by approver of the paying agency; only who signs may differ"
    named = {role for some in (rule.proposes, rule.reports, rule.appraises, rule.decides) for role in some or ()}
    if named - _ROLES:
        return f"no role {', '.join(sorted(named - _ROLES))}"
    if not rule.decides:
        return "nobody decides"
    if roles.POST & set(rule.decides):
        return "who pays never decides"
    if rule.reports and not rule.appraises:
        return "what is reported has to be appraised"
    return "" if rule.signs in ("paying_agency", "deciding_authority") else "who signs"


@cache
def _read() -> Mapping[str, Preset]:
    found = {preset.name: preset for preset in map(read, sorted(_FOLDER.glob("*.toml")))}
    for preset in found.values():
        for day in filter(None, (preset.since, preset.until)):
            date.fromisoformat(day)
    return found


_kept: tuple[int, float, tuple[Mapping[str, Any], ...]] | None = None


def _recorded() -> Iterable[Mapping[str, Any]]:
    global _kept
    held, moment = _kept, time.monotonic()
    if held is None or held[0] != db.opened() or moment - held[1] > _STALE_SECONDS:
        query: Any = Row.select(Row.valid_from, Row.preset, Row.name, Row.rule).order_by(Row.valid_from, Row.version).dicts()
        rows = tuple({**row, "rule": json.loads(row["rule"] or "{}")} for row in query)
        _kept = held = (db.opened(), moment, rows)
    return held[2]
