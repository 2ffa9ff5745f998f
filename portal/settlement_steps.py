"""The set-based step of a settlement: the balance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.store import PeeweeStore


def balance(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Counts the month's money."""
    raise NotImplementedError
