"""Sums by month and commune against a plain loop, and `portal list` that writes them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from portal import cli, db, door, totals
from tests import paper
from tests.district import MONTH, District, district, district_file, each_district, line_code
from tests.lists import change_right, mark, run, to

__all__ = ["district", "district_file", "each_district"]
COMMUNES = ("18568", "18580")


@pytest.fixture
def moving(each_district: District) -> Iterator[District]:
    """A district in which somebody came in July, one died in August, one moved on in September."""
    change_right(each_district, "hoa", start_month="2024-07")
    change_right(each_district, "an", stop_month="2024-09", stop_reason="CHET")
    change_right(each_district, "ut", stop_month="2024-10", stop_reason="CHUYEN_DI")
    with each_district.open():
        yield each_district


def test_each_month_and_commune_agrees_with_a_plain_loop(moving: District) -> None:
    rows = list(totals.entitled("2024-06", "2024-11", by_commune=True))
    assert [(row.month, row.commune_code) for row in rows] == [
        (f"2024-{month:02d}", commune) for month in range(6, 12) for commune in ("", *COMMUNES)
    ]
    before = paper.lines("2024-05")
    for month in sorted({row.month for row in rows}):
        now = paper.lines(month)
        for row in (row for row in rows if row.month == month):
            was = {code for code, line in before.items() if row.commune_code in ("", line.commune)}
            own = {code: line for code, line in now.items() if row.commune_code in ("", line.commune)}
            assert row.lines == len(own)
            assert (row.increases, row.decreases) == (len(own.keys() - was), len(was - own.keys()))
            assert row.coefficient10 == sum(line.coefficient10 for line in own.values())
            assert row.amount == sum(line.allowance for line in own.values())
            assert row.account_lines == sum(line.method == "bank" for line in own.values())
            assert row.account_lines + row.cash_lines == row.lines
            assert row.rate == paper.rate(month)
        before = now


def test_deaths_are_the_decreases_that_were_deaths(moving: District) -> None:
    by_month = {row.month: (row.increases, row.decreases, row.deaths) for row in totals.entitled("2024-07", "2024-10")}
    assert by_month == {"2024-07": (1, 0, 0), "2024-08": (0, 1, 1), "2024-09": (0, 1, 1), "2024-10": (0, 1, 0)}


def test_what_was_paid_is_only_what_somebody_received(each_district: District) -> None:
    to(each_district, "posted")
    mark(each_district, "dao", "paid")
    mark(each_district, "hoa", "uncollected")
    with each_district.open():
        row, *communes = totals.paid(MONTH, MONTH, by_commune=True)
    assert (row.lines, row.amount) == (13, 500_000)
    assert [(each.commune_code, each.amount) for each in communes] == [("18568", 500_000), ("18580", 0)]


def portal(here: District, *arguments: str) -> Result:
    db.disconnect()
    environment = {"PORTAL_DATABASE": here.url, "PORTAL_SECRET_KEY": "a key for tests only, 32 or more"}
    return CliRunner().invoke(cli.main, ["list", *arguments], env=environment)


def test_the_command_writes_the_table_under_the_headings_of_the_reports(district: District) -> None:
    written = portal(district, "totals", "--from", "2024-10", "--to", "2024-10", "--by", "commune", "--format", "csv")
    assert written.exit_code == 0, written.output
    assert written.output.splitlines()[:2] == [
        "month,commune_code,rate,lines,increases,decreases,deaths,coefficient_sum,amount,account_lines,cash_lines",
        "2024-10,,500000,13,0,0,0,18.0,9000000,3,10",
    ]
    assert [row["commune_code"] for row in csv.DictReader(written.output.splitlines())] == ["", *COMMUNES]
    as_json = json.loads(portal(district, "totals", "--from", "2024-10", "--to", "2024-10", "--json").output)
    assert as_json[0]["amount"] == 9_000_000


def test_the_command_writes_every_line_of_a_list(district: District) -> None:
    to(district, "draft")
    written = portal(district, "lines", MONTH, "--format", "csv")
    rows = {row["line_code"]: row for row in csv.DictReader(written.output.splitlines())}
    assert len(rows) == 13
    assert rows[line_code("hoa")] == {
        "line_code": line_code("hoa"), "person_code": line_code("hoa")[:-2], "commune_code": "18568", "category": "5.6-nang",
        "coefficient": "1.5", "amount": "750000", "arrears": "0", "carried_over": "0", "total": "750000", "method": "cash", "state": "planned",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("lines", "2024-11"), 1),
        (("lines", "thang 10"), 2),
        (("totals", "--from", "2024-13", "--to", "2025-01"), 2),
        (("totals", "--from", "2024-10", "--to", "2024-09"), 2),
        (("totals", "--from", "2014-01", "--to", "2014-02"), 1),
        (("totals",), 2),
    ],
)
def test_what_cannot_be_asked_ends_with_a_code(district: District, arguments: tuple[str, ...], code: int) -> None:
    assert portal(district, *arguments).exit_code == code


def test_all_lines_of_a_long_list_are_written(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    to(district, "draft")
    with district.open(), db.write_transaction():
        columns = [row[1] for row in run(district, "PRAGMA table_info(payment)") if row[1] not in ("id", "line_code")]
        names = ", ".join(f'"{name}"' for name in columns)
        for number in range(120):
            door.store().run(
                f"INSERT INTO payment (id, line_code, {names}) SELECT id || ?, line_code || ?, {names} FROM payment WHERE length(id) = 36",
                (f"-{number}", f"-{number}"),
            )
    with district.open():
        assert len({row[0] for row in totals.lines(MONTH)}) == 13 * 121
