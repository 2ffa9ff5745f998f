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
    sql = """SELECT p.commune, p.category, p.method, COUNT(*), SUM(p.allowance), SUM(p.arrears), SUM(p.carried_over), SUM(p.funeral),
        SUM(p.total), SUM(CASE WHEN p.state = 'paid' THEN p.total ELSE 0 END)
        FROM payment_list l JOIN payment p ON p.list = l.id WHERE l.month = ? GROUP BY p.commune, p.category, p.method"""
    rows = door.store().run(sql, (month,)).fetchall()
    shares = [Share(row[0] or "", row[1] or "", row[2] or "", *(int(figure or 0) for figure in row[3:])) for row in rows]
    return sorted(shares, key=lambda share: (share.commune_code, share.category, share.method))
