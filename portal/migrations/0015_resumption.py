"""Whether a suspended right is proposed to be resumed without its back pay (circular 02/2021, article 2.4)."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Adds the column."""
    beside(__file__, db)
