"""A commune's word that its month is complete; "no change" has to be declared, too."""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import values
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import COMMUNE, Field, Kind, fields
from sync.fieldwise import Fieldwise, Pairs

_own = frozenset({COMMUNE})

KIND = Kind(
    "declaration",
    "Báo cáo tháng của xã",
    "Monthly declaration",
    fields(
        Field("commune", "Xã, thị trấn", "Commune", "text", values.parse_text, merge="fixed", required=True),
        Field("month", "Tháng", "Month", "month", values.parse_month, merge="fixed", required=True),
        Field("no_change", "Không biến động", "No change", "bool", values.parse_bool, direct=_own, input="checkbox"),
        Field("note", "Ghi chú", "Note", "text", partial(values.parse_text, max_length=500), direct=_own, input="textarea"),
        Field("withdrawn", "Đã rút lại", "Withdrawn", "bool", values.parse_bool, direct=_own, input="checkbox"),
        Field("declared_by", "Người báo cáo", "Declared by", "text", values.parse_text, merge="fixed"),
        Field("declared_at", "Thời điểm", "Declared at", "text", values.parse_text, merge="fixed"),
    ),
    unique=(("commune", "month"),),
    create=_own,
)


class DeclarationRules(Fieldwise):
    """Made once per commune and month; withdrawn and made again as often as news comes in."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Declares the month. Who and when are the door's to say."""
        if values_.get("declared_by") or values_.get("declared_at"):
            raise Refused("forbidden", field="declared_by")
        if values_.get("withdrawn"):
            raise Refused("invalid_value", field="withdrawn", detail="not_declared")
        stamp = {"withdrawn": False, "declared_by": desk.actor.account, "declared_at": desk.now}
        outcomes = super().create(desk, {**values_, **stamp})
        return {name: outcomes[name] for name in values_}

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """Withdraws the word, while the month's list is still open, or gives it again with who and when."""
        if pairs.get("withdrawn", (None, None))[1] and _is_frozen(desk, record["month"]):
            raise Refused("forbidden", field="withdrawn", detail="list_frozen")
        outcomes = super().alter(desk, record, pairs)
        if "applied" in outcomes.values() and not record["withdrawn"]:
            desk.write(record, declared_by=desk.actor.account, declared_at=desk.now)
        return outcomes


def _is_frozen(desk: Desk, month: str) -> bool:
    return any(owner["state"] != "draft" for owner in desk.where("payment_list", month=month))


RULES = DeclarationRules(KIND)
