"""From which month a way of payment counts, and the trace each change of one leaves (domain.md 3.2, 7.2.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sync.desk import Desk
from sync.edit import Record, Refused
from sync.ids import uuid7

CLOSED = ("frozen", "approved", "posted", "settled")
"""States of a list whose ways of payment do not change any more."""
_TO_LOCAL = timedelta(hours=7)
"""Viet Nam's offset, all year round."""


def open_month(desk: Desk) -> str:
    """The first month whose list can still change: the one behind the last list that was frozen; with no list yet, the present month."""
    closed = [each["month"] for state in CLOSED for each in desk.where("payment_list", state=state)]
    if closed:
        return month_after(max(closed))
    drafts = [each["month"] for each in desk.where("payment_list", state="draft")]
    return min(drafts) if drafts else (datetime.fromisoformat(desk.now) + _TO_LOCAL).strftime("%Y-%m")


def month_after(month: str) -> str:
    """The month behind this one."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def changed(desk: Desk, target: Record, after: Any, change: Record | None) -> None:
    """Notes that a person, or one right, is paid in another way from the open month on.

    Raises:
        Refused: `own_account` where whoever decides has proposed another way of payment of the same person in this cycle.
    """
    before = target["payment_method"]
    if before == after:
        return
    person = target.id if target.kind == "person" else target["person"]
    month = open_month(desk)
    _another_hand(desk, person, month)
    if change is not None:
        desk.write(change, effective=month)
    desk.create(
        "payment_method",
        uuid7(),
        {
            "person": person,
            "entitlement": target.id if target.kind == "entitlement" else None,
            "commune": target["commune"],
            "from_month": month,
            "before": before,
            "after": after,
            "reason": change["reason"] if change is not None else None,
            "change": change.id if change is not None else None,
            "by": change["author"] if change is not None else desk.actor.account,
            "approved_by": desk.actor.account,
            "at": desk.now,
            "why": (change["note"] if change is not None else None) or desk.edit.why,
        },
    )


def _another_hand(desk: Desk, person: str, month: str) -> None:
    """Who changes an account does not approve a change of it in the same cycle (domain.md 7.2.2)."""
    me = desk.actor.account
    if any(each["by"] == me and each["from_month"] == month for each in desk.where("payment_method", person=person)):
        raise Refused("forbidden", field="decision", detail="own_account")
    for each in desk.where("change", person=person):
        sets = each["target_set"] or {}
        if each["author"] == me and each["state"] in ("proposed", "returned") and "payment_method" in sets:
            raise Refused("forbidden", field="decision", detail="own_account")
