"""The month's payment list: which months there are, taking a list from step to step, its lines, its addenda, what waits for whom.

Every step is one edit through the door; the sums are made there, set by set (`portal.payment_list_steps`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from portal import arrears, clock, door, entitlement, list_checks, payment_list_steps, unit
from portal.calendar import cycle, month_in_preparation
from portal.home import Waiting
from portal.language import mark
from portal.law.errors import NotInForceError
from portal.list_checks import Finding
from portal.list_lines import execute
from portal.models.account import Account
from portal.models.payment_list import PaymentList
from portal.models.person import Person
from sync.edit import Actor, Result
from sync.fields import APPROVER, DISTRICT
from sync.text import fold

PAGE = 50
STATES = ("draft", "frozen", "approved", "posted", "settled")
"""The steps of a list, in order."""
_COLUMNS = (
    "id", "version", "month", "state", "build", "lines", "total", "digest", "built_by", "built_at", "frozen_by", "frozen_at",
    "approved_by", "approved_at", "posted_by", "posted_at", "returned_why",
)  # fmt: skip


class MonthList(Struct, frozen=True):
    """A month's list; `total` in đồng, moments as UTC text, "" where there is none."""

    id: str
    version: int
    month: str
    state: str
    build: int
    lines: int
    total: int
    digest: str
    built_by: str
    built_at: str
    frozen_by: str
    frozen_at: str
    approved_by: str
    approved_at: str
    posted_by: str
    posted_at: str
    returned_why: str

    @property
    def step(self) -> int:
        """How many steps are behind it: 0 for a draft."""
        return STATES.index(self.state)


class Line(Struct, frozen=True):
    """A line as the list shows it; sums in đồng. `hold` says whether it is withheld, `carried_from` months, comma-separated."""

    id: str
    person: str
    line_code: str
    full_name: str
    commune: str
    hamlet: str
    category: str
    coefficient10: int
    allowance: int
    arrears: int
    carried_over: int
    carried_from: str
    total: int
    method: str
    bank: str
    account: str
    recipient: str
    state: str
    hold: str
    addendum: int


class Page(Struct, frozen=True):
    """A page of lines; `after` is the id to page on by, "" at the end."""

    rows: list[Line]
    after: str


class Share(Struct, frozen=True):
    """A part of a list: lines and đồng, of which arrears, carried over and withheld."""

    commune: str
    method: str
    lines: int
    total: int
    arrears: int
    carried_over: int
    withheld_lines: int
    withheld: int


class AddendumLine(Struct, frozen=True):
    """One addendum; see the catalogue."""

    number: int
    type: str
    payment: str
    person: str
    name: str
    commune: str
    reason: str
    amount: int
    by: str
    at: str


def every() -> list[MonthList]:
    """All lists, the newest month first."""
    return [_of(row) for row in PaymentList.select().order_by(PaymentList.month.desc())]


def find(month: str) -> MonthList | None:
    """The list of a month, or None."""
    row = PaymentList.get_or_none(PaymentList.month == month)
    return None if row is None else _of(row)


def before(month: str) -> MonthList | None:
    """The last list before a month, or None."""
    row = PaymentList.select().where(PaymentList.month < month).order_by(PaymentList.month.desc()).first()
    return None if row is None else _of(row)


def openable(now: datetime) -> list[str]:
    """The months whose list may be opened: from the one after the last list (without one: this month) to the one in preparation."""
    today = clock.local_date(now)
    last = PaymentList.select(PaymentList.month).order_by(PaymentList.month.desc()).first()
    month = clock.month_of(today) if last is None else clock.month_after(str(last.month))
    upto, found = month_in_preparation(today), []
    while month <= upto:
        found.append(month)
        month = clock.month_after(month)
    return found


def open_month(actor: Actor, now: datetime, record: str, month: str) -> Result:
    """Opens a month and builds its list from the register. `record` is the id it will have."""
    return door.submit_one(actor, now, "payment_list", record, {"month": (None, month)}, create=True)


def rebuild(actor: Actor, now: datetime, record: str, seen: int) -> Result:
    """Builds a draft again; `seen` is the number of the build that was shown."""
    return door.submit_one(actor, now, "payment_list", record, {"build": (seen, seen + 1)})


def step(actor: Actor, now: datetime, record: str, seen: str, wanted: str, *, why: str | None = None) -> Result:
    """Takes a list from the state that was shown to another: freeze, send back (with `why`), post."""
    return door.submit_one(actor, now, "payment_list", record, {"state": (seen, wanted)}, why=why)


def approve(actor: Actor, now: datetime, record: str, digest: str, figures: Mapping[str, int]) -> Result:
    """Approves a frozen list on the digest and the figures the approver was shown."""
    approval = {"digest": digest, **figures}
    return door.submit_one(actor, now, "payment_list", record, {"state": ("frozen", "approved"), "approval": (None, approval)})


def hold(actor: Actor, now: datetime, payment: str, seen: Any, why: str) -> Result:
    """Withholds a line of a list (an addendum, where it is frozen); `seen` is the hold that was shown."""
    return door.submit_one(actor, now, "payment", payment, {"hold": (seen, {"reason": why})}, why=why)


def release(actor: Actor, now: datetime, payment: str, seen: Any, why: str) -> Result:
    """Lets a withheld line be paid again."""
    return door.submit_one(actor, now, "payment", payment, {"hold": (seen, None)}, why=why)


def amend(actor: Actor, now: datetime, record: str, list_id: str, about: Mapping[str, str], why: str) -> Result:
    """Adds what the list left out of a person ({"person": id}), or draws one line up again ({"payment": id}), as an addendum."""
    type_ = "correct" if "payment" in about else "add"
    pairs = {"list": (None, list_id), "type": (None, type_), **{name: (None, value) for name, value in about.items()}}
    return door.submit_one(actor, now, "addendum", record, pairs, create=True, why=why)


def findings(found: MonthList, communes: Iterable[str] | None = None, *, only: str = "", shown: int = 5) -> list[Finding]:
    """What the checks find by the law as known when it was drawn up, those that block first; none where no law is in force."""
    try:
        known = arrears.known_on(found.built_at)
        return list_checks.run(door.store(), found.id, found.month, communes, known=known, only=only, shown=shown)
    except NotInForceError:
        return []


def is_check(code: str) -> bool:
    """Whether there is a check with this code."""
    return any(check.code == code for check in list_checks.CHECKS)


def is_stale(found: MonthList, now: datetime) -> bool:
    """Whether the register, or the law as known now, has moved on since the draft was built."""
    return payment_list_steps.is_stale(door.store(), found.id, found.month, clock.utc_text(now))


def shares(list_id: str, communes: Iterable[str] | None = None) -> list[Share]:
    """A list by commune and method, addenda included."""
    where, values = _scoped(list_id, communes)
    sql = f"""SELECT commune, method, COUNT(*), SUM(total), SUM(arrears), SUM(carried_over),
        SUM(CASE WHEN state = 'withheld' THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'withheld' THEN total ELSE 0 END)
        FROM payment p WHERE {where} GROUP BY commune, method ORDER BY commune, method"""
    return [Share(row[0], row[1] or "", *(int(figure) for figure in row[2:])) for row in execute(door.store(), sql, values).fetchall()]


def lines(
    list_id: str,
    communes: Iterable[str] | None = None,
    *,
    words: str = "",
    method: str = "",
    state: str = "",
    after: str = "",
    payment: str = "",
    limit: int = PAGE,
) -> Page:
    """Lines in the order of the list (commune, hamlet, name): those with all the `words` in name or code, after the line `after`."""
    where, values = _scoped(list_id, communes)
    joined = ""
    for name, value in (("method", method), ("state", state), ("id", payment)):
        if value:
            where += f" AND p.{name} = :{name}"
            values[name] = value
    for number, word in enumerate(fold(words).split()):
        joined = "JOIN person s ON s.id = p.person"
        where += f" AND (s.search_key LIKE :word{number} OR lower(p.line_code) LIKE :word{number})"
        values[f"word{number}"] = f"%{word}%"
    if after:
        where += " AND p.id > :after"
        values["after"] = after
    columns = ", ".join(f"COALESCE(p.{name}, {0 if kind == 'int' else repr('')})" for name, kind in Line.__annotations__.items())
    sql = f"SELECT {columns} FROM payment p {joined} WHERE {where} ORDER BY p.id LIMIT {int(limit) + 1}"
    rows = [Line(*row) for row in execute(door.store(), sql, values).fetchall()]
    return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else "")


def addenda(list_id: str, communes: Iterable[str] | None = None) -> list[AddendumLine]:
    """A list's addenda by number."""
    where, values = _scoped(list_id, communes)
    sql = f"""SELECT p.number, p.type, p.payment, p.person, s.full_name, p.commune, p.reason, p.amount, p.by, p.at
        FROM addendum p LEFT JOIN person s ON s.id = p.person WHERE {where} ORDER BY p.number"""
    told: list[list[Any]] = [["" if value is None else value for value in row] for row in execute(door.store(), sql, values).fetchall()]
    return [AddendumLine(*row) for row in told]


def without_session(found: MonthList) -> list[str]:
    """Codes of the communes that have cash to hand out and no session in the month."""
    sql = """SELECT DISTINCT p.commune FROM payment p WHERE p.list = :list AND p.method = 'cash' AND p.total > 0 AND NOT EXISTS (
        SELECT 1 FROM pay_session s WHERE s.month = :month AND s.commune = p.commune AND COALESCE(s.state, 'planned') <> 'cancelled')
        ORDER BY p.commune"""
    return [row[0] for row in execute(door.store(), sql, {"list": found.id, "month": found.month}).fetchall()]


def waiting(account: Account, now: datetime) -> list[Waiting]:
    """What waits for those who make the list and for those who approve it, by which day."""
    if account.role not in (DISTRICT, APPROVER) or (account.role == APPROVER and not unit.serves_all(account.unit)):
        return []
    open_lists = PaymentList.select(PaymentList.month, PaymentList.state, PaymentList.built_by, PaymentList.frozen_by).where(
        PaymentList.state.in_(STATES[:3])
    )
    by_state: dict[str, list[str]] = {}
    for row in open_lists:
        own = row.state == "frozen" and account.name in (row.built_by, row.frozen_by)
        if not own:
            by_state.setdefault(str(row.state), []).append(str(row.month))
    if account.role == APPROVER:
        return [_waiting(mark("Danh sách chờ duyệt"), by_state.get("frozen", []))]
    return [
        _waiting(mark("Danh sách tháng cần lập"), openable(now)[:1]),
        _waiting(mark("Danh sách cần kiểm tra và chốt"), by_state.get("draft", [])),
        _waiting(mark("Danh sách đã duyệt, chờ chuyển bưu điện"), by_state.get("approved", [])),
    ]


def _waiting(label: str, months: list[str]) -> Waiting:
    return Waiting(label, len(months), "payment_list.index", cycle(min(months)).list_by if months else "")


def _of(row: PaymentList) -> MonthList:
    values: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
    numbers = ("version", "build", "lines", "total")
    known: dict[str, Any] = {name: (0 if name in numbers else "") if value is None else value for name, value in values.items()}
    return MonthList(**known)


def _scoped(list_id: str, communes: Iterable[str] | None) -> tuple[str, dict[str, Any]]:
    """Condition on a table `p` with columns list and commune."""
    if communes is None:
        return "p.list = :list", {"list": list_id}
    codes = {f"commune{number}": code for number, code in enumerate(sorted(communes))}
    marks = ", ".join(f":{name}" for name in codes) or "NULL"
    return f"p.list = :list AND p.commune IN ({marks})", {"list": list_id, **codes}




def person_by_code(code: str) -> str | None:
    """The id of the person with this code, or None."""
    row = Person.get_or_none(Person.code == code.strip())
    return None if row is None else str(row.id)


def category_words(code: str, month: str, role: str) -> str:
    """A category in as many words as the role may read; "" where it may not know the group either (domain.md 7.2)."""
    return entitlement.label(code, month, detailed=entitlement.may_know(role)) if entitlement.may_read(role) else ""


def may_read_category(role: str) -> bool:
    """Whether a role is told what a line is paid for."""
    return entitlement.may_read(role)
