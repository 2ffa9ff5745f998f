import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.money import in_words

CASES = {
    0: "Không đồng",
    5: "Năm đồng",
    10: "Mười đồng",
    11: "Mười một đồng",
    14: "Mười bốn đồng",
    15: "Mười lăm đồng",
    20: "Hai mươi đồng",
    21: "Hai mươi mốt đồng",
    24: "Hai mươi tư đồng",
    55: "Năm mươi lăm đồng",
    105: "Một trăm linh năm đồng",
    1_005: "Một nghìn không trăm linh năm đồng",
    360_000: "Ba trăm sáu mươi nghìn đồng",
    302_250_000: "Ba trăm linh hai triệu hai trăm năm mươi nghìn đồng",
    1_000_005: "Một triệu không trăm linh năm đồng",
    2_000_000_000: "Hai tỷ đồng",
    3_777_750_000: "Ba tỷ bảy trăm bảy mươi bảy triệu bảy trăm năm mươi nghìn đồng",
    92_071_250_000: "Chín mươi hai tỷ không trăm bảy mươi mốt triệu hai trăm năm mươi nghìn đồng",
    10**12: "Một nghìn tỷ đồng",
}
WORDS = "không một hai ba bốn năm sáu bảy tám chín"
VALUES = {word: value for value, word in enumerate(WORDS.split())} | {"mốt": 1, "tư": 4, "lăm": 5}


@pytest.mark.parametrize(("amount", "words"), CASES.items())
def test_an_amount_in_words(amount: int, words: str) -> None:
    assert in_words(amount) == words


def read(words: str) -> int:
    """An amount from its words, by another way than they were made."""
    total = below = group = digit = 0
    for word in words.lower().split():
        if word in VALUES:
            digit = VALUES[word]
        elif word == "mười":
            group += 10
        elif word == "mươi":
            group, digit = group + digit * 10, 0
        elif word == "trăm":
            group, digit = group + digit * 100, 0
        elif word in ("nghìn", "triệu"):
            below += (group + digit) * {"nghìn": 10**3, "triệu": 10**6}[word]
            group = digit = 0
        elif word == "tỷ":
            total, below, group, digit = (total + below + group + digit) * 10**9, 0, 0, 0
    return total + below + group + digit


@given(st.one_of(st.integers(0, 10**12), st.integers(0, 10**6).map(lambda thousands: thousands * 1000)))
def test_the_words_say_the_amount(amount: int) -> None:
    assert read(in_words(amount)) == amount


def test_no_amount_is_below_0() -> None:
    with pytest.raises(ValueError, match="below 0"):
        in_words(-1)
