"""Files of results as they arrive (the messy ones of the post office and a bank), and what holds of any file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from portal.bank_result import news
from portal.result_check import Row, Sent, Table, check, reason_of
from portal.workbook.opened import sheets
from portal.workbook.result_file import read_result
from sync.ids import named
from sync.line_sets import holds, packed, unpacked
from sync.values import ValueProblem

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CODES = {
    "AMOUNT": {"amount"},
    "STATUS": {"both_marks", "no_mark"},
    "CODE_UNKNOWN": {"unknown_code", "unknown_code_meant"},
    "DUP_IN_FILE": {"repeated", "contradicts"},
    "NOT_SENT": {"not_sent"},
    "NO_RESULT": {"no_result"},
    "REASON_UNKNOWN": {"reason"},
    "ACCOUNT": {"account"},
}
REPAIRS = {"TRIM": "trim", "MONEY_TEXT": "money_text", "CODE_UNKNOWN": "by_account"}


def expected(number: str) -> dict[str, Any]:
    told = json.loads((DATA / "messy" / "expected.json").read_text(encoding="utf-8"))
    return next(file for file in told["files"] if file["file"].startswith(number))


@pytest.fixture(scope="module")
def september() -> tuple[list[Sent], list[Sent]]:
    """What was sent in September 2024: in cash, and into accounts."""
    cash: list[Sent] = []
    bank: list[Sent] = []
    for commune, rows in sheets((DATA / "danh-sach-2024-09.xlsx").read_bytes()):
        for row in rows[9:]:
            if "/" in str(row[2]):
                line = Sent(row[2], row[2], row[3], commune, int(row[10]), row[15], str(row[17]), row[19], "planned", None, None, 0)
                (cash if row[14] == "Tiền mặt" else bank).append(line)
    return cash, bank


if DATA.is_dir():

    @pytest.mark.parametrize(("number", "source"), [("05", "post"), ("06", "bank")])
    def test_a_messy_file_gives_what_is_expected_of_it(september: tuple[list[Sent], list[Sent]], number: str, source: str) -> None:
        cash, bank = september
        told = expected(number)
        table = read_result((DATA / "messy" / told["file"]).read_bytes())
        mine, others = (cash, bank) if source == "post" else (bank, cash)
        found = check(mine, [line.line_code for line in others], table, told["month"])
        assert any(p.code == "other_month" for p in check(mine, [], table, "2024-10").problems)
        assert (found.source, len(table.rows)) == (source, told["rows"])
        assert not found.is_right
        assert len(found.problems) == len(told["errors"])
        for each in told["errors"]:
            at = "" if each["at"] == "file" else each["at"]
            matching = [p for p in found.problems if p.place == at and p.code in CODES[each["code"]]]
            assert matching, each
            proposed = [p.details["meant"] for p in matching if "meant" in p.details]
            assert all(code in each["why"] for code in proposed)
        assert {p.details["code"] for p in found.problems if p.code == "no_result"} == {
            e["why"] for e in told["errors"] if e["code"] == "NO_RESULT"
        }
        for each in told["repairs"]:
            assert [r.ask for r in found.repairs if (r.place, r.code) == (each["at"], REPAIRS[each["code"]])] == [each["ask"]]
        not_sent = {e["at"].split("!")[-1] for e in told["errors"] if e["code"] == "NOT_SENT"}
        assert {str(row): code for row, code in found.matches.items()} == {
            at.split("!")[-1]: code for at, code in told["matches"].items() if at.split("!")[-1] not in not_sent
        }
        sums = found.sums()
        for state, name in (("paid", "bookable_paid"), ("uncollected", "bookable_unpaid"), ("rejected", "bookable_returned")):
            if name in told:
                assert sums[state] == (told[name]["lines"], told[name]["amount"])
        if "bookable_unpaid" in told:
            unpaid = {each.line.line_code for each in found.bookings if each.mark["state"] == "uncollected"}
            assert unpaid == set(told["bookable_unpaid"]["codes"])


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("returned", "sai_tk", "SAI_TK"),
        ("returned", "So tai khoan khong ton tai", "SAI_TK"),
        ("returned", "Tên người hưởng không khớp", "SAI_TEN"),
        ("returned", "TK bi phong toa/ngu dong", "TK_KHOA"),
        ("returned", "Tài khoản đã đóng", "TK_DONG"),
        ("returned", "Giấy tờ hết hạn, chưa cập nhật sinh trắc học", "HET_HAN_GTTT"),
        ("returned", "Sai ngân hàng, tài khoản đã đóng", None),
        ("returned", "R99", None),
        ("returned", "", None),
        ("uncollected", "Đi vắng", "VANG_MAT"),
        ("uncollected", "Ốm, không đến được", "OM_YEU"),
        ("uncollected", "Chuyển chỗ ở, không liên lạc được", None),
    ],
)
def test_words_become_a_reason_only_where_they_are_sure(kind: Any, text: str, code: str | None) -> None:
    assert reason_of(kind, text) == code


def test_an_unknown_code_is_read_by_its_explanation_and_asked_about() -> None:
    found = check(
        [line(1)], [], Table((row(1, reason="R07", remark="Tai khoan da dong"),), frozenset({"code", "amount", "reason", "remark"}))
    )
    assert found.is_right and found.bookings[0].mark["reason"] == "TK_DONG"
    assert [each.wanted for each in found.asks] == ["TK_DONG"]


def line(number: int, **changed: Any) -> Sent:
    code = f"LH1-{number:04d}/1"
    given: dict[str, Any] = {
        "id": f"{named('lines')[:24]}{number:012x}", "line_code": code, "full_name": f"Người {number}", "commune": "1", "total": 500_000 + number,
        "bank": "Agribank", "account": f"0000{number:06d}", "recipient": "", "state": "planned", "mark": None, "hold": None, "addendum": 0,
    }  # fmt: skip
    return Sent(**{**given, **changed})


def row(number: int, at: int = 0, **changed: str) -> Row:
    sent = line(number)
    cells: dict[str, str] = {"code": sent.line_code, "amount": str(sent.total), "account": sent.account, "reason": "SAI_TK", **changed}
    return Row(number=at or number, places={name: f"{at or number}:{name}" for name in ("row", *cells)}, **cells)


COLUMNS = frozenset({"code", "amount", "account", "reason"})
LINES = [line(number) for number in range(1, 9)]


@given(st.permutations(range(1, 9)), st.integers(0, 8))
def test_the_order_of_rows_makes_no_difference(order: list[int], count: int) -> None:
    chosen = order[:count] or order[:1]
    told = check(LINES, [], Table(tuple(row(number, at) for at, number in enumerate(chosen, 2)), COLUMNS))
    plain = check(LINES, [], Table(tuple(row(number) for number in sorted(chosen)), COLUMNS))
    assert told.is_right and plain.is_right
    assert {(each.line.id, each.mark["state"]) for each in told.bookings} == {(each.line.id, each.mark["state"]) for each in plain.bookings}


@given(
    st.lists(st.integers(1, 8), min_size=1, max_size=8, unique=True),
    st.data(),
    st.sampled_from(["code", "amount", "account", "reason", "repeated", "total"]),
)
def test_one_thing_wrong_anywhere_is_found_where_it_stands(numbers: list[int], data: Any, wrong: str) -> None:
    rows = [row(number, at) for at, number in enumerate(numbers, 2)]
    place = data.draw(st.integers(0, len(rows) - 1))
    at = rows[place].number
    total = sum(LINES[number - 1].total for number in numbers)
    if wrong == "repeated":
        rows.append(row(numbers[place], len(rows) + 2))
        total, at = total + LINES[numbers[place] - 1].total, rows[-1].number
    elif wrong == "total":
        total += data.draw(st.sampled_from([-1, 1]))
    else:
        off = str(LINES[numbers[place] - 1].total + data.draw(st.sampled_from([-1, 1])))
        worse = {"code": "LH9-9999/1", "amount": off, "account": "99", "reason": "R99"}[wrong]
        rows[place] = row(numbers[place], at, **{wrong: worse})
        total += int(worse) - LINES[numbers[place] - 1].total if wrong == "amount" else 0
    found = check(LINES, [], Table(tuple(rows), COLUMNS, str(total), "sum"))
    assert not found.is_right
    [problem] = found.problems
    assert problem.place == {"repeated": f"{at}:row", "total": "sum"}.get(wrong, f"{at}:{wrong}")


def test_a_line_drawn_up_again_is_meant_by_its_code_not_the_one_it_replaced() -> None:
    old = line(1, state="withheld", hold={"reason": "x"})
    new = line(1, id=f"{named('lines')[:24]}{99:012x}", addendum=1)
    found = check([old, new], [], Table((row(1),), COLUMNS))
    assert [each.line.id for each in found.bookings] == [new.id]


@given(st.sets(st.integers(0, 3000)), st.sets(st.integers(0, 50)))
def test_lines_in_little_room_are_the_same_lines(some: set[int], others: set[int]) -> None:
    ids = {f"{named(name)[:24]}{number:012x}" for name, numbers in (("a", some), ("b", others)) for number in numbers}
    sets = packed(ids)
    assert set(unpacked(sets)) == ids
    assert all(holds(sets, each) for each in ids)
    assert not any(holds(sets, f"{named('a')[:24]}{number:012x}") for number in set(range(60)) - some)


@pytest.mark.parametrize("sets", [None, {"x": "1"}, {named("a")[:24]: "1-"}, {named("a")[:24]: "0-ffffffffffff"}, {named("a")[:24]: 5}])
def test_what_is_no_set_of_lines_is_refused(sets: object) -> None:
    with pytest.raises(ValueProblem):
        unpacked(sets)


@given(st.lists(st.integers(1, 8), min_size=1, max_size=8, unique=True))
def test_the_same_file_again_says_nothing_new(numbers: list[int]) -> None:
    table = Table(tuple(row(number, at) for at, number in enumerate(numbers, 2)), COLUMNS)
    first = check(LINES, [], table)
    marks = {each.line.id: each.mark for each in first.bookings}
    marked = [replace(each, mark=marks.get(each.id), state="rejected" if each.id in marks else "planned") for each in LINES]
    assert news(first) == len(numbers)
    assert news(check(marked, [], table)) == 0


def test_last_months_file_is_refused_although_codes_and_sums_are_the_same() -> None:
    rows = (row(1, code="", content=f"TCXH T9/2024 {line(1).line_code}"),)
    columns = frozenset({"content", "amount", "account", "reason"})
    assert check(LINES, [], Table(rows, columns), "2024-09").is_right
    assert [(p.place, p.code) for p in check(LINES, [], Table(rows, columns), "2024-10").problems] == [("1:content", "other_month")]
    titled = read_result("Kết quả chi trả tháng 9/2024\nMã hồ sơ,Số tiền,Mã lý do\nLH1-0001/1,500001,SAI_TK\n".encode())
    assert (titled.month, titled.month_place) == ("2024-09", "1")
    assert [(p.place, p.code) for p in check(LINES, [], titled, "2024-10").problems] == [("1", "other_month")]
