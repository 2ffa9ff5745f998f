"""What may befall a booklet: no room, a store the browser emptied, a token the server forgot; nothing is lost without being said."""

from __future__ import annotations

from playwright.sync_api import expect

from portal.models.device import Device
from tests.browser.booklet import Open, Portal, device, portal  # noqa: F401  # fixtures
from tests.district import person_id

EMPTY = """async () => { for (const { name } of await indexedDB.databases()) await new Promise((done) => {
  const gone = indexedDB.deleteDatabase(name); gone.onsuccess = gone.onblocked = done; }) }"""
# An old phone's store: what is removed takes a second to be gone.
SLOW = """() => { const remove = IDBObjectStore.prototype.delete; IDBObjectStore.prototype.delete = function (key) {
  const until = performance.now() + 1000, wait = () => { if (performance.now() < until) this.count().onsuccess = wait; };
  wait(); return remove.call(this, key); }; }"""


def test_no_room_is_said_before_anything_is_lost(portal: Portal, device: Open) -> None:
    agent = device()
    agent.enable("chitra")
    agent.session()
    agent.fill()
    agent.line("Nguyễn Văn Hòa").get_by_role("button", name="Đã chi tại quầy").click()
    expect(agent.line("Nguyễn Văn Hòa")).to_contain_text("Máy sắp hết chỗ")
    expect(agent.line("Nguyễn Văn Hòa")).to_contain_text("Chưa chi")  # nothing says that it was kept
    agent.waits(0)
    agent.person("dao", "Nguyễn Thị Đào")
    agent.page.get_by_role("link", name="Sửa liên lạc").click()
    agent.page.get_by_label("Số điện thoại").fill("0510000077")
    agent.page.get_by_role("button", name="Lưu để gửi").click()
    expect(agent.page.locator("form .notice")).to_contain_text("những gì vừa nhập vẫn còn trên màn hình")
    expect(agent.page.get_by_label("Số điện thoại")).to_have_value("0510000077")
    agent.waits(0)
    assert portal.sent_by_devices() == 0
    assert portal.said == ["QuotaExceededError: no room"]
    portal.said.clear()


def test_a_device_that_is_nearly_full_is_told_when_the_booklet_opens_and_makes_no_new_one(portal: Portal, device: Open) -> None:
    agent = device()
    agent.page.add_init_script("navigator.storage.estimate = async () => ({ quota: 5e8, usage: 4.9e8 })")
    agent.page.goto("/booklet")
    for label, text in {"Tên đăng nhập": "chitra", "Mật khẩu": "mat-khau-thu", "Mã PIN mới": "482915", "Nhập lại mã PIN": "482915"}.items():
        agent.page.get_by_label(label).fill(text)
    agent.page.get_by_role("button", name="Dùng sổ trên máy này").click()
    expect(agent.page.locator("form .notice")).to_contain_text("Máy sắp hết chỗ")
    with portal.district.open():
        assert Device.select().count() == 0
    agent.page.evaluate("navigator.storage.estimate = async () => ({ quota: 5e8, usage: 0 })")
    agent.page.get_by_role("button", name="Dùng sổ trên máy này").click()
    agent.is_open()
    agent.at_rest()
    agent.page.reload()
    agent.unlock()
    expect(agent.page.locator("#notice")).to_contain_text("Máy sắp hết chỗ: có thể không lưu được thêm")


def test_a_store_the_browser_emptied_is_noticed_at_start(device: Open) -> None:
    agent = device()
    agent.page.goto("/booklet")
    expect(agent.page.locator("#screen")).not_to_contain_text("đã bị trình duyệt xoá")
    agent.enable("chitra")
    agent.page.goto("/device-check")
    expect(agent.page.locator("#result")).to_contain_text("Mã kết quả")
    agent.page.evaluate(EMPTY)
    agent.page.reload()
    expect(agent.page.locator("#result")).to_contain_text("Mã kết quả")  # which writes, too, and takes no notice away
    agent.page.goto("/booklet")
    expect(agent.page.locator("#screen")).to_contain_text("Dữ liệu của sổ trên máy này đã bị trình duyệt xoá")
    assert agent.faults() == []
    agent.enable("chitra")
    agent.tab("Thiết bị")
    agent.page.evaluate(SLOW)
    agent.page.get_by_role("button", name="Gỡ sổ khỏi máy này").click()
    agent.page.get_by_role("button", name="Đồng ý").click()
    expect(agent.page.locator("#screen")).to_contain_text("Đã gỡ sổ")  # and not before it is
    agent.page.reload()
    expect(agent.page.get_by_role("heading", level=1, name="Dùng sổ trên máy này")).to_be_visible()
    expect(agent.page.locator("#screen")).not_to_contain_text("đã bị trình duyệt xoá")  # its owner did


def test_a_token_the_server_forgot_is_asked_for_again_and_what_waits_goes_on(portal: Portal, device: Open) -> None:
    officer = device()
    officer.enable("xa")
    with portal.district.open():
        Device.update(token_hash="forgotten").execute()
    officer.correct("dao", "Nguyễn Thị Đào", **{"Số điện thoại": "0510000077"})
    expect(officer.page.get_by_role("heading", level=1, name="Đăng nhập lại")).to_be_visible(timeout=20_000)
    officer.waits(1)
    assert officer.faults() == []
    password = officer.page.get_by_label("Mật khẩu")
    password.fill("sai mat khau")
    officer.page.get_by_role("button", name="Đăng nhập lại").click()
    expect(officer.page.locator("form .notice")).to_be_visible()
    officer.waits(1)
    password.fill("mat-khau-thu")
    officer.page.get_by_role("button", name="Đăng nhập lại").click()
    officer.waits(0)
    officer.at_rest()
    assert "Đã đến máy chủ" in officer.outcomes()[0]
    assert portal.district.value("person", person_id("dao"), "phone") == "0510000077"
    assert portal.edits(person_id("dao")) == 2
