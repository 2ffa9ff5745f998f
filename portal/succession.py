"""Carrying a succession of units out: one journalled edit for the register, with the accounts and, where the plan says so, who decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from portal import clock, db, door, procedure, unit
from portal.models.account import Account
from portal.models.payment_list import PaymentList
from portal.models.person import Person
from portal.succession_plan import Laid, Plan, lay
from sync.edit import Actor
from sync.fields import IMPORTER
from sync.ids import named

ACCOUNT = "don-vi"
"""Under which name the journal has what the command line does to units."""


class SuccessionProblem(Exception):
    """A plan cannot be carried out; `problems` are sentences."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Outcome(Struct, frozen=True):
    """What a plan does: people moved by commune, units that end and begin, accounts that move, the months that stay with the old units."""

    title: str
    valid_from: str
    people: Mapping[str, int]
    ended: int
    begun: int
    accounts: Mapping[str, str]
    until: str
    warnings: tuple[str, ...]


def foresee(plan: Plan, now: datetime) -> Outcome:
    """What carrying the plan out would do.

    Raises:
        SuccessionProblem: it cannot be.
    """
    return _outcome(plan, _sound(plan), now)


def carry_out(plan: Plan, now: datetime, *, account: str = ACCOUNT) -> Outcome:
    """Carries a plan out, whole or not at all.

    Args:
        plan: see `portal.succession_plan`.
        now: the moment recorded.
        account: in whose name.

    Raises:
        SuccessionProblem: it cannot be; nothing is changed.
    """
    with db.write_transaction():
        laid = _sound(plan)
        told = _outcome(plan, laid, now)
        record = named("succession", plan.valid_from, plan.title)
        values: dict[str, Any] = {
            "title": plan.title,
            "basis": plan.basis,
            "valid_from": plan.valid_from,
            "plan": {"ends": laid.ends, "begins": laid.begins, "moves": laid.moves, "accounts": laid.accounts},
        }
        actor = office(account, record)
        result = door.submit_one(
            actor, now, "succession", record, {name: (None, value) for name, value in values.items()}, create=True, why=plan.title
        )
        if result.status != "accepted":
            raise SuccessionProblem((f"the door refuses it: {_told(result.reason)}",))
        if plan.preset:
            adopt(plan.preset, plan.valid_from, now, account=account, basis=plan.basis)
        for former, successor in laid.accounts.items():
            chosen = Account.name == former[1:] if former.startswith("@") else Account.unit == former
            Account.update(unit=successor).where(chosen).execute()
    unit.refresh()
    return told


def adopt(preset: str, valid_from: str, now: datetime, *, account: str = ACCOUNT, basis: str = "") -> None:
    """Records that a preset's rules on who decides hold from a day that has come; what waits is decided by whom they name.

    Raises:
        SuccessionProblem: there is no such preset, it is recorded already, or the day is still to come.
    """
    pairs = {"preset": (None, preset), "valid_from": (None, valid_from), "basis": (None, basis or None)}
    record = named("procedure", valid_from, preset)
    result = door.submit_one(office(account, record), now, "procedure", record, pairs, create=True, why=basis or None)
    procedure.refresh()
    if result.status == "refused":
        raise SuccessionProblem((f"the preset {preset} cannot hold from {valid_from}: {_told(result.reason)}",))


def office(account: str, record: str) -> Actor:
    """Who changes units and powers: the command line, in the name of the office."""
    return Actor(account=account, role=IMPORTER, unit="", device=f"units:{record}", communes=None, name="Đơn vị", online=True)


def _sound(plan: Plan) -> Laid:
    laid = lay(plan)
    if laid.problems:
        raise SuccessionProblem(laid.problems)
    return laid


def _outcome(plan: Plan, laid: Laid, now: datetime) -> Outcome:
    people = {code: Person.select().where(Person.commune == code).count() for code in laid.moves}
    newest = PaymentList.select(PaymentList.month).where(PaymentList.state != "draft").order_by(PaymentList.month.desc()).first()
    before = clock.month_after(plan.valid_from[:7], -1)
    until = max(before, str(newest.month) if newest else before)
    warnings = []
    if PaymentList.select().where(PaymentList.state == "draft").exists():
        warnings.append("the list that is being drawn up has to be built again")
    if clock.local_date(now).isoformat() < plan.valid_from:
        warnings.append(f"the units begin on {plan.valid_from} only; the register will show them from now on")
    return Outcome(plan.title, plan.valid_from, people, len(laid.ends), len(laid.begins), laid.accounts, until, tuple(warnings))


def _told(reason: Any) -> str:
    return f"{reason.code} {reason.field} {reason.detail}".strip() if reason else ""
