"""Births in order, for those who reach an age; why somebody did not collect."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Creates the index and the column."""
    beside(__file__, db)
