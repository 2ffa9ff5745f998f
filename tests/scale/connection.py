"""A keep-alive HTTP connection that counts what goes over it; cheap enough to share two cores with the server it asks."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Answer:
    """An answer: header names in lower case, the body as it came, and bytes each way with headers."""

    status: int
    headers: dict[str, str]
    body: bytes
    up: int
    down: int

    @property
    def text(self) -> bytes:
        """The body, unpacked where it came packed."""
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body


class Connection:
    """One connection to a loopback port, opened again where the server closed it; `headers` go with every request."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self.port = port
        self.headers = {"Host": f"127.0.0.1:{port}", **(headers or {})}
        self._line: socket.socket | None = None
        self._buffer = b""

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """A GET."""
        return self._ask("GET", path, b"", headers or {})

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """A POST of these bytes."""
        return self._ask("POST", path, body, {"Content-Length": str(len(body)), **headers})

    def close(self) -> None:
        """Ends the connection."""
        if self._line is not None:
            self._line.close()
        self._line = None

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        lines = "".join(f"{name}: {value}\r\n" for name, value in {**self.headers, **headers}.items())
        message = f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body
        fresh = self._line is None
        try:
            return self._exchange(message)
        except ConnectionError:
            self.close()
            if fresh:
                raise
            return self._exchange(message)  # an idle connection may be closed by the server at any time (RFC 9112 §9.3.1)

    def _exchange(self, message: bytes) -> Answer:
        if self._line is None:
            self._line = socket.create_connection(("127.0.0.1", self.port), 120)
            self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._buffer = b""
        self._line.sendall(message)
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._more()
        head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        status, down = int(first.split(" ", 2)[1]), end + 4
        if headers.get("transfer-encoding", "") == "chunked":
            body, size = self._chunked()
        else:
            size = int(headers.get("content-length", "0"))
            body = self._take(size)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body, len(message), down + size)

    def _chunked(self) -> tuple[bytes, int]:
        parts, counted = [], 0
        while True:
            while (end := self._buffer.find(b"\r\n")) < 0:
                self._more()
            length = int(self._buffer[:end].split(b";")[0], 16)
            self._buffer = self._buffer[end + 2 :]
            parts.append(self._take(length))
            self._take(2)
            counted += end + 4 + length
            if not length:
                return b"".join(parts), counted

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._more()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _more(self) -> None:
        assert self._line is not None
        data = self._line.recv(_CHUNK)
        if not data:
            raise ConnectionResetError("closed by the server")
        self._buffer += data


def together(count: int, work: Callable[[int], None]) -> float:
    """Does `work(0)` … `work(count - 1)` in threads that start at the same moment; the seconds until the last has ended.

    Raises what one of them raised.
    """
    gate, trouble = threading.Barrier(count + 1), list[BaseException]()

    def run(number: int) -> None:
        gate.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001  # handed on to the caller below
            trouble.append(error)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    gate.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    if trouble:
        raise trouble[0]
    return time.perf_counter() - started


def hammer(port: int, path: str, headers: Mapping[str, str], clients: int, until: Callable[[int, float], bool]) -> list[float]:
    """Milliseconds of each answer while `clients` ask for a page again and again; a client stops when `until(asked, seconds)`.

    Raises AssertionError at an answer that is not 200.
    """
    taken: list[float] = []

    def ask(_: int) -> None:
        connection, began, asked = Connection(port, headers), time.perf_counter(), 0
        while not until(asked, time.perf_counter() - began):
            before = time.perf_counter()
            answer = connection.get(path)
            taken.append((time.perf_counter() - before) * 1000)
            asked += 1
            assert answer.status == 200, (path, answer.status, answer.text[:300])
        connection.close()

    together(clients, ask)
    return taken
