"""Settlement and result in a browser: signed, closed and opened again by three people; on a phone, read aloud, and on paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.answering import answering
from tests.district import MONTH, District, line_code
from tests.office import PASSWORD
from tests.posted import lines, mark, mark_all, post_list

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
PATH = f"/settlements/{MONTH}"


@pytest.fixture
def address(district: District) -> Iterator[str]:
    """October handed out, but for one line; one was absent, one is withheld."""
    post_list(district)
    district.report_death("duong", "2024-09-20")
    mark(district, lines(district)[line_code("dao")], "uncollected")
    with answering(district.app) as at:
        yield at


def sign_in(chrome: Browser, address: str, who: str, *, width: int = 1280, scripts: bool = True) -> Page:
    context = chrome.new_context(viewport={"width": width, "height": 800}, base_url=address, java_script_enabled=scripts)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill(who)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", level=1, name="Việc cần làm")).to_be_visible()
    return page


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {node['html'][:150]}" for each in found for node in each["nodes"]]


def test_a_month_is_signed_closed_and_opened_again(chrome: Browser, address: str, district: District) -> None:
    post, officer, head = (sign_in(chrome, address, who) for who in ("kiemsoat", "huyen", "lanhdao"))
    post.get_by_role("link", name="Tháng chờ bưu điện ký quyết toán").click()
    post.get_by_role("link", name="Tháng 10/2024").click()
    expect(post.get_by_text("Còn 11 lượt (")).to_be_visible()
    expect(post.get_by_role("button", name="Ký kết quả chi trả")).to_have_count(0)

    mark_all(district)
    post.reload()
    expect(post.get_by_text("Khớp từng đồng")).to_be_visible()
    post.get_by_role("button", name="Ký kết quả chi trả").click()
    expect(post.get_by_role("dialog")).to_contain_text("đã chi 8.000.000")
    post.get_by_role("button", name="Đồng ý").click()
    expect(post.get_by_text("chờ quyết toán")).to_be_visible()

    officer.goto(PATH)
    row = officer.get_by_role("table", name="Kết quả theo xã, thị trấn").get_by_role("row", name="Thị trấn Lộc Hà")
    expect(row).to_contain_text("5.750.000")
    expect(row).to_contain_text("khớp")
    officer.get_by_role("button", name="Quyết toán tháng").click()
    officer.get_by_role("button", name="Đồng ý").click()
    expect(officer.get_by_text("Đã quyết toán tháng.")).to_be_visible()

    head.goto(PATH)
    head.get_by_role("button", name="Mở lại quyết toán").click()
    expect(head.get_by_role("alert")).to_contain_text("Hãy ghi lý do")
    head.get_by_label("Lý do").fill("Thiếu chứng từ của ngân hàng")
    head.get_by_role("button", name="Mở lại quyết toán").click()
    expect(head.get_by_text("Đã mở lại; bưu điện sửa kết quả rồi ký lại.")).to_be_visible()
    post.goto(PATH)
    expect(post.get_by_text("Thiếu chứng từ của ngân hàng").first).to_be_visible()


def test_it_works_without_scripts_on_a_phone(chrome: Browser, address: str, district: District) -> None:
    mark_all(district)
    for who, button in (("kiemsoat", "Ký kết quả chi trả"), ("huyen", "Quyết toán tháng")):
        page = sign_in(chrome, address, who, width=360, scripts=False)
        page.goto(PATH)
        page.get_by_role("button", name=button).click()
        expect(page.locator("#notice")).to_contain_text("Đã")
    assert district.value("payment_list", lines_list(district), "state") == "settled"


def lines_list(district: District) -> str:
    payment = next(iter(lines(district).values()))
    return str(district.value("payment", payment, "list"))


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_fits_the_screen_and_can_be_read_by_everyone(chrome: Browser, address: str, width: int) -> None:
    page = sign_in(chrome, address, "huyen", width=width)
    for path in ("/settlements", PATH, "/reports", f"/reports/{MONTH}"):
        page.goto(path)
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_the_signed_account_prints_without_buttons(chrome: Browser, address: str, district: District) -> None:
    mark_all(district)
    page = sign_in(chrome, address, "kiemsoat")
    page.goto(PATH)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Ký kết quả chi trả")).to_be_hidden()
    expect(page.get_by_role("table", name="Kết quả theo xã, thị trấn")).to_be_visible()


def test_a_figure_leads_to_its_lines_and_the_report_downloads(chrome: Browser, address: str) -> None:
    page = sign_in(chrome, address, "huyen")
    page.goto(f"/reports/{MONTH}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải báo cáo (Word)").click()
    assert download.value.suggested_filename == f"bao-cao-{MONTH}.docx"
    page.get_by_role("table", name="Chưa chi theo lý do").get_by_role("link", name="Chưa nhận").click()
    expect(page.get_by_text("Nguyễn Thị Đào")).to_be_visible()
    expect(page.get_by_text("Võ Thị Út")).to_have_count(0)
