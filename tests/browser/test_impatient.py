"""Impatient and unlucky hands in a browser: every button clicked twice, another tab that was quicker, a session that ended while typing,
an address that leads nowhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError

from portal.models.journal import Journal
from tests.district import MONTH, District, account_name, person_id
from tests.office import PASSWORD

NOWHERE = "01900000-0000-7000-8000-000000000000"


def sit_down(chrome: Browser, address: str, who: str, *, scripts: bool = True) -> Page:
    context = chrome.new_context(base_url=address, java_script_enabled=scripts, locale="vi-VN", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/sign-in")
    sign_in(page, who)
    expect(page.get_by_role("heading", level=1)).to_have_text("Việc cần làm")
    return page


def sign_in(page: Page, who: str) -> None:
    page.get_by_label("Tên đăng nhập").fill(account_name(who))
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()


def edits(district: District) -> int:
    """How many edits the journal holds that were accepted."""
    with district.open():
        return sum(json.loads(row.body)["result"]["status"] == "accepted" for row in Journal.select())


def look_again(page: Page) -> None:
    """Loads the page anew once the second press has come to rest: a reload that meets it on its way is broken off by it."""
    page.wait_for_load_state("networkidle")
    try:
        page.reload()
    except PlaywrightError as broken_off:
        if "ERR_ABORTED" not in broken_off.message:
            raise
        page.wait_for_load_state("networkidle")
        page.reload()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_month_of_double_clicks_is_a_month(chrome: Browser, address: str, district: District, scripts: bool) -> None:
    commune, desk, head, post, agent = (
        sit_down(chrome, address, who, scripts=scripts) for who in ("xa", "huyen", "lanhdao", "kiemsoat", "chitra")
    )

    start, wanted = edits(district), 0

    def twice(page: Page, button: str, sees: str | re.Pattern[str], *, asked: bool = False, count: int = 1) -> None:
        nonlocal wanted
        before = edits(district)
        place = page.get_by_role("main").get_by_role("button", name=button, exact=True).first
        if asked and scripts:
            place.click()
            page.get_by_role("dialog").get_by_role("button", name="Đồng ý").dblclick()
        else:
            place.dblclick()
        told = page.get_by_role("main").get_by_text(sees).first
        try:
            expect(told).to_be_visible()
        except AssertionError:  # the answer was there before the second press, which followed a link of it: no harm done, one page back
            page.go_back()
            expect(told).to_be_visible()
        look_again(page)
        wanted += count
        assert edits(district) - before == count, button

    commune.goto(f"/changes/new?person={person_id('dao')}&reason=CHET")
    commune.get_by_label("Ngày xảy ra").fill("28/9/2024")
    twice(commune, "Báo chết", "Thôi hưởng từ tháng 10/2024.")
    desk.goto("/changes")
    desk.get_by_role("link", name="Nguyễn Thị Đào").click()
    twice(desk, "Duyệt", "Hồ sơ đóng: người hưởng đã mất.")
    commune.goto("/declarations?month=2024-10")
    commune.get_by_label("Có biến động, đã đề nghị đủ").check()
    twice(commune, "Báo cáo tháng 10/2024 đã đủ", "Đã báo cáo")
    desk.goto("/payment-lists")
    desk.get_by_label("Lập danh sách cho").select_option(MONTH)
    twice(desk, "Lập danh sách", "Danh sách tháng 10/2024")
    twice(desk, "Lập lại từ hồ sơ", re.compile("Đã lập lại danh sách|Người khác vừa làm bước này"))
    twice(desk, "Chốt danh sách", "Đã chốt", asked=True)
    head.goto(f"/payment-lists/{MONTH}")
    twice(head, "Duyệt danh sách", "Đã duyệt", asked=True)
    post.goto(f"/schedules/{MONTH}")
    twice(post, "Lập lịch cho các xã còn thiếu", "Thêm phiên cho:", count=2)
    desk.reload()
    twice(desk, "Chuyển bưu điện", "Đã công bố", asked=True)
    agent.goto("/payments")
    agent.get_by_role("link", name="Thị trấn Lộc Hà").first.click()
    row = agent.get_by_role("row").filter(has_text="Đặng Văn Dưỡng")
    before = edits(district)
    row.get_by_role("button", name="Đã chi tại nhà").dblclick()
    expect(agent.get_by_role("row").filter(has_text="Đặng Văn Dưỡng")).to_contain_text("Đã nhận")
    agent.reload()
    assert edits(district) - before == 1
    # By now every second request has been answered, too.
    assert edits(district) - start == wanted + 1


def test_a_second_tab_is_told_who_decided_first(chrome: Browser, address: str, district: District) -> None:
    change = district.report_death("duong", "2024-09-25")
    first, second = (sit_down(chrome, address, who) for who in ("huyen", "huyen2"))
    for page in (first, second):
        page.goto(f"/changes/{change}")
    second.get_by_label("Câu hỏi hoặc lý do không duyệt").fill("Tin nhầm, ông còn sống")
    first.get_by_role("button", name="Duyệt", exact=True).click()
    expect(first.get_by_text("Đã duyệt.", exact=True)).to_be_visible()
    second.get_by_role("button", name="Trả lại và hỏi thêm").click()
    main = second.get_by_role("main")
    expect(main.get_by_text("Có thay đổi từ lúc bạn mở trang này. Việc của bạn chưa được ghi.")).to_be_visible()
    expect(main.locator(".notice").filter(has_text="Có thay đổi")).to_contain_text("Người huyen")
    expect(main.locator(".heading .badge")).to_contain_text("Đã duyệt")
    assert district.value("change", change, "state") == "approved"
    assert district.value("person", person_id("duong"), "status") == "dead"


def new_person(page: Page) -> None:
    page.goto("/changes/new")
    page.get_by_label("Họ và tên").fill("Nguyễn Văn Mới")
    page.get_by_label("Ghi chú").fill('Con "đầu" của bà Đào & ông <Tám>')
    page.get_by_label("Lý do").select_option("MOI")


@pytest.mark.parametrize("scripts", [True, False])
def test_what_was_typed_into_a_proposal_outlives_the_session(chrome: Browser, address: str, scripts: bool) -> None:
    page = sit_down(chrome, address, "xa", scripts=scripts)
    new_person(page)
    forget(page.context)
    page.get_by_role("button", name="Xem lại").click()
    sign_in(page, "xa")
    page.get_by_role("button", name="Tiếp tục gửi").click()
    expect(page.get_by_label("Họ và tên")).to_have_value("Nguyễn Văn Mới")
    expect(page.get_by_label("Ghi chú")).to_have_value('Con "đầu" của bà Đào & ông <Tám>')
    expect(page.get_by_label("Lý do")).to_have_value("MOI")


def test_a_death_typed_when_the_session_ended_is_reported_once(chrome: Browser, address: str, district: District) -> None:
    page = sit_down(chrome, address, "xa")
    page.goto(f"/changes/new?person={person_id('dao')}&reason=CHET")
    page.get_by_label("Ngày xảy ra").fill("28/9/2024")
    before = edits(district)
    forget(page.context)
    page.get_by_role("button", name="Báo chết").click()
    sign_in(page, "xa")
    page.get_by_role("button", name="Tiếp tục gửi").dblclick()
    expect(page.get_by_text("Thôi hưởng từ tháng 10/2024.")).to_be_visible()
    page.reload()
    assert edits(district) - before == 1


def forget(context: BrowserContext) -> None:
    """The session ends, as it does by itself after a quarter of an hour."""
    context.clear_cookies()


PLACES: tuple[Callable[[str], str], ...] = (
    lambda unknown: f"/people/{unknown}",
    lambda unknown: f"/people/{unknown}/edit",
    lambda unknown: f"/changes/{unknown}",
    lambda unknown: f"/changes/{unknown}/answer",
    lambda unknown: f"/changes/new?person={unknown}",
    lambda unknown: f"/payments/{unknown}",
    lambda unknown: f"/payments/sessions/{unknown}",
    lambda unknown: f"/conflicts/{unknown}",
    lambda unknown: f"/payment-lists/{MONTH}/lines/{unknown}",
    lambda _: "/payment-lists/2031-01",
    lambda _: "/settlements/2031-01",
    lambda _: "/reports/2031-01",
)


def test_an_unknown_id_is_answered_with_a_page_that_helps(chrome: Browser, address: str, district: District) -> None:
    said = "Không tìm thấy trang hoặc hồ sơ này."
    page = sit_down(chrome, address, "huyen")
    for place in PLACES:
        answer = page.goto(place(NOWHERE))
        assert answer is not None and answer.status == 404, place(NOWHERE)
        expect(page.get_by_role("heading", level=1)).to_have_text(said)
        assert page.get_by_role("navigation", name="Mục lục").is_visible()
    client = district.client("huyen")
    for unknown in ("khong-phai-ma", "1%27%20OR%201=1", "..%2F..%2Fetc%2Fpasswd", "%00", "9" * 400):
        for place in PLACES:
            refused = client.get(place(unknown))
            assert (refused.status_code, said in refused.text) == (404, True), place(unknown)
    # What there is, but not for this person, is answered alike: that it exists is not told.
    refused = district.client("xa").get(f"/people/{person_id('ut')}")
    assert (refused.status_code, said in refused.text) == (404, True)
    assert district.client("kiemsoat").get(f"/schedules/{MONTH}/sessions/{NOWHERE}").status_code == 404
