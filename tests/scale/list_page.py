"""Part *list*: the first page of the list under load, and what a first and a repeated visit put on the line."""

from __future__ import annotations

from collections.abc import Callable

from tests.scale import floor, raw, site
from tests.scale.connection import hammer
from tests.scale.figures import Figure, median, percentile
from tests.scale.places import ROUNDS, Places, say
from tests.scale.visit import Visited, visits

SECONDS = 3.0
GZIP = {"Accept-Encoding": "gzip"}
LOADS = ((1, 50, 2.0), (8, 95, 2.5))
"""Clients, the percentile that has a bar, the bar in floors."""


def measure(places: Places) -> None:
    """Reports the part's figures."""
    ours, floors = taken(places, site.LIST, floor.LIST, "list")
    bare = percentile(raw.first_page(places.portal_file), 50)
    for clients, rank, most in LOADS:
        for shown in sorted({50, rank}):
            _compare(
                places,
                f"first page p{shown}, {clients} client(s)",
                ours[clients],
                floors.get(clients),
                shown,
                most if shown == rank else None,
            )
    places.report(Figure("list", "first page p50, 1 client(s)", _middle(ours[1], 50), "ms", "bare query", bare))
    _visits(places)


def taken(
    places: Places, ours: str, floors: str, what: str, headers: dict[str, str] | None = None
) -> tuple[dict[int, list[list[float]]], dict[int, list[list[float]]]]:
    """Clients → milliseconds of each answer, round by round, of the portal and of the floor, turn and turn about."""
    found: dict[str, dict[int, list[list[float]]]] = {"portal": {}, "floor": {}}
    with places.portal() as program:
        lanes = [("portal", program.port, ours, {**GZIP, **(headers or {}), "Cookie": site.cookie(program.port)})]
        if not places.floor:
            _rounds(lanes, found, what)
            return found["portal"], found["floor"]
        with places.the_floor() as beside:
            lanes.insert(0, ("floor", beside.port, floors, {**GZIP, **(headers or {})}))
            _rounds(lanes, found, what)
    return found["portal"], found["floor"]


def _rounds(lanes: list[tuple[str, int, str, dict[str, str]]], found: dict[str, dict[int, list[list[float]]]], what: str) -> None:
    for _, port, path, headers in lanes:
        hammer(port, path, headers, 8, lambda asked, _: asked >= 5)
    for turn in range(ROUNDS):
        say(f"{what}, round {turn + 1} of {ROUNDS}")
        for clients, _, _ in LOADS:
            for side, port, path, headers in lanes:
                answers = hammer(port, path, headers, clients, lambda _, seconds: seconds > SECONDS)
                found[side].setdefault(clients, []).append(answers)


def _middle(rounds: list[list[float]], rank: float) -> float:
    return median([percentile(each, rank) for each in rounds])


def _compare(places: Places, name: str, ours: list[list[float]], floors: list[list[float]] | None, rank: float, most: float | None) -> None:
    beside = {"beside": "floor", "limit": _middle(floors, rank), "most": most} if floors else {}
    places.report(Figure("list", name, _middle(ours, rank), "ms", **beside))  # type: ignore[arg-type]


def _visits(places: Places) -> None:
    say("a first and a repeated visit in a real browser")
    with places.portal() as program:
        ours = visits(program.port, site.LIST, site.cookie(program.port))
    beside: Visited | None = None
    if places.floor:
        with places.the_floor() as program:
            beside = visits(program.port, floor.LIST, "")
    told: tuple[tuple[str, Callable[[Visited], float], str, float], ...] = (
        ("first visit, bytes down", lambda seen: seen.first / 1000, "KB", 40),
        ("first visit, requests", lambda seen: seen.requests, "requests", 6),
        ("before first paint (HTML and style sheets)", lambda seen: seen.before_paint / 1000, "KB", 10),
        ("repeated visit, bytes down", lambda seen: seen.again / 1000, "KB", 4),
    )
    for name, read, unit, most in told:
        limit = read(beside) if beside else None
        places.report(Figure("list", name, read(ours), unit, "floor" if beside else "", limit, most=most, of="value"))
