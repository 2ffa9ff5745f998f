"""The cycle of a payment month: who has to be ready by which day. Dates are this file's data; every function is pure.

Decree 20/2021, article 34.4 and 34.5 rule the 25th and the 20th; the communes' day and the pay days are local practice.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from portal import clock


class Days(Struct, frozen=True):
    """Days of the month. `declare_by` and `list_by` lie in the month before the one that is paid, the others in it."""

    declare_by: int = 20
    list_by: int = 24
    pay_from: int = 10
    pay_to: int = 15
    result_by: int = 19
    settle_by: int = 25


DAYS = Days()
"""The office's days: communes declare by the 20th, the list closes before the 25th, pay days 10–15, the result before the 20th."""


class Cycle(Struct, frozen=True):
    """The dates ("YYYY-MM-DD") of one payment month; each is the last day on which the step is in time."""

    month: str
    declare_by: str
    list_by: str
    pay_from: str
    pay_to: str
    result_by: str
    settle_by: str

    def is_late(self, today: date) -> bool:
        """Whether a commune that has not declared yet is late on this day."""
        return today.isoformat() > self.declare_by


def cycle(month: str, days: Days = DAYS) -> Cycle:
    """The dates of a payment month "YYYY-MM"."""
    before = clock.month_after(month, -1)
    return Cycle(
        month=month,
        declare_by=_day(before, days.declare_by),
        list_by=_day(before, days.list_by),
        pay_from=_day(month, days.pay_from),
        pay_to=_day(month, days.pay_to),
        result_by=_day(month, days.result_by),
        settle_by=_day(month, days.settle_by),
    )


def month_in_preparation(today: date, days: Days = DAYS) -> str:
    """The month whose list is drawn up on a day, by the calendar alone: next month's, from its closing on the one after."""
    following = clock.month_after(clock.month_of(today))
    return following if today.day <= days.list_by else clock.month_after(following)


def _day(month: str, day: int) -> str:
    return f"{month}-{day:02d}"
