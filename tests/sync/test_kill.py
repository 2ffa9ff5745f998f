"""kill -9 under load: what was answered is there, once, in an unbroken chain, after each of many kills (G1, G2, G3, G10)."""

from __future__ import annotations

import http.client
import random
import threading
import time
from pathlib import Path

import pytest

from portal import db, door
from portal import verify as verification
from tests import machine
from tests.district import District, each_district  # noqa: F401 - a fixture
from tests.sync.traffic import Device, Server

KILLS = 60 if machine.SOAK else 5
ACCOUNTS = ("xa", "huyen", "huyen2", "kiemsoat")


def test_what_was_answered_outlives_every_kill(each_district: District, tmp_path: Path) -> None:
    """Four devices push without pause; the server dies at random moments; each time the journal is compared with the answers."""
    chance = random.Random(20241005)
    server = Server(each_district.url, tmp_path / "server.log")
    devices = [Device(server.port, account).register() for account in ACCOUNTS]
    try:
        for round_ in range(KILLS):
            over = threading.Event()
            workers = [threading.Thread(target=_push_until, args=(device, over, round_)) for device in devices]
            for worker in workers:
                worker.start()
            time.sleep(chance.uniform(0.02, 0.35))
            server.kill()
            over.set()
            for worker in workers:
                worker.join(30)
            _is_all_there(devices)
            server.start()
        for device in devices:
            device.push(again=True)
        _is_all_there(devices)
        assert sum(len(device.answered) for device in devices) > KILLS * 10, "the load was no load"
    finally:
        server.kill()


def _push_until(device: Device, over: threading.Event, seed: int) -> None:
    while not over.is_set():
        if not device.unanswered:
            device.write(5, seed)
        try:
            device.push()
        except (OSError, http.client.HTTPException):
            return


def _is_all_there(devices: list[Device]) -> None:
    with db.database.connection_context():
        verdict = verification.verify(door.store())
        assert verdict.is_whole, verdict
        for device in devices:
            rows = db.database.execute_sql(f"SELECT n, seq FROM journal WHERE device = '{device.device}'").fetchall()
            found = dict(rows)
            assert len(found) == len(rows), "an edit stands twice"
            for n, answer in device.answered.items():
                assert found[n] == answer["version"], f"edit {n} was answered and is not there"


@pytest.mark.parametrize("processes", [8])
def test_eight_processes_push_and_pull_at_once(each_district: District, tmp_path: Path, processes: int) -> None:
    """No skipped cursor, no deadlock, no "database is locked": eight servers on one database, a device at each."""
    servers = [Server(each_district.url, tmp_path / f"server{i}.log") for i in range(processes)]
    rounds = 40 if machine.SOAK else 6
    devices = [Device(server.port, ACCOUNTS[i % 3]).register() for i, server in enumerate(servers)]
    failures: list[BaseException] = []

    def work(device: Device, seed: int) -> None:
        try:
            for round_ in range(rounds):
                device.pull(limit=7)
                device.write(10, seed + round_)
                device.push(again=round_ % 3 == 0)
            device.pull(limit=7)
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            failures.append(error)

    try:
        workers = [threading.Thread(target=work, args=(device, i)) for i, device in enumerate(devices)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(240)
        assert not failures, failures[0]
        assert all(len(device.answered) == rounds * 10 for device in devices)
        for device in devices:
            device.pull(limit=7)
            fresh = Device(device.port, device.account, token=device.token)
            fresh.pull(limit=1000)
            assert device.held == fresh.held
            assert device.cursor == fresh.cursor
        _is_all_there(devices)
    finally:
        for server in servers:
            server.kill()
    logged = "".join((tmp_path / f"server{i}.log").read_text() for i in range(processes))
    assert "locked" not in logged and "deadlock" not in logged and "Traceback" not in logged, logged[-2000:]
