"""An office, a commune, a hamlet or a pay point, with the dates between which its code means it. The tree is data."""

from __future__ import annotations

from functools import partial

from sync import shapes, values
from sync.desk import Desk
from sync.fields import IMPORTER, Field, Kind, fields
from sync.fieldwise import Fieldwise

_code = partial(values.parse_text, max_length=40)

KIND = Kind(
    "unit",
    "Đơn vị",
    "Unit",
    fields(
        Field("code", "Mã đơn vị", "Code", "text", _code, merge="fixed", required=True),
        Field("name", "Tên", "Name", "text", values.parse_text, merge="fixed", required=True),
        Field("kind", "Cấp", "Kind", "text", _code, merge="fixed", required=True),
        Field("parent", "Thuộc", "Parent", "text", _code, merge="fixed"),
        Field("serves", "Phục vụ", "Serves", "text", _code, merge="fixed"),
        Field("valid_from", "Từ ngày", "Valid from", "day", values.parse_day, merge="fixed", required=True),
        Field("valid_to", "Đến ngày", "Valid to", "day", values.parse_day, merge="fixed"),
        Field("succeeded_by", "Kế tục bởi", "Succeeded by", "list", shapes.parse_list, merge="fixed"),
    ),
    scope=None,
    unique=(("code", "valid_from"),),
    create=frozenset({IMPORTER}),
)

RULES = Fieldwise(KIND)


def serves_all(desk: Desk) -> bool:
    """Whether the actor works for every commune of today: the paying agency, and not one commune among several."""
    return all(desk.actor.reaches(each["code"]) for each in desk.shelf.where("unit", {"kind": "commune"}) if each["succeeded_by"] is None)
