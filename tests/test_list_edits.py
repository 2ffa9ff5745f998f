from __future__ import annotations

import random
from typing import Any

from msgspec.structs import replace

from portal import door, list_edits
from portal.known_lines import of_register
from portal.list_arrival import Place, Row, lay_beside
from portal.list_edits import Plan, Sent
from tests.district import District

_COLUMNS = (
    "e.commune, e.line_code, p.full_name, p.birth, COALESCE(p.sex, ''), COALESCE(p.national_id, ''), COALESCE(p.hamlet, ''), "
    "COALESCE(p.phone, ''), COALESCE(e.note, p.note, ''), e.category, e.coefficient10"
)
_OTHERS: dict[str, list[Any]] = {
    "full_name": ["Nguyễn Thị Đào", "NGUYEN THI DAO"],
    "birth": ["1938", "1938-05-12", ""],
    "sex": ["F", "M", ""],
    "national_id": ["", "099138000001"],
    "hamlet": ["", "Thôn 1", "Thôn 99"],
    "phone": ["", None, 510000001.0, "0510000002", "x"],
    "note": ["", "Chi trả tại nhà", "Đã đổi số"],
    "category": ["5.5c", "5.6-nang"],
    "line_code": [""],
    "coefficient10": [None, 15],
}


def planned(rows: list[Row], *, looked_up: bool) -> Plan:
    """What rows would do; `looked_up`: each of them looked up record by record."""
    mine = [replace(row) for row in rows]
    arrival = lay_beside(mine, of_register, "18568", "2024-10")
    kept = tuple(replace(row, same=False) if looked_up else row for row in mine)
    return list_edits.plan(Sent("a.xlsx", "0", "list", "18568", "2024-10", kept, arrival, (), ()))


def test_a_row_that_says_what_its_line_says_need_not_be_looked_up_again(district: District) -> None:
    """Rows of the register with some cells changed, in any order, some twice: also of people with several lines that contradict each other."""
    chance = random.Random(1)
    with district.open():
        door.store().run("UPDATE person SET note = 'Chi trả tại nhà' WHERE id = (SELECT MIN(id) FROM person)")
        lines = door.store().run(f"SELECT {_COLUMNS} FROM entitlement e JOIN person p ON p.id = e.person ORDER BY e.line_code").fetchall()
        contradicted = same = 0
        for _ in range(60):
            rows = []
            for number, line in enumerate(chance.choices(lines, k=12), 1):
                commune, code, name, birth, sex, national_id, hamlet, phone, note, category, tenfold = line
                row = Row(f"S!{number}", Place("S", {}, commune), number, full_name=name, birth=birth, sex=sex, national_id=national_id)
                for field, value in {
                    "line_code": code, "hamlet": hamlet, "phone": phone, "note": note, "category": category, "coefficient10": tenfold,
                }.items():  # fmt: skip
                    setattr(row, field, value)
                for field in chance.sample(list(_OTHERS), chance.choice([0, 0, 1, 2])):
                    setattr(row, field, chance.choice(_OTHERS[field]))
                rows.append(row)
            found, whole = planned(rows, looked_up=False), planned(rows, looked_up=True)
            assert found == whole
            contradicted += any(remark.code == "CONTRADICTS" for remark in found.left)
            same += found.same
    assert contradicted > 5
    assert same > 100
