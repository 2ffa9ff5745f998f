from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from portal.list_arrival import Known
from portal.workbook.survey import survey

DATA = Path(__file__).parents[2] / "shared" / "data"

if DATA.is_dir():
    EXPECTED = json.loads((DATA / "messy" / "expected.json").read_text(encoding="utf-8"))["files"]

    @pytest.fixture(scope="module")
    def september() -> list[Known]:
        from portal.workbook.read import read_list

        found = [
            Known(row.line_code, row.full_name, row.birth, row.national_id or "", sheet.commune_code, row.category)
            for sheet in read_list(DATA / "danh-sach-2024-09.xlsx").sheets
            for row in sheet.rows
        ]
        with (DATA / "bien-dong.csv").open(encoding="utf-8-sig") as file:
            found.extend(dead(row) for row in csv.DictReader(file) if row["reason"] == "CHET")
        return found

    def dead(row: dict[str, Any]) -> Known:
        return Known(row["line_code"], row["name"], row["birth"], row["national_id"], row["commune_code"], row["category"], dead=True)

    @pytest.mark.parametrize(
        "told", [one for one in EXPECTED if one["file"][:2] in ("01", "02", "03", "04", "07")], ids=lambda one: one["file"]
    )
    def test_a_messy_list_gives_what_is_expected_of_it(told: dict[str, Any], september: list[Known]) -> None:
        with (DATA / "don-vi.csv").open(encoding="utf-8-sig") as file:
            communes = {row["code"]: row["name"] for row in csv.DictReader(file) if row["code"].startswith("18") and len(row["code"]) == 5}
        found = survey((DATA / "messy" / told["file"]).read_bytes(), communes, september)
        assert (found.kind, found.commune, found.month) == (told["kind"], told["commune_code"], told["month"])
        assert len(found.rows) == told["rows"]
        assert found.arrival.matches == told["matches"]
        assert found.arrival.new == told["new"]
        for said, expected in ((found.errors, told["errors"]), (found.warnings, told["warnings"])):
            assert sorted((one.at, one.code) for one in said) == sorted((one["at"], one["code"]) for one in expected)
        repairs = {(one.at, one.code): (one.to, one.ask) for one in found.repairs}
        for one in told["repairs"]:
            assert repairs.pop((one["at"], one["code"])) == (one["to"], one["ask"])
        assert {code for _, code in repairs} <= {"FONT"}
        if "sum_amount" in told:
            assert sum(row.amount or 0 for row in found.rows) == told["sum_amount"]
