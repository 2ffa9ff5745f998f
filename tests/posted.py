"""The small district with a month's list posted: what tests of marks, settlement and report start from."""

from __future__ import annotations

from typing import Any

from portal import payment_list
from sync.edit import Result
from sync.ids import named
from tests.district import MONTH, District

AGENTS = {"18568": "chitra", "18580": "chitra2"}


def post_list(district: District, month: str = MONTH) -> str:
    """Arranges a session for each commune and takes the month's list through its steps; its id."""
    record = named("list", month)
    for commune, agent in AGENTS.items():
        session = {"month": month, "commune": commune, "pay_point": f"DC-{commune}", "day": f"{month}-12", "starts": "07:30"}
        accept(
            district, "kiemsoat", "pay_session", named("session", month, commune), {**session, "ends": "11:00", "agent": agent}, create=True
        )
    accept(district, "huyen", "payment_list", record, {"month": month}, create=True)
    step(district, record, "huyen", "draft", "frozen")
    digest = district.value("payment_list", record, "digest")
    step(district, record, "lanhdao", "frozen", "approved", approval={"digest": digest})
    step(district, record, "huyen", "approved", "posted")
    return record


def step(district: District, record: str, who: str, seen: str, wanted: str, **more: Any) -> None:
    """Takes a list from one state to the next."""
    pairs = {"state": (seen, wanted), **{name: (None, value) for name, value in more.items()}}
    result = district.submit(who, "payment_list", record, pairs)
    assert (result.status, result.reason) == ("accepted", None), result


def lines(district: District, month: str = MONTH) -> dict[str, str]:
    """Line code → id of the payments of a month."""
    with district.open():
        found = payment_list.find(month)
        assert found is not None
        return {line.line_code: line.id for line in payment_list.lines(found.id, limit=1000).rows}


def mark(district: District, payment: str, state: str, who: str = "kiemsoat", seen: Any = None) -> Result:
    """Says what became of a payment: "counter", "home" or "bank" (paid), "uncollected" or "rejected"."""
    wanted = {"uncollected": {"state": "uncollected", "reason": "VANG_MAT"}, "rejected": {"state": "rejected", "reason": "SAI_TK"}}
    paid = {"state": "paid", "how": state, "to": "self", "at": f"{MONTH}-12T02:00:00Z"}
    return district.submit(who, "payment", payment, {"mark": (seen, wanted.get(state, paid))})


def mark_all(district: District, month: str = MONTH, **exceptions: str) -> None:
    """Pays every line without a mark the way it is listed; `exceptions` maps a line's key (code with "/" and "-" as "_") to a state."""
    with district.open():
        found = payment_list.find(month)
        assert found is not None
        rows = payment_list.lines(found.id, state="planned", limit=1000).rows
    for row in rows:
        key = row.line_code.replace("/", "_").replace("-", "_")
        result = mark(district, row.id, exceptions.get(key, "bank" if row.method == "bank" else "counter"))
        assert result.status == "accepted", result


def accept(district: District, who: str, kind: str, record: str, values: dict[str, Any], *, create: bool = False) -> None:
    """Hands an edit in that has to be accepted."""
    result = district.submit(who, kind, record, {name: (None, value) for name, value in values.items()}, create=create)
    assert (result.status, result.reason) == ("accepted", None), result
