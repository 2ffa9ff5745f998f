"""How a person was paid, month by month; and a returned transfer that is to be paid in cash with the next list, once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from peewee import fn

from portal import calendar, clock, door, unit
from portal.home import Waiting
from portal.language import mark
from portal.models.account import Account
from portal.models.change import Change
from portal.models.entitlement import Entitlement
from portal.models.payment import Payment
from portal.models.payment_list import PaymentList
from portal.models.payment_method import PaymentMethod
from portal.schedule import Communes
from sync.edit import Actor, Result
from sync.kinds.change import UNDECIDED
from sync.methods import CLOSED

Method = Mapping[str, Any]
_LISTS = 2
"""Of so many of the newest lists are returned transfers looked for: what came back earlier has been carried on."""


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
    rights: Any = Entitlement.select(Entitlement.id, Entitlement.line_code).where(Entitlement.person == person).tuples()
    codes: dict[str, str] = dict(rights)
    accounts = sorted({name for row in rows for name in (row.by, row.approved_by) if name})
    told: Any = Account.select(Account.name, Account.full_name).where(Account.name.in_(accounts)).tuples()
    names: dict[str, str] = dict(told) if accounts else {}
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


class Returned(Struct, frozen=True):
    """A transfer that came back and is on no later list yet: why (a code), and what was done about it.

    `answer`: "cash" (with the next list, once), "proposed" (another account waits for a decision), "corrected", or "" for nothing yet.
    """

    id: str
    person: str
    full_name: str
    line_code: str
    commune: str
    month: str
    total: int
    reason: str
    answer: str


def returned(communes: Communes) -> list[Returned]:
    """Transfers that came back with the newest lists and that no list has carried on, by month, commune and name."""
    closed: Any = PaymentList.select(PaymentList.month).where(PaymentList.state.in_(("posted", "settled")))
    months = [row.month for row in closed.order_by(PaymentList.month.desc()).limit(_LISTS)]
    names = ("id", "person", "full_name", "line_code", "commune", "month", "total", "mark")
    wanted: list[Any] = [Payment.month.in_(months), Payment.state == "rejected", Payment.published]
    wanted += [] if communes is None else [Payment.commune.in_(sorted(communes))]
    query: Any = Payment.select(*(getattr(Payment, name) for name in names)).where(*wanted)
    rows = [row for row in query.order_by(Payment.month.desc(), Payment.commune, Payment.sort_key, Payment.id).tuples() if not is_carried(row[0])]
    answers = _answers([row[1] for row in rows], [row[0] for row in rows])
    found = []
    for id_, person, name, code, commune, month, total, mark_ in rows:
        told = json.loads(mark_)
        answer = "cash" if id_ in answers["cash"] else next((word for word in ("proposed", "corrected") if _since(answers[word], person, told)), "")
        found.append(Returned(id_, person, name, code, commune, month, int(total), told.get("reason") or "", answer))
    return found


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """For a commune: transfers of its people that came back and that nobody has answered."""
    if account.role != "commune_officer":
        return []
    found = [each for each in returned(unit.communes_served_by(account.unit)) if not each.answer]
    by = calendar.cycle(open_month(now)).list_by if found else ""
    return [Waiting(mark("Khoản bị ngân hàng trả lại, chưa chọn cách trả"), len(found), "payment_method.index", by)]


def _answers(people: list[str], payments: list[str]) -> dict[str, dict[str, str]]:
    """What was done: "cash" payment → when; "proposed" and "corrected" person → when, the newest."""
    taken = PaymentMethod.select().where(PaymentMethod.payment.in_(payments), fn.COALESCE(PaymentMethod.withdrawn, False) == False)  # noqa: E712
    asked = Change.select().where(Change.person.in_(people), Change.type == "payment_method", Change.state.in_(UNDECIDED)).order_by(Change.at)
    done = PaymentMethod.select().where(PaymentMethod.person.in_(people), PaymentMethod.payment.is_null()).order_by(PaymentMethod.at)
    return {
        "cash": {row.payment or "": row.at or "" for row in taken},
        "proposed": {row.person or "": row.at or "" for row in asked},
        "corrected": {row.person or "": row.at or "" for row in done},
    }


def _since(answers: Mapping[str, str], person: str, told: Mapping[str, Any]) -> bool:
    """Whether it was done after the bank had sent the sum back."""
    return person in answers and answers[person] >= str(told.get("at") or "")


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
