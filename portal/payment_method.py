"""How a person was paid, month by month; and a returned transfer that is to be paid in cash with the next list, once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from peewee import fn

from portal import clock, door
from portal.models.account import Account
from portal.models.entitlement import Entitlement
from portal.models.payment import Payment
from portal.models.payment_list import PaymentList
from portal.models.payment_method import PaymentMethod
from sync.edit import Actor, Result
from sync.methods import CLOSED

Method = Mapping[str, Any]


class Period(Struct, frozen=True):
    """A way of payment from a month on ("" from the beginning), of one line ("" of all the person's), with who brought it and why.

    `once` is a sum paid in cash with one list only, `payment` the returned one it is about; `withdrawn` one that was taken back.
    """

    id: str
    from_month: str
    line_code: str
    method: Method | None
    reason: str
    by: str
    approved_by: str
    at: str
    why: str
    payment: str
    withdrawn: bool

    @property
    def once(self) -> bool:
        """Whether it is of one list only."""
        return bool(self.payment)


class Choice(Struct, frozen=True):
    """That a returned sum is to be paid in cash: by whom since when, and whether it can still be taken back."""

    id: str
    by: str
    at: str
    may_withdraw: bool


def of_person(person: str) -> list[Period]:
    """A person's ways of payment, the newest first; at the end what stood there before the first change."""
    rows = list(PaymentMethod.select().where(PaymentMethod.person == person).order_by(PaymentMethod.at.desc(), PaymentMethod.id.desc()))
    codes: dict[str, str] = dict(Entitlement.select(Entitlement.id, Entitlement.line_code).where(Entitlement.person == person).tuples())
    accounts = sorted({name for row in rows for name in (row.by, row.approved_by) if name})
    names: dict[str, str] = dict(Account.select(Account.name, Account.full_name).where(Account.name.in_(accounts)).tuples()) if rows else {}
    found = [_period(row, codes, names) for row in rows]
    lasting = [row for row in rows if not row.payment]
    if lasting:
        first = lasting[-1]
        method = json.loads(first.before) if first.before else None
        line = codes.get(first.entitlement or "", "")
        found.append(Period("", "", line, method, "", "", "", "", "", "", withdrawn=False))
    return found


def at(right: str, month: str) -> Method | None:
    """How a right was to be paid in a month, by what is known of its changes; a sum paid in cash once is not looked at.

    Walked back from what stands there now: a change that counts from a later month is taken off again.
    """
    entitlement = Entitlement.get_or_none(Entitlement.id == right)
    if entitlement is None:
        return None
    value: Method | None = json.loads(entitlement.payment_method) if entitlement.payment_method else None
    rows = PaymentMethod.select().where(PaymentMethod.person == entitlement.person, PaymentMethod.payment.is_null())
    for row in rows.order_by(PaymentMethod.from_month.desc(), PaymentMethod.at.desc(), PaymentMethod.id.desc()):
        after, before = (json.loads(text) if text else None for text in (row.after, row.before))
        is_about = row.entitlement == right or (row.entitlement is None and after == value)
        if is_about and (row.from_month or "") > month:
            value = before
    return value


def choice(payment: str) -> Choice | None:
    """The choice of cash for a returned payment, or None."""
    row = PaymentMethod.get_or_none(PaymentMethod.payment == payment, fn.COALESCE(PaymentMethod.withdrawn, False) == False)  # noqa: E712
    return None if row is None else Choice(row.id, row.by or "", row.at or "", not is_carried(payment))


def is_carried(payment: str) -> bool:
    """Whether a later list that does not change any more has taken the sum on."""
    line = Payment.get_or_none(Payment.id == payment)
    if line is None:
        return False
    closed = PaymentList.select(PaymentList.id).where(PaymentList.state.in_(CLOSED))
    later = Payment.select().where(
        Payment.person == line.person,
        Payment.line_code == line.line_code,
        Payment.month > line.month,
        Payment.carried_from.contains(f'"{line.month}"'),
        Payment.list.in_(closed),
    )
    return bool(later.exists())


def open_month(now: datetime) -> str:
    """The first month whose list can still change: from then on a change that is approved now counts (as `sync.methods.open_month`)."""
    last: Any = PaymentList.select(fn.MAX(PaymentList.month)).where(PaymentList.state.in_(CLOSED)).scalar()
    draft: Any = PaymentList.select(fn.MIN(PaymentList.month)).where(PaymentList.state == "draft").scalar()
    return clock.month_after(str(last)) if last else str(draft) if draft else clock.month_of(now)


def in_cash_once(actor: Actor, now: datetime, record: str, payment: str, why: str = "") -> Result:
    """Has a returned payment paid in cash with the list that carries it on."""
    return door.submit_one(actor, now, "payment_method", record, {"payment": (None, payment)}, create=True, why=why)


def withdraw(actor: Actor, now: datetime, record: str) -> Result:
    """Takes the choice of cash back."""
    return door.submit_one(actor, now, "payment_method", record, {"withdrawn": (None, True)})


def find_payment(record: str) -> str | None:
    """The payment a choice is about, or None."""
    row = PaymentMethod.get_or_none(PaymentMethod.id == record)
    return None if row is None else row.payment


def _period(row: PaymentMethod, codes: Mapping[str, str], names: Mapping[str, str]) -> Period:
    return Period(
        id=row.id,
        from_month=row.from_month or "",
        line_code=codes.get(row.entitlement or "", ""),
        method=json.loads(row.after) if row.after else None,
        reason=row.reason or "",
        by=names.get(row.by or "", row.by or ""),
        approved_by=names.get(row.approved_by or "", row.approved_by or ""),
        at=row.at or "",
        why=row.why or "",
        payment=row.payment or "",
        withdrawn=bool(row.withdrawn),
    )
