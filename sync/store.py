"""What the door needs of a store, and the law it asks. Two stores pass one contract suite: `sync.memory` and `portal.store`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from msgspec import Struct

from sync.edit import Entry, Record, Write
from sync.procedure import Procedure

Head = tuple[int, str]
"""The number and the hash of the newest journal entry; (0, GENESIS) of an empty journal."""


class Page(Struct, frozen=True):
    """One page of what changed: per record the fields that did, or None where the whole record is new to the reader."""

    changed: list[tuple[str, str, frozenset[str] | None]]
    gone: list[tuple[str, str]]
    upto: int
    more: bool


class Store(Protocol):
    """The register and its journal. Every method but `transaction` is called inside one."""

    def transaction(self) -> AbstractContextManager[None]:
        """One writer at a time; durable when it ends (guarantee G2), nothing kept when it raises."""
        ...

    def head(self) -> Head:
        """The newest journal entry."""
        ...

    def answered(self, names: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
        """Of these (device, n): the journal bodies of those already answered."""
        ...

    def records(self, kind: str, ids: Iterable[str]) -> dict[str, Record]:
        """The records of a kind with these ids, by id."""
        ...

    def where(self, kind: str, field: str, values: Iterable[Any]) -> list[Record]:
        """The records of a kind with one of these values in a field."""
        ...

    def append(self, entries: Sequence[Entry], reused: frozenset[int]) -> None:
        """Adds journal entries; `reused`: the numbers of those that repeat an `n` with another body."""
        ...

    def write(self, writes: Sequence[tuple[int, Write]]) -> None:
        """Changes the register and notes each change, under its entry's number, for whoever pulls."""
        ...

    def bulk(self, name: str, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
        """A set-based step (building a month's list …) as entry `seq`; returns its figures for the journal. May raise `Refused`."""
        ...

    def position(self) -> int:
        """The newest place in the order of changes; a cursor is such a place."""
        ...

    def changes(self, since: int, limit: int, communes: frozenset[str] | None) -> Page:
        """What changed after the place `since` in these communes, at most `limit` changes."""
        ...

    def whole(
        self, communes: frozenset[str] | None, after: tuple[str, str], limit: int, window: Mapping[str, str]
    ) -> list[tuple[str, str]]:
        """The (kind, id) of every record devices may receive in these communes, in order, after that one."""
        ...


class Law(Protocol):
    """The few questions of law that an edit raises (Decree 20/2021, articles 5–8)."""

    def reason_type(self, reason: str) -> str | None:
        """increase, decrease, adjustment, suspension, payment_method or correction; None for an unknown code."""
        ...

    def stop_month(self, reason: str, event_date: str) -> str:
        """The first month no longer paid after this event (article 8.2)."""
        ...

    def coefficient10(self, category: str, month: str) -> int | None:
        """Ten times the coefficient of a category in a month; None where no such category is in force."""
        ...

    def highest(self, month: str, claims: Sequence[tuple[str, str, int, str]]) -> tuple[frozenset[str], frozenset[str]]:
        """Of a person's rights (id, category, ten times the coefficient, birth where the age still has to fit): paid, and not (article 6.2).

        Rights that the rule does not concern, care support among them, are in neither.
        """
        ...

    def day(self, at: str) -> str:
        """The office's date (YYYY-MM-DD) at a moment of the journal."""
        ...

    def day_before(self, day: str) -> str:
        """The date before a date."""
        ...

    def procedure(self, name: str, at: str, also: Sequence[Mapping[str, Any]] = ()) -> Procedure:
        """Who proposes, appraises and decides in a procedure at a moment; `also`: records that this very edit adds."""
        ...

    def knows(self, preset: str | None, name: str | None, rule: Mapping[str, Any] | None) -> bool:
        """Whether there is such a preset, or such a procedure with a rule of this form."""
        ...

    def amount(self, category: str, coefficient10: int, month: str) -> int | None:
        """What a right of the category pays in a month by the law as it is known now, in đồng; None where no such category is in force."""
        ...

    def funeral_grant(self, basis: str, category: str | None, month: str) -> tuple[str, int, int] | None:
        """Code, level in đồng and multiple of the grant towards a burial, by the law of the month of death (article 11).

        `basis` is a case of the article: "recipient", "child" or "monthly"; `category` the one received then. None: no grant.
        """
        ...
