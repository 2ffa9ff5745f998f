"""The set-based steps of a payment list: build, freeze, post. Each runs inside the door, as SQL over whole sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.store import PeeweeStore


def build(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Draws the list up from the register."""
    raise NotImplementedError


def freeze(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Checks the draft once more."""
    raise NotImplementedError


def post(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Publishes the lines."""
    raise NotImplementedError
