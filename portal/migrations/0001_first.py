"""Every table as the portal began: the statements beside this file, one file for each database. They never change again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import peewee


def up(_migrator: Any, db: Any) -> None:
    """Creates the tables with their constraints and indexes."""
    name = "sqlite" if isinstance(db, peewee.SqliteDatabase) else "postgresql"
    text = Path(__file__).with_suffix(f".{name}.sql").read_text(encoding="utf-8")
    for statement in text.split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
