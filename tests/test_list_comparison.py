"""A list against the month before: opening + increases - decreases = closing, and line by line."""

from __future__ import annotations

import pytest

from portal import db, door, list_comparison
from tests import paper
from tests.district import District, district, district_file, each_district, line_code, person_id
from tests.lists import change_right, opened

__all__ = ["district", "district_file", "each_district"]


@pytest.mark.parametrize("by", ["", "commune", "category"])
def test_opening_plus_increases_minus_decreases_is_closing(each_district: District, by: str) -> None:
    with each_district.open():
        expected_then = paper.lines("2024-08")  # before the first list of all stands the register
    for month in ("2024-09", "2024-10"):
        if month == "2024-10":
            change_right(each_district, "dao", stop_month="2024-10", stop_reason="CHET")
            change_right(each_district, "hoa", category="5.6-dbn", coefficient10=20)
            with each_district.open(), db.write_transaction():
                door.store().run("UPDATE person SET commune = '18568' WHERE id = ?", (person_id("ut"),))
        there = opened(each_district, month)
        with each_district.open():
            expected_now = paper.lines(month)
            rows = list_comparison.movements(there, by)
        keys = [getattr(line, by) if by else "" for line in (*expected_then.values(), *expected_now.values())]
        assert [row.key for row in rows] == sorted(set(keys))
        for row in rows:
            was = {code: line for code, line in expected_then.items() if not by or getattr(line, by) == row.key}
            now = {code: line for code, line in expected_now.items() if not by or getattr(line, by) == row.key}
            assert (row.opening, row.closing) == (len(was), len(now))
            assert (row.increases, row.decreases) == (len(now.keys() - was.keys()), len(was.keys() - now.keys()))
            assert row.opening + row.increases - row.decreases == row.closing
            assert row.opening_amount == sum(line.allowance for line in was.values())
            assert row.closing_amount == sum(line.allowance for line in now.values())
            assert row.opening_amount + row.increase_amount - row.decrease_amount + row.adjusted == row.closing_amount
        expected_then = expected_now


def test_each_line_that_differs_is_named_with_what_differs(each_district: District) -> None:
    opened(each_district, "2024-09")
    change_right(each_district, "dao", stop_month="2024-10", stop_reason="CHET")
    change_right(each_district, "hoa", category="5.6-dbn", coefficient10=20)
    change_right(each_district, "duong", method="bank", bank="Agribank", account="000099777", holder="DANG VAN DUONG")
    change_right(each_district, "an", start_month="2024-10")
    run_delete = "DELETE FROM payment WHERE month = '2024-09' AND line_code = ?"
    with each_district.open(), db.write_transaction():
        door.store().run(run_delete, (line_code("an"),))
    there = opened(each_district, "2024-10")
    with each_district.open():
        rows, after = list_comparison.differences(there)
        pages = [list_comparison.differences(there, limit=3), list_comparison.differences(there, limit=3, after=rows[2].line_code)]
        ended, _ = list_comparison.differences(there, kind="ended")
        other, _ = list_comparison.differences(there, ["18580"])
    assert {(row.line_code, row.kind, row.before, row.after) for row in rows} == {
        (line_code("dao"), "ended", 500_000, 0),
        (line_code("duong"), "method", 500_000, 500_000),
        (line_code("hoa"), "amount", 750_000, 1_000_000),
        (line_code("an"), "added", 0, 750_000),
    }
    assert after == ""
    assert [row for page, _ in pages for row in page] == rows
    assert [row.reason for row in ended] == ["CHET"]
    assert other == []


def test_categories_under_the_same_words_are_one_row(district: District) -> None:
    there = opened(district)
    with district.open():
        rows = list_comparison.movements(there, "category")
    merged = list_comparison.in_words(rows, lambda code: code.partition(".")[0])
    assert [row.key for row in merged] == ["20", "5"]
    assert sum(row.closing for row in merged) == there.lines
    assert sum(row.closing_amount for row in merged) == there.total
