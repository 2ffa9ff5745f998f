"""How values are written on a page: Vietnamese numbers, dates as precise as they are known, numbers half hidden."""

from __future__ import annotations

from portal import clock

_NO_BREAK = "\u00a0"
_DOT = "•"


def number(value: int) -> str:
    """1234567 → "1.234.567"."""
    return f"{value:,}".replace(",", ".")


def dong(value: int) -> str:
    """An amount in đồng: 1234567 → "1.234.567 đ", which does not break over a line."""
    return f"{number(value)}{_NO_BREAK}đ"


def thousands(value: int) -> str:
    """An amount in thousands of đồng, exactly: 2718360000 → "2.718.360", 1500 → "1,5"."""
    whole, rest = divmod(value, 1000)
    return f"{number(whole)},{rest:03d}".rstrip("0") if rest else number(whole)


def percent(tenths: int | None) -> str:
    """A share in tenths of a percent: 985 → "98,5%"; nothing to share is "–"."""
    return f"{tenths // 10},{tenths % 10}%" if tenths is not None else "–"


def month(value: str | None) -> str:
    """A month, or the month of a date: "2024-10" → "10/2024"."""
    return f"{value[5:7]}/{value[:4]}" if value else ""


def day(value: str | None) -> str:
    """A date as precise as it is known: "1938" → "1938", "1938-05" → "05/1938", "1938-05-12" → "12/05/1938"."""
    return "/".join(reversed(value.split("-"))) if value else ""


def moment(value: str | None) -> str:
    """A stored moment in the time of Viet Nam: "2024-10-12T01:31:05Z" → "12/10/2024 08:31"."""
    return clock.from_utc_text(value).astimezone(clock.LOCAL).strftime("%d/%m/%Y %H:%M") if value else ""


def coefficient(value: int) -> str:
    """A coefficient, or a sum of many, stored tenfold: 15 → "1,5", 2469430 → "246.943,0"."""
    return f"{number(value // 10)},{value % 10}"


def percent100(value: int) -> str:
    """A share in hundredths of a percent: 85 → "0,85", 100 → "1,00"."""
    return f"{value // 100},{value % 100:02d}"


def mask_id(value: str | None) -> str:
    """An identity number with its middle hidden: "042138001234" → "042•••••1234"; a short one is hidden whole."""
    if not value:
        return ""
    return f"{value[:3]}{_DOT * (len(value) - 7)}{value[-4:]}" if len(value) > 7 else _DOT * len(value)


def mask_account(value: str | None) -> str:
    """A bank account by its last four digits: "••••5678"."""
    return f"{_DOT * 4}{value[-4:] if len(value) > 4 else ''}" if value else ""


FILTERS = {
    "number": number,
    "dong": dong,
    "thousands": thousands,
    "percent": percent,
    "month": month,
    "day": day,
    "moment": moment,
    "coefficient": coefficient,
    "percent100": percent100,
    "mask_id": mask_id,
    "mask_account": mask_account,
}
