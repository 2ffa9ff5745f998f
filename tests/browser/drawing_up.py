"""October up to the post office: reports, decisions, declarations, the list with its checks and its approval, the schedule."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.month import Clerk, Desk, Office, dong

DEAD, NEW, BY_BANK_NOW, MOVED = "Trần Thị Minh Thìn", "Nguyễn Văn Mười", "Phạm Văn Tịnh", "Lê Thị Xoan"
SIXTY, SIXTEEN = "Đặng Công Vinh", "Phạm Thị Hương"
OTHER_COMMUNES = (
    "thach-kim", "thach-chau", "thach-my", "mai-phu", "ho-do", "ich-hau", "phu-luu", "tan-loc", "hong-loc", "thinh-loc", "binh-an"
)  # fmt: skip


def the_commune_reports(commune: Desk) -> None:
    commune.sees("Báo cáo tháng của xã chưa gửi")
    # Without diacritics, in any order; two people may share a name, a code is one person's.
    person(commune, "thin minh tran", DEAD)
    commune.follow("Đề nghị biến động")
    commune.follow(re.compile("^Đã chết"))
    commune.fill(**{"Ngày xảy ra": "25/9/2024", "Giấy tờ kèm theo": "Trích lục khai tử 31/2024", "Ghi chú": "Con gái báo"})
    commune.press("Báo chết")
    commune.sees("Đã gửi đề nghị, đang chờ duyệt.", "Thôi hưởng từ tháng 10/2024.")

    commune.go("Biến động")
    commune.follow("Đề nghị người mới")
    commune.fill(**{"Họ và tên": NEW, "Ngày sinh": "2/10/1944"})
    commune.choose("Thôn/TDP", "TDP 3")
    commune.choose("Lý do", "Quyết định hưởng mới")
    commune.press("Xem lại")
    # Kept as typed, the error beside its field.
    expect(commune.field("Họ và tên")).to_have_value(NEW)
    expect(commune.page.locator("#f-category-error")).to_be_visible()
    commune.choose("Loại đối tượng", "5.5c")
    commune.fill(**{"Ngày xảy ra": "2/10/2024"})
    commune.press("Xem lại")
    commune.sees("Sẽ như thế nào", "Từ tháng 10/2024", "500.000 đ")
    commune.press("Gửi đề nghị")
    commune.sees("Đã gửi đề nghị, đang chờ duyệt.")

    person(commune, "LH18568-0531", BY_BANK_NOW)
    commune.follow("Đề nghị biến động")
    commune.follow(re.compile("^Đổi hình thức chi trả"))
    commune.choose("Lý do", "Đăng ký nhận qua tài khoản")
    commune.tick("Chuyển khoản")
    commune.fill(**{"Ngân hàng": "Agribank", "Số tài khoản": "00009905310531", "Chủ tài khoản": "PHAM VAN TINH"})
    commune.press("Xem lại")
    commune.press("Gửi đề nghị")
    commune.sees("Đã gửi đề nghị, đang chờ duyệt.")

    person(commune, "LH18568-0053", MOVED)
    commune.follow("Đề nghị biến động")
    commune.follow(re.compile("^Giảm vì lý do khác"))
    commune.choose("Lý do", "Chuyển đi khỏi địa bàn")
    commune.fill(**{"Ngày xảy ra": "18/9/2024"})
    commune.press("Xem lại")
    commune.sees("Thôi hưởng từ tháng 10/2024.")
    commune.press("Gửi đề nghị")
    commune.sees("Đã gửi đề nghị, đang chờ duyệt.")


def person(desk: Desk, typed: str, name: str) -> None:
    """Finds somebody by what is typed, and opens their page."""
    desk.go("Đối tượng")
    desk.fill(**{"Tìm người": typed})
    expect(desk.page.locator("tbody tr")).to_have_count(1)
    desk.follow(name)
    desk.sees_title(name)


def the_district_decides_and_asks(district: Desk) -> None:
    district.go("Việc cần làm")
    district.follow(re.compile("Đề nghị biến động chờ duyệt"))
    expect(district.page.locator("tbody tr")).to_have_count(4)
    district.follow(DEAD)
    district.sees("Hiện nay và đề nghị", "Trích lục khai tử 31/2024", "Con gái báo")
    district.fill(**{"Số quyết định": "101/QĐ-UBND", "Ngày quyết định": "8/10/2024"})
    district.press("Duyệt")
    district.sees("Đã duyệt.", "Hồ sơ đóng: người hưởng đã mất.")

    district.go("Biến động")
    district.follow(NEW)
    district.press("Trả lại và hỏi thêm")
    expect(district.page.locator("#f-reason-error")).to_be_visible()
    district.fill(**{"Câu hỏi hoặc lý do không duyệt": "Ông Mười có lương hưu không?"})
    district.press("Trả lại và hỏi thêm")
    district.sees("Đã trả lại cùng câu hỏi; người đề nghị sẽ thấy.")
    approve_several(district, "102/QĐ-UBND", BY_BANK_NOW, MOVED)


def approve_several(district: Desk, number: str, *names: str) -> None:
    district.go("Biến động")
    for name in names:
        district.tick(f"Chọn {name}")
    district.fill(**{"Số quyết định": number, "Ngày quyết định": "8/10/2024"})
    district.press("Duyệt đã chọn", agree=True)
    district.sees(f"Đã duyệt {len(names)} trong {len(names)} đề nghị.")


def the_commune_answers(commune: Desk, district: Desk) -> None:
    commune.go("Việc cần làm")
    commune.follow(re.compile("Đề nghị bị trả lại, cần trả lời"))
    commune.follow(NEW)
    commune.sees("Ông Mười có lương hưu không?")
    commune.follow("Trả lời và sửa đề nghị")
    commune.fill(**{"Trả lời": "Không có, đã hỏi BHXH"})
    commune.press("Trả lời và gửi lại")
    commune.sees("Đã trả lời và gửi lại.")
    district.go("Biến động")
    district.follow(NEW)
    district.sees("Không có, đã hỏi BHXH")
    district.fill(**{"Số quyết định": "103/QĐ-UBND", "Ngày quyết định": "8/10/2024"})
    district.press("Duyệt")
    district.sees("Đã duyệt.")
    commune.go("Biến động")
    commune.choose("Tình trạng", "Đã duyệt")
    for name in (DEAD, NEW, BY_BANK_NOW, MOVED):
        expect(commune.row(name)).to_contain_text("Trần Thị Thu Hà")


def every_commune_declares(office: Office, commune: Desk, district: Desk) -> None:
    district.go("Chốt tháng của xã")
    assert district.figure("Đã báo") == "0/12"
    commune.go("Chốt tháng của xã")
    commune.tick("Có biến động, đã đề nghị đủ")
    commune.press("Báo cáo tháng 10/2024 đã đủ")
    commune.sees("Đã báo cáo tháng.")
    for name in OTHER_COMMUNES:
        Clerk(office.address, f"xa-{name}").declare(no_change=True)
    district.page.reload()
    assert district.figure("Đã báo") == "12/12"


def the_list_is_drawn_up_checked_and_frozen(chrome: Browser, office: Office, district: Desk) -> int:
    """The total of the frozen list."""
    district.go("Danh sách chi trả")
    district.follow("Tháng 10/2024")
    district.sees("Hồ sơ đã có biến động sau lần lập này; hãy lập lại để danh sách khớp với hồ sơ.")
    district.press("Lập lại từ hồ sơ")
    district.sees("Đã lập lại danh sách từ hồ sơ.")
    # Opening + increases − decreases = closing, for the commune and for the district.
    assert district.cells("Theo xã, thị trấn", "Thị trấn Lộc Hà")[:4] == ["582", "1", "2", "581"]
    assert district.cells("Theo xã, thị trấn", "Cộng")[:4] == ["5.904", "1", "2", "5.903"]
    district.follow("Khác tháng trước từng dòng")
    expect(district.page.locator("tbody tr")).to_have_count(3)
    for name, change in ((DEAD, "Dừng"), (MOVED, "Dừng"), (NEW, "Thêm")):
        expect(district.row(name)).to_contain_text(change)
    district.go("Danh sách chi trả")
    district.follow("Tháng 10/2024")

    district.press("Chốt danh sách", agree=True)
    district.sees("Còn lỗi phải sửa trước khi chốt danh sách; xem phần Kiểm tra bên dưới.")
    blocking = district.main.locator("section.finding").filter(has_text="Phải sửa")
    expect(blocking).to_have_count(1)
    expect(blocking).to_contain_text("Tuổi không hợp với loại đối tượng (2)")
    expect(blocking).to_contain_text(SIXTY)
    expect(blocking).to_contain_text(SIXTEEN)
    grown_older(Desk(chrome, office.address, "xa-binh-an"), "dang cong vinh", SIXTY, "13/10/2024", "5.6-nang-nct", "1.000.000")
    grown_older(Desk(chrome, office.address, "xa-thach-chau"), "LH18583-0339", SIXTEEN, "10/2024", "5.6-nang ", "750.000")
    approve_several(district, "104/QĐ-UBND", SIXTY, SIXTEEN)
    district.go("Danh sách chi trả")
    district.follow("Tháng 10/2024")
    district.press("Lập lại từ hồ sơ")
    district.sees("Đã lập lại danh sách từ hồ sơ.")
    district.does_not_see("Phải sửa")
    assert dong(district.figure("Số dòng")) == 5903
    total = dong(district.figure("Tổng tiền"))
    district.press("Chốt danh sách", agree=True)
    district.sees("Đã chốt danh sách; chờ lãnh đạo duyệt.")
    return total


def grown_older(commune: Desk, typed: str, name: str, birthday: str, category: str, amount: str) -> None:
    """A birthday brings another amount: the commune proposes it."""
    person(commune, typed, name)
    commune.follow("Đề nghị biến động")
    commune.follow(re.compile("^Điều chỉnh mức"))
    commune.choose("Lý do", "Thay đổi mức theo tuổi")
    commune.choose("Loại đối tượng", category)
    commune.fill(**{"Ngày xảy ra": birthday})
    commune.press("Xem lại")
    commune.sees("Từ tháng 10/2024", re.compile(rf"→ {re.escape(amount)}\sđ mỗi tháng"))
    commune.press("Gửi đề nghị")
    commune.sees("Đã gửi đề nghị, đang chờ duyệt.")
    commune.context.close()


def the_head_approves_what_is_shown(head: Desk, total: int) -> None:
    head.go("Việc cần làm")
    head.follow(re.compile("Danh sách chờ duyệt"))
    head.follow("Tháng 10/2024")
    assert dong(head.figure("Tổng tiền")) == total
    shown = head.main.get_by_text(re.compile("^Bạn duyệt đúng nội dung đang hiện: 5.903 dòng")).inner_text()
    digest = shown.rstrip(".").rpartition(" ")[2]
    head.press("Duyệt danh sách", agree=True)
    head.sees("Đã duyệt danh sách.")
    head.sees(re.compile(f"^{digest}"))
    head.sees("Nguyễn Hữu Phước")


def the_schedule_is_proposed_and_posted(chrome: Browser, office: Office, post: Desk, district: Desk, commune: Desk) -> None:
    district.go("Danh sách chi trả")
    district.follow("Tháng 10/2024")
    district.sees("Chưa chuyển được: các xã sau có người nhận tiền mặt mà chưa có phiên chi trả.")
    post.go("Việc cần làm")
    post.follow(re.compile("Xã chưa có lịch chi trả"))
    post.press("Lập lịch cho các xã còn thiếu")
    expect(post.main.get_by_role("table", name="Các phiên chi trả tháng 10/2024").locator("tbody tr")).to_have_count(12)
    row = post.row("Thị trấn Lộc Hà")
    day, hours = (row.locator("td").nth(at).inner_text().split()[0] for at in (0, 1))
    assert "10" <= day[:2] <= "15" and day[2:] == "/10/2024"
    public = chrome.new_context(base_url=office.address).new_page()
    public.goto(str(post.main.get_by_role("link", name=re.compile("^Trang lịch cho người dân")).get_attribute("href")))
    expect(public.get_by_text("Lịch chi trả tháng này chưa được niêm yết.")).to_be_visible()

    district.page.reload()
    district.press("Chuyển bưu điện", agree=True)
    district.sees("Đã chuyển danh sách cho bưu điện và niêm yết lịch chi trả.")
    commune.go("Lịch chi trả")
    own = commune.main.get_by_role("table", name="Các phiên chi trả tháng 10/2024").locator("tbody tr")
    expect(own).to_have_count(1)
    expect(own).to_contain_text(day)
    public.reload()
    place = public.get_by_role("table", name="Thị trấn Lộc Hà").get_by_role("row").filter(has_text=day)
    expect(place).to_contain_text(hours)
    expect(place).to_contain_text("Điểm Bưu điện - Văn hóa thị trấn Lộc Hà")
    assert "Đinh Văn Tài" not in public.content() and "bd-loc-ha" not in public.content()
    public.context.close()
