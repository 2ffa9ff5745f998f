"""Who took back the approval of a funeral grant, when and why."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Adds the columns."""
    beside(__file__, db)
