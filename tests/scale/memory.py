"""Part *memory*: what a worker holds after 1,000 list pages and one export."""

from __future__ import annotations

import subprocess
import sys

from tests.scale import exports, floor, site
from tests.scale.connection import Connection, hammer
from tests.scale.figures import Figure
from tests.scale.places import Places, say
from tests.scale.program import plain_environment

_CLIENTS, _EACH = 4, 250
_BARE = """
import flask, peewee
for line in open("/proc/self/status"):
    if line.startswith("VmRSS"):
        print(int(line.split()[1]) / 1024)
"""


def measure(places: Places) -> None:
    """Reports the part's figures."""
    bare = float(subprocess.run([sys.executable, "-c", _BARE], check=True, env=plain_environment(), capture_output=True, text=True).stdout)
    beside: tuple[float, float] | None = None
    if places.floor:
        say("memory: 1,000 list pages of the floor")
        with places.the_floor() as program:
            hammer(program.port, floor.LIST, {"Accept-Encoding": "gzip"}, _CLIENTS, lambda asked, _: asked >= _EACH)
            beside = program.memory()
    say("memory: 1,000 list pages of the portal, and an export")
    with places.portal(posted=True) as program:
        headers = {"Accept-Encoding": "gzip", "Cookie": site.cookie(program.port)}
        hammer(program.port, site.LIST, headers, _CLIENTS, lambda asked, _: asked >= _EACH)
        before = program.memory()
        line = Connection(program.port, headers)
        exported = exports.one(line)
        line.close()
        after = program.memory()
    what = f"1,000 list pages and {exported}"
    if beside is None:
        places.report(Figure("memory", f"worker after {what}, RSS", after[0], "MiB", "bare Flask + peewee", bare))
        return
    places.report(Figure("memory", f"worker after {what}, RSS", after[0], "MiB", "floor", beside[0], most=1.6))
    places.report(Figure("memory", "worker after 1,000 list pages, RSS", before[0], "MiB", "floor", beside[0]))
    places.report(Figure("memory", "all processes, PSS", after[1], "MiB", "floor", beside[1]))
    places.report(Figure("memory", "worker's RSS", after[0], "MiB", "bare Flask + peewee", bare))
