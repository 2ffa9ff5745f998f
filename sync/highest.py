"""One allowance, the highest (Decree 20/2021, article 6.2): the lower ones of a person yield, and come back when nothing higher is paid.

A right that yields ends with the reason `YIELDS`: eligible, but not paid. It keeps its line code, and begins anew under it where it
comes back, so that every month keeps the sum that was right in it.
"""

from __future__ import annotations

from sync.desk import Desk
from sync.edit import Record
from sync.ids import uuid7

YIELDS = "THAP_HON"
_SEVERAL = 2


def settle(desk: Desk, person: Record, month: str, *, until: str | None = None) -> bool:
    """Puts a person's rights in order from a month on, where `until` is given not from that on; whether that changed any.

    Asked again for each later month in which one of them begins or ends: a decision may count from long ago.
    """
    rights = desk.where("entitlement", person=person.id)
    bounds = {right[name] for right in rights for name in ("start_month", "stop_month")}
    asked = sorted({month, *(bound for bound in bounds if bound is not None and bound > month)})
    changed = [_settle(desk, person, at) for at in asked if until is None or at < until]
    return any(changed)


def _settle(desk: Desk, person: Record, month: str) -> bool:
    rights = desk.where("entitlement", person=person.id)
    standing = [right for right in rights if _stands(right, month)]
    waiting = _waiting(rights, month)
    if not waiting and len(standing) < _SEVERAL:
        return False
    claims = [(right.id, right["category"], right["coefficient10"], "") for right in standing]
    claims += [(right.id, right["category"], right["coefficient10"], person["birth"] or "") for right in waiting]
    paid, lost = desk.law.highest(month, claims)
    lower = [right for right in standing if right.id in lost]
    for right in lower:
        desk.write(right, stop_month=month, stop_reason=YIELDS)
    back = [right for right in waiting if right.id in paid]
    for right in back:
        _revive(desk, right, month)
    return bool(lower or back)


def forget(desk: Desk, person: Record, month: str, reason: str) -> None:
    """Everything of a person ends: what only waited has ended, too."""
    for right in _waiting(desk.where("entitlement", person=person.id), month):
        desk.write(right, stop_reason=reason)


def _stands(right: Record, month: str) -> bool:
    return bool(right["start_month"] <= month and (right["stop_month"] is None or month < right["stop_month"]))


def _waiting(rights: list[Record], month: str) -> list[Record]:
    """Those that have yielded and not come back: the newest of their line."""
    newest = {right["line_code"]: right for right in sorted(rights, key=lambda each: (each["start_month"], each.id))}
    return [right for right in newest.values() if right["stop_reason"] == YIELDS and right["stop_month"] <= month]


def _revive(desk: Desk, right: Record, month: str) -> None:
    if right["stop_month"] == month:
        desk.write(right, stop_month=None, stop_reason=None)
    else:
        desk.create("entitlement", uuid7(), {**right.fields, "start_month": month, "stop_month": None, "stop_reason": None})
