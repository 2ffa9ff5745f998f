"""A person on the list: who they are, where they live, how they are paid (domain.md 2.1, 4)."""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import shapes, values
from sync.desk import Desk
from sync.edit import Outcome, Refused
from sync.fields import APPROVER, COMMUNE, DISTRICT, IMPORTER, OFFICE, POST, Choice, Field, Kind, fields
from sync.fieldwise import Fieldwise
from sync.ids import uuid7
from sync.procedure import INCREASE

SEXES = (Choice("F", "Nữ", "Female"), Choice("M", "Nam", "Male"))
STATUSES = (
    Choice("active", "Đang quản lý", "Active"),
    Choice("dead", "Đã mất", "Deceased"),
    Choice("moved", "Đã chuyển đi", "Moved away"),
    Choice("stopped", "Đã thôi hưởng", "Exited"),
)
HIGHER = frozenset({DISTRICT, APPROVER})


def _plain(name: str, label: str, label_en: str, type_: str, parse: Any, **more: Any) -> Field:
    return Field(name, label, label_en, type_, parse, direct=OFFICE, propose=POST, decide=OFFICE, **more)


def _approved(name: str, label: str, label_en: str, type_: str, parse: Any, **more: Any) -> Field:
    return Field(name, label, label_en, type_, parse, propose=OFFICE | POST, decide=HIGHER, **more)


def _fixed(name: str, label: str, label_en: str, type_: str, parse: Any, **more: Any) -> Field:
    return Field(name, label, label_en, type_, parse, merge="fixed", **more)


KIND = Kind(
    "person",
    "Người hưởng",
    "Person",
    fields(
        _fixed("code", "Mã đối tượng", "Person code", "text", partial(values.parse_text, max_length=40)),
        _approved("full_name", "Họ và tên", "Full name", "name", values.parse_name, required=True),
        _approved("birth", "Ngày sinh", "Date of birth", "birth", values.parse_birth, required=True),
        _approved("sex", "Giới tính", "Sex", "choice", values.parse_sex, choices=SEXES, input="select"),
        _approved("national_id", "Số CCCD", "Citizen ID", "national_id", values.parse_national_id, hidden_from=POST),
        _approved("commune", "Xã, thị trấn", "Commune", "text", values.parse_text, required=True, input="commune"),
        _plain("hamlet", "Thôn/TDP", "Hamlet", "text", partial(values.parse_text, max_length=80), input="hamlet"),
        _plain("address", "Địa chỉ", "Address", "text", partial(values.parse_text, max_length=200)),
        _plain("phone", "Số điện thoại", "Phone", "phone", values.parse_phone, input="tel"),
        _plain(
            "locator",
            "Cách tìm nhà",
            "How to find the house",
            "text",
            partial(values.parse_text, max_length=300),
            input="textarea",
        ),
        _plain("guardian", "Người giám hộ", "Guardian", "text", partial(values.parse_text, max_length=120)),
        _plain("home_delivery", "Chi trả tại nhà", "Paid at home", "bool", values.parse_bool, input="checkbox"),
        _approved(
            "payment_method",
            "Hình thức chi trả",
            "Payment method",
            "payment_method",
            values.parse_payment_method,
            input="payment_method",
        ),
        _approved(
            "alternate_recipient",
            "Người nhận thay",
            "Alternate recipient",
            "alternate_recipient",
            values.parse_alternate_recipient,
            input="alternate_recipient",
        ),
        _plain("note", "Ghi chú", "Note", "text", partial(values.parse_text, max_length=500), input="textarea"),
        _fixed("status", "Tình trạng", "Status", "choice", values.parse_text, choices=STATUSES),
        _fixed("death_date", "Ngày mất", "Date of death", "birth", values.parse_birth),
        _fixed("closed", "Đóng hồ sơ ngày", "Closed on", "birth", values.parse_birth),
        _fixed("former_communes", "Xã trước đây", "Former communes", "list", shapes.parse_list),
    ),
    unique=(("code",),),
    pulled=True,
    create=frozenset({IMPORTER, COMMUNE, DISTRICT}),
)


class PersonRules(Fieldwise):
    """People merge field by field; a new one is loaded by the importer, or proposed as an increase by an office."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """Makes a person, or the proposal of one. A national id that is on the list already is kept as a conflict."""
        known = values_.get("national_id")
        same = desk.where("person", national_id=known) if known else []
        if desk.actor.role == IMPORTER and not same:
            return super().create(desk, {"status": "active", **values_})
        if desk.actor.role != IMPORTER:
            for name in ("code", "status", "death_date", "closed", "former_communes"):
                if values_.get(name) is not None:
                    raise Refused("forbidden", field=name)
        for field in self.kind.fields.values():
            if field.required and values_.get(field.name) is None:
                raise Refused("invalid_value", field=field.name, detail="missing")
        if not desk.actor.reaches(values_.get("commune")):
            raise Refused("forbidden", field="commune", detail="other_area")
        change = desk.create(
            "change",
            uuid7(),
            {
                "type": "increase",
                "reason": "MOI",
                "commune": values_["commune"],
                "new_person": {"id": desk.edit.record, **{k: v for k, v in values_.items() if v is not None}},
                "note": desk.edit.why,
                "state": "proposed",
                "author": desk.actor.account,
                "author_role": desk.actor.role,
                "at": desk.now,
                "deciders": sorted(desk.law.procedure(INCREASE, desk.now).decides),
            },
        )
        if same:
            same_person(desk, change.id, same[0].id, values_)
        return dict.fromkeys(values_, "conflict" if same else "proposed")


def same_person(desk: Desk, change: str, person: str, values_: dict[str, Any]) -> None:
    """Opens the conflict that asks whether a proposed person is one already on the list."""
    found = desk.get("person", person)
    if found is None:
        raise Refused("unknown_record", field="person")
    desk.create(
        "conflict",
        uuid7(),
        {
            "type": "same_person",
            "about_kind": "change",
            "about": change,
            "field": "national_id",
            "seen": None,
            "current": {"id": found.id, **{k: found[k] for k in ("code", "full_name", "birth", "commune", "hamlet")}},
            "wanted": {k: v for k, v in values_.items() if v is not None},
            "commune": values_["commune"],
            "author": desk.actor.account,
            "author_role": desk.actor.role,
            "at": desk.now,
            "why": desk.edit.why,
            "entry": desk.seq,
            "deciders": sorted(OFFICE),
            "state": "open",
        },
    )


RULES = PersonRules(KIND)
