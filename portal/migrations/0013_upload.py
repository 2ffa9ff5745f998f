"""Files handed in to be taken in edit by edit."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Creates the tables."""
    beside(__file__, db)
