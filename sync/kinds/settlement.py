"""The month's final account: signed by the post office, closed by the district, only when it balances (Decree 20/2021,
article 34.5; domain.md 2.4).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import shapes
from sync import values
from sync.desk import Desk
from sync.edit import Outcome
from sync.edit import Record
from sync.edit import Refused
from sync.fields import APPROVER
from sync.fields import DISTRICT
from sync.fields import SUPERVISOR
from sync.fields import Choice
from sync.fields import Field
from sync.fields import Kind
from sync.fields import fields
from sync.fields import one_of
from sync.fieldwise import Fieldwise
from sync.fieldwise import Pairs

STATES = (
    Choice("signed", "Bưu điện đã ký", "Signed by the post office"),
    Choice("closed", "Đã quyết toán", "Closed"),
    Choice("open", "Mở lại", "Opened again"),
)
_code = partial(values.parse_text, max_length=80)


def _made(name: str, label: str, label_en: str, type_: str, parse: Any, **more: Any) -> Field:
    return Field(name, label, label_en, type_, parse, merge="fixed", **more)


KIND = Kind(
    "settlement",
    "Quyết toán",
    "Settlement",
    fields(
        _made("month", "Tháng", "Month", "month", values.parse_month, required=True),
        _made("list", "Danh sách", "List", "uuid", values.parse_uuid, required=True),
        Field(
            "state", "Trạng thái", "State", "choice", one_of(STATES), choices=STATES,
            direct=frozenset({SUPERVISOR, DISTRICT, APPROVER}),
        ),
        _made("figures", "Số liệu", "Figures", "json", shapes.parse_object),
        _made("digest", "Mã nội dung", "Content digest", "text", _code),
        _made("signed_by", "Bưu điện ký", "Signed by", "text", _code),
        _made("signed_at", "Ký lúc", "Signed at", "text", _code),
        _made("closed_by", "Người quyết toán", "Closed by", "text", _code),
        _made("closed_at", "Quyết toán lúc", "Closed at", "text", _code),
        _made("reopened_why", "Lý do mở lại", "Opened again because", "text", partial(values.parse_text, max_length=500)),
    ),
    scope=None,
    unique=(("month",),),
    create=frozenset({SUPERVISOR}),
)


class SettlementRules(Fieldwise):
    """Signing and closing both count the money again: the store's step `balance` refuses what does not balance."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """The supervisor signs the month's result."""
        if set(values_) != {"month", "list"} or desk.get("payment_list", values_["list"]) is None:
            raise Refused("invalid_value", field="list", detail="missing")
        signed = self._signed(desk, values_["list"])
        desk.create("settlement", desk.edit.record, {**values_, **signed})
        return dict.fromkeys(values_, "applied")

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Signed again, closed, or opened again with a reason."""
        if set(pairs) != {"state"}:
            raise Refused("forbidden", field=min(pairs))
        seen, wanted = pairs["state"]
        if record["state"] == wanted:
            return {"state": "unchanged"}
        if record["state"] != seen:
            return {"state": "conflict"}
        step = (seen, wanted, desk.actor.role)
        if step == ("open", "signed", SUPERVISOR):
            desk.write(record, **self._signed(desk, record["list"]))
        elif step == ("signed", "closed", DISTRICT):
            self._close(desk, record)
        elif step in (("closed", "open", APPROVER), ("signed", "open", DISTRICT)):
            self._open(desk, record)
        else:
            raise Refused("forbidden", field="state")
        return {"state": "applied"}

    def _signed(self, desk: Desk, payment_list: str) -> dict[str, Any]:
        owner = desk.get("payment_list", payment_list)
        if owner is None or owner["state"] != "posted":
            raise Refused("forbidden", field="list", detail="not_posted")
        figures = desk.bulk("balance", list=payment_list)
        return {
            "state": "signed",
            "figures": figures["figures"],
            "digest": figures["digest"],
            "signed_by": desk.actor.account,
            "signed_at": desk.now,
        }

    def _close(self, desk: Desk, record: Record) -> None:
        figures = desk.bulk("balance", list=record["list"])
        if figures["digest"] != record["digest"]:
            raise Refused("forbidden", field="state", detail="changed_since_signed")
        owner = desk.get("payment_list", record["list"])
        assert owner is not None
        desk.write(owner, state="settled")
        desk.write(record, state="closed", closed_by=desk.actor.account, closed_at=desk.now)

    def _open(self, desk: Desk, record: Record) -> None:
        if not desk.edit.why:
            raise Refused("invalid_value", field="state", detail="reason_missing")
        owner = desk.get("payment_list", record["list"])
        assert owner is not None
        desk.write(owner, state="posted")
        desk.write(record, state="open", reopened_why=desk.edit.why, closed_by=None, closed_at=None)


RULES = SettlementRules(KIND)
