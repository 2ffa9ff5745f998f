"""A portal started as people start it, from the command line, and a visitor to it who is not a browser."""

import os
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path

ADDRESS = re.compile(r"http://[\w.:\[\]-]+/")
# A program that ends by itself, one that says "interrupted", and make, which hands the signal on to itself.
CLEAN_ENDS = {0, 130, -signal.SIGINT}
ACCOUNT = re.compile(r"^ +(?P<role>[a-z_]+) +(?P<name>\S+)$")
PASSWORD = re.compile(r"password (?P<password>\S+):")


@dataclass
class Served:
    """A running portal: where it answers, what it printed, and how it ended once it has."""

    process: subprocess.Popen[str]
    address: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def demo_accounts(self) -> dict[str, tuple[str, str]]:
        """Role → name and password, as printed."""
        password = next((found["password"] for line in self.lines if (found := PASSWORD.search(line))), "")
        return {found["role"]: (found["name"], password) for line in self.lines if (found := ACCOUNT.match(line))}

    def interrupt(self, patience: float = 15) -> int:
        """Ctrl-C: the signal goes to the whole foreground group, as a terminal sends it; the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=patience)


@contextmanager
def serving(command: Sequence[str | Path], *, cwd: Path, environment: dict[str, str], patience: float = 60) -> Iterator[Served]:
    """Start `command` in its own process group, wait until it has said where it answers and has said all it says at the start.

    Fails with its whole output where it ends instead, or says nothing within `patience` seconds.
    """
    # PYTHONUNBUFFERED is not set on purpose: what is printed has to arrive without it, under a service manager too.
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
    ) as process:
        served = Served(process)
        ready = threading.Event()
        reader = threading.Thread(target=_read, args=(served, ready), daemon=True)
        reader.start()
        try:
            assert ready.wait(patience), f"said no address within {patience} s:\n" + "".join(served.lines)
            assert served.address, "ended without an address:\n" + "\n".join(served.lines)
            yield served
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            reader.join(5)


def _read(served: Served, ready: threading.Event) -> None:
    assert served.process.stdout
    for line in served.process.stdout:
        served.lines.append(line.rstrip("\n"))
        if found := ADDRESS.search(line):
            served.address = served.address or found[0]
        if served.address and "Ctrl-C" in line:
            ready.set()
    ready.set()


class Visitor:
    """Someone with cookies and no JavaScript, who looks at one portal."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page, redirects followed."""
        return self._ask(urllib.request.Request(urllib.parse.urljoin(self.address, path)))

    def post(self, path: str, **typed: str) -> tuple[int, str]:
        """Status and text of what answers a form, redirects followed."""
        return self._ask(urllib.request.Request(urllib.parse.urljoin(self.address, path), urllib.parse.urlencode(typed).encode()))

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode("utf-8")
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode("utf-8")


class Links(HTMLParser):
    """What a page refers to: `pages` by <a href>, `assets` by <link>, <script> and <img>; all of this portal."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pages: set[str] = set()
        self.assets: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        target = given.get("href") or given.get("src") or ""
        if target.startswith("/"):
            (self.pages if tag == "a" else self.assets).add(target.partition("#")[0])
