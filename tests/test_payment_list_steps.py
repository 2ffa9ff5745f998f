"""From step to step: who may, on what they were shown; a frozen list never changes, later news is an addendum."""

from __future__ import annotations

from datetime import datetime

from portal import db, door, payment_list, payment_list_steps, verify
from portal.models.account import Account
from sync.ids import named
from tests.district import MONTH, NOW, District, district, district_file, each_district, line_code, person_id
from tests.lists import change_right, found, opened, run, sessions, step, to

__all__ = ["district", "district_file", "each_district"]


def test_four_eyes_who_built_or_froze_a_list_does_not_approve_it(district: District) -> None:
    there = to(district, "frozen")
    pairs = {"state": ("frozen", "approved"), "approval": (None, {"digest": there.digest})}
    for who in ("huyen", "huyen2", "xa", "kiemsoat"):
        assert district.submit(who, "payment_list", there.id, pairs).status == "refused"
    with district.open(), db.write_transaction():
        door.store().run("UPDATE payment_list SET built_by = 'lanhdao'")
    result = district.submit("lanhdao", "payment_list", there.id, pairs)
    assert result.reason is not None
    assert result.reason.detail == "own_list"


def test_approval_is_of_what_was_shown(district: District) -> None:
    there = to(district, "frozen")
    pairs = {"state": ("frozen", "approved"), "approval": (None, {"digest": "0" * 64})}
    result = district.submit("lanhdao", "payment_list", there.id, pairs)
    assert result.reason is not None
    assert result.reason.detail == "digest"
    assert found(district).state == "frozen"


def test_a_draft_the_register_has_overtaken_is_not_frozen(each_district: District) -> None:
    there = opened(each_district)
    change_right(each_district, "dao", stop_month="2024-10")
    result = step(each_district, "draft", "frozen")
    assert result.reason is not None
    assert result.reason.detail == "changed"
    each_district.submit("huyen", "payment_list", there.id, {"build": (1, 2)})
    assert step(each_district, "draft", "frozen").fields == {"state": "applied"}


def test_a_line_somebody_tampered_with_is_noticed(district: District) -> None:
    opened(district)
    with district.open(), db.write_transaction():
        door.store().run("UPDATE payment SET account = '1' WHERE line_code = ?", (line_code("phuc"),))
    result = step(district, "draft", "frozen")
    assert result.reason is not None
    assert result.reason.detail == "changed"


def test_posting_asks_for_a_session_wherever_there_is_cash(each_district: District) -> None:
    there = to(each_district, "approved")
    sessions(each_district, MONTH, ("18568",))
    with each_district.open():
        assert payment_list.without_session(there) == ["18580"]
    result = step(each_district, "approved", "posted")
    assert result.reason is not None
    assert result.reason.detail == "schedule_missing"
    assert run(each_district, "SELECT COUNT(*) FROM touch WHERE kind = 'payment'") == [(0,)]
    sessions(each_district, MONTH, ("18580",))
    assert step(each_district, "approved", "posted").fields == {"state": "applied"}
    assert run(each_district, "SELECT COUNT(*) FROM payment WHERE NOT published") == [(0,)]
    units = run(each_district, "SELECT p.commune, t.unit, t.fields FROM touch t JOIN payment p ON p.id = t.record WHERE t.kind = 'payment'")
    assert len(units) == there.lines
    assert all(commune == told and fields == "" for commune, told, fields in units)


def test_a_frozen_list_never_changes_later_news_is_a_numbered_addendum(each_district: District) -> None:
    there = to(each_district, "posted")
    sums = "SELECT line_code, category, coefficient10, allowance, total, method, account, recipient FROM payment ORDER BY id"
    before = run(each_district, sums)
    change = each_district.report_death("dao", "2024-10-08")
    change_right(each_district, "hoa", coefficient10=30, stop_month="2024-10")
    assert each_district.submit("huyen", "payment_list", there.id, {"build": (1, 2)}).status == "refused"
    assert run(each_district, sums) == before
    assert found(each_district).digest == there.digest
    with each_district.open():
        assert payment_list_steps.digest(door.store(), there.id) == there.digest
        rows = payment_list.addenda(there.id)
    assert [(row.number, row.type, row.person, row.amount, row.reason) for row in rows] == [
        (1, "withhold", person_id("dao"), 500_000, "CHET")
    ]
    assert change


def test_whom_a_posted_list_left_out_is_added_under_a_number(each_district: District) -> None:
    change_right(each_district, "an", start_month="2025-01")
    there = to(each_district, "posted")
    about = {"list": (None, there.id), "type": (None, "add"), "person": (None, person_id("an"))}
    nothing = each_district.submit("huyen", "addendum", named("a", "0"), about, create=True, why="quyết định đến muộn")
    assert nothing.reason is not None
    assert nothing.reason.detail == "nothing_to_add"
    change_right(each_district, "an", start_month="2024-10")
    for who, why in (("huyen", None), ("xa", "x"), ("lanhdao", "x")):
        assert each_district.submit(who, "addendum", named("a", "0"), about, create=True, why=why).status == "refused"
    result = each_district.submit("huyen", "addendum", named("a", "1"), about, create=True, why="quyết định đến muộn")
    assert result.status == "accepted", result
    rows = run(each_district, "SELECT line_code, total, addendum, published, state FROM payment WHERE person = ?", person_id("an"))
    assert [tuple(row) for row in rows] == [(line_code("an"), 750_000, 1, True, "planned")]
    again = each_district.submit("huyen", "addendum", named("a", "2"), about, create=True, why="lần nữa")
    assert again.status == "refused"
    with each_district.open():
        assert payment_list_steps.digest(door.store(), there.id) == there.digest
        assert [(row.number, row.type, row.amount) for row in payment_list.addenda(there.id)] == [(1, "add", 750_000)]


def test_a_wrong_account_is_put_right_by_a_new_line_the_old_one_is_held(each_district: District) -> None:
    there = to(each_district, "posted")
    old = run(each_district, "SELECT id FROM payment WHERE line_code = ?", line_code("phuc"))[0][0]
    change_right(each_district, "phuc", account="000099555", holder="TRAN PHUC")
    about = {"list": (None, there.id), "type": (None, "correct"), "payment": (None, old)}
    assert each_district.submit("huyen", "addendum", named("c"), about, create=True, why="sai số tài khoản").status == "accepted"
    rows = run(each_district, "SELECT account, addendum, state FROM payment WHERE line_code = ? ORDER BY addendum", line_code("phuc"))
    assert rows == [("00009900000007", 0, "withheld"), ("000099555", 1, "planned")]
    assert '"due":false' in run(each_district, "SELECT hold FROM payment WHERE id = ?", old)[0][0]


def test_it_waits_for_those_whose_turn_it_is(district: District) -> None:
    def told(who: str, now: datetime = NOW) -> list[str]:

        with district.open():
            return [item.label for item in payment_list.waiting(Account.get(Account.name == who), now) if item.count]

    assert told("huyen") == ["Danh sách tháng cần lập"]
    opened(district)
    assert "Danh sách cần kiểm tra và chốt" in told("huyen")
    assert told("lanhdao") == []
    step(district, "draft", "frozen")
    assert told("lanhdao") == ["Danh sách chờ duyệt"]
    assert told("xa") == told("kiemsoat") == []


def test_the_journal_played_again_makes_the_same_lists(each_district: District) -> None:
    first = opened(each_district)
    each_district.report_death("dao", "2024-10-01")
    each_district.submit("huyen", "payment_list", first.id, {"build": (1, 2)})
    step(each_district, "draft", "frozen")
    line = run(each_district, "SELECT id FROM payment WHERE line_code = ?", line_code("hoa"))[0][0]
    each_district.submit("huyen", "payment", line, {"hold": (None, {"reason": "x"})}, why="chờ xác minh")
    about = {"list": (None, first.id), "type": (None, "correct"), "payment": (None, line)}
    sessions(each_district, MONTH)
    pairs = {"state": ("frozen", "approved"), "approval": (None, {"digest": found(each_district).digest})}
    each_district.submit("lanhdao", "payment_list", first.id, pairs)
    step(each_district, "approved", "posted")
    assert each_district.submit("huyen", "addendum", named("c"), about, create=True, why="đính chính").status == "accepted"
    opened(each_district, "2024-11")
    with each_district.open():
        verdict = verify.verify(door.store())
    assert verdict.differences == ()
    assert verdict.is_whole
