"""What of the cycle is due: each step of the months at hand, by which day, whether it is done. The same for everyone, by their communes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from msgspec import Struct

from portal import clock, residence, unit
from portal.calendar import cycle
from portal.declaration import open_month
from portal.models.declaration import Declaration
from portal.models.payment import Payment
from portal.models.payment_list import PaymentList
from portal.models.schedule import Schedule
from portal.models.settlement import Settlement
from sync.fields import AGENT, APPROVER, COMMUNE, DISTRICT, SUPERVISOR

MONTHS = 3
"""How many months are shown at most, the oldest first."""
_STATES = ("draft", "frozen", "approved", "posted", "settled")


class Step(Struct, frozen=True):
    """A step of a month that is not done. `by` is a date; `role` does it; `left` counts what is missing, 0 where there is nothing to count.

    `nominal` is the day the rule names, where that is a day off and the deadline falls before it, else "".

    `step`: declare, close, approve, hand_over, post_schedule, pay, report or settle.
    """

    step: str
    month: str
    by: str
    role: str
    endpoint: str
    is_late: bool
    left: int = 0
    nominal: str = ""


def steps(now: datetime, communes: frozenset[str] | None) -> list[Step]:
    """The steps that are not done, what is due first on top. `communes`: whose declarations count, None for all."""
    today = clock.local_date(now)
    lists = {str(row.month): row for row in PaymentList.select().where(PaymentList.state != "settled")}
    months = sorted({*lists, open_month(now)})[:MONTHS]
    found = [step for month in months for step in _of(month, lists.get(month), today, communes)]
    return sorted(found, key=lambda step: step.by)


def _of(month: str, listed: PaymentList | None, today: date, communes: frozenset[str] | None) -> Iterator[Step]:
    dates = cycle(month)
    reached = _STATES.index(str(listed.state)) if listed is not None else -1
    undeclared = _undeclared(month, communes) if reached < 1 else 0
    is_posted = Schedule.select().where(Schedule.month == month, Schedule.revision > 0).exists()
    row = Settlement.get_or_none(Settlement.month == month)
    is_signed = row is not None and row.state in ("signed", "closed")
    unpaid = _unpaid(listed) if listed is not None and reached > 2 and not is_signed else 0
    told = (
        ("declare", dates.declare_by, COMMUNE, "declaration.index", undeclared, undeclared > 0),
        ("close", dates.list_by, DISTRICT, "payment_list.index", 0, reached < 1),
        ("approve", dates.list_by, APPROVER, "payment_list.index", 0, reached < 2),
        ("hand_over", dates.list_by, DISTRICT, "payment_list.index", 0, reached < 3),
        ("post_schedule", dates.schedule_by, SUPERVISOR, "schedule.index", 0, not is_posted),
        ("pay", dates.pay_to, AGENT, "payment.index", unpaid, reached < 3 or unpaid > 0),
        ("report", dates.result_by, SUPERVISOR, "settlement.index", 0, not is_signed),
        ("settle", dates.settle_by, DISTRICT, "settlement.index", 0, row is None or row.state != "closed"),
    )
    named = {getattr(dates, name): day for name, day in dates.nominal.items()}
    for step, by, role, endpoint, left, is_due in told:
        if is_due:
            yield Step(step, month, by, role, endpoint, today.isoformat() > by, left, named.get(by, ""))


def _unpaid(listed: PaymentList) -> int:
    return int(Payment.select().where(Payment.month == listed.month, Payment.state == "planned").count())


def _undeclared(month: str, communes: frozenset[str] | None) -> int:
    wanted = {each.code for each in unit.communes(residence.day_of(month)) if communes is None or each.code in communes}
    done = Declaration.select(Declaration.commune).where(
        Declaration.month == month, Declaration.withdrawn.is_null() | ~Declaration.withdrawn
    )
    return len(wanted - {row.commune for row in done})
