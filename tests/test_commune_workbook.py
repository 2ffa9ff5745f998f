"""The workbook a commune works in without a line: handed out, worked in, and taken in through the door."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest

from portal import door
from portal.models.change import Change
from portal.models.journal import Journal
from tests.commune_books import FIRST, confirmed, fetched, sent, sent_back, taken_in
from tests.district import District, person_id
from tests.proposing import Fields, approve, text

DAO, DUONG, HOA, BINH, PHUC = "Nguyễn Thị Đào", "Đặng Văn Dưỡng", "Nguyễn Văn Hòa", "Nguyễn Văn Bình", "Trần Phúc"
NEW = {
    "Họ_và_tên": "Phạm Văn Mới",
    "Ngày_sinh": "01/02/1944",
    "Giới_tính": "Nam",
    "Thôn/TDP": "TDP 1",
    "Số_điện_thoại": "0510000077",
    "Loại_đối_tượng": "5.5c Người từ đủ 80 tuổi không có lương hưu, trợ cấp",
    "Ngày_đủ_điều_kiện": "01/02/2024",
}


def changes(district: District) -> list[dict[str, Any]]:
    with district.open():
        rows = list(Change.select().order_by(Change.id))
    decoded = [{name: json.loads(getattr(row, name) or "null") for name in ("target_set", "new_person")} for row in rows]
    plain = ("type", "reason", "person", "category", "event_date", "effective", "coefficient10", "state")
    return [{**{name: getattr(row, name) for name in plain}, **more} for row, more in zip(rows, decoded, strict=True)]


def entries(district: District) -> int:
    with district.open():
        return Journal.select().count()


class TestWhatIsHandedOut:
    def test_people_stand_by_hamlet_and_name_and_those_who_left_do_not(self, district: District) -> None:
        book = fetched(district.client("xa"))
        names = [book.get(row, "Họ và tên") for row in range(FIRST, book.empty_row())]
        assert names == ["Hoàng Thị Mỹ Duyên", DUONG, DAO, "Lê Văn An", BINH, HOA, PHUC]

    def test_nothing_identifies_anybody_and_no_category_is_told(self, district: District) -> None:
        book = fetched(district.client("xa"))
        texts = [str(cell) for sheet in book.book for row in sheet.values for cell in row if cell is not None]
        for secret in ("099138000001", "00009900000007", "00009911112222", "HIV", "5.8"):
            assert not [each for each in texts if secret in each], secret
        assert book.get(book.row(DAO), "Số CCCD") == "099•••••0001"
        assert book.get(book.row("Lê Văn An"), "Nhóm đối tượng") == "Người có hoàn cảnh khó khăn"

    def test_choices_drop_down_fixed_cells_are_locked_and_text_is_text(self, district: District) -> None:
        district.submit("xa", "person", person_id("dao"), {"locator": (None, "=1+1")})
        book = fetched(district.client("xa"))
        sheet = book.sheet
        lists = {str(each.sqref).split(":", maxsplit=1)[0] for each in sheet.data_validations.dataValidation if each.type == "list"}
        columns = book.columns
        for heading in ("Giới tính", "Thôn/TDP", "Chi trả tại nhà", "Cách nhận tiền", "Loại đối tượng"):
            assert sheet.cell(FIRST, columns[heading]).coordinate in lists, heading
        assert sheet.protection.sheet and not sheet.protection.sort and not sheet.protection.autoFilter and not sheet.protection.insertRows
        locked = {heading: sheet.cell(FIRST, columns[heading]).protection.locked for heading in ("Khóa", "Mã đối tượng", "Số điện thoại")}
        assert locked == {"Khóa": True, "Mã đối tượng": True, "Số điện thoại": False}
        found = sheet.cell(book.row(DAO), columns["Cách tìm nhà"])
        assert (found.value, found.data_type, found.number_format) == ("=1+1", "s", "@")
        assert (sheet.freeze_panes, sheet.print_title_rows, sheet.page_setup.paperSize) == ("D6", "$4:$5", 9)
        assert [each.sheet_state for each in book.book.worksheets] == ["visible", "visible", "hidden", "veryHidden"]

    @pytest.mark.parametrize(
        ("who", "commune", "status"),
        [("xa", "18580", 404), ("huyen", "18580", 200), ("huyen", "99999", 404), ("chitra", "18568", 403), ("lanhdao", "18568", 403)],
    )
    def test_only_an_office_gets_it_and_only_of_its_area(self, district: District, who: str, commune: str, status: int) -> None:
        assert district.client(who).get(f"/commune-workbooks/{commune}.xlsx").status_code == status


class TestWhatComesBack:
    def test_nothing_changed_is_nothing_to_write(self, district: District) -> None:
        client = district.client("xa")
        page = client.get(sent(client, fetched(client).saved())).text
        assert "không có gì mới" in page and "Ghi những thay đổi này</button>" not in page

    def test_plain_cells_are_written_and_others_are_proposed(self, district: District) -> None:
        book = fetched(district.client("xa"))
        book.put(book.row(DAO), Số_điện_thoại="0510 000 099", Chi_trả_tại_nhà="Có", Họ_và_tên="Nguyễn Thị Đào Mai")
        last = sent_back(district, "xa", book)
        assert "Đã ghi xong" in last
        assert district.value("person", person_id("dao"), "phone") == "0510000099"
        assert district.value("person", person_id("dao"), "home_delivery") is True
        assert district.value("person", person_id("dao"), "full_name") == DAO
        assert [(each["person"], each["target_set"]) for each in changes(district)] == [(person_id("dao"), {"full_name": [DAO, "Nguyễn Thị Đào Mai"]})]

    def test_a_masked_number_is_kept_and_goes_on_with_what_is_changed_beside_it(self, district: District) -> None:
        book = fetched(district.client("xa"))
        book.put(book.row(PHUC), Chủ_tài_khoản="TRAN VAN PHUC")
        book.put(book.row(DAO), Số_CCCD="099138000055")
        sent_back(district, "xa", book)
        method = {"method": "bank", "bank": "LPBank", "account": "00009900000007", "holder": "TRAN PHUC"}
        wanted = {each["person"]: each["target_set"] for each in changes(district)}
        assert wanted[person_id("phuc")] == {"payment_method": [method, {**method, "holder": "TRAN VAN PHUC"}]}
        assert wanted[person_id("dao")] == {"national_id": ["099138000001", "099138000055"]}

    def test_a_blank_cell_is_never_an_edit(self, district: District) -> None:
        book = fetched(district.client("xa"))
        for heading in ("Số điện thoại", "Số CCCD", "Thôn/TDP", "Giới tính", "Cách nhận tiền"):
            book.put_at(book.row(DAO), heading, None)
        client = district.client("xa")
        assert "không có gì mới" in client.get(sent(client, book.saved())).text

    def test_what_a_program_makes_of_text_is_no_edit_and_lost_zeros_are_said(self, district: District) -> None:
        book = fetched(district.client("xa"))
        book.put_at(book.row(DAO), "Số điện thoại", 510000001)
        book.put_at(book.row(DAO), "Ngày sinh", 1938)
        book.put_at(book.row(BINH), "Số điện thoại", 912345678)
        book.put_at(book.row(HOA), "Số tài khoản", 1234567890123456)
        client = district.client("xa")
        page = text(client.get(sent(client, book.saved())).text)
        assert "0 người có ô đã sửa" in page
        assert f"Danh sách!I{book.row(BINH)} Số điện thoại Thiếu một chữ số; có phải là 0912345678?" in page
        assert "Số dài quá 15 chữ số" in page

    def test_one_bad_cell_takes_nothing_else_along(self, district: District) -> None:
        book = fetched(district.client("xa"))
        book.put(book.row(DAO), Số_điện_thoại="không có", Địa_chỉ="Ngõ 4")
        book.put(book.row(HOA), Ngày_sinh="31/02/1990", Ghi_chú="đã gọi")
        sent_back(district, "xa", book)
        assert district.value("person", person_id("dao"), "address") == "Ngõ 4"
        assert district.value("person", person_id("dao"), "phone") == "0510000001"
        assert district.value("person", person_id("hoa"), "note") == "đã gọi"
        assert changes(district) == []

    def test_a_fixed_cell_and_one_for_new_people_are_not_passed_over_in_silence(self, district: District) -> None:
        book = fetched(district.client("xa"))
        row = book.row(DAO)
        book.put(row, Mã_đối_tượng="LH1", Địa_chỉ="Ngõ 4")
        book.put(row, Loại_đối_tượng="5.5c")
        client = district.client("xa")
        page = text(client.get(sent(client, book.saved())).text)
        assert f"Danh sách!B{row} Mã đối tượng Cột này do hệ thống ghi" in page
        assert "Loại đối tượng Cột này chỉ dùng cho người mới" in page and "1 người có ô đã sửa" in page

    def test_an_account_beside_cash_is_not_lost_unsaid(self, district: District) -> None:
        book = fetched(district.client("xa"))
        account = {"Ngân_hàng": "Agribank", "Số_tài_khoản": "00009900000011", "Chủ_tài_khoản": "NGUYEN VAN HOA"}
        book.put(book.row(HOA), **account)
        client = district.client("xa")
        page = text(client.get(sent(client, book.saved())).text)
        assert f"Danh sách!N{book.row(HOA)} Cách nhận tiền Người này nhận tiền mặt" in page and "0 người có ô đã sửa" in page
        book.put(book.row(HOA), Cách_nhận_tiền="Chuyển khoản")
        assert "1 người có ô đã sửa" in text(client.get(sent(client, book.saved())).text)

    def test_the_same_file_again_changes_nothing_whatever_happened_since(self, each_district: District) -> None:
        district = each_district
        book = fetched(district.client("xa"))
        book.put(book.row(DAO), Số_điện_thoại="0510000099", Họ_và_tên="Nguyễn Thị Đào Mai")
        book.put(book.empty_row(), **NEW)
        sent_back(district, "xa", book)
        before, count = changes(district), entries(district)
        client = district.client("xa")
        page = client.get(sent(client, book.saved())).text
        assert "không có gì mới" in page and "Đã đề nghị từ lần gửi trước" in page
        district.submit("huyen", "person", person_id("dao"), {"phone": ("0510000099", "0510000011")})
        assert "không có gì mới" in client.get(sent(client, book.saved())).text
        assert (changes(district), entries(district)) == (before, count + 1)

    def test_what_others_wrote_meanwhile_stays_and_what_both_wrote_is_a_conflict(self, district: District) -> None:
        book = fetched(district.client("xa"))
        book.put(book.row(DAO), Số_điện_thoại="0510000099", Địa_chỉ="Ngõ 4")
        book.put(book.row(HOA), Ghi_chú="của xã")
        district.submit("huyen", "person", person_id("dao"), {"phone": ("0510000001", "0510000011"), "locator": (None, "cạnh chợ")})
        client = district.client("xa")
        page = sent(client, book.saved())
        assert "Người khác vừa sửa Hai giá trị khác nhau" in text(client.get(page).text)
        assert "giữ cả hai" in taken_in(client, page)
        kept = {name: district.value("person", person_id("dao"), name) for name in ("phone", "address", "locator")}
        assert kept == {"phone": "0510000011", "address": "Ngõ 4", "locator": "cạnh chợ"}
        with district.open():
            (conflict,) = door.store().where("conflict", "about", [person_id("dao")])
        assert (conflict["seen"], conflict["current"], conflict["wanted"]) == ("0510000001", "0510000011", "0510000099")
        assert district.value("person", person_id("hoa"), "note") == "của xã"

    def test_what_moved_after_it_was_shown_is_shown_again(self, district: District) -> None:
        book = fetched(district.client("xa"))
        book.put(book.row(DAO), Số_điện_thoại="0510000099")
        client = district.client("xa")
        page = sent(client, book.saved())
        shown = client.get(page).text
        district.submit("huyen", "person", person_id("dao"), {"phone": ("0510000001", "0510000099")})
        answer = client.post(f"{page}/confirm", data=Fields(shown, f"{page}/confirm").found)
        assert answer.status_code == 409 and "hãy xem lại" in answer.text


class TestNewPeople:
    def test_a_row_without_a_key_is_a_proposed_increase(self, district: District) -> None:
        book = fetched(district.client("xa"))
        book.put(book.empty_row(), **NEW, Số_CCCD="042044000077")
        client = district.client("xa")
        page = sent(client, book.saved())
        shown = text(client.get(page).text)
        assert "Phạm Văn Mới" in shown and "02/2024" in shown and "360.000" in shown
        taken_in(client, page)
        (made,) = changes(district)
        assert (made["type"], made["reason"], made["category"], made["effective"], made["state"]) == ("increase", "MOI", "5.5c", "2024-02", "proposed")
        assert {k: v for k, v in made["new_person"].items() if k != "id"} == {
            "full_name": "Phạm Văn Mới",
            "birth": "1944-02-01",
            "sex": "M",
            "national_id": "042044000077",
            "commune": "18568",
            "hamlet": "TDP 1",
            "phone": "0510000077",
            "payment_method": {"method": "cash"},
        }

    def test_what_the_law_forbids_or_is_missing_is_said_at_its_cell_and_not_sent(self, district: District) -> None:
        book = fetched(district.client("xa"))
        young = book.empty_row()
        book.put(young, **{**NEW, "Ngày_sinh": "01/02/1990"})
        bare = book.empty_row()
        book.put(bare, Họ_và_tên="Phạm Văn Hai")
        hidden = book.empty_row()
        book.put(hidden, **{**NEW, "Họ_và_tên": "Phạm Văn Ba", "Loại_đối_tượng": "5.8"})
        client = district.client("xa")
        page = text(client.get(sent(client, book.saved())).text)
        assert "0 người mới" in page
        assert f"Danh sách!{bare} Ngày sinh Chưa điền." in page and f"Danh sách!{bare} Loại đối tượng Chưa điền." in page
        assert f"{hidden} Loại đối tượng Loại đối tượng này chỉ đề nghị trên trang." in page
        assert f"AB{young} Loại đối tượng" in page

    def test_somebody_on_the_list_is_not_new_unless_a_number_tells_them_apart(self, district: District) -> None:
        book = fetched(district.client("xa"))
        again = book.empty_row()
        book.put(again, **{**NEW, "Họ_và_tên": DAO, "Ngày_sinh": "1938"})
        client = district.client("xa")
        page = text(client.get(sent(client, book.saved())).text)
        assert f"Danh sách!{again} {DAO}, cùng ngày sinh, đã có trong danh sách" in page and "0 người mới" in page
        book.put(again, Số_CCCD="042138000077")
        assert "1 người mới" in text(client.get(sent(client, book.saved())).text)

    def test_written_over_somebody_else_they_are_not_taken_for_them(self, district: District) -> None:
        book = fetched(district.client("xa"))
        row = book.row(DAO)
        book.put(row, Họ_và_tên="Lê Quang Mới", Ngày_sinh="1950", Số_điện_thoại="0510000099")
        client = district.client("xa")
        page = text(client.get(sent(client, book.saved())).text)
        assert f"Dòng của {DAO} nay ghi một người khác" in page and "0 người có ô đã sửa" in page


class TestRows:
    def test_rows_that_are_gone_are_asked_about_and_are_no_decrease(self, district: District) -> None:
        book = fetched(district.client("xa"))
        book.put(book.row(HOA), Ghi_chú="đã gọi")
        book.order([row for row in range(FIRST, book.empty_row()) if row not in (book.row(DAO), book.row(PHUC))])
        client = district.client("xa")
        page = sent(client, book.saved())
        shown = client.get(page).text
        assert f'href="/changes/new?person={person_id("dao")}"' in shown and "2 người không còn trong tệp" in text(shown)
        assert confirmed(client, page).status_code == 422
        taken_in(client, page, seen_removed="1")
        assert changes(district) == [] and district.value("person", person_id("hoa"), "note") == "đã gọi"
        assert district.value("person", person_id("dao"), "status") == "active"

    def test_a_copied_sheet_is_one_and_rows_that_differ_are_asked_about(self, district: District) -> None:
        book = fetched(district.client("xa"))
        copy = book.book.copy_worksheet(book.sheet)
        copy.title = "Bản sao"
        book.put(book.row(DAO), Số_điện_thoại="0510000099")
        copy.cell(book.row(HOA), book.columns["Ghi chú"]).value = "một"
        book.put(book.row(HOA), Ghi_chú="hai")
        client = district.client("xa")
        page = sent(client, book.saved())
        shown = client.get(page).text
        assert "2 người cần chọn dòng" in text(shown)
        form = Fields(shown, f"{page}/confirm").found
        (sure,) = [name for name, value in form.items() if name.startswith("row.") and value == "0"]
        (unsure,) = [name for name, value in form.items() if name.startswith("row.") and value == ""]
        taken_in(client, page, **{unsure: "1", sure: "0"})
        assert district.value("person", person_id("dao"), "phone") == "0510000099"
        assert district.value("person", person_id("hoa"), "note") == "một"

    def test_without_an_answer_nothing_of_that_person_is_taken(self, district: District) -> None:
        book = fetched(district.client("xa"))
        copy = book.book.copy_worksheet(book.sheet)
        copy.cell(book.row(HOA), book.columns["Ghi chú"]).value = "một"
        book.put(book.row(HOA), Ghi_chú="hai")
        sent_back(district, "xa", book)
        assert district.value("person", person_id("hoa"), "note") is None

    def test_a_strange_key_takes_nothing(self, district: District) -> None:
        book = fetched(district.client("xa"))
        row = book.row(DAO)
        book.put(row, Khóa="NAAAAAAAA", Số_điện_thoại="0510000099")
        client = district.client("xa")
        page = text(client.get(sent(client, book.saved())).text)
        assert f"Danh sách!{row} Cột Khóa ghi «NAAAAAAAA»" in page and "1 người không còn trong tệp" in page

    def test_somebody_who_left_meanwhile_waits_for_the_commune_they_went_to(self, district: District) -> None:
        book = fetched(district.client("xa"))
        book.put(book.row(DAO), Số_điện_thoại="0510000099")
        _move(district, "dao", "18580")
        sent_back(district, "xa", book)
        assert district.value("person", person_id("dao"), "phone") == "0510000001"
        assert [(each["person"], each["target_set"]) for each in changes(district) if each["state"] == "proposed"] == [
            (person_id("dao"), {"phone": ["0510000001", "0510000099"]})
        ]


class TestRefusals:
    def test_a_changed_hidden_sheet_is_refused_whole(self, district: District) -> None:
        book = fetched(district.client("xa"))
        hidden = book.book.worksheets[3]
        (cell,) = [cell for (cell,) in hidden["C3:C9"] if "0510000001" in str(cell.value)]
        cell.value = str(cell.value).replace("0510000001", "0510000002")
        assert _refusal(district, "xa", book.saved()).startswith("Phần ẩn của tệp đã bị sửa")

    def test_another_communes_workbook_is_refused(self, district: District) -> None:
        theirs = fetched(district.client("xa2"), "18580").saved()
        assert _refusal(district, "xa", theirs).startswith("Tệp này của một xã ngoài địa bàn")
        assert district.client("huyen").post("/uploads", data=_file(theirs), content_type="multipart/form-data").status_code == 303

    def test_without_its_hidden_sheet_it_is_a_list_like_any_other(self, district: District) -> None:
        book = fetched(district.client("xa"))
        del book.book["_goc"]
        answer = district.client("xa").post("/uploads", data=_file(book.saved()), content_type="multipart/form-data")
        assert "/commune-workbooks" not in answer.headers.get("Location", "")

    def test_a_file_is_its_senders_alone(self, district: District) -> None:
        client = district.client("xa")
        page = sent(client, fetched(client).saved())
        assert district.client("huyen").get(page).status_code == 404
        assert district.client("xa2").post(f"{page}/confirm").status_code == 404


def _file(content: bytes) -> dict[str, Any]:
    return {"file": (io.BytesIO(content), "x.xlsx")}


def _refusal(district: District, who: str, content: bytes) -> str:
    answer = district.client(who).post("/uploads", data=_file(content), content_type="multipart/form-data")
    assert answer.status_code == 422
    found = re.search(r'<p class="wrong"[^>]*><span[^>]*>[^<]*</span>([^<]*)</p>', answer.text)
    assert found
    return found[1]


def _move(district: District, key: str, commune: str) -> None:
    """Moves a person to another commune, proposed and approved."""
    district.submit("xa", "person", person_id(key), {"commune": ("18568", commune)})
    with district.open():
        (change,) = door.store().where("change", "target", [person_id(key)])
    approve(district, change.id)
