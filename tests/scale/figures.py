"""What the bench found: one figure a line as JSON for programs, all of them as a table for people."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One thing measured.

    `beside` names what it is compared with, a floor or a raw limit measured in the same run, and `limit` is that one's value in the
    same unit; `ratio` is value / limit. `most` and `least` bound the ratio (`of` = "ratio") or the value itself (`of` = "value").
    """

    part: str
    name: str
    value: float
    unit: str
    beside: str = ""
    limit: float | None = None
    most: float | None = None
    least: float | None = None
    of: str = "ratio"

    @property
    def ratio(self) -> float | None:
        """Value / limit; None without a limit."""
        return self.value / self.limit if self.limit else None

    @property
    def bar(self) -> str:
        """The bar in words, "" where there is none."""
        bound, sign = (self.most, "≤") if self.most is not None else (self.least, "≥")
        if bound is None:
            return ""
        return f"{sign} {bound:g} × {self.beside}" if self.of == "ratio" else f"{sign} {bound:g} {self.unit}"

    @property
    def ok(self) -> bool | None:
        """Whether the bar is held; None where there is none, or nothing to compare with."""
        measured = self.ratio if self.of == "ratio" else self.value
        if measured is None or (self.most is None and self.least is None):
            return None
        return (self.most is None or measured <= self.most) and (self.least is None or measured >= self.least)

    def line(self) -> str:
        """The figure as one line of JSON."""
        return json.dumps(
            {
                "part": self.part,
                "name": self.name,
                "value": _short(self.value),
                "unit": self.unit,
                "ratio": _short(self.ratio),
                "beside": self.beside,
                "limit": _short(self.limit),
                "bar": self.bar,
                "ok": self.ok,
            },
            ensure_ascii=False,
        )


def table(figures: Iterable[Figure]) -> str:
    """The figures as a table, part by part."""
    rows = [("part", "figure", "value", "beside it", "ratio", "bar", "")]
    for figure in figures:
        beside = f"{_human(figure.limit)} {figure.beside}" if figure.limit is not None else ""
        verdict = {True: "held", False: "MISSED", None: ""}[figure.ok]
        ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
        rows.append((figure.part, figure.name, f"{_human(figure.value)} {figure.unit}", beside, ratio, figure.bar, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return float(statistics.median(values))


def percentile(values: Sequence[float], rank: float) -> float:
    """The value below which `rank` per cent of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(rank / 100 * (len(ordered) - 1)))]


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")


def _human(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
