"""Who set an account's password, and when: one that somebody else set has to be changed by its holder."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Adds the columns."""
    beside(__file__, db)
