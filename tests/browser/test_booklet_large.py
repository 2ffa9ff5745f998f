"""A booklet of 1,500 people: a day of work without a line, the browser closed in between, a bad line back; and how fast it opens."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from portal import door
from tests.arranged import add_session, post_list
from tests.browser.booklet import PHONE, Booklet, Portal, listened
from tests.district import IMPORTED, District, Made, import_as, people_edits
from tests.machine import CHROMIUM_ARGUMENTS
from tests.slow_line import Line

MANY = 1500
SLOWER = 6
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Đặng", "Bùi", "Hồ")
MIDDLE = ("Văn", "Thị", "Hữu", "Ngọc", "Xuân", "Đình")
GIVEN = ("An", "Bình", "Dũng", "Hòa", "Hương", "Lan", "Mỹ", "Phượng", "Quyền", "Thắng", "Ước", "Yến")


def neighbours() -> list[Made]:
    chance = random.Random(3)
    right: list[tuple[str, int, str, dict[str, Any]]] = [("5.5c", 10, "2019-01", {})]
    return [
        Made(
            f"n{number}",
            f"{chance.choice(FAMILY)} {chance.choice(MIDDLE)} {chance.choice(GIVEN)} {number}",
            str(chance.randrange(1925, 1944)),
            chance.choice("FM"),
            chance.choice(("18568-01", "18568-02")),
            right,
            {"code": f"LH18568-{1000 + number}", "phone": f"05100{10000 + number}", "locator": "Sau chợ, ngõ thứ hai bên trái, cổng xanh"},
        )
        for number in range(MANY)
    ]


@pytest.fixture
def portal(district: District) -> Iterator[Portal]:
    with district.open():
        answer = door.submit(people_edits(neighbours()), import_as("import:neighbours"), IMPORTED)
        assert {result.status for result in answer.results} == {"accepted"}
    add_session(district)
    add_session(district, commune="18580", agent="chitra2")
    post_list(district)
    found = Portal(district)
    found.start()
    yield found
    found.stop()


def test_a_day_of_work_survives_the_browser_and_a_bad_line(portal: Portal, chromium: Path, tmp_path: Path) -> None:
    """Thirty marks, a death and a phone number: half without a line, half with a server that is gone; then a line that breaks."""
    with sync_playwright() as playwright, Line(portal.port, chance=random.Random(11)) as line:

        def browser() -> BrowserContext:
            return playwright.chromium.launch_persistent_context(
                tmp_path / "profile",
                executable_path=str(chromium),
                args=list(CHROMIUM_ARGUMENTS),
                viewport=PHONE,  # type: ignore[arg-type]
                base_url=f"http://127.0.0.1:{line.port}",
            )

        def pay(agent: Booklet, already: int) -> None:
            agent.session()
            buttons = agent.page.get_by_role("button", name="Đã chi tại quầy")
            for number in range(already + 1, already + 16):
                buttons.first.click()
                agent.waits(number)

        context = browser()
        agent = listened(context, portal)
        agent.enable("chitra")
        agent.page.wait_for_function("navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))")
        context.set_offline(True)
        agent.page.reload()
        agent.unlock()
        agent.is_open()
        agent.person("dang van duong", "Đặng Văn Dưỡng")
        agent.page.get_by_role("link", name="Báo chết").click()
        agent.page.get_by_label("Ngày xảy ra").fill("20/09/2024")
        agent.page.get_by_role("button", name="Lưu để gửi").click()
        agent.waits(1)
        pay(agent, 1)
        context.close()

        line.is_down = True
        context = browser()
        agent = listened(context, portal)
        agent.page.goto("/booklet")
        assert agent.page.evaluate("navigator.onLine") is True
        agent.waits(16)
        agent.unlock()
        agent.is_open()
        pay(agent, 16)
        agent.correct("0510010999", "999", **{"Số điện thoại": "0510 000 099"})
        agent.waits(32)

        line.become(kbit=50, rtt=0.4, cut=0.4)  # a few requests do it all: of so few, one in ten would hardly ever be cut
        line.is_down = False
        agent.tab("Hộp gửi")
        for _ in range(60):
            if agent.page.locator("#count").inner_text().startswith("Không"):
                break
            agent.page.get_by_role("button", name="Gửi ngay").click()
            agent.page.wait_for_timeout(700)
        line.cut = 0
        agent.waits(0)
        agent.at_rest()
        outcomes = agent.outcomes()
        assert len(outcomes) == 32 and all("Đã đến máy chủ" in text for text in outcomes), outcomes
        assert line.cuts > 0
        assert portal.sent_by_devices() == 32
        context.close()
    assert portal.said == []


def test_it_opens_and_answers_fast_on_a_slow_machine(
    portal: Portal, chromium: Path, record_property: Callable[[str, object], None]
) -> None:
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=str(chromium), args=list(CHROMIUM_ARGUMENTS))
        agent = listened(chrome.new_context(viewport=PHONE, base_url=portal.address), portal)  # type: ignore[arg-type]
        agent.enable("chitra")
        agent.page.get_by_role("button", name="Khoá sổ").click()
        agent.context.set_offline(True)
        opening, searching = agent.timed(SLOWER)
        expect(agent.page.get_by_text(f"{MANY + 7} người, hiện").or_(agent.page.get_by_text(f"{MANY + 8} người, hiện"))).to_be_visible()
        chrome.close()
    figures = {"people": MANY, "slower": SLOWER, "opening_ms": round(opening), "searching_ms": [round(each) for each in searching]}
    print(json.dumps(figures))
    record_property("booklet", figures)
    # Bars: 1500 ms and 100 ms. A shared machine is allowed three times that here; the bench has the figures.
    assert opening < 4500, figures
    assert sorted(searching)[len(searching) // 2] < 300, figures
    assert portal.said == []
