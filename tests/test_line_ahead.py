"""A line whose next age was decided ahead of time: it has two rights, and what is decided of the line holds for both."""

from __future__ import annotations

from typing import Any

import pytest

from portal import door, proposal, verify
from portal.proposal import Draft
from sync.ids import named
from tests.district import NOW, District, district, district_file, each_district, person_id
from tests.lists import run
from tests.test_highest import add, approve, listed

__all__ = ["district", "district_file", "each_district"]


def ahead(here: District) -> dict[str, str]:
    """Sixty in December, decided in October; the ids of both rights of the line by their first month."""
    add(here, "so", "1964-12-25", ("5.6-nang", 15, "2021-08"))
    (now,) = run(here, "SELECT id FROM entitlement WHERE line_code = 'CN-so/1'")
    approve(here, "so", reason="TUOI", entitlement=now[0], category="5.6-nang-nct", effective="2024-12", event_date="2024-12-25")
    return dict(run(here, "SELECT start_month, id FROM entitlement WHERE line_code = 'CN-so/1'"))


def months(here: District) -> list[tuple[Any, ...]]:
    return run(
        here, "SELECT category, start_month, stop_month, suspended_from FROM entitlement WHERE line_code = 'CN-so/1' ORDER BY start_month"
    )


@pytest.mark.parametrize("named_by", ["2021-08", "2024-12"])
def test_the_line_stops_whichever_of_its_rights_is_named(each_district: District, named_by: str) -> None:
    rights = ahead(each_district)
    approve(each_district, "so", reason="HET_DK", entitlement=rights[named_by], event_date="2024-10-20")
    assert {row[2] for row in months(each_district)} == {"2024-11"}
    assert listed(each_district, "so", "2024-11") == set()
    assert listed(each_district, "so", "2024-12") == set()
    with each_district.open():
        assert verify.verify(door.store()).is_whole


@pytest.mark.parametrize("named_by", ["2021-08", "2024-12"])
def test_the_line_is_suspended_and_goes_on_whichever_is_named(each_district: District, named_by: str) -> None:
    rights = ahead(each_district)
    approve(each_district, "so", reason="KHONG_CHAP_HANH", entitlement=rights[named_by], event_date="2024-10-02", effective="2024-11")
    assert {row[3] for row in months(each_district)} == {"2024-11"}
    assert listed(each_district, "so", "2024-12") == set()
    approve(each_district, "so", reason="TIEP_TUC", entitlement=rights[named_by], event_date="2025-01-02", effective="2025-01")
    assert {row[3] for row in months(each_district)} == {None}


def test_resumed_without_back_pay_it_goes_on_as_what_it_has_become(district: District) -> None:
    rights = ahead(district)
    approve(district, "so", reason="KHONG_CHAP_HANH", entitlement=rights["2021-08"], event_date="2024-09-02", effective="2024-10")
    approve(
        district, "so", reason="TIEP_TUC", entitlement=rights["2021-08"], event_date="2024-10-20", effective="2024-11", without_arrears=True
    )
    assert listed(district, "so", "2024-10") == set()
    assert listed(district, "so", "2024-11") == {"5.6-nang"}
    assert listed(district, "so", "2024-12") == {"5.6-nang-nct"}


def test_an_adjustment_from_before_the_right_that_it_names_is_sent_to_the_one_that_pays_then(district: District) -> None:
    rights = ahead(district)
    before = months(district)
    change = named("change", "adjust")
    values = {
        "person": person_id("so"), "reason": "MUC_KT", "entitlement": rights["2024-12"], "category": "5.6-dbn", "effective": "2024-10",
        "event_date": "2024-10-02",
    }  # fmt: skip
    assert district.submit("xa2", "change", change, {name: (None, value) for name, value in values.items()}, create=True).status == "accepted"
    client = district.client("huyen")
    digest = client.get(f"/changes/{change}").text.split('name="digest" value="')[1].split('"')[0]
    answer = client.post(f"/changes/{change}/decision", data={"_edit": change, "verdict": "approve", "digest": digest})
    assert "hãy đề nghị trên dòng đang hưởng" in answer.text
    assert months(district) == before


def test_what_stops_is_told_once_a_line(district: District) -> None:
    rights = ahead(district)
    with district.open():
        seen = proposal.preview(Draft(reason="HET_DK", person=person_id("so"), entitlement=rights["2024-12"], event_date="2024-10-20"), NOW)
    assert [(each.code, each.values["month"], each.values["amount"]) for each in seen.effects] == [("stops", "2024-11", 750_000)]


def test_the_right_that_pays_until_then_can_be_adjusted(district: District) -> None:
    rights = ahead(district)
    draft = Draft(reason="MUC_KT", person=person_id("so"), entitlement=rights["2021-08"], category="5.6-dbn", event_date="2024-10-02")
    with district.open():
        assert proposal.preview(draft, NOW).problems == {}
    approve(
        district, "so", reason="MUC_KT", entitlement=rights["2021-08"], category="5.6-dbn", coefficient10=20, effective="2024-10",
        event_date="2024-10-02",
    )  # fmt: skip
    assert [row[:3] for row in months(district)] == [
        ("5.6-nang", "2021-08", "2024-10"), ("5.6-dbn", "2024-10", "2024-12"), ("5.6-nang-nct", "2024-12", None),
    ]  # fmt: skip
