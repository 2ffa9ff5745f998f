"""Ordinary pages on a bad line: what was typed stays, or goes to the outbox; whatever became of the answer, it is one edit."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from portal.models.change import Change
from portal.models.payment import Payment
from tests.browser.booklet import Booklet, Open, Portal, device, portal  # noqa: F401  # fixtures
from tests.district import person_id
from tests.office import PASSWORD

EDIT = f"/people/{person_id('dao')}/edit"


def sign_in(page: Page, who: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill(who)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", level=1, name="Việc cần làm")).to_be_visible()


def phone(portal: Portal) -> str:
    return str(portal.district.value("person", person_id("dao"), "phone"))


def enabled(booklet: Booklet, who: str) -> Page:
    """A device with a booklet, which is locked, and somebody signed in on the portal's pages."""
    booklet.enable(who)
    page = booklet.page
    page.wait_for_function("navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))")
    sign_in(page, who)
    return page


def arrive(portal: Portal, booklet: Booklet) -> list[str]:
    """Opens the booklet with a line; what became of its items."""
    booklet.page.goto("/booklet")
    booklet.unlock()
    booklet.is_open()
    booklet.at_rest()
    booklet.waits(0)
    return booklet.outcomes()


@pytest.mark.parametrize("how", ["offline", "gone", "502"])
def test_a_form_that_gets_nowhere_stays_as_typed_and_is_sent_again_by_a_button(portal: Portal, device: Open, how: str) -> None:
    page = device().page
    sign_in(page, "xa")
    page.goto(EDIT)
    page.get_by_label("Số điện thoại").fill("0510 000 777")
    page.get_by_label("Lý do sửa").fill("Con gái báo")
    if how == "offline":
        page.context.set_offline(True)
    elif how == "gone":
        portal.stop()
    else:
        page.route(
            "**/edit", lambda route: route.fulfill(status=502, body="Bad Gateway") if route.request.method == "POST" else route.continue_()
        )
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("#notice")).to_contain_text("vẫn còn trên màn hình")
    expect(page.locator("#notice > .notice")).to_be_focused()
    expect(page.get_by_label("Số điện thoại")).to_have_value("0510 000 777")
    assert page.url.endswith(EDIT)
    if how == "offline":
        page.context.set_offline(False)
    elif how == "gone":
        portal.start()
    else:
        page.unroute_all()
    page.get_by_role("button", name="Gửi lại").click()
    expect(page.locator("#notice")).to_contain_text("Đã ghi: Số điện thoại.")
    assert phone(portal) == "0510000777"


def test_a_slow_answer_shows_that_it_is_awaited_and_is_asked_for_once(portal: Portal, device: Open) -> None:
    page = device().page
    sign_in(page, "xa")
    page.goto(EDIT)
    held: list[Route] = []
    page.route("**/edit", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks the function it is given
    page.get_by_label("Số điện thoại").fill("0510000778")
    page.get_by_role("button", name="Lưu").dblclick()
    expect(page.locator("html.sending")).to_be_attached()
    page.evaluate("document.querySelector('main form button.primary').click()")
    page.wait_for_timeout(300)
    assert [route.request.method for route in held] == ["POST"]
    held[0].continue_()
    expect(page.locator("#notice")).to_contain_text("Đã ghi: Số điện thoại.")
    assert len(held) == 1


def test_what_is_wrong_is_told_without_a_new_page(portal: Portal, device: Open) -> None:
    page = device().page
    sign_in(page, "xa")
    page.goto(EDIT)
    page.get_by_label("Số điện thoại").fill("không có")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator(".errors")).to_be_focused()
    expect(page.get_by_label("Số điện thoại")).to_have_value("không có")
    page.get_by_label("Số điện thoại").fill("0510000779")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("#notice")).to_contain_text("Đã ghi: Số điện thoại.")


def test_on_a_device_with_a_booklet_it_goes_to_the_outbox(portal: Portal, device: Open) -> None:
    officer = device()
    page = enabled(officer, "xa")
    page.goto(EDIT)
    page.get_by_label("Số điện thoại").fill("0510 000 777")
    with officer.offline():
        page.get_by_role("button", name="Lưu").click()
        expect(page.locator("#notice")).to_contain_text("Đã cất vào hộp gửi")
        expect(page.locator("header #unsent")).to_have_text("1 chưa gửi")
        page.get_by_role("button", name="Lưu").click()
        expect(page.locator("header #unsent")).to_have_text("1 chưa gửi")
    assert "0510000777" not in officer.stored() and "0510 000 777" not in officer.stored()
    assert "Đã đến máy chủ" in arrive(portal, officer)[0]
    assert phone(portal) == "0510000777"


@pytest.mark.parametrize("arrived", [False, True])
def test_a_mark_whose_answer_was_lost_is_one_payment(portal: Portal, device: Open, arrived: bool) -> None:
    agent = device()
    page = enabled(agent, "chitra")
    line = portal.line("hoa")
    with portal.district.open():
        of = str(Payment.get(Payment.id == line).full_name)
    page.goto(f"/payments/{line}")
    came: list[int] = []

    def cut(route: Route) -> None:
        if arrived:
            came.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    page.route("**/marks", cut)
    page.get_by_role("button", name="Đã chi tại quầy").click()
    expect(page.locator("#notice")).to_contain_text("Đã cất vào hộp gửi")
    assert len(came) == int(arrived)
    page.unroute_all()
    outcomes = arrive(portal, agent)
    assert of in outcomes[0] and "từ chối" not in outcomes[0].lower()
    assert portal.edits(line) == 1
    assert portal.open_conflicts(line) == []
    assert portal.district.value("payment", line, "mark")["state"] == "paid"


def test_a_mark_in_a_session_goes_to_the_outbox_and_the_other_rows_stay(portal: Portal, device: Open) -> None:
    agent = device()
    page = enabled(agent, "chitra")
    page.goto("/payments")
    page.locator("a[href*='/payments/sessions/']").first.click()
    row = page.locator(f"#row-{portal.line('hoa')}")
    with agent.offline():
        row.get_by_role("button", name="Đã chi tại quầy").click()
        expect(page.locator("#notice")).to_contain_text("Đã cất vào hộp gửi")
        expect(row).to_be_visible()
    assert "Đã đến máy chủ" in arrive(portal, agent)[0]
    assert portal.edits(portal.line("hoa")) == 1


def test_a_death_reported_on_an_ordinary_page_goes_to_the_outbox(portal: Portal, device: Open) -> None:
    officer = device()
    page = enabled(officer, "xa")
    page.goto(f"/changes/new?person={person_id('dao')}&reason=CHET")
    page.get_by_label("Ngày").first.fill("20/09/2024")
    with officer.offline():
        page.locator("#f-form").get_by_role("button").first.click()
        expect(page.locator("#notice")).to_contain_text("Đã cất vào hộp gửi")
    arrive(portal, officer)
    assert portal.district.value("payment", portal.line("dao"), "hold")["reason"] == "CHET"


def test_what_only_the_server_can_read_stays_as_typed_there_too(portal: Portal, device: Open) -> None:
    officer = device()
    page = enabled(officer, "xa")
    page.goto(EDIT)
    page.get_by_label("CCCD", exact=False).first.fill("099138000123")
    with officer.offline():
        page.get_by_role("button", name="Lưu").click()
        expect(page.locator("#notice")).to_contain_text("vẫn còn trên màn hình")
        expect(page.locator("header #unsent")).to_have_count(0)


def test_signing_out_with_unsent_items_asks_first_and_offers_them_as_a_file(portal: Portal, device: Open, tmp_path: Path) -> None:
    officer = device()
    page = enabled(officer, "xa")
    page.goto(EDIT)
    page.get_by_label("Số điện thoại").fill("0510000777")
    with officer.offline():
        page.get_by_role("button", name="Lưu").click()
        expect(page.locator("header #unsent")).to_have_text("1 chưa gửi")
    page.goto("/people")  # carries no dialog of its own
    assert officer.faults() == []
    page.get_by_role("button", name="Đăng xuất").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Máy này còn 1 mục chưa gửi")
    assert officer.faults() == []
    with page.expect_download() as download:
        asked.get_by_role("button", name="Xuất mục chưa gửi ra tệp").click()
    file = tmp_path / "outbox.json"
    download.value.save_as(file)
    assert "chi-tra-outbox" in file.read_text() and "0510000777" not in file.read_text()
    asked.get_by_role("button", name="Thôi").click()
    assert page.url.endswith("/people")
    page.goto("/changes")
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_role("dialog")).to_contain_text("Máy này còn 1 mục chưa gửi")
    page.get_by_role("button", name="Thôi").click()
    assert page.url.endswith("/changes")
    page.get_by_role("button", name="Đăng xuất").click()
    page.get_by_role("button", name="Đồng ý").click()
    expect(page.get_by_label("Mật khẩu")).to_be_visible()
    arrive(portal, officer)
    assert phone(portal) == "0510000777"


@pytest.mark.parametrize("arrived", [False, True])
def test_many_marked_at_once_go_to_the_outbox_one_by_one_and_are_one_payment_each(portal: Portal, device: Open, arrived: bool) -> None:
    agent = device()
    page = enabled(agent, "chitra")
    page.goto("/payments")
    page.locator("a[href*='/payments/sessions/']").first.click()
    lines = [portal.line(key) for key in ("hoa", "an", "duong")]
    for line in lines:
        page.locator(f"#row-{line} [name=line]").check()

    def cut(route: Route) -> None:
        if arrived:
            route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.route("**/marks", cut)
    page.locator("#several button").click()
    page.get_by_role("button", name="Đồng ý").click()
    expect(page.locator("#notice")).to_contain_text("Đã cất vào hộp gửi")
    expect(page.locator("header #unsent")).to_have_text("3 chưa gửi")
    page.unroute_all()
    outcomes = arrive(portal, agent)
    assert len(outcomes) == 3 and all("Đã đến máy chủ" in text for text in outcomes)
    for line in lines:
        assert portal.edits(line) == 1 and portal.open_conflicts(line) == []
        assert portal.district.value("payment", line, "mark")["how"] == "counter"


def test_a_form_that_cannot_wait_says_so_and_keeps_what_was_typed(portal: Portal, device: Open) -> None:
    officer = device()
    page = enabled(officer, "xa")
    page.goto(EDIT)
    page.get_by_label("CCCD", exact=False).first.fill("099138000123")
    with officer.offline():
        page.get_by_role("button", name="Lưu").click()
        expect(page.locator("#notice")).to_contain_text("chỉ máy chủ làm được nên không cất vào hộp gửi")
        expect(page.get_by_label("CCCD", exact=False).first).to_have_value("099138000123")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Gửi lại").click()
    expect(page.locator("#notice")).not_to_contain_text("không cất vào hộp gửi")
    with portal.district.open():
        assert Change.select().where(Change.target == person_id("dao")).count() == 1


def test_a_device_without_room_says_so_and_loses_nothing(portal: Portal, device: Open) -> None:
    officer = device()
    page = enabled(officer, "xa")
    page.goto(EDIT)
    page.get_by_label("Số điện thoại").fill("0510 000 777")
    officer.fill()
    with officer.offline():
        page.get_by_role("button", name="Lưu").click()
        expect(page.locator("#notice")).to_contain_text("Máy sắp hết chỗ")
        expect(page.get_by_label("Số điện thoại")).to_have_value("0510 000 777")
    page.get_by_role("button", name="Gửi lại").click()
    expect(page.locator("#notice")).to_contain_text("Đã ghi: Số điện thoại.")
    assert phone(portal) == "0510000777"
