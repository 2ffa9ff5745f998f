"""A commune's workbook in a browser: fetched, worked in, sent back and taken in; on a phone, read aloud, and without scripts."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.test_settlement import faults, sign_in
from tests.commune_books import FIRST, Book
from tests.district import District, person_id


def test_a_week_of_work_from_download_to_register(chrome: Browser, address: str, district: District, tmp_path: Path) -> None:
    page = sign_in(chrome, address, "xa", width=360)
    page.goto("/people")
    page.get_by_role("link", name="Làm việc bằng tệp Excel khi không có mạng").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Danh sách của xã trong tệp Excel")
    assert faults(page) == []
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Tải danh sách Thị trấn Lộc Hà").click()
    fetched.value.save_as(tmp_path / "ds.xlsx")
    book = Book((tmp_path / "ds.xlsx").read_bytes())
    copy = book.book.copy_worksheet(book.sheet)
    copy.cell(book.row("Nguyễn Văn Hòa"), book.columns["Ghi chú"]).value = "một"
    book.put(book.row("Nguyễn Văn Hòa"), Ghi_chú="hai")
    book.put(book.row("Nguyễn Thị Đào"), Số_điện_thoại="0510000099", Họ_và_tên="Nguyễn Thị Đào Mai")
    book.put(book.row("Đặng Văn Dưỡng"), Số_điện_thoại="12")
    copy.delete_rows(book.row("Trần Phúc"))
    book.order([row for row in range(FIRST, book.empty_row()) if row != book.row("Trần Phúc")])
    district.submit("huyen", "person", person_id("dao"), {"phone": ("0510000001", "0510000011")})
    (tmp_path / "ds.xlsx").write_bytes(book.saved())
    page.get_by_label("Tệp đã sửa", exact=True).set_input_files(tmp_path / "ds.xlsx")
    page.get_by_role("button", name="Xem thay đổi").click()
    expect(page.get_by_role("heading", name="Không còn trong tệp")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults(page) == []
    page.get_by_role("button", name="Ghi những thay đổi này").click()
    expect(page.get_by_role("alert").first).to_contain_text("đánh dấu là đã xem")
    assert faults(page) == []
    page.get_by_text("Tôi đã xem").click()
    page.get_by_text("Ghi chú: (trống) → một").click()
    page.get_by_role("button", name="Ghi những thay đổi này").click()
    expect(page.get_by_text("Đã ghi xong tệp này.")).to_be_visible()
    assert district.value("person", person_id("hoa"), "note") == "một"
    assert district.value("person", person_id("dao"), "phone") == "0510000011"
