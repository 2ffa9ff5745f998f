"""The child a right is counted by: asked for with the proposal, checked, kept with the right, shown to those who may know."""

from __future__ import annotations

from portal.transition import by_age
from tests.district import District, person_id
from tests.lists import run
from tests.proposing import Fields, opened, send


def decided(here: District, change: str) -> int:
    """Approves a change as the district; the status of the answer."""
    page = here.client("huyen").get(f"/changes/{change}").text
    digest = page.split('name="digest" value="')[1].split('"')[0]
    return (
        here.client("huyen").post(f"/changes/{change}/decision", data={"_edit": change, "verdict": "approve", "digest": digest}).status_code
    )


def test_a_child_s_birth_goes_from_the_form_to_the_right(each_district: District) -> None:
    here = each_district
    client = here.client("xa")
    form = opened(client, person=person_id("binh"), type="increase")
    sent = send(client, form, reason="MOI", category="5.4", effective="10/2024", child_birth="30/11/2008")
    assert sent.status_code == 303, sent.text
    assert "30/11/2008" in client.get(f"/changes/{form['record']}").text
    assert decided(here, form["record"]) == 303
    rows = run(here, "SELECT category, child_birth FROM entitlement WHERE person = ? AND start_month = '2024-10'", person_id("binh"))
    assert rows == [("5.4", "2008-11-30")]
    assert "con sinh 30/11/2008" in client.get(f"/people/{person_id('binh')}").text
    assert "30/11/2008" not in here.client("chitra").get(f"/people/{person_id('binh')}").text
    with here.open():
        (found,) = by_age("2024-11", "2024-12")
        assert (found.fact, found.end_month, found.of_child) == ("DANG_HOC", "2024-12", True)


def test_a_child_past_the_age_is_refused_before_it_is_sent(district: District) -> None:
    client = district.client("xa")
    form = opened(client, person=person_id("binh"), type="increase")
    answer = send(client, form, reason="MOI", category="5.4", effective="10/2024", child_birth="01/09/2002")
    assert answer.status_code == 422
    assert Fields(answer.text, "/changes/new").found["child_birth"] == "01/09/2002"


def test_a_birth_that_was_not_written_is_added_by_an_adjustment(district: District) -> None:
    client = district.client("xa")
    right = run(district, "SELECT id FROM entitlement WHERE person = ? ORDER BY line_code", person_id("binh"))[0][0]
    form = opened(client, person=person_id("binh"), type="adjustment", entitlement=right)
    sent = send(client, form, reason="SO_CON", event_date="01/10/2024", child_birth="2010")
    assert sent.status_code == 303, sent.text
    assert decided(district, form["record"]) == 303
    rows = run(
        district,
        "SELECT start_month, stop_month, category, child_birth FROM entitlement WHERE line_code = (SELECT line_code FROM entitlement WHERE id = ?) ORDER BY 1",
        right,
    )
    assert rows == [("2020-10", "2024-10", "5.4", None), ("2024-10", None, "5.4", "2010")]
