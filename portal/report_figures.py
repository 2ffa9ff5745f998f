"""The figures of an official report: what people were entitled to, what was listed and paid, by month, commune, year and group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from portal import door, entitlement, result, totals
from portal.list_lines import execute
from portal.result import Figure, Moves, Period, Why
from portal.settlement import Communes
from portal.settlement_lines import scoped
from portal.statistics import Form, form_10a
from portal.totals import Total

__all__ = ["Asked", "Figures", "Form", "average", "form_10a", "lines", "millions", "months", "of_period"]
PAGE = 50
_MILLION = 1_000_000
_STATES = {"unpaid": ("uncollected", "rejected", "withheld", "planned")}


class Entitled(Struct, frozen=True):
    """What the register says people were entitled to: sums over the months, and the months."""

    months: tuple[Total, ...]
    lines: int
    increases: int
    decreases: int
    deaths: int
    coefficient10: int
    amount: int

    @property
    def average(self) -> int:
        """Lines a month, rounded."""
        return average(self.lines, len(self.months))


class Part(Struct, frozen=True):
    """A part of the period with a table of its own: a year, or the months of one; `count` months have a list."""

    when: str
    last: str
    count: int
    whole: Figure
    communes: tuple[Figure, ...]


class Group(Struct, frozen=True):
    """A group of categories, as everybody may know it."""

    label: str
    persons: int
    lines: int
    amount: int


class Figures(Struct, frozen=True):
    """Everything a report says in numbers; `moves` and `reasons` only of a single month."""

    first: str
    last: str
    entitled: Entitled
    whole: Figure
    last_month: Figure
    months: tuple[Figure, ...]
    parts: tuple[Part, ...]
    groups: tuple[Group, ...]
    moves: Moves | None
    reasons: tuple[Why, ...]

    def named(self) -> dict[str, Any]:
        """The figures by name, for a template."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


class Asked(Struct, frozen=True):
    """The lines of a figure: of the months `first` to `last`, in a state ("unpaid": any but paid), by a method, paid in a way."""

    first: str
    last: str
    state: str = ""
    method: str = ""
    how: str = ""
    after: str = ""


class Line(Struct, frozen=True):
    """A line behind a figure."""

    id: str
    month: str
    line_code: str
    person: str
    full_name: str
    commune: str
    total: int
    method: str
    state: str


def months(first: str, last: str) -> list[str]:
    """The months of the period whose list was handed to the post office, in order."""
    return sorted(month for month in result.months() if first <= month <= last)


def of_period(first: str, last: str, communes: Communes = None) -> Figures | None:
    """The figures of the months `first` to `last` within these communes; None where no list was handed to the post office."""
    found = result.of_period(first, last, communes)
    if found is None:
        return None
    single = result.of_month(first, communes) if first == last else None
    return Figures(
        first=found.first,
        last=found.last,
        entitled=_entitled(found, communes),
        whole=found.whole,
        last_month=found.months[-1],
        months=found.months,
        parts=_parts(found, communes),
        groups=_groups(found, communes),
        moves=single.moves[""] if single else None,
        reasons=single.reasons if single else (),
    )


def lines(asked: Asked, communes: Communes) -> tuple[list[Line], str]:
    """A page of the lines behind a figure, by id, and the id to page on by, "" at the end."""
    scope, values = scoped(communes)
    conditions = ["l.state IN ('posted', 'settled')", "l.month >= :first", "l.month <= :last", "p.id > :after"]
    states = _STATES.get(asked.state, (asked.state,) if asked.state else ())
    if states:
        conditions.append(f"p.state IN ({', '.join(f':state{number}' for number in range(len(states)))})")
    if asked.method:
        conditions.append("p.method = 'cash'" if asked.method == "cash" else "p.method <> 'cash'")
    if asked.how:
        conditions.append("p.mark LIKE :how")
    values |= {"first": asked.first, "last": asked.last, "after": asked.after, "how": f'%"how":"{asked.how}"%', "limit": PAGE + 1}
    values |= {f"state{number}": state for number, state in enumerate(states)}
    sql = f"""SELECT p.id, p.month, p.line_code, p.person, p.full_name, p.commune, p.total, p.method, p.state
        FROM payment p JOIN payment_list l ON l.id = p.list WHERE {" AND ".join(conditions)}{scope} ORDER BY p.id LIMIT :limit"""
    rows = [Line(*row) for row in execute(door.store(), sql, values).fetchall()]
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else ""


def average(count: int, over: int) -> int:
    """A count a month, rounded half up."""
    return (2 * count + over) // (2 * over) if over else 0


def millions(amounts: Iterable[int]) -> tuple[list[str], bool]:
    """Amounts in millions of đồng with two decimals, the last being the total; and whether the rounded ones add up to it."""
    hundredths = [(2 * amount + _MILLION // 100) // (_MILLION // 50) for amount in amounts]
    *parts, whole = hundredths
    texts = [f"{value // 100:,}".replace(",", ".") + f",{value % 100:02d}" for value in hundredths]
    return texts, sum(parts) == whole


def _entitled(found: Period, communes: Communes) -> Entitled:
    listed = {each.month for each in found.months}
    told = [each for each in _totals(found.first, found.last, communes) if each.month in listed]
    sums = [sum(getattr(each, name) for each in told) for name in ("lines", "increases", "decreases", "deaths", "coefficient10", "amount")]
    return Entitled(tuple(told), *sums)


def _totals(first: str, last: str, communes: Communes) -> list[Total]:
    if communes is None:
        return [each for each in totals.entitled(first, last) if not each.commune_code]
    by_month: dict[str, list[Total]] = {}
    for each in totals.entitled(first, last, by_commune=True):
        if each.commune_code in communes:
            by_month.setdefault(each.month, []).append(each)
    return [_sum(some) for some in by_month.values()]


def _sum(some: list[Total]) -> Total:
    names = ("lines", "increases", "decreases", "deaths", "coefficient10", "amount", "account_lines", "cash_lines")
    return Total(some[0].month, "", some[0].rate, *(sum(getattr(each, name) for each in some) for name in names))


def _parts(found: Period, communes: Communes) -> tuple[Part, ...]:
    """A table a year, and one of the whole where there are several."""
    years = sorted({each.month[:4] for each in found.months})
    some = [result.of_period(max(found.first, f"{year}-01"), min(found.last, f"{year}-12"), communes) for year in years]
    if len(years) > 1:
        some.append(found)
    return tuple(
        Part(_when(each.first, each.last), each.last, len(each.months), each.whole, each.communes) for each in some if each is not None
    )


def _when(first: str, last: str) -> str:
    if first == last:
        return f"tháng {first[5:]}/{first[:4]}"
    if first[:4] == last[:4] and first.endswith("-01") and last.endswith("-12"):
        return f"năm {first[:4]}"
    return f"từ tháng {first[5:]}/{first[:4]} đến tháng {last[5:]}/{last[:4]}"


def _groups(found: Period, communes: Communes) -> tuple[Group, ...]:
    scope, values = scoped(communes)
    sql = f"""SELECT p.category, COUNT(DISTINCT p.person), COUNT(*), SUM(p.allowance + p.arrears) FROM payment p
        JOIN payment_list l ON l.id = p.list WHERE l.state IN ('posted', 'settled') AND l.month >= :first AND l.month <= :last{scope}
        GROUP BY p.category ORDER BY p.category"""
    sums: dict[str, list[int]] = {}
    for category, persons, count, amount in execute(door.store(), sql, {"first": found.first, "last": found.last, **values}).fetchall():
        kept = sums.setdefault(entitlement.group(category or "", found.last) or "–", [0, 0, 0])
        for place, value in enumerate((persons, count, amount or 0)):
            kept[place] += int(value)
    return tuple(Group(label, *kept) for label, kept in sums.items())
