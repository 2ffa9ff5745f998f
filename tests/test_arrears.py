"""Arrears by themselves: a late rate, late facts, resumption; told month by month, given once, never below zero."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portal import arrears, door, entitlement, payment_list, verify
from portal.law import book
from portal.list_sql import execute
from sync.ids import named
from sync.kinds.change import shown_digest
from tests.district import MONTH, District, district, district_file, each_district, line_code, person_id, right_id
from tests.lists import agree, change_right, found, opened, run, settle, step, to

__all__ = ["district", "district_file", "each_district"]


def closed(month: str) -> datetime:
    """The 24th of the month before: the list of `month` is closed then (Decree 20/2021, article 34.4)."""
    year, number = int(month[:4]), int(month[5:]) - 1
    return datetime(year - (number == 0), number or 12, 24, 3, 0, tzinfo=UTC)


def sums(here: District, month: str) -> dict[str, tuple[int, int]]:
    """Line code → (own sum, arrears) on a month's list."""
    rows = run(here, "SELECT line_code, allowance, arrears FROM payment WHERE month = ? ORDER BY addendum", month)
    return {code: (int(own), int(back)) for code, own, back in rows}


def parts(here: District, month: str) -> list[tuple[Any, ...]]:
    sql = """SELECT a.line_code, a.month, a.rate, a.coefficient10, a.due, a.given, a.amount FROM arrears a JOIN payment_list l ON l.id = a.list
        WHERE l.month = ? ORDER BY a.line_code, a.month, a.addendum"""
    return run(here, sql, month)


FILED_LATE = """
[decree]
id = "NQ-99-2024"
number = "Nghị quyết 99/2024/NQ-HĐND"
about = "Mức chuẩn của tỉnh"
announced = "2024-10-01"
in_force = "2024-10-01"
[[rate]]
name = "base"
province = "99"
amount = 600000
since = "2024-10"
article = "Điều 2"
"""


class TestALateRate:
    def test_july_2024_is_paid_at_the_old_level_and_august_brings_the_rest_for_every_line_of_july(self, each_district: District) -> None:
        for month in ("2024-06", "2024-07", "2024-08", "2024-09"):
            opened(each_district, month, now=closed(month))
        coefficients = dict(run(each_district, "SELECT line_code, coefficient10 FROM payment WHERE month = '2024-07'"))
        july, august, september = (sums(each_district, month) for month in ("2024-07", "2024-08", "2024-09"))
        assert line_code("lan") in july, "died on 15 July: July is due"
        assert july == {code: (36_000 * ten, 0) for code, ten in coefficients.items()}
        assert august.pop(line_code("lan")) == (0, 140_000), "what is owed for July is owed to those who ended, too"
        assert august == {code: (50_000 * ten, 14_000 * ten) for code, ten in coefficients.items() if code != line_code("lan")}
        assert september == {code: (50_000 * ten, 0) for code, ten in coefficients.items() if code != line_code("lan")}
        assert parts(each_district, "2024-08") == sorted(
            (code, "2024-07", 500_000, ten, 50_000 * ten, 36_000 * ten, 14_000 * ten) for code, ten in coefficients.items()
        )

    def test_a_decree_filed_after_lists_were_closed_without_it_brings_what_they_lacked_once(self, each_district: District, tmp_path: Path) -> None:
        months = ("2024-10", "2024-11", "2024-12")
        for month in months:
            opened(each_district, month, now=closed(month))
        (tmp_path / "99.toml").write_text(FILED_LATE, encoding="utf-8")
        book.use([tmp_path], "99")
        try:
            opened(each_district, "2025-01", now=closed("2025-01"))
            opened(each_district, "2025-02", now=closed("2025-02"))
        finally:
            book.use()
        dao = [sums(each_district, month)[line_code("dao")] for month in (*months, "2025-01", "2025-02")]
        assert dao == [(500_000, 0)] * 3 + [(600_000, 300_000), (600_000, 0)]

    def test_the_decree_counts_from_the_day_it_is_known_not_from_the_day_it_was_issued(self, district: District) -> None:
        early = opened(district, "2024-07", now=datetime(2024, 7, 3, 3, tzinfo=UTC))
        assert sums(district, "2024-07")[line_code("dao")] == (360_000, 0)
        with district.open():
            assert not payment_list.is_stale(early, datetime(2024, 7, 3, 9, tzinfo=UTC))
            assert payment_list.is_stale(early, datetime(2024, 7, 4, 3, tzinfo=UTC))
        late = datetime(2024, 7, 4, 3, tzinfo=UTC)
        pairs: dict[str, tuple[Any, Any]] = {"state": ("draft", "frozen")}
        refused = district.submit("huyen", "payment_list", early.id, pairs, now=late)
        assert refused.reason is not None
        assert refused.reason.detail == "changed"
        district.submit("huyen", "payment_list", early.id, {"build": (1, 2)}, now=late)
        assert sums(district, "2024-07")[line_code("dao")] == (500_000, 0)
        opened(district, "2024-08", now=closed("2024-08"))
        assert sums(district, "2024-08")[line_code("dao")] == (500_000, 0)

    def test_july_2026_issued_in_august_counts_back_to_july(self, each_district: District) -> None:
        for month in ("2026-06", "2026-07", "2026-08", "2026-09", "2026-10"):
            opened(each_district, month, now=closed(month))
        hoa = [sums(each_district, month)[line_code("hoa")] for month in ("2026-06", "2026-07", "2026-08", "2026-09", "2026-10")]
        assert hoa == [(750_000, 0), (750_000, 0), (750_000, 0), (810_000, 2 * 60_000), (810_000, 0)]
        assert {(part[1], part[2]) for part in parts(each_district, "2026-09")} == {("2026-07", 540_000), ("2026-08", 540_000)}

    def test_the_page_of_a_person_says_why(self, district: District) -> None:
        opened(district, "2024-07", now=closed("2024-07"))
        there = opened(district, "2024-08", now=closed("2024-08"))
        with district.open():
            door.store().run("UPDATE payment SET published = ? WHERE list = ?", (True, there.id))
            (right,) = entitlement.of_person(person_id("hoa"), "2024-08", "commune_officer")
            (gone,) = entitlement.of_person(person_id("lan"), "2024-08", "district_officer")
            (hidden,) = entitlement.of_person(person_id("hoa"), "2024-08", "post_agent")
        told = {line.key: line for line in right.lines}
        assert told["arrears"].text == "Truy lĩnh tháng 07/2024: (500.000 − 360.000) × 1,5 = 210.000 đồng"
        assert "76/2024" in str(told["arrears"].source)
        assert told["total"].text == "Tổng cộng: 960.000 đồng"
        assert (right.monthly, right.total) == (750_000, 960_000)
        assert [line.text for line in gone.lines] == ["Truy lĩnh tháng 07/2024: (500.000 − 360.000) × 1,0 = 140.000 đồng"]
        assert hidden.lines == ()


class TestLateFacts:
    def test_a_coefficient_and_a_level_that_both_rose_are_told_as_what_was_due_less_what_was_given(self, district: District) -> None:
        change_right(district, "hoa", category="5.6-nang", coefficient10=15)
        opened(district, "2024-07", now=closed("2024-07"))
        change_right(district, "hoa", category="5.6-nang-nct", coefficient10=20)
        opened(district, "2024-08", now=closed("2024-08"))
        with district.open():
            door.store().run("UPDATE payment SET published = ?", (True,))
            (right,) = entitlement.of_person(person_id("hoa"), "2024-08", "district_officer")
        told = [line.text for line in right.lines if line.key == "arrears"]
        assert told == ["Truy lĩnh tháng 07/2024: (1.000.000 − 540.000) = 460.000 đồng"]

    def test_a_certificate_told_late_counts_from_its_month_at_each_month_s_own_level(self, each_district: District) -> None:
        change_right(each_district, "hoa", start_month="2025-01")
        for month in ("2024-05", "2024-06", "2024-07", "2024-08"):
            opened(each_district, month, now=closed(month))
        assert line_code("hoa") not in sums(each_district, "2024-08")
        change_right(each_district, "hoa", start_month="2024-05")
        opened(each_district, "2024-09", now=closed("2024-09"))
        assert sums(each_district, "2024-09")[line_code("hoa")] == (750_000, 540_000 * 2 + 750_000 * 2)
        opened(each_district, "2024-10", now=closed("2024-10"))
        assert sums(each_district, "2024-10")[line_code("hoa")] == (750_000, 0)
        with each_district.open():
            door.store().run("UPDATE payment SET published = ?", (True,))
            (right,) = entitlement.of_person(person_id("hoa"), "2024-09", "district_officer")
        assert [line.text for line in right.lines if line.key == "arrears"] == [
            "Truy lĩnh từ tháng 05/2024 đến tháng 06/2024: 360.000 × 1,5 × 2 tháng = 1.080.000 đồng",
            "Truy lĩnh từ tháng 07/2024 đến tháng 08/2024: 500.000 × 1,5 × 2 tháng = 1.500.000 đồng",
        ]

    def test_an_adjustment_approved_late_brings_the_difference_of_each_month_since(self, each_district: District) -> None:
        for month in ("2024-10", "2024-11"):
            opened(each_district, month)
        adjusted: dict[str, Any] = {"entitlement": right_id("hoa"), "category": "5.6-dbn", "coefficient10": 20, "effective": "2024-10"}
        approved(each_district, "hoa", "MUC_KT", event_date="2024-10-02", **adjusted)
        opened(each_district, "2024-12")
        assert sums(each_district, "2024-12")[line_code("hoa")] == (1_000_000, 500_000)
        assert parts(each_district, "2024-12") == [
            (line_code("hoa"), month, 500_000, 20, 1_000_000, 750_000, 250_000) for month in ("2024-10", "2024-11")
        ]

    def test_less_than_was_given_is_not_netted_off(self, each_district: District) -> None:
        for month in ("2024-10", "2024-11"):
            opened(each_district, month)
        lowered: dict[str, Any] = {"entitlement": right_id("binh2"), "category": "5.6-nang", "coefficient10": 15, "effective": "2024-10"}
        approved(each_district, "binh2", "MUC_KT", event_date="2024-10-02", **lowered)
        opened(each_district, "2024-12")
        assert sums(each_district, "2024-12")[line_code("binh2")] == (750_000, 0)

    def test_what_was_withheld_for_good_is_owed_once_it_is_due_after_all(self, each_district: District) -> None:
        to(each_district, "posted")
        approved(each_district, "hoa", "HET_DK", event_date="2024-09-20", entitlement=right_id("hoa"))
        assert run(each_district, "SELECT state FROM payment WHERE line_code = ?", line_code("hoa")) == [("withheld",)]
        settle(each_district, MONTH)
        opened(each_district, "2024-11")
        assert line_code("hoa") not in sums(each_district, "2024-11")
        change_right(each_district, "hoa", stop_month=None, stop_reason=None)
        opened(each_district, "2024-12")
        assert sums(each_district, "2024-12")[line_code("hoa")] == (750_000, 1_500_000)

    def test_a_line_drawn_up_again_gives_its_arrears_once(self, each_district: District) -> None:
        change_right(each_district, "hoa", start_month="2025-01")
        opened(each_district, "2024-09")
        agree(each_district, "2024-09")
        change_right(each_district, "hoa", start_month="2024-09")
        there = to(each_district, "posted")
        assert sums(each_district, MONTH)[line_code("hoa")] == (750_000, 750_000)
        old = run(each_district, "SELECT id FROM payment WHERE line_code = ? AND month = ?", line_code("hoa"), MONTH)[0][0]
        about = {"list": (None, there.id), "type": (None, "correct"), "payment": (None, old)}
        assert each_district.submit("huyen", "addendum", named("c"), about, create=True, why="sai tên").status == "accepted"
        assert len(parts(each_district, MONTH)) == 2
        settle(each_district, MONTH)
        opened(each_district, "2024-11")
        assert sums(each_district, "2024-11")[line_code("hoa")][1] == 0
        with each_district.open():
            values: dict[str, Any] = {"list": ""}
            given = arrears.given(["2024-09", "2024-10"], values, where="q.line_code = :code")
            rows = execute(door.store(), f"SELECT month, amount FROM ({given}) g ORDER BY month", values | {"code": line_code("hoa")})
            assert [(row[0], int(row[1])) for row in rows.fetchall()] == [("2024-09", 750_000), ("2024-10", 750_000)]


class TestResumption:
    def test_brings_the_suspended_months(self, each_district: District) -> None:
        suspended(each_district)
        approved(each_district, "dao", "TIEP_TUC", event_date="2024-12-04")
        opened(each_district, "2025-01")
        assert sums(each_district, "2025-01")[line_code("dao")] == (500_000, 3 * 500_000)

    def test_brings_none_where_the_decision_says_so(self, each_district: District) -> None:
        suspended(each_district)
        approved(each_district, "dao", "TIEP_TUC", event_date="2024-12-04", effective="2024-12", decision={"arrears": False})
        opened(each_district, "2025-01")
        assert sums(each_district, "2025-01")[line_code("dao")] == (500_000, 500_000), "December is due: from the month of the decision on"
        rows = run(
            each_district, "SELECT start_month, stop_month FROM entitlement WHERE line_code = ? ORDER BY start_month", line_code("dao")
        )
        assert rows == [("2018-01", "2024-10"), ("2024-12", None)]

    def test_lets_go_of_what_waits_at_the_post_office(self, each_district: District) -> None:
        to(each_district, "posted")
        approved(each_district, "dao", "KHONG_CHAP_HANH", event_date="2024-09-02")
        state = "SELECT state FROM payment WHERE month = '2024-10' AND line_code = ?"
        assert run(each_district, state, line_code("dao")) == [("withheld",)]
        approved(each_district, "dao", "TIEP_TUC", event_date="2024-10-04")
        assert run(each_district, state, line_code("dao")) == [("planned",)]
        opened(each_district, "2024-11")
        assert sums(each_district, "2024-11")[line_code("dao")] == (500_000, 0)


def test_a_frozen_month_built_again_is_the_same_and_so_is_the_journal_played_again(each_district: District) -> None:
    opened(each_district, "2024-07", now=closed("2024-07"))
    agree(each_district, "2024-07", now=closed("2024-07"))
    there = to(each_district, "frozen", "2024-08")
    before = (sums(each_district, "2024-08"), parts(each_district, "2024-08"))
    assert any(back for _, back in before[0].values())
    assert step(each_district, "frozen", "draft", "2024-08", why="xem lại").status == "accepted"
    each_district.submit("huyen", "payment_list", there.id, {"build": (1, 2)})
    assert (sums(each_district, "2024-08"), parts(each_district, "2024-08")) == before
    assert found(each_district, "2024-08").digest == there.digest
    with each_district.open():
        verdict = verify.verify(door.store())
    assert verdict.differences == ()


def test_the_order_in_which_a_month_s_changes_are_approved_does_not_matter(district: District) -> None:
    opened(district, "2024-09")
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("dao", "KHONG_CHAP_HANH", {"event_date": "2024-09-02"}),
        ("hoa", "MUC_KT", {"event_date": "2024-09-03", "entitlement": right_id("hoa"), "category": "5.6-dbn", "coefficient10": 20, "effective": "2024-09"}),
        ("an", "HET_DK", {"event_date": "2024-09-12"}),
        ("phuc", "CHET", {"event_date": "2024-08-30"}),
    ]  # fmt: skip
    for one in changes:
        approved(district, one[0], one[1], **one[2])
    first = opened(district)
    there = sums(district, MONTH)
    for one in changes:  # back to where it was, and once more in the other order
        change_right(district, one[0], stop_month=None, suspended_from=None, stop_reason=None)
    with district.open():
        store = door.store()
        store.run("DELETE FROM entitlement WHERE start_month = '2024-09'")
        store.run("UPDATE person SET status = 'active', closed = NULL, death_date = NULL WHERE id = ?", (person_id("phuc"),))
    for one in reversed(changes):
        approved(district, one[0], one[1], number=2, **one[2])
    district.submit("huyen", "payment_list", first.id, {"build": (1, 2)})
    assert sums(district, MONTH) == there
    assert found(district).digest == first.digest


def suspended(here: District) -> None:
    """Dao suspended from October on; lists up to December."""
    opened(here, "2024-09")
    approved(here, "dao", "KHONG_CHAP_HANH", event_date="2024-09-02")
    for month in ("2024-10", "2024-11", "2024-12"):
        opened(here, month)
        assert line_code("dao") not in sums(here, month)


def approved(here: District, key: str, reason: str, *, number: int = 1, decision: dict[str, Any] | None = None, **values: Any) -> None:
    """A change proposed by the commune and approved by the district."""
    record = named("change", key, reason, str(number), str(values))
    commune = "xa" if line_code(key).startswith("LH18568") else "xa2"
    pairs = {"reason": (None, reason), "person": (None, person_id(key)), **{name: (None, value) for name, value in values.items()}}
    proposed = here.submit(commune, "change", record, pairs, create=True, why="theo hồ sơ")
    assert proposed.status == "accepted", proposed
    with here.open():
        shelf = door.shelf()
        there = shelf.get("change", record)
        assert there is not None
        digest = shown_digest(shelf, there)
    verdict = {"verdict": "approve", "digest": digest, "number": "9/QĐ", "date": "2024-10-05", **(decision or {})}
    answer = here.submit("huyen", "change", record, {"decision": (None, verdict)})
    assert answer.fields == {"decision": "applied"}, answer
