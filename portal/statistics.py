"""Form 10a of Decree 20/2021: who received regular assistance, by group, men and women, and what it cost.

Persons are those listed in the period's last month, money is the whole period's. A person with several rights in a row counts once in
it. Single poor parents are counted as persons; the children they receive for stand beside (domain.md 2.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from portal import door
from portal.law import months
from portal.list_lines import execute
from portal.settlement import Communes
from portal.settlement_lines import scoped

_CHILD_UNTIL, _OLD_FROM = 16, 60
CHILD, ADULT, OLD = "child", "adult", "old"


class Row(Struct, frozen=True):
    """A row of the form: its number, label and categories; `ages` narrows them by the age of the person, () for all ages."""

    number: str
    label: str
    categories: tuple[str, ...] = ()
    ages: tuple[str, ...] = ()


_SEVERE, _VERY_SEVERE = ("5.6-nang", "5.6-nang-te", "5.6-nang-nct"), ("5.6-dbn", "5.6-dbn-te", "5.6-dbn-nct")
_CARE_DISABLED = ("20.2c", "20.2d", "20.2d-te")
_MONTHLY = (
    *("5.1-a", "5.1-b", "5.2", "5.3-a", "5.3-b", "5.4", "5.5a-60", "5.5a-80", "5.5b", "5.5c", "5.5d"),
    *(*_SEVERE, *_VERY_SEVERE, "5.7", "5.8", "HTXH-75", "HTXH-70"),
)
ROWS = (
    Row("I", "TRỢ CẤP XÃ HỘI HÀNG THÁNG", _MONTHLY),
    Row("1", "Trẻ em dưới 16 tuổi không có nguồn nuôi dưỡng", ("5.1-a", "5.1-b")),
    Row("", "Trong đó: dưới 4 tuổi", ("5.1-a",)),
    Row("2", "Người từ 16 đến 22 tuổi đang học", ("5.2",)),
    Row("3", "Người bị nhiễm HIV thuộc hộ nghèo", ("5.3-a", "5.3-b", "5.8")),
    Row("3.1", "Trẻ em dưới 4 tuổi", ("5.3-a",)),
    Row("3.2", "Trẻ em từ đủ 4 đến dưới 16 tuổi", ("5.3-b",)),
    Row("3.3", "Từ đủ 16 tuổi", ("5.8",)),
    Row("4", "Người đơn thân nghèo đang nuôi con", ("5.4",)),
    Row("5", "Người cao tuổi", ("5.5a-60", "5.5a-80", "5.5b", "5.5c", "5.5d")),
    Row("5.1", "Thuộc hộ nghèo, không có người phụng dưỡng", ("5.5a-60", "5.5a-80")),
    Row("5.2", "Từ đủ 75, 80 tuổi không có lương hưu, trợ cấp hằng tháng", ("5.5b", "5.5c")),
    Row("5.3", "Có người nhận chăm sóc tại cộng đồng", ("5.5d",)),
    Row("6", "Người khuyết tật", (*_VERY_SEVERE, *_SEVERE)),
    Row("6.1", "Đặc biệt nặng", _VERY_SEVERE),
    Row("a", "Dưới 16 tuổi", ("5.6-dbn-te",)),
    Row("b", "Từ đủ 16 đến dưới 60 tuổi", ("5.6-dbn",)),
    Row("c", "Từ đủ 60 tuổi", ("5.6-dbn-nct",)),
    Row("6.2", "Nặng", _SEVERE),
    Row("a", "Dưới 16 tuổi", ("5.6-nang-te",)),
    Row("b", "Từ đủ 16 đến dưới 60 tuổi", ("5.6-nang",)),
    Row("c", "Từ đủ 60 tuổi", ("5.6-nang-nct",)),
    Row("7", "Trẻ em dưới 3 tuổi hộ nghèo, cận nghèo vùng đặc biệt khó khăn", ("5.7",)),
    Row("8", "Hưởng trợ cấp hưu trí xã hội (Nghị định 176/2025/NĐ-CP)", ("HTXH-75", "HTXH-70")),
    Row("II", "NHẬN NUÔI DƯỠNG, CHĂM SÓC TẠI CỘNG ĐỒNG", ("20.1a", "20.1b", *_CARE_DISABLED)),
    Row("1", "Trẻ em", ("20.1a", "20.1b"), (CHILD,)),
    Row("", "Trong đó: dưới 4 tuổi", ("20.1a",)),
    Row("2", "Người khuyết tật đặc biệt nặng", _CARE_DISABLED),
    Row("a", "Dưới 16 tuổi", _CARE_DISABLED, (CHILD,)),
    Row("b", "Từ đủ 16 đến dưới 60 tuổi", _CARE_DISABLED, (ADULT,)),
    Row("c", "Từ đủ 60 tuổi", _CARE_DISABLED, (OLD,)),
    Row("3", "Người cao tuổi", ("20.1b",), (ADULT, OLD)),
    Row("III", "NGƯỜI KHUYẾT TẬT MANG THAI, NUÔI CON DƯỚI 36 THÁNG TUỔI", ("20.2a-1", "20.2a-2")),
)
"""The rows of the form this portal knows; those of care facilities are not paid through it."""


class Count(Struct, frozen=True):
    """A row with its figures: persons, of them men and women, lines, and đồng of allowances and arrears."""

    row: Row
    persons: int
    men: int
    women: int
    lines: int
    amount: int


class Form(Struct, frozen=True):
    """The form of a period: its rows, and the funeral grants of the period, how many and in đồng."""

    rows: tuple[Count, ...]
    funerals: int
    funeral_amount: int


def form_10a(first: str, last: str, communes: Communes = None) -> Form:
    """The form over the lists handed to the post office from month to month, within these communes."""
    scope, values = scoped(communes)
    values |= {"first": first, "last": last, "child": months.add(last, -12 * _CHILD_UNTIL), "old": months.add(last, -12 * _OLD_FROM)}
    found: list[Any] = execute(door.store(), _PERSONS.format(scope=scope), values).fetchall()
    sums: list[Any] = execute(door.store(), _SUMS.format(scope=scope), values).fetchall()
    funerals, amount = execute(door.store(), _FUNERALS.format(scope=scope), values).fetchone()
    return Form(tuple(_count(row, found, sums) for row in ROWS), int(funerals), int(amount or 0))


def _count(row: Row, found: Iterable[Any], sums: Iterable[Any]) -> Count:
    persons: dict[str, str] = {}
    lines = 0
    for person, category, sex, age in found:
        if category in row.categories and (not row.ages or age in row.ages):
            persons[person] = sex or ""
            lines += 1
    amount = sum(int(paid) for category, age, paid in sums if category in row.categories and (not row.ages or age in row.ages))
    men = sum(sex == "M" for sex in persons.values())
    women = sum(sex == "F" for sex in persons.values())
    return Count(row, len(persons), men, women, lines, amount)


# The month of birth, January where only the year is known, against the month a child's or an old person's age begins.
_AGE = """CASE WHEN substr(COALESCE(s.birth, '') || '-01', 1, 7) > :child THEN 'child'
  WHEN substr(COALESCE(s.birth, '') || '-01', 1, 7) <= :old THEN 'old' ELSE 'adult' END"""
_FROM = "FROM payment p JOIN payment_list l ON l.id = p.list LEFT JOIN person s ON s.id = p.person WHERE l.state IN ('posted', 'settled')"
_PERSONS = f"SELECT p.person, p.category, s.sex, {_AGE} {_FROM} AND l.month = :last AND p.allowance > 0{{scope}}"
_SUMS = f"""SELECT p.category, {_AGE}, SUM(p.allowance + p.arrears) {_FROM} AND l.month >= :first AND l.month <= :last{{scope}}
GROUP BY p.category, {_AGE}"""
_FUNERALS = f"SELECT COUNT(*), SUM(p.funeral) {_FROM} AND l.month >= :first AND l.month <= :last AND p.funeral > 0{{scope}}"
