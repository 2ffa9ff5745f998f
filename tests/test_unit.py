"""The tree of units over time: what a code meant on a date, and another process's news."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from portal import db, succession_plan, unit
from portal.cli import main
from portal.models.journal import Journal
from tests import powers
from tests.district import District

TOWN, KIM = "18568", "18580"


@pytest.fixture
def merged(district: District, tmp_path: Path) -> District:
    powers.succeed(district, tmp_path)
    return district


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (None, "Xã Lộc Hà"),
        ("2025-01-01", "Xã Lộc Hà"),
        ("2024-12-31", "Thị trấn Lộc Hà"),
        ("2024-12", "Thị trấn Lộc Hà"),
        ("2025-01", "Xã Lộc Hà"),
        ("2001-01-01", "Thị trấn Lộc Hà"),
    ],
)
def test_a_code_means_what_it_meant_on_the_date(merged: District, on: str | None, name: str) -> None:
    with merged.open():
        assert unit.name_of(TOWN, on) == name


def test_units_that_ended_are_known_by_name_and_are_in_no_list_of_today(merged: District) -> None:
    with merged.open():
        ended = unit.by_code(KIM)
        assert ended is not None
        assert (ended.name, ended.valid_to, ended.succeeded_by) == ("Xã Thạch Kim", "2024-12-31", (TOWN,))
        assert [each.code for each in unit.communes()] == [TOWN]
        assert [each.code for each in unit.communes("2024-12-31")] == [TOWN, KIM]
        assert KIM not in {each.code for each in unit.every()}
        assert [each.name for each in unit.hamlets(TOWN)] == ["TDP 1 Lộc Hà", "TDP 2 Lộc Hà", "Thôn 1 Thạch Kim", "Thôn 2 Thạch Kim"]
        assert [each.name for each in unit.hamlets(TOWN, "2024-12-31")] == ["TDP 1", "TDP 2"]
        assert [each.code for each in unit.pay_points(TOWN)] == ["DC-18568", "DC-18580"]
        assert [each.code for each in unit.pay_points(TOWN, "2024-12")] == ["DC-18568"]


def test_the_area_of_an_office_is_that_of_today_and_its_reach_goes_back(merged: District) -> None:
    with merged.open():
        assert unit.communes_served_by("42-SYT") == {TOWN}
        assert unit.within_reach_of("42-SYT") == {TOWN, KIM}
        assert unit.communes_served_by("448-LDTBXH") == frozenset()


def test_units_another_process_wrote_are_noticed(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit, "_STALE_SECONDS", 0.0)
    with district.open():
        assert unit.name_of(TOWN) == "Thị trấn Lộc Hà"
        db.database.execute_sql("UPDATE unit SET name = 'Phường Lộc Hà', version = version + 1000 WHERE code = '18568'")
        assert unit.name_of(TOWN) == "Phường Lộc Hà"


def run(district: District, *arguments: str, today: str = "2025-07-01") -> Any:
    return CliRunner().invoke(
        main, ["unit", *arguments], env={"PORTAL_DATABASE": district.url, "PORTAL_TODAY": today, "PORTAL_HASHING": "fast"}
    )


def test_the_command_tells_first_then_does_and_refuses_the_second_time(district: District, tmp_path: Path) -> None:
    powers.plan(tmp_path)
    file = str(tmp_path / "phuong-an.toml")
    told = run(district, "succeed", file, "--dry-run", "--json")
    assert told.exit_code == 0 and json.loads(told.output)["people"] == {TOWN: 8, KIM: 4} and not json.loads(told.output)["done"]
    db.connect(district.url)
    with district.open():
        assert not Journal.select().where(Journal.kind == "succession").exists()
    done = run(district, "succeed", file)
    assert done.exit_code == 0 and "12 people of 2 communes" in done.output and "accounts of 448-LDTBXH go to 42-SYT" in done.output
    again = run(district, "succeed", file)
    assert again.exit_code == 1 and "It cannot be carried out" in again.stderr
    assert "Xã Lộc Hà" in run(district, "list").output
    assert "Thị trấn Lộc Hà" in run(district, "list", "--on", "2024-12-31").output
    assert run(district, "list", "--on", "yesterday").exit_code == 2


def test_the_command_sets_the_preset_and_says_who_decides(district: District) -> None:
    assert {"huyen", "xa-2025"} <= set(run(district, "preset").output.split())
    assert "increase: proposes" in run(district, "procedures").output
    assert run(district, "preset", "tinh").exit_code == 1
    assert run(district, "preset", "xa-2025", "--from", "2025-07-02").exit_code == 1
    assert run(district, "preset", "xa-2025", "--from", "2025-07-01", "--basis", "Luật 72/2025/QH15").exit_code == 0
    told = json.loads(run(district, "procedures", "--json").output)
    assert (told["preset"], told["procedures"]["increase"]["decides"]) == ("xa-2025", ["approver"])
    assert json.loads(run(district, "procedures", "--json", "--on", "2025-06-30").output)["preset"] == "huyen"


def test_a_file_that_is_no_plan_is_told_by_the_command(district: District, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("title = 1", encoding="utf-8")
    told = run(district, "succeed", str(tmp_path / "x.toml"))
    assert told.exit_code == 1 and "x.toml" in told.output
    assert run(district, "succeed").output.split() == succession_plan.shipped() == ["loc-ha-2025-01", "loc-ha-2025-07"]
