"""A conflict decided on a phone with the keyboard alone, and the pages around it: readable by everyone, no wider than the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conflicts import MADE
from tests.district import District, person_id
from tests.office import PASSWORD
from tests.sync.devices import Device

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
DAO = person_id("dao")


@pytest.fixture
def sit_down(chrome: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Signs somebody in, in a browser of their own."""
    contexts = []

    def signed_in(who: str, width: int = 360) -> Page:
        context = chrome.new_context(viewport={"width": width, "height": 800}, base_url=address)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("Tên đăng nhập").fill(who)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    yield signed_in
    for context in contexts:
        context.close()


def check(page: Page) -> None:
    """No fault that axe knows, and nothing wider than the screen."""
    found = Axe().run(page, options=RULES).response["violations"]
    assert [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_conflict_is_decided_on_a_phone_by_keyboard_alone(district: District, sit_down: Callable[..., Page]) -> None:
    MADE["field"](district)
    page = sit_down("xa")
    page.get_by_role("link", name="Mâu thuẫn cần làm rõ").click()
    page.get_by_role("link", name="Nguyễn Thị Đào").click()
    expect(page.get_by_text("Điều nào đúng?", exact=False).first).to_be_visible()
    check(page)
    page.get_by_role("radio", name="Giữ giá trị hiện có: 0912345678").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Ghi giá trị mới: 0388888888")).to_be_checked()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("12")
    page.get_by_label("Đã xác minh thế nào").fill("Đã gọi")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".errors")).to_be_focused()
    expect(page.get_by_label("Đã xác minh thế nào")).to_have_value("Đã gọi")
    check(page)
    page.get_by_role("textbox", name="Số điện thoại").fill("0377 777 777")
    page.get_by_role("button", name="Ghi cách làm rõ").dblclick()
    expect(page.get_by_text("Đã ghi cách làm rõ")).to_be_visible()
    assert district.value("person", DAO, "phone") == "0377777777"
    check(page)


@pytest.mark.parametrize("type_", MADE)
@pytest.mark.parametrize("width", [360, 1280])
def test_each_type_reads_well_on_a_phone_and_at_a_desk(district: District, sit_down: Callable[..., Page], type_: str, width: int) -> None:
    conflict = MADE[type_](district)
    page = sit_down("huyen2", width)
    page.goto("/conflicts")
    check(page)
    page.goto(f"/conflicts/{conflict}")
    check(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_outbox_and_the_devices(district: District, sit_down: Callable[..., Page], width: int) -> None:
    MADE["field"](district)
    phone = Device(district, "huyen", "Máy Samsung A14")
    Device(district, "huyen", "Máy tính bảng của phòng")
    phone.push(
        phone.edit("person", DAO, {"full_name": ["Nguyễn Thị Đào", "Nguyễn Thị Đáo"]}, why="Theo CCCD"),
        phone.edit("person", DAO, {"phone": ["x", "12"]}),
        phone.edit("person", DAO, {"locator": [None, "Cạnh đình làng, nhà có cổng xanh"]}),
    )
    page = sit_down("huyen", width)
    page.goto("/outbox")
    check(page)
    page.get_by_role("link", name="Cần tôi xem").click()
    expect(page.locator(".log > li")).to_have_count(1)
    check(page)
    page.goto("/devices")
    check(page)
    page.get_by_role("button", name="Thu hồi").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Đồng ý").click()
    expect(page.get_by_text("Đã thu hồi.", exact=False)).to_be_visible()
    check(page)
