"""Part *under-push*: how long the list page takes while twelve devices push, beside the same page with nobody pushing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.scale import edits, floor, pushing, site
from tests.scale.connection import hammer
from tests.scale.figures import Figure, median, percentile
from tests.scale.places import ROUNDS, Places, say
from tests.scale.program import Program
from tests.scale.sync_part import LANES

_READERS = 4
_IDLE_SECONDS = 4.0


def measure(places: Places) -> None:
    """Reports the part's figures."""
    plan = edits.planned(places.people)
    for lane, (workers, threads, postgres) in LANES.items():
        found: dict[str, list[tuple[float, float]]] = {"portal": [], "floor": []}
        for turn in range(ROUNDS):
            say(f"the list under push on {lane}, round {turn + 1} of {ROUNDS}")
            if places.floor:
                with places.the_floor(workers=workers, threads=threads, postgres=postgres) as program:
                    found["floor"].append(_both(program, floor.LIST, {}, lambda: pushing.to_floor(program.port, plan, float)))
            with places.portal(workers=workers, threads=threads, postgres=postgres) as program:
                cookie = {"Cookie": site.cookie(program.port)}
                devices = pushing.register(program.port)
                found["portal"].append(
                    _both(program, site.LIST, cookie, lambda: pushing.to_portal(program.port, devices, plan, float))  # noqa: B023
                )
        for side, rounds in found.items():
            if not rounds:
                continue
            idle, busy = (median([each[index] for each in rounds]) for index in (0, 1))
            most = 4.0 if side == "portal" else None
            name = f"{lane}: {side}'s list page p95 while 12 devices push"
            places.report(Figure("under-push", name, busy, "ms", "its own, idle", idle, most=most))


def _both(program: Program, path: str, headers: dict[str, str], push: Callable[[], object]) -> tuple[float, float]:
    """p95 in milliseconds: idle, and while the pushes last."""
    asking = {"Accept-Encoding": "gzip", **headers}
    hammer(program.port, path, asking, _READERS, lambda asked, _: asked >= 5)
    idle = hammer(program.port, path, asking, _READERS, lambda _, seconds: seconds > _IDLE_SECONDS)
    trouble: list[BaseException] = []
    over = threading.Event()

    def load() -> None:
        try:
            push()
        except BaseException as error:  # noqa: BLE001  # raised below, in the thread that reports
            trouble.append(error)
        finally:
            over.set()

    pusher = threading.Thread(target=load, daemon=True)
    pusher.start()
    busy = hammer(program.port, path, asking, _READERS, lambda _, __: over.is_set())
    pusher.join()
    if trouble:
        raise trouble[0]
    return percentile(idle, 95), percentile(busy, 95)
