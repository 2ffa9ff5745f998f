"""What becomes of the money of a demo district: who does not come for it and why, which transfers a bank sends back.

Nothing is drawn at random: every outcome follows from the codes of the line and of the month, and from what the movements tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from portal import bank_result, clock, payment
from portal.demo.movement import Movement
from portal.payment import Line
from portal.result_check import Row, Table
from portal.schedule import Session
from sync.edit import Actor

_UNCOLLECTED, _AGAIN, _ALTERNATE, _RETURNED = 76, 2200, 3500, 45
"""Of 10.000: lines not collected, lines not collected again, lines an alternate recipient collects, transfers returned."""
_NOT_COME = ("VANG_MAT", "VANG_MAT", "KHONG_LIEN_LAC", "OM_YEU", "CHUYEN_DI", "THIEU_GIAY_TO", "VANG_MAT")
_NOT_TAKEN = ("SAI_TEN", "TK_KHOA", "SAI_TEN", "SAI_TK", "HET_HAN_GTTT", "TK_DONG")
_BEFORE_SUSPENSION = 4
_ALL = 10_000


class Outcomes:
    """Which lines go unpaid in which month, as the movements demand: before a suspension, before a corrected account."""

    def __init__(self, movements: Iterable[Movement]) -> None:
        self._absent: dict[str, tuple[str, str]] = {}
        self._returned: dict[tuple[str, str], str] = {}
        for each in movements:
            code = each.line.line_code
            if each.reason == "KHONG_NHAN_3T":
                self._absent[code] = (clock.month_after(each.month, -_BEFORE_SUSPENSION), "9999-12")
            elif each.reason == "TIEP_TUC" and code in self._absent:
                self._absent[code] = (self._absent[code][0], each.month)
            elif each.reason == "SUA_TK":
                self._returned[code, clock.month_after(each.month, -1)] = "SAI_TK"
            elif each.reason == "VE_TIEN_MAT":
                self._returned[code, clock.month_after(each.month, -1)] = "TK_DONG"

    def uncollected(self, line: Line) -> str:
        """Why nobody comes for a line paid in cash; "" where somebody does."""
        first, last = self._absent.get(line.line_code, ("9999-12", ""))
        if first <= line.month <= last:
            return "KHONG_LIEN_LAC"
        lot = _lot("cash", line.line_code, line.month)
        return _NOT_COME[lot % len(_NOT_COME)] if lot < (_AGAIN if line.carried_over else _UNCOLLECTED) else ""

    def returned(self, line_code: str, month: str) -> str:
        """Why a transfer comes back; "" where it does not."""
        lot = _lot("bank", line_code, month)
        return self._returned.get((line_code, month), _NOT_TAKEN[lot % len(_NOT_TAKEN)] if lot < _RETURNED else "")


def hand_out(agent: Actor, supervisor: Actor, session: Session, outcomes: Outcomes) -> int:
    """A session is paid: its agent marks whom they met elsewhere than at the counter, or not at all; the rest is the office's file that day.

    Returns:
        How many lines there were.

    Raises:
        ValueError: the file was not booked.
    """
    list_id = bank_result.posted(session.month)
    moment = _moment(session.day, session.starts)
    lines = payment.of_session(session, state="planned", size=_ALL).lines
    said = [(line, payment.wanted_mark(line, *_said(line, outcomes), moment)) for line in lines]
    singly = [(line.id, line.mark, mark) for line, mark in said if not _at_the_counter(mark)]
    payment.mark_lines(agent, moment, singly)
    at_once: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for line, mark in said:
        if _at_the_counter(mark):
            at_once.setdefault(mark["to"], (mark, []))[1].append(line.id)
    evening = _moment(session.day, session.ends) + timedelta(hours=1)
    name = f"ket-qua-{session.commune}-{session.day}.csv"
    if list_id is None or not bank_result.book(supervisor, evening, list_id, "post", at_once.values(), name=name):
        raise ValueError(f"the result of {session.commune} on {session.day} was not booked")
    return len(lines)


def _at_the_counter(mark: dict[str, Any]) -> bool:
    return (mark["state"], mark.get("how"), mark.get("to") == "alternate") == ("paid", "counter", False)


def transfer(actor: Actor, now: datetime, month: str, outcomes: Outcomes) -> int:
    """Hands the banks' answer for a month in, a row for each transfer; returns how many rows there were.

    Raises:
        ValueError: the file would be refused.
    """
    rows = []
    for number, line in enumerate(bank_result.sent(month, None, cash=False), 2):
        if line.total and line.state != "withheld":
            reason = outcomes.returned(line.line_code, month)
            status = "bị trả lại" if reason else "thành công"
            rows.append(Row(number, code=line.line_code, account=line.account, amount=str(line.total), status=status, reason=reason))
    if not rows:
        return 0
    checked = bank_result.check(month, None, Table(tuple(rows), frozenset({"code", "account", "amount", "status", "reason"})))
    if not checked.is_right:
        raise ValueError(f"the banks' answer for {month} is refused: {checked.problems[0]}")
    done = bank_result.apply(actor, now, month, checked, name=f"ket-qua-{month}.csv")
    if done.changed or done.kept:
        raise ValueError(f"the banks' answer for {month} was not booked whole: {done}")
    return len(rows)


def _said(line: Line, outcomes: Outcomes) -> tuple[str, str]:
    reason = outcomes.uncollected(line)
    if reason:
        return "uncollected", reason
    if line.alternate and _lot("alternate", line.line_code, line.month) < _ALTERNATE:
        return "alternate", ""
    return ("home" if line.home_delivery else "counter"), ""


def _lot(salt: str, line_code: str, month: str) -> int:
    """A number below 10.000 that is this line's in this month for ever."""
    return int.from_bytes(hashlib.sha256(f"{salt} {line_code} {month}".encode()).digest()[:4]) % 10_000


def _moment(day: str, time: str) -> datetime:
    hour, _, minute = time.partition(":")
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), clock.LOCAL).replace(hour=int(hour), minute=int(minute))
