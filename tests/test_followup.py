"""Who did not collect: asked about from two months on, suspended from three, each once."""

from __future__ import annotations

import pytest

from portal import followup
from portal.followup import Case
from portal.models.account import Account
from tests import lists
from tests.district import NOW, District, line_code, person_id, right_id
from tests.lists import run

MISSED = {"2024-07": ("dao", "duong"), "2024-08": ("dao", "ut", "hoa"), "2024-09": ("dao", "ut", "duong")}
"""Month → who did not collect in it: Đào three months, Út two; Dưỡng came back in between, Hòa was paid at last."""


def uncollected(here: District) -> None:
    """Settles three months with who did not collect, and posts October, in which nobody has been marked yet."""
    for month, missing in MISSED.items():
        lists.to(here, "posted", month)
        for key in ("dao", "ut", "duong", "hoa"):
            lists.mark(here, key, "uncollected" if key in missing else "paid", month)
        lists.settle(here, month)
    lists.to(here, "posted", "2024-10")


def found(here: District, month: str = "", who: str = "huyen") -> dict[str, Case]:
    with here.open():
        return {each.name: each for each in followup.cases(month or followup.latest(), here.actor(who).communes)}


@pytest.fixture
def three(district: District) -> District:
    uncollected(district)
    return district


def test_two_months_ask_three_suspend_while_the_newest_has_no_outcome(each_district: District) -> None:
    uncollected(each_district)
    cases = found(each_district)
    told = {name: (each.step, each.count, each.lines[0].months[0], each.lines[0].months[-1]) for name, each in cases.items()}
    assert told == {
        "Nguyễn Thị Đào": ("suspend", 3, "2024-07", "2024-09"),
        "Võ Thị Út": ("ask", 2, "2024-08", "2024-09"),
    }
    # What lies unpaid is the last line's sum: its own and what it carries.
    assert cases["Nguyễn Thị Đào"].lines[0].amount == 1_500_000
    assert cases["Nguyễn Thị Đào"].lines[0].reasons == ("đi vắng",)
    lists.mark(each_district, "dao", "uncollected", "2024-10")
    lists.mark(each_district, "ut", "paid", "2024-10")
    after = found(each_district)
    assert {name: each.count for name, each in after.items()} == {"Nguyễn Thị Đào": 4}
    assert after["Nguyễn Thị Đào"].id == cases["Nguyễn Thị Đào"].id
    assert {name: each.step for name, each in found(each_district, "2024-08").items()} == {"Nguyễn Thị Đào": "ask"}
    assert found(each_district, "2024-07") == {}


def test_a_right_that_ended_or_is_suspended_is_not_asked_about(three: District) -> None:
    run(three, "UPDATE payment SET allowance = 0 WHERE month = '2024-10' AND line_code = ?", line_code("dao"))
    run(three, "DELETE FROM payment WHERE month = '2024-10' AND line_code = ?", line_code("ut"))
    assert found(three) == {}


def test_a_suspension_is_proposed_once_and_decided_by_another(three: District) -> None:
    with three.open():
        cases = followup.cases("2024-10")
        assert followup.suspend(three.actor("huyen"), NOW, cases) == ["proposed"]
        assert followup.suspend(three.actor("xa"), NOW, cases) == ["known"]
        assert followup.suspend(three.actor("huyen"), NOW, followup.cases("2024-10")) == ["known"]
    (row,) = run(three, 'SELECT id, type, reason, entitlement, effective, author FROM "change"')
    assert row[1:] == ("suspension", "KHONG_NHAN_3T", right_id("dao"), "2024-11", "huyen")
    assert found(three)["Nguyễn Thị Đào"].lines[0].state == "proposed"
    data = {"_edit": "f1", "verdict": "approve"}
    for who in ("huyen", "huyen2"):
        page = three.client(who).get(f"/changes/{row[0]}").text
        data["digest"] = page.split('name="digest" value="')[1].split('"')[0] if 'name="digest"' in page else ""
        three.client(who).post(f"/changes/{row[0]}/decision", data={**data, "_edit": who})
    assert run(three, "SELECT suspended_from FROM entitlement WHERE id = ?", right_id("dao")) == [("2024-11",)]
    assert run(three, 'SELECT state, decided_by FROM "change"') == [("approved", "huyen2")]


def test_a_suspension_somebody_wrote_by_hand_counts(three: District) -> None:
    pairs = {"reason": "KHONG_CHAP_HANH", "person": person_id("dao"), "entitlement": right_id("dao"), "event_date": "2024-10-01"}
    three.submit("xa", "change", right_id("x", 9), {name: (None, value) for name, value in pairs.items()}, create=True)
    assert found(three)["Nguyễn Thị Đào"].to_suspend == ()


def test_each_is_told_what_waits(three: District) -> None:
    def waits(who: str) -> list[int]:
        with three.open():
            return [item.count for item in followup.waiting(Account.get(Account.name == who), NOW)]

    assert (waits("xa"), waits("xa2"), waits("huyen"), waits("chitra"), waits("giamsat")) == ([1], [1], [1], [], [])
    three.client("xa").post(f"/follow-ups/{person_id('dao')}", data={"_edit": "f1", "reason": "VANG_MAT"})
    with three.open():
        followup.suspend(three.actor("huyen"), NOW, followup.cases("2024-10"))
    assert (waits("xa"), waits("xa2"), waits("huyen")) == ([0], [1], [0])


class TestPages:
    def test_the_commune_tells_why_and_twice_sent_it_is_told_once(self, three: District) -> None:
        client, path = three.client("xa"), f"/follow-ups/{person_id('dao')}"
        listed = client.get("/follow-ups").text
        assert "3 tháng: 07/2024 – 09/2024" in listed
        assert "Võ Thị Út" not in listed
        assert "chưa hỏi" in listed
        page = client.get(path).text
        assert "Thông tư 02/2021" in page
        data = {"_edit": "f1", "reason": "OM_YEU", "finding": "Nằm viện từ tháng 6", "state": "open"}
        for _ in range(2):
            assert client.post(path, data=data).status_code == 303
        rows = run(three, "SELECT person, commune, month, reason, finding, author FROM followup")
        assert rows == [(person_id("dao"), "18568", "2024-09", "OM_YEU", "Nằm viện từ tháng 6", "xa")]
        listed = three.client("huyen").get("/follow-ups").text
        assert "Ốm yếu, cần chi trả tại nhà" in listed
        assert "Nằm viện từ tháng 6" in listed

    def test_who_was_slower_sees_what_the_other_wrote(self, three: District) -> None:
        path = f"/follow-ups/{person_id('dao')}"
        first = {"_edit": "f1", "reason": "OM_YEU", "finding": "Nằm viện"}
        assert three.client("xa").post(path, data=first).status_code == 303
        seen = {"seen.reason": "null", "seen.finding": "null"}
        answer = three.client("huyen").post(path, data={"_edit": "f2", "reason": "VANG_MAT", "finding": "Đi vắng", **seen})
        assert answer.status_code == 409
        assert run(three, "SELECT reason, finding FROM followup") == [("OM_YEU", "Nằm viện")]
        ok = three.client("huyen").post(
            path,
            data={
                "_edit": "f3",
                "known": "1",
                "reason": "OM_YEU",
                "seen.reason": '"OM_YEU"',
                "finding": "Đã về nhà",
                "seen.finding": '"Nằm viện"',
                "outcome": "Chi tại nhà",
                "seen.outcome": "null",
            },
        )
        assert ok.status_code == 303, ok.text
        assert run(three, "SELECT finding, outcome FROM followup") == [("Đã về nhà", "Chi tại nhà")]

    def test_nothing_told_is_asked_for(self, three: District) -> None:
        answer = three.client("xa").post(f"/follow-ups/{person_id('dao')}", data={"_edit": "f1"})
        assert answer.status_code == 422
        assert run(three, "SELECT COUNT(*) FROM followup") == [(0,)]

    def test_suspensions_are_proposed_from_the_list(self, three: District) -> None:
        client = three.client("huyen")
        assert "cần đề nghị" in client.get("/follow-ups").text
        for token in ("f1", "f1", "f2"):
            data = {"_edit": token, "month": "2024-10", "chosen": [person_id("dao"), person_id("ut")]}
            assert client.post("/follow-ups/suspensions", data=data).status_code == 303
        assert run(three, 'SELECT COUNT(*) FROM "change"') == [(1,)]
        assert "đang chờ duyệt" in client.get("/follow-ups").text

    def test_areas_and_roles(self, three: District) -> None:
        path = f"/follow-ups/{person_id('dao')}"
        assert three.client("xa2").get(path).status_code == 404
        assert three.client("chitra2").get(path).status_code == 404
        assert three.client("chitra").get(path).status_code == 200
        assert three.client("giamsat").post(path, data={"_edit": "f"}).status_code == 403
        assert three.client("chitra").post("/follow-ups/suspensions", data={"_edit": "f"}).status_code == 403
        assert three.client("quantri").get("/follow-ups").status_code == 403

    def test_before_the_first_list_nobody_is_missing(self, district: District) -> None:
        page = district.client("huyen").get("/follow-ups")
        assert (page.status_code, "Không có ai chưa nhận" in page.text) == (200, True)
