"""The office's calendar: the days of the payment cycle from a month on, and the days off and on that differ from the public ones.

Decree 20/2021, article 34.4 and 34.5 rule the 25th and the 20th; the other days are the office's own (domain.md 3.1).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import values
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import ADMIN, DISTRICT, Choice, Field, Kind, fields, one_of
from sync.fieldwise import Fieldwise, Pairs

KEEP, RETURN = "keep_at_provider_and_net", "return_each_month"
UNPAID = (
    Choice(KEEP, "Để lại đơn vị chi trả, trừ vào đề nghị tháng sau", "Stays with the provider, deducted from the next request"),
    Choice(RETURN, "Nộp trả hằng tháng, cấp lại theo danh sách sau", "Returned each month, transferred again with the next list"),
)
TYPES = (Choice("off", "Ngày nghỉ", "Day off"), Choice("work", "Ngày làm bù", "Working day instead"))
LAST_DAY = 28
"""Every month has one."""
_own = frozenset({DISTRICT, ADMIN})
_paper = partial(values.parse_text, max_length=200)


def _day_of_month(raw: object) -> int:
    text = values.parse_text(raw, max_length=10)
    if not text.isascii() or not text.isdigit():
        raise values.ValueProblem("not_a_number")
    if not 1 <= int(text) <= LAST_DAY:
        raise values.ValueProblem("out_of_bounds", low=1, high=LAST_DAY)
    return int(text)


def _on(name: str, label: str, label_en: str) -> Field:
    bounds = {"low": 1, "high": LAST_DAY}
    return Field(name, label, label_en, "int", _day_of_month, direct=_own, required=True, input="number", bounds=bounds)


RULE = Kind(
    "cycle_rule",
    "Lịch kỳ chi trả",
    "Days of the payment cycle",
    fields(
        Field("valid_from", "Áp dụng từ tháng chi trả", "From payment month", "month", values.parse_month, merge="fixed", required=True),
        _on("declare_by", "Xã báo cáo, ngày của tháng trước", "Communes declare by, day of the month before"),
        _on("list_by", "Chốt danh sách, ngày của tháng trước", "List closed by, day of the month before"),
        _on("pay_from", "Chi trả từ ngày", "Paid from day"),
        _on("pay_to", "Chi trả đến ngày", "Paid until day"),
        _on("result_by", "Bưu điện báo kết quả, ngày", "Result by day"),
        _on("settle_by", "Quyết toán, ngày", "Settled by day"),
        Field(
            "unpaid_balance",
            "Tiền chưa chi được",
            "Money not paid",
            "choice",
            one_of(UNPAID),
            direct=_own,
            required=True,
            choices=UNPAID,
            input="select",
        ),
        Field("document", "Văn bản", "Document", "text", _paper, direct=_own),
        Field("withdrawn", "Bỏ, không áp dụng", "Withdrawn", "bool", values.parse_bool, direct=_own, input="checkbox"),
    ),
    scope=None,
    unique=(("valid_from",),),
    create=_own,
)

HOLIDAY = Kind(
    "holiday",
    "Ngày nghỉ, ngày làm bù",
    "Day off or on",
    fields(
        Field("day", "Ngày", "Day", "day", values.parse_day, merge="fixed", required=True),
        Field("type", "Loại", "Type", "choice", one_of(TYPES), direct=_own, required=True, choices=TYPES, input="select"),
        Field("name", "Tên, lý do", "Name, reason", "text", _paper, direct=_own, required=True),
        Field("document", "Văn bản", "Document", "text", _paper, direct=_own),
        Field("withdrawn", "Bỏ, không áp dụng", "Withdrawn", "bool", values.parse_bool, direct=_own, input="checkbox"),
    ),
    scope=None,
    unique=(("day",),),
    create=_own,
)


class CycleRules(Fieldwise):
    """A month's days follow one another; a mistaken rule is withdrawn, never deleted."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Days that hold from a payment month on."""
        _in_order(values_)
        _ahead(desk, values_.get("valid_from"))
        return super().create(desk, values_)

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Other days from the same month on."""
        _in_order({**record.fields, **{name: wanted for name, (_, wanted) in pairs.items()}})
        _ahead(desk, record["valid_from"])
        return super().alter(desk, record, pairs)


def _ahead(desk: Desk, month: str | None) -> None:
    """By what rule a month was settled does not change afterwards."""
    if month is not None and any(each["month"] >= month for each in desk.where("settlement", state="closed")):
        raise Refused("forbidden", field="valid_from", detail="settled")


def _in_order(rule: dict[str, Any]) -> None:
    for earlier, later in (("declare_by", "list_by"), ("pay_from", "pay_to"), ("pay_to", "result_by"), ("result_by", "settle_by")):
        first, second = rule.get(earlier), rule.get(later)
        if first is None or second is None:
            raise Refused("invalid_value", field=later if first is not None else earlier, detail="missing")
        if first > second:
            raise Refused("invalid_value", field=later, detail="not_in_order")


CYCLE_RULES = CycleRules(RULE)
HOLIDAY_RULES = Fieldwise(HOLIDAY)
