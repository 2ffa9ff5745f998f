"""Parsers for values that are not typed by people as text: objects, lists, counters, a time of day, a payment mark."""

from __future__ import annotations

import re
from typing import Any

from sync.values import ValueProblem, parse_moment, parse_text

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_MARK = {
    "state": ("paid", "uncollected", "rejected"),
    "how": ("counter", "home", "bank"),
    "to": ("self", "alternate", "guardian"),
}
_MAX_OBJECT = 100


def parse_any(raw: object) -> Any:
    """Any JSON value, as it is."""
    return raw


def parse_int(raw: object) -> int:
    """A whole number."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    raise ValueProblem("not_a_number")


def parse_list(raw: object) -> list[str]:
    """A list of short texts, in the order given."""
    if not isinstance(raw, list | tuple) or len(raw) > _MAX_OBJECT:
        raise ValueProblem("not_a_list")
    return [parse_text(item, max_length=80) for item in raw]


def parse_object(raw: object) -> dict[str, Any]:
    """A small JSON object with text keys."""
    if not isinstance(raw, dict) or len(raw) > _MAX_OBJECT or not all(isinstance(key, str) for key in raw):
        raise ValueProblem("not_an_object")
    return raw


def parse_time(raw: object) -> str:
    """A time of day as HH:MM; 7:30 and 7h30 are read, too."""
    text = str(raw).strip().replace("h", ":").replace(".", ":")
    text = text if len(text.split(":")[0]) == 2 else f"0{text}"
    if not _TIME.fullmatch(text):
        raise ValueProblem("not_a_time")
    return text


def parse_mark(raw: object) -> dict[str, Any]:
    """What became of a payment: {"state", "how", "to", "reason", "at"} (sync-protocol 2).

    Members without a value are left out. Money that was not paid has a reason and was handed to nobody.
    """
    if not isinstance(raw, dict) or not set(raw) <= {*_MARK, "reason", "at"}:
        raise ValueProblem("not_a_mark")
    mark = {name: value for name, value in raw.items() if value not in (None, "")}
    for name, allowed in _MARK.items():
        if name in mark and mark[name] not in allowed:
            raise ValueProblem("not_a_choice", allowed=", ".join(allowed))
    if "state" not in mark:
        raise ValueProblem("missing")
    if "at" in mark:
        mark["at"] = parse_moment(mark["at"])
    if "reason" in mark:
        mark["reason"] = parse_text(mark["reason"], max_length=200)
    if mark["state"] == "paid" and "how" not in mark:
        raise ValueProblem("how_missing")
    if mark["state"] != "paid" and ("to" in mark or "reason" not in mark):
        raise ValueProblem("reason_missing")
    return mark
