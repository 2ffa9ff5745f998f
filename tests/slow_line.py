"""A bad line for tests: a relay on loopback with a rate, a round trip, cuts at random bytes and a count of what went over it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Self

_CHUNK = 512
_LONGEST_CUT = 4000


class _Cut(Exception):
    """The line broke here."""


@dataclass
class _Way:
    """One direction, shared by all connections: seconds a byte takes, seconds it is on its way, bytes so far."""

    a_byte: float = 0.0
    delay: float = 0.0
    free: float = 0.0
    bytes: int = 0

    def due(self, size: int) -> float:
        self.bytes += size
        self.free = max(time.monotonic(), self.free) + size * self.a_byte
        return self.free + self.delay


@dataclass
class _Exchange:
    """One connection: whether an answer has begun since the last request, and bytes left until it is cut (None: it is not)."""

    rests: bool = True
    left: int | None = None


@dataclass
class Line:
    """A line to `target` (a port) while it is open as a context; what it counts and how it behaves may change meanwhile.

    `kbit` a second each way (0: no limit), `rtt` seconds, paid once more for each new connection; `cut`: the share of requests that are
    cut off at a random byte on the way up or down. `is_down`: nobody answers.
    """

    target: int
    kbit: float = 0.0
    rtt: float = 0.0
    cut: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    is_down: bool = False
    port: int = 0
    requests: int = 0
    cuts: int = 0

    @property
    def size(self) -> int:
        """Bytes both ways, so far."""
        return self._up.bytes + self._down.bytes

    def lead(self, target: int) -> None:
        """Leads to another port from now on; connections that are open break."""
        self.target = target
        asyncio.run_coroutine_threadsafe(self._break(), self._loop).result(10)

    def become(self, *, kbit: float, rtt: float, cut: float = 0.0) -> None:
        """Behaves otherwise from now on."""
        self.kbit, self.rtt, self.cut = kbit, rtt, cut
        for way in (self._up, self._down):
            way.a_byte, way.delay = 1 / (kbit * 125) if kbit else 0.0, rtt / 2

    def __enter__(self) -> Self:
        self._up, self._down = _Way(), _Way()
        self.become(kbit=self.kbit, rtt=self.rtt, cut=self.cut)
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        serving = asyncio.start_server(self._connection, "127.0.0.1", self.port)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _break(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        await asyncio.sleep(0.05)

    async def _end(self) -> None:
        """Nobody is let in any more, and whoever is still on the way on a busy machine is not left there when the loop is closed."""
        self._server.close()
        await self._break()
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(OSError, _Cut):
            if self.is_down:
                raise _Cut
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._open.add(far_writer)
            exchange = _Exchange()
            ways = [
                asyncio.ensure_future(self._pump(reader, far_writer, self._up, exchange)),
                asyncio.ensure_future(self._pump(far_reader, writer, self._down, exchange)),
            ]
            try:
                await asyncio.gather(*ways)
            finally:
                for way in ways:
                    way.cancel()
                far_writer.transport.abort()
                self._open.discard(far_writer)
        writer.transport.abort()
        self._open.discard(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: _Way, exchange: _Exchange) -> None:
        handshake = self.rtt if way is self._up else 0.0
        on_the_way: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue(64)

        async def arrive() -> None:
            while (item := await on_the_way.get()) is not None:
                await asyncio.sleep(max(0.0, item[0] - time.monotonic()))
                writer.write(item[1])
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

        arriving = asyncio.ensure_future(arrive())
        try:
            while data := await reader.read(_CHUNK):
                part = self._uncut(data, way, exchange)
                await on_the_way.put((way.due(len(part)) + handshake, part))
                handshake = 0.0
                if len(part) < len(data):
                    await on_the_way.put(None)
                    await arriving
                    raise _Cut
            await on_the_way.put(None)
            await arriving
        finally:
            arriving.cancel()

    def _uncut(self, data: bytes, way: _Way, exchange: _Exchange) -> bytes:
        """What of these bytes still gets through."""
        if way is self._up and exchange.rests:
            self.requests += 1
            exchange.rests = False
            if self.chance.random() < self.cut:
                self.cuts += 1
                exchange.left = self.chance.randrange(_LONGEST_CUT)
        elif way is self._down:
            exchange.rests = True
        if exchange.left is None:
            return data
        part = data[: exchange.left]
        exchange.left -= len(part)
        return part
