"""A device whose line breaks at any byte of a request or of its answer, and that sends each batch until it is answered."""

from __future__ import annotations

import gzip
import json
import random
import socket
import sqlite3
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_AT = "2024-10-05T09:00:00+07:00"
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: the connection ends at once, as a line that breaks ends it
_MOST_ANSWER = 6000


@dataclass
class Cutting:
    """`account`'s device `device` with its token, at a portal's port; `wanted` is what it last wanted of each person."""

    port: int
    device: str
    token: str
    chance: random.Random
    n: int = 0
    cuts: int = 0
    sent: int = 0
    wanted: dict[str, str] = field(default_factory=dict)
    answers: dict[int, dict[str, Any]] = field(default_factory=dict)

    def push(self, people: Sequence[str], size: int) -> None:
        """One batch of edits to the people's `locator`, sent one to three times; each time but the last it is cut at a random byte."""
        edits = []
        for _ in range(size):
            self.n += 1
            record = self.chance.choice(people)
            seen, new = self.wanted.get(record), f"{self.device[:8]} {self.n}"
            self.wanted[record] = new
            edits.append({"n": self.n, "kind": "person", "record": record, "op": "set", "set": {"locator": [seen, new]}, "at": _AT})
        message = self._message(gzip.compress(json.dumps({"schema": 1, "edits": edits}).encode()))
        for _ in range(self.chance.randrange(3)):
            self.cuts += 1
            self._send(message, cut=self.chance.randrange(len(message) + _MOST_ANSWER))
        self.sent += 1
        for result in json.loads(self._send(message))["results"]:
            assert result["status"] in ("accepted", "duplicate"), result
            assert set(result["fields"].values()) == {"applied"}, result
            self.answers[result["n"]] = result

    def _message(self, body: bytes) -> bytes:
        lines = (
            "POST /sync/v1/push HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {self.token}", "Content-Type: application/json",
            "Content-Encoding: gzip", f"Content-Length: {len(body)}", "Connection: close", "", "",
        )  # fmt: skip
        return "\r\n".join(lines).encode() + body

    def _send(self, message: bytes, cut: int | None = None) -> bytes:
        """The answer's body; of a request that is cut, nothing."""
        with socket.create_connection(("127.0.0.1", self.port), 30) as line:
            line.sendall(message[:cut])
            left = 1 << 24 if cut is None else cut - len(message)
            answer = b""
            while left > len(answer) and (data := line.recv(min(1 << 16, left - len(answer)))):
                answer += data
            if cut is not None:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                return b""
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), answer[:500]
        return _dechunked(body) if b"transfer-encoding: chunked" in head.lower() else body


def _dechunked(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        parts.append(rest[:length])
        body = rest[length + 2 :]
        if not length:
            break
    return b"".join(parts)


def verdict(file: str, devices: Sequence[Cutting]) -> tuple[int, int]:
    """(lost, doubled) edits of these devices, by the journal and the register in a portal's SQLite file."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as base:
        lost = doubled = 0
        for each in devices:
            found = Counter(dict(base.execute("SELECT n, COUNT(*) FROM journal WHERE device = ? GROUP BY n", (each.device,)).fetchall()))
            lost += sum(found[n] == 0 for n in range(1, each.n + 1))
            doubled += sum(count - 1 for count in found.values())
            for record, text in each.wanted.items():
                ((kept,),) = base.execute("SELECT locator FROM person WHERE id = ?", (record,)).fetchall()
                lost += kept != text
    base.close()
    return lost, doubled
