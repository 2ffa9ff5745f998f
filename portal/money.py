"""An amount of money in words, as official lists end with it (Decree 30/2020: "Số tiền bằng chữ")."""

from __future__ import annotations

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", "nghìn", "triệu")
_BILLION = 10**9


def in_words(amount: int) -> str:
    """Whole đồng, 0 or more, in words: 373750000 → "Ba trăm bảy mươi ba triệu bảy trăm năm mươi nghìn đồng".

    Raises:
        ValueError: for an amount below 0.
    """
    if amount < 0:
        raise ValueError("no amount below 0 is written in words")
    text = " ".join([*(_number(amount) or [_DIGITS[0]]), "đồng"])
    return text[0].upper() + text[1:]


def _number(value: int, *, follows: bool = False) -> list[str]:
    """The words of a number, none for 0. `follows`: whether a higher part was said before it."""
    billions, rest = divmod(value, _BILLION)
    words = [*_number(billions, follows=follows), "tỷ"] if billions else []
    for power in (2, 1, 0):
        group = rest // 1000**power % 1000
        if group:
            words += _group(group, follows=follows or bool(words))
            words += [_GROUPS[power]] if _GROUPS[power] else []
    return words


def _group(group: int, *, follows: bool) -> list[str]:
    """Three digits; behind a higher part the hundreds are said even where there are none."""
    hundreds, rest = divmod(group, 100)
    tens, ones = divmod(rest, 10)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or follows else []
    if tens == 0:
        return words + (["linh", _DIGITS[ones]] if ones and words else [_DIGITS[ones]] if ones else [])
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if ones:
        words.append(_ones(tens, ones))
    return words


def _ones(tens: int, ones: int) -> str:
    if ones == 1 and tens > 1:
        return "mốt"
    if ones == 4 and tens > 1:
        return "tư"
    return "lăm" if ones == 5 else _DIGITS[ones]
