"""How somebody was paid, from which month on: a line for each change, made by the door when the change is approved.

One more kind of line is people's own: a sum the bank sent back is paid in cash with the next list, once. The account stays as it is.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import values
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import OFFICE, SUPERVISOR, Field, Kind, fields, fixed
from sync.fieldwise import Fieldwise, Pairs
from sync.holds import state_of
from sync.methods import CLOSED, open_month

_choosers = OFFICE | {SUPERVISOR}
_code = partial(values.parse_text, max_length=80)


KIND = Kind(
    "payment_method",
    "Hình thức chi trả theo tháng",
    "Way of payment by month",
    fields(
        fixed("person", "Người hưởng", "Person", "uuid", values.parse_uuid),
        fixed("entitlement", "Chế độ", "Entitlement", "uuid", values.parse_uuid),
        fixed("commune", "Xã, thị trấn", "Commune", "text", _code),
        fixed("from_month", "Từ tháng", "From month", "month", values.parse_month),
        fixed("payment", "Khoản bị trả lại", "Returned payment", "uuid", values.parse_uuid),
        fixed("before", "Trước đó", "Before", "payment_method", values.parse_payment_method),
        fixed("after", "Hình thức chi trả", "Payment method", "payment_method", values.parse_payment_method),
        fixed("reason", "Lý do", "Reason", "code", _code),
        fixed("change", "Biến động", "Change", "uuid", values.parse_uuid),
        fixed("by", "Người đề nghị", "Proposed by", "text", _code),
        fixed("approved_by", "Người duyệt", "Approved by", "text", _code),
        fixed("at", "Lúc", "At", "text", _code),
        fixed("why", "Ghi chú", "Note", "text", partial(values.parse_text, max_length=500)),
        Field("withdrawn", "Đã bỏ", "Withdrawn", "bool", values.parse_bool, direct=_choosers, decide=_choosers, input="checkbox"),
    ),
    create=_choosers,
)


class PaymentMethodRules(Fieldwise):
    """Only the one-off is somebody's to make: cash once, for a transfer that came back."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Has a returned `payment` paid in cash with the list that carries it on. Raises `Refused`."""
        payment = desk.get("payment", values_.get("payment"))
        if set(values_) != {"payment"} or payment is None or not desk.actor.reaches(payment["commune"]):
            raise Refused("unknown_record", field="payment")
        if state_of(payment["mark"], payment["hold"]) != "rejected":
            raise Refused("forbidden", field="payment", detail="not_returned")
        self._not_carried(desk, payment)
        if any(each["payment"] == payment.id and not each["withdrawn"] for each in desk.where("payment_method", person=payment["person"])):
            return {"payment": "unchanged"}
        desk.create(
            "payment_method",
            desk.edit.record,
            {
                "person": payment["person"],
                "entitlement": payment["entitlement"],
                "commune": payment["commune"],
                "from_month": open_month(desk),
                "payment": payment.id,
                "before": {name: payment[name] for name in ("method", "bank", "account", "holder")},
                "after": {"method": "cash"},
                "reason": payment["mark"]["reason"],
                "by": desk.actor.account,
                "at": desk.now,
                "why": desk.edit.why,
            },
        )
        return {"payment": "applied"}

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Takes the choice back, while no list has carried the sum on."""
        wanted = pairs.get("withdrawn", (None, None))[1]
        payment = desk.get("payment", record["payment"])
        if not desk.actor.reaches(record["commune"]) or payment is None:
            raise Refused("unknown_record")
        if set(pairs) != {"withdrawn"} or not wanted:
            raise Refused("forbidden", field=min(pairs))
        self._not_carried(desk, payment)
        if record["withdrawn"]:
            return {"withdrawn": "unchanged"}
        desk.write(record, withdrawn=True)
        return {"withdrawn": "applied"}

    def _not_carried(self, desk: Desk, payment: Record) -> None:
        """Refuses where a later list that is frozen, or further, has the sum on it already."""
        for later in desk.where("payment", person=payment["person"]):
            if payment["month"] in (later["carried_from"] or ()) and later["line_code"] == payment["line_code"]:
                owner = desk.get("payment_list", later["list"])
                if owner is not None and owner["state"] in CLOSED:
                    raise Refused("forbidden", field="payment", detail="carried_on")


RULES = PaymentMethodRules(KIND)
