"""Part *line*: the booklet in a real browser on 50 kbit/s / 800 ms: enabling it, what later pulls carry, 100 edits, and batches cut anywhere.

The line is ../shared/bench/link.py where that is there, else a relay of our own with the same rate and round trip.
"""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import brotli
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import machine
from tests.browser.booklet import PHONE, PIN, Booklet
from tests.scale import people, site
from tests.scale.connection import Connection, together
from tests.scale.figures import Figure
from tests.scale.places import Places, say
from tests.scale.program import Program, free_port
from tests.slow_line import Line
from tests.sync import cutting

KBIT, RTT = 50, 800
MARKS = 100
MANY = 1500
SLOWER = 6
BATCHES = 120
_LONG = 120_000
_HOURS = 1800
_OFFICER = people.officer(people.AGENTS_COMMUNE)
_FOUND = "() => document.querySelector('#screen input[type=search]') && document.querySelectorAll('#screen li').length >= 25"


def measure(places: Places) -> None:
    """Reports the part's figures."""
    add = partial(_report, places)
    with places.portal(threads=8, posted=True) as program, sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=str(machine.chromium()), args=list(machine.CHROMIUM_ARGUMENTS))
        with _bad_line(places, program.port) as far:
            for who, account in (("a commune's officer", _OFFICER), ("a paying agent", people.AGENT)):
                say(f"{who} enables the booklet on {KBIT} kbit/s / {RTT} ms")
                with Line(program.port) as line:
                    booklet = _enabled(chrome, line, far, account, who, add)
                    if account == people.AGENT:
                        _hundred_edits(booklet, line, far, add)
                    booklet.context.close()
        _later_pulls(program, add)
        _cut_anywhere(places, program, add)
        chrome.close()
    _many_people(places, add)


def _report(places: Places, name: str, value: float, unit: str, most: float | None = None) -> None:
    places.report(Figure("line", name, value, unit, most=most, of="value"))


@contextmanager
def _bad_line(places: Places, target: int) -> Iterator[int]:
    """The port of a slow line to a port."""
    link = places.floor / "link.py" if places.floor else None
    if link is None or not link.is_file():
        say("link.py is not there: a relay of our own stands in")
        with Line(target, kbit=KBIT, rtt=RTT / 1000) as line:
            yield line.port
        return
    port = free_port()
    how = ("--kbit", KBIT, "--rtt", RTT, "--seconds", _HOURS)
    with subprocess.Popen([sys.executable, str(link), str(port), str(target), *map(str, how)]) as process:
        try:
            _await(port)
            yield port
        finally:
            process.terminate()


def _await(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("link.py did not start")


def _enabled(chrome: Browser, line: Line, far: int, account: str, who: str, add: partial[None]) -> Booklet:
    """A booklet made over the slow line; the shell was there before, as it is after a page was opened once."""
    context = chrome.new_context(viewport=PHONE, base_url=f"http://127.0.0.1:{line.port}")  # type: ignore[arg-type]
    context.set_default_timeout(_LONG)
    page = context.new_page()
    page.goto("/booklet")
    page.wait_for_function("navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))")
    for label, text in {"Tên đăng nhập": account, "Mật khẩu": people.PASSWORD, "Mã PIN mới": PIN, "Nhập lại mã PIN": PIN}.items():
        page.get_by_label(label).fill(text)
    page.wait_for_timeout(1000)
    line.lead(far)
    before = line.size
    began = time.perf_counter()
    page.get_by_role("button", name="Dùng sổ trên máy này").click()
    page.wait_for_function(_FOUND, polling=20)
    seconds, size = time.perf_counter() - began, line.size - before
    add(f"{who}: from the tap to people who can be searched", seconds, "s", 8)
    add(f"{who}: bytes until then, both ways", size / 1000, "KB", 40)
    _at_rest(page)
    add(f"{who}: from the tap to all of the scope", time.perf_counter() - began, "s")
    add(f"{who}: bytes for all of the scope, both ways", (line.size - before) / 1000, "KB", 40)
    return Booklet(context, page)


def _at_rest(page: Page) -> None:
    expect(page.locator("#line")).to_have_text("Đã cập nhật từ máy chủ", timeout=_LONG)


def _hundred_edits(booklet: Booklet, line: Line, far: int, add: partial[None]) -> None:
    """Marks made while nobody answered, sent by a tap when the line is back."""
    say(f"{MARKS} marks without a line, then over it")
    line.is_down = True
    line.lead(far)
    page = booklet.page
    booklet.tab("Chi trả")
    page.locator("#screen li a").first.click()
    made = 0
    for hamlet in range(1, 12):
        page.locator("#screen [type=search]").fill(f"thon {hamlet}")
        buttons = page.get_by_role("button", name="Đã chi tại quầy")
        for _ in range(min(buttons.count(), MARKS - made)):
            buttons.first.click()
            made += 1
            expect(page.locator("#count")).to_have_text(f"{made} chưa gửi")
    assert made == MARKS, made
    booklet.tab("Hộp gửi")
    line.is_down = False
    before = line.size
    began = time.perf_counter()
    page.get_by_role("button", name="Gửi ngay").click()
    page.wait_for_function(
        "(n) => [...document.querySelectorAll('#items .badge')].filter((e) => e.textContent.includes('Đã đến máy chủ')).length === n",
        arg=MARKS,
        polling=20,
    )
    add(f"{MARKS} edits from the tap to “arrived”", time.perf_counter() - began, "s", 4)
    add(f"{MARKS} edits, both ways", (line.size - before) / 1000, "KB")


def _later_pulls(program: Program, add: partial[None]) -> None:
    """Bytes of a pull with nothing and with ten changes, as a browser asks."""
    token, cursor = site.token(program.port, _OFFICER, "Máy 1")
    line = Connection(program.port, {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip, deflate, br"})

    def pull() -> tuple[int, list[dict[str, Any]]]:
        nonlocal cursor
        size, records, more = 0, list[dict[str, Any]](), True
        while more:
            answer = line.get(f"/sync/v1/pull?limit=500&since={urllib.parse.quote(cursor)}")
            packed = answer.headers.get("content-encoding") == "br"
            page = json.loads(brotli.decompress(answer.body) if packed else answer.body)
            size, cursor, more = size + answer.up + answer.down, page["cursor"], page["more"]
            records += page["records"]
        return size, records

    known = [record for record in pull()[1] if record["kind"] == "person"]
    add("a later pull with nothing new, both ways", pull()[0], "bytes", 1500)
    other, _ = site.token(program.port, _OFFICER, "Máy 2")
    chosen = random.Random(2).sample(known, 10)
    edits = [
        {
            "n": n,
            "kind": "person",
            "record": each["id"],
            "op": "set",
            "set": {"locator": [None, f"Sau chợ {n}"]},
            "at": "2024-10-05T09:00:00+07:00",
        }
        for n, each in enumerate(chosen, 1)
    ]
    body = json.dumps({"schema": 1, "edits": edits}).encode()
    told = json.loads(
        Connection(program.port, {"Authorization": f"Bearer {other}"})
        .post("/sync/v1/push", body, {"Content-Type": "application/json"})
        .text
    )
    assert [result["fields"] for result in told["results"]] == [{"locator": "applied"}] * 10, told
    size, records = pull()
    assert [record["fields"].keys() for record in records] == [{"locator"}] * 10, records[:2]
    add("a later pull with 10 changes, both ways", size, "bytes", 2500)


def _cut_anywhere(places: Places, program: Program, add: partial[None]) -> None:
    """Batches of devices at once, each cut at random bytes and sent one to three times."""
    say("batches cut at random bytes")
    devices, folk = [], {}
    for seed, commune in enumerate([code for code in people.COMMUNES if code != people.AGENTS_COMMUNE][:4]):
        name = people.officer(commune)
        connection = Connection(program.port)
        asked = json.dumps({"username": name, "password": people.PASSWORD, "name": "Máy"}).encode()
        told = json.loads(connection.post("/sync/v1/devices", asked, {"Content-Type": "application/json"}).text)
        devices.append(cutting.Cutting(program.port, told["device"], told["token"], random.Random(seed)))
        folk[seed] = [each.id for each in places.people if each.fields["commune"] == commune and not each.fields.get("locator")][:100]

    def work(number: int) -> None:
        for _ in range(BATCHES // len(devices)):
            devices[number].push(folk[number], devices[number].chance.randrange(1, 40))

    together(len(devices), work)
    lost, doubled = cutting.verdict(places.newest.removeprefix("sqlite:///"), devices)
    add(
        f"{BATCHES} batches cut {sum(each.cuts for each in devices)} times, {sum(each.n for each in devices)} edits: lost", lost, "edits", 0
    )
    add("the same: doubled", doubled, "edits", 0)


def _many_people(places: Places, add: partial[None]) -> None:
    """Opening a booklet of 1,500 people without a line, on a slow processor."""
    say(f"a booklet of {MANY} people on a processor {SLOWER} times slower")
    url = f"sqlite:///{places.fresh('many')}"
    people.load(url, people.made(MANY * len(people.COMMUNES)))
    with places.started(url) as program, sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=str(machine.chromium()), args=list(machine.CHROMIUM_ARGUMENTS))
        with Line(program.port) as line:
            booklet = _enabled(chrome, line, program.port, _OFFICER, "", partial(_nothing))
            booklet.page.get_by_role("button", name="Khoá sổ").click()
            booklet.context.set_offline(True)
            opening, searching = booklet.timed(SLOWER)
            expect(booklet.page.get_by_text(f"{MANY} người, hiện")).to_be_visible()
        chrome.close()
    add(f"{MANY} people, processor {SLOWER} times slower: from the accepted PIN to the list", opening / 1000, "s", 1.5)
    add("the same: slowest answer to a search typed", max(searching), "ms", 100)


def _nothing(*_: object) -> None:
    """Reports nothing: only what comes of it is measured."""
