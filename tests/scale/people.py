"""The bench's district: 5,847 made-up people in 12 communes, from a fixed seed, loaded through the door like any import."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from portal import access, account, db, door, migrations, unit
from portal.models.account import Account
from sync.edit import Actor, Edit
from sync.fields import IMPORTER
from sync.ids import uuid7

DISTRICT, PROVINCE = 5_847, 150_000
TODAY = "2024-10-05"
PASSWORD = "trang hoa cau 12"
READER = "huyen"
AGENT = "chitra"
"""Who hands out the money of `AGENTS_COMMUNE`."""
_COMMUNES = ("Thạch Mỹ", "Thạch Kim", "Thạch Châu", "Mai Phụ", "Hộ Độ", "Phù Lưu", "Ích Hậu", "Hồng Lộc", "Tân Lộc", "Bình An", "Thịnh Lộc")
COMMUNES = {f"{18560 + 3 * number}": name for number, name in enumerate(("Lộc Hà", *_COMMUNES))}
"""Code → name; the first is the township."""
AGENTS_COMMUNE = "18563"
_IMPORTED = datetime(2024, 9, 30, 3, 0, tzinfo=UTC)
_AT_ONCE = 500
_FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"]
_MIDDLE = ["Văn", "Thị", "Hữu", "Đức", "Ngọc", "Xuân", "Thanh", "Minh", "Quang", "Thu", "Hồng", "Kim", "Đình", "Công", "Bá"]
_GIVEN = [
    "An",
    "Bình",
    "Cường",
    "Dũng",
    "Đạt",
    "Giang",
    "Hà",
    "Hải",
    "Hạnh",
    "Hiền",
    "Hoa",
    "Hòa",
    "Hùng",
    "Hương",
    "Khánh",
    "Lan",
    "Liên",
    "Linh",
    "Loan",
    "Long",
    "Mai",
    "Nam",
    "Nga",
    "Nhung",
    "Phúc",
    "Phượng",
    "Quyền",
    "Sơn",
    "Tâm",
    "Thảo",
    "Thắng",
    "Thủy",
    "Tiến",
    "Trang",
    "Trung",
    "Tuấn",
    "Tuyết",
    "Vinh",
    "Xuân",
    "Yến",
]
_RIGHTS = (
    (80, (("5.5c", 10),)),
    (60, (("5.6-nang-nct", 20), ("5.6-dbn-nct", 25))),
    (16, (("5.6-nang", 15), ("5.6-dbn", 20))),
    (0, (("5.1-b", 15),)),
)
"""By the age reached this year, so that the month's list has nothing to object to."""
_BANKS = ("Agribank", "LPBank", "Vietcombank", "BIDV")
NOTES = ("Đã chuyển về ở với con", "Ủy quyền người nhận thay", "Đổi số điện thoại", "Đã mất giấy tờ")


@dataclass(frozen=True)
class Person:
    """One of them: `number` from 1, `id` in the portal, `fields` as the catalogue names them."""

    number: int
    id: str
    fields: dict[str, Any]
    category: str
    coefficient10: int
    since: str


def made(count: int = DISTRICT, seed: int = 1) -> list[Person]:
    """That many people, spread evenly over the communes; the same every time but for their ids."""
    chance = random.Random(seed)
    codes = list(COMMUNES)
    people = []
    for number in range(1, count + 1):
        commune = codes[number % len(codes)]
        name = f"{chance.choice(_FAMILY)} {chance.choice(_MIDDLE)} {chance.choice(_GIVEN)}"
        year = chance.choice([*range(1925, 1943), *range(1945, 1963), *range(1966, 2006), *range(2010, 2016)])
        hamlet = f"Thôn {chance.randrange(1, 12)}"
        category, coefficient10 = chance.choice(next(rights for age, rights in _RIGHTS if 2023 - year >= age))
        paid: dict[str, Any] = {"method": "cash"}
        if chance.random() < 0.7:
            paid = {"method": "bank", "bank": chance.choice(_BANKS), "account": str(chance.randrange(10**11, 10**12)), "holder": name}
        sex = chance.choice("FM")
        fields = {
            "code": f"HT-{number:06d}",
            "full_name": name,
            "birth": f"{year}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
            "sex": sex,
            "national_id": f"099{2 * (year // 100 - 19) + (sex == 'F')}{year % 100:02d}{number:06d}",
            "commune": commune,
            "hamlet": hamlet,
            "address": f"{hamlet}, {COMMUNES[commune]}",
            "phone": f"09{chance.randrange(10**7, 10**8):08d}",
            "payment_method": paid,
            "note": chance.choice(NOTES) if chance.random() < 0.1 else None,
        }
        since = f"20{chance.randrange(15, 24)}-{chance.randrange(1, 13):02d}"
        people.append(Person(number, uuid7(), fields, category, coefficient10, since))
    return people


def officer(commune: str) -> str:
    """The account of a commune's officer."""
    return f"xa{commune}"


def load(url: str, people: list[Person]) -> None:
    """Makes the district in an empty database and lets go of it: units, people with a right each, accounts."""
    db.connect(url)
    migrations.migrate()
    with db.database.connection_context():
        edits = list(_edits(people))
        importer = Actor(account="nhap-du-lieu", role=IMPORTER, unit="", device="bench-import", communes=None)
        for start in range(0, len(edits), _AT_ONCE):
            answer = door.submit(edits[start : start + _AT_ONCE], importer, _IMPORTED)
            refused = [result for result in answer.results if result.status != "accepted"]
            assert not refused, refused[:3]
        unit.refresh()
        account.use_hashing("strong")
        account.add(READER, role="district_officer", unit="448-LDTBXH", password=PASSWORD, now=_IMPORTED, full_name="Chuyên viên huyện")
        account.add("huyen2", role="district_officer", unit="448-LDTBXH", password=PASSWORD, now=_IMPORTED, full_name="Chuyên viên huyện 2")
        account.add("lanhdao", role="approver", unit="448-LDTBXH", password=PASSWORD, now=_IMPORTED, full_name="Lãnh đạo")
        account.add("buudien", role="post_supervisor", unit="448-BD", password=PASSWORD, now=_IMPORTED, full_name="Bưu điện huyện")
        account.add(AGENT, role="post_agent", unit=f"DC-{AGENTS_COMMUNE}", password=PASSWORD, now=_IMPORTED, full_name="Nhân viên chi trả")
        for code in COMMUNES:
            account.add(officer(code), role="commune_officer", unit=code, password=PASSWORD, now=_IMPORTED, full_name=f"Cán bộ {code}")
        db.database.execute_sql("ANALYZE")
    db.disconnect()


def post_month(url: str, month: str = "2024-10") -> None:
    """Draws up a month's list, with a session for every commune, and takes it to the post office: then there is a report of it."""
    record = uuid7()
    db.connect(url)
    with db.database.connection_context():

        def hand_in(who: str, kind: str, key: str, values: dict[str, Any], *, create: bool = False) -> None:
            found = Account.get(Account.name == who)
            actor = access.actor(found, f"bench:{uuid7()}")
            result = door.submit_one(actor, _IMPORTED, kind, key, values, create=create)
            assert result.status == "accepted", (kind, values, result.reason)

        hand_in(READER, "payment_list", record, {"month": (None, month)}, create=True)
        hand_in(READER, "payment_list", record, {"state": ("draft", "frozen")})
        shown = door.shelf().get("payment_list", record)
        assert shown is not None
        hand_in("lanhdao", "payment_list", record, {"state": ("frozen", "approved"), "approval": (None, {"digest": shown["digest"]})})
        for code in COMMUNES:
            session = {
                "month": month,
                "commune": code,
                "pay_point": f"DC-{code}",
                "day": f"{month}-10",
                "starts": "07:30",
                "ends": "11:00",
                "agent": AGENT if code == AGENTS_COMMUNE else "buudien",
            }
            hand_in("buudien", "pay_session", uuid7(), {name: (None, value) for name, value in session.items()}, create=True)
        hand_in(READER, "payment_list", record, {"state": ("approved", "posted")})
    db.disconnect()


def _edits(people: list[Person]) -> Iterator[Edit]:
    for number, (kind, record, values) in enumerate(_records(people), 1):
        given = {name: (None, value) for name, value in values.items() if value is not None}
        yield Edit(n=number, kind=kind, record=record, op="create", set=given, at="2024-09-30T03:00:00Z")


def _records(people: list[Person]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    units = [
        ("448", "district", "Huyện Lộc Hà", "42", None),
        ("448-LDTBXH", "district_office", "Phòng LĐTBXH huyện Lộc Hà", "448", "448"),
        ("448-BD", "post_office", "Bưu điện huyện Lộc Hà", None, "448"),
        *((f"DC-{code}", "pay_point", f"Điểm {name}", "448-BD", code) for code, name in COMMUNES.items()),
        *((code, "commune", f"Xã {name}", "448", None) for code, name in COMMUNES.items()),
        *((f"{code}-{h:02d}", "hamlet", f"Thôn {h}", code, None) for code in COMMUNES for h in range(1, 12)),
    ]
    for code, kind, name, parent, serves in units:
        values = {"code": code, "kind": kind, "name": name, "parent": parent, "serves": serves, "valid_from": "2019-01-01"}
        yield "unit", uuid7(), values
    for person in people:
        yield "person", person.id, person.fields
    for person in people:
        right = {
            "person": person.id,
            "commune": person.fields["commune"],
            "line_code": f"{person.fields['code']}/1",
            "category": person.category,
            "coefficient10": person.coefficient10,
            "start_month": person.since,
            "decision_no": f"{person.number}/QĐ-UBND",
            "decision_date": f"{person.since}-10",
            "payment_method": person.fields["payment_method"],
        }
        yield "entitlement", uuid7(), right
