"""What stands on the lists that leave the portal to be signed or paid from: rows of a month, in the list's order, read as they are written.

Lines that are withheld are on none of them: nobody is to sign for money that is not handed out. Categories are told by their group
alone, so that no list says who has an illness (Decree 20/2021, article 8.1.b; domain.md 0.9).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from portal import door, entitlement, list_comparison, settlement_steps
from portal.law import reasons
from portal.law.errors import LawError
from portal.list_comparison import Difference
from portal.list_lines import execute
from portal.models.change import Change
from portal.models.entitlement import Entitlement
from portal.models.person import Person
from portal.payment_list import MonthList
from portal.settlement_lines import UNPAID, reason_of
from portal.settlement_steps import DUE, OUTCOME
from sync.kinds.change import DEATH

MOVES = ("increase", "decrease", "adjustment", "suspension")
"""The kinds of movement that have a list of their own."""
CODE = 16
"""Digits of the digest that are printed."""
_BATCH = 200
_ALL = 1_000_000
_CHUNK = 400


class Pay(Struct, frozen=True):
    """A line to be paid. `months_unpaid` counts the earlier months in `carried_over`; sums in đồng."""

    person: str
    line_code: str
    full_name: str
    birth: str
    hamlet: str
    category: str
    coefficient10: int
    allowance: int
    arrears: int
    months_unpaid: int
    carried_over: int
    funeral: int
    total: int
    recipient: str
    home_delivery: bool
    bank: str
    account: str
    holder: str
    addendum: int


class Move(Struct, frozen=True):
    """A line that came, went or changed in a month. `amount` is đồng a month, of a line that went the one it had.

    `is_confidential`: not to be posted anywhere.
    """

    kind: str
    commune: str
    line_code: str
    full_name: str
    birth: str
    hamlet: str
    category: str
    coefficient10: int
    amount: int
    from_month: str
    reason: str
    decision_no: str
    decision_date: str
    arrears: int
    is_confidential: bool


class Unpaid(Struct, frozen=True):
    """A line that reached nobody, and why."""

    line_code: str
    full_name: str
    hamlet: str
    method: str
    outcome: str
    total: int
    reason: str


def communes(found: MonthList) -> list[str]:
    """The communes a list has lines of, in its order."""
    rows = execute(door.store(), "SELECT DISTINCT commune FROM payment WHERE list = :list ORDER BY commune", {"list": found.id})
    return [row[0] for row in rows.fetchall()]


def counts(found: MonthList) -> Mapping[tuple[str, str], tuple[int, int]]:
    """(commune, "cash" or "bank") → lines to be paid, and lines withheld."""
    sql = f"""SELECT commune, {_METHOD}, SUM(CASE WHEN hold IS NULL THEN 1 ELSE 0 END), SUM(CASE WHEN hold IS NULL THEN 0 ELSE 1 END)
        FROM payment WHERE list = :list AND total > 0 GROUP BY commune, {_METHOD}"""
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in execute(door.store(), sql, {"list": found.id}).fetchall()}


def to_pay(found: MonthList, commune: str, method: str) -> Iterator[Pay]:
    """A commune's lines that are paid in cash, or into accounts, in the order of the list: by hamlet, then by name."""
    words = {code: entitlement.group(code, found.month) for code in _categories(found)}
    cursor = execute(door.store(), _TO_PAY, {"list": found.id, "commune": commune, "method": method})
    while rows := cursor.fetchmany(_BATCH):
        for row in rows:
            yield Pay(*_line(row, words))


def last_addendum(found: MonthList) -> int:
    """The number of a list's newest addendum, 0 before the first: with the digest it says what a paper looks like."""
    row = execute(door.store(), "SELECT COALESCE(MAX(number), 0) FROM addendum WHERE list = :list", {"list": found.id}).fetchone()
    return int(row[0])


def code_of(found: MonthList, addendum: int) -> str:
    """What is printed below each page: the beginning of the digest of the list's own lines, and the newest addendum it knows."""
    return f"{found.digest[:CODE]}/{addendum}"


def printed(found: MonthList, commune: str, upto: int) -> list[str]:
    """Ids of a commune's cash lines in the order they are numbered in on a list printed when `upto` was its newest addendum.

    Marks change nothing of it, so that the same code on two papers means the same numbers; what was added, held back or released
    later is not on it, or still there.
    """
    values = {"list": found.id, "commune": commune}
    told: dict[str, list[tuple[int, str]]] = {}
    for payment, number, type_ in execute(door.store(), _HELD_BY, values).fetchall():
        told.setdefault(payment, []).append((number, type_))
    rows = execute(door.store(), _EVERY, values).fetchall()
    return [id_ for id_, addendum, is_held in rows if addendum <= upto and not _was_held(bool(is_held), told.get(id_, ()), upto)]


def moves(found: MonthList, commune: str | None = None) -> list[Move]:
    """What differs from the list of the month before, of one commune or all, by kind of movement and line."""
    within = None if commune is None else {commune}
    told, _ = list_comparison.differences(found, within, limit=_ALL)
    differing = [each for each in told if each.kind != "method"]
    rights = _rights(each.line_code for each in differing)
    people = _people(each.person for each in differing)
    why = _reasons(each.person for each in differing)
    owed = _arrears(found, commune)
    made = [_move(found.month, each, rights, people, why, owed) for each in differing]
    return sorted(made, key=lambda move: (MOVES.index(move.kind), move.hamlet, move.line_code))


def movements(found: MonthList) -> list[tuple[list_comparison.Movement, int, int]]:
    """Each commune's opening, come, gone and closing with its deaths and suspensions, in lines; the last is the whole (key "")."""
    gone, _ = list_comparison.differences(found, kind="ended", limit=_ALL)
    rights = _rights(each.line_code for each in gone)
    dead: dict[str, int] = {}
    suspended: dict[str, int] = {}
    for each in gone:
        right = _latest(rights.get(each.line_code, ()))
        if each.reason == DEATH:
            dead[each.commune] = dead.get(each.commune, 0) + 1
        elif right is not None and right.suspended_from and not right.stop_month:
            suspended[each.commune] = suspended.get(each.commune, 0) + 1
    rows = [(row, dead.get(row.key, 0), suspended.get(row.key, 0)) for row in list_comparison.movements(found, "commune")]
    return [*rows, *((row, sum(dead.values()), sum(suspended.values())) for row in list_comparison.movements(found, ""))]


def unpaid(found: MonthList, commune: str) -> Iterator[Unpaid]:
    """A commune's lines that reached nobody, by name."""
    named = {f"outcome{number}": name for number, name in enumerate(UNPAID)}
    sql = f"""SELECT p.line_code, p.full_name, COALESCE(p.hamlet, ''), p.method, {OUTCOME}, p.total, p.mark, p.hold FROM payment p
        WHERE p.list = :list AND p.commune = :commune AND {OUTCOME} IN ({", ".join(f":{name}" for name in named)})
        ORDER BY p.sort_key, p.line_code, p.addendum"""
    for row in execute(door.store(), sql, {"list": found.id, "commune": commune, "due": DUE, **named}).fetchall():
        code, name, hamlet, method, outcome, total, mark, hold = row
        yield Unpaid(code, name, hamlet, method, outcome, int(total), reason_of(outcome, mark, hold))


def settled(found: MonthList) -> dict[str, dict[str, int]]:
    """Each commune's money in đồng as the settlement counts it: "opening", "listed", "cash" and "bank" paid, and what was not."""
    told: dict[str, dict[str, int]] = {}
    for row in settlement_steps.rows(door.store(), found.id, found.month):
        sums = told.setdefault(row["commune"], dict.fromkeys(("opening", "listed", "cash", "bank", "planned", *UNPAID), 0))
        sums["opening"] += row["opening"]
        sums["listed"] += row["listed"][1]
        sums["cash" if row["method"] == "cash" else "bank"] += row["paid"][1]
        for name in ("planned", *UNPAID):
            sums[name] += row[name][1]
    return told


_METHOD = "CASE WHEN method = 'cash' THEN 'cash' ELSE 'bank' END"
_ORDER = "ORDER BY p.hamlet, p.sort_key, p.id"
_TO_PAY = f"""
SELECT p.person, p.line_code, p.full_name, s.birth, p.hamlet, p.category, p.coefficient10, p.allowance, p.arrears, p.carried_from,
  p.carried_over, p.funeral, p.total, p.recipient, p.home_delivery, p.bank, p.account, p.holder, p.addendum
FROM payment p LEFT JOIN person s ON s.id = p.person
WHERE p.list = :list AND p.commune = :commune AND {_METHOD.replace("method =", "p.method =")} = :method AND p.hold IS NULL
  AND p.total > 0 {_ORDER}
"""
_EVERY = f"""
SELECT p.id, COALESCE(p.addendum, 0), CASE WHEN p.hold IS NULL THEN 0 ELSE 1 END FROM payment p
WHERE p.list = :list AND p.commune = :commune AND p.method = 'cash' AND p.total > 0 {_ORDER}
"""
# A correction holds back the line it replaces.
_HELD_BY = """SELECT payment, number, type FROM addendum WHERE list = :list AND commune = :commune AND type IN ('withhold', 'correct', 'release')
  ORDER BY number"""


def _was_held(is_held: bool, told: Sequence[tuple[int, str]], upto: int) -> bool:
    """Whether a line was held back after addendum `upto`. `told`: (number, type) of its addenda; `is_held`: how it stands now."""
    before = [type_ for number, type_ in told if number <= upto]
    if before:
        return before[-1] != "release"
    return told[0][1] == "release" if told else is_held


def _line(row: Sequence[Any], words: Mapping[str, str]) -> list[Any]:
    person, code, name, birth, hamlet, category, *rest = row
    coefficient10, allowance, arrears, carried_from, carried_over, funeral, total, recipient, home, bank, account, holder, addendum = rest
    waited = len(json.loads(carried_from)) if carried_from else 0
    return [
        *(person, code, name, (birth or "")[:4], hamlet or "", words.get(category or "", ""), coefficient10 or 0, allowance or 0, arrears or 0),
        *(waited, carried_over or 0, funeral or 0, total, recipient or "", bool(home), bank or "", account or "", holder or ""),
        addendum or 0,
    ]


def _categories(found: MonthList) -> list[str]:
    rows = execute(door.store(), "SELECT DISTINCT category FROM payment WHERE list = :list", {"list": found.id}).fetchall()
    return [row[0] for row in rows if row[0]]


def _move(
    month: str,
    each: Difference,
    rights: Mapping[str, Sequence[Entitlement]],
    people: Mapping[str, Person],
    why: Mapping[str, Sequence[Change]],
    owed: Mapping[str, int],
) -> Move:
    right, person = _latest(rights.get(each.line_code, ())), people.get(each.person)
    gone = each.kind == "ended"
    is_suspended = gone and right is not None and bool(right.suspended_from) and not right.stop_month
    kind = "suspension" if is_suspended else {"added": "increase", "ended": "decrease"}.get(each.kind, "adjustment")
    reason = each.reason or _reason(why.get(each.person, ()), right, kind)
    start = right.stop_month or right.suspended_from if gone and right else right.start_month if right else ""
    return Move(
        kind=kind,
        commune=each.commune,
        line_code=each.line_code,
        full_name=each.name,
        birth=str(person.birth or "") if person else "",
        hamlet=str(person.hamlet or "") if person else "",
        category=entitlement.group(str(right.category), month) if right else "",
        coefficient10=int(right.coefficient10 or 0) if right else 0,
        amount=each.before if gone else each.after,
        from_month=str(start or month),
        reason=_words(reason, kind),
        decision_no=str(right.decision_no or "") if right else "",
        decision_date=str(right.decision_date or "") if right else "",
        arrears=0 if gone else owed.get(each.line_code, 0),
        is_confidential=right is None or entitlement.is_confidential(str(right.category), month),
    )


def _reason(changes: Sequence[Change], right: Entitlement | None, kind: str) -> str:
    """The reason of the latest change about this right, or about its person, of this kind."""
    fitting = [each for each in changes if each.type == kind]
    own = [each for each in fitting if right is not None and each.entitlement == right.id]
    chosen = (own or fitting)[-1:]
    return str(chosen[0].reason) if chosen else ""


def _words(code: str, kind: str) -> str:
    for one in (kind, None):
        try:
            return reasons.find(code, one).label  # type: ignore[arg-type]  # a kind of movement is a kind of reason
        except LawError:
            continue
    return code


def _latest(rights: Sequence[Entitlement]) -> Entitlement | None:
    return max(rights, key=lambda right: str(right.start_month), default=None)


def _rights(codes: Iterable[str]) -> dict[str, list[Entitlement]]:
    found: dict[str, list[Entitlement]] = {}
    for chunk in _chunks(codes):
        for right in Entitlement.select().where(Entitlement.line_code.in_(chunk)):
            found.setdefault(str(right.line_code), []).append(right)
    return found


def _people(ids: Iterable[str]) -> dict[str, Person]:
    return {str(person.id): person for chunk in _chunks(ids) for person in Person.select().where(Person.id.in_(chunk))}


def _reasons(people: Iterable[str]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for chunk in _chunks(people):
        for change in Change.select().where(Change.person.in_(chunk), Change.state == "approved").order_by(Change.decided_at, Change.id):
            found.setdefault(str(change.person), []).append(change)
    return found


def _arrears(found: MonthList, commune: str | None) -> dict[str, int]:
    scope = "" if commune is None else " AND commune = :commune"
    sql = f"SELECT line_code, arrears FROM payment WHERE list = :list AND arrears > 0{scope}"
    return {row[0]: int(row[1]) for row in execute(door.store(), sql, {"list": found.id, "commune": commune}).fetchall()}


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    wanted = sorted(set(values))
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]
