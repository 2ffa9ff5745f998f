"""Devices that push and pull over HTTP at a running portal, and remember every answer they got."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.district import person_id
from tests.office import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
FIELDS = ("phone", "address", "locator", "note")
PEOPLE = [person_id(key) for key in ("dao", "duong", "my", "hoa", "an", "binh", "phuc")]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The portal as a process of its own, which can be killed outright and started again on the same database."""

    def __init__(self, url: str, log: Path) -> None:
        self.port = free_port()
        self._log = log
        self._environment = {
            **os.environ,
            "PORTAL_DATABASE": url,
            "PORTAL_SECRET_KEY": "k" * 40,
            "PORTAL_HASHING": "fast",
            "PORTAL_TODAY": "2024-10-05",
        }
        self.start()

    def start(self) -> None:
        """Starts it and waits until it answers."""
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal", "run", "--port", str(self.port)],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        give_up = time.monotonic() + 30
        while time.monotonic() < give_up:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.05)
            finally:
                connection.close()
        raise AssertionError("the portal did not come up:\n" + self._log.read_text()[-2000:])

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()


@dataclass
class Device:
    """One registered device. `answered`: its edits' numbers with their first answers; `held`: what its pulls told it."""

    port: int
    account: str
    token: str = ""
    device: str = ""
    cursor: str = ""
    n: int = 0
    answered: dict[int, dict[str, Any]] = field(default_factory=dict)
    unanswered: list[dict[str, Any]] = field(default_factory=list)
    held: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def register(self) -> Device:
        """Asks for a token."""
        told = self.ask("POST", "/sync/v1/devices", {"username": self.account, "password": PASSWORD, "name": "thử"})
        self.token, self.device = told["token"], told["device"]
        return self

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request on a connection of its own; raises OSError or HTTPException where the line or the server breaks."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            connection.request(method, path, gzip.compress(json.dumps(body).encode()) if body is not None else None, headers)
            answer = connection.getresponse()
            data = answer.read()
            if answer.status == 429:
                time.sleep(min(60, int(answer.headers["Retry-After"])))
                return self.ask(method, path, body)
            if answer.headers.get("Content-Encoding") == "gzip":
                data = gzip.decompress(data)
            assert answer.status in (200, 201), (answer.status, data[:500])
            return json.loads(data)
        finally:
            connection.close()

    def write(self, count: int, seed: int) -> None:
        """New edits for the outbox."""
        for step in range(count):
            self.n += 1
            name = FIELDS[(seed + step) % len(FIELDS)]
            value = f"05{(seed * 7919 + self.n) % 10**8:08d}" if name == "phone" else f"{self.account} {self.n}"
            record = PEOPLE[(seed + self.n) % len(PEOPLE)]
            seen = self.held.get(("person", record), {}).get(name)
            self.unanswered.append(
                {
                    "n": self.n,
                    "kind": "person",
                    "record": record,
                    "op": "set",
                    "set": {name: [seen, value]},
                    "at": "2024-10-05T09:00:00+07:00",
                }
            )

    def push(self, again: bool = False) -> None:
        """Sends what has no answer yet; `again`: and, first, some of what has."""
        sent = list(self.unanswered)
        results = self.ask("POST", "/sync/v1/push", {"edits": sent, "schema": 1})["results"]
        for edit, result in zip(sent, results, strict=True):
            assert edit["n"] == result["n"]
            first = self.answered.setdefault(edit["n"], result)
            assert first["version"] == result["version"]
        self.unanswered = []
        if again and sent:
            repeated = self.ask("POST", "/sync/v1/push", {"edits": sent, "schema": 1})["results"]
            assert {result["status"] for result in repeated} == {"duplicate"}

    def pull(self, limit: int = 50) -> None:
        """Pulls until there is no more."""
        more = True
        while more:
            since = f"since={self.cursor}&" if self.cursor else ""
            told = self.ask("GET", f"/sync/v1/pull?{since}limit={limit}")
            for record in told["records"]:
                kept = self.held.setdefault((record["kind"], record["id"]), {})
                kept.update(record["fields"], version=record["version"])
            for record in told["gone"]:
                self.held.pop((record["kind"], record["id"]), None)
            self.cursor, more = told["cursor"], told["more"]
