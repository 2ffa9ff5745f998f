"""Money between the budget and a provider: a transfer on an approved request, a return with its voucher. Never changed, only made void.

Recorded by the district, confirmed by the post office (Decree 20/2021, article 34.4 and 34.5).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import values
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import DISTRICT, SUPERVISOR, Choice, Field, Kind, fields, fixed, one_of
from sync.fieldwise import Fieldwise, Pairs

TYPES = (
    Choice("transfer", "Cấp cho đơn vị chi trả", "Transferred to the provider"),
    Choice("return", "Nộp trả ngân sách", "Returned to the budget"),
)
CAUSES = (
    Choice("not_due", "Khoản không được hưởng", "Not due"),
    Choice("unpaid", "Khoản chưa chi được", "Not paid"),
    Choice("excess", "Cấp thừa so với danh sách", "More than the list needed"),
)
"""Why money is returned; what is not paid is asked for again with the list that carries it."""
_own = frozenset({DISTRICT})
_code = partial(values.parse_text, max_length=80)


KIND = Kind(
    "fund_movement",
    "Chứng từ cấp, nộp trả",
    "Fund movement",
    fields(
        fixed("provider", "Đơn vị chi trả", "Provider", "text", _code, required=True),
        fixed("month", "Tháng chi trả", "Payment month", "month", values.parse_month, required=True),
        fixed("type", "Loại", "Type", "choice", one_of(TYPES), choices=TYPES, required=True),
        fixed("cause", "Nộp trả vì", "Returned because", "choice", one_of(CAUSES), choices=CAUSES, input="select"),
        fixed("request", "Đề nghị", "Request", "uuid", values.parse_uuid),
        fixed("amount", "Số tiền", "Amount", "money", values.parse_money, required=True, input="money"),
        fixed("number", "Số chứng từ", "Document number", "text", _code, required=True),
        fixed("day", "Ngày chứng từ", "Document date", "day", values.parse_day, required=True, input="day"),
        fixed("note", "Ghi chú", "Note", "text", partial(values.parse_text, max_length=500), input="textarea"),
        Field("confirmed", "Bưu điện xác nhận", "Confirmed", "bool", values.parse_bool, direct=frozenset({SUPERVISOR})),
        Field("void", "Đã hủy", "Void", "bool", values.parse_bool, direct=_own),
        fixed("recorded_by", "Người ghi", "Recorded by", "text", _code),
        fixed("recorded_at", "Ghi lúc", "Recorded at", "text", _code),
        fixed("confirmed_by", "Người xác nhận", "Confirmed by", "text", _code),
        fixed("confirmed_at", "Xác nhận lúc", "Confirmed at", "text", _code),
        fixed("void_why", "Lý do hủy", "Void because", "text", partial(values.parse_text, max_length=500)),
    ),
    scope=None,
    unique=(),
    create=_own,
)
_ASKED = frozenset({"provider", "month", "type", "cause", "request", "amount", "number", "day", "note"})


class FundMovementRules(Fieldwise):
    """A voucher of a month that is closed can neither come nor go: the month is opened again first."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Records a voucher; who and when are the door's to say."""
        given = {name: value for name, value in values_.items() if value is not None}
        if not set(given) <= _ASKED:
            raise Refused("forbidden", field=min(set(given) - _ASKED))
        if given.get("amount") == 0:
            raise Refused("invalid_value", field="amount", detail="out_of_bounds")
        is_transfer = given.get("type") == "transfer"
        if is_transfer != ("request" in given) or is_transfer == ("cause" in given):
            raise Refused("invalid_value", field="request" if is_transfer else "cause", detail="missing")
        _still_open(desk, given.get("month"))
        if _stands_already(desk, given):
            raise Refused("invalid_value", field="number", detail="taken")
        if is_transfer:
            self._on_request(desk, given)
        stamp = {"confirmed": False, "void": False, "recorded_by": desk.actor.account, "recorded_at": desk.now}
        outcomes = super().create(desk, {**given, **stamp})
        return {name: outcomes.get(name, "unchanged") for name in values_}

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """The post office confirms it; the district makes it void, with a reason."""
        if len(pairs) != 1 or not set(pairs) <= {"confirmed", "void"}:
            raise Refused("forbidden", field=min(pairs))
        name, (_, wanted) = next(iter(pairs.items()))
        if not wanted or (name == "confirmed" and (record["void"] or desk.actor.unit != record["provider"])):
            raise Refused("forbidden", field=name)
        if name == "void":
            if not desk.edit.why:
                raise Refused("invalid_value", field="void", detail="reason_missing")
            _still_open(desk, record["month"])
        outcomes = super().alter(desk, record, pairs)
        if outcomes[name] == "applied":
            stamp = {"confirmed_by": desk.actor.account, "confirmed_at": desk.now}
            desk.write(record, **(stamp if name == "confirmed" else {"void_why": desk.edit.why}))
        return outcomes

    def _on_request(self, desk: Desk, given: dict[str, Any]) -> None:
        asked = desk.get("fund_request", given["request"])
        if asked is None or any(asked[name] != given.get(name) for name in ("provider", "month")):
            raise Refused("invalid_value", field="request", detail="missing")
        if asked["state"] != "approved":
            raise Refused("forbidden", field="request", detail="not_approved")


def _stands_already(desk: Desk, given: dict[str, Any]) -> bool:
    """Whether the same paper was recorded before, by somebody else perhaps: same provider, type, number and date."""
    same = [each for each in desk.where("fund_movement", number=given.get("number")) if not each["void"]]
    return any(all(each[name] == given.get(name) for name in ("provider", "type", "day")) for each in same)


def _still_open(desk: Desk, month: str | None) -> None:
    if month and any(each["state"] == "closed" for each in desk.where("settlement", month=month)):
        raise Refused("forbidden", field="month", detail="settled")


RULES = FundMovementRules(KIND)
