"""Arrears month by month, the journal entry that drew a list up, and a short way to the lines that wait for their money."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Creates the table, the column and the index."""
    beside(__file__, db)
