"""The cycle of a payment month: who has to be ready by which day.

Decree 20/2021, article 34.4 and 34.5 rule the 25th and the 20th; the communes' day and the pay days are local practice. The office keeps
its days as dated records (kind `cycle_rule`); a deadline on a day off is due on the last working day before it, so that nothing that
has to be done "before the 25th" is done after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct

from portal import clock, db, door, working_days
from portal.models.cycle_rule import CycleRule
from portal.working_days import Almanac
from sync.edit import Actor, Result
from sync.kinds.calendar import KEEP, RETURN

STEPS = ("declare_by", "list_by", "schedule_by", "result_by", "settle_by")
"""The deadlines of a month, in order."""


class Days(Struct, frozen=True):
    """Days of the month, and what becomes of money that is not paid (`unpaid_balance`, see the catalogue).

    `declare_by` and `list_by` lie in the month before the one that is paid, the others in it. The values given here hold until the
    office has recorded its own: communes by the 20th, the list before the 25th, pay days 10–15, the result before the 20th.
    """

    declare_by: int = 20
    list_by: int = 24
    pay_from: int = 10
    pay_to: int = 15
    result_by: int = 19
    settle_by: int = 25
    unpaid_balance: str = KEEP
    valid_from: str = ""

    @property
    def returns_unpaid(self) -> bool:
        """Whether the provider gives back each month what was not paid."""
        return self.unpaid_balance == RETURN


DAYS = Days()
"""The days of an office that has recorded none."""


class Cycle(Struct, frozen=True):
    """The dates ("YYYY-MM-DD") of one payment month; each deadline is the last day on which the step is in time.

    `schedule_by`: the last working day before the first pay day. `pay_days` are the working days between `pay_from` and `pay_to`.
    `nominal`: deadline → the day the rule names, where that is a day off and the deadline was moved.
    """

    month: str
    declare_by: str
    list_by: str
    schedule_by: str
    pay_from: str
    pay_to: str
    result_by: str
    settle_by: str
    pay_days: tuple[str, ...]
    nominal: dict[str, str]

    def is_late(self, today: date) -> bool:
        """Whether a commune that has not declared yet is late on this day."""
        return today.isoformat() > self.declare_by


def cycle(month: str) -> Cycle:
    """The dates of a payment month "YYYY-MM", by the office's days."""
    return dates(month, days_of(month), working_days.almanac())


def dates(month: str, days: Days, almanac: Almanac) -> Cycle:
    """The dates of a payment month by these days and this almanac."""
    before = clock.month_after(month, -1)
    first, last = _date(month, days.pay_from), _date(month, days.pay_to)
    named = {
        "declare_by": _date(before, days.declare_by),
        "list_by": _date(before, days.list_by),
        "result_by": _date(month, days.result_by),
        "settle_by": _date(month, days.settle_by),
    }
    due = {name: almanac.last_working(day) for name, day in named.items()}
    return Cycle(
        month=month,
        schedule_by=almanac.last_working(first - timedelta(days=1)).isoformat(),
        pay_from=first.isoformat(),
        pay_to=last.isoformat(),
        pay_days=tuple(day.isoformat() for day in almanac.working(first, last)),
        nominal={name: day.isoformat() for name, day in named.items() if day != due[name]},
        **{name: day.isoformat() for name, day in due.items()},
    )


def days_of(month: str) -> Days:
    """The days that hold for a payment month."""
    return next((days for days in reversed(_rules()) if days.valid_from <= month), DAYS)


def month_in_preparation(today: date, days: Days | None = None) -> str:
    """The month whose list is drawn up on a day, by the calendar alone: next month's, from its closing on the one after."""
    following = clock.month_after(clock.month_of(today))
    return following if today.day <= (days or days_of(following)).list_by else clock.month_after(following)


def is_working(day: str) -> bool:
    """Whether the office works on a date "YYYY-MM-DD"."""
    return working_days.almanac().is_working(date.fromisoformat(day))


def rules() -> list[dict[str, Any]]:
    """Every rule of the office, the newest first, withdrawn ones included; fields by name, with `id`."""
    names = [name for name in CycleRule._meta.sorted_field_names if name != "version"]  # noqa: SLF001  # peewee's way to them
    return [{name: getattr(row, name) for name in names} for row in CycleRule.select().order_by(CycleRule.valid_from.desc())]


def standing(kind: str, record: str) -> dict[str, Any] | None:
    """A rule or a day off ("cycle_rule", "holiday") as it stands, or None."""
    found = door.shelf().get(kind, record)
    return None if found is None else dict(found.fields)


def record(actor: Actor, now: datetime, kind: str, record_id: str, pairs: Mapping[str, tuple[Any, Any]], *, create: bool) -> Result:
    """Records a rule or a day off, or changes one; field → (seen, wanted)."""
    return door.submit_one(actor, now, kind, record_id, pairs, create=create)


_kept: tuple[tuple[int, int], tuple[Days, ...]] | None = None


def _rules() -> tuple[Days, ...]:
    """The rules that hold, the oldest first; read again only when one has changed."""
    global _kept
    newest = db.database.execute_sql("SELECT COALESCE(MAX(version), 0) FROM cycle_rule").fetchone()[0]
    key = (db.opened(), int(newest))
    if _kept is None or _kept[0] != key:
        rows = CycleRule.select().where(CycleRule.withdrawn.is_null() | ~CycleRule.withdrawn).order_by(CycleRule.valid_from)
        _kept = key, tuple(Days(**{name: getattr(row, name) for name in Days.__struct_fields__}) for row in rows)
    return _kept[1]


def _date(month: str, day: int) -> date:
    return date(int(month[:4]), int(month[5:7]), day)
