"""Units that take the place of others on a day: what ended, what began, and where each person's commune and hamlet went.

The register moves with it in one edit; lists, payments, declarations and settlements of earlier months keep the codes they were made
with. Where a person belonged until then is kept as a `residence` (domain.md 1.8).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import shapes, values
from sync.desk import Desk
from sync.edit import Outcome, Refused
from sync.fields import IMPORTER, Kind, fields, fixed
from sync.fieldwise import Fieldwise
from sync.ids import named

_code = partial(values.parse_text, max_length=40)
_UNIT = ("code", "name", "kind", "parent", "serves", "valid_from")


SUCCESSION = Kind(
    "succession",
    "Sắp xếp đơn vị",
    "Succession of units",
    fields(
        fixed("title", "Tên gọi", "Title", "text", partial(values.parse_text, max_length=200), required=True),
        fixed("basis", "Căn cứ", "Basis", "text", partial(values.parse_text, max_length=300), required=True),
        fixed("valid_from", "Từ ngày", "Valid from", "day", values.parse_day, required=True),
        fixed("plan", "Phương án", "Plan", "json", shapes.parse_object, required=True),
        fixed("until", "Tháng cuối theo đơn vị cũ", "Last month of the former units", "month", values.parse_month),
        fixed("people", "Số người chuyển", "People moved", "int", shapes.parse_int),
    ),
    scope=None,
    create=frozenset({IMPORTER}),
)

RESIDENCE = Kind(
    "residence",
    "Nơi ở trước đây",
    "Former residence",
    fields(
        fixed("person", "Người hưởng", "Person", "uuid", values.parse_uuid),
        fixed("commune", "Xã, thị trấn", "Commune", "text", _code),
        fixed("hamlet", "Thôn/TDP", "Hamlet", "text", partial(values.parse_text, max_length=80)),
        fixed("until", "Đến hết tháng", "Until month", "month", values.parse_month),
        fixed("succession", "Theo việc sắp xếp", "By succession", "uuid", values.parse_uuid),
    ),
)


class SuccessionRules(Fieldwise):
    """One edit: the people and what is open about them move as a set, then units end and begin."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Carries a plan out: {"ends": [[code, valid_from, [successors]]], "begins": [unit], "moves": …, "accounts": {old: new}}.

        `moves`: former commune → {"to": commune, "hamlets": {hamlet: [commune, hamlet]}}.
        """
        for field in self.kind.fields.values():
            if field.required and values_.get(field.name) is None:
                raise Refused("invalid_value", field=field.name, detail="missing")
        if values_.get("until") is not None or values_.get("people") is not None:
            raise Refused("forbidden", field="until")
        plan, day = values_["plan"], values_["valid_from"]
        moved = desk.bulk("succeed", succession=desk.edit.record, valid_from=day, moves=plan.get("moves") or {})
        for code, since, successors in plan.get("ends") or ():
            found = desk.where("unit", code=code, valid_from=since)
            if not found or found[0]["succeeded_by"] is not None:
                raise Refused("unknown_record", field="plan", detail="unit")
            desk.write(found[0], valid_to=desk.law.day_before(day), succeeded_by=list(successors))
        for begun in plan.get("begins") or ():
            desk.create("unit", named("unit", begun["code"], day), {**{name: begun.get(name) for name in _UNIT}, "valid_from": day})
        desk.create("succession", desk.edit.record, {**values_, "until": moved["until"], "people": moved["people"]})
        return dict.fromkeys(values_, "applied")


SUCCESSION_RULES = SuccessionRules(SUCCESSION)
RESIDENCE_RULES = Fieldwise(RESIDENCE)
