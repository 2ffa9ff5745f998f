"""Which rules on who proposes and decides an office has recorded, from which day: a preset by name, or other roles for one procedure."""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import shapes, values
from sync.desk import Desk
from sync.edit import Outcome, Refused
from sync.fields import IMPORTER, Kind, fields, fixed
from sync.fieldwise import Fieldwise
from sync.kinds.change import UNDECIDED
from sync.kinds.person import KIND as PERSON
from sync.procedure import PROCEDURES, of_change

_code = partial(values.parse_text, max_length=40)


KIND = Kind(
    "procedure",
    "Thẩm quyền theo thủ tục",
    "Powers by procedure",
    fields(
        fixed("valid_from", "Từ ngày", "Valid from", "day", values.parse_day, required=True),
        fixed("preset", "Bộ quy định", "Preset", "code", _code),
        fixed("name", "Thủ tục", "Procedure", "code", _code),
        fixed("rule", "Quy định riêng", "Own rule", "json", shapes.parse_object),
        fixed("basis", "Căn cứ", "Basis", "text", partial(values.parse_text, max_length=300)),
    ),
    scope=None,
    unique=(("valid_from", "preset"),),
    create=frozenset({IMPORTER}),
)


class ProcedureRules(Fieldwise):
    """Recorded on its first day or later; what nobody has decided by then is decided by whom the new rules name."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Records a preset, or a rule of one procedure. Raises `Refused`."""
        day, preset, name = values_.get("valid_from"), values_.get("preset"), values_.get("name")
        if day is None or (preset is None) == (name is None):
            raise Refused("invalid_value", field="preset" if day else "valid_from", detail="missing")
        if name is not None and (name not in PROCEDURES or not values_.get("rule")):
            raise Refused("invalid_value", field="name", detail="unknown")
        if not desk.law.knows(preset, name, values_.get("rule")):
            raise Refused("invalid_value", field="preset" if preset else "rule", detail="unknown")
        if day > desk.law.day(desk.now):
            raise Refused("invalid_value", field="valid_from", detail="ahead")
        desk.create(self.kind.name, desk.edit.record, values_)
        reassign(desk, {**self.kind.blank(), **values_})
        return dict.fromkeys(values_, "applied")


def reassign(desk: Desk, recorded: dict[str, Any]) -> None:
    """Gives undecided changes to whom the rules name from now on, `recorded` among them."""
    for state in UNDECIDED:
        for change in desk.where("change", state=state):
            name = of_change(change["type"], change["target_kind"], change["target_set"] or (), PERSON.fields)
            desk.write(change, deciders=sorted(desk.law.procedure(name, desk.now, (recorded,)).decides))


RULES = ProcedureRules(KIND)
