"""Arrears month by month, and the journal entry that drew a list up."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Creates the table and the column."""
    beside(__file__, db)
