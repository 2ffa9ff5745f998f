"""The booklet in a real browser: enabled, used without a line, locked and opened again; every edit arrives once and its outcome is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from werkzeug.serving import make_server

from tests.arranged import add_session, post_list
from tests.browser.booklet import PIN, Booklet, Portal
from tests.district import District, person_id
from tests.machine import CHROMIUM_ARGUMENTS

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def portal(district: District) -> Iterator[Portal]:
    add_session(district)
    add_session(district, commune="18580", agent="chitra2")
    post_list(district)
    server = make_server("127.0.0.1", 0, district.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Portal(f"http://127.0.0.1:{server.server_port}", district)
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture(scope="module")
def chrome(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


Open = Callable[[], Booklet]


@pytest.fixture
def device(chrome: Browser, portal: Portal) -> Iterator[Open]:
    """Opens a browser of its own; at the end nothing may have been complained of but a line that was cut."""
    contexts = []

    def opened() -> Booklet:
        context = chrome.new_context(viewport=PHONE, base_url=portal.address)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: "ERR_" not in message.text and portal.said.append(message.text))
        page.on("pageerror", lambda error: portal.said.append(str(error)))
        return Booklet(context, page)

    yield opened
    for context in contexts:
        context.close()
    assert portal.said == []


def test_a_day_without_a_line(portal: Portal, device: Open) -> None:
    agent = device()
    agent.enable("chitra")
    assert agent.faults() == []
    with agent.offline():
        agent.person("dao nguyen", "Nguyễn Thị Đào")
        agent.page.get_by_role("link", name="Báo chết").click()
        agent.page.get_by_label("Ngày xảy ra").fill("20/09/2024")
        agent.page.get_by_role("button", name="Lưu để gửi").click()
        expect(agent.page.locator("#notice")).to_contain_text("chưa gửi")
        expect(agent.page.locator("#screen")).to_contain_text("Giữ lại — không chi")
        agent.waits(1)
        agent.tab("Chi trả")
        agent.page.get_by_role("link", name="Thị trấn Lộc Hà").click()
        line = agent.page.get_by_role("group", name="Nguyễn Văn Hòa")
        line.get_by_role("button", name="Đã chi tại quầy").click()
        expect(line).to_contain_text("Đã nhận, tại quầy")
        agent.waits(2)
        assert agent.faults() == []
    agent.tab("Hộp gửi")
    agent.waits(0)
    agent.at_rest()
    expect(agent.page.locator("#items > li")).to_have_count(2)
    assert agent.faults() == []
    assert portal.sent_by_devices() == 2
