"""How pages look and behave in a browser: every macro on one page, the sign-in page, and what the small script adds."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import flask
import jinja2
import pytest
from axe_playwright_python.sync_playwright import Axe
from markupsafe import escape
from playwright.sync_api import Browser, Page, expect

from portal import access, assets, pages
from tests.browser.answering import answering
from tests.office import PASSWORD, open_office

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
ROWS = [
    {"id": 1, "name": "Nguyễn Thị Đào", "category": "Người cao tuổi từ 80 tuổi", "amount": 360000, "state": "paid"},
    {"id": 2, "name": "Hoàng Thị Mỹ Duyên", "category": "Trẻ em khuyết tật đặc biệt nặng", "amount": 900000, "state": "withheld"},
]


@dataclass
class Portal:
    """A portal that serves the sample page, and what was sent to it."""

    address: str
    sent: list[dict[str, str]] = field(default_factory=list)


def _sample_pages(portal: Portal) -> flask.Blueprint:
    bp = flask.Blueprint("look", __name__)

    @bp.get("/look")
    @access.deed("home.read")
    def show() -> flask.Response:
        return pages.render("look.html", rows=ROWS, typed={"name": "", "note": ""}, errors={})

    @bp.post("/look")
    @access.deed("home.read")
    def take() -> flask.Response:
        portal.sent.append(flask.request.form.to_dict())
        time.sleep(0.4)
        typed = {"name": flask.request.form.get("name", ""), "note": flask.request.form.get("note", "")}
        return pages.render("look.html", status=422, rows=ROWS, typed=typed, errors={"name": "Chưa ghi họ và tên."})

    @bp.post("/look/part")
    @access.deed("home.read")
    def part() -> flask.Response:
        portal.sent.append(flask.request.form.to_dict())
        return flask.make_response("<p>Đã ghi.</p>" if pages.htmx.partial else "<p>Đã ghi cả trang.</p>")

    @bp.get("/look/rows")
    @access.deed("home.read")
    def rows() -> flask.Response:
        query = flask.request.args.get("q", "")
        portal.sent.append({"q": query})
        return flask.make_response(f"<p>Tìm thấy: {escape(query)}</p>")

    return bp


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    app = open_office(f"sqlite:///{tmp_path_factory.mktemp('look') / 'portal.sqlite3'}")
    assert app.jinja_loader is not None
    app.jinja_env.loader = jinja2.ChoiceLoader([app.jinja_loader, jinja2.FileSystemLoader(Path(__file__).parent)])
    served = Portal("")
    app.register_blueprint(_sample_pages(served))
    with answering(app) as served.address:
        yield served


def open_page(chrome: Browser, portal: Portal, *, width: int = 1280, scheme: str = "light", scripts: bool = True) -> Page:
    context = chrome.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]  # light or dark
        java_script_enabled=scripts,
        base_url=portal.address,
    )
    context.set_default_timeout(10_000)
    portal.sent.clear()
    return context.new_page()


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill("huyen")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", level=1, name="Việc cần làm")).to_be_visible()


@pytest.fixture
def signed_in(chrome: Browser, portal: Portal) -> Iterator[Page]:
    page = open_page(chrome, portal)
    sign_in(page)
    page.goto("/look")
    yield page
    page.context.close()


def _faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {node['html'][:150]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_can_be_read_by_everyone_and_fit_the_screen(chrome: Browser, portal: Portal, width: int, scheme: str) -> None:
    page = open_page(chrome, portal, width=width, scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto("/sign-in")
    assert _faults(page) == []
    sign_in(page)
    page.goto("/look")
    assert _faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    page.context.close()


def test_what_a_finger_meets_on_a_phone_is_large_enough(chrome: Browser, portal: Portal) -> None:
    page = open_page(chrome, portal, width=360)
    sign_in(page)
    page.goto("/look")
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, .button, input:not([type=hidden],[type=checkbox],[type=radio]), select, .menu, .brand, label.tick, td.check label, .waiting a")]
             .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert small == []
    page.context.close()


def test_a_table_becomes_cards_with_their_headings_on_a_phone(chrome: Browser, portal: Portal) -> None:
    page = open_page(chrome, portal, width=360)
    sign_in(page)
    page.goto("/look")
    cell = page.locator("td[data-label='Số tiền']").first
    assert cell.evaluate("e => getComputedStyle(e, '::before').content") == '"Số tiền"'
    assert cell.bounding_box()["width"] > 250  # type: ignore[index]  # it is visible
    page.context.close()


def test_the_menu_opens_and_everything_sends_without_scripts(chrome: Browser, portal: Portal) -> None:
    page = open_page(chrome, portal, width=360, scripts=False)
    sign_in(page)
    page.goto("/look")
    menu = page.locator("#nav")
    expect(menu).to_be_hidden()
    page.get_by_role("link", name="Mục lục", exact=True).click()
    expect(menu.get_by_role("link", name="Việc cần làm")).to_be_visible()
    page.get_by_role("link", name="Đóng mục lục").click()
    expect(menu).to_be_hidden()
    expect(page.locator("[data-check-all]")).to_be_hidden()
    page.get_by_label("Ghi chú (không bắt buộc)").fill("đã xem giấy")
    page.get_by_role("button", name="Từ chối").click()
    assert portal.sent[-1]["decision"] == "reject"
    expect(page.get_by_label("Ghi chú (không bắt buộc)")).to_have_value("đã xem giấy")
    page.context.close()


def test_keyboard_alone_skips_to_the_content(signed_in: Page) -> None:
    signed_in.keyboard.press("Tab")
    skip = signed_in.get_by_role("link", name="Đến nội dung chính")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator("#main")).to_be_focused()


def test_errors_take_the_focus_lead_to_the_field_and_keep_what_was_typed(signed_in: Page) -> None:
    note = signed_in.get_by_label("Ghi chú (không bắt buộc)")
    note.fill("  hai dòng\nđã xem")
    signed_in.get_by_role("button", name="Gửi đề nghị").click()
    summary = signed_in.locator(".errors")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Chưa ghi họ và tên.").click()
    name = signed_in.get_by_label("Họ và tên", exact=True)
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description("Lỗi: Chưa ghi họ và tên.")
    expect(note).to_have_value("  hai dòng\nđã xem")


def test_a_double_click_sends_once(signed_in: Page, portal: Portal) -> None:
    signed_in.get_by_role("button", name="Gửi đề nghị").dblclick()
    expect(signed_in.locator(".errors")).to_be_visible()
    assert len(portal.sent) == 1
    # The page that came back can be sent again.
    signed_in.get_by_role("button", name="Gửi đề nghị").click()
    expect(signed_in.locator(".errors")).to_be_visible()
    signed_in.wait_for_load_state()
    assert len(portal.sent) == 2


def test_a_question_is_asked_first_and_no_means_no(signed_in: Page, portal: Portal) -> None:
    refuse = signed_in.get_by_role("button", name="Từ chối")
    refuse.click()
    dialog = signed_in.get_by_role("dialog", name="Từ chối đề nghị này?")
    no = dialog.get_by_role("button", name="Thôi")
    expect(no).to_be_focused()
    no.click()
    expect(dialog).to_have_count(0)
    expect(refuse).to_be_focused()
    assert portal.sent == []
    refuse.click()
    dialog.get_by_role("button", name="Đồng ý").click()
    expect(signed_in.locator(".errors")).to_be_visible()
    assert [each["decision"] for each in portal.sent] == ["reject"]


def test_one_box_chooses_every_row_and_the_button_says_how_many(signed_in: Page) -> None:
    signed_in.get_by_label("Chọn tất cả").check()
    expect(signed_in.locator("[data-chosen]")).to_have_text("2")
    signed_in.get_by_label("Chọn Nguyễn Thị Đào").uncheck()
    expect(signed_in.locator("[data-chosen]")).to_have_text("1")
    assert signed_in.get_by_label("Chọn tất cả").evaluate("box => box.indeterminate")


def test_slash_goes_to_the_search_which_answers_while_typing_once(signed_in: Page, portal: Portal) -> None:
    signed_in.keyboard.press("/")
    box = signed_in.get_by_role("searchbox", name="Tìm người")
    expect(box).to_be_focused()
    signed_in.keyboard.type("dao", delay=30)
    expect(signed_in.locator("#rows")).to_have_text("Tìm thấy: dao")
    assert portal.sent == [{"q": "dao"}]
    expect(box).to_be_focused()


def test_a_lost_line_is_said_and_the_text_stays(signed_in: Page) -> None:
    box = signed_in.get_by_label("Ghi chú tại chỗ")
    box.fill("chưa gửi")
    signed_in.context.set_offline(True)
    button = signed_in.get_by_role("button", name="Ghi tại chỗ")
    button.click()
    expect(signed_in.locator("#notice")).to_contain_text("mất kết nối")
    expect(box).to_have_value("chưa gửi")
    signed_in.context.set_offline(False)
    button.click()
    expect(signed_in.locator("#swap")).to_have_text("Đã ghi.")


def test_a_session_that_ended_while_typing_loses_nothing(signed_in: Page, portal: Portal) -> None:
    signed_in.get_by_label("Ghi chú tại chỗ").fill("đang viết dở")
    signed_in.context.clear_cookies()
    signed_in.get_by_role("button", name="Ghi tại chỗ").click()
    expect(signed_in.get_by_role("heading", level=1, name="Đăng nhập")).to_be_visible()
    expect(signed_in.locator(".notice")).to_contain_text("chưa mất")
    signed_in.get_by_label("Tên đăng nhập").fill("huyen")
    signed_in.get_by_label("Mật khẩu").fill(PASSWORD)
    signed_in.get_by_role("button", name="Đăng nhập").click()
    signed_in.get_by_role("button", name="Tiếp tục gửi").click()
    expect(signed_in.get_by_text("Đã ghi cả trang.")).to_be_visible()
    assert portal.sent == [{"word": "đang viết dở", "how": "part"}]


def test_the_first_visit_is_small(chrome: Browser, portal: Portal) -> None:
    page = open_page(chrome, portal)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/sign-in", wait_until="networkidle")
    assert len(asked) <= 6, asked
    page.context.close()
    files = assets.read().files
    assert len(gzip.compress(files["css/app.css"].data, 9)) <= 6 * 1024
    assert len(gzip.compress(files["js/app.js"].data, 9)) <= 4 * 1024


def test_paper_carries_the_content_without_the_controls(signed_in: Page) -> None:
    signed_in.emulate_media(media="print")
    for gone in ("header.top", "#nav", "form.search", ".pager", "footer", "td.check"):
        expect(signed_in.locator(gone).first).to_be_hidden()
    expect(signed_in.get_by_role("rowheader", name="Nguyễn Thị Đào")).to_be_visible()
