"""The shell in a browser: starts without a line, leaves POST alone, an update takes nothing away, the device tests itself."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from werkzeug.serving import BaseWSGIServer, make_server

from portal import assets
from tests.district import District

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
PATIENCE = 30_000


@dataclass
class Served:
    """The district's portal on a port of its own; it can go away and come back on the same port."""

    app: Flask
    port: int = 0
    server: BaseWSGIServer | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
        self.server = None


@pytest.fixture
def served(district: District) -> Iterator[Served]:
    found = Served(district.app)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def context(chrome: Browser, served: Served) -> Iterator[BrowserContext]:
    context = chrome.new_context(base_url=served.address, viewport={"width": 360, "height": 780})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def installed(context: BrowserContext, path: str = "/booklet") -> Page:
    """A page whose worker has everything and stands behind it."""
    page = context.new_page()
    page.goto(path)
    page.wait_for_function("navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))")
    return page


def kept(page: Page) -> list[str]:
    """What lies in Cache Storage: paths."""
    found: list[str] = page.evaluate(
        """async () => { const all = []; for (const name of await caches.keys())
             for (const request of await (await caches.open(name)).keys()) all.push(new URL(request.url).pathname);
           return all }"""
    )
    return found


@pytest.mark.parametrize("gone", ["offline", "server"])
def test_the_booklet_starts_without_a_line_after_one_visit(context: BrowserContext, served: Served, gone: str) -> None:
    installed(context).close()
    if gone == "offline":
        context.set_offline(True)
    else:
        served.stop()
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto("/booklet")
    assert page.evaluate("navigator.onLine") is (gone == "server")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_label("Mã PIN mới")).to_be_visible()
    page.goto("/device-check")
    expect(page.locator("[data-check=offline]")).to_contain_text("tốt")
    expect(page.locator("[data-check=line]")).to_contain_text("lỗi")
    expect(page.get_by_text("Mã kết quả: 0")).to_be_visible()
    assert said == []


def test_nothing_but_the_shell_is_kept(context: BrowserContext, served: Served) -> None:
    page = installed(context)
    told = {path.rpartition(f"/static/{assets.read().version}/")[2] for path in kept(page)}
    assert told == {*assets.wanted(), "/booklet", "/device-check"} - {"service-worker.js"}
    page.goto("/sign-in")
    page.goto("/people")
    assert {path.rpartition(f"/static/{assets.read().version}/")[2] for path in kept(page)} == told


def test_the_worker_never_meets_a_post(context: BrowserContext, served: Served) -> None:
    page = installed(context)
    by_worker: list[tuple[str, str]] = []
    context.on("request", lambda each: by_worker.append((each.method, each.url)) if each.service_worker and each.method == "POST" else None)
    came: list[str] = []

    inner = served.app.wsgi_app

    def noting(environ: dict[str, Any], start: Any) -> Any:
        if environ["REQUEST_METHOD"] == "POST":
            came.append(environ["PATH_INFO"])
        return inner(environ, start)

    served.app.wsgi_app = noting  # type: ignore[method-assign, assignment]  # Flask's documented place for middleware
    page.goto("/sign-in")
    status = page.evaluate("fetch('/sync/v1/push', {method: 'POST', body: '{}'}).then((answer) => answer.status)")
    assert status == 401
    posted = page.evaluate("fetch('/booklet', {method: 'POST'}).then((answer) => answer.status)")
    assert posted == 405
    assert came == ["/sync/v1/push", "/booklet"] and by_worker == []
    context.set_offline(True)
    assert page.evaluate("fetch('/sync/v1/push', {method: 'POST', body: '{}'}).then(() => 'answered', () => 'failed')") == "failed"


def changed_tree(monkeypatch: pytest.MonkeyPatch) -> str:
    """The static tree of a release to come: one style sheet differs. Its version."""
    now = assets.read()
    sheet = now.files["css/app.css"]
    files = {**now.files, "css/app.css": replace(sheet, data=sheet.data + b"\n/* next */")}
    version = hashlib.sha256(now.version.encode()).hexdigest()[:12]
    monkeypatch.setattr(assets, "read", lambda: assets.Assets(files, version))
    return version


STORE = """async (put) => { const open = indexedDB.open("booklet", 1);
  open.onupgradeneeded = () => { open.result.createObjectStore("booklets", {keyPath: "id"}); open.result.createObjectStore("sealed"); };
  const base = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const told = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
  if (put) { const both = base.transaction(["booklets", "sealed"], "readwrite");
    await told(both.objectStore("booklets").put({id: "b1", label: "Máy 1", owner: "x", n: 3, tries: 0, ended: ""}));
    for (const n of [1, 2, 3]) await told(both.objectStore("sealed").put(new Uint8Array([n]), ["b1", "o", "", n])); }
  const count = await told(base.transaction("sealed").objectStore("sealed").count()); base.close(); return count }"""


def test_an_update_asks_and_takes_nothing_away(context: BrowserContext, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    page = installed(context)
    assert page.evaluate(STORE, True) == 3
    page.goto("/device-check")
    first = assets.read().version
    fetched: list[str] = []
    context.on("request", lambda each: fetched.append(each.url) if each.service_worker else None)
    version = changed_tree(monkeypatch)
    page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
    expect(page.get_by_text("Đã có phiên bản mới")).to_be_visible()
    # Only what changed came over the line: a style sheet, and the pages that name it by its new address.
    assert sorted(url.rpartition("/")[2] for url in fetched if "service-worker" not in url) == ["app.css", "booklet", "device-check"]
    # It waits: the page goes on with what it was started with.
    assert {path.split("/")[2] for path in kept(page) if path.startswith("/static/")} == {first, version}
    page.evaluate("window.same = true")
    assert page.evaluate("fetch('/booklet').then(() => window.same)")
    with page.expect_navigation():
        page.get_by_role("button", name="Dùng ngay").click()
    expect(page.locator("[data-check=offline]")).to_contain_text("tốt")
    assert version in page.content()
    assert {path.split("/")[2] for path in kept(page) if path.startswith("/static/")} == {version}
    assert page.evaluate(STORE, False) == 3


def test_a_waiting_update_takes_over_when_the_booklet_is_opened_anew(
    context: BrowserContext, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = installed(context)
    version = changed_tree(monkeypatch)
    page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
    expect(page.get_by_text("Đã có phiên bản mới")).to_be_visible()
    served.stop()
    again = context.new_page()
    again.goto("/booklet")
    expect(again.locator(f"link[rel=stylesheet][href*='{version}']").first).to_be_attached(timeout=PATIENCE)
    expect(again.get_by_text("Đã có phiên bản mới")).to_have_count(0)


def test_a_mixture_of_two_versions_is_never_kept(context: BrowserContext, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    page = installed(context)
    changed_tree(monkeypatch)

    def old_sheet(route: Route) -> None:
        route.fulfill(body="/* an older server */", headers={"ETag": '"another"', "Content-Type": "text/css"})

    context.route("**/css/app.css", old_sheet)
    failed = page.evaluate(
        """async () => { const found = await navigator.serviceWorker.getRegistration(); await found.update();
             const worker = found.installing; return new Promise((done) => {
               worker.addEventListener("statechange", () => { if (worker.state !== "installing") done(worker.state) }) }) }"""
    )
    assert failed == "redundant"
    assert page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.active.state)") == "activated"


def test_the_device_finds_itself_fit_and_says_so(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto("/device-check")
    for check in ("browser", "encryption", "offline", "line", "clock"):
        expect(page.locator(f"[data-check={check}]")).to_contain_text("✓ tốt")
    expect(page.locator("[data-check=storage]")).to_contain_text("ghi và đọc lại được")
    expect(page.get_by_text("Máy này dùng được")).to_be_visible()
    expect(page.locator("#result")).to_contain_text(r"Mã kết quả: 0")
    assert said == []
    found: list[Any] = Axe().run(page, options=RULES).response["violations"]
    assert [each["id"] for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_device_that_cannot_is_told_what_is_wrong(chrome: Browser, served: Served) -> None:
    context = chrome.new_context(base_url=served.address, service_workers="block")
    page = context.new_page()
    page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('full', 'QuotaExceededError') }")
    page.add_init_script(
        "const now = Date.now; Date.now = () => now() + 3600e3; navigator.serviceWorker && Object.defineProperty(navigator.serviceWorker, 'ready', {value: Promise.reject(new Error('none'))})"
    )
    page.goto("/device-check")
    expect(page.get_by_text("Máy này chưa dùng được")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-check=storage]")).to_contain_text("✕ lỗi – không ghi được")
    expect(page.locator("[data-check=offline]")).to_contain_text("✕ lỗi – sổ chưa có trên máy")
    expect(page.locator("[data-check=clock]")).to_contain_text("△ lưu ý – lệch 60 phút")
    expect(page.locator("#result")).to_contain_text("Mã kết quả: 020 201")
    context.close()


def test_the_browser_finds_an_application_to_install(context: BrowserContext, served: Served) -> None:
    page = installed(context)
    session = context.new_cdp_session(page)
    told = session.send("Page.getAppManifest")
    assert told["errors"] == [] and json.loads(told["data"])["start_url"] == "/booklet"
    found = [each["errorId"] for each in session.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert found == ["in-incognito"]  # as every page of a test's profile
