import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import values
from sync.banks import BANKS, find
from sync.identity import national_id_warnings, phone_warnings
from sync.values import ValueProblem

Parser = Callable[[object], Any]
READ: dict[Parser, list[tuple[object, Any]]] = {
    values.parse_text: [
        ("  Thôn  1\n", "Thôn 1"),
        ("Hô\u0323 Đô\u0323", "Hộ Độ"),
        ("Ha\u200b Nội\ufeff", "Ha Nội"),
        ("👩\u200d🦽 ngồi xe", "👩\u200d🦽 ngồi xe"),
        (12, "12"),
        (12.0, "12"),
    ],
    values.parse_name: [(" Nguyễn  Thị Đào ", "Nguyễn Thị Đào"), ("NGUYEN VAN A", "NGUYEN VAN A")],
    values.parse_phone: [
        ("0912 345 678", "0912345678"),
        ("+84 912.345.678", "0912345678"),
        ("84912345678", "0912345678"),
        ("0084 912345678", "0912345678"),
        ("+84 (0)912 345 678", "0912345678"),
        ("01681234567", "0381234567"),
        ("0120-123-4567", "0701234567"),
        ("+841991234567", "0591234567"),
        ("02393 845 123", "02393845123"),
        ("0510991486", "0510991486"),
        ("'0912345678", "0912345678"),
    ],
    values.parse_national_id: [
        ("042138001234", "042138001234"),
        (" 042 138 001 234 ", "042138001234"),
        ("042.138.001.234", "042138001234"),
        ("'042138001234", "042138001234"),
        ("183456789", "183456789"),
        (183456789.0, "183456789"),
        ("183456789.0", "183456789"),
    ],
    values.parse_birth: [
        ("1938", "1938"),
        (1938, "1938"),
        (1938.0, "1938"),
        ("05/1938", "1938-05"),
        ("1938-05", "1938-05"),
        ("12/05/1938", "1938-05-12"),
        ("2.5.1938", "1938-05-02"),
        ("2-5-1938", "1938-05-02"),
        ("2 / 5 / 1938", "1938-05-02"),
        ("1938-05-12", "1938-05-12"),
        ("29/02/2024", "2024-02-29"),
        (date(1938, 5, 12), "1938-05-12"),
        (datetime(1938, 5, 12, 7, 0), "1938-05-12"),  # noqa: DTZ001  # a worksheet's dates know no zone
    ],
    values.parse_day: [("12/10/2024", "2024-10-12"), ("2024-10-12", "2024-10-12")],
    values.parse_month: [("10/2024", "2024-10"), ("2024-10", "2024-10"), ("1.2025", "2025-01")],
    values.parse_money: [
        (360000, 360_000),
        (360000.0, 360_000),
        ("360000", 360_000),
        ("360.000", 360_000),
        ("360,000", 360_000),
        ("360 000", 360_000),
        ("360\u00a0000", 360_000),
        ("360.000,0", 360_000),
        ("360,000.00", 360_000),
        ("360.000đ", 360_000),
        ("360.000 đồng", 360_000),
        ("1.234.567 VNĐ", 1_234_567),
        ("0", 0),
    ],
    values.parse_coefficient10: [("1,5", 15), ("1.5", 15), (1.5, 15), (2.0, 20), ("2", 20), ("2,50", 25), ("10", 100), (15, 15)],
    values.parse_account_number: [("0000 9911-1122", "000099111122"), ("vn12ab34", "VN12AB34")],
    values.parse_bank: [
        ("Agribank", "Agribank"),
        ("NH  AGRIBANK", "Agribank"),
        ("970405", "Agribank"),
        ("LienVietPostBank", "LPBank"),
        ("Quỹ tín dụng nhân dân Thạch Kim", "Quỹ tín dụng nhân dân Thạch Kim"),
    ],
    values.parse_sex: [("Nam", "M"), ("Nữ", "F"), ("nu", "F"), ("M", "M"), ("f", "F")],
    values.parse_bool: [(True, True), (False, False), ("on", True), ("Có", True), ("x", True), ("0", False), ("không", False)],
    values.parse_moment: [
        ("2024-10-12T08:31:05+07:00", "2024-10-12T01:31:05Z"),
        ("2024-10-12T01:31:05Z", "2024-10-12T01:31:05Z"),
    ],
    values.parse_uuid: [
        ("0192B3C4-0000-7000-8000-00000000ABCD", "0192b3c4-0000-7000-8000-00000000abcd"),
        ("{0192b3c4-0000-4000-8000-00000000abcd}", "0192b3c4-0000-4000-8000-00000000abcd"),
    ],
    values.parse_payment_method: [
        ({"method": "cash"}, {"method": "cash"}),
        ({"method": "cash", "bank": "", "account": None}, {"method": "cash"}),
        (
            {"method": "bank", "bank": "nh agribank", "bin": "970405", "account": "0000 991122", "holder": " LE  VAN AN "},
            {"method": "bank", "bank": "Agribank", "bin": "970405", "account": "0000991122", "holder": "LE VAN AN"},
        ),
        (
            {"method": "bank", "bank": "Quỹ tín dụng Thạch Kim", "account": "000099", "holder": "LE VAN AN"},
            {"method": "bank", "bank": "Quỹ tín dụng Thạch Kim", "account": "000099", "holder": "LE VAN AN"},
        ),
    ],
    values.parse_alternate_recipient: [
        (
            {"name": " Lê  Văn An", "relation": "con", "until": "31/12/2025"},
            {"name": "Lê Văn An", "relation": "con", "until": "2025-12-31"},
        ),
    ],
}
REFUSED: dict[Parser, list[tuple[object, str]]] = {
    values.parse_text: [
        ("a\x00b", "control_characters"),
        ("a\x1bb", "control_characters"),
        ("a\ud800", "control_characters"),
        ("a\ufffe", "control_characters"),
        ("   ", "missing"),
        ("\u200b", "missing"),
        ("x" * 201, "too_long"),
        (True, "not_text"),
        ([], "not_text"),
        (float("nan"), "rounded_number"),
        (float("inf"), "rounded_number"),
    ],
    values.parse_name: [("12345", "not_a_name"), ("---", "not_a_name")],
    values.parse_phone: [
        ("912345678", "lost_zero"),
        (912345678.0, "lost_zero"),
        ("09123", "not_a_phone"),
        ("01111234567", "not_a_phone"),
        ("0912345678 hoặc 0987654321", "not_a_phone"),
        ("٠٩١٢٣٤٥٦٧٨", "not_a_phone"),
    ],
    values.parse_national_id: [
        ("42138001234", "lost_zero"),
        (42138001234.0, "lost_zero"),
        ("42138001234.0", "lost_zero"),
        ("1138001234", "lost_zero"),
        ("12345678", "lost_zero"),
        ("4.2138E+10", "not_digits"),
        ("04213800123O", "not_digits"),
        ("0421380012345", "not_an_id"),
        ("1234", "not_an_id"),
    ],
    values.parse_birth: [
        ("31/02/1938", "impossible_date"),
        ("05/25/1938", "impossible_date"),
        ("29/02/2023", "impossible_date"),
        ("13/1938", "impossible_date"),
        ("1700", "impossible_date"),
        (date(1, 1, 1), "impossible_date"),
        ("12/05/38", "short_year"),
        ("khoảng 1938", "not_a_date"),
    ],
    values.parse_day: [("10/2024", "day_missing"), ("2024", "day_missing")],
    values.parse_month: [("12/10/2024", "not_a_month"), ("2024", "not_a_month")],
    values.parse_money: [
        ("360.5", "not_money"),
        (360.5, "not_money"),
        ("360,5", "not_money"),
        ("360.000.0", "not_money"),
        ("1.234,567", "not_money"),
        ("36.00.00", "not_money"),
        ("-360000", "not_money"),
        (-1, "out_of_bounds"),
        (10**13, "out_of_bounds"),
        (True, "not_money"),
        ("ba trăm", "not_money"),
        (float("nan"), "rounded_number"),
    ],
    values.parse_coefficient10: [
        ("1,55", "not_a_coefficient"),
        ("0", "not_a_coefficient"),
        ("100", "not_a_coefficient"),
        (1, "not_a_coefficient"),
        (True, "not_text"),
    ],
    values.parse_account_number: [
        ("12345", "not_an_account"),
        ("1" * 20, "not_an_account"),
        ("12-ab/34", "not_an_account"),
        (1e16, "rounded_number"),
    ],
    values.parse_bank: [("123456", "unknown_bank")],
    values.parse_sex: [("khác", "not_a_choice")],
    values.parse_bool: [("có lẽ", "not_a_choice"), (2, "not_a_choice")],
    values.parse_moment: [
        ("2024-10-12T08:31:05", "offset_missing"),
        ("2024-10-12", "offset_missing"),
        ("hôm qua", "not_a_moment"),
        ("0001-01-01T00:00:00+14:00", "impossible_date"),
    ],
    values.parse_uuid: [("abc", "not_an_id"), (None, "not_text")],
    values.parse_payment_method: [
        ({}, "missing"),
        ("cash", "not_an_object"),
        ({"method": "gold"}, "not_a_choice"),
        ({"method": "bank", "bank": "Agribank", "holder": "A"}, "missing"),
        ({"method": "bank", "bank": "Agribank", "bin": "970436", "account": "000099", "holder": "A"}, "other_bin"),
        ({"method": "bank", "bank": "X", "bin": "97", "account": "000099", "holder": "A"}, "not_a_bin"),
        ({"method": "cash", "colour": "red"}, "not_an_object"),
    ],
    values.parse_alternate_recipient: [
        ({"relation": "con"}, "missing"),
        ({"name": "A", "until": "2025"}, "day_missing"),
        (None, "not_an_object"),
    ],
}


@pytest.mark.parametrize(("parse", "raw", "wanted"), [(p, raw, wanted) for p, cases in READ.items() for raw, wanted in cases])
def test_a_value_is_read_and_reads_again_as_itself(parse: Parser, raw: object, wanted: Any) -> None:
    assert parse(raw) == wanted
    assert parse(wanted) == wanted


@pytest.mark.parametrize(("parse", "raw", "code"), [(p, raw, code) for p, cases in REFUSED.items() for raw, code in cases])
def test_what_cannot_be_is_refused_with_its_code(parse: Parser, raw: object, code: str) -> None:
    with pytest.raises(ValueProblem) as problem:
        parse(raw)
    assert problem.value.code == code


def test_a_lost_zero_is_suggested_and_not_put_back() -> None:
    for raw, suggestion in (("42138001234", "042138001234"), ("1138001234", "001138001234"), ("12345678", "012345678")):
        with pytest.raises(ValueProblem) as problem:
            values.parse_national_id(raw)
        assert problem.value.details["suggestion"] == suggestion


def test_a_problem_in_a_compound_value_names_its_member() -> None:
    with pytest.raises(ValueProblem) as problem:
        values.parse_payment_method({"method": "bank", "bank": "Agribank", "account": "1", "holder": "A"})
    assert problem.value.code == "not_an_account"
    assert problem.value.details["member"] == "account"


anything = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789 .,/-đĐxX+'", max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.dictionaries(st.sampled_from(["method", "bank", "bin", "account", "holder", "name", "until"]), st.text(max_size=12)),
)
each_parser = pytest.mark.parametrize("parse", READ, ids=lambda parse: parse.__name__)


@each_parser
@given(raw=anything)
def test_reading_twice_is_reading_once_and_nothing_but_a_problem_is_raised(parse: Parser, raw: object) -> None:
    try:
        value = parse(raw)
    except ValueProblem:
        return
    assert parse(value) == value


@each_parser
@given(raw=st.one_of(st.text(max_size=40), st.text(alphabet="ăâđêôơưạảấầẩẫậắằỳỹ Nguyễn0123", max_size=20)))
def test_decomposed_input_is_the_same_input(parse: Parser, raw: str) -> None:
    def outcome(text: str) -> Any:
        try:
            return parse(text)
        except ValueProblem as problem:
            return problem.code

    assert outcome(unicodedata.normalize("NFD", raw)) == outcome(unicodedata.normalize("NFC", raw))


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)))
def test_a_date_is_read_day_first_in_every_spelling(day: date) -> None:
    for text in (day.isoformat(), f"{day:%d/%m/%Y}", f"{day.day}.{day.month}.{day.year}"):
        assert values.parse_birth(text) == day.isoformat()


@given(st.integers(min_value=0, max_value=10**12))
def test_money_comes_back_from_every_spelling(amount: int) -> None:
    dots = f"{amount:,}".replace(",", ".")
    for text in (str(amount), f"{amount:,}", dots, f"{dots},0", f"{dots}đ", f"{amount:,}".replace(",", " ")):
        assert values.parse_money(text) == amount


@pytest.mark.parametrize(
    ("number", "sex", "birth", "codes"),
    [
        ("042138001234", "F", "1938", ()),
        ("099138001234", "F", "1938-05-12", ()),
        ("042238001234", "M", "2038", ()),
        ("042138001234", "M", "1939", ("other_sex", "other_birth_year")),
        ("042138001234", None, None, ()),
        ("003138001234", "F", "1938", ("unknown_place",)),
        ("183456789", "F", "1938", ("old_card",)),
    ],
)
def test_what_a_national_id_says_otherwise_than_the_record(number: str, sex: str | None, birth: str | None, codes: tuple[str, ...]) -> None:
    assert national_id_warnings(number, sex, birth) == codes


def test_a_prefix_not_in_use_is_a_warning() -> None:
    assert phone_warnings("0110000000") == ("unknown_prefix",)
    for known in ("0912345678", "02393845123", "0510991486"):
        assert phone_warnings(known) == ()


def test_banks_are_found_by_any_of_their_names_and_no_two_share_one() -> None:
    named = [word for bank in BANKS for word in (bank.bin, bank.name, *bank.aliases)]
    assert all(find(bank.name) is bank and find(bank.bin) is bank for bank in BANKS)
    assert {find(word) for word in named} == set(BANKS)
    assert len({bank.bin for bank in BANKS}) == len(BANKS) == 34
    assert find("Ngân hàng Mặt Trăng") is None
