"""A death reported on a phone without scripts, approved at a desk; every page of it can be read by everyone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from sync.ids import named
from tests.browser.answering import answering
from tests.district import MONTH, District, account_name, person_id
from tests.office import PASSWORD

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
PICTURES = os.environ.get("CHANGE_PICTURES", "")


@pytest.fixture
def address(district: District) -> Iterator[str]:
    """Where the small district is served, with the list of October frozen."""
    record = named("payment_list", MONTH)
    assert district.submit("huyen", "payment_list", record, {"month": (None, MONTH)}, create=True).status == "accepted"
    assert district.submit("huyen", "payment_list", record, {"state": ("draft", "frozen")}).status == "accepted"
    with answering(district.app) as at:
        yield at


def sit_down(chrome: Browser, address: str, who: str, *, width: int, scripts: bool) -> Page:
    context = chrome.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=scripts, base_url=address, locale="vi-VN", reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill(account_name(who))
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def check(page: Page, name: str) -> None:
    """No fault that axe knows, nothing wider than the screen; a picture where somebody wants to look."""
    if PICTURES:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_death_reported_on_a_phone_is_approved_at_the_desk(chrome: Browser, address: str) -> None:
    phone = sit_down(chrome, address, "xa", width=360, scripts=False)
    phone.goto(f"/changes/new?person={person_id('dao')}")
    phone.get_by_role("link", name="Đã chết").click()
    phone.get_by_role("button", name="Báo chết").click()
    expect(phone.locator("#f-event_date-error")).to_contain_text("Chưa điền.")
    phone.get_by_label("Ngày xảy ra").fill("28/9/2024")
    phone.get_by_label("Ghi chú").fill("Con trai báo")
    phone.get_by_role("button", name="Báo chết").click()
    expect(phone.get_by_text("1 khoản đang giữ lại: 500.000 đ (tháng 10/2024).")).to_be_visible()
    expect(phone.get_by_text("Thôi hưởng từ tháng 10/2024.")).to_be_visible()
    phone.goto("/declarations")
    phone.get_by_label("Có biến động, đã đề nghị đủ").check()
    phone.get_by_role("button", name="Báo cáo tháng").click()
    expect(phone.get_by_text("Đã báo cáo", exact=True)).to_be_visible()

    desk = sit_down(chrome, address, "huyen", width=1280, scripts=True)
    desk.get_by_role("link", name="Đề nghị biến động chờ duyệt").click()
    check(desk, "queue")
    desk.get_by_role("link", name="Nguyễn Thị Đào").click()
    check(desk, "decide")
    desk.get_by_label("Số quyết định").fill("12/QĐ-UBND")
    desk.get_by_label("Ngày quyết định").fill("07/10/2024")
    desk.get_by_role("button", name="Duyệt", exact=True).click()
    expect(desk.locator("h1 + .badge, .heading .badge")).to_contain_text("Đã duyệt")
    expect(desk.get_by_text("1 khoản đang giữ lại")).to_be_visible()
    check(desk, "approved")

    phone.goto("/changes?state=approved")
    expect(phone.get_by_text("Người huyen")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_of_a_change_can_be_read_by_everyone(chrome: Browser, address: str, district: District, width: int) -> None:
    change = district.report_death("duong", "2024-10-03")
    commune = sit_down(chrome, address, "xa", width=width, scripts=True)
    for name, path in (
        ("new-person", "/changes/new"),
        ("choose", f"/changes/new?person={person_id('dao')}"),
        ("death", f"/changes/new?person={person_id('dao')}&reason=CHET"),
        ("adjust", f"/changes/new?person={person_id('hoa')}&type=adjustment"),
        ("method", f"/changes/new?person={person_id('phuc')}&type=payment_method"),
        ("own", f"/changes/{change}"),
        ("own-declaration", "/declarations"),
    ):
        commune.goto(path)
        check(commune, name)
    commune.goto(f"/changes/new?person={person_id('hoa')}&type=adjustment")
    commune.get_by_label("Lý do").select_option("MUC_KT")
    commune.get_by_label("Loại đối tượng").select_option("5.6-dbn")
    commune.get_by_label("Ngày xảy ra").fill("02/10/2024")
    commune.get_by_role("button", name="Xem lại").click()
    expect(commune.get_by_role("heading", name="Sẽ như thế nào")).to_be_visible()
    check(commune, "review")
    desk = sit_down(chrome, address, "huyen", width=width, scripts=True)
    for name, path in (("list", "/changes"), ("show", f"/changes/{change}"), ("board", "/declarations")):
        desk.goto(path)
        check(desk, name)
    commune.goto(f"/changes/{change}")
    commune.get_by_role("button", name="Rút đề nghị").click()
    commune.get_by_role("dialog").get_by_role("button", name="Đồng ý").click()
    expect(commune.get_by_text("Đã rút đề nghị.")).to_be_visible()
    desk.goto("/changes")
    expect(desk.get_by_text("Không có biến động nào như vậy.")).to_be_visible()
