"""People who did not collect: from two months on the commune is asked why, from three a suspension is proposed.

Who they are is read from the lists and their marks, so that nobody has to hand anything over; what was found out is a record of kind
`followup`, one for each person and run of months. (Report of October 2024: ask from two months; Circular 02/2021, article 2.3.a:
suspend from three.)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from portal import clock, door, unit
from portal.home import Waiting
from portal.language import mark
from portal.law import book, eligibility, months
from portal.law.reasons import Reason, of_kind
from portal.models.account import Account
from portal.models.change import Change
from portal.models.followup import Followup
from portal.models.payment import Payment
from portal.models.payment_list import PaymentList
from sync.edit import Actor, Edit, Result
from sync.ids import named
from sync.kinds.change import UNDECIDED

Communes = frozenset[str] | None
LOOK_BACK = 24
"""Months over which a run of uncollected months is followed back."""
ASKED = ("reason", "finding", "outcome", "state")
"""What a follow-up is asked for, in order."""
SUSPENSION = "KHONG_NHAN_3T"
_BATCH = 200


class Line(Struct, frozen=True):
    """One right that was not collected. `months` in a row, oldest first; `amount` đồng that lie unpaid; `reasons` as the payer gave them.

    `change` proposes its suspension, under the same id whoever asks; `state` is that proposal's, "" for none yet.
    """

    entitlement: str
    line_code: str
    months: tuple[str, ...]
    amount: int
    reasons: tuple[str, ...]
    step: str
    source: str
    change: str
    state: str = ""


class Case(Struct, frozen=True):
    """A person who did not collect two months or more. `id` is the follow-up's; `is_known` whether somebody has written it.

    `step`: "ask", or "suspend" where a line has reached the law's number of months.
    """

    id: str
    person: str
    name: str
    commune: str
    hamlet: str
    month: str
    lines: tuple[Line, ...]
    is_known: bool = False
    reason: str = ""
    finding: str = ""
    outcome: str = ""
    state: str = ""

    @property
    def step(self) -> str:
        """What is due: "ask" or "suspend"."""
        return "suspend" if any(line.step == "suspend" for line in self.lines) else "ask"

    @property
    def count(self) -> int:
        """The longest run of months of its lines."""
        return max(len(line.months) for line in self.lines)

    @property
    def is_answered(self) -> bool:
        """Whether the commune has told why."""
        return bool(self.reason or self.finding)

    @property
    def to_suspend(self) -> tuple[Line, ...]:
        """The lines whose suspension is due and nobody has proposed."""
        return tuple(line for line in self.lines if line.step == "suspend" and not line.state)


def reasons() -> Mapping[str, Reason]:
    """Why somebody did not collect, by code: the words of the payer's mark and of the commune's finding alike."""
    return of_kind("uncollected")


def latest() -> str:
    """The newest month whose list is with the payer or settled; "" before the first."""
    newest = PaymentList.select(PaymentList.month).where(PaymentList.state.in_(("posted", "settled"))).order_by(PaymentList.month.desc()).first()
    return str(newest.month) if newest is not None else ""


def cases(month: str, communes: Communes = None) -> list[Case]:
    """People with two or more uncollected months in a row up to `month`, by commune and name.

    While the month's own line has no outcome yet, the run up to the month before counts; a line that was paid since has none.
    """
    recent = (month, months.add(month, -1))
    conditions: list[Any] = [Payment.month.in_(recent), Payment.state == "uncollected", Payment.published]
    if communes is not None:
        conditions.append(Payment.commune.in_(sorted(communes)))
    rows: Any = Payment.select(Payment.person).where(*conditions).distinct().tuples()
    people = [person for (person,) in rows]
    found = []
    for start in range(0, len(people), _BATCH):
        for _, history in groupby(_history(people[start : start + _BATCH], month), key=lambda row: row["person"]):
            case = _case(list(history), month)
            if case is not None:
                found.append(case)
    return _answered(sorted(found, key=lambda each: (each.commune, each.name, each.person)))


def case(person: str, month: str, communes: Communes = None) -> Case | None:
    """One person's case, None where there is none up to this month."""
    found = _case(list(_history([person], month)), month)
    return None if found is None or (communes is not None and found.commune not in communes) else _answered([found])[0]


def tell(actor: Actor, now: datetime, of: Case, pairs: Mapping[str, tuple[Any, Any]], *, is_known: bool) -> Result:
    """Writes what was found out: field → (value seen, value wanted). The first to write makes the record: `is_known` as they saw it."""
    if is_known:
        return door.submit_one(actor, now, "followup", of.id, pairs)
    made = {"person": (None, of.person), "commune": (None, of.commune), "month": (None, of.month)}
    return door.submit_one(actor, now, "followup", of.id, {**made, **pairs}, create=True)


def suspend(actor: Actor, now: datetime, chosen: Sequence[Case]) -> list[str]:
    """Proposes the suspensions that are due, each once: "proposed", "known" or the detail of a refusal, for each line."""
    lines = [(each, line) for each in chosen for line in each.lines if line.step == "suspend"]
    day = clock.local_date(now).isoformat()
    fresh = [(each, line) for each, line in lines if not line.state]
    edits = [_suspension(each, line, day, n, now) for n, (each, line) in enumerate(fresh, 1)]
    answered = door.submit(edits, actor, now).results if edits else []
    said = ["proposed" if not result.reason else "known" if result.reason.detail == "exists" else result.reason.detail for result in answered]
    return [*said, *("known" for _ in range(len(lines) - len(fresh)))]


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """For a commune: people to ask. For the district: suspensions that are due."""
    if account.role not in ("commune_officer", "district_officer"):
        return []
    month = latest()
    if not month:
        return []
    found = cases(month, unit.within_reach_of(account.unit))
    if account.role == "commune_officer":
        return [Waiting(mark("Người chưa nhận từ 2 tháng, cần hỏi lý do"), sum(not each.is_answered for each in found), "followup.index")]
    due = sum(bool(each.to_suspend) for each in found)
    return [Waiting(mark("Người không nhận từ 3 tháng, cần đề nghị tạm dừng"), due, "followup.index")]


def _history(people: Sequence[str], month: str) -> Iterable[dict[str, Any]]:
    columns = (Payment.person, Payment.line_code, Payment.entitlement, Payment.month, Payment.state, Payment.total, Payment.allowance)
    told = (Payment.mark, Payment.full_name, Payment.commune, Payment.hamlet)
    since = months.add(month, -LOOK_BACK)
    query: Any = Payment.select(*columns, *told).where(Payment.person.in_(people), Payment.month.between(since, month), Payment.published)
    query = query.where(Payment.entitlement.is_null(False))  # a funeral grant is no monthly right
    return list(query.order_by(Payment.person, Payment.line_code, Payment.month, Payment.addendum).dicts())


def _case(history: Sequence[dict[str, Any]], month: str) -> Case | None:
    lines = [line for _, rows in groupby(history, key=lambda row: row["line_code"]) if (line := _line(list(rows), month)) is not None]
    if not lines:
        return None
    newest = max(history, key=lambda row: row["month"])
    first = min(line.months[0] for line in lines)
    return Case(
        id=named("followup", newest["person"], first),
        person=newest["person"],
        name=newest["full_name"] or "",
        commune=newest["commune"] or "",
        hamlet=newest["hamlet"] or "",
        month=max(line.months[-1] for line in lines),
        lines=tuple(lines),
    )


def _line(rows: Sequence[dict[str, Any]], month: str) -> Line | None:
    """A line's run of uncollected months; None where it is too short to ask about, or the right pays nothing any more."""
    by_month = {row["month"]: row for row in rows}
    newest = by_month.get(month)
    if newest is None or not newest["allowance"]:
        return None
    last = months.add(month, -1) if newest["state"] == "planned" else month
    open_ = {at for at, row in by_month.items() if row["state"] == "uncollected"}
    counted = eligibility.uncollected(book.load().at(last), open_, last)
    if counted.step == "none":
        return None
    run = tuple(months.add(last, -back) for back in reversed(range(counted.count)))
    return Line(
        entitlement=newest["entitlement"],
        line_code=newest["line_code"],
        months=run,
        amount=int(by_month[last]["total"] or 0),
        reasons=tuple(dict.fromkeys(reason for at in run if (reason := json.loads(by_month[at]["mark"] or "{}").get("reason")))),
        step=counted.step,
        source=str(counted.source or ""),
        change=named("change", "uncollected", newest["entitlement"], run[0]),
    )


def _answered(found: list[Case]) -> list[Case]:
    """The same with what was found out, and what became of each suspension."""
    told: dict[str, Any] = {}
    for start in range(0, len(found), _BATCH):
        rows: Any = Followup.select().where(Followup.id.in_([each.id for each in found[start : start + _BATCH]])).dicts()
        told |= {row["id"]: row for row in rows}
    lines = [line for each in found for line in each.lines]
    states = _states(lines)
    answered = []
    for each in found:
        row = told.get(each.id, {})
        known = {name: row.get(name) or "" for name in ASKED}
        stated = tuple(replace(line, state=states.get(line.change) or states.get(line.entitlement, "")) for line in each.lines)
        answered.append(replace(each, lines=stated, is_known=bool(row), **known))
    return answered


def _states(lines: Sequence[Line]) -> dict[str, str]:
    """Change → its state: of the proposals made here, and under a right's id, of another suspension of it that waits."""
    found: dict[str, str] = {}
    for start in range(0, len(lines), _BATCH):
        batch = lines[start : start + _BATCH]
        own: Any = Change.select(Change.id, Change.state).where(Change.id.in_([line.change for line in batch])).tuples()
        waits = Change.entitlement.in_([line.entitlement for line in batch]) & Change.state.in_(UNDECIDED) & (Change.type == "suspension")
        others: Any = Change.select(Change.entitlement, Change.state).where(waits).tuples()
        found |= dict(own) | dict(others)
    return found


def _suspension(of: Case, line: Line, day: str, n: int, now: datetime) -> Edit:
    values = {
        "reason": SUSPENSION,
        "person": of.person,
        "entitlement": line.entitlement,
        "event_date": day,
        "note": ", ".join(months.spoken(month) for month in line.months),
    }
    pairs = {name: (None, value) for name, value in values.items()}
    return Edit(n=n, kind="change", record=line.change, op="create", at=clock.utc_text(now), set=pairs)
