"""What a line's arrears are made of: one record for each month still owed, with the level and coefficient it is owed at.

Made by the set-based steps that draw up a list, never edited. It says why an amount is what it is (Decree 20/2021, article 8.1).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import shapes, values
from sync.fields import POST, Field, Kind, fields
from sync.fieldwise import Fieldwise

_code = partial(values.parse_text, max_length=40)


def _made(name: str, label: str, label_en: str, type_: str, parse: Any, **more: Any) -> Field:
    return Field(name, label, label_en, type_, parse, merge="fixed", **more)


KIND = Kind(
    "arrears",
    "Truy lĩnh của một tháng",
    "Arrears of a month",
    fields(
        _made("list", "Danh sách", "List", "uuid", values.parse_uuid),
        _made("line_code", "Mã hồ sơ", "Line code", "text", _code),
        _made("addendum", "Phụ lục bổ sung số", "Addendum", "int", shapes.parse_int),
        _made("month", "Truy lĩnh tháng", "Month owed", "month", values.parse_month),
        _made("person", "Người hưởng", "Person", "uuid", values.parse_uuid),
        _made("entitlement", "Chế độ", "Entitlement", "uuid", values.parse_uuid),
        _made("category", "Loại đối tượng", "Category", "text", _code, hidden_from=POST),
        _made("coefficient10", "Hệ số", "Coefficient", "coefficient", values.parse_coefficient10, hidden_from=POST),
        _made("rate", "Mức chuẩn", "Base rate", "money", values.parse_money),
        _made("due", "Được hưởng", "Due", "money", values.parse_money),
        _made("given", "Đã lập danh sách", "Given by earlier lists", "money", values.parse_money),
        _made("amount", "Truy lĩnh", "Arrears", "money", values.parse_money),
    ),
    scope=None,
    unique=(("list", "line_code", "addendum", "month"),),
)

RULES = Fieldwise(KIND)
