"""What was paid without a right comes to light by itself: from dates, whenever the event or the payment is told."""

from __future__ import annotations

import pytest

from portal import db, door, verify
from sync.ids import named
from sync.kinds.conflict import shown_digest
from sync.line_sets import packed
from tests.district import MONTH, District, line_code, person_id, right_id
from tests.overpaying import LATER, mark, overpaid, recovery_id, tell
from tests.proposing import approve, propose

FULL = 500_000

CASES: dict[str, tuple[str, dict[str, int]]] = {
    "dead before the list is drawn up: not on it": ("report 09-20, post 10", {}),
    "told after posting, not paid: held back": ("post 10, report 09-20", {}),
    "told after payment": ("post 10, pay 10, report 09-20", {"2024-10": FULL}),
    "heard of before payment, decided after": ("post 10, hear 09-20, pay 10, decide", {"2024-10": FULL}),
    "heard of, not decided": ("post 10, pay 10, hear 09-20", {}),
    "the month of the death is due": ("post 10, pay 10, report 10-03", {}),
    "told two months late": ("post 10, pay 10, post 11, pay 11, report 09-20", {"2024-10": FULL, "2024-11": FULL}),
    "told two months late, one not collected": ("post 10, pay 10, post 11, miss 11, report 09-20", {"2024-10": FULL}),
    "the mark comes after the decision": ("post 10, report 09-20, pay 10", {"2024-10": FULL}),
    "the mark comes after the month was closed": ("post 10, miss 10, settle 10, report 09-20, pay 10", {"2024-10": FULL}),
    "taken back: nothing was paid": ("post 10, pay 10, report 09-20, undo 10", {}),
    "paid after all": ("post 10, pay 10, report 09-20, undo 10, pay 10", {"2024-10": FULL}),
    "the money of another month, carried over": (
        "post 10, miss 10, settle 10, post 11, pay 11, report 09-20",
        {"2024-10": FULL, "2024-11": FULL},
    ),
    "the due part of what was carried over": ("post 10, miss 10, settle 10, post 11, pay 11, report 10-20", {"2024-11": FULL}),
    "once by a late mark, once carried over": ("post 10, miss 10, settle 10, post 11, pay 11, pay 10", {"2024-10": FULL}),
    "no longer eligible": ("post 10, pay 10, stop 09-02", {"2024-10": FULL}),
    "no death at all": ("post 10, pay 10, report 09-20, alive", {}),
    "another date of death: later": ("post 10, pay 10, post 11, pay 11, report 09-20, report 10-02", {"2024-11": FULL}),
    "another date of death: earlier": ("post 10, pay 10, post 11, pay 11, report 10-20, report 09-02", {"2024-10": FULL, "2024-11": FULL}),
}


@pytest.mark.parametrize(("story", "months"), CASES.values(), ids=CASES)
def test_months_paid_after_the_right_ended(district: District, story: str, months: dict[str, int]) -> None:
    tell(district, story)
    assert overpaid(district) == months


def test_a_lower_coefficient_decided_late(district: District) -> None:
    tell(district, "post 10, pay 10, lower 10-01", "binh2")
    assert overpaid(district, "binh2") == {"2024-10": 250_000}


def test_a_file_of_results_finds_it_as_a_mark_does(each_district: District) -> None:
    """Marked as one set, a line whose right has changed since it was listed is looked at like one marked by itself."""
    tell(each_district, "post 10, lower 10-01", "binh2")
    with each_district.open():
        ids = [p.id for key in ("binh2", "ut") for p in door.shelf().where("payment", {"person": person_id(key)})]
    mark_ = {"state": "paid", "how": "bank", "at": f"{MONTH}-12T02:00:00Z"}
    values = {"list": named("list", MONTH), "source": "bank", "name": "ket-qua.xlsx", "booked": [{"mark": mark_, "lines": packed(ids)}]}
    pairs = {name: (None, value) for name, value in values.items()}
    assert each_district.submit("kiemsoat", "result_file", named("file"), pairs, create=True).status == "accepted"
    assert (overpaid(each_district, "binh2"), overpaid(each_district, "ut")) == ({"2024-10": 250_000}, {})
    assert each_district.value("recovery", recovery_id("binh2"), "holder") == "account"
    with each_district.open():
        assert verify.verify(door.store()).is_whole


def test_each_line_of_a_person_has_its_own_and_says_where_the_money_went(district: District) -> None:
    tell(district, "post 10, pay 10", "my")
    mark_bank(district, 2)
    tell(district, "report 09-20", "my")
    assert (overpaid(district, "my", 1), overpaid(district, "my", 2)) == ({"2024-10": 1_250_000}, {"2024-10": FULL})
    assert district.value("recovery", recovery_id("my", 1), "holder") == "family"
    assert district.value("recovery", recovery_id("my", 2), "holder") == "account"


def mark_bank(district: District, number: int) -> None:
    with district.open():
        line = next(p for p in door.shelf().where("payment", {"person": person_id("my")}) if p["line_code"] == line_code("my", number))
    wanted = {"state": "paid", "how": "bank", "at": f"{MONTH}-12T02:00:00Z"}
    assert district.submit("kiemsoat", "payment", line.id, {"mark": (None, wanted)}).status == "accepted"


def test_paid_twice_by_somebodys_finding_is_an_overpayment_too(district: District) -> None:
    tell(district, "post 10, pay 10")
    with district.open():
        line = next(iter(door.shelf().where("payment", {"person": person_id("dao")})))
    again = {"state": "paid", "how": "home", "to": "self", "at": f"{MONTH}-14T02:00:00Z"}
    assert district.submit("chitra", "payment", line.id, {"mark": (None, again)}).fields == {"mark": "conflict"}
    with district.open():
        (asked,) = door.shelf().where("conflict", {"about": line.id})
        digest = shown_digest(door.shelf(), asked)
    assert overpaid(district) == {}
    resolved = district.submit("huyen", "conflict", asked.id, {"resolution": (None, {"choice": "twice", "digest": digest})})
    assert resolved.fields == {"resolution": "applied"}, resolved
    assert overpaid(district) == {"2024-10": FULL}


def test_what_is_no_overpayment_any_more_stays_to_be_seen(district: District) -> None:
    tell(district, "post 10, pay 10, post 11, pay 11, report 09-20, undo 11")
    items = {item["month"]: item.get("void", False) for item in district.value("recovery", recovery_id("dao"), "items")}
    assert items == {"2024-10": False, "2024-11": True}
    (correction,) = district.value("recovery", recovery_id("dao"), "corrections")
    assert (correction["before"], correction["after"], correction["by"]) == (2 * FULL, FULL, "kiemsoat")


def test_nothing_is_netted_off_by_itself(district: District) -> None:
    """The other line of the same person is listed and paid in full."""
    tell(district, "post 10, pay 10", "binh")
    change = propose(
        district, "xa", LATER, reason="HET_DK", person=person_id("binh"), entitlement=right_id("binh", 1), event_date="2024-09-02"
    )
    approve(district, change, now=LATER)
    assert overpaid(district, "binh", 1) == {"2024-10": FULL}
    tell(district, "post 11", "binh")
    with district.open():
        lines = [p for p in door.shelf().where("payment", {"person": person_id("binh")}) if p["month"] == "2024-11"]
    assert [(p["line_code"], p["total"]) for p in lines] == [(line_code("binh", 2), FULL)]


def test_a_person_who_moves_takes_the_case_along(district: District) -> None:
    tell(district, "post 10, pay 10, stop 09-02")
    assert district.submit("xa", "person", person_id("dao"), {"commune": ("18568", "18580")}).fields == {"commune": "proposed"}
    with district.open():
        (move,) = [c for c in door.shelf().where("change", {"person": person_id("dao")}) if c["state"] == "proposed"]
    approve(district, move.id, now=LATER)
    assert district.value("recovery", recovery_id("dao"), "commune") == "18580"


def test_a_death_that_was_none_is_taken_back_whole(district: District) -> None:
    tell(district, "post 10, pay 10, report 09-20, post 11, alive")
    assert (district.value("person", person_id("dao"), "status"), district.value("person", person_id("dao"), "closed")) == ("active", None)
    assert district.value("entitlement", right_id("dao"), "stop_month") is None
    assert [c["after"] for c in district.value("recovery", recovery_id("dao"), "corrections")] == [0]
    tell(district, "post 12")
    with district.open():
        (line,) = [p for p in door.shelf().where("payment", {"person": person_id("dao")}) if p["month"] == "2024-12"]
    assert (line["allowance"], line["arrears"]) == (FULL, FULL), "November is owed"


def test_a_right_that_had_yielded_before_the_death_stays_as_it_was(district: District) -> None:
    with district.open(), db.write_transaction():
        door.store().run("UPDATE entitlement SET stop_month = '2024-05', stop_reason = 'THAP_HON' WHERE id = ?", (right_id("binh", 1),))
    tell(district, "report 09-20, report 10-02", "binh")
    assert [district.value("entitlement", right_id("binh", number), "stop_month") for number in (1, 2)] == ["2024-05", "2024-11"]
    tell(district, "alive", "binh")
    ends = [
        tuple(district.value("entitlement", right_id("binh", number), name) for name in ("stop_month", "stop_reason")) for number in (1, 2)
    ]
    assert ends == [("2024-05", "THAP_HON"), (None, None)]


def test_the_journal_plays_it_again(each_district: District) -> None:
    tell(each_district, "post 10, pay 10, post 11, miss 11, report 09-20, pay 11, undo 10")
    assert overpaid(each_district) == {"2024-11": FULL}
    with each_district.open():
        assert verify.verify(door.store()).is_whole
    assert mark(each_district, "ut", MONTH, "pay").status == "accepted"
