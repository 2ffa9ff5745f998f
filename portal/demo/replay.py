"""`portal demo --full`: the months of a demo district from its first list to its last, each step at its own moment, through the door.

Changes are told and decided on their days (`filing`), communes declare, the list is drawn up on its closing day, checked, frozen,
approved by another, posted with its schedule; sessions are marked, the banks answer, the month is signed and closed. Every function
called is the one a page calls. A month is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from msgspec import Struct

from portal import access, account, calendar, clock, conflict, db, declaration, payment_list, schedule, session_plan, settlement
from portal.demo import load
from portal.demo.filing import Filing, When, filings
from portal.demo.load import Loaded, LoadProblem, Progress
from portal.demo.movement import Movement
from portal.demo.paying import Outcomes, hand_out, transfer
from portal.demo.source import Source
from portal.demo.telling import Teller, Untold
from portal.models.account import Account
from portal.payment_list import MonthList
from portal.settlement import MonthAccount
from sync.edit import Result
from sync.ids import named

_DECLARES, _CLOSES, _APPROVES, _POSTS = 14, 15, 16, 17
_BANK_ANSWERS, _SIGNS, _SETTLES = 13, 18, 19
_CATCHES_UP = 11
_LOADED_BEFORE = 4
_ALL = 1000


class Step(Struct, frozen=True):
    """Something that is done at a moment; steps of the same moment are done in order of `rank`."""

    when: When
    rank: int
    do: Callable[[datetime], object]


class Replay:
    """The months of one district, one after another. `progress` is told how many records, changes and marks were added.

    `gone_before`: lines that had ended when the first list began, and of these deaths.
    """

    def __init__(
        self, source: Source, movements: Sequence[Movement], last: str, progress: Progress, gone_before: tuple[int, int] | None = None
    ) -> None:
        self._source = source
        self._last = last
        self._progress = progress
        self._gone_before = gone_before
        self._filings = filings(movements)
        self._outcomes = Outcomes(movements)
        self._closings = {each.month: each.list_closed for each in movements}
        self._teller = Teller({}, {}, Account())
        self._by_role: dict[str, list[Account]] = {}

    def run(self, now: datetime) -> Loaded:
        """Replays everything and opens the month behind the last at `now`.

        Raises:
            LoadProblem: the door, or a check, refused a step. The months before it stay.
        """
        try:
            with db.write_transaction():
                people, accounts = self._opening(now)
            for month in _span(self._source.month, clock.month_after(self._last)):
                with db.write_transaction():
                    steps = [*self._changes(month), *self._paying(clock.month_after(month, -1))]
                    if month <= self._last:
                        steps += self._listing(month)
                    for step in sorted(steps, key=lambda each: (each.when, each.rank)):
                        step.do(_moment(step.when))
            with db.write_transaction():
                lines = load.open_next(clock.month_after(self._last), now)
        except (Untold, ValueError) as problem:
            raise LoadProblem(str(problem)) from problem
        return Loaded(people, len(self._source.lines), accounts, clock.month_after(self._last), lines)

    def _opening(self, now: datetime) -> tuple[int, int]:
        before = date.fromisoformat(self._closing(self._source.month)) - timedelta(days=_LOADED_BEFORE)
        ids = load.put(self._source, _moment((before.isoformat(), load.OPENS)), self._progress)
        if self._gone_before is not None:
            load.put_opening(self._source.month, *self._gone_before, _moment((before.isoformat(), load.OPENS)))
        people = list(load.demo_people(self._source))
        account.add_demo(people, now)
        for each in Account.select().order_by(Account.id):
            self._by_role.setdefault(each.role, []).append(each)
        officers = {each.unit: each for each in self._by_role["commune_officer"]}
        self._teller = Teller(ids, officers, self._by_role["district_officer"][-1])
        return len(ids), len(people)

    def _changes(self, month: str) -> Iterator[Step]:
        """What is told and decided between the closing of the list before and that of this month; behind the last month, all the rest."""
        since = self._closing(clock.month_after(month, -1))
        until = self._closing(month) if month <= self._last else "9999"
        told: dict[tuple[When, str], list[Filing]] = {}
        decisions: dict[When, list[Filing]] = {}
        for each in self._filings:
            if since < each.told[0] <= until:
                told.setdefault((each.told, each.first.commune), []).append(each)
            if since < each.decided[0] <= until:
                decisions.setdefault(each.decided, []).append(each)
        for (when, _), some in told.items():
            yield Step(when, 1, partial(self._tell, some))
        for when, some in decisions.items():
            yield Step(when, 2, partial(self._decide, some))
        if month <= self._last:
            yield Step((until, _CATCHES_UP), 3, lambda now: self._progress(2 * self._teller.catch_up(month, now, now + timedelta(hours=1))))

    def _tell(self, some: Sequence[Filing], now: datetime) -> None:
        self._teller.tell(some, now)
        self._progress(sum(len(filing.movements) for filing in some))

    def _decide(self, some: Sequence[Filing], now: datetime) -> None:
        self._teller.decide(some, now)
        self._progress(sum(len(filing.movements) for filing in some))

    def _listing(self, month: str) -> Iterator[Step]:
        """Declarations, and the list from its closing day to the post office."""
        closed = self._closing(month)
        by = min(closed, calendar.cycle(month).declare_by)
        moved = {filing.first.commune for filing in self._filings if filing.first.month == month}
        for officer in self._by_role["commune_officer"]:
            yield Step((by, _DECLARES), 4, partial(self._declare, officer, month, officer.unit not in moved))
        yield Step((closed, _CLOSES), 5, partial(self._freeze, month))
        yield Step((closed, _APPROVES), 6, partial(self._approve, month))
        yield Step((closed, _POSTS), 7, partial(self._post, month))

    def _declare(self, officer: Account, month: str, no_change: bool, now: datetime) -> None:
        actor = access.actor(officer, f"form:{named('demo', 'declare', officer.unit, month)}")
        _done("declaration", month, declaration.declare(actor, now, month, no_change=no_change, note=None, seen=None))

    def _freeze(self, month: str, now: datetime) -> None:
        record = named("payment_list", month)
        officer = self._by_role["district_officer"][0]
        _done("list", month, payment_list.open_month(access.actor(officer, f"form:{record}:open"), now, record, month))
        blocking = [each for each in payment_list.findings(_list(month)) if each.is_blocking]
        if blocking:
            told = "; ".join(f"{each.code} {each.count}: {each.rows[0].line_code} {each.rows[0].note}" for each in blocking)
            raise ValueError(f"The list of {month} cannot be frozen: {told}.")
        _done("list", month, payment_list.step(access.actor(officer, f"form:{record}:freeze"), now, record, "draft", "frozen"))

    def _approve(self, month: str, now: datetime) -> None:
        found = _list(month)
        actor = access.actor(self._by_role["approver"][0], f"form:{found.id}:approve")
        _done("list", month, payment_list.approve(actor, now, found.id, found.digest, {"lines": found.lines, "total": found.total}))

    def _post(self, month: str, now: datetime) -> None:
        record = named("payment_list", month)
        token = named("demo", "sessions", month)
        actor = access.actor(self._by_role["post_supervisor"][0], f"form:{token}")
        for result in session_plan.add(actor, token, month, session_plan.propose(month, None), now):
            _done("session", month, result)
        officer = self._by_role["district_officer"][0]
        _done("list", month, payment_list.step(access.actor(officer, f"form:{record}:post"), now, record, "approved", "posted"))

    def _paying(self, month: str) -> Iterator[Step]:
        """The sessions of a posted month, the banks' answer, the settlement; nothing where there is no list."""
        if payment_list.find(month) is None:
            return
        for session in schedule.sessions(month, None):
            when = (session.day, int(session.starts[:2]))
            yield Step(when, 8, partial(self._hand_out, session))
        agent = self._by_role["post_supervisor"][0]
        answer = access.actor(agent, f"form:{named('demo', 'bank', month)}")
        yield Step((f"{month}-{_BANK_ANSWERS}", _DECLARES), 9, lambda now: self._progress(transfer(answer, now, month, self._outcomes)))
        closing = date.fromisoformat(self._closing(clock.month_after(month)))
        last = min(closing - timedelta(days=1), date.fromisoformat(f"{month}-{_SETTLES + 1}"))
        yield Step(((last - timedelta(days=1)).isoformat(), _SIGNS - 2), 10, partial(self._sign, month))
        yield Step((last.isoformat(), _SIGNS - 2), 11, partial(self._settle, month))

    def _hand_out(self, session: schedule.Session, _now: datetime) -> None:
        """The marks have the hours of the session."""
        agent = next(each for each in self._by_role["post_agent"] if each.name == session.agent)
        actor = access.actor(agent, f"form:{named('demo', 'marks', session.id)}", assignments=schedule.assignments(agent.name))
        office = access.actor(self._by_role["post_supervisor"][0], f"form:{named('demo', 'result', session.id)}")
        self._progress(hand_out(actor, office, session, self._outcomes))

    def _sign(self, month: str, now: datetime, again: str = "") -> None:
        found = _account(month)
        actor = access.actor(self._by_role["post_supervisor"][0], f"form:{found.list.id}:sign{again}")
        _done("settlement", month, settlement.sign(actor, now, found, found.digest, found.state))

    def _settle(self, month: str, now: datetime) -> None:
        """The district closes the month. Where a death was told since it was signed, it is opened and signed anew first."""
        officer = self._by_role["district_officer"][0]
        self._note_exceptions(officer, month, now)
        found = _account(month)
        if found.moved:
            actor = access.actor(officer, f"form:{found.list.id}:reopen")
            _done("settlement", month, settlement.open_again(actor, now, found, found.state, "Có tin báo sau khi bưu điện ký"))
            self._sign(month, now, ":again")
            found = _account(month)
        actor = access.actor(officer, f"form:{found.list.id}:close")
        _done("settlement", month, settlement.close(actor, now, found, found.digest))

    def _note_exceptions(self, officer: Account, month: str, now: datetime) -> None:
        """What was paid after an exit is noted: the recovery it opened stands by itself."""
        actor = access.actor(officer, f"form:{named('demo', 'exceptions', month)}")
        for row in conflict.queue(actor, conflict.Filter(type="paid_after_stop", mine=True), size=_ALL).rows:
            asked = conflict.find(actor, row.id)
            if asked is not None:
                by = access.actor(officer, f"form:{row.id}")
                _done("exception", month, conflict.resolve(by, now, row.id, "noted", asked.digest, note="Đã mở hồ sơ thu hồi"))

    def _closing(self, month: str) -> str:
        """The day a month's list is closed: as the data say, else as the calendar does."""
        return self._closings.get(month) or calendar.cycle(month).list_by


def size(source: Source, movements: Sequence[Movement], last: str) -> int:
    """About how many records, changes and marks a replay adds: for the bar."""
    lines, total = len(source.lines), 0
    changes: dict[str, int] = {}
    for each in movements:
        changes[each.month] = changes.get(each.month, 0) + {"increase": 1, "decrease": -1}.get(each.kind, 0)
    for month in _span(source.month, last):
        lines += changes.get(month, 0)
        total += lines
    return load.size(source) + 2 * len(movements) + total


def _span(first: str, last: str) -> Iterator[str]:
    while first <= last:
        yield first
        first = clock.month_after(first)


def _list(month: str) -> MonthList:
    found = payment_list.find(month)
    if found is None:
        raise ValueError(f"There is no list of {month}.")
    return found


def _account(month: str) -> MonthAccount:
    found = settlement.show(month, None)
    if found is None:
        raise ValueError(f"The list of {month} is not posted.")
    return found


def _done(what: str, month: str, result: Result) -> None:
    if result.status != "accepted" or set(result.fields.values()) - {"applied"}:
        why = f"{result.reason.code} {result.reason.field} {result.reason.detail}" if result.reason else str(result.fields)
        raise ValueError(f"The {what} of {month} was not taken: {why.strip()}.")


def _moment(when: When) -> datetime:
    day, hour = when
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), clock.LOCAL).replace(hour=hour)
