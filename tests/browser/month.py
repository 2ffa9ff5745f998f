"""Who carries a month through the portal in tests: people at their own browsers, and clerks who send forms without one."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.proposing import Fields
from tests.serving import Served, Visitor, serving

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "chi-tra-2024"
PATIENCE = 20_000  # milliseconds; two cores may be busy with others


class Office:
    """The demo district in a new database, and the portal that serves it, on a day of one's choice, always at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}/"

    def environment(self, today: str = "") -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        settings = {"PORTAL_DATABASE": f"sqlite:///{self.folder / 'portal.sqlite3'}", "PORTAL_HASHING": "fast"}
        return kept | settings | ({"PORTAL_TODAY": today} if today else {})

    def portal(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs one command of the portal to its end."""
        command = [sys.executable, "-m", "portal", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment(), text=True, capture_output=True, check=False)

    @contextmanager
    def open(self, today: str = "") -> Iterator[Served]:
        """The portal serving; without `today`, on the day it believes in by itself."""
        command = [sys.executable, "-m", "portal", "run", "--port", str(self.port)]
        with serving(command, cwd=ROOT, environment=self.environment(today)) as served:
            yield served
            assert served.interrupt() == 0, "\n".join(served.lines)
        assert not [line for line in served.lines if "Traceback" in line], "\n".join(served.lines)


class Desk:
    """A person at a browser of their own, who reads the screen and uses what it offers."""

    def __init__(self, chrome: Browser, address: str, name: str, *, width: int = 1280) -> None:
        self.name = name
        self.context = chrome.new_context(
            base_url=address, viewport={"width": width, "height": 900}, locale="vi-VN", reduced_motion="reduce", accept_downloads=True
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.page.goto("/")
        self.fill(**{"Tên đăng nhập": name, "Mật khẩu": PASSWORD})
        self.press("Đăng nhập")
        self.sees_title("Việc cần làm")

    def go(self, label: str) -> None:
        """Opens a page by the menu, which a phone keeps folded."""
        folded = self.page.get_by_role("banner").get_by_role("link", name="Mục lục")
        if folded.is_visible():
            folded.click()
        self.page.get_by_role("navigation", name="Mục lục").get_by_role("link", name=re.compile(f"^{re.escape(label)}")).click()

    def follow(self, label: str | re.Pattern[str], within: Locator | None = None) -> None:
        """Clicks a link of the page itself."""
        (within or self.main).get_by_role("link", name=label).first.click()

    def press(self, label: str | re.Pattern[str], *, agree: bool = False, within: Locator | None = None) -> None:
        """Clicks a button; says yes where the page then asks."""
        (within or self.main).get_by_role("button", name=label, exact=True).first.click()
        if agree:
            self.page.get_by_role("dialog").get_by_role("button", name="Đồng ý").click()

    def fill(self, **typed: str) -> None:
        """Types into fields by their labels."""
        for label, text in typed.items():
            self.field(label).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Chooses from a drop-down by (the beginning of) what it shows."""
        found = self.field(label)
        texts = found.locator("option").all_text_contents()
        found.select_option(label=next(text for text in texts if text.startswith(option)))

    def tick(self, label: str) -> None:
        """Ticks a box or one of several choices."""
        self.main.get_by_label(label, exact=True).check()

    def field(self, label: str) -> Locator:
        return self.main.get_by_label(re.compile(rf"^{re.escape(label)}( \(không bắt buộc\))?$"))

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def sees(self, *texts: str | re.Pattern[str]) -> None:
        for text in texts:
            expect(self.main.get_by_text(text).first).to_be_visible()

    def sees_title(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(text)

    def does_not_see(self, text: str | re.Pattern[str]) -> None:
        expect(self.main.get_by_text(text)).to_have_count(0)

    def row(self, *texts: str) -> Locator:
        """The row of a table in which all of this stands."""
        found = self.main.get_by_role("row")
        for text in texts:
            found = found.filter(has_text=text)
        return found

    def cells(self, caption: str, name: str) -> list[str]:
        """What stands behind a name in a table, cell by cell; the small print is left out."""
        row = self.main.get_by_role("table", name=caption).get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=name))
        expect(row).to_have_count(1)
        read: list[str] = row.locator("td").evaluate_all(
            """cells => cells.map(cell => {
                const copy = cell.cloneNode(true);
                copy.querySelectorAll("small").forEach(note => note.remove());
                return copy.textContent.trim();
            })"""
        )
        return read

    def figure(self, label: str) -> str:
        """A figure of the page by its label, with its small print."""
        return self.main.locator("dl.figures > div").filter(has=self.page.get_by_text(label, exact=True)).first.locator("dd").inner_text()


class Clerk(Visitor):
    """Somebody at another office whose part is only told in short: forms are read and sent as a browser without scripts would."""

    def __init__(self, address: str, name: str) -> None:
        super().__init__(address)
        status, _ = self.post("/sign-in", name=name, password=PASSWORD)
        assert status == 200, f"{name} cannot sign in"

    def send(self, page: str, action: str, **chosen: str | Sequence[str]) -> str:
        """Sends the form with this action on a page, with what is chosen; the page that answers."""
        given = {**Fields(page, action).found, **chosen}
        body = urllib.parse.urlencode(given, doseq=True).encode()
        status, answer = self._ask(urllib.request.Request(urllib.parse.urljoin(self.address, action), body))
        assert status == 200, answer
        return answer

    def declare(self, *, no_change: bool) -> None:
        """Declares the commune's month."""
        _, page = self.get("/declarations")
        answer = self.send(page, "/declarations", no_change="yes" if no_change else "no")
        assert "Đã báo cáo tháng." in answer

    def pay_everybody(self) -> int:
        """Marks everybody of one's sessions as paid at the counter, page by page as they come; how many."""
        _, page = self.get("/payments")
        count = 0
        for session in dict.fromkeys(re.findall(r'href="(/payments/sessions/[0-9a-f-]{36})"', page)):
            _, page = self.get(session)
            while chosen := re.findall(r'name="line" value="([0-9a-f-]{36})"', page):
                page = self.send(page, f"{session}/marks", line=chosen)
                assert f"Đã ghi {len(chosen)} người nhận tại quầy." in page
                count += len(chosen)
        return count


def dong(text: str) -> int:
    """A sum as it stands on a page, 1.234.567 đ, as a number."""
    found = re.search(r"\d[\d.]*", text)
    assert found, text
    return int(found[0].replace(".", ""))
