"""The office's calendar, and the money with the providers: contracts, requests, vouchers."""

from __future__ import annotations

from typing import Any

from portal.migrations import beside


def up(_migrator: Any, db: Any) -> None:
    """Creates the tables and the column."""
    beside(__file__, db)
