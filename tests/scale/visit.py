"""A visit to the list in a real browser, every byte of it counted on the way by a relay on loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from tests import machine

_SETTLE_MS = 1500
_TRIES = 3


@dataclass(frozen=True)
class Visited:
    """Bytes down with headers, and requests: of a first visit, of its HTML and style sheets alone, and of one with a warm cache."""

    first: int
    requests: int
    before_paint: int
    again: int


class _Relay:
    """Passes connections on to another port and counts: bytes down, and requests by their first lines."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.down = 0
        self.requests: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def forget(self) -> None:
        """Counts from nothing again."""
        self.down, self.requests = 0, []

    def close(self) -> None:
        """Takes no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target), 10)
                server.settimeout(None)
                threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if up:
                    self.requests += [line.decode() for line in data.split(b"\r\n") if line.endswith(b" HTTP/1.1")]
                else:
                    self.down += len(data)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


def visits(port: int, path: str, cookie: str) -> Visited:
    """Opens the page twice in one new browser profile, whoever `cookie` says. The middle of three profiles."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player, _counted(port) as relay:
        browser = player.chromium.launch(executable_path=machine.chromium(), args=list(machine.CHROMIUM_ARGUMENTS))
        seen = [_visit(browser, relay, path, cookie) for _ in range(_TRIES)]
        browser.close()
    return sorted(seen, key=lambda each: each.first)[_TRIES // 2]


def _visit(browser: Any, relay: _Relay, path: str, cookie: str) -> Visited:
    base = f"http://127.0.0.1:{relay.port}"
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    if cookie:
        name, _, value = cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": base}])
    sizes = {"before_paint": 0}

    def finished(request: Any) -> None:
        if request.resource_type in ("document", "stylesheet"):
            told = request.sizes()
            sizes["before_paint"] += told["responseHeadersSize"] + told["responseBodySize"]

    page = context.new_page()
    page.on("requestfinished", finished)
    relay.forget()
    page.goto(base + path, wait_until="load")
    page.wait_for_timeout(_SETTLE_MS)  # what comes after: modules, a service worker and what it fetches
    assert page.locator("tbody tr").count() >= 50, page.content()[:500]
    first, requests, before_paint = relay.down, len(relay.requests), sizes["before_paint"]
    page.close()
    relay.forget()
    page = context.new_page()
    page.goto(base + path, wait_until="load")
    page.wait_for_timeout(_SETTLE_MS)
    again = relay.down
    context.close()
    return Visited(first, requests, before_paint, again)


@contextmanager
def _counted(port: int) -> Iterator[_Relay]:
    relay = _Relay(port)
    try:
        yield relay
    finally:
        relay.close()
