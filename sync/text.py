"""Vietnamese text: one normal form, a key to search by, a key to sort by (domain.md 4.3)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_ORDER = {letter: chr(ord("A") + index) if index < 26 else chr(ord("a") + index - 26) for index, letter in enumerate(_LETTERS)}
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}


def nfc(text: str) -> str:
    """Composed form (NFC), in which all text is stored and compared."""
    return unicodedata.normalize("NFC", text)


def squeeze(text: str) -> str:
    """Composed, trimmed, with single spaces between words."""
    return " ".join(nfc(text).split())


def fold(text: str) -> str:
    """The search key: small letters, no marks, đ as d, single spaces."""
    words = squeeze(text).casefold().split(" ")
    return " ".join(filter(None, (word if word.isascii() else _bare(word) for word in words)))


@lru_cache(maxsize=8192)
def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word.replace("đ", "d")) if not unicodedata.combining(c))


def sort_key(name: str) -> str:
    """The key Vietnamese names are sorted by: given name (the last word), then middle, then family name.

    ASCII, for any database's binary order; letters in the order a ă â b c d đ e ê …, tones ngang huyền hỏi ngã sắc nặng.
    """
    words = squeeze(name).casefold().split()
    if not words:
        return ""
    ordered = [words[-1], *words[1:-1], *words[: 1 if len(words) > 1 else 0]]
    return " ".join(_word_key(word) for word in ordered)


@lru_cache(maxsize=8192)
def _word_key(word: str) -> str:
    letters: list[str] = []
    tone = "0"
    for letter in unicodedata.normalize("NFD", word):
        if letter in _TONES:
            tone = _TONES[letter]
        elif unicodedata.combining(letter) and letters:
            letters[-1] = nfc(letters[-1] + letter)
        else:
            letters.append(letter)
    return (
        "".join(_ORDER.get(nfc(letter), "0" if letter.isdigit() else "~") + (letter if letter.isdigit() else "") for letter in letters)
        + tone
    )
