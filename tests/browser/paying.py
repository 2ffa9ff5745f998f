"""October from its pay day on: a late death, the agent's marks, the bank's answer, the settlement, the result, what is carried over."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from docx import Document
from playwright.sync_api import expect

from tests.browser.drawing_up import BY_BANK_NOW, DEAD, NEW, person
from tests.browser.month import Desk, dong

LATE = "Hồ Ngọc Thìn"


def a_death_reported_now_is_held_at_once(commune: Desk, agent: Desk, district: Desk) -> None:
    to_his_session(agent)
    expect(agent.row(LATE)).to_contain_text("Chưa có kết quả")
    person(commune, "LH18568-0534", LATE)
    commune.follow("Đề nghị biến động")
    commune.follow(re.compile("^Đã chết"))
    commune.fill(**{"Ngày xảy ra": "29/9/2024", "Ghi chú": "Tổ trưởng báo"})
    commune.press("Báo chết")
    commune.sees(re.compile(r"1 khoản đang giữ lại: 500.000\sđ \(tháng 10/2024\)"))

    # Nobody has approved anything yet.
    agent.page.reload()
    expect(agent.row(LATE)).to_contain_text("Giữ lại")
    expect(agent.row(LATE)).to_contain_text("Báo đã mất — không chi")
    assert agent.row(LATE).get_by_role("button", name="Đã chi tại quầy").first.is_hidden()
    district.go("Danh sách chi trả")
    district.follow("Tháng 10/2024")
    district.follow("Phụ lục (1)")
    expect(district.row("Phụ lục số 1")).to_contain_text(LATE)
    expect(district.row("Phụ lục số 1")).to_contain_text("Báo đã mất")

    district.go("Biến động")
    district.follow(LATE)
    district.fill(**{"Số quyết định": "105/QĐ-UBND", "Ngày quyết định": "14/10/2024"})
    district.press("Duyệt")
    district.sees("Đã duyệt.", "Đang giữ lại")


def to_his_session(agent: Desk) -> None:
    agent.go("Chi trả")
    agent.follow("Thị trấn Lộc Hà", agent.main.get_by_role("table", name="Phiên của bạn"))
    agent.sees_title(re.compile("^Chi trả tại Thị trấn Lộc Hà"))


def the_agent_marks(agent: Desk) -> None:
    rows = agent.page.locator("tbody tr")
    expect(rows).to_have_count(11)  # twelve, without the dead and without who has an account now, with the new one
    expect(agent.row(DEAD)).to_have_count(0)
    expect(agent.row(BY_BANK_NOW)).to_have_count(0)
    mark(agent, "Nguyễn Thị Minh Bảy", "Đã chi tại nhà", "tại nhà")
    mark(agent, "Trần Thị Chắt", "Người nhận thay đã nhận", "người nhận thay")
    mark(agent, NEW, "Đã chi tại quầy", "tại quầy")
    absent = agent.row("Nguyễn Thị Mùi")
    absent.get_by_text("Chưa nhận…").click()
    agent.press("Ghi chưa nhận", within=absent)
    expect(absent).to_contain_text("Hãy chọn lý do chưa nhận.")
    absent.get_by_text("Chưa nhận…").click()
    absent.get_by_role("combobox").select_option(label="Vắng mặt")
    agent.press("Ghi chưa nhận", within=absent)
    expect(absent).to_contain_text("Đã ghi.")
    expect(absent).to_contain_text("Vắng mặt")
    for name in ("Nguyễn Minh Hải", "LH18568-0169/1", "LH18568-0017/1", "Hồ Thị Đào", "Hồ Thị Hòe", "Trần Hữu Tiến"):
        agent.row(name).get_by_role("checkbox").check()
    agent.press("Những người đã chọn: đã chi tại quầy", agree=True)
    agent.sees("Đã ghi 6 người nhận tại quầy.")
    assert agent.figure("Chưa có kết quả").split()[0] == "0"
    assert agent.figure("Đã nhận").split()[0] == "9"


def mark(agent: Desk, name: str, button: str, words: str) -> None:
    agent.press(button, within=agent.row(name))
    expect(agent.row(name)).to_contain_text("Đã ghi.")
    expect(agent.row(name)).to_contain_text(words)


def the_banks_result_is_taken_in(post: Desk, folder: Path) -> None:
    """A file for each bank, and its answer: in one a sum is wrong first, and two transfers come back."""
    to_the_bank_files(post)
    banks = post.main.get_by_role("button", name="Lập tệp").count()
    assert banks > 3
    booked = 0
    for number in range(banks):
        rows = a_file_for_the_next_bank(post)
        booked += len(rows)
        for at, row in enumerate(rows):
            row.update({"Ket qua": "bị trả lại", "Ma ly do": "TK_DONG"} if number == 0 and at in (3, 5) else {"Ket qua": "đã chuyển"})
        answer = folder / f"ket-qua-{number}.csv"
        post.go("Chi trả")
        post.follow("Kết quả của ngân hàng")
        if number == 0:
            write(answer, [{**row, "So tien": "1"} if at == 7 else row for at, row in enumerate(rows)])
            post.main.get_by_label("Tệp kết quả").set_input_files(answer)
            post.press("Kiểm tra")
            post.sees(re.compile("^Tệp bị từ chối, không ghi gì: có 1 chỗ sai."))
        write(answer, rows)
        post.main.get_by_label("Tệp kết quả").set_input_files(answer)
        post.press("Kiểm tra")
        post.sees("Xem trước khi ghi")
        post.press("Ghi kết quả")
        post.sees(re.compile("^Đã ghi kết quả"))
        to_the_bank_files(post)
    assert booked > 5000
    post.go("Chi trả")
    assert post.figure("Chưa có kết quả").split()[0] == "0"


def to_the_bank_files(post: Desk) -> None:
    post.go("Chi trả")
    post.follow("Kết quả của ngân hàng")
    post.follow("Tệp gửi ngân hàng")


def a_file_for_the_next_bank(post: Desk) -> list[dict[str, str]]:
    """Makes and takes the file of the first bank that has none yet; its rows."""
    section = post.main.locator("section", has=post.page.get_by_role("button", name="Lập tệp")).first
    section.locator("select").select_option(label="Mẫu chung, tệp CSV")
    section.get_by_role("button", name="Lập tệp").click()
    with post.page.expect_download() as download:
        post.press("Tải tệp")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert rows
    return rows


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def the_month_is_settled(post: Desk, district: Desk, total: int) -> tuple[int, int]:
    """What was paid, and what goes on to the next month."""
    post.go("Đối soát")
    post.follow("Tháng 10/2024")
    post.sees("Khớp từng đồng: danh sách = đã nhận + chưa nhận + bị trả lại + giữ lại.")
    listed, paid, uncollected, rejected, withheld = (dong(cell) for cell in post.cells("Kết quả theo xã, thị trấn", "Cộng")[:5])
    assert (listed, listed - paid - uncollected - rejected - withheld) == (total, 0)
    assert (uncollected, withheld) == (500_000, 500_000)
    assert dong(post.figure("Chưa chi, chuyển kỳ sau")) == uncollected + rejected
    assert dong(post.figure("Không được hưởng, nộp trả")) == withheld
    for table in ("Kết quả theo điểm chi trả", "Kết quả theo ngân hàng"):
        sums = [dong(cell) for cell in post.cells(table, "Cộng")[:5]]
        assert sums[0] == sum(sums[1:])
    not_paid = post.main.get_by_role("table", name="Các dòng chưa đến tay người hưởng")
    expect(not_paid.locator("tbody tr")).to_have_count(4)
    expect(not_paid.get_by_role("row").filter(has_text=LATE)).to_contain_text("Không được hưởng, nộp trả")
    expect(not_paid.get_by_role("row").filter(has_text="Nguyễn Thị Mùi")).to_contain_text("Vắng mặt")
    post.press("Ký kết quả chi trả", agree=True)
    post.sees("Đã ký kết quả chi trả của tháng; chờ quyết toán.")

    district.go("Việc cần làm")
    district.follow(re.compile("Tháng bưu điện đã ký, chờ quyết toán"))
    district.follow("Tháng 10/2024")
    district.sees("Khớp từng đồng: danh sách = đã nhận + chưa nhận + bị trả lại + giữ lại.")
    district.press("Quyết toán tháng", agree=True)
    district.sees("Đã quyết toán tháng.")
    return paid, uncollected + rejected


def the_result_says_the_same(district: Desk, total: int, paid: int, folder: Path) -> None:
    district.go("Báo cáo")
    district.follow("Kết quả tháng 10/2024")
    assert (dong(district.figure("Tổng kinh phí")), dong(district.figure("Đã chi"))) == (total, paid)
    assert dong(district.figure("Lượt chi")) == 5903
    with district.page.expect_download() as download:
        district.follow("Tải báo cáo (Word)")
    report = folder / download.value.suggested_filename
    download.value.save_as(report)
    assert report.name == "bao-cao-2024-10.docx"
    words = "\n".join(paragraph.text for paragraph in Document(str(report)).paragraphs)
    assert "Danh sách chi trả đã chuyển cho đơn vị chi trả: 5.903 lượt" in words
    assert f"{total:,} đồng".replace(",", ".") in words
    assert f"{paid:,} đồng".replace(",", ".") in words


def the_next_list_carries_over(district: Desk, carried: int) -> None:
    district.go("Danh sách chi trả")
    district.choose("Lập danh sách cho", "tháng 11/2024")
    district.press("Lập danh sách")
    district.sees("Đã lập danh sách.")
    assert dong(district.figure("Chưa nhận kỳ trước")) == carried
    district.follow("Xem từng dòng")
    district.fill(**{"Tìm dòng": "mui nguyen thi LH18568-0403"})
    expect(district.page.locator("tbody tr")).to_have_count(1)
    expect(district.row("Nguyễn Thị Mùi")).to_contain_text("1.000.000")
    for code in ("LH18568-0534", "LH18568-0109"):
        district.fill(**{"Tìm dòng": code})
        district.sees("Không có dòng nào như vậy.")
