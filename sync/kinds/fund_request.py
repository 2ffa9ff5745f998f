"""The request for a month's money: the list, less what the provider still holds for it (Decree 20/2021, article 34.4).

Made by the district on a list that is closed, approved by the approver on the figures they were shown.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import shapes, values
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import APPROVER, DISTRICT, Choice, Field, Kind, fields, fixed, one_of
from sync.fieldwise import Fieldwise, Pairs
from sync.kinds.unit import serves_all

STATES = (
    Choice("requested", "Chờ duyệt", "Waits for approval"),
    Choice("approved", "Đã duyệt", "Approved"),
    Choice("returned", "Trả lại để lập lại", "Sent back"),
)
ITEMS = ("allowance", "arrears", "carried_over", "funeral")
"""What the list is made of."""
SUMS = (*ITEMS, "listed", "netted", "earlier", "amount")
_code = partial(values.parse_text, max_length=80)


def _money(name: str, label: str, label_en: str) -> Field:
    return fixed(name, label, label_en, "money", values.parse_money)


KIND = Kind(
    "fund_request",
    "Đề nghị cấp kinh phí",
    "Funding request",
    fields(
        fixed("month", "Tháng", "Month", "month", values.parse_month, required=True),
        fixed("list", "Danh sách", "List", "uuid", values.parse_uuid, required=True),
        fixed("provider", "Đơn vị chi trả", "Provider", "text", _code, required=True),
        fixed("number", "Lần", "Number", "int", shapes.parse_int, required=True),
        Field(
            "state",
            "Trạng thái",
            "State",
            "choice",
            one_of(STATES),
            choices=STATES,
            direct=frozenset({APPROVER}),
        ),
        Field("build", "Lần lập", "Build", "int", shapes.parse_int, direct=frozenset({DISTRICT})),
        fixed("unpaid_balance", "Tiền chưa chi được", "Money not paid", "text", _code),
        _money("allowance", "Trợ cấp", "Allowances"),
        _money("arrears", "Truy lĩnh", "Arrears"),
        _money("carried_over", "Chưa nhận kỳ trước", "Carried over"),
        _money("funeral", "Mai táng phí", "Funeral grants"),
        _money("listed", "Cộng danh sách", "List"),
        _money("netted", "Trừ tiền còn ở đơn vị chi trả", "Less what the provider holds"),
        _money("earlier", "Trừ các lần đề nghị trước", "Less earlier requests"),
        _money("amount", "Đề nghị cấp", "Requested"),
        fixed("communes", "Theo xã", "By commune", "json", shapes.parse_object),
        fixed("digest", "Mã nội dung", "Content digest", "text", _code),
        fixed("made_by", "Người lập", "Made by", "text", _code),
        fixed("made_at", "Lập lúc", "Made at", "text", _code),
        fixed("approved_by", "Người duyệt", "Approved by", "text", _code),
        fixed("approved_at", "Duyệt lúc", "Approved at", "text", _code),
        fixed("returned_why", "Lý do trả lại", "Sent back because", "text", partial(values.parse_text, max_length=500)),
    ),
    scope=None,
    unique=(("month", "provider", "number"),),
    create=frozenset({DISTRICT}),
)


class FundRequestRules(Fieldwise):
    """The sums are made by the store's step `fund_request`; only what was shown (`digest`) is approved."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Asks for what the month's list needs, or, later, for what was added to it since."""
        if set(values_) != {"month", "list", "provider", "number"}:
            raise Refused("invalid_value", field="list", detail="missing")
        owner = desk.get("payment_list", values_["list"])
        if owner is None or owner["month"] != values_["month"] or owner["state"] in ("draft", "settled"):
            raise Refused("forbidden", field="list", detail="not_frozen")
        if not any(unit["kind"] == "post_office" for unit in desk.where("unit", code=values_["provider"])):
            raise Refused("invalid_value", field="provider", detail="missing")
        others = [each for each in desk.where("fund_request", month=values_["month"]) if each["provider"] == values_["provider"]]
        if values_["number"] != 1 + len(others) or any(each["state"] != "approved" for each in others):
            raise Refused("forbidden", field="number", detail="open_request")
        figures = desk.bulk("fund_request", **values_)
        stamp = {"state": "requested", "build": 1, "made_by": desk.actor.account, "made_at": desk.now}
        desk.create("fund_request", desk.edit.record, {**values_, **figures, **stamp})
        return dict.fromkeys(values_, "applied")

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Counts it again, approves it, sends it back."""
        if set(pairs) == {"build"}:
            return self._build(desk, record, *pairs["build"])
        if not {"state"} <= set(pairs) <= {"state", "digest"} or desk.actor.role != APPROVER:
            raise Refused("forbidden", field=min(pairs))
        if not serves_all(desk):
            raise Refused("forbidden", field="state", detail="other_area")
        seen, wanted = pairs["state"]
        if record["state"] == wanted:
            return dict.fromkeys(pairs, "unchanged")
        if record["state"] != seen:
            return dict.fromkeys(pairs, "conflict")
        if (seen, wanted) == ("requested", "approved"):
            self._approve(desk, record, pairs.get("digest", (None, None))[1])
        elif wanted == "returned":
            self._return(desk, record)
        else:
            raise Refused("forbidden", field="state")
        return dict.fromkeys(pairs, "applied")

    def _build(self, desk: Desk, record: Record, seen: Any, wanted: Any) -> dict[str, Outcome]:
        if desk.actor.role != DISTRICT or record["state"] == "approved":
            raise Refused("forbidden", field="build")
        if seen != record["build"] or wanted != seen + 1:
            return {"build": "conflict"}
        figures = desk.bulk("fund_request", **_asked(record))
        stamp = {"state": "requested", "build": wanted, "made_by": desk.actor.account, "made_at": desk.now, "returned_why": None}
        desk.write(_again(desk, record), **figures, **stamp)
        return {"build": "applied"}

    def _approve(self, desk: Desk, record: Record, shown: str | None) -> None:
        if record["digest"] != shown:
            raise Refused("forbidden", field="digest", detail="digest")
        if desk.bulk("fund_request", **_asked(record))["digest"] != shown:
            raise Refused("forbidden", field="state", detail="figures_moved")
        desk.write(_again(desk, record), state="approved", approved_by=desk.actor.account, approved_at=desk.now)

    def _return(self, desk: Desk, record: Record) -> None:
        if not desk.edit.why:
            raise Refused("invalid_value", field="state", detail="reason_missing")
        if any(not each["void"] for each in desk.where("fund_movement", request=record.id)):
            raise Refused("forbidden", field="state", detail="transferred")
        if any(each["number"] > record["number"] and each["provider"] == record["provider"] for each in _of_month(desk, record)):
            raise Refused("forbidden", field="state", detail="open_request")
        desk.write(record, state="returned", returned_why=desk.edit.why, approved_by=None, approved_at=None)


def _asked(record: Record) -> dict[str, Any]:
    return {name: record[name] for name in ("month", "list", "provider", "number")}


def _again(desk: Desk, record: Record) -> Record:
    """The record after a set-based step: the shelf was emptied by it."""
    return desk.get("fund_request", record.id) or record


def _of_month(desk: Desk, record: Record) -> list[Record]:
    return desk.where("fund_request", month=record["month"])


RULES = FundRequestRules(KIND)
