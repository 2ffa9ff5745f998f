"""Lộc Hà's own succession, as shipped, on the packaged demo: 12 communes become five, and September 2024 stays to the đồng."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portal import access, db, door, migrations, succession, succession_plan, totals, unit, verify
from portal.demo import source
from portal.demo.load import day_after, load
from portal.models.account import Account
from portal.models.person import Person
from sync.ids import named

DISSOLVED, TWO_TIER = datetime(2025, 1, 2, 2, 0, tzinfo=UTC), datetime(2025, 7, 1, 2, 0, tzinfo=UTC)
# Domain facts, 1.8: who became part of what.
BECAME = {
    **dict.fromkeys(("18568", "18430", "18421", "18580"), "18568"),
    **dict.fromkeys(("18409", "18412"), "18409"),
    **dict.fromkeys(("18577", "18583", "18493", "18670"), "18583"),
    "18457": "18586",
    "18598": "18100",
}
NAMES = {"18568": "Xã Lộc Hà", "18409": "Xã Hồng Lộc", "18583": "Xã Mai Phụ", "18586": "Xã Đông Kinh", "18100": "Phường Trần Phú"}


def sums() -> list[Any]:
    return [*totals.entitled("2024-09", "2024-09", by_commune=True), *totals.paid("2024-09", "2024-10", by_commune=True)]


def test_loc_has_own_succession_runs_without_loss_of_history(tmp_path: Path) -> None:
    db.connect(f"sqlite:///{tmp_path}/demo.sqlite3")
    try:
        migrations.migrate()
        with db.database.connection_context():
            demo = source.read()
            load(demo, datetime.combine(day_after(demo.month), datetime.min.time(), UTC))
            before = sums()
            lived = Counter(str(row.commune) for row in Person.select(Person.commune))
            assert {row.commune_code for row in before} == {"", *BECAME}

            told = succession.carry_out(succession_plan.read(Path("loc-ha-2025-01")), DISSOLVED)
            assert (told.people, told.until) == ({}, "2024-12")  # the district goes, nobody moves
            assert unit.name_of("18598") == "Xã Hộ Độ" and unit.by_code("18598").parent == "436"  # type: ignore[union-attr]
            assert Account.get(Account.name == "huyen").unit == "445-LDTBXH"
            assert len(unit.communes_served_by("445-LDTBXH")) == 12

            told = succession.carry_out(succession_plan.read(Path("loc-ha-2025-07")), TWO_TIER)
            assert (told.people, told.until) == (lived, "2025-06")
            assert {each.code: each.name for each in unit.communes()} == NAMES
            after = Counter(str(row.commune) for row in Person.select(Person.commune))
            assert after == sum((Counter({BECAME[code]: count}) for code, count in lived.items()), Counter())
            hamlets = {(each.parent, each.name) for each in unit.every() if each.kind == "hamlet"}
            assert {(row.commune, row.hamlet) for row in Person.select(Person.commune, Person.hamlet) if row.hamlet} <= hamlets
            assert len(hamlets) == sum(each.kind == "hamlet" for each in unit.every())  # no two of one name in a commune

            assert sums() == before
            officer = access.actor(Account.get(Account.name == "huyen"), "form:test")
            drawn = door.submit_one(officer, TWO_TIER, "payment_list", named("list", "2025-07"), {"month": (None, "2025-07")}, create=True)
            assert drawn.status == "accepted"
            listed = {row.commune_code: row.lines for row in totals.paid("2025-07", "2025-07", by_commune=True)}
            assert set(listed) == {"", *NAMES} and listed[""] > 5_000
            assert verify.verify(door.store()).is_whole
    finally:
        db.disconnect()
