"""The contract with a payment provider: from which payment month, and at which fee (Decree 20/2021, article 34.3; Circular 76/2021, 3.7).

The fee is the office's expense; it is never taken from a person's line.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from sync import values
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import DISTRICT, Field, Kind, fields
from sync.fieldwise import Fieldwise, Pairs

HIGHEST_FEE = 1000
"""Ten percent, in hundredths of a percent: a number above is a slip of the pen."""
_own = frozenset({DISTRICT})
_code = partial(values.parse_text, max_length=80)
_PERCENT = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?\s*%?", re.ASCII)


def parse_percent100(raw: object) -> int:
    """Hundredths of a percent: a whole number is that already, text is a percentage: "0,85", "0.85 %" and "1" are 85, 85 and 100."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        found = raw
    else:
        match = _PERCENT.fullmatch(values.parse_text(raw, max_length=10))
        if match is None:
            raise values.ValueProblem("not_a_percentage")
        found = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))
    if not 0 <= found <= HIGHEST_FEE:
        raise values.ValueProblem("not_a_percentage")
    return found


KIND = Kind(
    "contract",
    "Hợp đồng chi trả",
    "Contract",
    fields(
        Field("provider", "Đơn vị chi trả", "Provider", "text", _code, merge="fixed", required=True),
        Field("number", "Số hợp đồng", "Number", "text", _code, direct=_own, required=True),
        Field("signed_on", "Ngày ký", "Signed on", "day", values.parse_day, direct=_own, input="day"),
        Field("valid_from", "Từ tháng chi trả", "From payment month", "month", values.parse_month, direct=_own, required=True),
        Field("valid_to", "Đến hết tháng chi trả", "To payment month", "month", values.parse_month, direct=_own),
        Field(
            "fee100",
            "Phí chi trả (% số tiền đã chi)",
            "Fee (% of the money paid)",
            "percent100",
            parse_percent100,
            direct=_own,
            required=True,
        ),
        Field("note", "Ghi chú", "Note", "text", partial(values.parse_text, max_length=500), direct=_own, input="textarea"),
        Field("withdrawn", "Bỏ, không áp dụng", "Withdrawn", "bool", values.parse_bool, direct=_own, input="checkbox"),
    ),
    scope=None,
    unique=(("provider", "number"),),
    create=_own,
)


class ContractRules(Fieldwise):
    """A provider has one contract for each month."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """A contract that overlaps no other of the provider."""
        _alone(desk, desk.edit.record, values_)
        return super().create(desk, values_)

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Corrects it, ends it, takes it out of use."""
        wanted = {**record.fields, **{name: pair[1] for name, pair in pairs.items()}}
        if "number" in pairs and any(
            each.id != record.id for each in desk.where("contract", **{n: wanted[n] for n in ("provider", "number")})
        ):
            raise Refused("invalid_value", field="number", detail="taken")
        _alone(desk, record.id, wanted)
        return super().alter(desk, record, pairs)


def _alone(desk: Desk, record: str, contract: dict[str, Any]) -> None:
    first, last = contract.get("valid_from"), contract.get("valid_to")
    if first is None or contract.get("withdrawn"):
        return
    if last is not None and last < first:
        raise Refused("invalid_value", field="valid_to", detail="not_in_order")
    for other in desk.where("contract", provider=contract.get("provider")):
        apart = (last is not None and last < other["valid_from"]) or (other["valid_to"] is not None and other["valid_to"] < first)
        if other.id != record and not other["withdrawn"] and not apart:
            raise Refused("invalid_value", field="valid_from", detail="overlaps")


RULES = ContractRules(KIND)
