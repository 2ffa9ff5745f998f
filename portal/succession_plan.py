"""Plans of a succession of units: read from a file, and laid over the units of today until every hamlet, pay point and account has a place.

A plan names the units that begin and, of each, whom it takes over from (`from`); all else follows: the hamlets of a commune go with it
under their own codes, pay points serve whoever took over, accounts go to the office that did.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from portal import unit
from portal.models.account import Account
from portal.models.person import Person
from portal.unit import Unit
from sync.structs import looked_up
from sync.values import ValueProblem, parse_day

SHIPPED = Path(__file__).with_name("successions")
_FOLLOWS = frozenset({"hamlet", "pay_point"})


class PlanProblem(Exception):
    """A file is no plan; the message says why."""


class NewUnit(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit that begins. `former` (in the file: `from`) are the codes it takes over from, its own among them where it goes on changed.

    `hamlet_name` makes its hamlets' names of {name} and {former}, the bare name of their former commune; without it they keep theirs.
    """

    code: str
    kind: str
    name: str
    parent: str = ""
    serves: str = ""
    former: tuple[str, ...] = field(name="from", default=())
    hamlet_name: str = ""


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """A file: the units that begin, and what does not follow from them.

    `hamlets`: hamlet's code → new name; `hamlet_to`: hamlet's code → commune, where a commune is split; `rest`: commune that is
    split → where those go whose hamlet is not known; `ends`: code → successors, for units that nobody takes over from by `from`;
    `accounts`: account's name → unit, where its office is split; `preset`: whose rules on who decides hold from then on.
    """

    title: str
    basis: str
    valid_from: str
    begins: tuple[NewUnit, ...] = field(name="unit", default=())
    hamlets: Mapping[str, str] = field(default_factory=dict)
    hamlet_to: Mapping[str, str] = field(default_factory=dict)
    rest: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    preset: str = ""


class Laid(Struct, frozen=True):
    """A plan laid over today's units, as `sync.kinds.succession` takes it; `problems` are sentences, and then nothing may be carried out."""

    ends: list[tuple[str, str, list[str]]]
    begins: list[dict[str, str]]
    moves: dict[str, dict[str, Any]]
    accounts: dict[str, str]
    problems: tuple[str, ...]


def shipped() -> list[str]:
    """Names of the plans that come with the portal."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


looked_up(Plan)


def read(file: Path) -> Plan:
    """The plan of a file, or the shipped one of that name.

    Raises:
        PlanProblem: it cannot be read, or is no plan.
    """
    path = SHIPPED / f"{file}.toml" if str(file) in shipped() else file
    try:
        plan = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Plan)
        parse_day(plan.valid_from)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, ValueProblem) as error:
        raise PlanProblem(f"{path.name}: {error}.") from error
    return plan


def lay(plan: Plan) -> Laid:
    """Lays a plan over the units, people and accounts there are now."""
    return _Laying(plan).laid()


class _Laying:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.now = {each.code: each for each in unit.every()}
        self.begun = {each.code: each for each in plan.begins}
        self.takers: dict[str, list[str]] = {}
        for new in plan.begins:
            for code in new.former:
                self.takers.setdefault(code, []).append(new.code)
        for code, successors in plan.ends.items():
            self.takers.setdefault(code, []).extend(successors)
        self.begins = [_begun(new) for new in plan.begins]
        self.moves: dict[str, dict[str, Any]] = {}
        self.follow: list[Unit] = []
        self.problems: list[str] = []

    def laid(self) -> Laid:
        self._check()
        if self.problems:
            return Laid([], [], {}, {}, tuple(self.problems))
        for code, takers in self.takers.items():
            if self.now[code].kind == "commune" and not self._goes_on(code):
                self._move_commune(self.now[code], [each for each in takers if self._kind(each) == "commune"])
            if self.now[code].kind == "hamlet":
                self._move_hamlet(self.now[code], takers)
        self.problems += self._left_behind()
        self.problems += self._same_names()
        accounts = self._accounts()
        ends = [(code, self.now[code].valid_from, takers) for code, takers in self.takers.items()]
        ends += [(each.code, each.valid_from, [each.code]) for each in self.follow]
        return Laid(ends, self.begins, self.moves, accounts, tuple(self.problems))

    def _check(self) -> None:
        for code in self.takers:
            found = self.now.get(code)
            if found is None:
                self.problems.append(f"{code} is no unit of today: nobody can take over from it")
            elif found.valid_from >= self.plan.valid_from:
                self.problems.append(f"{code} itself began on {found.valid_from} only")
        for code, new in self.begun.items():
            if unit.by_code(code) is not None and code not in new.former:
                self.problems.append(f"{code} is {unit.name_of(code)} already, and {new.name} does not take over from it")
        if len(self.begun) < len(self.plan.begins):
            self.problems.append("a code begins twice")

    def _kind(self, code: str) -> str:
        found = self.begun.get(code) or self.now.get(code)
        return found.kind if found else ""

    def _goes_on(self, code: str) -> bool:
        """Whether a commune is itself afterwards: another parent or name, the same people in the same hamlets."""
        if self.takers[code] != [code] or set(self.begun[code].former) != {code}:
            return False
        return not self.begun[code].hamlet_name and not any(each.code in self.plan.hamlets for each in unit.hamlets(code))

    def _move_commune(self, former: Unit, takers: list[str]) -> None:
        if not takers:
            self.problems.append(f"no commune takes over from {former.code} {former.name}")
            return
        places: dict[str, list[str]] = {}
        for hamlet in unit.hamlets(former.code):
            if hamlet.code in self.takers:
                continue
            target = takers[0] if len(takers) == 1 else self.plan.hamlet_to.get(hamlet.code, "")
            if target not in takers:
                self.problems.append(f"{former.name} is split: hamlet_to has to say where {hamlet.code} {hamlet.name} goes")
                continue
            shape = self.begun[target].hamlet_name if target in self.begun else ""
            name = self.plan.hamlets.get(hamlet.code) or shape.format(name=hamlet.name, former=unit.bare_name(former)) or hamlet.name
            places[hamlet.name] = [target, name]
            self._goes_along(hamlet, name=name, parent=target)
        rest = takers[0] if len(takers) == 1 else self.plan.rest.get(former.code, "")
        if rest not in takers:
            unknown = (
                Person.select().where(Person.commune == former.code, Person.hamlet.not_in(list(places)) | Person.hamlet.is_null()).count()
            )
            if unknown:
                self.problems.append(f"{former.name} is split: rest has to say where {unknown} people of no known hamlet go")
            rest = takers[0]
        self.moves[former.code] = {"to": rest, "hamlets": {**self.moves.get(former.code, {}).get("hamlets", {}), **places}}
        for point in unit.pay_points(former.code):
            if point.code not in self.takers:
                self._goes_along(point, serves=rest)

    def _move_hamlet(self, former: Unit, takers: list[str]) -> None:
        """A hamlet that is taken over by another one."""
        target = self.begun.get(takers[0])
        if len(takers) > 1 or target is None or target.kind != "hamlet":
            self.problems.append(f"hamlet {former.code} {former.name} goes to one hamlet that begins")
            return
        move = self.moves.setdefault(former.parent, {"to": former.parent, "hamlets": {}})
        move["hamlets"][former.name] = [target.parent, target.name]

    def _goes_along(self, each: Unit, **changed: str) -> None:
        self.follow.append(each)
        kept = {"code": each.code, "kind": each.kind, "name": each.name, "parent": each.parent, "serves": each.serves}
        self.begins.append({name: value for name, value in {**kept, **changed}.items() if value})

    def _left_behind(self) -> Iterator[str]:
        """Units that would lie in, or work for, one that is no more."""
        gone = {code for code in self.takers if code not in self.begun}
        after = [each for each in self.now.values() if each.code not in self.takers and each not in self.follow]
        for each in after:
            if {each.parent, each.serves} & gone:
                yield f"{each.code} {each.name} would be left behind by {', '.join(sorted({each.parent, each.serves} & gone))}: the plan has to name it"
        for begun in self.begins:
            for role in ("parent", "serves"):
                if begun.get(role) in gone:
                    yield f"{begun['code']} {begun['name']} begins with {role} {begun[role]}, which ends"

    def _same_names(self) -> Iterator[str]:
        names: dict[tuple[str, str], list[str]] = {}
        for begun in self.begins:
            if begun["kind"] == "hamlet":
                names.setdefault((begun["parent"], begun["name"]), []).append(begun["code"])
        for (commune, name), codes in names.items():
            if len(codes) > 1:
                yield f"hamlets {', '.join(codes)} would all be {name} in {commune}: hamlet_name or hamlets has to tell them apart"

    def _accounts(self) -> dict[str, str]:
        """Former unit → its successor, for accounts in service; an account named in the plan goes where it says."""
        found: dict[str, str] = {}
        rows: Iterable[Any] = Account.select(Account.name, Account.unit).where(Account.disabled_at.is_null())
        for row in rows:
            takers = self.takers.get(row.unit)
            if row.name in self.plan.accounts:
                found[f"@{row.name}"] = self.plan.accounts[row.name]
            elif takers is None or row.unit in self.begun or self.now[row.unit].kind in _FOLLOWS:
                continue
            elif len(takers) == 1:
                found[row.unit] = takers[0]
            else:
                self.problems.append(f"account {row.name}: accounts has to say which of {', '.join(takers)} it goes to")
        return dict(sorted(found.items()))


def _begun(new: NewUnit) -> dict[str, str]:
    given = {"code": new.code, "kind": new.kind, "name": new.name, "parent": new.parent, "serves": new.serves}
    return {name: value for name, value in given.items() if value}
