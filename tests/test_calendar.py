"""The calendar: working days with Tết and swapped days, deadlines that fall on a day off, the office's own days, what is due on the home page."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import calendar, door, due, verify, working_days
from portal.working_days import PUBLIC, Almanac, Day
from sync.edit import Result
from sync.ids import named
from tests.district import MONTH, NOW, District
from tests.lists import to
from tests.posted import mark_all, post_list

DAYS: dict[str, Any] = {
    "declare_by": 18,
    "list_by": 22,
    "pay_from": 5,
    "pay_to": 9,
    "result_by": 15,
    "settle_by": 20,
    "unpaid_balance": "return_each_month",
}


def on(*days: tuple[str, str]) -> Almanac:
    return Almanac({day: Day(day, type_, "x") for day, type_ in days})


def rule(here: District, month: str, who: str = "huyen", **more: Any) -> Result:
    values = {"valid_from": month, **DAYS, **more}
    return here.submit(who, "cycle_rule", named("cycle_rule", month), {n: (None, v) for n, v in values.items()}, create=True)


def holiday(here: District, day: str, type_: str, who: str = "huyen") -> Result:
    values = {"day": day, "type": type_, "name": "Hoán đổi"}
    return here.submit(who, "holiday", named("holiday", day), {n: (None, v) for n, v in values.items()}, create=True)


def cycle(here: District, month: str) -> calendar.Cycle:
    with here.open():
        return calendar.cycle(month)


# --- working days --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        ("2025-01-24", True),  # the Friday before Tết Ất Tỵ
        ("2025-01-27", False),
        ("2025-01-29", False),  # the first day of the year
        ("2025-01-31", False),
        ("2025-02-03", True),
        ("2025-04-07", False),  # the Hùng kings, 10/3 of the lunar year
        ("2025-05-02", False),  # swapped by the government with Saturday 26/4
        ("2025-09-01", False),
        ("2025-09-03", True),
        ("2024-10-19", False),  # a Saturday
        ("2024-10-18", True),
    ],
)
def test_public_holidays(day: str, is_working: bool) -> None:
    assert PUBLIC.is_working(date.fromisoformat(day)) is is_working


@pytest.mark.parametrize(
    ("month", "deadline", "named_day", "due_on"),
    [
        # 25/1/2025 is a Saturday, Tết begins on Monday: settled on Friday.
        ("2025-01", "settle_by", "2025-01-25", "2025-01-24"),
        # 19/1/2025 is a Sunday.
        ("2025-01", "result_by", "2025-01-19", "2025-01-17"),
        ("2025-02", "list_by", "2025-01-24", "2025-01-24"),
        ("2024-11", "declare_by", "2024-10-20", "2024-10-18"),
        # Tết Giáp Thìn, 8–14/2/2024: the schedule is posted before the holiday, not after it.
        ("2024-02", "schedule_by", "2024-02-09", "2024-02-07"),
    ],
)
def test_a_deadline_on_a_day_off_is_due_before_it(month: str, deadline: str, named_day: str, due_on: str) -> None:
    found = calendar.dates(month, calendar.DAYS, PUBLIC)
    assert getattr(found, deadline) == due_on
    assert deadline == "schedule_by" or found.nominal.get(deadline, due_on) == named_day


def test_a_month_whose_days_are_all_worked_moves_nothing() -> None:
    found = calendar.dates("2024-07", calendar.DAYS, PUBLIC)
    assert found.nominal == {} and found.pay_days == ("2024-07-10", "2024-07-11", "2024-07-12", "2024-07-15")


def test_a_swapped_day_goes_before_the_public_ones() -> None:
    swapped = on(("2024-10-18", "off"), ("2024-10-19", "work"))
    assert calendar.dates("2024-10", calendar.DAYS, swapped).result_by == "2024-10-19"
    assert calendar.dates("2024-10", calendar.DAYS, on(("2024-10-18", "off"))).result_by == "2024-10-17"


@given(
    st.dates(date(2020, 1, 1), date(2029, 12, 28)),
    st.lists(st.tuples(st.integers(-20, 2), st.sampled_from(["off", "work"])), max_size=8),
)
def test_the_last_working_day_is_the_nearest_before(day: date, rows: list[tuple[int, str]]) -> None:
    own = on(*(((day + timedelta(days=back)).isoformat(), type_) for back, type_ in rows))
    found = own.last_working(day)
    assert found <= day and own.is_working(found)
    assert own.working(found, day) == [found]


# --- the office's own days ----------------------------------------------------------------------------------------------------


def test_the_office_s_days_hold_from_their_month_on(each_district: District) -> None:
    assert cycle(each_district, "2024-12").list_by == "2024-11-22"  # the 24th is a Sunday
    assert rule(each_district, "2025-01").status == "accepted"
    before, after = cycle(each_district, "2024-12"), cycle(each_district, "2025-03")
    assert (before.pay_from, before.declare_by) == ("2024-12-10", "2024-11-20")
    assert (after.pay_from, after.pay_to, after.declare_by, after.result_by) == ("2025-03-05", "2025-03-09", "2025-02-18", "2025-03-14")
    with each_district.open():
        assert not calendar.days_of("2024-12").returns_unpaid and calendar.days_of("2025-01").returns_unpaid
    withdrawn = each_district.submit("huyen", "cycle_rule", named("cycle_rule", "2025-01"), {"withdrawn": (None, True)})
    assert withdrawn.status == "accepted" and cycle(each_district, "2025-03").pay_from == "2025-03-10"
    with each_district.open():
        assert verify.verify(door.store()).is_whole


def test_a_day_the_office_records_is_seen_at_once(district: District) -> None:
    assert cycle(district, MONTH).result_by == "2024-10-18"
    assert holiday(district, "2024-10-18", "off").status == "accepted"
    assert cycle(district, MONTH).result_by == "2024-10-17"
    assert holiday(district, "2024-10-19", "work", who="quantri").status == "accepted"
    assert cycle(district, MONTH).result_by == "2024-10-19"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"declare_by": 23}, "list_by"), ({"pay_to": 4}, "pay_to"), ({"result_by": 8}, "result_by"), ({"settle_by": 29}, "settle_by")],
)
def test_days_out_of_order_are_refused(district: District, values: dict[str, Any], field: str) -> None:
    result = rule(district, "2025-01", **values)
    assert result.status == "refused" and result.reason is not None and result.reason.field == field


@pytest.mark.parametrize("who", ["xa", "chitra", "kiemsoat", "lanhdao", "giamsat"])
def test_who_only_reads_the_calendar_changes_nothing(district: District, who: str) -> None:
    assert rule(district, "2025-01", who=who).status == "refused"
    assert holiday(district, "2025-01-06", "off", who=who).status == "refused"
    client = district.client(who)
    assert client.get("/calendar/2025").status_code == 200
    assert client.get("/calendar/holidays/new").status_code == 403


# --- pages -----------------------------------------------------------------------------------------------------------------------


def test_the_year_says_which_deadlines_moved_and_why(district: District) -> None:
    page = district.client("xa").get("/calendar/2025").text
    assert "Thứ Sáu, thay ngày nghỉ 25/01/2025" in page
    assert "Mùng ba Tết Nguyên Đán" in page
    assert district.client("xa").get("/calendar/1900").status_code == 404


def test_days_are_recorded_and_corrected_through_the_pages(district: District) -> None:
    client = district.client("huyen")
    assert 'value="24"' in client.get("/calendar/cycle-rules/new").text
    typed = {**{name: str(value) for name, value in DAYS.items()}, "valid_from": "01/2025", "_edit": "a"}
    wrong = client.post("/calendar/cycle-rules", data={**typed, "list_by": "31"})
    assert wrong.status_code == 422 and "quá lớn" in wrong.text
    assert client.post("/calendar/cycle-rules", data=typed).status_code == 303
    again = client.post("/calendar/cycle-rules", data={**typed, "_edit": "b"})
    assert again.status_code == 422 and "đã có" in again.text
    address = f"/calendar/cycle-rules/{named('cycle_rule', '2025-01')}"
    page = client.get(address).text
    seen = {f"seen.{name}": value.replace("&#34;", '"') for name, value in re.findall(r'name="seen\.([a-z_]+)" value="([^"]*)"', page)}
    assert client.post(address, data={**typed, **seen, "_edit": "c", "pay_to": "8"}).status_code == 303
    assert cycle(district, "2025-01").pay_to == "2025-01-08"
    late = client.post(address, data={**typed, **seen, "_edit": "d", "pay_to": "7"})
    assert late.status_code == 409


def test_a_swapped_day_is_recorded_through_the_pages(district: District) -> None:
    client = district.client("quantri")
    data = {"_edit": "a", "day": "18/10/2024", "type": "off", "name": "Hoán đổi với thứ Bảy", "document": "Văn bản 12/UBND-VX"}
    assert client.post("/calendar/holidays", data=data).status_code == 303
    page = district.client("chitra").get("/calendar/2024").text
    assert "Hoán đổi với thứ Bảy" in page and "thay ngày nghỉ 19/10/2024" in page and "17/10/2024" in page


def test_the_home_page_of_everyone_says_what_is_due(district: District) -> None:
    post_list(district)
    for who in ("xa", "chitra", "kiemsoat", "huyen", "lanhdao", "giamsat", "quantri"):
        page = district.client(who).get("/").text
        assert "Báo kết quả, ký quyết toán" in page and "18/10/2024" in page, who


def due_on(here: District, day: str) -> list[tuple[str, str, str, bool]]:
    with here.open():
        moment = datetime.fromisoformat(f"{day}T02:00:00").replace(tzinfo=UTC)
        return [(step.month, step.step, step.by, step.is_late) for step in due.steps(moment, None)]


def test_the_home_page_says_which_deadline_moved(district: District) -> None:
    page = district.client("xa").get("/").text
    assert "18/10/2024 (thay ngày nghỉ 20/10/2024)" in page and "25/11/2024 (thay" not in page


def test_what_is_due_follows_the_list_from_step_to_step(district: District) -> None:
    with district.open():
        start = [step.step for step in due.steps(NOW, None)]
    assert start == ["declare", "close", "approve", "hand_over", "post_schedule", "pay", "report", "settle"]
    to(district, "frozen", "2024-11")
    assert [step for _, step, _, _ in due_on(district, "2024-10-05")][:3] == ["approve", "hand_over", "post_schedule"]


def test_late_steps_are_marked_late(district: District) -> None:
    post_list(district)
    told = due_on(district, "2024-10-19")
    assert (MONTH, "report", "2024-10-18", True) in told and (MONTH, "settle", "2024-10-25", False) in told
    assert ("2024-11", "declare", "2024-10-18", True) in told and ("2024-11", "close", "2024-10-24", False) in told
    mark_all(district)
    assert (MONTH, "pay") not in {(month, step) for month, step, _, _ in due_on(district, "2024-10-19")}


def test_the_almanac_is_read_again_after_a_change_only(district: District) -> None:
    with district.open():
        first = working_days.almanac()
        assert working_days.almanac() is first
    holiday(district, "2024-10-18", "off")
    with district.open():
        assert working_days.almanac() is not first
