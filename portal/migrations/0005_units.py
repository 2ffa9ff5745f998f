"""Units over time: who succeeded whom, where people belonged before, and which rules on who decides hold from when."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Creates the tables and the columns."""
    beside(__file__, db)
