"""Payments held back, released and told to the payer as numbered addenda to a list that no longer changes."""

from __future__ import annotations

from typing import Any

from sync import conflicts
from sync.desk import Desk
from sync.edit import Record
from sync.fields import DISTRICT, SUPERVISOR
from sync.ids import uuid7

CLOSED_TO_HOLDS = "settled"
EXCEPTION_DECIDERS = frozenset({DISTRICT, SUPERVISOR})


def state_of(mark: dict[str, Any] | None, hold: dict[str, Any] | None) -> str:
    """The state of a payment: paid wins (the money is gone), then withheld, then what the mark says, else planned."""
    if mark and mark["state"] == "paid":
        return "paid"
    if hold:
        return "withheld"
    return mark["state"] if mark else "planned"


def withhold(desk: Desk, payments: list[Record], reason: str, change: str | None, stop_month: str | None) -> None:
    """Holds back what is not yet paid. `stop_month`: the first month not due (None: not known, nothing counts as due)."""
    for payment in payments:
        if state_of(payment["mark"], None) == "paid":
            continue
        due = stop_month is not None and payment["month"] < stop_month
        hold = {"reason": reason, "change": change, "due": due}
        if payment["hold"] is None:
            note_addendum(desk, payment, "withhold", reason, change)
        desk.write(payment, hold=hold)


def take_over(desk: Desk, payments: list[Record], reason: str, change: str | None, stop_month: str | None) -> None:
    """Keeps held payments held, for this change and by its stop month; the payer is told nothing new."""
    for payment in payments:
        due = stop_month is not None and payment["month"] < stop_month
        desk.write(payment, hold={"reason": reason, "change": change, "due": due})


def release(desk: Desk, payments: list[Record], reason: str, change: str | None) -> None:
    """Lets held payments be paid again."""
    for payment in payments:
        if payment["hold"] is not None:
            desk.write(payment, hold=None)
            note_addendum(desk, payment, "release", reason, change)


def unsettled(desk: Desk, person: str, entitlement: str | None = None) -> list[Record]:
    """The payments of a person (or of one entitlement) on lists that are not settled yet. A funeral grant is paid because of a death."""
    found = []
    for payment in desk.where("payment", person=person):
        if payment["entitlement"] is None or (entitlement is not None and payment["entitlement"] != entitlement):
            continue
        owner = desk.get("payment_list", payment["list"])
        if owner is not None and owner["state"] != CLOSED_TO_HOLDS:
            found.append(payment)
    return found


def note_addendum(desk: Desk, payment: Record, of_type: str, reason: str, change: str | None) -> None:
    """Numbers a change to a frozen list. A draft has no addenda: it is simply built again."""
    owner = desk.get("payment_list", payment["list"])
    if owner is None or owner["state"] == "draft":
        return
    number = 1 + max((a["number"] for a in desk.where("addendum", list=owner.id)), default=0)
    desk.create(
        "addendum",
        uuid7(),
        {
            "list": owner.id,
            "month": owner["month"],
            "number": number,
            "type": of_type,
            "payment": payment.id,
            "person": payment["person"],
            "commune": payment["commune"],
            "reason": reason,
            "change": change,
            "amount": payment["total"],
            "by": desk.actor.account,
            "at": desk.now,
        },
    )


def exception(desk: Desk, of_type: str, payment: Record, wanted: Any) -> None:
    """Opens an exception about a payment: a fact that clashes with the rules, for a person to settle."""
    conflicts.open_one(
        desk,
        of_type,
        payment,
        "mark",
        seen=None,
        wanted=wanted,
        commune=payment["commune"],
        deciders=EXCEPTION_DECIDERS,
    )
