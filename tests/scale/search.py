"""Part *search*: what a swap of the list's rows weighs, and how long a name, and a name nobody has, take to find."""

from __future__ import annotations

from urllib.parse import quote

from tests.scale import floor, raw, site
from tests.scale.connection import Connection
from tests.scale.figures import Figure, median, percentile
from tests.scale.list_page import GZIP, LOADS, taken
from tests.scale.places import Places

_PART = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#rows"}
_MANY = "nguyen"
_NOBODY = "khong co ai"


def measure(places: Places) -> None:
    """Reports the part's figures."""
    with places.portal() as program:
        ours = _bytes(program.port, site.LIST, {"Cookie": site.cookie(program.port)})
    beside: float | None = None
    if places.floor:
        with places.the_floor() as program:
            beside = _bytes(program.port, floor.LIST, {})
    found_by = "floor" if beside else ""
    places.report(Figure("search", "answer of 50 rows, down", ours, "KB", found_by, beside, most=3, of="value"))
    for what, words in (("a name", _MANY), ("a name nobody has", _NOBODY)):
        mine, floors = taken(places, f"{site.LIST}?q={quote(words)}", f"{floor.LIST}?q={quote(words)}", f"search of {what}", _PART)
        bare = percentile(raw.search(places.portal_file, words), 50)
        for clients, rank, _ in LOADS:
            for shown in sorted({50, rank}):
                name, value = f"{what}: p{shown}, {clients} client(s)", median([percentile(each, shown) for each in mine[clients]])
                if clients in floors:
                    limit = median([percentile(each, shown) for each in floors[clients]])
                    places.report(Figure("search", name, value, "ms", "floor", limit))
                if clients == 1:
                    places.report(Figure("search", name, value, "ms", "bare query", bare))


def _bytes(port: int, path: str, headers: dict[str, str]) -> float:
    line = Connection(port, {**GZIP, **headers, **_PART})
    answer = line.get(f"{path}?q={quote(_MANY)}")
    line.close()
    rows = answer.text.count(b"<tr>")
    assert answer.status == 200 and rows >= 50, (answer.status, rows, answer.text[:300])
    return answer.down / 1000
