"""What blocks a list and what only warns."""

from __future__ import annotations

from typing import Any

import pytest

from portal import db, door, list_checks, payment_list
from portal.law import book, months
from portal.law.ages import covers
from portal.list_lines import execute
from tests.district import MONTH, District, district, district_file, each_district, person_id
from tests.lists import codes, found, opened, step

__all__ = ["district", "district_file", "each_district"]


def test_a_sound_list_has_nothing_that_blocks(each_district: District) -> None:
    there = opened(each_district)
    with each_district.open():
        assert [finding for finding in payment_list.findings(there) if finding.is_blocking] == []


BROKEN = {
    "PAY_DATA": "UPDATE entitlement SET account = NULL WHERE method = 'bank'",
    "NO_LAW": "UPDATE entitlement SET category = '9.9'",
    "COEFFICIENT": "UPDATE entitlement SET coefficient10 = 20 WHERE category = '5.5c'",
    "AGE": "UPDATE person SET birth = '1944-11-01' WHERE full_name = 'Nguyễn Thị Đào'",
    "SAME_ID": "UPDATE person SET national_id = '099138000001' WHERE full_name = 'Võ Thị Út'",
    "CLOSED": "UPDATE person SET closed = '2024-09-10' WHERE full_name = 'Nguyễn Thị Đào'",
    "HIGHEST_ONLY": "UPDATE entitlement SET category = '5.6-dbn-te', coefficient10 = 25 WHERE category = '20.2c'",
}


@pytest.mark.parametrize("code", BROKEN)
def test_a_list_that_breaks_a_rule_is_not_frozen(each_district: District, code: str) -> None:
    with each_district.open(), db.write_transaction():
        door.store().run(BROKEN[code])
    there = opened(each_district)
    with each_district.open():
        blocking = {finding.code for finding in payment_list.findings(there) if finding.is_blocking}
    assert blocking == {code}
    result = step(each_district, "draft", "frozen")
    assert (result.status, result.reason.detail if result.reason else "") == ("refused", "checks")
    assert found(each_district).state == "draft"


def test_no_month_is_frozen_while_the_list_of_an_earlier_one_may_still_change(each_district: District) -> None:
    """What is carried over and owed is reckoned by what earlier lists gave: built again, the earlier one would give it twice."""
    opened(each_district)
    later = opened(each_district, "2024-11")
    for state in ("draft", "frozen"):
        with each_district.open():
            first, *_ = payment_list.findings(later)
        assert (first.code, first.is_blocking, [(row.line_code, row.note) for row in first.rows]) == ("EARLIER_OPEN", True, [(MONTH, state)])
        refused = step(each_district, "draft", "frozen", "2024-11")
        assert (refused.status, refused.reason.detail if refused.reason else "") == ("refused", "checks")
        page = each_district.client("huyen").get("/payment-lists/2024-11").text
        assert f'<a href="/payment-lists/{MONTH}">Danh sách tháng 10/2024</a> ({"Bản nháp" if state == "draft" else "Đã chốt, chờ duyệt"})' in page
        if state == "draft":
            assert step(each_district, "draft", "frozen").fields == {"state": "applied"}
    approval = {"state": ("frozen", "approved"), "approval": (None, {"digest": found(each_district).digest})}
    assert each_district.submit("lanhdao", "payment_list", found(each_district).id, approval).status == "accepted"
    assert "EARLIER_OPEN" not in codes(each_district, later)
    assert step(each_district, "draft", "frozen", "2024-11").fields == {"state": "applied"}


WARNED = {
    "SHARED_ACCOUNT": "UPDATE entitlement SET account = '00009911112222' WHERE method = 'bank'",
    "NO_ID": "UPDATE person SET national_id = NULL WHERE method = 'bank'",
    "OLD": "UPDATE person SET birth = '1924-10-31' WHERE full_name = 'Võ Thị Út'",
}


@pytest.mark.parametrize("code", WARNED)
def test_what_only_warns_does_not_hold_the_list_up(each_district: District, code: str) -> None:
    with each_district.open(), db.write_transaction():
        door.store().run(WARNED[code])
    there = opened(each_district)
    assert code in codes(each_district, there)
    assert step(each_district, "draft", "frozen").fields == {"state": "applied"}


def test_undecided_changes_and_undeclared_communes_are_told_within_ones_communes(each_district: District) -> None:
    each_district.report_death("dao", "2024-09-20")
    there = opened(each_district)
    with each_district.open():
        seen = {finding.code: finding for finding in payment_list.findings(there)}
        own = {finding.code: finding for finding in payment_list.findings(there, ["18580"])}
    assert [row.person for row in seen["UNDECIDED"].rows] == [person_id("dao")]
    assert {row.commune for row in seen["UNDECLARED"].rows} == {"18568", "18580"}
    assert "UNDECIDED" not in own
    assert {row.commune for row in own["UNDECLARED"].rows} == {"18580"}


@pytest.mark.parametrize(("month", "year_only"), [("2024-10", "-01"), ("2024-10", "-11"), ("2025-08", "-01")])
def test_the_ages_of_the_check_are_those_of_the_law(district: District, month: str, year_only: str) -> None:
    """Every category with every birth month of interest, against `portal.law.ages.covers`."""
    law = book.load().at(month)
    for category in law.categories.values():
        if not category.ages or category.age_of != "beneficiary":
            continue
        edges = {edge for pair in category.ages for edge in pair if edge is not None} | {step.months for step in category.at_age}
        births = {months.add(month, -edge + shift) for edge in edges for shift in (-1, 0, 1)} | {"1944", "1950", "2010"}
        values: dict[str, Any] = {"month": month, "year_only": year_only}
        sql = " OR ".join(list_checks._births(category, values))
        with district.open():
            for birth in sorted(births):
                fits = execute(
                    door.store(), f"SELECT CASE WHEN {sql} THEN 1 ELSE 0 END FROM (SELECT :birth AS birth) s", {**values, "birth": birth}
                )
                known = f"{birth}{year_only}" if len(birth) == len("YYYY") else birth
                assert bool(fits.fetchone()[0]) == covers(category, known, month), (category.code, birth)
