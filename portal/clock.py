"""Moments, dates and months. Stored as UTC text, shown in the time of Viet Nam; "now" is asked once, at the edge."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

LOCAL = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Viet Nam has had UTC+7 without summer time since 1975, so no time zone database is needed (Windows has none)."""


def now(today: date | None = None) -> datetime:
    """This moment, aware, in UTC, to the second; with `today`, that local date at the real time of day."""
    moment = datetime.now(UTC).replace(microsecond=0)
    if today is None:
        return moment
    return datetime.combine(today, moment.astimezone(LOCAL).timetz()).astimezone(UTC)


def utc_text(moment: datetime) -> str:
    """A moment as it is stored: "2024-10-12T01:31:05Z"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_utc_text(text: str) -> datetime:
    """The moment of a stored text.

    Raises:
        ValueError: where the text is not of the form "2024-10-12T01:31:05Z".
    """
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def local_date(moment: datetime) -> date:
    """The date in Viet Nam at that moment."""
    return moment.astimezone(LOCAL).date()


def month_of(moment: datetime | date) -> str:
    """The month "YYYY-MM" of a date, or of a moment in Viet Nam."""
    day = local_date(moment) if isinstance(moment, datetime) else moment
    return f"{day.year:04d}-{day.month:02d}"


def month_after(month: str, count: int = 1) -> str:
    """The month `count` months after "YYYY-MM" (before it, where negative)."""
    index = int(month[:4]) * 12 + int(month[5:7]) - 1 + count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"
