"""`python -m tests.scale.bench [part …]`: the portal beside raw limits and a floor, measured in one run (`make bench`).

Each figure is printed as a line of JSON when it is known, all of them as a table at the end. Exit code 0: every bar held; 1: one was
missed; 2: asked for a part that is not there. All traffic stays on loopback; what was started is ended.
"""

from __future__ import annotations

import compileall
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.scale import excel_part, line_part, list_page, memory, money_part, search, start, sync_part, under_push
from tests.scale.figures import Figure, table
from tests.scale.places import Places, say

PARTS: dict[str, Callable[[Places], None]] = {
    "start": start.measure,
    "memory": memory.measure,
    "list": list_page.measure,
    "search": search.measure,
    "money": money_part.measure,
    "sync": sync_part.measure,
    "under-push": under_push.measure,
    "line": line_part.measure,
    "excel": excel_part.measure,
}


def main(asked: list[str]) -> int:
    """Runs these parts, or all of them; returns the exit code."""
    unknown = [name for name in asked if name not in PARTS]
    if unknown:
        print(f"bench: no part is called {unknown[0]}; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended with us
    figures: list[Figure] = []

    def report(figure: Figure) -> None:
        figures.append(figure)
        print(figure.line(), flush=True)

    for package in ("portal", "sync"):  # as pip does when it installs; a machine that writes no bytecode would measure the compiler
        compileall.compile_dir(package, quiet=1)
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as home:
        places = Places(Path(home), report)
        if places.floor is None:
            say("the floor app is not there (BENCH_DIR, or ../shared/bench beside the checkout): only raw limits are compared with")
        try:
            for name in asked or PARTS:
                began = time.monotonic()
                PARTS[name](places)
                say(f"part {name} took {time.monotonic() - began:.0f} s")
        finally:
            places.close()
            print(f"\n{table(figures)}")  # what was measured before something broke is worth seeing, too
    missed = [figure.name for figure in figures if figure.ok is False]
    print(
        f"\n{len(missed)} of {sum(figure.ok is not None for figure in figures)} bars missed" + (f": {', '.join(missed)}" if missed else "")
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
