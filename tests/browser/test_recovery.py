"""The recovery ledger and funeral grants in a browser: on a phone, read aloud, by keyboard and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from sync.ids import named
from tests.browser.answering import answering
from tests.browser.test_settlement import faults, sign_in
from tests.district import District, person_id
from tests.overpaying import recovery_id, tell
from tests.test_funeral_grant import ask
from tests.test_recovery import write

CASE = f"/recoveries/{recovery_id('dao')}"


@pytest.fixture
def address(district: District) -> Iterator[str]:
    """Two months paid to somebody who had died; one was paid back in part, the other turned out not to have been paid."""
    tell(district, "post 10, pay 10, post 11, pay 11, report 09-20")
    write(district.client("huyen"), "letter", number="15/LĐTBXH", party="Con trai: Nguyễn Văn Cả")
    write(district.client("huyen"), "repayment", amount="200.000", number="BL 07", party="Nguyễn Văn Cả")
    write(district.client("xa"), "repayment", amount="100.000", number="BL 09", party="Nguyễn Văn Cả")
    tell(district, "undo 11")
    ask(district)
    with answering(district.app) as at:
        yield at


def test_every_page_fits_a_phone_and_can_be_read_aloud(chrome: Browser, address: str) -> None:
    page = sign_in(chrome, address, "huyen", width=360)
    for path in (
        "/recoveries",
        f"{CASE}?entry=repayment",
        f"/funeral-grants/{named('g1')}",
        f"/funeral-grants/new?person={person_id('lan')}",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert faults(page) == [], path
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_repayment_is_entered_and_handed_to_the_budget(chrome: Browser, address: str, scripts: bool) -> None:
    page = sign_in(chrome, address, "huyen", scripts=scripts)
    page.goto("/recoveries")
    page.get_by_label("Tìm người").fill("dao")
    page.get_by_label("Tìm người").press("Enter")
    page.get_by_role("link", name="Nguyễn Thị Đào").click()
    page.get_by_role("link", name="Nộp ngân sách").click()
    expect(page.get_by_label("Số tiền", exact=True)).to_have_value("200.000")
    page.get_by_label("Ngày").fill("25/10/2024")
    page.get_by_label("Số văn bản, chứng từ").fill("GNT 03")
    page.get_by_role("button", name="Ghi sổ").click()
    expect(page.get_by_text("Đã ghi sổ.")).to_be_visible()
    expect(page.get_by_text("Còn phải thu 300.000 đ (bằng chữ: Ba trăm nghìn đồng).")).to_be_visible()
    page.context.close()
