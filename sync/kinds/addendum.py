"""A numbered addendum to a frozen list: withhold, release, correct or add. Made by the door, never edited."""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import shapes
from sync import values
from sync.fields import Choice
from sync.fields import Field
from sync.fields import Kind
from sync.fields import fields
from sync.fields import one_of
from sync.fieldwise import Fieldwise

TYPES = (
    Choice("withhold", "Giữ lại", "Withhold"),
    Choice("release", "Cho chi lại", "Release"),
    Choice("correct", "Đính chính", "Correct"),
    Choice("add", "Bổ sung", "Add"),
)
_code = partial(values.parse_text, max_length=80)


def _made(name: str, label: str, label_en: str, type_: str, parse: Any, **more: Any) -> Field:
    return Field(name, label, label_en, type_, parse, merge="fixed", **more)


KIND = Kind(
    "addendum",
    "Phụ lục danh sách",
    "Addendum",
    fields(
        _made("list", "Danh sách", "List", "uuid", values.parse_uuid),
        _made("month", "Tháng", "Month", "month", values.parse_month),
        _made("number", "Số", "Number", "int", shapes.parse_int),
        _made("type", "Loại", "Type", "choice", one_of(TYPES), choices=TYPES),
        _made("payment", "Dòng chi trả", "Payment", "uuid", values.parse_uuid),
        _made("person", "Người hưởng", "Person", "uuid", values.parse_uuid),
        _made("commune", "Xã, thị trấn", "Commune", "text", _code),
        _made("reason", "Lý do", "Reason", "text", partial(values.parse_text, max_length=500)),
        _made("change", "Biến động", "Change", "uuid", values.parse_uuid),
        _made("amount", "Số tiền", "Amount", "money", values.parse_money),
        _made("by", "Người lập", "By", "text", _code),
        _made("at", "Lúc", "At", "text", _code),
    ),
    unique=(("list", "number"),),
)

RULES = Fieldwise(KIND)
