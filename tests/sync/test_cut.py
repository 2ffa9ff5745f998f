"""Every batch cut at random bytes and sent one to three times, by devices at once: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import sqlite3
import threading
from pathlib import Path

import pytest

from portal import device as devices
from tests import machine
from tests.district import NOW, District, person_id
from tests.sync import cutting
from tests.sync.traffic import Device, Server

BATCHES = 2000 if machine.SOAK else 25
PEOPLE = {"xa": ("dao", "duong", "hoa"), "huyen": ("my", "an"), "huyen2": ("binh", "phuc")}


@pytest.fixture
def cut(district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[cutting.Cutting]]:
    """A portal as a process of its own, three devices on bad lines, and its database's file once they are through."""
    with district.open():
        assert devices.epoch(NOW)
    server = Server(district.url, tmp_path / "portal.log")
    try:
        made = []
        for seed, account in enumerate(PEOPLE):
            told = Device(server.port, account).register()
            made.append(cutting.Cutting(server.port, told.device, told.token, random.Random(seed)))

        def work(each: cutting.Cutting, keys: tuple[str, ...]) -> None:
            for _ in range(BATCHES):
                each.push([person_id(key) for key in keys], each.chance.randrange(1, 12))

        lines = [threading.Thread(target=work, args=pair, daemon=True) for pair in zip(made, PEOPLE.values(), strict=True)]
        for line in lines:
            line.start()
        for line in lines:
            line.join(1800 if machine.SOAK else 120)
    finally:
        server.kill()
    return district.url.removeprefix("sqlite:///"), made


def test_nothing_is_lost_and_nothing_doubled(cut: tuple[str, list[cutting.Cutting]]) -> None:
    file, made = cut
    assert [each.sent for each in made] == [BATCHES] * len(made)
    assert all(each.cuts > BATCHES / 3 and len(each.answers) == each.n for each in made)
    assert cutting.verdict(file, made) == (0, 0)


def test_the_verdict_sees_what_is_lost_and_what_is_doubled(cut: tuple[str, list[cutting.Cutting]]) -> None:
    file, made = cut
    with sqlite3.connect(file) as base:
        base.execute("DELETE FROM journal WHERE device = ? AND n = 2", (made[0].device,))
        base.execute("UPDATE journal SET n = 4, reused = 1 WHERE device = ? AND n = 5", (made[1].device,))
        base.execute("UPDATE person SET locator = 'other' WHERE id = ?", (next(iter(made[2].wanted)),))
    base.close()
    lost, doubled = cutting.verdict(file, made)
    assert (lost, doubled) == (3, 1)
