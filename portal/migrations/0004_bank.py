"""Payment files and result files of banks, ways of payment by month, and whose accounts are nobody's the sum is for."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Creates the tables and the columns."""
    beside(__file__, db)
