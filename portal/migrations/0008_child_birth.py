"""The birth of the child a right is counted by (Decree 20/2021, articles 5.4 and 20.2a)."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Adds the columns."""
    beside(__file__, db)
