"""An agent at a session, on a phone: each kind of mark, a death reported meanwhile, one edit a click, the keyboard alone, no JavaScript."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from portal import payment, payment_list, schedule
from portal.models.journal import Journal
from portal.payment import Filter, Line
from tests.arranged import add_session, post_list
from tests.browser.answering import answering
from tests.district import MONTH, District, line_code, person_id
from tests.office import PASSWORD

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
PICTURES = os.environ.get("PAYMENT_PICTURES", "")
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


@dataclass
class Counter:
    """A portal that answers browsers, on a district whose October list is posted, and what browsers complained of."""

    address: str
    district: District
    said: list[str] = field(default_factory=list)

    def line(self, key: str) -> Line:
        with self.district.open():
            return payment.page(MONTH, None, Filter(query=line_code(key))).lines[0]

    def edits(self, key: str) -> int:
        line = self.line(key).id
        with self.district.open():
            return Journal.select().where(Journal.record == line).count()

    def session_path(self, commune: str, number: int = 0) -> str:
        with self.district.open():
            return f"/payments/sessions/{schedule.sessions(MONTH, frozenset({commune}))[number].id}"


@pytest.fixture
def counter(district: District) -> Iterator[Counter]:
    add_session(district, hamlets=["TDP 1", "TDP 2"], place="Nhà văn hóa TDP 2")
    add_session(district, f"{MONTH}-11", "18580", agent="chitra2")
    post_list(district)
    district.submit("xa", "person", person_id("duong"), {"locator": (None, "Sau chợ, ngõ thứ hai bên trái, cổng xanh")})
    with answering(district.app) as at:
        yield Counter(at, district)


Open = Callable[..., Page]


@pytest.fixture
def sign_in(chrome: Browser, counter: Counter) -> Iterator[Open]:
    """Opens a browser of its own for an account, signed in; at the end nothing may have been complained of."""
    contexts = []

    def opened(who: str, size: dict[str, int] = PHONE, *, scripts: bool = True) -> Page:
        context = chrome.new_context(viewport=size, base_url=counter.address, java_script_enabled=scripts)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: None if "422" in message.text else counter.said.append(message.text))
        page.on("pageerror", lambda error: counter.said.append(str(error)))
        page.goto("/sign-in")
        page.get_by_label("Tên đăng nhập").fill(who)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.get_by_role("heading", level=1, name="Việc cần làm")).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert counter.said == []


def row(page: Page, counter: Counter, key: str) -> Locator:
    return page.locator(f"#row-{counter.line(key).id}")


def button(row: Locator, name: str) -> Locator:
    return row.get_by_role("button", name=name, exact=True)


def faults(page: Page) -> list[str]:
    """What axe finds; a picture where somebody wants to look."""
    if PICTURES:
        width = page.viewport_size["width"] if page.viewport_size else 0
        name = "-".join(part for part in page.url.split("/")[3:] if len(part) < 30)
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {node['html'][:150]}" for each in found for node in each["nodes"]]


def test_a_day_at_the_counter_on_a_phone(counter: Counter, sign_in: Open) -> None:
    agent = sign_in("chitra")
    agent.goto("/payments")
    agent.get_by_role("link", name="Thị trấn Lộc Hà").first.click()
    expect(agent.get_by_role("heading", level=1)).to_have_text("Chi trả tại Thị trấn Lộc Hà, 10/10/2024")
    assert faults(agent) == []
    assert agent.evaluate("document.documentElement.scrollWidth") <= 360
    expect(row(agent, counter, "duong")).to_contain_text("Sau chợ, ngõ thứ hai bên trái, cổng xanh")

    button(row(agent, counter, "hoa"), "Đã chi tại quầy").click()
    expect(row(agent, counter, "hoa")).to_contain_text("Đã ghi.")
    expect(row(agent, counter, "hoa")).to_contain_text("Đã nhận")
    button(row(agent, counter, "duong"), "Đã chi tại nhà").click()
    expect(row(agent, counter, "duong")).to_contain_text("tại nhà")
    absent = row(agent, counter, "dao")
    absent.get_by_text("Chưa nhận…").click()
    button(absent, "Ghi chưa nhận").click()
    expect(row(agent, counter, "dao")).to_contain_text("Hãy chọn lý do chưa nhận")
    row(agent, counter, "dao").get_by_text("Chưa nhận…").click()
    row(agent, counter, "dao").get_by_role("combobox").select_option(label="Vắng mặt")
    button(row(agent, counter, "dao"), "Ghi chưa nhận").click()
    expect(row(agent, counter, "dao")).to_contain_text("Vắng mặt")
    expect(agent.locator("#totals")).to_contain_text("1.250.000")
    assert agent.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults(agent) == []
    assert (counter.line("hoa").state, counter.line("duong").state, counter.line("dao").state) == ("paid", "paid", "uncollected")
    assert (counter.line("duong").mark or {})["how"] == "home"


def test_the_alternate_recipient_takes_it(counter: Counter, sign_in: Open) -> None:
    agent = sign_in("chitra2")
    agent.goto(counter.session_path("18580"))
    button(row(agent, counter, "yen"), "Người nhận thay đã nhận").click()
    expect(row(agent, counter, "yen")).to_contain_text("người nhận thay nhận")
    assert (counter.line("yen").mark or {})["to"] == "alternate"


def test_a_death_reported_meanwhile_shows_as_withheld(counter: Counter, sign_in: Open) -> None:
    agent, commune = sign_in("chitra"), sign_in("xa", DESK)
    agent.goto(counter.session_path("18568"))
    expect(button(row(agent, counter, "hoa"), "Đã chi tại quầy")).to_be_visible()
    counter.district.report_death("hoa", "2024-09-20")
    agent.reload()
    expect(row(agent, counter, "hoa")).to_contain_text("Báo đã mất — không chi")
    expect(button(row(agent, counter, "hoa"), "Đã chi tại quầy")).to_be_hidden()
    assert faults(agent) == []
    commune.goto(f"/payments/{counter.line('hoa').id}")
    commune.get_by_label("Vì sao được chi").fill("Đã gặp tại nhà, báo nhầm")
    commune.get_by_role("button", name="Mở giữ").click()
    commune.get_by_role("button", name="Đồng ý").click()
    expect(commune.locator("#notice")).to_contain_text("Đã mở giữ")
    assert faults(commune) == []
    agent.reload()
    expect(button(row(agent, counter, "hoa"), "Đã chi tại quầy")).to_be_visible()


def test_a_double_click_is_one_edit(counter: Counter, sign_in: Open) -> None:
    agent = sign_in("chitra")
    agent.goto(counter.session_path("18568"))
    button(row(agent, counter, "hoa"), "Đã chi tại quầy").dblclick()
    expect(row(agent, counter, "hoa")).to_contain_text("Đã ghi.")
    agent.wait_for_timeout(300)
    assert counter.edits("hoa") == 1


def test_with_the_keyboard_alone(counter: Counter, sign_in: Open) -> None:
    agent = sign_in("chitra", DESK)
    agent.goto(counter.session_path("18568"))
    agent.keyboard.press("/")
    agent.keyboard.type("hoa")
    expect(agent.locator("#lines tbody tr")).to_have_count(1)
    button(row(agent, counter, "hoa"), "Đã chi tại quầy").focus()
    agent.keyboard.press("Enter")
    expect(row(agent, counter, "hoa").get_by_role("status")).to_be_focused()
    agent.keyboard.press("Shift+Tab")
    expect(row(agent, counter, "hoa").get_by_role("link", name="Nguyễn Văn Hòa")).to_be_focused()
    assert counter.line("hoa").state == "paid"


def test_what_is_typed_before_the_scripts_listen_is_searched_for(counter: Counter, sign_in: Open) -> None:
    agent = sign_in("chitra", DESK)
    agent.add_init_script("document.onreadystatechange = () => { document.querySelector('[type=search]').value ||= 'hoa'; }")
    agent.goto(counter.session_path("18568"))
    expect(agent.locator("#lines tbody tr")).to_have_count(1)


def test_several_at_once(counter: Counter, sign_in: Open) -> None:
    agent = sign_in("chitra", DESK)
    agent.goto(counter.session_path("18568"))
    for key in ("hoa", "an"):
        row(agent, counter, key).get_by_role("checkbox").check()
    agent.get_by_role("button", name="Những người đã chọn: đã chi tại quầy").click()
    agent.get_by_role("button", name="Đồng ý").click()
    expect(agent.locator("#notice")).to_contain_text("Đã ghi 2 người nhận tại quầy")
    assert {counter.line(key).state for key in ("hoa", "an")} == {"paid"}
    assert faults(agent) == []


def test_without_javascript(counter: Counter, sign_in: Open) -> None:
    agent = sign_in("chitra", scripts=False)
    agent.goto(counter.session_path("18568"))
    button(row(agent, counter, "hoa"), "Đã chi tại quầy").click()
    expect(agent.locator("#notice")).to_contain_text("Nguyễn Văn Hòa: Đã ghi.")
    assert counter.line("hoa").state == "paid"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_signed_paper_is_keyed_in_by_the_keyboard_alone_without_javascript(counter: Counter, sign_in: Open, size: dict[str, int]) -> None:
    settings = counter.district.app.config["SETTINGS"]
    counter.district.app.config["SETTINGS"] = replace(settings, today=date(2024, 10, 12))
    with counter.district.open():
        found = payment_list.find(MONTH)
        assert found is not None
    page = sign_in("chitra", size, scripts=False)
    keys = page.keyboard

    def looks_right() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url

    page.goto(counter.session_path("18568"))
    page.get_by_role("link", name="Nhập danh sách giấy đã ký").press("Enter")
    page.get_by_label("Mã nội dung trên giấy").focus()
    keys.type(f"{found.digest[:5]}/0")
    keys.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(6)
    looks_right()
    page.get_by_label("Ngày ghi trên giấy").press("Control+A")
    keys.type("12/10/2024")
    page.locator("#f-numbers").focus()
    keys.type("1, 3-6")
    keys.press("Enter")
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(5)
    page.get_by_label("Lý do Nguyễn Thị Đào chưa nhận").focus()
    keys.type("Vắng")
    keys.press("Tab")
    page.get_by_role("button", name="Xem lại trước khi ghi").press("Enter")
    expect(page.locator("main")).to_contain_text("1 dòng")
    expect(page.get_by_role("table", name="Chưa nhận")).to_contain_text("Vắng mặt")
    looks_right()
    page.get_by_role("button", name="Ghi kết quả").press("Enter")
    expect(page.locator("#notice")).to_contain_text("Đã ghi từ giấy: 5 người đã nhận, 1 người chưa nhận.")
    assert {key: counter.line(key).state for key in ("duong", "dao", "hoa")} == {"duong": "paid", "dao": "uncollected", "hoa": "paid"}
    looks_right()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_of_schedule_and_payment_are_for_everyone(counter: Counter, sign_in: Open, size: dict[str, int]) -> None:
    page = sign_in("kiemsoat", size)
    session = counter.session_path("18568").rpartition("/")[2]
    with counter.district.open():
        found = payment_list.find(MONTH)
        assert found is not None
    signed = f"/signed-lists/{MONTH}/18568"
    paths = (
        signed,
        f"{signed}?code={found.digest[:6]}/0",
        f"/schedules/{MONTH}",
        f"/schedules/{MONTH}/sessions/{session}",
        "/schedules/public",
        "/payments",
        "/payments/bank-result",
    )
    for path in paths:
        page.goto(path)
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
