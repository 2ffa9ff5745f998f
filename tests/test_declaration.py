"""The communes' monthly word: given, taken back, given again; who has not given it, and by when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from portal import calendar, declaration
from portal.models.account import Account
from portal.working_days import PUBLIC
from sync.edit import Result
from sync.ids import named
from tests.district import NOW, District

MONTH = "2024-11"  # no list yet: on 5 October the list of November is drawn up
TOWN, KIM = "18568", "18580"


def declare(district: District, who: str = "xa", *, no_change: bool = True, note: str | None = None, now: datetime = NOW) -> Result:
    with district.open():
        actor = district.actor(who)
        return declaration.declare(actor, now, MONTH, no_change=no_change, note=note, seen=declaration.standing(actor.unit, MONTH))


def states(district: District, who: str = "huyen", now: datetime = NOW) -> dict[str, str]:
    with district.open():
        return {line.commune: line.state for line in declaration.board(district.actor(who), MONTH, now).lines}


def freeze(district: District, month: str = MONTH) -> None:
    record = named("payment_list", month)
    assert district.submit("huyen", "payment_list", record, {"month": (None, month)}, create=True).status == "accepted"
    assert district.submit("huyen", "payment_list", record, {"state": ("draft", "frozen")}).status == "accepted"


class TestTheCalendar:
    def test_the_dates_of_a_month(self) -> None:
        found = calendar.dates("2025-01", calendar.DAYS, PUBLIC)
        assert (found.declare_by, found.list_by) == ("2024-12-20", "2024-12-24")
        # The 19th is a Sunday.
        assert (found.pay_from, found.pay_to, found.result_by) == ("2025-01-10", "2025-01-15", "2025-01-17")

    @pytest.mark.parametrize(
        ("day", "month"), [("2024-10-01", "2024-11"), ("2024-10-24", "2024-11"), ("2024-10-25", "2024-12"), ("2024-12-31", "2025-02")]
    )
    def test_the_month_in_preparation(self, day: str, month: str) -> None:
        assert calendar.month_in_preparation(date.fromisoformat(day), calendar.DAYS) == month

    def test_an_office_with_other_days(self) -> None:
        assert calendar.dates("2024-11", calendar.Days(declare_by=18), PUBLIC).declare_by == "2024-10-18"

    def test_late_is_the_day_after(self) -> None:
        found = calendar.dates("2024-11", calendar.DAYS, PUBLIC)
        assert not found.is_late(date(2024, 10, 18))
        assert found.is_late(date(2024, 10, 19))


class TestDeclaring:
    def test_who_has_and_who_has_not(self, each_district: District) -> None:
        assert states(each_district) == {TOWN: "missing", KIM: "missing"}
        assert declare(each_district).status == "accepted"
        assert states(each_district) == {TOWN: "declared", KIM: "missing"}
        assert states(each_district, now=datetime(2024, 10, 21, 2, 0, tzinfo=UTC)) == {TOWN: "declared", KIM: "late"}
        assert states(each_district, "xa2") == {KIM: "missing"}

    def test_once_by_nature(self, district: District) -> None:
        declare(district, no_change=True)
        declare(district, no_change=False, note="Có 2 giảm")
        record = declaration.record_id(TOWN, MONTH)
        assert record == named("declaration", TOWN, MONTH)
        assert district.value("declaration", record, "no_change") is False
        assert district.value("declaration", record, "note") == "Có 2 giảm"

    def test_taken_back_and_given_again(self, district: District) -> None:
        declare(district)
        record = declaration.record_id(TOWN, MONTH)
        with district.open():
            assert declaration.withdraw(district.actor("xa"), NOW, MONTH, "Vừa có tin").fields == {"withdrawn": "applied"}
        assert states(district)[TOWN] == "missing"
        later = datetime(2024, 10, 6, 2, 0, tzinfo=UTC)
        declare(district, no_change=False, now=later)
        assert states(district)[TOWN] == "declared"
        assert district.value("declaration", record, "declared_at") == "2024-10-06T02:00:00Z"

    def test_not_taken_back_once_the_list_is_frozen(self, district: District) -> None:
        declare(district)
        freeze(district)
        with district.open():
            result = declaration.withdraw(district.actor("xa"), NOW, MONTH, "")
        assert result.reason is not None
        assert result.reason.detail == "list_frozen"
        assert states(district)[TOWN] == "declared"

    def test_not_for_another_commune_and_not_by_the_district(self, district: District) -> None:
        pairs = {"commune": (None, KIM), "month": (None, MONTH), "no_change": (None, True)}
        assert district.submit("xa", "declaration", declaration.record_id(KIM, MONTH), pairs, create=True).status == "refused"
        assert district.submit("huyen", "declaration", declaration.record_id(KIM, MONTH), pairs, create=True).status == "refused"
        assert district.client("huyen").post("/declarations", data={"month": MONTH, "no_change": "yes"}).status_code == 403

    def test_the_month_follows_the_lists(self, each_district: District) -> None:
        with each_district.open():
            assert declaration.open_month(NOW) == "2024-11"
        each_district.submit("huyen", "payment_list", named("payment_list", "2024-10"), {"month": (None, "2024-10")}, create=True)
        with each_district.open():
            assert declaration.open_month(NOW) == "2024-10"
        each_district.submit("huyen", "payment_list", named("payment_list", "2024-10"), {"state": ("draft", "frozen")})
        with each_district.open():
            assert declaration.open_month(NOW) == "2024-11"

    def test_each_is_told_what_waits_and_by_when(self, each_district: District) -> None:
        def waits(who: str) -> list[tuple[int, str]]:
            with each_district.open():
                return [(item.count, item.by) for item in declaration.waiting(Account.get(Account.name == who), NOW)]

        assert (waits("huyen"), waits("xa"), waits("chitra")) == ([(2, "2024-10-18")], [(1, "2024-10-18")], [])
        declare(each_district)
        assert (waits("huyen"), waits("xa")) == ([(1, "2024-10-18")], [(0, "2024-10-18")])


class TestPages:
    def test_a_colleague_who_was_faster_is_not_overwritten(self, district: District) -> None:
        declare(district, no_change=False, note="Có 2 giảm")
        answer = district.client("xa").post("/declarations", data={"_edit": "f1", "month": MONTH, "no_change": "yes"})
        assert answer.status_code == 409
        assert "người khác trong xã" in answer.text
        assert district.value("declaration", declaration.record_id(TOWN, MONTH), "note") == "Có 2 giảm"

    def test_a_commune_says_there_was_no_change(self, district: District) -> None:
        client = district.client("xa")
        page = client.get("/declarations").text
        assert "18/10/2024" in page
        assert (
            client.post("/declarations", data={"_edit": "f1", "month": MONTH, "no_change": "yes", "note": "Đã hỏi các thôn"}).status_code
            == 303
        )
        assert (
            client.post("/declarations", data={"_edit": "f1", "month": MONTH, "no_change": "yes", "note": "Đã hỏi các thôn"}).status_code
            == 303
        )
        page = client.get("/declarations").text
        assert "không biến động" in page
        assert "Đã hỏi các thôn" in page
        assert client.post("/declarations/withdrawal", data={"_edit": "f2", "month": MONTH}).status_code == 303
        assert "cần báo cáo lại" in client.get("/declarations").text

    def test_nothing_chosen_is_asked_for_and_the_note_stays(self, district: District) -> None:
        answer = district.client("xa").post("/declarations", data={"month": MONTH, "note": "Đã hỏi các thôn"})
        assert answer.status_code == 422
        assert 'id="f-no_change-error"' in answer.text
        assert "Đã hỏi các thôn" in answer.text
        assert states(district)[TOWN] == "missing"

    def test_the_district_sees_every_commune_with_its_proposals(self, district: District) -> None:
        district.report_death("dao", "2024-10-03")
        declare(district, no_change=False)
        page = district.client("huyen").get("/declarations").text
        assert "1/2" in page
        assert "Xã Thạch Kim" in page
        with district.open():
            board = declaration.board(district.actor("huyen"), MONTH, NOW)
        assert [(line.proposals, line.waiting) for line in board.lines] == [(1, 1), (0, 0)]

    def test_a_month_that_is_none_shows_the_present_one(self, district: District) -> None:
        assert "11/2024" in district.client("huyen").get("/declarations?month=xx").text


def test_there_is_nothing_to_declare_before_the_first_list_or_after_the_one_in_preparation(district: District) -> None:
    client = district.client("xa")
    for month in ("1890-01", "2031-01"):
        assert client.get(f"/declarations?month={month}").status_code == 404
        typed = {"month": month, "no_change": "yes", "_edit": "4b7a2a52-7b3c-4f6c-9d7e-0d8f3c1d2e3f"}
        assert client.post("/declarations", data=typed).status_code == 404
