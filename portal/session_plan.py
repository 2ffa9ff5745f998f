"""Arranging a month's sessions: who may hand out where, a proposal for every commune, last month's copied."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from portal import calendar, clock, door, residence, schedule, unit
from portal.clock import utc_text
from portal.models.account import Account
from portal.schedule import Communes, Session
from sync.edit import Actor, Edit, Result
from sync.ids import named

HALVES = (("07:30", "11:00"), ("13:30", "16:30"))
"""Morning and afternoon: the hours proposed."""


class Plan(Struct, frozen=True):
    """A session that could be: what it would hold."""

    commune: str
    pay_point: str
    day: str
    starts: str
    ends: str
    place: str
    agent: str
    hamlets: tuple[str, ...] = ()


def agents(commune: str | None = None) -> list[Account]:
    """Paying agents in service, by name: all, or those whose office works for a commune."""
    rows = Account.select().where(Account.role == "post_agent", Account.disabled_at.is_null()).order_by(Account.name)
    return [row for row in rows if commune is None or commune in unit.within_reach_of(row.unit)]


def propose(month: str, communes: Communes) -> list[Plan]:
    """A session for each commune that has none, at each of its pay points that have hamlets of their own, spread over the pay days.

    The agent is one of the pay point's, else of the commune's, with the least to do.

    Working days come before days off, mornings before afternoons; nobody is asked to be in two places at once while a free
    half day is left. A commune without a pay point or an agent is left out.
    """
    busy = _Busy(schedule.sessions(month, None))
    plans = []
    for commune in schedule.shown(month, communes, draft=True).missing:
        staff = agents(commune)
        for point, hamlets in unit.rounds(commune) if staff else ():
            near = [each for each in staff if each.unit == point.code] or staff
            agent = min(near, key=lambda each: (busy.of[each.name], len(unit.communes_served_by(each.unit)), each.name)).name
            day, (starts, ends) = busy.free(month, agent)
            busy.take(agent, day, starts)
            plans.append(Plan(commune, point.code, day, starts, ends, point.name, agent, hamlets))
    return plans


def copy(month: str, communes: Communes) -> list[Plan]:
    """Last month's sessions for the communes that have none yet; an agent who left is replaced by one of the commune's, if any."""
    missing = set(schedule.shown(month, communes, draft=True).missing)
    last = monthrange(int(month[:4]), int(month[5:7]))[1]
    plans = []
    before = clock.month_after(month, -1)
    for old in schedule.sessions(before, communes):
        commune, hamlets = residence.places(before, month, old.commune, old.hamlets)
        staff = [each.name for each in agents(commune)]
        if commune not in missing or not staff:
            continue
        agent = old.agent if old.agent in staff else staff[0]
        day = f"{month}-{min(int(old.day[8:]), last):02d}"
        plans.append(Plan(commune, old.pay_point, day, old.starts, old.ends, old.place, agent, hamlets))
    return plans


def add(actor: Actor, token: str, month: str, plans: Sequence[Plan], now: datetime) -> list[Result]:
    """Makes the sessions, one edit each, all in one submit; the same form sent twice makes them once."""
    edits = []
    for n, plan in enumerate(plans, 1):
        values: dict[str, Any] = {
            "month": month, "commune": plan.commune, "pay_point": plan.pay_point, "day": plan.day, "starts": plan.starts,
            "ends": plan.ends, "agent": plan.agent, "place": plan.place or None, "hamlets": list(plan.hamlets) or None,
        }  # fmt: skip
        pairs = {name: (None, value) for name, value in values.items() if value is not None}
        record = named("pay_session", token, str(n))
        edits.append(Edit(n=n, kind="pay_session", record=record, op="create", set=pairs, at=utc_text(now)))
    return door.submit(edits, actor, now).results if edits else []


class _Busy:
    """Which half days are taken, by agent and altogether."""

    def __init__(self, sessions: Iterable[Session]) -> None:
        self.of: Counter[str] = Counter()
        self._taken: set[tuple[str, str, bool]] = set()
        self._together: Counter[tuple[str, bool]] = Counter()
        for each in sessions:
            self.take(each.agent, each.day, each.starts)

    def take(self, agent: str, day: str, starts: str) -> None:
        """Marks a half day as taken."""
        afternoon = starts >= "12:00"
        self.of[agent] += 1
        self._taken.add((agent, day, afternoon))
        self._together[day, afternoon] += 1

    def free(self, month: str, agent: str) -> tuple[str, tuple[str, str]]:
        """The best half day for one more session of an agent."""
        days = calendar.days_of(month)
        every = [(f"{month}-{day:02d}", afternoon) for day in range(days.pay_from, days.pay_to + 1) for afternoon in (False, True)]

        def cost(slot: tuple[str, bool]) -> tuple[bool, bool, bool, int, str]:
            day, afternoon = slot
            return ((agent, day, afternoon) in self._taken, not calendar.is_working(day), afternoon, self._together[slot], day)

        day, afternoon = min(every, key=cost)
        return day, HALVES[afternoon]
