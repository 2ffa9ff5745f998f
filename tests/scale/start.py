"""Part *start*: from the start of the server to its first answer, and what the imports alone take."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.scale import floor, site
from tests.scale.figures import Figure, median
from tests.scale.places import Places, say
from tests.scale.program import ROOT, asking, plain_environment

_TIMES = 7


def measure(places: Places) -> None:
    """Reports the part's figures."""
    with places.portal() as program:
        cookie = site.cookie(program.port)
    ours: list[float] = []
    our_lists: list[float] = []
    floors: list[float] = []
    bare: list[float] = []
    imports: list[float] = []
    for turn in range(_TIMES + 1):  # the first round writes the byte code, and does not count
        say(f"start {turn} of {_TIMES}")
        bare.append(_process("import flask, peewee"))
        imports.append(_process("import portal.wsgi", site.environment(f"sqlite:///{places.portal_file}")))
        ours.append(_portal(places, asking(site.SIGN_IN)))
        our_lists.append(_portal(places, asking(site.LIST, cookie)))
        if places.floor:
            program = floor.start(places.floor, f"sqlite:///{places.floor_file}", places.home, workers=1, threads=4)
            program.await_answer(asking(floor.LIST))
            floors.append(program.ready)
            program.stop()
    raw = median(bare[1:])
    places.report(Figure("start", "imports, whole process", median(imports[1:]), "s", "bare Flask + peewee", raw))
    if floors:
        beside = median(floors[1:])
        places.report(Figure("start", "start to first answer", median(ours[1:]), "s", "floor", beside, most=1.5))
        places.report(Figure("start", "start to first list page", median(our_lists[1:]), "s", "floor", beside))
    places.report(Figure("start", "start to first answer", median(ours[1:]), "s", "bare Flask + peewee", raw))


def _portal(places: Places, request: bytes) -> float:
    program = site.start(f"sqlite:///{places.portal_file}", places.home, workers=1, threads=4)
    program.await_answer(request)
    program.stop()
    return program.ready


def _process(code: str, environment: dict[str, str] | None = None) -> float:
    before = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env={**plain_environment(), **(environment or {})})
    return time.perf_counter() - before
