"""Opening figures: who had gone before the first list, in numbers."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Creates the table."""
    beside(__file__, db)
