"""One allowance, the highest: what yields is kept in sight, and comes back by itself (Decree 20/2021, article 6.2)."""

from __future__ import annotations

from typing import Any

import pytest

from portal import db, door, verify
from sync.ids import named
from tests.district import IMPORTED, District, Made, import_as, people_edits, person_id
from tests.lists import codes, found, run, to

ROWS = "SELECT line_code, category, start_month, stop_month, stop_reason FROM entitlement WHERE person = ? ORDER BY line_code, start_month, category"


def add(here: District, key: str, birth: str, *rights: tuple[str, int, str]) -> None:
    """One more person in Thạch Kim."""
    made = Made(key, f"Người {key}", birth, "F", "18580-01", [(*right, {}) for right in rights], {"code": f"CN-{key}"})
    with here.open():
        answer = door.submit(people_edits([made]), import_as(f"import:{key}"), IMPORTED)
    assert {result.status for result in answer.results} == {"accepted"}, answer


def approve(here: District, key: str, **values: Any) -> None:
    """Proposes as the commune, approves as the district."""
    change = named("change", key, *(f"{name}={value}" for name, value in sorted(values.items())))
    pairs = {name: (None, value) for name, value in {"person": person_id(key), **values}.items()}
    result = here.submit("xa2", "change", change, pairs, create=True)
    assert (result.status, result.reason) == ("accepted", None), result
    page = here.client("huyen").get(f"/changes/{change}").text
    digest = page.split('name="digest" value="')[1].split('"')[0]
    answer = here.client("huyen").post(f"/changes/{change}/decision", data={"_edit": change, "verdict": "approve", "digest": digest})
    assert answer.status_code == 303, answer.text


def rights(here: District, key: str) -> list[tuple[Any, ...]]:
    return [(line.partition("/")[2], *row) for line, *row in run(here, ROWS, person_id(key))]


def listed(here: District, key: str, month: str) -> set[str]:
    to(here, "draft", month)
    return {
        category
        for (category,) in run(here, "SELECT category FROM payment WHERE person = ? AND month = ? AND allowance > 0", person_id(key), month)
    }


def test_a_higher_right_makes_the_lower_one_yield_and_gives_it_back(each_district: District) -> None:
    here = each_district
    add(here, "ca", "1940-02-01", ("5.5c", 10, "2020-02"))
    approve(here, "ca", reason="MOI", category="5.6-nang-nct", effective="2024-10", event_date="2024-10-02")
    assert rights(here, "ca") == [
        ("1", "5.5c", "2020-02", "2024-10", "THAP_HON"),
        ("2", "5.6-nang-nct", "2024-10", None, None),
    ]
    page = here.client("xa2").get(f"/people/{person_id('ca')}").text
    assert "không trả từ 10/2024" in page
    why = page.split('id="why"')[1].split("</section>")[0]
    assert "CN-ca/1, Người từ đủ 80 tuổi không có lương hưu, trợ cấp: Đủ điều kiện nhưng không hưởng (Điều 6 khoản 2" in why
    assert "Đủ điều kiện nhưng không hưởng" not in here.client("chitra2").get(f"/people/{person_id('ca')}").text.split("<h2>")[1]
    assert listed(here, "ca", "2024-10") == {"5.6-nang-nct"}
    assert "HIGHEST_ONLY" not in codes(here, found(here))
    winner = run(here, "SELECT id FROM entitlement WHERE line_code = 'CN-ca/2'")[0][0]
    approve(here, "ca", reason="HET_DK", entitlement=winner, event_date="2024-11-20")
    assert rights(here, "ca") == [
        ("1", "5.5c", "2020-02", "2024-10", "THAP_HON"),
        ("1", "5.5c", "2024-12", None, None),
        ("2", "5.6-nang-nct", "2024-10", "2024-12", "HET_DK"),
    ]
    with here.open():
        assert verify.verify(door.store(), lambda _steps: None).is_whole
    assert "không trả từ" not in here.client("xa2").get(f"/people/{person_id('ca')}").text


def test_a_lower_right_is_kept_in_sight_from_its_beginning(district: District) -> None:
    add(district, "thap", "1940-02-01", ("5.6-nang-nct", 20, "2020-02"))
    approve(district, "thap", reason="MOI", category="5.5c", effective="2024-10", event_date="2020-02-01")
    assert rights(district, "thap")[1] == ("2", "5.5c", "2024-10", "2024-10", "THAP_HON")
    assert listed(district, "thap", "2024-10") == {"5.6-nang-nct"}
    winner = run(district, "SELECT id FROM entitlement WHERE line_code = 'CN-thap/1'")[0][0]
    approve(district, "thap", reason="HET_DK", entitlement=winner, event_date="2024-09-20")
    assert rights(district, "thap")[1] == ("2", "5.5c", "2024-10", None, None)


def test_the_one_exception_is_paid_beside_and_so_is_care(district: District) -> None:
    add(district, "don", "1980-02-01", ("5.4", 10, "2021-08"), ("5.4", 10, "2021-08"))
    approve(district, "don", reason="MOI", category="5.6-dbn", effective="2024-10", event_date="2024-10-02")
    approve(district, "don", reason="MOI", category="20.2c", effective="2024-10", event_date="2024-10-02", payee="Người con")
    assert [row[1:2] + row[3:] for row in rights(district, "don")] == [
        ("5.4", None, None),
        ("5.4", None, None),
        ("5.6-dbn", None, None),
        ("20.2c", None, None),
    ]
    assert listed(district, "don", "2024-10") == {"5.4", "5.6-dbn", "20.2c"}


def test_of_two_that_join_the_first_one_the_lower_yields(district: District) -> None:
    add(district, "ba", "1943-02-01", ("5.4", 10, "2021-08"), ("5.5c", 10, "2023-02"))
    approve(district, "ba", reason="MOI", category="5.6-nang-nct", effective="2024-10", event_date="2024-10-02")
    assert [(row[1], row[4]) for row in rights(district, "ba")] == [("5.4", None), ("5.5c", "THAP_HON"), ("5.6-nang-nct", None)]


def test_an_adjustment_may_turn_the_order(district: District) -> None:
    add(district, "doi", "1964-12-25", ("5.6-nang", 15, "2021-08"), ("5.8", 15, "2021-08"))
    with district.open(), db.write_transaction():
        door.store().run("UPDATE entitlement SET stop_month = '2021-08', stop_reason = 'THAP_HON' WHERE line_code = 'CN-doi/2'")
    right = run(district, "SELECT id FROM entitlement WHERE line_code = 'CN-doi/1'")[0][0]
    approve(district, "doi", reason="TUOI", entitlement=right, category="5.6-nang-nct", effective="2024-12", event_date="2024-12-25")
    assert [row[1:] for row in rights(district, "doi")] == [
        ("5.6-nang", "2021-08", "2024-12", "TUOI"),
        ("5.6-nang-nct", "2024-12", None, None),
        ("5.8", "2021-08", "2021-08", "THAP_HON"),
    ]


def test_a_decision_from_long_ago_meets_a_right_that_began_later(district: District) -> None:
    add(district, "lau", "1940-02-01", ("5.5c", 10, "2024-06"))
    approve(district, "lau", reason="MOI", category="5.6-nang-nct", effective="2024-03", event_date="2024-03-02")
    assert rights(district, "lau") == [
        ("1", "5.5c", "2024-06", "2024-06", "THAP_HON"),
        ("2", "5.6-nang-nct", "2024-03", None, None),
    ]


@pytest.mark.parametrize("reason", ["CHET", "HET_DK"])
def test_what_waits_ends_with_everything(district: District, reason: str) -> None:
    add(district, "het", "1940-02-01", ("5.5c", 10, "2020-02"))
    approve(district, "het", reason="MOI", category="5.6-nang-nct", effective="2024-09", event_date="2024-09-02")
    approve(district, "het", reason=reason, event_date="2024-09-20")
    assert [row[4] for row in rights(district, "het")] == [reason, reason]
    assert listed(district, "het", "2024-10") == set()


def test_a_category_that_is_no_more_does_not_come_back(district: District) -> None:
    add(district, "cu", "1940-02-01", ("5.5c", 10, "2020-02"))
    approve(district, "cu", reason="MOI", category="5.6-nang-nct", effective="2024-10", event_date="2024-10-02")
    winner = run(district, "SELECT id FROM entitlement WHERE line_code = 'CN-cu/2'")[0][0]
    approve(district, "cu", reason="HET_DK", entitlement=winner, event_date="2025-08-20")
    assert rights(district, "cu")[0][1:] == ("5.5c", "2020-02", "2024-10", "THAP_HON")
    assert len(rights(district, "cu")) == 2


@pytest.mark.parametrize("first", ["death", "right"])
def test_a_right_decided_after_the_death_pays_until_it_and_nobody_lives_again(each_district: District, first: str) -> None:
    here = each_district
    add(here, "ca", "1940-02-01", ("5.5c", 10, "2020-02"))
    steps = {
        "death": {"reason": "CHET", "event_date": "2024-09-20"},
        "right": {"reason": "MOI", "category": "5.6-nang-nct", "effective": "2024-09", "event_date": "2024-09-02"},
    }
    for name in (first, *(each for each in steps if each != first)):
        approve(here, "ca", **steps[name])
    assert [row[:4] for row in rights(here, "ca")] == [
        ("1", "5.5c", "2020-02", "2024-09"),
        ("2", "5.6-nang-nct", "2024-09", "2024-10"),
    ]
    assert run(here, "SELECT status, closed, death_date FROM person WHERE id = ?", person_id("ca")) == [("dead", "2024-09-20", "2024-09-20")]
    assert listed(here, "ca", "2024-11") == set()


def test_a_right_that_would_begin_after_the_death_is_not_decided(district: District) -> None:
    add(district, "ca", "1940-02-01", ("5.5c", 10, "2020-02"))
    approve(district, "ca", reason="CHET", event_date="2024-09-20")
    change = named("change", "late")
    values = {"person": person_id("ca"), "reason": "MOI", "category": "5.6-nang-nct", "effective": "2024-10", "event_date": "2024-10-02"}
    assert district.submit("xa2", "change", change, {name: (None, value) for name, value in values.items()}, create=True).status == "accepted"
    client = district.client("huyen")
    digest = client.get(f"/changes/{change}").text.split('name="digest" value="')[1].split('"')[0]
    answer = client.post(f"/changes/{change}/decision", data={"_edit": change, "verdict": "approve", "digest": digest})
    assert "đã mất trước khi chế độ bắt đầu" in answer.text
    assert len(rights(district, "ca")) == 1
