"""Every kind of record with its rules: `CATALOGUE` (what there is) and `RULES` (what an edit to it does)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from sync.kinds import (
    addendum,
    arrears,
    bank_file,
    calendar,
    change,
    conflict,
    contract,
    declaration,
    entitlement,
    fund_movement,
    fund_request,
    funeral_grant,
    opening,
    payment,
    payment_list,
    payment_method,
    person,
    procedure,
    recovery,
    report_text,
    reports,
    result_file,
    schedule,
    settlement,
    succession,
    unit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.fields import Kind
    from sync.fieldwise import Rules

_ALL = (
    (unit.KIND, unit.RULES),
    (person.KIND, person.RULES),
    (entitlement.KIND, entitlement.RULES),
    (change.KIND, change.RULES),
    (declaration.KIND, declaration.RULES),
    (payment_list.KIND, payment_list.RULES),
    (payment.KIND, payment.RULES),
    (addendum.KIND, addendum.RULES),
    (arrears.KIND, arrears.RULES),
    (schedule.SESSION, schedule.SESSION_RULES),
    (schedule.SCHEDULE, schedule.SCHEDULE_RULES),
    (settlement.KIND, settlement.RULES),
    (calendar.RULE, calendar.CYCLE_RULES),
    (calendar.HOLIDAY, calendar.HOLIDAY_RULES),
    (contract.KIND, contract.RULES),
    (fund_request.KIND, fund_request.RULES),
    (fund_movement.KIND, fund_movement.RULES),
    (conflict.KIND, conflict.RULES),
    (reports.FOLLOWUP, reports.FOLLOWUP_RULES),
    (reports.GRIEVANCE, reports.GRIEVANCE_RULES),
    (bank_file.TEMPLATE, bank_file.TEMPLATE_RULES),
    (bank_file.FILE, bank_file.FILE_RULES),
    (result_file.KIND, result_file.RULES),
    (payment_method.KIND, payment_method.RULES),
    (recovery.RECOVERY, recovery.RECOVERY_RULES),
    (recovery.ENTRY, recovery.ENTRY_RULES),
    (funeral_grant.KIND, funeral_grant.RULES),
    (report_text.KIND, report_text.RULES),
    (opening.KIND, opening.RULES),
    (procedure.KIND, procedure.RULES),
    (succession.SUCCESSION, succession.SUCCESSION_RULES),
    (succession.RESIDENCE, succession.RESIDENCE_RULES),
)

CATALOGUE: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind, _ in _ALL})
RULES: Mapping[str, Rules] = MappingProxyType({kind.name: rules for kind, rules in _ALL})
PULLED: tuple[str, ...] = tuple(
    sorted(
        (kind.name for kind in CATALOGUE.values() if kind.pulled),
        key=lambda name: (CATALOGUE[name].window is not None, name != "person", name),
    )
)
"""The kinds devices receive, in the order of a first copy: people first, for they are what is looked up; last what goes by months."""
SCHEMA = 1
"""The version of the catalogue that devices write with; every version ever issued can be read."""
