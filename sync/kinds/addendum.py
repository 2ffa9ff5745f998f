"""A numbered addendum to a frozen list: withhold, release, correct or add. Made by the door, never edited.

Holds make their own (`sync.holds`); the district adds whom the list left out, or draws a line up again, as the register has it now.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import shapes, values
from sync.desk import Desk
from sync.edit import Outcome, Refused
from sync.fields import DISTRICT, Choice, Kind, fields, fixed, one_of
from sync.fieldwise import Fieldwise
from sync.holds import state_of

TYPES = (
    Choice("withhold", "Giữ lại", "Withhold"),
    Choice("release", "Cho chi lại", "Release"),
    Choice("correct", "Đính chính", "Correct"),
    Choice("add", "Bổ sung", "Add"),
)
AMENDABLE = ("frozen", "approved", "posted")
"""States of a list to which something may be added: no draft (it is built again), none that is settled."""
_code = partial(values.parse_text, max_length=80)


KIND = Kind(
    "addendum",
    "Phụ lục danh sách",
    "Addendum",
    fields(
        fixed("list", "Danh sách", "List", "uuid", values.parse_uuid),
        fixed("month", "Tháng", "Month", "month", values.parse_month),
        fixed("number", "Số", "Number", "int", shapes.parse_int),
        fixed("type", "Loại", "Type", "choice", one_of(TYPES), choices=TYPES),
        fixed("payment", "Dòng chi trả", "Payment", "uuid", values.parse_uuid),
        fixed("person", "Người hưởng", "Person", "uuid", values.parse_uuid),
        fixed("commune", "Xã, thị trấn", "Commune", "text", _code),
        fixed("reason", "Lý do", "Reason", "text", partial(values.parse_text, max_length=500)),
        fixed("change", "Biến động", "Change", "uuid", values.parse_uuid),
        fixed("amount", "Số tiền", "Amount", "money", values.parse_money),
        fixed("by", "Người lập", "By", "text", _code),
        fixed("at", "Lúc", "At", "text", _code),
    ),
    unique=(("list", "number"),),
    create=frozenset({DISTRICT}),
)


class AddendumRules(Fieldwise):
    """Lines added to a frozen list, by the store's step `amend`; the list itself stays as it was."""

    def create(self, desk: Desk, values: dict[str, Any]) -> dict[str, Outcome]:
        """`add` with a `person`, or `correct` with a `payment`; needs a reason. Raises `Refused`."""
        if set(values) not in ({"list", "type", "person"}, {"list", "type", "payment"}):
            raise Refused("forbidden", field=min(values, default=""))
        if not desk.edit.why:
            raise Refused("invalid_value", field="reason", detail="reason_missing")
        owner = desk.get("payment_list", values["list"])
        if owner is None or owner["state"] not in AMENDABLE:
            raise Refused("forbidden", field="list", detail="not_amendable")
        old = desk.get("payment", values.get("payment"))
        if values["type"] != ("correct" if "payment" in values else "add") or ("payment" in values) != (old is not None):
            raise Refused("invalid_value", field="type")
        if old is not None and (old["list"] != owner.id or state_of(old["mark"], old["hold"]) == "paid"):
            raise Refused("forbidden", field="payment", detail="paid")
        person = old["person"] if old is not None else values["person"]
        number = 1 + max((a["number"] for a in desk.where("addendum", list=owner.id)), default=0)
        figures = desk.bulk(
            "amend",
            list=owner.id,
            month=owner["month"],
            person=person,
            number=number,
            published=owner["state"] == "posted",
            line_code=old["line_code"] if old is not None else None,
            at=desk.now,
        )
        new = [p for p in desk.where("payment", person=person, list=owner.id) if p["addendum"] == number]
        replaced = desk.get("payment", old.id) if old is not None else None
        if replaced is not None:
            desk.write(replaced, hold={"reason": desk.edit.why, "change": None, "due": False})
        desk.create(
            "addendum",
            desk.edit.record,
            {
                "list": owner.id,
                "month": owner["month"],
                "number": number,
                "type": values["type"],
                "payment": replaced.id if replaced is not None else new[0].id,
                "person": person,
                "commune": new[0]["commune"],
                "reason": desk.edit.why,
                "amount": figures["total"],
                "by": desk.actor.account,
                "at": desk.now,
            },
        )
        return dict.fromkeys(values, "applied")


RULES = AddendumRules(KIND)
