"""Every kind of record with its rules: `CATALOGUE` (what there is) and `RULES` (what an edit to it does)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from sync.kinds import (
    addendum,
    arrears,
    change,
    conflict,
    declaration,
    entitlement,
    payment,
    payment_list,
    person,
    reports,
    schedule,
    settlement,
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
    (conflict.KIND, conflict.RULES),
    (reports.FOLLOWUP, reports.FOLLOWUP_RULES),
    (reports.GRIEVANCE, reports.GRIEVANCE_RULES),
)

CATALOGUE: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind, _ in _ALL})
RULES: Mapping[str, Rules] = MappingProxyType({kind.name: rules for kind, rules in _ALL})
SCHEMA = 1
"""The version of the catalogue that devices write with; every version ever issued can be read."""
