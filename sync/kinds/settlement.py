"""The month's final account: signed by the post office, closed by the district, only when it balances.

Decree 20/2021, article 34.5; domain.md 2.4.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import shapes, values
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import APPROVER, DISTRICT, SUPERVISOR, Choice, Field, Kind, fields, fixed, one_of
from sync.fieldwise import Fieldwise, Pairs
from sync.kinds.unit import serves_all

STATES = (
    Choice("signed", "Bưu điện đã ký", "Signed by the post office"),
    Choice("closed", "Đã quyết toán", "Settled"),
    Choice("open", "Mở lại", "Opened again"),
)
_code = partial(values.parse_text, max_length=80)


KIND = Kind(
    "settlement",
    "Quyết toán",
    "Settlement",
    fields(
        fixed("month", "Tháng", "Month", "month", values.parse_month, required=True),
        fixed("list", "Danh sách", "List", "uuid", values.parse_uuid, required=True),
        Field(
            "state",
            "Trạng thái",
            "State",
            "choice",
            one_of(STATES),
            choices=STATES,
            direct=frozenset({SUPERVISOR, DISTRICT, APPROVER}),
        ),
        fixed("figures", "Số liệu", "Figures", "json", shapes.parse_object),
        fixed("digest", "Mã nội dung", "Content digest", "text", _code),
        fixed("signed_by", "Bưu điện ký", "Signed by", "text", _code),
        fixed("signed_at", "Ký lúc", "Signed at", "text", _code),
        fixed("closed_by", "Người quyết toán", "Settled by", "text", _code),
        fixed("closed_at", "Quyết toán lúc", "Settled at", "text", _code),
        fixed("reopened_why", "Lý do mở lại", "Opened again because", "text", partial(values.parse_text, max_length=500)),
        fixed("funds", "Tiền ở đơn vị chi trả", "Money with the providers", "json", shapes.parse_object),
    ),
    scope=None,
    unique=(("month",),),
    create=frozenset({SUPERVISOR}),
)


class SettlementRules(Fieldwise):
    """Signing and closing both count the money again, and only what was shown (`digest`) is signed or closed.

    The store's steps `balance` (the lines) and `funds` (the vouchers, where the office keeps them) refuse what does not balance.
    """

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """The supervisor signs the month's result: its month, its list and the digest of the figures they were shown."""
        if set(values_) != {"month", "list", "digest"}:
            raise Refused("invalid_value", field="list", detail="missing")
        owner = desk.get("payment_list", values_["list"])
        if owner is None or owner["month"] != values_["month"]:
            raise Refused("invalid_value", field="list", detail="missing")
        signed = self._signed(desk, values_["list"], values_["digest"])
        desk.create("settlement", desk.edit.record, {**values_, **signed})
        return dict.fromkeys(values_, "applied")

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Signed again or closed, on the digest that was shown; or opened again with a reason."""
        if not {"state"} <= set(pairs) <= {"state", "digest"}:
            raise Refused("forbidden", field=min(set(pairs) - {"state"}))
        shown = pairs.get("digest", (None, None))[1]
        seen, wanted = pairs["state"]
        if record["state"] == wanted:
            return dict.fromkeys(pairs, "unchanged")
        if record["state"] != seen:
            return dict.fromkeys(pairs, "conflict")
        step = (seen, wanted, desk.actor.role)
        if step == ("open", "signed", SUPERVISOR):
            desk.write(record, **self._signed(desk, record["list"], shown))
        elif step == ("signed", "closed", DISTRICT):
            self._close(desk, record, shown)
        elif step in (("closed", "open", APPROVER), ("signed", "open", DISTRICT)):
            self._open(desk, record)
        else:
            raise Refused("forbidden", field="state")
        return dict.fromkeys(pairs, "applied")

    def _signed(self, desk: Desk, payment_list: str, shown: str | None) -> dict[str, Any]:
        owner = desk.get("payment_list", payment_list)
        if owner is None or owner["state"] != "posted":
            raise Refused("forbidden", field="list", detail="not_posted")
        figures = desk.bulk("balance", list=payment_list)
        if figures["digest"] != shown:
            raise Refused("forbidden", field="digest", detail="digest")
        return {
            "state": "signed",
            "figures": figures["figures"],
            "digest": figures["digest"],
            "signed_by": desk.actor.account,
            "signed_at": desk.now,
        }

    def _close(self, desk: Desk, record: Record, shown: str | None) -> None:
        if record["digest"] != shown:
            raise Refused("forbidden", field="digest", detail="digest")
        figures = desk.bulk("balance", list=record["list"])
        if figures["digest"] != record["digest"]:
            raise Refused("forbidden", field="state", detail="changed_since_signed")
        funds = desk.bulk("funds", month=record["month"])
        desk.write(_list(desk, record), state="settled")
        desk.write(record, state="closed", closed_by=desk.actor.account, closed_at=desk.now, funds=funds)

    def _open(self, desk: Desk, record: Record) -> None:
        if not desk.edit.why:
            raise Refused("invalid_value", field="state", detail="reason_missing")
        if desk.actor.role == APPROVER and not serves_all(desk):
            raise Refused("forbidden", field="state", detail="other_area")
        if record["state"] == "closed":
            desk.bulk("reopen", month=record["month"])
        desk.write(_list(desk, record), state="posted")
        desk.write(record, state="open", reopened_why=desk.edit.why, closed_by=None, closed_at=None, funds=None)


def _list(desk: Desk, record: Record) -> Record:
    owner = desk.get("payment_list", record["list"])
    if owner is None:
        raise Refused("unknown_record", field="list")
    return owner


RULES = SettlementRules(KIND)
