"""A booklet of 1,500 people: thirty marks without a line, the browser closed in between, a bad line back; and how fast it opens."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect, sync_playwright

from portal import door
from tests.arranged import add_session, post_list
from tests.browser.booklet import PHONE, Portal, listened
from tests.district import IMPORTED, District, Made, import_as, people_edits
from tests.machine import CHROMIUM_ARGUMENTS

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


def test_thirty_marks_survive_the_browser_and_a_bad_line(portal: Portal, chromium: Path, tmp_path: Path) -> None:
    chance = random.Random(11)
    with sync_playwright() as playwright:

        def browser() -> object:
            return playwright.chromium.launch_persistent_context(
                tmp_path / "profile",
                executable_path=str(chromium),
                args=list(CHROMIUM_ARGUMENTS),
                viewport=PHONE,  # type: ignore[arg-type]
                base_url=portal.address,
            )

        context = browser()
        agent = listened(context, portal)  # type: ignore[arg-type]
        agent.enable("chitra")
        agent.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        context.set_offline(True)  # type: ignore[attr-defined]
        agent.page.reload()
        agent.unlock()
        agent.is_open()
        agent.session()
        buttons = agent.page.get_by_role("button", name="Đã chi tại quầy")
        for number in range(30):
            buttons.first.click()
            agent.waits(number + 1)
        context.close()  # type: ignore[attr-defined]

        context = browser()
        context.set_offline(True)  # type: ignore[attr-defined]
        agent = listened(context, portal)  # type: ignore[arg-type]
        agent.page.goto("/booklet")
        agent.waits(30)
        agent.unlock()
        agent.is_open()
        agent.waits(30)

        def cut(route: Route) -> None:
            fate = chance.random()
            if fate < 0.1:
                route.fetch()  # it arrived, nobody was told
            if fate < 0.2:
                route.abort()
            else:
                route.continue_()

        context.route("**/sync/v1/**", cut)  # type: ignore[attr-defined]
        line = context.new_cdp_session(agent.page)  # type: ignore[attr-defined]
        line.send(
            "Network.emulateNetworkConditions", {"offline": False, "latency": 800, "downloadThroughput": 6250, "uploadThroughput": 6250}
        )
        context.set_offline(False)  # type: ignore[attr-defined]
        expect(agent.page.locator("#count")).to_have_text("Không còn mục chưa gửi", timeout=60_000)
        assert len([text for text in agent.outcomes() if "Đã đến máy chủ" in text]) == 30
        assert portal.sent_by_devices() == 30
        context.close()  # type: ignore[attr-defined]
    assert portal.said == []


def test_it_opens_and_answers_fast_on_a_slow_machine(
    portal: Portal, chromium: Path, record_property: Callable[[str, object], None]
) -> None:
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=str(chromium), args=list(CHROMIUM_ARGUMENTS))
        agent = listened(chrome.new_context(viewport=PHONE, base_url=portal.address), portal)  # type: ignore[arg-type]
        agent.enable("chitra")
        agent.page.get_by_role("button", name="Khoá sổ").click()
        agent.context.new_cdp_session(agent.page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        agent.page.evaluate(
            """() => {
              const unwrap = crypto.subtle.unwrapKey.bind(crypto.subtle);
              crypto.subtle.unwrapKey = async (...all) => { const key = await unwrap(...all); window.accepted = performance.now(); return key; };
              new MutationObserver(() => {
                if (window.accepted && !window.listed && document.querySelector("#screen li")) {
                  requestAnimationFrame(() => setTimeout(() => { window.listed = performance.now(); }));
                }
              }).observe(document.getElementById("screen"), { childList: true, subtree: true });
            }"""
        )
        agent.unlock()
        agent.page.wait_for_function("() => window.listed > 0")
        opening = agent.page.evaluate("window.listed - window.accepted")
        searching = agent.page.evaluate(
            """async () => {
              const box = document.querySelector("[type=search]");
              const times = [];
              for (const typed of ["n", "ng", "ngu", "nguyen", "nguyen b", "binh nguyen", "lh18568 14", "0510010999", ""]) {
                const began = performance.now();
                box.value = typed;
                box.dispatchEvent(new Event("input", { bubbles: true }));
                await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
                times.push(performance.now() - began);
              }
              return times;
            }"""
        )
        expect(agent.page.get_by_text(f"{MANY + 7} người, hiện").or_(agent.page.get_by_text(f"{MANY + 8} người, hiện"))).to_be_visible()
        chrome.close()
    figures = {"people": MANY, "slower": SLOWER, "opening_ms": round(opening), "searching_ms": [round(each) for each in searching]}
    print(json.dumps(figures))
    record_property("booklet", figures)
    # Bars: 1500 ms and 100 ms. A shared machine is allowed three times that here; the bench has the figures.
    assert opening < 4500, figures
    assert sorted(searching)[len(searching) // 2] < 300, figures
    assert portal.said == []
