from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.law import amount, book, months
from portal.law.amount import Part
from portal.law.errors import NotInForceError
from tests.law import table

AMOUNTS = table.read("categories")["amounts"]
any_month = st.integers(months.number("2015-01"), months.number("2035-12")).map(months.from_number)


@pytest.mark.parametrize("coefficient10", AMOUNTS)
@pytest.mark.parametrize(("column", "month"), list(enumerate(["2021-06", "2022-01", "2024-09", "2026-07"])))
def test_level_times_coefficient(coefficient10: str, column: int, month: str) -> None:
    assert amount.amount(book.load().at(month), int(coefficient10)) == AMOUNTS[coefficient10][column]


@given(any_month, st.integers(1, 100), st.integers(0, 5_000_000))
def test_an_amount_is_never_negative_and_never_rounded(month: str, coefficient10: int, less: int) -> None:
    law = book.load().at(month)
    assert amount.amount(law, coefficient10) * 10 == law.base_rate * coefficient10
    assert 0 <= amount.amount(law, coefficient10, less=less) <= amount.amount(law, coefficient10)


@pytest.mark.parametrize(("coefficient10", "less"), [(0, 0), (-10, 0), (10, -1)])
def test_what_cannot_be_is_refused(coefficient10: int, less: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        amount.amount(book.load().at("2024-09"), coefficient10, less=less)


def test_a_social_pension_is_the_difference_to_a_smaller_pension() -> None:
    law = book.load().at("2025-09")
    assert amount.amount_of(law, "HTXH-75") == 500_000
    assert amount.amount_of(law, "HTXH-75", less=180_000) == 320_000
    assert amount.amount_of(law, "HTXH-75", less=900_000) == 0
    assert amount.amount_of(law, "5.6-nang", less=180_000) == 750_000
    with pytest.raises(NotInForceError):
        amount.amount_of(law, "5.5c")


def test_why_leads_from_the_person_to_the_sum_with_decree_and_article() -> None:
    law = book.load().at("2024-08")
    arrears = Part("arrears", 210_000, since="2024-07", source=law.rate_source)
    lines = amount.why(law, law.category("5.6-nang"), parts=[arrears], reveal=True)
    assert [line.key for line in lines] == ["category", "rate", "coefficient", "amount", "arrears", "total"]
    assert [line.text for line in lines] == [
        "Thuộc nhóm: Người khuyết tật nặng",
        "Mức chuẩn từ tháng 07/2024: 500.000 đồng",
        "Hệ số: 1,5",
        "Tháng 08/2024: 500.000 × 1,5 = 750.000 đồng",
        "Truy lĩnh tháng 07/2024: 210.000 đồng",
        "Tổng cộng: 960.000 đồng",
    ]
    assert str(lines[0].source) == "Điều 5 khoản 6, Nghị định 20/2021/NĐ-CP"
    assert lines[1].source is not None
    assert lines[1].source.decree_id == "76-2024"
    assert str(lines[2].source) == "Điều 6 khoản 1, Nghị định 20/2021/NĐ-CP"
    assert lines[3].values["amount"] == 750_000


def test_why_keeps_the_line_s_own_coefficient_and_the_month_s_own_level() -> None:
    law = book.load().at("2022-01")
    lines = {line.key: line for line in amount.why(law, law.category("5.6-nang"), 20)}
    assert lines["amount"].values["amount"] == 720_000
    assert "total" not in lines


def test_overpayment_and_withheld_money_are_told_but_never_added_or_taken_off() -> None:
    law = book.load().at("2024-09")
    parts = [
        Part("overpayment", 500_000, "2024-07", "2024-08"),
        Part("withheld", 500_000, "2024-09"),
        Part("carry_over", 500_000, "2024-08"),
    ]
    lines = amount.why(law, law.category("5.5c"), parts=parts)
    assert lines[-1].text == "Tổng cộng: 1.000.000 đồng"
    assert any("từ tháng 07/2024 đến tháng 08/2024" in line.text and "không trừ" in line.text for line in lines)


@pytest.mark.parametrize("code", ["5.3-a", "5.3-b", "5.8"])
def test_why_tells_no_health_data_unless_told_to(code: str) -> None:
    law = book.load().at("2024-09")
    told = " ".join(f"{line.text} {line.source} {line.values}" for line in amount.why(law, law.category(code)))
    assert code not in told
    assert "khoản 3" not in told
    assert "khoản 8" not in told
    assert law.category(code).clause in str(amount.why(law, law.category(code), reveal=True)[0].source)


def test_why_of_a_difference_shows_the_deduction() -> None:
    law = book.load().at("2026-08")
    lines = {line.key: line for line in amount.why(law, law.category("HTXH-75"), less=140_000)}
    assert lines["deduction"].values["less"] == 140_000
    assert lines["amount"].text == "Tháng 08/2026: 540.000 × 1,0 − 140.000 = 400.000 đồng"
