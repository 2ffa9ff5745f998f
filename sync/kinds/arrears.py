"""What a line's arrears are made of: one record for each month still owed, with the level and coefficient it is owed at.

Made by the set-based steps that draw up a list, never edited. It says why an amount is what it is (Decree 20/2021, article 8.1).
"""

from __future__ import annotations

from functools import partial

from sync import shapes, values
from sync.fields import POST, Kind, fields, fixed
from sync.fieldwise import Fieldwise

_code = partial(values.parse_text, max_length=40)


KIND = Kind(
    "arrears",
    "Truy lĩnh của một tháng",
    "Arrears of a month",
    fields(
        fixed("list", "Danh sách", "List", "uuid", values.parse_uuid),
        fixed("line_code", "Mã hồ sơ", "Line code", "text", _code),
        fixed("addendum", "Phụ lục bổ sung số", "Addendum", "int", shapes.parse_int),
        fixed("month", "Truy lĩnh tháng", "Month owed", "month", values.parse_month),
        fixed("person", "Người hưởng", "Person", "uuid", values.parse_uuid),
        fixed("entitlement", "Chế độ", "Entitlement", "uuid", values.parse_uuid),
        fixed("category", "Loại đối tượng", "Category", "text", _code, hidden_from=POST),
        fixed("coefficient10", "Hệ số", "Coefficient", "coefficient", values.parse_coefficient10, hidden_from=POST),
        fixed("rate", "Mức chuẩn", "Base rate", "money", values.parse_money),
        fixed("due", "Được hưởng", "Due", "money", values.parse_money),
        fixed("given", "Đã lập danh sách", "Given by earlier lists", "money", values.parse_money),
        fixed("amount", "Truy lĩnh", "Arrears", "money", values.parse_money),
    ),
    scope=None,
    unique=(("list", "line_code", "addendum", "month"),),
)

RULES = Fieldwise(KIND)
