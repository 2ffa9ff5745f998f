"""What stands on a month's list: sums against a plain loop, ids, digest, deaths, what was unpaid or is owed from before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from portal import db, door, payment_list
from portal.register import TABLES
from sync.fields import IMPORTER
from sync.ids import named
from tests import district as office
from tests import paper
from tests.district import CASH, MONTH, NOW, District, district, district_file, each_district, line_code, person_id, right_id
from tests.lists import change_right, codes, found, mark, opened, run, settle, step, to

__all__ = ["district", "district_file", "each_district"]
MONTHS = ("2024-06", "2024-07", "2024-10", "2026-07")


@pytest.mark.parametrize("month", MONTHS)
def test_the_list_agrees_line_by_line_with_a_plain_loop(each_district: District, month: str) -> None:
    there = opened(each_district, month, now=datetime(2026, 12, 1, tzinfo=UTC))  # all decrees announced
    with each_district.open():
        expected = paper.lines(month)
        assert paper.listed(there.id) == expected
    assert there.lines == len(expected)
    assert there.total == sum(line.allowance for line in expected.values()) > 0


def test_a_right_pays_from_its_first_month_until_before_the_first_unpaid_one(each_district: District) -> None:
    change_right(each_district, "dao", start_month="2024-11")
    change_right(each_district, "duong", stop_month="2024-10")
    change_right(each_district, "hoa", stop_month="2024-11")
    change_right(each_district, "an", suspended_from="2024-10")
    there = opened(each_district)
    with each_district.open():
        codes = set(paper.listed(there.id))
    assert codes.isdisjoint({line_code("dao"), line_code("duong"), line_code("an"), line_code("lan")})
    assert line_code("hoa") in codes


def test_a_line_says_who_gets_it_and_how(each_district: District) -> None:
    opened(each_district)
    rows = {
        row[0]: row[1:]
        for row in run(each_district, "SELECT line_code, method, bank, account, holder, recipient, home_delivery FROM payment")
    }
    assert rows[line_code("dao")] == ("cash", None, None, None, "Nguyễn Thị Đào", False)
    assert rows[line_code("duong")][5] == True  # noqa: E712 - SQLite says 1
    assert rows[line_code("yen")][4] == "Bùi Văn Nam"
    assert rows[line_code("my", 2)][:5] == ("bank", "Agribank", "00009911112222", "NGUYEN VAN TAM", "Hoàng Văn Tám (cha)")


def test_without_a_way_of_payment_of_its_own_a_right_is_paid_as_its_person(each_district: District) -> None:
    change_right(each_district, "phuc", payment_method=None, method=None, bank=None, account=None, holder=None)
    opened(each_district)
    row = run(each_district, "SELECT method, bank, account, holder FROM payment WHERE line_code = ?", line_code("phuc"))
    assert row == [("bank", "LPBank", "00009900000007", "TRAN PHUC")]


def test_an_alternate_recipient_whose_paper_has_lapsed_gets_nothing(each_district: District) -> None:
    opened(each_district, "2026-01")
    assert run(each_district, "SELECT recipient FROM payment WHERE line_code = ?", line_code("yen")) == [("Bùi Thị Yến",)]


def test_lines_lie_as_the_door_would_write_them(each_district: District) -> None:
    each_district.report_death("dao", "2024-10-01")
    opened(each_district)
    with each_district.open():
        for record in door.shelf().where("payment", {"month": MONTH}):
            row = TABLES["payment"].row(None, record.fields)
            stored = run(each_district, f"SELECT {', '.join(row)} FROM payment WHERE id = ?", record.id)[0]
            assert dict(zip(row, stored, strict=True)) == row


def test_ids_share_all_but_their_end_and_follow_the_order_of_the_list(each_district: District) -> None:
    opened(each_district)
    rows = run(each_district, "SELECT id, commune, hamlet, sort_key, line_code FROM payment ORDER BY id")
    assert len({row[0][:24] for row in rows}) == 1
    assert [row[1:] for row in rows] == sorted(row[1:] for row in rows)


def test_one_right_stands_once_even_where_the_register_has_it_twice(each_district: District) -> None:
    values = {
        "person": person_id("dao"),
        "commune": "18568",
        "line_code": line_code("dao"),
        "category": "5.5c",
        "coefficient10": 10,
        "start_month": "2024-05",
        "payment_method": CASH,
    }
    result = each_district.submit(IMPORTER, "entitlement", named("x"), {k: (None, v) for k, v in values.items()}, create=True)
    assert result.status == "accepted"
    there = opened(each_district)
    assert len(run(each_district, "SELECT id FROM payment WHERE line_code = ?", line_code("dao"))) == 1
    assert "TWO_RIGHTS" in codes(each_district, there)


def test_built_again_from_the_same_register_it_is_the_same_list_under_new_ids(each_district: District) -> None:
    first = opened(each_district)
    before = run(each_district, "SELECT id FROM payment")
    assert each_district.submit("huyen", "payment_list", first.id, {"build": (1, 2)}).fields == {"build": "applied"}
    second = found(each_district)
    assert (second.digest, second.lines, second.total, second.build) == (first.digest, first.lines, first.total, 2)
    assert set(before).isdisjoint(run(each_district, "SELECT id FROM payment"))


def test_sqlite_and_postgresql_make_the_same_list(district: District, postgres_url: str) -> None:

    mine = opened(district).digest
    db.disconnect()
    office.build(postgres_url)
    with office.served(postgres_url) as other:
        assert opened(other).digest == mine


@pytest.mark.parametrize(
    ("column", "value"),
    [("account", "000099123"), ("holder", "AI KHAC"), ("coefficient10", 30), ("payee", "Người khác")],
)
def test_the_digest_tells_any_change_of_what_is_paid(district: District, column: str, value: Any) -> None:
    first = opened(district)
    change_right(district, "phuc", **{column: value})
    with district.open():
        assert payment_list.is_stale(first, NOW)
    district.submit("huyen", "payment_list", first.id, {"build": (1, 2)})
    assert found(district).digest != first.digest


def test_a_build_that_somebody_was_quicker_with_is_not_done_twice(district: District) -> None:
    there = opened(district)
    for expected in ("applied", "conflict"):
        assert district.submit("huyen", "payment_list", there.id, {"build": (1, 2)}).fields == {"build": expected}


@pytest.mark.parametrize(("day", "due"), [("2024-10-02", True), ("2024-09-20", False)])
def test_a_reported_death_holds_the_line_back_whether_reported_before_or_after(each_district: District, day: str, due: bool) -> None:
    first = opened(each_district)
    change = each_district.report_death("dao", day)
    held = "SELECT hold, state FROM payment WHERE person = ?"
    after = run(each_district, held, person_id("dao"))
    each_district.submit("huyen", "payment_list", first.id, {"build": (1, 2)})
    assert run(each_district, held, person_id("dao")) == after
    assert msgspec.json.decode(after[0][0]) == {"reason": "CHET", "change": change, "due": due}
    assert after[0][1] == "withheld"
    assert found(each_district).digest == first.digest


def test_what_a_person_held_back_stays_so_when_the_list_is_built_again(each_district: District) -> None:
    there = to(each_district, "frozen")
    line = run(each_district, "SELECT id FROM payment WHERE line_code = ?", line_code("hoa"))[0][0]
    each_district.submit("huyen", "payment", line, {"hold": (None, {"reason": "x"})}, why="chờ xác minh")
    step(each_district, "frozen", "draft", why="thiếu người")
    each_district.submit("huyen", "payment_list", there.id, {"build": (1, 2)})
    rows = run(each_district, "SELECT state, hold FROM payment WHERE line_code = ?", line_code("hoa"))
    assert rows[0][0] == "withheld"
    assert "chờ xác minh" in rows[0][1]


def test_what_nobody_collected_is_carried_into_the_next_list_and_once_only(each_district: District) -> None:
    to(each_district, "posted")
    mark(each_district, "dao", "uncollected")
    mark(each_district, "hoa", "paid")
    each_district.report_death("ut", "2024-10-03", who="xa2")
    run_lines = "SELECT line_code, allowance, carried_over, carried_from, total FROM payment WHERE month = ? AND line_code IN (?, ?, ?)"
    asked = (line_code("dao"), line_code("hoa"), line_code("ut"))
    with each_district.open(), db.write_transaction():
        door.store().run("UPDATE payment SET state = 'paid' WHERE month = ? AND state = 'planned'", (MONTH,))
    settle(each_district, MONTH)
    change_right(each_district, "ut", stop_month="2024-11", stop_reason="CHET")
    opened(each_district, "2024-11")
    assert sorted(run(each_district, run_lines, "2024-11", *asked)) == [
        (line_code("dao"), 500_000, 500_000, '["2024-10"]', 1_000_000),
        (line_code("hoa"), 750_000, 0, None, 750_000),
        # Died in October: October is due, November is not.
        (line_code("ut"), 0, 500_000, '["2024-10"]', 500_000),
    ]
    each_district.submit("huyen", "payment_list", named("list", "2024-11"), {"build": (1, 2)})
    with each_district.open(), db.write_transaction():
        door.store().run("UPDATE payment SET state = 'paid' WHERE month = '2024-11' AND line_code <> ?", (line_code("dao"),))
    settle(each_district, "2024-11")
    opened(each_district, "2024-12")
    assert sorted(run(each_district, run_lines, "2024-12", *asked)) == [
        (line_code("dao"), 500_000, 1_000_000, '["2024-10","2024-11"]', 1_500_000),
        (line_code("hoa"), 750_000, 0, None, 750_000),
    ]
    there = found(each_district, "2024-12")
    assert "UNCOLLECTED" in codes(each_district, there)


def test_a_line_that_brings_something_stands_in_its_place_among_those_that_do_not(each_district: District) -> None:
    to(each_district, "posted")
    mark(each_district, "dao", "uncollected")
    with each_district.open(), db.write_transaction():
        door.store().run("UPDATE payment SET state = 'paid' WHERE month = ? AND line_code NOT IN (?, ?)", (MONTH, *map(line_code, ("dao", "ut"))))
    settle(each_district, MONTH)
    change_right(each_district, "ut", stop_month="2024-11", stop_reason="CHET")
    change_right(each_district, "hoa", coefficient10=20, start_month="2024-10")
    there = opened(each_district, "2024-11")
    rows = run(
        each_district,
        "SELECT commune, hamlet, sort_key, line_code, allowance > 0, arrears, carried_over FROM payment WHERE list = ? ORDER BY id",
        there.id,
    )
    assert [row[:4] for row in rows] == sorted(row[:4] for row in rows)
    kinds = {row[3]: (bool(row[4]), row[5] > 0, row[6] > 0) for row in rows}
    told = {line_code("dao"): (True, False, True), line_code("ut"): (False, False, True), line_code("hoa"): (True, True, False)}
    assert {code: kinds[code] for code in told} == told
    assert {kind for code, kind in kinds.items() if code not in told} == {(True, False, False)}
    with each_district.open():
        assert not payment_list.is_stale(there, NOW)


def test_money_held_back_for_a_death_that_was_none_is_paid_later_and_the_undue_never(each_district: District) -> None:
    alive = each_district.report_death("dao", "2024-09-20")
    each_district.report_death("duong", "2024-09-20")
    to(each_district, "posted")
    settle(each_district, MONTH)
    with each_district.open(), db.write_transaction():
        door.store().run("UPDATE payment SET state = 'paid' WHERE state = 'planned'")
        door.store().run("UPDATE change SET state = 'rejected' WHERE id = ?", (alive,))
    opened(each_district, "2024-11")
    sql = "SELECT carried_over, state FROM payment WHERE month = '2024-11' AND line_code = ?"
    assert run(each_district, sql, line_code("dao")) == [(500_000, "planned")]
    assert run(each_district, sql, line_code("duong")) == [(0, "withheld")]


def test_a_first_line_brings_the_months_since_it_counts_at_their_own_rates(each_district: District) -> None:
    change_right(each_district, "dao", start_month="2024-05")
    with each_district.open(), db.write_transaction():
        door.store().run("UPDATE entitlement SET suspended_from = '2000-01' WHERE id = ?", (right_id("dao"),))
    for month in ("2024-05", "2024-06", "2024-07"):
        opened(each_district, month)
    change_right(each_district, "dao", suspended_from=None)
    opened(each_district, "2024-08")
    sql = "SELECT arrears, allowance, total FROM payment WHERE month = ? AND line_code = ?"
    assert run(each_district, sql, "2024-08", line_code("dao")) == [(360_000 * 2 + 500_000, 500_000, 1_720_000)]
    assert run(each_district, "SELECT COUNT(*) FROM payment WHERE arrears > 0") == [(1,)]
    opened(each_district, "2024-09")
    assert run(each_district, sql, "2024-09", line_code("dao")) == [(0, 500_000, 500_000)]


def test_a_right_from_before_the_first_list_brings_no_arrears(district: District) -> None:
    opened(district, "2024-10")
    assert run(district, "SELECT SUM(arrears) FROM payment") == [(0,)]
