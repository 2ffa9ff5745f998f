"""Thresholds of age found ahead of time, and proposed once for each right, whoever asks and however often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal import outreach, transition
from portal.cli import main
from portal.law import book
from portal.models.account import Account
from portal.models.change import Change
from portal.models.entitlement import Entitlement
from portal.transition import Choice, Coming
from tests import thresholds
from tests.district import NOW, District, line_code, person_id, right_id
from tests.lists import change_right, run

FIRST, LAST = "2024-11", "2025-01"


@pytest.fixture
def here(each_district: District) -> District:
    thresholds.add(each_district)
    return each_district


@pytest.fixture
def town(district: District) -> District:
    thresholds.add(district)
    return district


def coming(here: District, first: str = FIRST, last: str = LAST) -> dict[str, Coming]:
    with here.open():
        return {f"{each.line_code[3:]}": each for each in transition.by_age(first, last)}


def told(each: Coming) -> str:
    fact = f" ?{each.fact} else {each.end_month}" if each.fact else ""
    return f"{each.month} {each.category}>{each.to} {each.before}>{each.after} {each.event_date}{fact}"


def test_each_threshold_is_foretold_with_its_month_and_sum(here: District) -> None:
    assert {code: told(each) for code, each in coming(here).items()} == {
        "01/1": "2024-12 5.1-a>5.1-b 1250000>750000 2024-12-05",
        "02/1": "2024-11 5.1-b>5.2 750000>750000 2024-11-20 ?DANG_HOC else 2024-12",
        "03/1": "2024-12 5.6-nang-te>5.6-nang 1000000>750000 2024-12-31",
        "04/1": "2024-12 5.2> 750000>0 2024-11-01",
        "05/1": "2025-01 5.7> 750000>0 2024-12-10",
        "06/1": "2024-12 5.6-nang>5.6-nang-nct 750000>1000000 2024-12-25",
        "07/1": "2025-01 5.5a-60>5.5a-80 750000>1000000 2025-01-01",
        "08/1": "2024-11 5.5b>5.5c 500000>500000 2024-11-05 ?KHONG_LUONG_HUU else 2024-12",
        "09/1": "2024-06 5.6-nang-te>5.6-nang 720000>540000 2024-06-30",
        "10/1": "2024-12 5.6-dbn-te>5.6-dbn 1250000>1000000 2024-12-01",
        # Of these it is the child's age that counts; a child of 17 who studies is nobody's business.
        "15/1": "2024-11 5.4>5.4 500000>500000 2024-11-30 ?DANG_HOC else 2024-12",
        "16/1": "2025-01 5.4> 500000>0 2024-12-01",
        "18/1": "2025-01 20.2a-1> 750000>0 2024-12-31",
        "19/1": "2024-12 20.2a-2>20.2a-1 1000000>750000 2024-12-01 ?CON_DUOI_36 else 2025-01",
        "10/2": "2024-12 20.2d-te>20.2d 1250000>750000 2024-12-01",
    }
    assert set(coming(here, "2024-11", "2024-11")) == {"02/1", "08/1", "09/1"}
    assert "11/1" in coming(here, "2025-01", "2025-03")


def test_a_childs_age_is_found_however_long_ago_it_was_reached(town: District) -> None:
    change_right(town, "binh", category="5.4", child_birth="2000-05-01")
    found = [each for each in coming(town).values() if each.line_code == line_code("binh")]
    assert [(each.category, each.to, each.month <= FIRST) for each in found] == [("5.4", "", True)]


def test_a_right_and_threshold_is_proposed_once(here: District) -> None:
    with here.open():
        found = transition.by_age(FIRST, LAST)
        plain = [Choice(each) for each in found if not each.fact]
        first = transition.propose(here.actor("huyen"), NOW, plain)
        again = transition.propose(here.actor("xa2"), NOW, plain + plain)
        assert {each.outcome for each in first} == {"proposed"}
        assert {each.outcome for each in again} == {"known"}
        later = transition.by_age(FIRST, LAST)
        assert {each.state for each in later if not each.fact} == {"proposed"}
        assert not any(each.is_open for each in later if not each.fact)
        assert Change.select().count() == len(plain) == 11


def test_somebody_else_decides_and_the_right_changes_with_its_month(here: District) -> None:
    with here.open():
        found = {each.line_code: each for each in transition.by_age(FIRST, LAST)}
        chosen = [Choice(found["MT-06/1"]), Choice(found["MT-05/1"]), Choice(found["MT-02/1"], proven=False), Choice(found["MT-08/1"])]
        transition.propose(here.actor("huyen"), NOW, chosen)
        ids = [choice.coming.id for choice in chosen]
    own = here.client("huyen").get("/changes").text
    assert all(f'value="{each} ' not in own for each in ids)
    for each in ids:
        page = here.client("huyen2").get(f"/changes/{each}").text
        digest = page.split('name="digest" value="')[1].split('"')[0]
        answer = here.client("huyen2").post(f"/changes/{each}/decision", data={"_edit": each, "verdict": "approve", "digest": digest})
        assert answer.status_code == 303, answer.text
    rows = run(
        here,
        "SELECT line_code, category, start_month, stop_month, stop_reason FROM entitlement WHERE line_code LIKE ? ORDER BY 1, 3",
        "MT-0%",
    )
    assert [row for row in rows if row[0] in ("MT-02/1", "MT-05/1", "MT-06/1", "MT-08/1")] == [
        ("MT-02/1", "5.1-b", "2022-01", "2024-12", "QUA_TUOI"),
        ("MT-05/1", "5.7", "2022-03", "2025-01", "QUA_TUOI"),
        ("MT-06/1", "5.6-nang", "2020-01", "2024-12", "TUOI"),
        ("MT-06/1", "5.6-nang-nct", "2024-12", None, None),
        ("MT-08/1", "5.5b", "2022-01", "2024-11", "TUOI"),
        ("MT-08/1", "5.5c", "2024-11", None, None),
    ]
    assert not {"02/1", "05/1", "06/1", "08/1"} & set(coming(here))


def test_another_change_that_waits_is_named_instead(town: District) -> None:
    town.submit(
        "xa2",
        "change",
        right_id("any", 9),
        {
            "reason": (None, "HET_DK"),
            "person": (None, person_id("bon")),
            "entitlement": (None, right_id("bon")),
            "event_date": (None, "2024-10-01"),
        },
        create=True,
    )
    assert coming(town)["01/1"].other == right_id("any", 9)
    assert not coming(town)["01/1"].is_open


def test_a_person_whose_file_is_closed_reaches_no_threshold(town: District) -> None:
    run(town, "UPDATE person SET closed = '2024-10-01', status = 'dead' WHERE id = ?", person_id("bon"))
    assert "01/1" not in coming(town)


def test_a_decree_that_ends_a_group_moves_its_people(town: District) -> None:
    with town.open():
        assert transition.by_decree("2025-06") == []
        found = transition.by_decree("2025-07")
        assert {(each.category, each.to, each.month, each.after, each.reason) for each in found} == {
            ("5.5c", "HTXH-75", "2025-07", 500_000, "CHUYEN_DT"),
            ("5.5b", "HTXH-75", "2025-07", 500_000, "CHUYEN_DT"),
        }
        assert (
            len(found) == Entitlement.select().where(Entitlement.category.in_(["5.5c", "5.5b"]), Entitlement.stop_month.is_null()).count()
        )
        assert {each.outcome for each in transition.propose(town.actor("huyen"), NOW, [Choice(each) for each in found])} == {"proposed"}
        assert not any(each.is_open for each in transition.by_decree("2025-07"))
        assert {row.effective for row in Change.select()} == {"2025-07"}
        assert [each for each in transition.by_decree("2025-07", frozenset({"18568"})) if each.commune != "18568"] == []


def test_who_has_the_age_is_suggested_to_the_commune_not_proposed(here: District) -> None:
    with here.open():
        (found,) = outreach.suggestions(FIRST, LAST)
        assert (found.name, found.category, found.month, found.amount) == ("Người goiy", "5.5c", "2024-12", 500_000)
        assert outreach.suggestions(FIRST, LAST, frozenset({"18568"})) == []
        later = {each.name: each.category for each in outreach.suggestions("2025-07", "2025-09")}
        assert later == {"Người goiy": "HTXH-75"} or "Người goiy" not in later


@pytest.mark.usefixtures("_shipped")
def test_a_year_alone_counts_from_the_month_the_office_chose(town: District, tmp_path: Path) -> None:
    text = (Path(__file__).parent / "law" / "province" / "99.toml").read_text(encoding="utf-8")
    text = text.replace("2025-01-01", "2021-07-01").replace("2024-12-10", "2021-05-01")
    text = text.replace("birthday_start_delay_months", "year_only_birth_month").replace("value = 1", "value = 3")
    (tmp_path / "99.toml").write_text(text, encoding="utf-8")
    book.use([tmp_path], "99")
    assert "07/1" not in coming(town)
    assert coming(town, FIRST, "2025-03")["07/1"].month == "2025-03"


@pytest.fixture
def _shipped() -> Iterator[None]:
    yield
    book.use()


def test_the_home_page_counts_what_nobody_has_proposed(town: District) -> None:
    def count(who: str) -> int:
        with town.open():
            return sum(item.count for item in transition.waiting(Account.get(Account.name == who), NOW))

    assert (count("huyen"), count("xa2"), count("xa"), count("lanhdao"), count("chitra")) == (3, 3, 0, 0, 0)
    with town.open():
        found = transition.by_age("2024-11", "2024-11")
        transition.propose(town.actor("huyen"), NOW, [Choice(each) for each in found if not each.fact])
    assert count("xa2") == 2


class TestPages:
    def test_ticked_ones_are_proposed_twice_sent_once_done(self, town: District) -> None:
        client = town.client("huyen")
        page = client.get("/transitions").text
        found = coming(town)
        assert "Mốc tuổi 11/2024 – 01/2025" in page
        assert "đủ 60 tuổi" in page
        assert "đủ 36 tháng tuổi" in page
        assert "1.250.000 → 750.000" in page
        data = {
            "_edit": "f1",
            "month": "2024-11",
            "ahead": "3",
            "chosen": [found["01/1"].id, found["06/1"].id],
            f"fact.{found['02/1'].id}": "yes",
            f"fact.{found['08/1'].id}": "no",
        }
        for _ in range(2):
            assert client.post("/transitions", data=data).status_code == 303
        rows = run(town, 'SELECT type, reason, effective, category FROM "change" ORDER BY effective, type, category')
        assert rows == [
            ("adjustment", "TUOI", "2024-11", "5.2"),
            ("adjustment", "TUOI", "2024-12", "5.1-b"),
            ("adjustment", "TUOI", "2024-12", "5.6-nang-nct"),
            ("decrease", "QUA_TUOI", "2024-12", None),
        ]
        assert "4 người đã có đề nghị từ trước" in client.get("/transitions").text
        assert client.get("/transitions").text.count("đang chờ duyệt") == 4

    def test_nothing_ticked_is_said(self, town: District) -> None:
        client = town.client("huyen")
        client.post("/transitions", data={"_edit": "f1", "month": "2024-11", "ahead": "3"})
        assert "Chưa chọn người nào" in client.get("/").text

    def test_a_commune_sees_its_own_people_and_what_it_might_propose(self, town: District) -> None:
        page = town.client("xa2").get("/transitions").text
        assert "Người bon" in page
        assert "Gợi ý cho xã" in page
        assert "nếu: Không có lương hưu" in page
        assert "Người bon" not in town.client("xa").get("/transitions").text
        assert town.client("xa").get("/transitions?commune=18580").status_code == 404

    def test_others_read_or_may_not(self, town: District) -> None:
        page = town.client("lanhdao").get("/transitions").text
        assert "Người bon" in page
        assert "Gửi các đề nghị" not in page
        assert town.client("lanhdao").post("/transitions", data={"_edit": "f"}).status_code == 403
        # Whoever may not know a category is not shown which age changes it.
        for who in ("giamsat", "chitra", "kiemsoat", "quantri"):
            assert town.client(who).get("/transitions").status_code == 403

    def test_a_decree_is_proposed_for_all_at_once(self, town: District) -> None:
        client = town.client("huyen")
        page = client.get("/transitions?month=2025-06&ahead=3").text
        assert "Hưu trí xã hội, từ đủ 75 tuổi" in page
        count = len(run(town, "SELECT 1 FROM entitlement WHERE category IN ('5.5b', '5.5c') AND stop_month IS NULL"))
        assert f"Đề nghị cho {count} người" in page
        data = {"_edit": "f1", "month": "2025-06", "ahead": "3", "at": "2025-07"}
        assert client.post("/transitions/decree", data=data).status_code == 303
        assert run(town, 'SELECT COUNT(*) FROM "change"') == [(count,)]
        client.post("/transitions/decree", data={**data, "_edit": "f2"})
        assert run(town, 'SELECT COUNT(*) FROM "change"') == [(count,)]

    def test_months_that_are_none_or_too_early(self, town: District) -> None:
        client = town.client("huyen")
        assert "11/2024" in client.get("/transitions?month=xx&ahead=99").text
        assert client.get("/transitions?month=2020-01").status_code == 404


def test_the_command_proposes_once_and_says_what_a_person_has_to(town: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE", town.url)
    monkeypatch.setenv("PORTAL_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("PORTAL_HASHING", "fast")
    ask = ["transitions", "2024-11", "--ahead", "2"]
    listed = CliRunner().invoke(main, ask)
    assert listed.exit_code == 0, listed.output
    assert "2024-11  MT-02/1  5.1-b > 5.2  2024-11-20  DANG_HOC: needs a person" in listed.output
    assert run(town, 'SELECT COUNT(*) FROM "change"') == [(0,)]
    for outcome in ("proposed", ""):
        done = CliRunner().invoke(main, [*ask, "--propose", "huyen", "--json"])
        assert done.exit_code == 0, done.output
        rows = json.loads(done.output)
        assert {row["outcome"] for row in rows if not row["fact"]} == {outcome}
        assert {row["outcome"] for row in rows if row["fact"]} == {""}
        assert run(town, 'SELECT COUNT(*) FROM "change"') == [(11,)]
    assert CliRunner().invoke(main, [*ask, "--propose", "lanhdao"]).exit_code == 2
    assert CliRunner().invoke(main, ["transitions", "11/2024"]).exit_code == 2
