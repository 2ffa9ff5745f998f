"""Files to the bank and back in a browser: a live preview, a download that stays on its page, a result looked at; for everyone, on a phone."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from portal import bank_file
from tests.browser.test_payment import (  # noqa: F401  # fixtures
    DESK,
    PHONE,
    Counter,
    Open,
    counter,
    faults,
    sign_in,
)
from tests.district import MONTH, line_code

PHUC = line_code("phuc")


def test_a_round_through_the_bank(counter: Counter, sign_in: Open, tmp_path: Path) -> None:
    page = sign_in("kiemsoat", DESK)
    page.goto("/bank-templates")
    page.get_by_role("link", name="Mẫu chung, tệp CSV").click()
    page.get_by_label("Nội dung chuyển khoản").fill("TCXH {category} {line}")
    page.get_by_label("Nội dung chuyển khoản").press("Tab")
    expect(page.locator("#preview")).to_contain_text("Không dùng được «category» ở đây")
    page.get_by_label("Nội dung chuyển khoản").fill("TRO CAP T{MM} {line}")
    page.get_by_label("Nội dung chuyển khoản").press("Tab")
    expect(page.locator("#preview")).to_contain_text("TRO CAP T10 LH")
    page.get_by_role("button", name="Lưu mẫu").click()
    expect(page.locator("#notice")).to_contain_text("Đã lưu mẫu")

    page.goto("/bank-files")
    page.locator("section", has_text="LPBank").get_by_label("Mẫu").select_option(label="Mẫu chung, tệp CSV")
    page.locator("section", has_text="LPBank").get_by_role("button", name="Lập tệp").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("LPBank, tháng 10/2024, tệp số 1")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Tải tệp").click()
    path = tmp_path / taken.value.suggested_filename
    taken.value.save_as(path)
    with counter.district.open():
        [file] = bank_file.files(MONTH)
    assert path.name == f"chuyen-khoan-{MONTH}-lpbank-01.csv"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == file.digest
    page.reload()
    expect(page.get_by_text("Tệp này đã được tải")).to_be_visible()

    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows({**row, "Ket qua": "bị trả lại", "Ma ly do": "tài khoản đã đóng"} for row in rows)
    page.goto("/payments/bank-result")
    page.get_by_label("Tệp kết quả").set_input_files({"name": "tra-lai.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode()})
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Xem trước khi ghi: tra-lai.csv")
    assert counter.line("phuc").state == "planned"
    page.get_by_role("button", name="Ghi kết quả").click()
    expect(page.locator("#notice")).to_contain_text("Đã ghi kết quả")
    assert counter.line("phuc").state == "rejected"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_are_for_everyone(counter: Counter, sign_in: Open, size: dict[str, int]) -> None:
    page = sign_in("kiemsoat", size)
    counter.district.submit(
        "kiemsoat", "payment", counter.line("phuc").id, {"mark": (None, {"state": "rejected", "how": "bank", "reason": "SAI_TK"})}
    )
    paths = (
        "/bank-files",
        "/bank-templates",
        "/bank-templates/new",
        "/payments/bank-result",
        "/payment-methods",
        f"/payments/{counter.line('phuc').id}",
    )
    for path in paths:
        page.goto(path)
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
