"""Lists taken from step to step in a test's district, and a look at the tables behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal import db, door, payment_list
from portal.payment_list import MonthList
from sync.edit import Result
from sync.ids import named
from tests.district import MONTH, NOW, District, line_code, right_id


def opened(here: District, month: str = MONTH, who: str = "huyen", now: datetime = NOW) -> MonthList:
    """A draft of the month, drawn up at that moment."""
    result = here.submit(who, "payment_list", named("list", month), {"month": (None, month)}, create=True, now=now)
    assert result.status == "accepted", result
    return found(here, month)


def found(here: District, month: str = MONTH) -> MonthList:
    """The list of the month as it stands."""
    with here.open():
        there = payment_list.find(month)
        assert there is not None
        return there


def to(here: District, state: str, month: str = MONTH) -> MonthList:
    """The list of the month, drawn up and taken as far as `state`."""
    now = opened(here, month)
    if state != "draft":
        assert step(here, "draft", "frozen", month).fields == {"state": "applied"}
    if state in ("approved", "posted", "settled"):
        pairs = {"state": ("frozen", "approved"), "approval": (None, {"digest": now.digest})}
        assert here.submit("lanhdao", "payment_list", now.id, pairs).status == "accepted"
    if state in ("posted", "settled"):
        sessions(here, month)
        assert step(here, "approved", "posted", month).fields == {"state": "applied"}
    return found(here, month)


def agree(here: District, month: str = MONTH, now: datetime = NOW) -> None:
    """Freezes the month's draft at that moment and has it approved."""
    there = found(here, month)
    shown = {"approval": (None, {"digest": there.digest})}
    for who, pairs in (("huyen", {"state": ("draft", "frozen")}), ("lanhdao", {"state": ("frozen", "approved"), **shown})):
        result = here.submit(who, "payment_list", there.id, pairs, now=now)
        assert result.fields.get("state") == "applied", result


def step(here: District, seen: str, wanted: str, month: str = MONTH, who: str = "huyen", why: str | None = None) -> Result:
    return here.submit(who, "payment_list", named("list", month), {"state": (seen, wanted)}, why=why)


def sessions(here: District, month: str, communes: tuple[str, ...] = ("18568", "18580")) -> None:
    for commune in communes:
        values = {
            "month": month,
            "commune": commune,
            "pay_point": f"DC-{commune}",
            "day": f"{month}-11",
            "starts": "07:30",
            "ends": "11:00",
            "agent": "chitra" if commune == "18568" else "chitra2",
        }
        result = here.submit("kiemsoat", "pay_session", named("s", month, commune), {k: (None, v) for k, v in values.items()}, create=True)
        assert result.status == "accepted", result


def change_right(here: District, key: str, **values: Any) -> None:
    """Writes a right as an approved change would, without its way through the queue."""
    with here.open(), db.write_transaction():
        assignments = ", ".join(f"{name} = ?" for name in (*values, "version"))
        values["version"] = door.store().head()[0] + 1
        door.store().run(f"UPDATE entitlement SET {assignments} WHERE id = ?", (*values.values(), right_id(key)))


def run(here: District, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with here.open():
        return list(door.store().run(sql, params).fetchall())


def settle(here: District, month: str) -> None:
    """Ends a month without the post office's part of it."""
    with here.open(), db.write_transaction():
        door.store().run("UPDATE payment_list SET state = 'settled' WHERE month = ?", (month,))


def mark(here: District, key: str, state: str, month: str = MONTH, number: int = 1) -> None:
    line = run(here, "SELECT id FROM payment WHERE month = ? AND line_code = ?", month, line_code(key, number))[0][0]
    value = {"state": state, "at": "2024-10-12T02:00:00Z"} | (
        {"how": "counter", "to": "self"} if state == "paid" else {"reason": "đi vắng"}
    )
    result = here.submit("kiemsoat", "payment", line, {"mark": (None, value)})
    assert result.fields == {"mark": "applied"}, result


def codes(here: District, there: MonthList) -> set[str]:
    with here.open():
        return {finding.code for finding in payment_list.findings(there)}
