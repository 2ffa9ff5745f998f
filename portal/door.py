"""The portal's way through the sync door: its store, its law, its set-based steps. Every change of data passes here."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from portal import payment_list_steps
from portal import settlement_steps
from portal.clock import utc_text
from portal.law import book
from portal.law import eligibility
from portal.law import reasons
from portal.law.errors import LawError
from portal.store import Bulk
from portal.store import PeeweeStore
from sync import door
from sync.desk import Shelf
from sync.edit import Actor
from sync.edit import Edit
from sync.edit import Result
from sync.kinds import CATALOGUE

BULKS: Mapping[str, Bulk] = {
    "build": payment_list_steps.build,
    "freeze": payment_list_steps.freeze,
    "post": payment_list_steps.post,
    "balance": settlement_steps.balance,
}


class LawOfTheDoor:
    """The law's answers in the words of `sync.store.Law`."""

    def reason_type(self, reason: str) -> str | None:
        """The type of change a reason code stands for, or None."""
        try:
            return reasons.find(reason).kind
        except LawError:
            return None

    def stop_month(self, reason: str, event_date: str) -> str:
        """The first month no longer paid (Decree 20/2021, article 8.2)."""
        return eligibility.stop_month(reason, event_date).month

    def coefficient10(self, category: str, month: str) -> int | None:
        """Ten times the coefficient in force, or None."""
        try:
            return book.load().at(month).coefficient10(category)
        except LawError:
            return None


LAW = LawOfTheDoor()


def store() -> PeeweeStore:
    """The store of this process's database."""
    return PeeweeStore(BULKS)


def shelf() -> Shelf:
    """A reader of records as the door sees them (for what a decider is shown)."""
    return Shelf(store(), CATALOGUE)


def submit(edits: Sequence[Edit | door.Unreadable], actor: Actor, now: datetime) -> door.Answer:
    """Hands edits in; returns when their answers are durable."""
    return door.receive(edits, store(), actor, utc_text(now), LAW)


def submit_one(
    actor: Actor,
    now: datetime,
    kind: str,
    record: str,
    pairs: Mapping[str, tuple[Any, Any]],
    *,
    create: bool = False,
    why: str | None = None,
    n: int = 1,
) -> Result:
    """Hands one edit in: field → (value seen, value wanted). `actor.device` is the form's own name, so that sending it
    twice is once."""
    edit = Edit(
        n=n,
        kind=kind,
        record=record,
        op="create" if create else "set",
        set=dict(pairs),
        at=utc_text(now),
        why=why or None,
    )
    return submit([edit], actor, now).results[0]
