"""A month whose sessions a test arranges itself before its list is posted; `tests.posted` is the short way to a posted one."""

from __future__ import annotations

from datetime import datetime

from sync.ids import named, uuid7
from tests.district import MONTH, NOW, District

LIST = named("test-list", MONTH)


def add_session(district: District, day: str = f"{MONTH}-10", commune: str = "18568", **more: object) -> str:
    record = uuid7()
    values = {
        "month": MONTH, "commune": commune, "pay_point": f"DC-{commune}", "day": day, "starts": "07:30", "ends": "11:00",
        "agent": "chitra", **more,
    }  # fmt: skip
    result = district.submit("kiemsoat", "pay_session", record, {name: (None, value) for name, value in values.items()}, create=True)
    assert result.status == "accepted", result
    return record


def post_list(district: District, now: datetime = NOW) -> None:
    """October's list from building to posting, by the offices' own accounts."""
    assert district.submit("huyen", "payment_list", LIST, {"month": (None, MONTH)}, create=True).status == "accepted"
    assert district.submit("huyen", "payment_list", LIST, {"state": ("draft", "frozen")}).status == "accepted"
    shown = {"digest": district.value("payment_list", LIST, "digest")}
    approved = district.submit("lanhdao", "payment_list", LIST, {"state": ("frozen", "approved"), "approval": (None, shown)})
    assert approved.status == "accepted", approved
    posted = district.submit("huyen", "payment_list", LIST, {"state": ("approved", "posted")}, now=now)
    assert posted.status == "accepted", posted
