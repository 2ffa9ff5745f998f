"""A right to a monthly sum: one line of the list, from a first month to a first month no longer paid.

Decree 20/2021, articles 5, 6, 20. Changed only by approved changes; an adjustment ends one and begins the next under the same line code.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import values
from sync.fields import IMPORTER, POST, Field, Kind, fields
from sync.fieldwise import Fieldwise


def _fixed(name: str, label: str, label_en: str, type_: str, parse: Any, **more: Any) -> Field:
    return Field(name, label, label_en, type_, parse, merge="fixed", **more)


_code = partial(values.parse_text, max_length=40)

KIND = Kind(
    "entitlement",
    "Chế độ",
    "Entitlement",
    fields(
        _fixed("person", "Người hưởng", "Person", "uuid", values.parse_uuid, required=True),
        _fixed("commune", "Xã, thị trấn", "Commune", "text", values.parse_text, required=True),
        _fixed("line_code", "Mã hồ sơ", "Line code", "text", _code, required=True),
        _fixed("category", "Loại đối tượng", "Category", "text", _code, required=True, hidden_from=POST),
        _fixed("coefficient10", "Hệ số", "Coefficient", "coefficient", values.parse_coefficient10, required=True),
        _fixed("child_birth", "Ngày sinh của con", "Child's date of birth", "birth", values.parse_birth, hidden_from=POST),
        _fixed("payee", "Người nhận", "Payee", "text", partial(values.parse_text, max_length=160)),
        _fixed("payment_method", "Hình thức chi trả", "Payment method", "payment_method", values.parse_payment_method),
        _fixed("start_month", "Hưởng từ tháng", "Start month", "month", values.parse_month, required=True),
        _fixed("stop_month", "Thôi hưởng từ tháng", "Stop month", "month", values.parse_month),
        _fixed("suspended_from", "Tạm dừng từ tháng", "Suspended from", "month", values.parse_month),
        _fixed("decision_no", "Số quyết định", "Decision number", "text", _code),
        _fixed("decision_date", "Ngày quyết định", "Decision date", "day", values.parse_day),
        _fixed("stop_reason", "Lý do thôi hưởng", "Stop reason", "text", _code),
        _fixed("note", "Ghi chú", "Note", "text", partial(values.parse_text, max_length=500)),
    ),
    unique=(("line_code", "start_month"),),
    create=frozenset({IMPORTER}),
)

RULES = Fieldwise(KIND)


def pays_in(fields_: dict[str, Any], month: str) -> bool:
    """Whether an entitlement pays in a month (YYYY-MM): begun, not ended, not suspended."""
    stop, suspended = fields_["stop_month"], fields_["suspended_from"]
    return bool(fields_["start_month"] <= month and (stop is None or month < stop) and (suspended is None or month < suspended))
