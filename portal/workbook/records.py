"""What the lines of an official list say of a person and of an entitlement, as the catalogue's fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from portal import holder
from portal.workbook.read import ListRow

_AT_HOME = "Chi trả tại nhà"
_PAYEE = re.compile(r"(?P<name>[^()]+?) *\((?P<relation>[^()]+)\)")
_CARE = "20."
_CHILD_UNTIL = 16


def person(commune: str, rows: Sequence[ListRow], month: str) -> dict[str, Any]:
    """A person from all their lines in a month ("YYYY-MM"): catalogue field → value, None where the list says nothing.

    How they are paid is that of the first line; a carer's line (Điều 20) has a payee of its own. Who receives an allowance for a child
    is its guardian, for an adult the alternate recipient; "Chi trả tại nhà" stands in the notes.
    """
    first = rows[0]
    payee = next((row.payee for row in rows if row.payee and not row.category.startswith(_CARE)), None)
    is_child = f"{int(first.birth[:4]) + _CHILD_UNTIL}{first.birth[4:7]}" > month
    named = _PAYEE.fullmatch(payee or "")
    return {
        "code": first.person_code,
        "full_name": first.full_name,
        "sex": first.sex,
        "birth": first.birth,
        "national_id": first.national_id,
        "commune": commune,
        "hamlet": first.hamlet,
        "phone": first.phone,
        "home_delivery": any(_AT_HOME in (row.note or "") for row in rows) or None,
        "guardian": payee if is_child else None,
        "alternate_recipient": named.groupdict() if named and not is_child else None,
        "payment_method": holder.documented(first.payment_method, first.note),
    }


def entitlement(commune: str, row: ListRow) -> dict[str, Any]:
    """A line as an entitlement: catalogue field → value, without its person's id."""
    names = ("line_code", "category", "coefficient10", "payee", "payment_method", "start_month", "decision_no", "decision_date", "note")
    method = holder.documented(row.payment_method, row.note)
    return {"commune": commune, **{name: getattr(row, name) for name in names}, "payment_method": method}
