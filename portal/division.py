"""A month's list divided: lines and đồng by commune, category and way of payment, as one question of the database."""

from __future__ import annotations

from msgspec import Struct

from portal import door

HEADINGS = ("commune_code", "category", "method", "lines", "amount", "arrears", "carried_over", "funeral", "total", "paid")


class Share(Struct, frozen=True):
    """The lines of one commune, category and method, addenda included; sums in đồng. `paid` is what of `total` has been paid."""

    commune_code: str
    category: str
    method: str
    lines: int
    amount: int
    arrears: int
    carried_over: int
    funeral: int
    total: int
    paid: int

    @property
    def cells(self) -> tuple[str | int, ...]:
        """The values under `HEADINGS`."""
        return tuple(getattr(self, name) for name in HEADINGS)


def of_month(month: str) -> list[Share]:
    """The shares of a month's list in the order of their keys; none where there is no list."""
    store = door.store()
    found = store.run("SELECT id FROM payment_list WHERE month = ?", (month,)).fetchone()
    if found is None:
        return []
    # Asked by the list itself: joined with it, PostgreSQL reads the lines of every month there is.
    sql = """SELECT commune, category, method, COUNT(*), SUM(allowance), SUM(arrears), SUM(carried_over), SUM(funeral), SUM(total),
        SUM(total) FILTER (WHERE state = 'paid') FROM payment WHERE list = ? GROUP BY commune, category, method"""
    rows = store.run(sql, found).fetchall()
    shares = [Share(row[0] or "", row[1] or "", row[2] or "", *(int(figure or 0) for figure in row[3:])) for row in rows]
    return sorted(shares, key=lambda share: (share.commune_code, share.category, share.method))
