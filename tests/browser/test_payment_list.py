"""The month's list at a desk and on a phone without scripts: from the draft to the post office, readable by everyone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.answering import answering
from tests.district import MONTH, District, account_name, district, district_file
from tests.lists import sessions
from tests.office import PASSWORD

__all__ = ["district", "district_file"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
PICTURES = os.environ.get("LIST_PICTURES", "")
LIST = f"/payment-lists/{MONTH}"


@pytest.fixture
def address(district: District) -> Iterator[str]:
    sessions(district, MONTH)
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


def look(page: Page, name: str) -> None:
    """No fault that axe knows, nothing wider than the screen; a picture where somebody wants to look."""
    if PICTURES:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def press(page: Page, name: str) -> None:
    """Presses a button, says yes where it asks first, and waits for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()
        if page.locator("dialog[open]").count():
            page.get_by_role("button", name="Đồng ý").click()


def test_from_the_draft_to_the_post_office(chrome: Browser, address: str) -> None:
    officer = sit_down(chrome, address, "huyen", width=1280, scripts=True)
    officer.goto("/payment-lists")
    officer.get_by_label("Lập danh sách cho").select_option(MONTH)
    press(officer, "Lập danh sách")
    expect(officer.get_by_role("heading", level=1)).to_have_text("Danh sách tháng 10/2024")
    look(officer, "draft")
    press(officer, "Chốt danh sách")
    expect(officer.locator(".heading .badge")).to_contain_text("Đã chốt")

    head = sit_down(chrome, address, "lanhdao", width=1280, scripts=True)
    head.goto("/")
    head.get_by_role("link", name="Danh sách chờ duyệt").click()
    head.get_by_role("link", name="Tháng 10/2024").click()
    expect(head.get_by_text("Bạn duyệt đúng nội dung đang hiện: 13 dòng")).to_be_visible()
    look(head, "frozen")
    press(head, "Duyệt danh sách")
    expect(head.locator(".heading .badge")).to_contain_text("Đã duyệt")

    officer.goto(LIST)
    press(officer, "Chuyển bưu điện")
    expect(officer.locator(".heading .badge")).to_contain_text("Đã công bố")
    look(officer, "posted")


def test_a_line_is_found_and_held_on_a_phone_without_scripts(chrome: Browser, address: str) -> None:
    page = sit_down(chrome, address, "huyen", width=360, scripts=False)
    page.goto("/payment-lists")
    page.get_by_label("Lập danh sách cho").select_option(MONTH)
    page.get_by_role("button", name="Lập danh sách").click()
    page.get_by_role("button", name="Chốt danh sách").click()
    page.goto(f"{LIST}/lines")
    page.get_by_label("Tìm dòng").fill("hoa nguyen")
    page.get_by_role("button", name="Tìm").click()
    page.get_by_role("link", name="Nguyễn Văn Hòa").click()
    page.get_by_label("Lý do giữ lại").fill("Chờ xác minh nơi ở")
    page.get_by_role("button", name="Giữ lại").click()
    expect(page.get_by_text("Đang giữ lại")).to_be_visible()
    page.goto(f"{LIST}/addenda")
    expect(page.get_by_text("Chờ xác minh nơi ở")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_of_the_list_can_be_read_by_everyone(chrome: Browser, address: str, width: int) -> None:
    page = sit_down(chrome, address, "huyen", width=width, scripts=True)
    page.goto("/payment-lists")
    look(page, "index")
    page.get_by_label("Lập danh sách cho").select_option(MONTH)
    press(page, "Lập danh sách")
    look(page, "show")
    for path in ("lines", "differences", "checks/UNDECLARED"):
        page.goto(f"{LIST}/{path}")
        look(page, path.replace("/", "-"))
    page.goto(LIST)
    press(page, "Chốt danh sách")
    expect(page.locator(".heading .badge")).to_contain_text("Đã chốt")
    page.goto(f"{LIST}/addenda")
    look(page, "addenda")
    page.goto(f"{LIST}/lines")
    page.get_by_role("link", name="Trần Phúc").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Trần Phúc")
    look(page, "line")
