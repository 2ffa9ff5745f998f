"""The booklet by keyboard alone, at rest for too long, in English, and where several people share a device."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.booklet import PIN, Booklet, Open, Portal, device, portal  # noqa: F401  # fixtures
from tests.district import person_id

NAMED = """() => {
  const at = document.activeElement;
  if (at === document.body) return "";
  return [at.labels?.[0]?.textContent, at.getAttribute("aria-label"), at.textContent].filter(Boolean).join(" ");
}"""


def reach(agent: Booklet, name: str) -> None:
    """Presses Tab until what is focused has this name."""
    for _ in range(80):
        agent.page.keyboard.press("Tab")
        if name in agent.page.evaluate(NAMED):
            return
    raise AssertionError(f"Tab never comes to {name}")


def go(agent: Booklet, *names: str) -> None:
    """Reaches one after the other and presses Enter."""
    for name in names:
        reach(agent, name)
        agent.page.keyboard.press("Enter")
        agent.page.wait_for_timeout(100)


def test_the_five_jobs_by_keyboard_alone(portal: Portal, device: Open) -> None:
    agent = device()
    agent.enable("chitra")
    page, keys = agent.page, agent.page.keyboard
    with agent.offline():
        reach(agent, "Tìm người hưởng")
        keys.type("hoa nguyen")
        go(agent, "Nguyễn Văn Hòa")
        expect(page.get_by_role("heading", level=1, name="Nguyễn Văn Hòa")).to_be_focused()
        go(agent, "Báo biến động khác")
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        reach(agent, "Lý do")
        keys.type("Chuyển đi")
        reach(agent, "Ngày xảy ra")
        keys.type("01/10/2024")
        keys.press("Enter")
        agent.waits(1)
        go(agent, "Sửa liên lạc")
        reach(agent, "Cách tìm nhà")
        keys.type("Cạnh giếng")
        go(agent, "Lưu để gửi")
        agent.waits(2)
        keys.press("Control+Home")
        page.evaluate("document.activeElement.blur()")
        go(agent, "Chi trả", "Thị trấn Lộc Hà", "Chưa nhận…")
        reach(agent, "Lý do")
        keys.press("ArrowDown")
        go(agent, "Ghi chưa nhận")
        agent.waits(3)
        assert "Chưa nhận" in page.evaluate("document.activeElement.textContent")
        page.evaluate("document.activeElement.blur()")
        go(agent, "Lịch")
        expect(page.get_by_role("heading", level=1, name="Lịch chi trả")).to_be_focused()
    agent.waits(0)
    assert portal.edits(person_id("hoa")) == 2


def test_it_locks_itself_after_a_quarter_of_an_hour(device: Open) -> None:
    agent = device()
    agent.page.clock.install()
    agent.enable("chitra")
    agent.page.clock.fast_forward("14:00")
    agent.page.keyboard.press("Shift")
    agent.page.clock.fast_forward("14:00")
    agent.is_open()
    agent.page.clock.fast_forward("15:30")
    expect(agent.page.locator("#screen")).to_contain_text("đã tự khoá sau 15 phút")
    assert agent.page.evaluate("document.body.textContent.includes('Nguyễn Văn Hòa')") is False
    agent.unlock()
    agent.is_open()


def test_two_people_on_one_device_have_booklets_of_their_own(portal: Portal, device: Open) -> None:
    shared = device()
    shared.enable("chitra")
    shared.page.get_by_role("button", name="Khoá sổ").click()
    shared.page.get_by_text("Thêm sổ cho người khác").click()
    for label, text in {"Tên đăng nhập": "xa2", "Mật khẩu": "mat-khau-thu", "Mã PIN mới": "902714", "Nhập lại mã PIN": "902714"}.items():
        shared.page.get_by_label(label).fill(text)
    shared.page.get_by_role("button", name="Dùng sổ trên máy này").click()
    shared.is_open()
    shared.at_rest()
    expect(shared.page.locator("#screen")).to_contain_text("Võ Thị Út")
    expect(shared.page.locator("#screen")).not_to_contain_text("Nguyễn Văn Hòa")
    shared.page.get_by_role("button", name="Khoá sổ").click()
    assert shared.faults() == []
    shared.page.get_by_label("Sổ của ai").select_option(label="Sổ 2")
    shared.unlock(PIN)
    expect(shared.page.locator(".wrong")).to_contain_text("Còn 9 lần thử")
    shared.page.get_by_label("Sổ của ai").select_option(label="Sổ 1")
    shared.unlock(PIN)
    shared.is_open()
    expect(shared.page.locator("#screen")).to_contain_text("Nguyễn Văn Hòa")
    shared.tab("Thiết bị")
    assert shared.faults() == []
    shared.page.get_by_role("button", name="Gỡ sổ khỏi máy này").click()
    shared.page.get_by_role("button", name="Đồng ý").click()
    expect(shared.page.locator("#notice, #screen")).to_contain_text(["", "Đã gỡ sổ"])
    expect(shared.page.get_by_text("Sổ 2")).to_be_visible()


def test_a_weak_pin_is_refused_and_what_was_typed_stays(device: Open) -> None:
    agent = device()
    agent.page.goto("/booklet")
    agent.page.get_by_label("Tên đăng nhập").fill("chitra")
    agent.page.get_by_label("Mật khẩu").fill("mat-khau-thu")
    for pin in ("12345", "111111", "123456", "abcdef"):
        agent.page.get_by_label("Mã PIN mới").fill(pin)
        agent.page.get_by_label("Nhập lại mã PIN").fill(pin)
        agent.page.get_by_role("button", name="Dùng sổ trên máy này").click()
        expect(agent.page.locator(".wrong")).to_contain_text("từ 6 chữ số")
        expect(agent.page.get_by_label("Mã PIN mới")).to_be_focused()
    expect(agent.page.get_by_label("Tên đăng nhập")).to_have_value("chitra")
    assert agent.faults() == []
