"""A list divided by commune, category and method: the parts are the whole."""

from __future__ import annotations

from collections import Counter

from click.testing import CliRunner

from portal import cli, db, division
from tests.district import MONTH, District, district, district_file, each_district
from tests.lists import mark, run, to

__all__ = ["district", "district_file", "each_district"]


def test_the_shares_are_the_list_counted_by_hand(each_district: District) -> None:
    to(each_district, "posted")
    mark(each_district, "hoa", "paid")
    rows = run(each_district, "SELECT commune, category, method, total, state FROM payment")
    lines, sums, paid = Counter[tuple[str, ...]](), Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for commune, category, method, total, state in rows:
        key = (commune, category, method)
        lines[key] += 1
        sums[key] += total
        paid[key] += total if state == "paid" else 0
    with each_district.open():
        shares = division.of_month(MONTH)
        assert division.of_month("2031-01") == []
    assert {(share.commune_code, share.category, share.method): (share.lines, share.total, share.paid) for share in shares} == {
        key: (lines[key], sums[key], paid[key]) for key in lines
    }
    assert [share.cells[:3] for share in shares] == sorted(lines)


def test_the_command_writes_them_and_says_where_there_is_no_list(district: District) -> None:
    to(district, "draft")
    db.disconnect()
    environment = {"PORTAL_DATABASE": district.url, "PORTAL_SECRET_KEY": "a key for tests only, 32 or more"}
    written = CliRunner().invoke(cli.main, ["list", "division", MONTH], env=environment)
    assert written.output.splitlines()[:2] == [
        "commune_code,category,method,lines,amount,arrears,carried_over,funeral,total,paid",
        "18568,20.2c,bank,1,500000,0,0,0,500000,0",
    ]
    assert CliRunner().invoke(cli.main, ["list", "division", "2031-01"], env=environment).exit_code == 1
