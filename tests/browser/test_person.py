"""The list and the page of one person in a browser: on a phone, by keyboard, read aloud, and on a slow line's budget."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect

from portal import door
from sync.ids import uuid7
from tests.browser.answering import answering
from tests.district import IMPORTED, District, Made, import_as, people_edits, person_id
from tests.office import PASSWORD

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
GIVEN = ("An", "Bình", "Chung", "Dũng", "Em", "Giang", "Hạnh", "Khoa", "Lý", "Mận", "Nhung", "Oanh", "Phượng", "Quế", "Sửu", "Tý")


@pytest.fixture
def address(district: District) -> Iterator[str]:
    """The small district with a page more of people, served."""
    rights = [("5.5c", 10, "2018-01", dict[str, str]())]
    people = [
        Made(uuid7(), f"Trần Thị {GIVEN[i % 16]}", str(1920 + i % 24), "F", "18568-01", rights, {"code": f"LH18568-{i + 100:04d}"})
        for i in range(60)
    ]
    with district.open():
        answer = door.submit(people_edits(people), import_as("more people"), IMPORTED)
    assert {result.status for result in answer.results} == {"accepted"}
    district.report_death("dao", "2024-09-03")
    district.submit("xa", "person", person_id("dao"), {"phone": ("0510000001", "0510000002")}, why="Con gái báo")
    district.submit("huyen", "person", person_id("dao"), {"phone": ("0510000001", "0510000003")})
    with answering(district.app) as at:
        yield at


def sign_in(chrome: Browser, address: str, who: str = "huyen", *, width: int = 1280, scripts: bool = True) -> Page:
    context = chrome.new_context(viewport={"width": width, "height": 800}, base_url=address, java_script_enabled=scripts)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill(who)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", level=1, name="Việc cần làm")).to_be_visible()
    return page


def people(page: Page) -> list[str]:
    """The addresses of the people in the list, in order."""
    found: list[str] = page.locator("tbody a").evaluate_all("links => links.map(a => a.href)")
    return found


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {node['html'][:150]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_about_people_fits_the_screen_and_can_be_read_by_everyone(chrome: Browser, address: str, width: int) -> None:
    page = sign_in(chrome, address, width=width)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    one = f"/people/{person_id('dao')}"
    for path in (
        "/people",
        "/people?commune=18568&q=tran",
        "/people?q=khong+ai",
        one,
        f"/people/{person_id('my')}",
        f"{one}/edit",
        "/journal",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert faults(page) == [], path
        small = page.evaluate(
            """() => [...document.querySelectorAll("main button, main .button, main input:not([type=hidden],[type=checkbox],[type=radio]), main select, main label.tick")]
                 .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML.slice(0, 120))"""
        )
        assert small == [], path
    assert said == []
    page.context.close()


def test_a_person_is_found_and_opened_by_keyboard_alone(chrome: Browser, address: str) -> None:
    page = sign_in(chrome, address)
    page.goto("/people")
    page.keyboard.press("/")
    expect(page.get_by_label("Tìm người")).to_be_focused()
    page.keyboard.type("dao nguyen")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_label("Tìm người")).to_be_focused()
    assert "q=dao" in page.url
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Nguyễn Thị Đào":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Nguyễn Thị Đào")).to_be_visible()
    expect(page.get_by_role("heading", name="Tháng 10/2024 nhận 500.000 đ")).to_be_visible()


def test_choosing_a_commune_offers_its_hamlets_without_a_new_page(chrome: Browser, address: str) -> None:
    page = sign_in(chrome, address)
    page.goto("/people")
    page.evaluate("window.same = true")
    expect(page.get_by_label("Thôn, tổ dân phố")).to_be_hidden()
    page.get_by_label("Xã, thị trấn").select_option("18580")
    expect(page.locator("tbody tr")).to_have_count(4)
    page.get_by_label("Thôn, tổ dân phố").select_option("18580-02")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert page.evaluate("window.same")
    page.get_by_label("Xã, thị trấn").select_option("18568")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.reload()
    expect(page.get_by_label("Xã, thị trấn")).to_have_value("18568")


def test_pages_turn_in_place_and_the_browsers_back_button_returns(chrome: Browser, address: str) -> None:
    page = sign_in(chrome, address)
    page.goto("/people")
    first = people(page)
    page.get_by_role("link", name="Trang sau").click()
    expect(page.locator("tbody tr")).to_have_count(22)
    assert not set(people(page)) & set(first)
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(50)
    assert people(page) == first


def test_the_list_works_without_scripts(chrome: Browser, address: str) -> None:
    page = sign_in(chrome, address, width=360, scripts=False)
    page.goto("/people")
    page.get_by_label("Tìm người").fill("tran thi")
    page.get_by_role("button", name="Tìm").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Trang sau").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    page.get_by_role("link", name="Trang trước").click()
    expect(page.locator("tbody tr")).to_have_count(50)


def test_a_correction_made_on_a_phone_says_what_became_of_each_field(chrome: Browser, address: str) -> None:
    page = sign_in(chrome, address, "xa", width=360)
    page.goto(f"/people/{person_id('hoa')}")
    page.get_by_role("link", name="Sửa hồ sơ").click()
    page.get_by_label("Số điện thoại").fill("không có")
    page.get_by_label("Họ và tên", exact=True).fill("Nguyễn Văn Hoà")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator(".errors")).to_be_focused()
    expect(page.get_by_label("Số điện thoại")).to_have_value("không có")
    page.get_by_label("Số điện thoại").fill("0510 000 888")
    page.get_by_role("button", name="Lưu").dblclick()
    expect(page.locator("#notice")).to_contain_text("Đã ghi: Số điện thoại.")
    expect(page.locator("#notice")).to_contain_text("chờ duyệt: Họ và tên.")
    expect(page.get_by_text("Đính chính")).to_be_visible()


def test_the_list_keeps_to_its_budget_of_bytes_and_requests(chrome: Browser, address: str) -> None:
    page = sign_in(chrome, address)
    sizes: dict[str, int] = {}

    def note(answer: Response) -> None:
        sizes[answer.url] = sum(answer.request.sizes()[name] for name in ("responseBodySize", "responseHeadersSize"))

    fresh = chrome.new_context(storage_state=page.context.storage_state(), base_url=address).new_page()
    fresh.on("response", note)
    fresh.goto("/people")
    fresh.wait_for_load_state("networkidle")
    before_paint = sum(size for url, size in sizes.items() if url.endswith(("/people", ".css")))
    assert len(sizes) <= 6
    assert sum(sizes.values()) <= 40_000
    assert before_paint <= 10_000
    sizes.clear()
    fresh.get_by_label("Tìm người").fill("tran")
    expect(fresh.locator("tbody a").first).to_have_text("Trần Thị An")
    fresh.wait_for_load_state("networkidle")
    assert sum(sizes.values()) <= 3_000 + 700  # the headers are not the answer
