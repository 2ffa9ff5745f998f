"""Units succeed others: people and what is open about them move in one edit, and the past stays as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal import (
    clock,
    door,
    list_comparison,
    list_lines,
    payment_list,
    payment_list_steps,
    residence,
    result,
    session_plan,
    settlement_steps,
    succession,
    succession_plan,
    totals,
    unit,
    verify,
)
from portal.models.account import Account
from portal.models.journal import Journal
from portal.models.succession import Succession
from sync.ids import named
from tests import posted, powers
from tests.district import CASH, MONTH, NOW, District, person_id, right_id
from tests.sync.devices import Device

TOWN, KIM = "18568", "18580"
NEW_PERSON = named("person", "moi")
PROPOSED = named("change", "moi")
NEXT = clock.month_after(MONTH)
SPLIT = """
title = "Chia thị trấn Lộc Hà"
basis = "Nghị quyết 2/NQ"
valid_from = "2025-01-01"

[[unit]]
code = "18568"
kind = "commune"
name = "Phường Lộc Hà"
parent = "448"
from = ["18568"]

[[unit]]
code = "18569"
kind = "commune"
name = "Xã Lộc Yên"
parent = "448"
from = ["18568"]

[hamlet_to]
"18568-01" = "18568"
"18568-02" = "18569"

[rest]
"18568" = "18569"

[accounts]
xa = "18569"
"""


def sums(district: District) -> dict[str, Any]:
    """Every sum of the month that a report may be made of."""
    with district.open():
        owner = named("list", MONTH)
        return {
            "entitled": list(totals.entitled(clock.month_after(MONTH, -1), MONTH, by_commune=True)),
            "paid": list(totals.paid(MONTH, MONTH, by_commune=True)),
            "settlement": settlement_steps.count(door.store(), owner),
        }


@pytest.fixture
def before(each_district: District) -> District:
    """October posted and paid, and in the open: a death, a new person, a correction, a session of the next month."""
    posted.post_list(each_district)
    posted.mark_all(each_district)
    each_district.report_death("ut", "2024-10-03", who="xa2")
    new = {"id": NEW_PERSON, "full_name": "Trần Thị Mới", "birth": "1940", "sex": "F", "commune": KIM, "hamlet": "Thôn 2"}
    values = {"reason": "MOI", "new_person": new, "category": "5.5c", "coefficient10": 10, "effective": NEXT, "payment_method": CASH}
    posted.accept(each_district, "xa2", "change", PROPOSED, values, create=True)
    correction = {"commune": (TOWN, KIM), "hamlet": ("TDP 1", "Thôn 1")}
    values = {
        "reason": "SUA_SAI",
        "person": person_id("dao"),
        "target_kind": "person",
        "target": person_id("dao"),
        "target_set": correction,
    }
    posted.accept(each_district, "xa", "change", named("change", "chuyen"), values, create=True)
    session = {"month": "2025-02", "commune": KIM, "pay_point": "DC-18580", "day": "2025-02-11", "starts": "07:30", "ends": "11:00"}
    posted.accept(each_district, "kiemsoat", "pay_session", named("s", "sau"), {**session, "agent": "chitra2"}, create=True)
    return each_district


def test_the_past_stays_to_the_dong_and_the_journal_replays(before: District, tmp_path: Path) -> None:
    was = sums(before)
    assert {row.commune_code for row in was["entitled"]} == {"", TOWN, KIM}
    powers.succeed(before, tmp_path)
    assert sums(before) == was
    with before.open():
        assert list(totals.entitled("2025-01", "2025-01", by_commune=True))[1:][0].commune_code == TOWN
        verdict = verify.verify(door.store())
    assert verdict.is_whole, verdict


def test_people_rights_and_what_is_open_move(before: District, tmp_path: Path) -> None:
    told = powers.succeed(before, tmp_path)
    assert (told.people, told.until) == ({TOWN: 8, KIM: 4}, "2024-12")
    assert before.value("person", person_id("ut"), "commune") == TOWN
    assert before.value("person", person_id("ut"), "hamlet") == "Thôn 1 Thạch Kim"
    assert before.value("person", person_id("dao"), "hamlet") == "TDP 1 Lộc Hà"
    assert before.value("entitlement", right_id("ut"), "commune") == TOWN
    assert before.value("change", named("change", "ut", "2024-10-03", "xa2"), "commune") == TOWN
    assert before.value("change", named("change", "chuyen"), "target_set") == {
        "commune": [TOWN, TOWN],
        "hamlet": ["TDP 1 Lộc Hà", "Thôn 1 Thạch Kim"],
    }
    assert before.value("pay_session", named("s", "sau"), "commune") == TOWN
    assert before.value("pay_session", named("s", "sau"), "hamlets") == ["Thôn 1 Thạch Kim", "Thôn 2 Thạch Kim"]
    with before.open():
        assert Account.get(Account.name == "xa2").unit == TOWN
        assert Account.get(Account.name == "huyen").unit == "42-SYT"
    assert powers.decide(before, "huyen", PROPOSED, now=powers.MERGED).fields == {"decision": "applied"}
    assert before.value("person", NEW_PERSON, "commune") == TOWN
    assert before.value("person", NEW_PERSON, "hamlet") == "Thôn 2 Thạch Kim"


def test_the_month_that_follows_is_of_the_new_units(before: District, tmp_path: Path) -> None:
    powers.succeed(before, tmp_path)
    record = named("list", "2025-02")
    posted.accept(before, "huyen", "payment_list", record, {"month": "2025-02"}, create=True)
    with before.open():
        rows = door.store().run("SELECT DISTINCT commune FROM payment WHERE list = ?", (record,)).fetchall()
        assert rows == [(TOWN,)]
        assert [each.name for each in unit.communes()] == ["Xã Lộc Hà"]
        assert [each.name for each in unit.communes(residence.day_of(MONTH))] == ["Thị trấn Lộc Hà", "Xã Thạch Kim"]
        (moved,) = list_comparison.movements(payment_list.find("2025-02") or pytest.fail("no list"), "commune", None)
    # Opening and closing by the same units: nobody came, nobody went, who is called otherwise.
    assert (moved.key, moved.opening, moved.increases, moved.decreases, moved.closing) == (TOWN, 13, 0, 0, 13)
    page = before.client("huyen").get("/payment-lists/2025-02").text
    assert "Xã Lộc Hà" in page and "Thạch Kim" not in page


def test_what_was_called_otherwise_keeps_its_name_on_old_pages(before: District, tmp_path: Path) -> None:
    powers.succeed(before, tmp_path)
    client = before.client("huyen")
    for address in (
        f"/payment-lists/{MONTH}",
        f"/payment-lists/{MONTH}/lines",
        f"/settlements/{MONTH}",
        f"/reports/{MONTH}",
        f"/payments?month={MONTH}",
    ):
        page = client.get(address)
        assert page.status_code == 200, address
        assert "Xã Thạch Kim" in page.text and "Thị trấn Lộc Hà" in page.text, address
        assert "Xã Lộc Hà" not in page.text, address
    assert "Xã Lộc Hà" in client.get(f"/people/{person_id('dao')}").text


def test_everybody_is_still_found_and_the_history_says_why_they_moved(before: District, tmp_path: Path) -> None:
    powers.succeed(before, tmp_path)
    client = before.client("xa2")  # once of Thạch Kim, now of the whole commune
    for name, key in (("Võ Thị Út", "ut"), ("Nguyễn Thị Đào", "dao")):
        assert name in client.get("/people", query_string={"q": name}).text
        page = client.get(f"/people/{person_id(key)}").text
        assert "Nhập thị trấn Lộc Hà và xã Thạch Kim" in page
    hamlet = client.get("/people", query_string={"commune": TOWN, "hamlet": "18580-01"}).text
    assert "Võ Thị Út" in hamlet and "Nguyễn Thị Đào" not in hamlet
    page = client.get(f"/people/{person_id('ut')}").text
    for said in ("Sắp xếp đơn vị hành chính", "Xã Thạch Kim", "Xã Lộc Hà", "Thôn 1 Thạch Kim"):
        assert said in page


def test_devices_pull_anew_and_get_the_whole_commune(each_district: District, tmp_path: Path) -> None:
    posted.post_list(each_district)
    phone = Device(each_district, "xa2")
    phone.pull()
    powers.succeed(each_district, tmp_path)
    told = phone.get("pull", since=phone.cursor)
    assert (told.status_code, told.get_json()["code"]) == (409, "new_epoch")
    held = phone.pull(fresh=True)
    assert {("person", person_id("dao")), ("person", person_id("ut"))} <= held.keys()
    assert held["person", person_id("ut")]["hamlet"] == "Thôn 1 Thạch Kim"
    assert {fields["commune"] for (kind, _), fields in held.items() if kind == "payment"} == {TOWN, KIM}
    named_ = phone.get("schema").get_json()["units"]
    assert (named_[TOWN], named_[KIM]) == ("Xã Lộc Hà", "Xã Thạch Kim")  # payments of October are still of Thạch Kim


def test_a_booklet_written_before_still_counts(each_district: District, tmp_path: Path) -> None:
    phone = Device(each_district, "xa2")
    phone.pull()
    powers.succeed(each_district, tmp_path)
    (answer,) = phone.push(phone.edit("person", person_id("ut"), {"phone": ["0510000009", "0510000019"]}))
    assert answer["fields"] == {"phone": "applied"}


def test_a_commune_that_is_split_goes_by_its_hamlets(district: District, tmp_path: Path) -> None:
    post = Device(district, "kiemsoat")
    post.pull()
    told = powers.succeed(district, tmp_path, SPLIT)
    assert told.accounts == {"@xa": "18569"}
    with district.open():
        of = {row["id"]: row["commune"] for row in _people()}
        assert Account.get(Account.name == "xa").unit == "18569"
        assert unit.within_reach_of("18569") == {"18568", "18569"}
    assert post.pull()["person", person_id("hoa")]["commune"] == "18569"  # of all communes before and after: what moved comes by itself
    assert of[person_id("dao")] == TOWN and of[person_id("hoa")] == "18569" and of[person_id("ut")] == KIM


def _people() -> list[dict[str, Any]]:
    rows = door.store().run("SELECT id, commune FROM person").fetchall()
    return [{"id": id_, "commune": commune} for id_, commune in rows]


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('from = ["18568", "18580"]', 'from = ["18568", "18999"]', "18999 is no unit of today"),
        ('code = "42-SYT"', 'code = "448-BD2"', ""),
        ('code = "42-SYT"', 'code = "18580-01"', "18580-01 is Thôn 1 already"),
        ('hamlet_name = "{name} {former}"', 'hamlet_name = "Thôn"', "would all be Thôn"),
        ('from = ["18568", "18580"]', 'from = ["18568"]', "18580 Xã Thạch Kim would be left behind by 448"),
        ('serves = "42"\nfrom = ["448-BD"]', 'serves = "448"\nfrom = ["448-BD"]', "begins with serves 448, which ends"),
        ('valid_from = "2025-01-01"', 'valid_from = "2018-01-01"', "itself began on 2019-01-01"),
    ],
)
def test_a_plan_that_leaves_something_open_is_not_carried_out(
    district: District, tmp_path: Path, was: str, becomes: str, said: str
) -> None:
    text = powers.ONE_COMMUNE.replace(was, becomes)
    assert text != powers.ONE_COMMUNE
    with district.open():
        entries = Journal.select().count()
        if said:
            with pytest.raises(succession.SuccessionProblem, match=said):
                succession.carry_out(powers.plan(tmp_path, text), powers.MERGED)
            assert Journal.select().count() == entries
        else:
            succession.carry_out(powers.plan(tmp_path, text), powers.MERGED)


def test_a_split_has_to_say_where_everybody_goes(district: District, tmp_path: Path) -> None:
    text = SPLIT.partition("[hamlet_to]")[0]
    with district.open(), pytest.raises(succession.SuccessionProblem) as told:
        succession.foresee(powers.plan(tmp_path, text), NOW)
    assert len([said for said in told.value.problems if "hamlet_to has to say" in said]) == 2


def test_a_plan_is_carried_out_once(district: District, tmp_path: Path) -> None:
    powers.succeed(district, tmp_path)
    with district.open():
        with pytest.raises(succession.SuccessionProblem, match=r"is no unit of today|itself began"):
            succession.carry_out(powers.plan(tmp_path), powers.MERGED)
        assert Succession.select().count() == 1


@pytest.mark.parametrize(
    "text", ["title = ", 'title = "x"', powers.ONE_COMMUNE + "\nwhen = 1\n", powers.ONE_COMMUNE.replace("2025-01-01", "2025")]
)
def test_a_file_that_is_no_plan_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(succession_plan.PlanProblem, match=r"phuong-an\.toml"):
        powers.plan(tmp_path, text)


def test_nobody_signed_in_moves_units_through_the_door(district: District) -> None:
    values = {"title": "x", "basis": "x", "valid_from": "2024-10-01", "plan": {"moves": {TOWN: {"to": KIM, "hamlets": {}}}}}
    for who in ("xa", "huyen", "lanhdao", "quantri"):
        result = district.submit(who, "succession", named("succession", who), {k: (None, v) for k, v in values.items()}, create=True)
        assert result.reason is not None and result.reason.code == "forbidden"
    assert district.value("person", person_id("dao"), "commune") == TOWN


def test_hamlets_of_one_commune_become_one(district: District, tmp_path: Path) -> None:
    text = """
title = "Nhập thôn"
basis = "Nghị định 185/2026/NĐ-CP"
valid_from = "2025-01-01"

[[unit]]
code = "18580-11"
kind = "hamlet"
name = "Thôn Biển"
parent = "18580"
from = ["18580-01", "18580-02"]
"""
    powers.succeed(district, tmp_path, text)
    assert {district.value("person", person_id(key), "hamlet") for key in ("ut", "binh2", "yen", "vinh")} == {"Thôn Biển"}
    with district.open():
        assert [each.name for each in unit.hamlets(KIM)] == ["Thôn Biển"]
        assert [each.name for each in unit.hamlets(KIM, "2024-12")] == ["Thôn 1", "Thôn 2"]


def test_a_report_over_the_change_is_by_the_units_of_its_last_month(before: District, tmp_path: Path) -> None:
    powers.succeed(before, tmp_path)
    record = named("list", "2025-02")
    posted.accept(before, "huyen", "payment_list", record, {"month": "2025-02"}, create=True)
    with before.open():
        door.store().run("UPDATE payment_list SET state = 'posted' WHERE id = ?", (record,))  # nobody has to pay it for this
        (both,) = (result.of_period(MONTH, "2025-02") or pytest.fail("no result")).communes
        first = (result.of_period(MONTH, MONTH) or pytest.fail("no result")).communes
    assert (both.commune, both.lines) == (TOWN, 26)
    assert {each.commune: each.lines for each in first} == {TOWN: 9, KIM: 4}


def test_the_pay_points_of_a_merged_commune_go_on_with_their_hamlets(before: District, tmp_path: Path) -> None:
    powers.succeed(before, tmp_path)
    own = ("TDP 1 Lộc Hà", "TDP 2 Lộc Hà"), ("Thôn 1 Thạch Kim", "Thôn 2 Thạch Kim")
    with before.open():
        proposed = session_plan.propose("2025-01", None)
        assert [(each.commune, each.pay_point, each.agent, each.hamlets) for each in proposed] == [
            (TOWN, "DC-18568", "chitra", own[0]),
            (TOWN, "DC-18580", "chitra2", own[1]),
        ]
        # November is still of the former units, by date if by no list: what was there in October is copied as it was.
        assert {(each.commune, each.hamlets) for each in session_plan.copy(NEXT, None)} == {(TOWN, ()), (KIM, ())}


def test_sessions_copied_over_the_change_name_the_new_places(district: District, tmp_path: Path) -> None:
    session = {"month": "2024-12", "commune": KIM, "pay_point": "DC-18580", "day": "2024-12-11", "starts": "07:30", "ends": "11:00"}
    posted.accept(district, "kiemsoat", "pay_session", named("s", "12"), {**session, "agent": "chitra2"}, create=True)
    powers.succeed(district, tmp_path)
    with district.open():
        (plan,) = session_plan.copy("2025-01", None)
    assert (plan.commune, plan.pay_point, plan.agent, plan.hamlets) == (
        TOWN,
        "DC-18580",
        "chitra2",
        ("Thôn 1 Thạch Kim", "Thôn 2 Thạch Kim"),
    )


def test_what_is_added_to_an_old_list_is_of_the_old_units(before: District, tmp_path: Path) -> None:
    powers.succeed(before, tmp_path)
    old, new = {(TOWN, "TDP 1"), (KIM, "Thôn 1")}, {(TOWN, "TDP 1 Lộc Hà"), (TOWN, "Thôn 1 Thạch Kim")}
    with before.open():
        assert not payment_list_steps.is_stale(door.store(), named("list", MONTH), MONTH, clock.utc_text(NOW))
        for month, places in ((MONTH, old), ("2025-01", new)):
            sql, values = list_lines.select(door.store(), "", month)
            asked = f"SELECT DISTINCT commune, hamlet FROM ({sql}) d WHERE hamlet LIKE :first"
            rows = list_lines.execute(door.store(), asked, {**values, "first": "% 1%"}).fetchall()
            assert {tuple(row) for row in rows} == places
