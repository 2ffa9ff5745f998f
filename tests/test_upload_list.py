"""A list on a page: its columns, what is wrong with it, the yes to what was shown, and what stands in the register afterwards."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from portal import change, list_wording
from portal.models.change import Change
from portal.models.journal import Journal
from portal.models.person import Person
from portal.models.upload import Upload
from portal.workbook.arrived import opened
from tests.district import NOW, District, person_id, right_id
from tests.house import tree
from tests.sent import DAO, HOA, NEW, address, answer, book, check, confirm, looked_at, offered, saved, send, sheets, take_in, text

DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def officer(district: District) -> FlaskClient:
    return district.client("xa")


def entries(district: District) -> int:
    with district.open():
        return Journal.select().count()


def changes(district: District) -> list[dict[str, Any]]:
    with district.open():
        query: Any = Change.select().order_by(Change.type, Change.id).dicts()
        return list(query)


def decide_all(district: District) -> None:
    """The district approves whatever waits."""
    with district.open():
        actor = district.actor("huyen")
        chosen = [(row.id, row.digest) for row in change.queue(actor, change.Filter()).rows]
        assert {each.outcome for each in change.approve_many(actor, NOW, chosen, number="1/QĐ", day="2024-10-05")} == {"approved"}


CHANGED = {**DAO, "phone": 510_000_009, "hamlet": "2", "birth": "05/05/1938"}
HEAVIER = {**HOA, "category": "5.6-dbn", "coef": 2, "amount": 1_000_000}


def test_a_list_becomes_edits_proposals_and_increases_and_the_same_file_again_says_nothing_new(district: District, officer: FlaskClient) -> None:
    before = entries(district)
    columns = send(officer, book(CHANGED, HEAVIER, NEW))
    assert columns.request.path.endswith("/columns")
    assert offered(columns) == {
        "kind": "list", "month": "10/2024", "c-0-0": "", "c-0-1": "full_name", "c-0-2": "birth", "c-0-3": "sex", "c-0-4": "national_id",
        "c-0-5": "hamlet", "c-0-6": "phone", "c-0-7": "category", "c-0-8": "coefficient10", "c-0-9": "amount", "c-0-10": "note",
    }
    assert "Nguyễn Thị Đào · Nguyễn Văn Hòa · Trần Thị Mới" in text(columns)
    page = check(officer, columns)
    told = text(page)
    assert "Danh sách của Thị trấn Lộc Hà, tháng 10/2024" in told
    for words in (
        "Sửa, có chỗ chờ duyệt Ngày sinh: 1938 → 05/05/1938 Thôn/TDP: TDP 1 → TDP 2 Số điện thoại: 0510000001 → 0510000009",
        "Đề nghị điều chỉnh từ tháng 10/2024 Loại đối tượng: Người khuyết tật nặng → Người khuyết tật đặc biệt nặng Hệ số: 1,5 → 2,0",
        "Đề nghị tăng mới từ tháng 10/2024",
        "Đồng ý, ghi 3 mục",
    ):
        assert words in told, told
    assert entries(district) == before
    done = take_in(officer, page)
    assert "Đã ghi xong tệp này" in done.text and "1 Đã gửi, chờ duyệt" not in text(done)
    assert entries(district) == before + 3
    dao = person_id("dao")
    assert [district.value("person", dao, name) for name in ("hamlet", "phone", "birth")] == ["TDP 2", "0510000009", "1938"]
    adjusted, corrected, increased = changes(district)
    assert (adjusted["type"], adjusted["entitlement"], adjusted["category"], adjusted["coefficient10"], adjusted["effective"]) == (
        "adjustment", right_id("hoa"), "5.6-dbn", 20, "2024-10",
    )
    assert (corrected["type"], json.loads(corrected["target_set"])) == ("correction", {"birth": ["1938", "1938-05-05"]})
    new = json.loads(increased["new_person"])
    assert {name: new[name] for name in ("full_name", "birth", "sex", "national_id", "commune", "hamlet")} == {
        "full_name": "Trần Thị Mới", "birth": "1944-10-03", "sex": "F", "national_id": "099144000077", "commune": "18568", "hamlet": "TDP 2",
    }
    assert (increased["category"], increased["coefficient10"], increased["effective"], increased["author"]) == ("5.5c", 10, "2024-10", "xa")
    assert increased["evidence"] == "danh-sach.xlsx, Sheet!5"

    again = looked_at(officer, book(CHANGED, HEAVIER, NEW))
    assert "3 dòng đã được đề nghị từ trước, đang chờ duyệt" in text(again) and "Tệp này không có gì mới để ghi" in text(again)
    decide_all(district)
    once_more = text(officer.get(f"{address(again)}/findings"))
    assert "3 dòng không có gì mới" in once_more and "Tệp này không có gì mới để ghi" in once_more
    assert district.value("person", dao, "birth") == "1938-05-05"


def test_a_blank_cell_less_of_a_birth_and_a_name_in_other_letters_are_no_edits(district: District, officer: FlaskClient) -> None:
    less = {**HOA, "birth": "1990", "name": "NGUYỄN VĂN HOÀ", "hamlet": "", "sex": "", "note": None}
    page = looked_at(officer, book({**DAO, "phone": None, "name": "Nguyen Thi Dao"}, less))
    assert "2 dòng không có gì mới" in text(page) and "Tệp này không có gì mới để ghi" in text(page)
    assert "7 dòng trong sổ không có trong tệp: không ai bị thôi hưởng vì thế" in text(page)


def test_rows_with_errors_come_first_and_are_left_out(district: District, officer: FlaskClient) -> None:
    wrong = {**NEW, "name": "Lê Văn Sai", "id": "9.91E+10", "category": "5.5k", "birth": "31/02/1944"}
    page = looked_at(officer, book({**DAO, "phone": "0510000009"}, wrong))
    told = text(page)
    for words in ("Lỗi phải sửa: 3 chỗ, 1 dòng để lại", "Sheet, ô C4 Lê Văn Sai Không có ngày này", "Sheet, ô E4", "Sheet, ô H4 Lê Văn Sai Không có mã loại đối tượng «5.5k»"):
        assert words in told, told
    assert told.index("Lỗi phải sửa") < told.index("Sẽ ghi:")
    take_in(officer, page)
    assert district.value("person", person_id("dao"), "phone") == "0510000009"
    assert changes(district) == []


def test_an_ambiguous_match_is_an_error(district: District, officer: FlaskClient) -> None:
    binh = {**NEW, "name": "Nguyễn Văn Bình", "birth": "02/09/1975", "sex": "Nam", "id": None, "category": "5.4"}
    assert "Nhiều dòng trong sổ cùng khớp" in text(looked_at(officer, book(binh)))


def test_a_repair_that_has_to_be_asked_counts_only_once_it_is_ticked(district: District, officer: FlaskClient) -> None:
    page = looked_at(officer, book({**DAO, "id": 99_138_000_001, "phone": "0510000009"}, {**HOA, "birth": "1/1/90", "hamlet": "TDP 1"}))
    assert "Cần bạn đồng ý: 2 chỗ" in text(page) and "2 dòng có chỗ bạn chưa đồng ý" in text(page) and "Tệp này không có gì mới để ghi" in text(page)
    page = answer(officer, page, accepted=["Sheet!E3"])
    assert "1 dòng có chỗ bạn chưa đồng ý" in text(page) and "Đồng ý, ghi 1 mục" in text(page)
    assert re.search(r'value="Sheet!E3"[^>]* checked', page.text) and not re.search(r'value="Sheet!C4"[^>]* checked', page.text)
    take_in(officer, page)
    assert district.value("person", person_id("dao"), "phone") == "0510000009"
    assert district.value("person", person_id("hoa"), "hamlet") == "TDP 2"


def test_a_row_may_be_left_out_and_taken_back_in(district: District, officer: FlaskClient) -> None:
    page = looked_at(officer, book({**DAO, "phone": "0510000009"}, {**HOA, "hamlet": "TDP 1"}))
    page = answer(officer, page, left_out=["Sheet!4"])
    assert "Bạn đã bỏ 1 dòng" in text(page) and "Đồng ý, ghi 1 mục" in text(page)
    back = answer(officer, page)
    assert "Đồng ý, ghi 2 mục" in text(back)
    take_in(officer, answer(officer, back, left_out=["Sheet!4"]))
    assert [district.value("person", person_id(key), name) for key, name in (("dao", "phone"), ("hoa", "hamlet"))] == ["0510000009", "TDP 2"]


def test_what_the_columns_are_is_put_right_once_and_remembered_for_the_sender(district: District, officer: FlaskClient) -> None:
    heading = ["TT", "Đối tượng hưởng", "Sinh", "GT", "Giấy tờ", "Nơi ở", "Liên lạc", "Nhóm", "HS", "Được", "Khác"]
    content = book({**DAO, "phone": "0510000009"}, heading=heading, title="")
    columns = send(officer, content)
    assert offered(columns)["c-0-1"] == "" and offered(columns)["c-0-3"] == "sex"
    refused = check(officer, columns)
    assert refused.status_code == 422 and "Cần ít nhất họ và tên, ngày sinh" in text(refused)
    chosen = {"c-0-1": "full_name", "c-0-2": "birth", "c-0-4": "national_id", "c-0-6": "phone", "c-0-7": "category"}
    twice = check(officer, columns, **{**chosen, "c-0-10": "birth"})
    assert twice.status_code == 422 and "Hai cột cùng được chọn là «Ngày sinh hoặc năm sinh»" in text(twice)
    assert offered(twice)["c-0-4"] == "national_id"
    page = check(officer, columns, **chosen, month="10/2024")
    assert "Số điện thoại: 0510000001 → 0510000009" in text(page)
    take_in(officer, page)
    remembered = send(officer, book({**DAO, "phone": "0510000010"}, heading=heading, title=""))
    assert remembered.request.path.endswith("/findings") and "0510000009 → 0510000010" in text(remembered)
    assert offered(officer.get(f"{address(remembered)}/columns"))["c-0-1"] == "full_name"
    assert offered(send(district.client("huyen"), content))["c-0-1"] == ""


def test_a_month_that_is_none_and_a_commune_of_others_are_told_beside_their_fields(district: District, officer: FlaskClient) -> None:
    columns = send(officer, book(DAO))
    answer_ = check(officer, columns, month="13/2024", commune="18580")
    assert answer_.status_code == 422
    assert "Xã này ngoài địa bàn của bạn" in text(answer_) and offered(answer_)["month"] == "13/2024"


def test_what_moved_between_looking_and_saying_yes_is_shown_again(district: District, officer: FlaskClient) -> None:
    page = looked_at(officer, book({**DAO, "phone": "0510000009"}))
    district.submit("huyen", "person", person_id("dao"), {"phone": ("0510000001", "0510000002")})
    again = confirm(officer, page)
    assert again.status_code == 409 and "Sổ đã thay đổi sau khi bạn xem" in text(again) and "0510000002 → 0510000009" in text(again)
    assert district.value("person", person_id("dao"), "phone") == "0510000002"
    take_in(officer, again)
    assert district.value("person", person_id("dao"), "phone") == "0510000009"


def test_what_moves_while_it_is_being_written_is_kept_as_the_protocol_says(district: District, officer: FlaskClient) -> None:
    page = confirm(officer, looked_at(officer, book({**DAO, "phone": "0510000009"})))
    district.submit("huyen", "person", person_id("dao"), {"phone": ("0510000001", "0510000002")})
    done = officer.post(f"{address(page)}/carry-on", follow_redirects=True)
    assert "Người khác vừa sửa, giữ cả hai để làm rõ" in text(done) and "Sheet!3" in text(done)
    assert district.value("person", person_id("dao"), "phone") == "0510000002"


def test_a_list_of_increases_proposes_only_increases(district: District, officer: FlaskClient) -> None:
    page = looked_at(officer, book({**DAO, "phone": "0510000009"}, HEAVIER, NEW, title="ĐỀ NGHỊ TĂNG Thị trấn Lộc Hà, tháng 10/2024"))
    assert "2 dòng là người đã có trong danh sách, không phải tăng mới" in text(page) and "Đồng ý, ghi 1 mục" in text(page)
    take_in(officer, page)
    assert [each["type"] for each in changes(district)] == ["increase"]
    assert district.value("person", person_id("dao"), "phone") == "0510000001"


def test_what_is_not_taken_over_is_said_and_the_rest_of_the_row_is(district: District, officer: FlaskClient) -> None:
    row = {**DAO, "hamlet": "Thôn Không Có", "phone": "12", "note": "Chi trả tại nhà"}
    page = looked_at(officer, book(row))
    assert "Xã không có thôn, tổ dân phố tên này" in text(page) and "Đây không phải là số điện thoại" in text(page)
    take_in(officer, page)
    assert [district.value("person", person_id("dao"), name) for name in ("home_delivery", "note", "hamlet", "phone")] == [True, None, "TDP 1", "0510000001"]


def test_two_rows_of_one_person_that_contradict_are_told_and_only_the_first_counts(district: District, officer: FlaskClient) -> None:
    my = {**NEW, "name": "Hoàng Thị Mỹ Duyên", "birth": "08/03/2015", "id": "099315000003", "hamlet": "TDP 2", "category": "5.6-dbn-te", "coef": 2.5, "amount": 1_250_000}
    care = {**my, "hamlet": "TDP 1", "category": "20.2c", "coef": 1, "amount": 500_000}
    page = looked_at(officer, book(my, care))
    assert "Trái với một dòng khác của cùng người trong tệp" in text(page) and "Đồng ý, ghi 1 mục" in text(page)
    take_in(officer, page)
    assert district.value("person", person_id("my"), "hamlet") == "TDP 2"


def test_the_corrected_file_has_the_repairs_marks_every_wrong_cell_and_is_no_formula(district: District, officer: FlaskClient) -> None:
    rows = [
        {**DAO, "name": " Nguyễn  Thị Đào", "id": 99_138_000_001, "note": "@SUM(1+1)*cmd"},
        {**HOA, "birth": "ngày 1 tháng 1 năm 1990", "category": "5.5k", "note": "-2+3+cmd|' /C calc'!A0"},
    ]
    page = looked_at(officer, book(*rows))
    page = answer(officer, page, accepted=["Sheet!E3"])
    file = officer.get(f"{address(page)}/corrected.xlsx")
    assert file.headers["Content-Disposition"] == "attachment; filename=danh-sach-da-kiem-tra.xlsx"
    first, notes = sheets(file.data)
    cell = {name: first[f"{column}{row}"] for row in (3, 4) for column, name in (("B", f"name{row}"), ("E", f"id{row}"), ("C", f"birth{row}"), ("H", f"category{row}"), ("K", f"note{row}"))}
    assert (cell["name3"].value, cell["id3"].value, cell["birth4"].value) == ("Nguyễn Thị Đào", "099138000001", "01/01/1990")
    assert "Không có mã loại đối tượng «5.5k»" in cell["category4"].comment.text and cell["category4"].fill.fgColor.rgb == "FFF8CBAD"
    assert "mất số 0" in cell["id3"].comment.text and cell["id3"].fill.fgColor.rgb == "FFC6E0B4"
    assert {each.data_type for name, each in cell.items() if name.startswith("note")} == {"s"}
    assert all(each.data_type != "f" for sheet in (first, notes) for row in sheet.iter_rows() for each in row)
    told = [row for row in notes.iter_rows(values_only=True) if row[0]]
    assert ("Sheet!H4", "Không có mã loại đối tượng «5.5k». Hãy ghi đúng mã, ví dụ 5.5c.") in {row[:2] for row in told}
    again = looked_at(officer, file.data, "sua-lai.xlsx")
    assert "Cần bạn đồng ý" not in text(again) and "Đã hiểu lại" not in text(again) and "Lỗi phải sửa: 1 chỗ" in text(again)


def test_a_repair_that_was_not_agreed_to_is_a_question_in_the_corrected_file(district: District, officer: FlaskClient) -> None:
    page = looked_at(officer, book({**DAO, "id": 99_138_000_001}))
    [first, _] = sheets(officer.get(f"{address(page)}/corrected.xlsx").data)
    assert (first["E3"].value, first["E3"].fill.fgColor.rgb) == (99_138_000_001, "FFFFE699")


def test_merged_cells_hidden_sheets_and_dates_survive_in_the_corrected_file(officer: FlaskClient) -> None:
    made = openpyxl.load_workbook(io.BytesIO(book(DAO, HOA)))
    sheet = made.worksheets[0]
    sheet["F3"], sheet["F4"] = "TDP 1", None
    sheet.merge_cells("F3:F4")
    sheet["C4"] = dt.date(1990, 1, 1)
    made.create_sheet("Nháp").append(["x"])
    made["Nháp"].sheet_state = "hidden"
    page = looked_at(officer, saved(made))
    found = sheets(officer.get(f"{address(page)}/corrected.xlsx").data)
    assert [each.title for each in found] == ["Sheet", "Kết quả kiểm tra"]
    assert (found[0]["F4"].value, found[0]["C4"].value.date(), found[0]["A1"].value) == ("TDP 1", dt.date(1990, 1, 1), sheet["A1"].value)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "x.xlsx", "Hãy chọn tệp."),
        (b"%PDF-1.7 ...", "x.xlsx", "Đây là tệp PDF"),
        (b"MZ\x90\x00\x03", "x.xls", "Đây không phải là tệp bảng tính"),
        (b"PK\x03\x04 cut", "x.xlsx", "Tệp bị hỏng"),
        ("một,hai\n1,2\n".encode(), "x.csv", "Không thấy bảng nào"),
    ],
)
def test_a_file_that_is_none_is_refused_with_what_to_do(district: District, officer: FlaskClient, content: bytes, name: str, words: str) -> None:
    page = send(officer, content, name)
    assert page.status_code == 422 and words in text(page)
    with district.open():
        assert Upload.select().count() == 0


def test_a_workbook_that_was_handed_out_here_goes_its_own_way(officer: FlaskClient) -> None:
    page = send(officer, officer.get("/commune-workbooks/18568.xlsx").data, "danh-sach-18568.xlsx")
    assert page.status_code == 200 and page.request.path.startswith("/commune-workbooks/")


def test_the_list_of_another_commune_is_refused_by_its_name(district: District, officer: FlaskClient) -> None:
    page = looked_at(officer, book(DAO, title="DANH SÁCH Xã Thạch Kim, tháng 10/2024"))
    assert page.status_code == 422 and "Tệp là danh sách của xã khác (Xã Thạch Kim)" in text(page)
    assert officer.get(f"{address(page)}/findings").status_code == 422


def test_the_district_hands_in_a_list_of_any_commune_and_is_asked_for_one_where_none_is_named(district: District) -> None:
    client = district.client("huyen")
    page = send(client, book({**DAO, "phone": "0510000009"}, title="DANH SÁCH tháng 10/2024"))
    refused = check(client, page)
    assert refused.status_code == 422 and "Hãy chọn xã" in text(refused)
    take_in(client, check(client, refused, commune="18568"))
    assert district.value("person", person_id("dao"), "phone") == "0510000009"


def test_a_page_of_a_file_that_was_confirmed_leads_to_where_it_stands(district: District, officer: FlaskClient) -> None:
    page = looked_at(officer, book({**DAO, "phone": "0510000009"}))
    place = address(page)
    take_in(officer, page)
    assert [officer.get(f"{place}/{each}").headers["Location"] for each in ("findings", "columns", "corrected.xlsx")] == [place] * 3
    assert officer.post(f"{place}/confirm", data={"digest": "x"}).headers["Location"] == place


def test_a_restricted_category_is_named_to_nobody_who_may_not_know(district: District, officer: FlaskClient) -> None:
    page = looked_at(officer, book({**NEW, "birth": "03/10/1984", "id": "099184000077", "category": "5.8", "coef": 1.5, "amount": 750_000}))
    assert "Nhóm cần giữ kín" in text(page) and "HIV" not in re.sub(r"Người nhiễm HIV[^<]*|Loại đối tượng: [^<]*", "", page.text)
    take_in(officer, page)
    assert "5.8" not in officer.get("/uploads").text and "HIV" not in officer.get("/uploads").text
    with district.open():
        [made] = Change.select()
        assert Person.get_or_none(Person.full_name == "Trần Thị Mới") is None
    assert "HIV" not in district.client("kiemsoat").get(f"/changes/{made.id}").text


def test_every_code_that_a_list_may_get_has_its_sentence() -> None:
    files = ("portal/list_arrival.py", "portal/list_edits.py", "portal/workbook/survey.py")
    source = " ".join(tree.read(path) for path in tree.python("portal") if path.as_posix() in files)
    codes = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', source)) - {"CHUYEN_DT", "MOI", "F", "M"}
    assert len(codes) > 25
    assert codes <= {*list_wording.ERRORS, *list_wording.WARNINGS, *list_wording.REPAIRS}


def test_a_file_of_thousands_of_asked_repairs_is_agreed_to_at_once(district: District, officer: FlaskClient) -> None:
    rows = [{**NEW, "number": n, "name": f"Trần Thị Mới {n}", "id": 99_144_000_000 + n} for n in range(1, 251)]
    page = looked_at(officer, book(*rows))
    assert "Cần bạn đồng ý: 250 chỗ" in text(page) and page.text.count('name="accepted"') == 100
    assert "Đồng ý, ghi 250 mục" in text(answer(officer, page, accept_all=["1"]))


if DATA.is_dir():
    EXPECTED = json.loads((DATA / "messy" / "expected.json").read_text(encoding="utf-8"))["files"]

    @pytest.mark.parametrize("told", EXPECTED, ids=lambda one: one["file"])
    def test_every_messy_file_is_shown_refused_or_asked_about(district: District, told: dict[str, Any]) -> None:
        client, before = district.client("huyen"), entries(district)
        content = (DATA / "messy" / told["file"]).read_bytes()
        page = send(client, content, told["file"])
        if told["outcome"] == "refuse":
            assert page.status_code == 422 and "Đây là tệp Word được đổi tên" in text(page)
            return
        if told["kind"] not in ("list", "increase"):
            assert page.status_code == 422 and "Đây là kết quả chi trả" in text(page)
            return
        page = check(client, page, commune="18568")
        assert page.status_code == 200
        shown = text(page)
        for each in told["errors"]:
            sheet, _, cell = each["at"].rpartition("!")
            if each["code"] not in ("PERSON_DEAD", "COMMUNE_OTHER", "ID_DUPLICATE"):  # the small district does not know these people
                assert f"{sheet}, {'dòng' if cell.isdecimal() else 'ô'} {cell}" in shown, each
        made = client.get(f"{address(page)}/corrected.xlsx")
        assert made.status_code == 200 and next(each.name for each in opened(made.data)) == told["sheets"][0]["name"]
        assert entries(district) == before
