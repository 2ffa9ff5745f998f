"""Twelve devices that push at once, to the portal and to the floor: one load, whoever takes it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.scale import edits, floor, site
from tests.scale.connection import Connection, together
from tests.scale.edits import Batch

Clock = Callable[[], float]
"""Processor seconds spent so far by the server and its database."""


@dataclass
class Pushed:
    """One round: edits a second, milliseconds of each batch, processor seconds per 1,000 edits, bytes each way a batch with headers."""

    speed: float = 0.0
    cpu: float = 0.0
    conflicts: int = 0
    batches: list[float] = field(default_factory=list)
    up: list[int] = field(default_factory=list)
    down: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Device:
    """A registered device: the headers it sends, and the cursor it started from."""

    headers: Mapping[str, str]
    cursor: str


def register(port: int) -> list[Device]:
    """The twelve devices, each registered with its account's name and password."""
    devices = []
    for number in range(edits.DEVICES):
        token, cursor = site.token(port, edits.account_of(number), f"Máy {number + 1}")
        devices.append(Device({"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}, cursor))
    return devices


def to_portal(port: int, devices: Sequence[Device], plan: Sequence[Batch], clock: Clock) -> Pushed:
    """All batches to the portal; packed before the clock runs, for a device's time is its own."""
    headers = [{**device.headers, "Content-Type": "application/json", "Content-Encoding": "gzip"} for device in devices]
    return _push(port, "/sync/v1/push", headers, plan, edits.body, _conflicts, clock)


def to_floor(port: int, plan: Sequence[Batch], clock: Clock) -> Pushed:
    """All batches to the floor."""
    headers = [{"Content-Type": "application/json"}] * edits.DEVICES
    return _push(port, "/sync", headers, plan, floor.body, floor.conflicts, clock)


def _push(
    port: int,
    path: str,
    headers: Sequence[Mapping[str, str]],
    plan: Sequence[Batch],
    body: Callable[[Batch], bytes],
    conflicts: Callable[[bytes], int],
    clock: Clock,
) -> Pushed:
    queues = [[body(batch) for batch in plan if batch.device == number] for number in range(edits.DEVICES)]
    told = Pushed()
    answers: list[bytes] = []

    def one(number: int) -> None:
        line = Connection(port, headers[number])
        for packed in queues[number]:
            before = time.perf_counter()
            answer = line.post(path, packed, {})
            told.batches.append((time.perf_counter() - before) * 1000)
            assert answer.status == 200, (answer.status, answer.text[:500])
            told.up.append(answer.up)
            told.down.append(answer.down)
            answers.append(answer.text)
        line.close()

    spent = clock()
    seconds = together(edits.DEVICES, one)
    count = sum(len(batch.edits) for batch in plan)
    told.cpu = (clock() - spent) / count * 1000
    told.speed = count / seconds
    told.conflicts = sum(conflicts(answer) for answer in answers)
    return told


def _conflicts(answer: bytes) -> int:
    results = json.loads(answer)["results"]
    assert all(result["status"] == "accepted" for result in results), [r for r in results if r["status"] != "accepted"][:3]
    return sum("conflict" in result["fields"].values() for result in results)
