"""Conflicts of every type in the small district, each made as it comes about in life."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal import door
from portal.models.conflict import Conflict
from portal.models.payment import Payment
from sync.edit import Result
from sync.ids import named, uuid7
from sync.kinds.change import shown_digest
from tests.district import CASH, MONTH, District, line_code, person_id

PAID = {"state": "paid", "how": "counter", "to": "self", "at": "2024-10-12T01:31:05Z"}
AGAIN = {"state": "paid", "how": "home", "to": "alternate", "at": "2024-10-13T03:00:00Z"}
PHONE = "0510000001"


def newest(district: District) -> str:
    """The id of the conflict opened last."""
    with district.open():
        return str(Conflict.select().order_by(Conflict.entry.desc()).get().id)


def payment(district: District, key: str = "dao") -> str:
    """The id of a person's payment in October."""
    with district.open():
        return str(Payment.get(Payment.line_code == line_code(key)).id)


def mark(district: District, who: str, wanted: dict[str, Any], seen: dict[str, Any] | None = None, key: str = "dao") -> None:
    result = district.submit(who, "payment", payment(district, key), {"mark": (seen, wanted)})
    assert result.status == "accepted", result


def posted(district: District) -> None:
    """October's list, from the sessions to posting, by the offices' own accounts."""
    for commune, agent in (("18568", "chitra"), ("18580", "chitra2")):
        session = {
            "month": MONTH,
            "commune": commune,
            "pay_point": f"DC-{commune}",
            "day": f"{MONTH}-12",
            "starts": "07:30",
            "ends": "11:00",
            "agent": agent,
        }
        _taken(district.submit("kiemsoat", "pay_session", uuid7(), {name: (None, value) for name, value in session.items()}, create=True))
    record = named("list", MONTH)
    _taken(district.submit("huyen", "payment_list", record, {"month": (None, MONTH)}, create=True))
    _taken(district.submit("huyen", "payment_list", record, {"state": ("draft", "frozen")}))
    shown = {"digest": district.value("payment_list", record, "digest")}
    _taken(district.submit("lanhdao", "payment_list", record, {"state": ("frozen", "approved"), "approval": (None, shown)}))
    _taken(district.submit("huyen", "payment_list", record, {"state": ("approved", "posted")}))


def _taken(result: Result) -> None:
    assert result.status == "accepted", result


def two_phones(district: District) -> str:
    """The commune and the district each found another number."""
    assert district.submit("xa", "person", person_id("dao"), {"phone": (PHONE, "0912345678")}, why="Gọi kiểm tra").status == "accepted"
    result = district.submit("huyen", "person", person_id("dao"), {"phone": (PHONE, "0388888888")}, why="Con gái báo")
    assert result.fields == {"phone": "conflict"}
    return newest(district)


def same_person(district: District) -> str:
    """A person proposed under the number of one on the list."""
    new = {
        "id": uuid7(), "full_name": "Nguyễn Thị Dào", "birth": "1938", "sex": "F", "national_id": "099138000001", "commune": "18580",
        "hamlet": "Thôn 1", "payment_method": CASH,
    }  # fmt: skip
    pairs = {"reason": (None, "MOI"), "category": (None, "5.5c"), "new_person": (None, new)}
    result = district.submit("xa2", "change", uuid7(), pairs, create=True)
    assert result.status == "accepted", result
    return newest(district)


def double_payment(district: District) -> str:
    """Two members of staff each say they handed it over."""
    posted(district)
    mark(district, "kiemsoat", PAID)
    mark(district, "kiemsoat", AGAIN)
    return newest(district)


def paid_on_hold(district: District) -> str:
    """Handed over after the commune had reported a death."""
    posted(district)
    district.report_death("dao", "2024-09-03")
    mark(district, "kiemsoat", PAID)
    return newest(district)


def paid_after_stop(district: District) -> str:
    """Handed over before the death was known."""
    posted(district)
    mark(district, "kiemsoat", PAID)
    change = district.report_death("dao", "2024-09-03")
    with district.open():
        shelf = door.shelf()
        record = shelf.get("change", change)
        assert record is not None
        digest = shown_digest(shelf, record)
    decided = district.submit("huyen", "change", change, {"decision": (None, {"verdict": "approve", "digest": digest})})
    assert decided.fields == {"decision": "applied"}, decided
    return newest(district)


def not_assigned(district: District) -> str:
    """Handed over by staff of another session."""
    posted(district)
    mark(district, "chitra", PAID)
    return newest(district)


MADE: dict[str, Callable[[District], str]] = {
    "field": two_phones,
    "same_person": same_person,
    "double_payment": double_payment,
    "paid_on_hold": paid_on_hold,
    "paid_after_stop": paid_after_stop,
    "not_assigned": not_assigned,
}
