"""The bank's result by account: the whole file is checked against the month's transfers first; then every row is an edit, or none is.

Lines are matched by their own code, else by account and amount, never by a name (domain.md 3.4).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from portal import door, payment
from portal.clock import utc_text
from portal.payment import Line
from portal.schedule import Communes
from sync.edit import Actor, Edit
from sync.text import fold
from sync.values import ValueProblem, parse_money

PAID_WORDS = ("đã chuyển", "đã chi", "thành công", "paid")
REJECTED_WORDS = ("bị trả lại", "trả lại", "thất bại", "không thành công", "rejected")
_STATUS = {fold(word): "paid" for word in PAID_WORDS} | {fold(word): "rejected" for word in REJECTED_WORDS}
_CODE = re.compile(r"[A-Z0-9]+-\d+ ?/ ?\d+", re.IGNORECASE)
_SAID_BY_BANK = {"state": "paid", "how": "bank"}
_UNDO = 1_000_000
"""Added to a row's number for the edit that takes an earlier `paid` back before the row's own."""


class Row(Struct, frozen=True):
    """One row of the file as text; `places` says where each column's cell stands, in the file's own terms."""

    number: int
    code: str = ""
    content: str = ""
    account: str = ""
    amount: str = ""
    status: str = ""
    reason: str = ""
    places: Mapping[str, str] = field(default_factory=dict)


class Table(Struct, frozen=True):
    """What was read: rows, which columns there are, and the total the file states of itself ("" for none)."""

    rows: tuple[Row, ...]
    columns: frozenset[str]
    total: str = ""
    total_place: str = ""


class Problem(Struct, frozen=True):
    """Why the file cannot be used: where, a stable code, and details for the sentence."""

    place: str
    code: str
    details: Mapping[str, Any] = field(default_factory=dict)


class Booking(Struct, frozen=True):
    """One row of a file that may be used: the line it is about and the mark it makes."""

    row: int
    line: Line
    mark: Mapping[str, Any]


class Checked(Struct, frozen=True):
    """A file after the check: what it would do, or why it does nothing."""

    bookings: tuple[Booking, ...]
    problems: tuple[Problem, ...]


class Applied(Struct, frozen=True):
    """What became of a file: rows written, rows that said nothing new, paid ones that are held back, and those the door kept aside."""

    paid: int
    rejected: int
    unchanged: int
    on_hold: int
    kept: int


def transfers(month: str, communes: Communes) -> list[Line]:
    """The lines to transfer: all that are paid into an account and not held back."""
    return [line for line in payment.bank_lines(month, communes) if line.state != "withheld" and line.total]


def check(month: str, communes: Communes, table: Table) -> Checked:
    """Looks at the whole file. A file that reports any transfer as paid has to answer for every line of the banks it speaks of."""
    lines = payment.bank_lines(month, communes)
    look = _Look(lines, table)
    bookings = [booking for row in table.rows if (booking := look.row(row)) is not None]
    problems = [*look.problems, *_total(table)]
    if not table.rows:
        problems.append(Problem("", "empty"))
    if not problems:
        problems += _left_out(lines, bookings)
    return Checked(() if problems else tuple(bookings), tuple(problems))


def apply(actor: Actor, now: datetime, bookings: Iterable[Booking]) -> Applied:
    """Hands every row in as an edit, all in one submit; `actor.device` is named by the file's content, so that a file counts once.

    A transfer that was marked as paid and came back is taken back first, with the bank's reason.
    """
    at = utc_text(now)
    edits: list[Edit] = []
    told = list(bookings)
    news = [each for each in told if not _says_the_same(each.line.mark, each.mark)]
    for each in news:
        seen = None
        if each.mark["state"] == "rejected" and each.line.state == "paid" and (each.line.mark or {}).get("how") == "bank":
            back = {"mark": (each.line.mark, None)}
            why = f"Ngân hàng trả lại: {each.mark['reason']}"
            edits.append(Edit(n=_UNDO + each.row, kind="payment", record=each.line.id, op="set", set=back, at=at, why=why))
        mark = {**each.mark, "at": at}
        edits.append(Edit(n=each.row, kind="payment", record=each.line.id, op="set", set={"mark": (seen, mark)}, at=at))
    results = {result.n: result for result in door.submit(edits, actor, now).results} if edits else {}
    outcomes = {each.row: results[each.row].fields.get("mark", "refused") for each in news}
    applied = [each for each in news if outcomes[each.row] == "applied"]
    return Applied(
        paid=sum(each.mark["state"] == "paid" for each in applied),
        rejected=sum(each.mark["state"] == "rejected" for each in applied),
        unchanged=len(told) - len(news) + sum(outcome == "unchanged" for outcome in outcomes.values()),
        on_hold=sum(each.mark["state"] == "paid" and each.line.hold is not None for each in applied),
        kept=sum(outcome not in ("applied", "unchanged") for outcome in outcomes.values()),
    )


def remaining(month: str, communes: Communes) -> list[Line]:
    """Transfers nobody has answered for yet, in a fixed order."""
    return [line for line in payment.bank_lines(month, communes) if line.state == "planned"]


def pay_remaining(actor: Actor, now: datetime, month: str, communes: Communes) -> int:
    """Marks every transfer without a result as paid; returns how many."""
    mark = {**_SAID_BY_BANK, "at": utc_text(now)}
    results = payment.mark_lines(actor, now, [(line.id, None, mark) for line in remaining(month, communes)])
    return sum(result.fields.get("mark") == "applied" for result in results)


class _Wrong(Exception):
    """What is wrong with a row."""

    def __init__(self, row: Row, column: str, code: str, /, **details: Any) -> None:
        super().__init__(code)
        self.problem = Problem(row.places.get(column, str(row.number)), code, details)


class _Look:
    """The check of a file's rows against the month's lines, one after another."""

    def __init__(self, lines: list[Line], table: Table) -> None:
        self.problems: list[Problem] = []
        # A line added later under a code that stands on the list already is found by its account only.
        self._by_code = {line.line_code.upper(): line for line in sorted(lines, key=lambda line: -line.addendum)}
        self._by_account: dict[tuple[str, int], list[Line]] = {}
        for line in lines:
            self._by_account.setdefault((_digits(line.account), line.total), []).append(line)
        self._has_status = "status" in table.columns
        self._reasons = {reason.code for reason in payment.reasons_of("returned")}
        self._seen: dict[str, int] = {}

    def row(self, row: Row) -> Booking | None:
        """The row as a booking; None where something is wrong with it, which is noted."""
        try:
            return self._booking(row)
        except _Wrong as wrong:
            self.problems.append(wrong.problem)
            return None

    def _booking(self, row: Row) -> Booking:
        try:
            amount = parse_money(row.amount)
        except ValueProblem as problem:
            raise _Wrong(row, "amount", "not_money", told=row.amount) from problem
        line, mark = self._line(row, amount), self._mark(row)
        if line.total != amount:
            raise _Wrong(row, "amount", "amount", sent=line.total, told=amount, name=line.line_code)
        if row.account and _digits(row.account) != _digits(line.account):
            raise _Wrong(row, "account", "account", name=line.line_code)
        if line.id in self._seen:
            raise _Wrong(row, "code", "repeated", name=line.line_code, row=self._seen[line.id])
        self._seen[line.id] = row.number
        return Booking(row.number, line, mark)

    def _line(self, row: Row, amount: int) -> Line:
        named = row.code or next(iter(_CODE.findall(row.content)), "")
        if named:
            line = self._by_code.get(named.replace(" ", "").upper())
            if line is None:
                raise _Wrong(row, "code" if row.code else "content", "unknown_code", told=named)
            return line
        found = self._by_account.get((_digits(row.account), amount), []) if row.account else []
        if len(found) != 1:
            raise _Wrong(row, "account", "ambiguous" if found else "unknown_account", count=len(found))
        return found[0]

    def _mark(self, row: Row) -> dict[str, Any]:
        status = _STATUS.get(fold(row.status)) if row.status else ("rejected" if row.reason or not self._has_status else None)
        if status is None:
            raise _Wrong(row, "status", "status" if row.status else "no_status", told=row.status)
        if status == "paid":
            if row.reason:
                raise _Wrong(row, "reason", "paid_with_reason", told=row.reason)
            return dict(_SAID_BY_BANK)
        if row.reason.upper() not in self._reasons:
            raise _Wrong(row, "reason", "reason", told=row.reason)
        return {"state": "rejected", "how": "bank", "reason": row.reason.upper()}


def _total(table: Table) -> list[Problem]:
    if not table.total:
        return []
    try:
        told = parse_money(table.total)
        amount = sum(parse_money(row.amount) for row in table.rows)
    except ValueProblem:
        return [Problem(table.total_place, "not_money", {"told": table.total})]
    return [] if told == amount else [Problem(table.total_place, "total", {"told": told, "sum": amount})]


def _left_out(lines: list[Line], bookings: list[Booking]) -> list[Problem]:
    """Lines of the banks in the file that nobody has answered for, although the file reports others of them as paid."""
    banks = {each.line.bank for each in bookings if each.mark["state"] == "paid"}
    answered = {each.line.id for each in bookings}
    missing = [line for line in lines if line.bank in banks and line.id not in answered and line.state == "planned" and line.total]
    counted = Counter(line.bank for line in missing)
    examples = {bank: ", ".join(line.line_code for line in missing if line.bank == bank)[:200] for bank in counted}
    return [Problem("", "left_out", {"bank": bank, "count": counted[bank], "codes": examples[bank]}) for bank in sorted(counted)]


def _says_the_same(current: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> bool:
    return current is not None and all(current.get(name) == wanted.get(name) for name in ("state", "how", "reason"))


def _digits(account: str) -> str:
    """An account to compare by: without spaces, and without the zeros a spreadsheet loses."""
    return account.replace(" ", "").replace(".", "").lstrip("0").upper()
