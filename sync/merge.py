"""Seen, current and wanted → outcome. Detecting a conflict and applying an edit are this one function (sync-protocol 3)."""

from __future__ import annotations

from typing import Any

from sync.edit import Outcome

RANK = {"planned": 0, "uncollected": 1, "rejected": 1, "paid": 2}
"""The ladder a payment mark climbs; `None` (no mark yet) stands where `planned` does."""


def three_way(seen: Any, current: Any, wanted: Any) -> Outcome:
    """The outcome of one plain field."""
    if current == wanted:
        return "unchanged"
    if current == seen:
        return "applied"
    return "conflict"


def rank(mark: dict[str, Any] | None) -> int:
    """How high on the ladder a payment mark stands."""
    return RANK[mark["state"]] if mark else 0


def ladder(seen: Any, current: dict[str, Any] | None, wanted: dict[str, Any] | None) -> Outcome:
    """The outcome of a payment mark: a fact climbs, a lower one is superseded, a second `paid` is a conflict."""
    if current == wanted:
        return "unchanged"
    if rank(wanted) > rank(current):
        return "applied"
    if rank(wanted) < rank(current):
        return "superseded"
    if current is not None and current["state"] == "paid":
        return "conflict"
    return three_way(seen, current, wanted)
