import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.text import fold, nfc, sort_key

words = st.text(alphabet=" aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵĐẮỆ", max_size=20)


def test_one_form_for_text() -> None:
    assert nfc(unicodedata.normalize("NFD", "Hộ Độ")) == "Hộ Độ"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Nguyễn Thị  ĐÀO", "nguyen thi dao"),
        ("hòa", "hoa"),
        ("hoà", "hoa"),
        ("Ưng Ơn", "ung on"),
        ("LH18568-0285", "lh18568-0285"),
        ("", ""),
    ],
)
def test_the_search_key_has_no_marks(text: str, key: str) -> None:
    assert fold(text) == key
    assert fold(unicodedata.normalize("NFD", text)) == key


@given(words)
def test_the_search_key_is_its_own_and_plain(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text).isascii()


@pytest.mark.parametrize(
    "ordered",
    [
        ["An", "Ăn", "Ân", "Ba", "Dân", "Đào", "Em", "Ên"],
        ["Oanh", "Ôn", "Ơn", "Phúc", "Tú", "Ung", "Ưng", "Vân", "Xoan", "Yến"],
        ["Ma", "Mà", "Mả", "Mã", "Má", "Mạ"],
        ["Hoa", "Hòa", "Hoan", "Hoàn", "Hoàng"],
        # Given name, then middle, then family name.
        ["Trần Văn An", "Lê Văn Bình", "Nguyễn Văn Bình", "Lê Xuân Bình", "Bùi Thị Chi"],
        ["Lê An", "Lê Thị An", "Bùi Văn An"],
        ["LÊ AN", "lê ánh"],
    ],
)
def test_names_stand_in_vietnamese_order(ordered: list[str]) -> None:
    assert sorted(set(ordered), key=sort_key) == ordered
    assert sorted((unicodedata.normalize("NFD", name) for name in ordered), key=sort_key) == [
        unicodedata.normalize("NFD", n) for n in ordered
    ]


@given(words)
def test_the_sort_key_is_ascii_and_the_same_for_both_forms(text: str) -> None:
    assert sort_key(text).isascii()
    assert sort_key(unicodedata.normalize("NFD", text)) == sort_key(text)
