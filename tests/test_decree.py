"""The law's page: what is in force on a day, by which article."""

from __future__ import annotations

import re
from datetime import date

import pytest

from portal import decree
from tests.district import District


def table(page: str, heading: str) -> str:
    """The table of the page with this caption, tags left out, one line a row."""
    found = re.search(rf"<caption[^>]*>{heading}</caption>(.*?)</table>", page, re.DOTALL)
    assert found is not None, heading
    rows = re.findall(r"<tr>(.*?)</tr>", found[1], re.DOTALL)
    return "\n".join(" | ".join(re.sub(r"<[^>]+>", " ", cell).strip() for cell in re.split(r"</t[dh]>", row)[:-1]) for row in rows)


@pytest.mark.parametrize(
    ("day", "level", "source"),
    [
        ("30/6/2021", "270.000", "136/2013"),
        ("1/7/2021", "360.000", "Điều 4 khoản 2, Nghị định 20/2021/NĐ-CP"),
        ("30/06/2024", "360.000", "20/2021"),
        ("01/07/2024", "500.000", "Điều 1 (sửa Điều 4 khoản 2 Nghị định 20/2021/NĐ-CP), Nghị định 76/2024/NĐ-CP"),
        ("30/6/2026", "500.000", "76/2024"),
        ("2026-07-01", "540.000", "335/2026"),
    ],
)
def test_each_level_on_both_sides_of_its_day(district: District, day: str, level: str, source: str) -> None:
    page = district.client("huyen").get("/law", query_string={"day": day}).text
    levels = table(page, "Mức chuẩn")
    assert f"Mức chuẩn trợ giúp xã hội | {level} |" in levels
    assert source in levels


def test_every_group_has_its_coefficient_sum_and_article(district: District) -> None:
    page = district.client("xa").get("/law?day=1/9/2024").text
    allowances, care = table(page, "Trợ cấp xã hội hằng tháng"), table(page, "Kinh phí hỗ trợ chăm sóc, nuôi dưỡng")
    assert len(allowances.splitlines()) == 1 + 19
    assert len(care.splitlines()) == 1 + 7
    row = next(line for line in allowances.splitlines() if line.startswith("5.6-dbn-te |"))
    assert "| 2,5 | 1.250.000 | Điều 6 khoản 1, Nghị định 20/2021/NĐ-CP Điều 5 khoản 6" in re.sub(r"\s+", " ", row)
    assert "hưởng từ tháng ghi trên giấy xác nhận khuyết tật" in row
    row = next(line for line in care.splitlines() if line.startswith("20.2c |"))
    assert "trả cho người chăm sóc" in row
    assert "10.000.000" in table(page, "Hỗ trợ một lần")
    row = next(line for line in table(page, "Thời hạn và quy ước").splitlines() if line.startswith("Tạm dừng khi không nhận"))
    assert "| 3 |" in row
    assert "Thông tư 02/2021/TT-BLĐTBXH" in row


def test_a_decree_known_later_than_the_day_says_so(district: District) -> None:
    page = district.client("huyen").get("/law?day=2/7/2024").text
    assert "Nghị định 76/2024/NĐ-CP chỉ được biết từ ngày 04/07/2024" in page
    assert "chỉ được biết" not in district.client("huyen").get("/law?day=4/7/2024").text


def test_the_groups_of_2025_end_and_the_pension_comes(district: District) -> None:
    before = district.client("huyen").get("/law?day=30/6/2025").text
    assert "đến hết 06/2025" in table(before, "Trợ cấp xã hội hằng tháng")
    after = district.client("huyen").get("/law?day=1/7/2025").text
    assert "5.5c |" not in table(after, "Trợ cấp xã hội hằng tháng")
    assert "HTXH-75 |" in table(after, "Trợ cấp hưu trí xã hội")
    assert "Thay đổi từ tháng này:" in after
    assert set(decree.differences(date(2025, 7, 15))) >= {"category:5.5b", "category:5.5c", "category:HTXH-75", "rate:social_pension"}
    assert decree.differences(date(2025, 8, 1)) == ()


def test_the_days_of_change_lead_to_each_other(district: District) -> None:
    page = district.client("huyen").get("/law?day=1/7/2024").text
    assert 'href="/law?day=01/07/2026"' in page or 'href="/law?day=01%2F07%2F2026"' in page
    assert "<b>01/07/2024</b>" in page


@pytest.mark.parametrize("day", ["hôm qua", "31/2/2024", "2024", "1/1/1999"])
def test_a_day_that_cannot_be_is_asked_for_again(district: District, day: str) -> None:
    answer = district.client("huyen").get("/law", query_string={"day": day})
    assert answer.status_code == 422
    assert "500.000" in answer.text


def test_whoever_works_with_the_list_may_read_it(district: District) -> None:
    for who in ("xa", "chitra", "kiemsoat", "huyen", "lanhdao", "giamsat"):
        client = district.client(who)
        assert client.get("/law").status_code == 200
        assert 'href="/law"' in client.get("/").text
    assert district.client("quantri").get("/law").status_code == 403
    assert district.client().get("/law").status_code == 303
