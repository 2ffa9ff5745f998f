"""Where people belonged in a month, and what units were called then, after units were succeeded by others.

A succession says until which month lists stand by the former units; everything here follows from that.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from msgspec import Struct
from peewee import fn

from portal import unit
from portal.models.residence import Residence
from portal.models.succession import Succession
from portal.succession_steps import placed


def day_of(month: str) -> str | None:
    """The last day (YYYY-MM-DD) on which the units of a month's list were there; None where they are those of today."""
    first = Succession.select(fn.MIN(Succession.valid_from)).where(Succession.until >= month).scalar()
    return (date.fromisoformat(first) - timedelta(days=1)).isoformat() if first else None


def named_in(month: str) -> Callable[[str | None], str]:
    """What a unit was called in a month: for the pages of that month's list."""
    return partial(unit.name_of, on=day_of(month))


class Done(Struct, frozen=True):
    """A succession that was carried out; see `sync.kinds.succession`."""

    title: str
    basis: str
    valid_from: str
    until: str
    people: int


def every() -> list[Done]:
    """The successions there were, the newest first."""
    columns = (Succession.title, Succession.basis, Succession.valid_from, Succession.until, Succession.people)
    rows: Any = Succession.select(*columns).order_by(Succession.valid_from.desc(), Succession.id).tuples()
    return [Done(*row) for row in rows]


def successions(person: str) -> list[str]:
    """Ids of the successions that moved a person."""
    rows: Any = Residence.select(Residence.succession).where(Residence.person == person).tuples()
    return [succession for (succession,) in rows]


def steps(person: str, succession: str) -> list[tuple[str, str, str]]:
    """What a succession did to a person: (field, old, new) of commune and hamlet, each by the name of its time."""
    was = Residence.get_or_none((Residence.person == person) & (Residence.succession == succession))
    done = Succession.get_or_none(Succession.id == succession)
    if was is None or done is None:
        return []
    eve = (date.fromisoformat(str(done.valid_from)) - timedelta(days=1)).isoformat()
    commune, hamlet = placed(json.loads(str(done.plan))["moves"], was.commune, was.hamlet)
    old, new = unit.name_of(was.commune, eve), unit.name_of(commune, str(done.valid_from))
    told = [("commune", old, new), ("hamlet", was.hamlet or "", hamlet or "")]
    return [step for step in told if step[1] != step[2]]


def places(before: str, month: str, commune: str, hamlets: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """What a commune and some of its hamlets of the month `before` are in `month`; no hamlet named is all of the former commune's."""
    query: Any = Succession.select().where(Succession.until >= before, Succession.until < month).order_by(Succession.valid_from)
    for done in query:
        moves = json.loads(str(done.plan))["moves"]
        if commune in moves:
            found = [placed(moves, commune, hamlet) for hamlet in hamlets or sorted(moves[commune]["hamlets"])]
            commune = found[0][0] if found else str(moves[commune]["to"])
            hamlets = tuple(str(name) for code, name in found if code == commune)
    return commune, hamlets


def commune_in(month: str, person: str = "p.id", now: str = "p.commune", name: str = "month") -> str:
    """SQL of the commune a person belonged to in a month.

    Args:
        month: "YYYY-MM".
        person: SQL of the person's id.
        now: SQL of the commune they belong to today; all there is to it while no succession came after the month.
        name: the name under which the month is among the statement's values.
    """
    if not Succession.select().where(Succession.until >= month).exists():
        return now
    return f"COALESCE((SELECT r.commune FROM residence r WHERE r.person = {person} AND r.until >= :{name} ORDER BY r.until LIMIT 1), {now})"


def commune_since(before: str, month: str, person: str, commune: str, name: str = "month", listed: str = "") -> str:
    """SQL of the commune that answers in `month` for a line listed in the month `before`, whose list has `commune` on it.

    It is that same one unless a succession lies between the two: then opening and closing of a month are by the same units.
    `listed` is SQL of the line's month where lines of several are asked for, from `before` on.
    """
    if not Succession.select().where(Succession.until >= before, Succession.until < month).exists():
        return commune
    now = commune_in(month, person, f"(SELECT s.commune FROM person s WHERE s.id = {person})", name)
    since = listed or f"'{before}'"
    between = f"EXISTS (SELECT 1 FROM residence m WHERE m.person = {person} AND m.until >= {since} AND m.until < :{name})"
    return f"CASE WHEN {between} THEN {now} ELSE {commune} END"
