"""Every table as the portal began."""

from __future__ import annotations

from typing import Any

from portal.models import every_model


def up(_migrator: Any, db: Any) -> None:
    """Creates the tables with their constraints and indexes."""
    db.create_tables(every_model())
