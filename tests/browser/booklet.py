"""Someone with a booklet in a browser: enabling it, opening it with the PIN, and the line that comes and goes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
)
from werkzeug.serving import make_server

from portal.models.conflict import Conflict
from portal.models.journal import Journal
from portal.models.payment import Payment
from tests.arranged import add_session, post_list
from tests.district import District, line_code
from tests.office import PASSWORD

PIN = "482915"
PHONE = {"width": 360, "height": 740}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass
class Portal:
    """A portal that answers browsers and can be taken away; `said` is what browsers complained of."""

    district: District
    said: list[str] = field(default_factory=list)
    port: int = 0

    def start(self) -> None:
        """Answers, at the same address as before."""
        self._server = make_server("127.0.0.1", self.port, self.district.app, threaded=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Is gone; browsers still believe in their line."""
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open_conflicts(self, about: str) -> list[str]:
        """The types of the open conflicts about a record."""
        with self.district.open():
            return sorted(str(row.type) for row in Conflict.select().where(Conflict.about == about, Conflict.state == "open"))

    def edits(self, record: str) -> int:
        """How many journal entries a record has."""
        with self.district.open():
            return int(Journal.select().where(Journal.record == record).count())

    def line(self, key: str) -> str:
        """The id of a person's (first) payment."""
        with self.district.open():
            return str(Payment.get(Payment.line_code == line_code(key)).id)

    def sent_by_devices(self) -> int:
        """How many journal entries there are of registered devices."""
        with self.district.open():
            return sum(len(row.device) == 36 for row in Journal.select(Journal.device))


class Booklet:
    """One browser with the booklet open in it."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page

    def enable(self, who: str, pin: str = PIN) -> None:
        """Makes a booklet on this device and waits until it can be used."""
        self.page.goto("/booklet")
        expect(self.page.get_by_role("heading", level=1, name="Dùng sổ trên máy này")).to_be_visible()
        expect(self.page.get_by_label("Tên đăng nhập")).to_be_focused()
        self.page.get_by_label("Tên đăng nhập").fill(who)
        self.page.get_by_label("Mật khẩu").fill(PASSWORD)
        self.page.get_by_label("Mã PIN mới").fill(pin)
        self.page.get_by_label("Nhập lại mã PIN").fill(pin)
        self.page.get_by_role("button", name="Dùng sổ trên máy này").click()
        self.is_open()
        self.at_rest()

    def unlock(self, pin: str = PIN) -> None:
        """Opens the booklet with its PIN."""
        self.page.get_by_label("Mã PIN", exact=True).fill(pin)
        self.page.get_by_role("button", name="Mở sổ").click()

    def is_open(self) -> None:
        """The PIN was accepted."""
        expect(self.page.get_by_role("button", name="Khoá sổ")).to_be_visible(timeout=20_000)

    def at_rest(self) -> None:
        """Everything was sent and pulled."""
        expect(self.page.locator("#line")).to_have_text("Đã cập nhật từ máy chủ", timeout=20_000)

    def waits(self, count: int) -> None:
        """So many edits are shown as not sent."""
        expect(self.page.locator("#count")).to_have_text(f"{count} chưa gửi" if count else "Không còn mục chưa gửi")

    def tab(self, name: str) -> None:
        """Goes to one of the five screens."""
        self.page.get_by_role("navigation", name="Mục lục").get_by_role("link", name=name).click()

    def person(self, typed: str, name: str) -> None:
        """Finds a person and opens the page of theirs."""
        self.tab("Tìm người")
        self.page.get_by_label("Tìm người hưởng").fill(typed)
        self.page.get_by_role("link", name=name).click()
        expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible()

    def session(self, commune: str = "Thị trấn Lộc Hà") -> None:
        """Opens the session of a commune."""
        self.tab("Chi trả")
        self.page.get_by_role("link", name=commune).click()

    def line(self, name: str) -> Locator:
        """A payment's place on the screen."""
        return self.page.get_by_role("group", name=name).first

    def pay(self, name: str) -> None:
        """Marks a line of the open session as paid over the counter."""
        self.line(name).get_by_role("button", name="Đã chi tại quầy").click()
        expect(self.line(name)).to_contain_text("Đã nhận, tại quầy")

    def correct(self, typed: str, name: str, **fields: str) -> None:
        """Corrects fields of a person by their labels."""
        self.person(typed, name)
        self.page.get_by_role("link", name="Sửa liên lạc").click()
        for label, text in fields.items():
            self.page.get_by_label(label.replace("_", " ")).fill(text)
        self.page.get_by_role("button", name="Lưu để gửi").click()
        expect(self.page.locator("#notice")).to_contain_text("chưa gửi")

    def outcomes(self) -> list[str]:
        """What the outbox says became of each item, the newest first."""
        self.tab("Hộp gửi")
        return [" ".join(text.split()) for text in self.page.locator("#items > li").all_inner_texts()]

    def faults(self) -> list[str]:
        """What axe finds."""
        found = Axe().run(self.page, options=RULES).response["violations"]
        return [f"{each['id']}: {node['html'][:150]}" for each in found for node in each["nodes"]]

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Without a line, as the browser sees it."""
        self.context.set_offline(True)
        yield
        self.context.set_offline(False)

    def timed(self, slower: int, pin: str = PIN) -> tuple[float, list[float]]:
        """Milliseconds from the accepted PIN to a list that can be searched, and of each answer to a search; the processor slowed down."""
        self.context.new_cdp_session(self.page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        self.page.evaluate(
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
        self.unlock(pin)
        self.page.wait_for_function("() => window.listed > 0")
        opening = float(self.page.evaluate("window.listed - window.accepted"))
        searching: list[float] = self.page.evaluate(
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
        return opening, searching

    def fill(self) -> None:
        """From now on, until the page is loaded anew, this browser has no room for anything more."""
        self.page.evaluate(
            """() => {
              Object.defineProperty(IDBTransaction.prototype, "error", { get: () => new DOMException("no room", "QuotaExceededError") });
              IDBObjectStore.prototype.put = function () { try { this.transaction.abort(); } catch { /* was, already */ } };
            }"""
        )

    def stored(self) -> str:
        """Everything IndexedDB holds, as text: bytes both as Latin-1 and as UTF-8."""
        return str(
            self.page.evaluate(
                """async () => {
                  const text = (v) => {
                    if (v instanceof ArrayBuffer || ArrayBuffer.isView(v)) {
                      const bytes = new Uint8Array(v.buffer ?? v);
                      return new TextDecoder().decode(bytes) + Array.from(bytes, (b) => String.fromCharCode(b)).join("");
                    }
                    return v && typeof v === "object" ? Object.entries(v).map(([k, each]) => k + text(each)).join("\\n") : String(v);
                  };
                  const all = [];
                  for (const { name } of await indexedDB.databases()) {
                    const base = await new Promise((done) => { const r = indexedDB.open(name); r.onsuccess = () => done(r.result); });
                    for (const store of base.objectStoreNames) {
                      const found = base.transaction(store).objectStore(store);
                      for (const ask of ["getAll", "getAllKeys"]) {
                        all.push(await new Promise((done) => { const r = found[ask](); r.onsuccess = () => done(text(r.result)); }));
                      }
                    }
                    base.close();
                  }
                  for (const name of await caches.keys()) {
                    const cache = await caches.open(name);
                    for (const request of await cache.keys()) all.push(request.url, await (await cache.match(request)).text());
                  }
                  return all.join("\\n") + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie;
                }"""
            )
        )


@pytest.fixture
def portal(district: District) -> Iterator[Portal]:
    """The small district with October's list posted, answering browsers."""
    add_session(district)
    add_session(district, commune="18580", agent="chitra2")
    post_list(district)
    found = Portal(district)
    found.start()
    yield found
    found.stop()


Open = Callable[[], Booklet]


def listened(context: BrowserContext, portal: Portal) -> Booklet:
    """A booklet's page in a browser, what the browser complains of noted."""
    context.set_default_timeout(10_000)
    page = context.new_page()

    def hear(message: ConsoleMessage) -> None:
        # Of a refused request and a lost line the browser and htmx tell, too; and it has advice about passwords ("[DOM]").
        if not message.text.startswith(("Failed to load resource", "[DOM]", "service worker", "htmx: htmx:error: Failed to fetch")):
            portal.said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: portal.said.append(str(error)))
    return Booklet(context, page)


@pytest.fixture
def device(chrome: Browser, portal: Portal) -> Iterator[Open]:
    """Opens a browser of its own; at the end nothing may have been complained of but a line that was cut."""
    contexts = []

    def opened() -> Booklet:
        contexts.append(chrome.new_context(viewport=PHONE, base_url=portal.address))  # type: ignore[arg-type]
        return listened(contexts[-1], portal)

    yield opened
    for context in contexts:
        context.close()
    assert not portal.said, portal.said
