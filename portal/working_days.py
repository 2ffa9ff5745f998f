"""Which days are worked: Monday to Friday without the public holidays, and what the office says otherwise of single days.

The public holidays are the Labour Code's (2019, article 112) as the library `holidays` lists them, with the days the government has
swapped so far; days swapped later, or locally, are rows of the office (kind `holiday`).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from msgspec import Struct

from portal import db
from portal.models.holiday import Holiday

_SATURDAY = 5


class Day(Struct, frozen=True):
    """A day that is not like its weekday. `type`: "off" or "work"; `id` and `document` where it is a row of the office's, else ""."""

    day: str
    type: str
    name: str
    document: str = ""
    id: str = ""


class Almanac(Struct, frozen=True):
    """The days off: the public ones, and `own` days of the office by date, which go before them."""

    own: dict[str, Day]

    def named(self, day: date) -> Day | None:
        """What is special about a day, or None."""
        text = day.isoformat()
        if text in self.own:
            return self.own[text]
        name = public(day.year).get(text)
        return Day(text, "off", name) if name is not None else None

    def is_working(self, day: date) -> bool:
        """Whether the office works on a day."""
        special = self.named(day)
        return special.type == "work" if special is not None else day.weekday() < _SATURDAY

    def last_working(self, day: date) -> date:
        """The day itself, or the last working day before it."""
        while not self.is_working(day):
            day -= timedelta(days=1)
        return day

    def working(self, first: date, last: date) -> list[date]:
        """The working days from the first day to the last."""
        days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
        return [day for day in days if self.is_working(day)]

    def of_year(self, year: int) -> list[Day]:
        """Every special day of a year, by date."""
        found = {text: Day(text, "off", name) for text, name in public(year).items()}
        found |= {text: day for text, day in self.own.items() if text.startswith(f"{year:04d}-")}
        return [found[text] for text in sorted(found)]


PUBLIC = Almanac({})
"""The public holidays alone."""

_kept: tuple[tuple[int, int], Almanac] | None = None


def almanac() -> Almanac:
    """The office's days off as they stand; read again only when one has changed."""
    global _kept
    newest = db.database.execute_sql("SELECT COALESCE(MAX(version), 0) FROM holiday").fetchone()[0]
    key = (db.opened(), int(newest))
    if _kept is None or _kept[0] != key:
        rows = Holiday.select().where(Holiday.withdrawn.is_null() | ~Holiday.withdrawn)
        days = [Day(str(row.day), str(row.type), str(row.name), row.document or "", str(row.id)) for row in rows]
        _kept = key, Almanac({day.day: day for day in days})
    return _kept[1]


@cache
def public(year: int) -> dict[str, str]:
    """The public holidays of a year: date → name."""
    import holidays  # noqa: PLC0415 - read when a date is asked for, not when the portal starts

    return {day.isoformat(): name for day, name in holidays.country_holidays("VN", years=year, language="vi").items() if day.year == year}
