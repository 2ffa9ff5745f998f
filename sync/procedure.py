"""Who proposes, appraises and decides, by procedure: what the door asks of the law on the day of an edit.

The rules are data (presets and what an office has recorded); here is only their form, and which procedure an edit belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from sync.fields import APPROVER, OFFICE, Field

INCREASE, DECREASE, ADJUSTMENT, SUSPENSION = "increase", "decrease", "adjustment", "suspension"
PAYMENT_METHOD, CORRECTION, CONTACT = "payment_method", "correction", "contact"
MONTHLY_LIST, FUNERAL = "monthly_list", "funeral"
PROCEDURES = (INCREASE, DECREASE, ADJUSTMENT, SUSPENSION, PAYMENT_METHOD, CORRECTION, CONTACT, MONTHLY_LIST, FUNERAL)
"""Every procedure. A change's type is its procedure; `contact` is a proposal of data that offices otherwise write at once."""


class Procedure(Struct, frozen=True):
    """Roles of a procedure on one day. What a role of `reports` proposes has to be appraised by one of `appraises` before approval."""

    proposes: frozenset[str]
    decides: frozenset[str]
    reports: frozenset[str] = frozenset()
    appraises: frozenset[str] = frozenset()

    def admits(self, role: str) -> bool:
        """Whether the role may propose or report."""
        return role in self.proposes or role in self.reports

    def is_report(self, role: str | None) -> bool:
        """Whether what this role proposes waits for an appraisal."""
        return role in self.reports


def of_field(field: Field) -> str:
    """The procedure by which a proposed value of a field is decided; "" where the catalogue itself names the roles."""
    if APPROVER in field.decide:
        return PAYMENT_METHOD if field.name == PAYMENT_METHOD else CORRECTION
    return CONTACT if field.decide in (OFFICE, frozenset()) else ""


def of_change(type_: str, target_kind: str | None, target_set: Iterable[str], person_fields: Mapping[str, Any]) -> str:
    """The procedure of a change of a type, with the person's fields of the catalogue."""
    names = list(target_set)
    if type_ == CORRECTION and target_kind == "person" and names and all(of_field(person_fields[name]) == CONTACT for name in names):
        return CONTACT
    return type_
