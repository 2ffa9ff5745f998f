"""What people tell: a follow-up of someone who did not collect, a grievance. Plain fields of any role in its area."""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import values
from sync.desk import Desk
from sync.edit import Outcome, Refused
from sync.fields import COMMUNE, DISTRICT, OFFICE, POST, Choice, Field, Kind, fields, one_of
from sync.fieldwise import Fieldwise

_field_staff = POST | {COMMUNE, DISTRICT}
STATES = (Choice("open", "Đang xử lý", "Open"), Choice("closed", "Đã xong", "Closed"))
_long = partial(values.parse_text, max_length=1000)


def _text(name: str, label: str, label_en: str, *, required: bool = False) -> Field:
    return Field(name, label, label_en, "text", _long, direct=_field_staff, decide=OFFICE, required=required, input="textarea")


def _head(name: str, label: str, label_en: str, type_: str, parse: Any, *, required: bool = False) -> Field:
    return Field(name, label, label_en, type_, parse, merge="fixed", required=required)


def _state() -> Field:
    return Field(
        "state",
        "Trạng thái",
        "State",
        "choice",
        one_of(STATES),
        direct=_field_staff,
        decide=OFFICE,
        choices=STATES,
        input="select",
    )


_author = _head("author", "Người ghi", "Author", "text", values.parse_text)

FOLLOWUP = Kind(
    "followup",
    "Theo dõi chưa nhận",
    "Follow-up",
    fields(
        _head("person", "Người hưởng", "Person", "uuid", values.parse_uuid, required=True),
        _head("commune", "Xã, thị trấn", "Commune", "text", values.parse_text, required=True),
        _head("month", "Tháng", "Month", "month", values.parse_month),
        Field(
            "reason",
            "Lý do chưa nhận",
            "Why not collected",
            "code",
            partial(values.parse_text, max_length=40),
            direct=_field_staff,
            decide=OFFICE,
            input="reason",
        ),
        _text("finding", "Tìm hiểu được", "Finding"),
        _text("outcome", "Kết quả", "Outcome"),
        _state(),
        _author,
    ),
    pulled=True,
    create=_field_staff,
)

GRIEVANCE = Kind(
    "grievance",
    "Phản ánh, kiến nghị",
    "Grievance",
    fields(
        _head("person", "Người hưởng", "Person", "uuid", values.parse_uuid),
        _head("commune", "Xã, thị trấn", "Commune", "text", values.parse_text, required=True),
        _text("text", "Nội dung", "Text", required=True),
        _text("reply", "Trả lời", "Reply"),
        _state(),
        _author,
    ),
    pulled=True,
    create=_field_staff,
)


class ReportRules(Fieldwise):
    """Open until someone closes it; signed by who wrote it."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Keeps what was told."""
        if values_.get("author") is not None:
            raise Refused("forbidden", field="author")
        outcomes = super().create(desk, {"state": "open", **values_, "author": desk.actor.account})
        return {name: outcomes[name] for name in values_}


FOLLOWUP_RULES = ReportRules(FOLLOWUP)
GRIEVANCE_RULES = ReportRules(GRIEVANCE)
