"""What is waiting for a person, and by when: asked of every noun that has something to say."""

from __future__ import annotations

import importlib
import importlib.util
from datetime import datetime

from msgspec import Struct

from portal.db import database
from portal.models.account import Account

NOUNS = ("change", "transition", "declaration", "payment_list", "schedule", "payment", "payment_method", "settlement", "funds", "followup", "recovery", "funeral_grant", "conflict", "grievance", "upload")
"""Nouns that may have a function `waiting(account: Account, now: datetime) -> list[Waiting]`."""


class Waiting(Struct, frozen=True):
    """Work that waits: a sentence (marked for translation), how many, the page to do it on, and by which date ("" for none)."""

    label: str
    count: int
    endpoint: str
    by: str = ""


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """Everything that waits for this account, what is due first on top; nothing with a count of zero."""
    found: list[Waiting] = []
    for noun in NOUNS:
        if importlib.util.find_spec(f"portal.{noun}") is None:
            continue
        ask = getattr(importlib.import_module(f"portal.{noun}"), "waiting", None)
        if ask is not None:
            found += [item for item in ask(account, now) if item.count]
    return sorted(found, key=lambda item: item.by or "9999")


def reach_database() -> None:
    """Asks the database for nothing; its own error tells that it cannot be reached."""
    database.execute_sql("SELECT 1").fetchone()
