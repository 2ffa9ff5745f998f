"""Part *sync*: 10,000 edits from 12 devices, with sign-in, scope, conflicts and journal on, beside a raw merge and the floor."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

from tests.scale import edits, pushing, raw
from tests.scale.connection import Connection
from tests.scale.figures import Figure, median, percentile
from tests.scale.places import ROUNDS, Places, say
from tests.scale.program import Program, cpu
from tests.scale.pushing import Device, Pushed

LANES = {"SQLite": (1, 8, False), "PostgreSQL": (2, 8, True)}
"""Database → workers, threads, whether it is PostgreSQL: on SQLite several writing processes would only wait for each other."""
_KINTO = "Kinto, PostgreSQL, one client at a time"
_KINTO_FLOOR = "Flask+peewee set, PostgreSQL, 2 workers"


def measure(places: Places) -> None:
    """Reports the part's figures."""
    plan = edits.planned(places.people)
    pulls: list[tuple[int, int]] = []
    portals: list[Pushed] = []
    for lane, (workers, threads, postgres) in LANES.items():
        raws: list[raw.Merged] = []
        floors: list[Pushed] = []
        portals = []
        for turn in range(ROUNDS):
            say(f"sync on {lane}, round {turn + 1} of {ROUNDS}")
            if not postgres:
                raws.append(raw.merge_sqlite(places.fresh("raw"), places.people, plan))
            if places.floor:
                with places.the_floor(workers=workers, threads=threads, postgres=postgres) as program:
                    floors.append(pushing.to_floor(program.port, plan, lambda: _spent(places, program, postgres=postgres)))  # noqa: B023
            with places.portal(workers=workers, threads=threads, postgres=postgres) as program:
                devices = pushing.register(program.port)
                cursor = _whole(program, devices[-1])
                portals.append(pushing.to_portal(program.port, devices, plan, lambda: _spent(places, program, postgres=postgres)))  # noqa: B023
                if not postgres:
                    pulls.append(_pulled(program, devices, cursor))
        _report(places, lane, raws, floors, portals)
    _report_bytes(places, portals, pulls)


def _spent(places: Places, program: Program, *, postgres: bool) -> float:
    return program.cpu() + (cpu(places.cluster.pid) if postgres else 0.0)


def _whole(program: Program, device: Device) -> str:
    """Pulls all a device may see; the cursor to go on from."""
    return _copy(program, device)[2]


def _pulled(program: Program, devices: Sequence[Device], cursor: str) -> tuple[int, int]:
    """Bytes with headers of a pull of 1,000 changes, and of a commune's first copy after the edits."""
    line = Connection(program.port, devices[-1].headers)
    changes = line.get(f"/sync/v1/pull?limit=1000&since={urllib.parse.quote(cursor)}")
    line.close()
    page = json.loads(changes.text)
    assert changes.status == 200 and page["more"], changes.text[:300]
    assert all(len(record["fields"]) < 8 for record in page["records"] if record["kind"] == "person"), "whole records, not changes"
    return changes.down, _copy(program, devices[0])[0]


def _copy(program: Program, device: Device) -> tuple[int, int, str]:
    """A device's first copy: bytes with headers, people in it, the cursor it ends with."""
    line, size, people, cursor = Connection(program.port, device.headers), 0, 0, ""
    while True:
        answer = line.get("/sync/v1/pull?limit=2000" + (f"&since={urllib.parse.quote(cursor)}" if cursor else ""))
        page = json.loads(answer.text)
        size, cursor = size + answer.down, page["cursor"]
        people += sum(record["kind"] == "person" for record in page["records"])
        if not page["more"]:
            line.close()
            return size, people, cursor


def _report(places: Places, lane: str, raws: Sequence[raw.Merged], floors: Sequence[Pushed], portals: Sequence[Pushed]) -> None:
    def add(name: str, value: float, unit: str, beside: str = "", limit: float | None = None, **bars: float) -> None:
        places.report(Figure("sync", f"{lane}: {name}", value, unit, beside, limit, **bars))  # type: ignore[arg-type]

    speed = median([each.speed for each in portals])
    p95 = median([percentile(each.batches, 95) for each in portals])
    spent = median([each.cpu for each in portals])
    if raws:
        add("edits merged", speed, "edits/s", "raw merge", median([edits.EDITS / each.wall for each in raws]), least=0.25)
        add("processor per 1,000 edits", spent, "s", "raw merge", median([each.cpu / edits.EDITS * 1000 for each in raws]))
    if not floors:
        add("edits merged", speed, "edits/s")
    else:
        floor_speed = median([each.speed for each in floors])
        add("edits merged", speed, "edits/s", "floor", floor_speed, least=0.5)
        add("batch p50", median([percentile(each.batches, 50) for each in portals]), "ms", "floor", _batch(floors, 50))
        add("batch p95", p95, "ms", "floor", _batch(floors, 95), most=2)
        add("processor per 1,000 edits", spent, "s", "floor", median([each.cpu for each in floors]), most=2)
        kinto = _kinto(places.floor)
        if kinto is not None and lane == "PostgreSQL":
            # What Kinto made of the same work beside the same floor, on the day the peers were measured.
            add("edits merged, by way of the floor", speed, "edits/s", "Kinto (published)", floor_speed * kinto, least=20)
    add("conflicts", median([each.conflicts for each in portals]), "of 10,000")


def _batch(rounds: Sequence[Pushed], rank: float) -> float:
    return median([percentile(each.batches, rank) for each in rounds])


def _report_bytes(places: Places, portals: Sequence[Pushed], pulls: Sequence[tuple[int, int]]) -> None:
    kilo = 1000
    for name, value, most in (
        ("batch of 100 edits, up", median(portals[0].up) / kilo, 2.6),
        ("batch of 100 edits with `base`, up", median(portals[0].up) / kilo + _with_base(places), None),
        ("batch of 100 edits, down", median(portals[0].down) / kilo, None),
        ("pull of 1,000 changes, down", median([each[0] for each in pulls]) / kilo, 14),
        ("a commune's first copy after the edits, down", median([each[1] for each in pulls]) / kilo, None),
        ("a commune's first copy, down", _first_copy(places) / kilo, 40),
    ):
        places.report(Figure("sync", name, value, "KB", most=most, of="value"))


def _with_base(places: Places) -> float:
    """By how many KB a batch grows when each edit tells the version its author saw."""
    plan = edits.planned(places.people)
    return median([len(edits.body(batch, base=True)) - len(edits.body(batch)) for batch in plan]) / 1000


def _first_copy(places: Places) -> int:
    """A commune's first copy of the register as it was loaded."""
    with places.portal(threads=8) as program:
        size, people, _ = _copy(program, pushing.register(program.port)[0])
    assert people in (487, 488), people
    return size


def _kinto(place: Path | None) -> float | None:
    """Kinto's speed in floors, as published beside the floor; None where that is not there."""
    published = place / "baseline" / "sync.json" if place else None
    if published is None or not published.is_file():
        return None
    rows = {row["case"]: row.get("edits_s") for row in json.loads(published.read_text(encoding="utf-8"))["rows"]}
    return rows[_KINTO] / rows[_KINTO_FLOOR] if rows.get(_KINTO) and rows.get(_KINTO_FLOOR) else None
