"""One parser for each type of field: a raw value in, the normalised JSON value out, or a `ValueProblem` (domain.md 4)."""

from __future__ import annotations

import re
import unicodedata
import uuid
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sync import banks
from sync.text import squeeze

_OLD_MOBILE = {
    "0162": "032",
    "0163": "033",
    "0164": "034",
    "0165": "035",
    "0166": "036",
    "0167": "037",
    "0168": "038",
    "0169": "039",
    "0120": "070",
    "0121": "079",
    "0122": "077",
    "0126": "076",
    "0128": "078",
    "0123": "083",
    "0124": "084",
    "0125": "085",
    "0127": "081",
    "0129": "082",
    "0186": "056",
    "0188": "058",
    "0199": "059",
}
# Ten digits, or the eleven of a landline whose area code has four (Hà Tĩnh: 0239).
_PHONE = re.compile(r"0\d{9}|02\d{9}", re.ASCII)
_ISO_BIRTH = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_LOCAL_BIRTH = re.compile(r"(?:(?:(\d{1,2})[/.-])?(\d{1,2})[/.-])?(\d{4})", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}([/.-])\d{1,2}\1\d{2}", re.ASCII)
# Thousands in groups of one kind, then at most zeros behind the other kind of mark: 360.000,0 but not 360.5.
_MONEY = re.compile(r"(\d{1,3}([., ])\d{3}(?:\2\d{3})*|\d+)(?:(?!\2)[.,]0{1,2})?", re.ASCII)
_COEFFICIENT = re.compile(r"(\d{1,2})(?:[.,](\d)0*)?", re.ASCII)
_ACCOUNT = re.compile(r"[0-9A-Za-z]{6,19}")
_BIN = re.compile(r"\d{6}", re.ASCII)
# Digits a national id has once the zeros that a number drops in front are lost, and how many were.
_LOST_ZEROS = {11: 1, 10: 2, 8: 1}
_EXACT = 2**53
_JOINER = "\u200d"
_FIRST_YEAR, _LAST_YEAR = 1890, 2100
_MAX_MONEY = 10**12
_MAX_TEXT = 200
_SEXES = {"nam": "M", "m": "M", "male": "M", "nữ": "F", "nu": "F", "f": "F", "female": "F"}
_TRUE, _FALSE = frozenset({"1", "true", "on", "có", "x", "yes"}), frozenset({"0", "false", "off", "không", "no"})


class ValueProblem(ValueError):
    """A value that cannot be: a stable `code`, and details for the sentence a person is told."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def parse_text(raw: object, *, max_length: int = _MAX_TEXT) -> str:
    """Text: composed, trimmed, single spaces. Invisible marks are dropped, control characters refused.

    A number is read as its digits (a worksheet's cell), unless it is so long that the worksheet has rounded it.
    """
    text = squeeze(_visible(raw if isinstance(raw, str) else _digits(raw)))
    if len(text) > max_length:
        raise ValueProblem("too_long", max_length=max_length, length=len(text))
    if not text.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs") or _is_noncharacter(c) for c in text):
        raise ValueProblem("control_characters")
    if not text:
        raise ValueProblem("missing")
    return text


def _digits(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ValueProblem("not_text")
    if not -_EXACT < raw < _EXACT:  # false for what is no number, too
        raise ValueProblem("rounded_number")
    return str(int(raw)) if raw == int(raw) else str(raw)


def _visible(text: str) -> str:
    """Without what cannot be seen but makes two equal names differ: zero-width spaces, direction and byte-order marks."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c == _JOINER or unicodedata.category(c) != "Cf")


def _is_noncharacter(letter: str) -> bool:
    return ord(letter) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(letter) <= 0xFDEF


def parse_name(raw: object) -> str:
    """A person's name, as given; digits only where a synthetic name carries a number."""
    text = parse_text(raw, max_length=100)
    if not any(c.isalpha() for c in text):
        raise ValueProblem("not_a_name")
    return text


def parse_phone(raw: object) -> str:
    """A Vietnamese number, "0" and nine digits (ten for some landlines); +84, spaces, dots and 11-digit old mobiles are read.

    A prefix that is not in use is no problem here: `sync.identity.phone_warnings` tells.
    """
    text = re.sub(r"[\s.\-()']", "", parse_text(raw, max_length=40))
    if text.startswith(("+84", "0084")) or (text.startswith("84") and len(text) in (11, 12)):
        text = "0" + text.removeprefix("+").removeprefix("00").removeprefix("84").removeprefix("0")
    if len(text) == 11 and text[:4] in _OLD_MOBILE:
        text = _OLD_MOBILE[text[:4]] + text[4:]
    if _PHONE.fullmatch(text):
        return text
    if _PHONE.fullmatch(f"0{text}"):
        raise ValueProblem("lost_zero", suggestion=f"0{text}")
    raise ValueProblem("not_a_phone")


def parse_national_id(raw: object) -> str:
    """Twelve digits, or the nine of an old card. A lost zero is never put back in silence: `suggestion` says what it may be."""
    text = re.sub(r"\.0$", "", parse_text(raw, max_length=40))  # how a worksheet writes a number as text
    text = re.sub(r"[\s.\-']", "", text)
    if not text.isdigit() or not text.isascii():
        raise ValueProblem("not_digits")
    if len(text) in (9, 12):
        return text
    if len(text) in _LOST_ZEROS:
        raise ValueProblem("lost_zero", suggestion=text.zfill(len(text) + _LOST_ZEROS[len(text)]))
    raise ValueProblem("not_an_id", length=len(text))


def parse_birth(raw: object) -> str:
    """A date as exactly as it is known: "1938", "1938-05" or "1938-05-12"; 12/05/1938, 05/1938 are read day first."""
    if isinstance(raw, datetime | date):
        return _checked(raw.year, raw.month, raw.day)
    text = parse_text(raw, max_length=40).replace(" ", "")
    if match := _ISO_BIRTH.fullmatch(text):
        year, month, day = match.groups()
    elif match := _LOCAL_BIRTH.fullmatch(text):
        day, month, year = match.groups()
    else:
        # "05/12/38" may be 1938 or 2038: never guessed.
        raise ValueProblem("short_year" if _SHORT_YEAR.fullmatch(text) else "not_a_date")
    return _checked(int(year), int(month) if month else None, int(day) if day else None)


def _checked(year: int, month: int | None, day: int | None) -> str:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueProblem("impossible_date")
    try:
        date(year, month or 1, day or 1)
    except ValueError as error:
        raise ValueProblem("impossible_date") from error
    return "-".join([f"{year:04d}", *(f"{part:02d}" for part in (month, day) if part is not None)])


def parse_day(raw: object) -> str:
    """A whole date, "2024-10-12"; 12/10/2024 is read day first."""
    text = parse_birth(raw)
    if len(text) != 10:
        raise ValueProblem("day_missing")
    return text


def parse_month(raw: object) -> str:
    """A month, "2024-10"; 10/2024 is read."""
    text = parse_birth(raw)
    if len(text) != 7:
        raise ValueProblem("not_a_month")
    return text


def parse_money(raw: object) -> int:
    """Whole đồng, 0 or more: 360000, 360.000, 360,000, "360 000", 360.000,0 and 360.000đ are read, 360.5 is refused."""
    if isinstance(raw, bool):
        raise ValueProblem("not_money")
    if isinstance(raw, int):
        amount = raw
    else:
        text = parse_text(raw, max_length=40).casefold()
        text = re.sub(r"\s*(đồng|vnđ|vnd|đ|d|₫)\.?$", "", text)
        match = _MONEY.fullmatch(text)
        if match is None:
            raise ValueProblem("not_money")
        amount = int(re.sub(r"\D", "", match.group(1)))
    if not 0 <= amount <= _MAX_MONEY:
        raise ValueProblem("out_of_bounds", low=0, high=_MAX_MONEY)
    return amount


def parse_coefficient10(raw: object) -> int:
    """Ten times a coefficient: "1,5", "1.5" and 1.5 are 15. A whole number from 5 to 100 is ten times already."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        if 5 <= raw <= 100:
            return raw
        raise ValueProblem("not_a_coefficient")
    match = _COEFFICIENT.fullmatch(parse_text(raw, max_length=10))
    value = int(match.group(1)) * 10 + int(match.group(2) or 0) if match else 0
    if not 5 <= value <= 100:
        raise ValueProblem("not_a_coefficient")
    return value


def parse_account_number(raw: object) -> str:
    """A bank account: 6 to 19 digits or letters."""
    text = re.sub(r"[\s.\-]", "", parse_text(raw, max_length=40)).upper()
    if not _ACCOUNT.fullmatch(text):
        raise ValueProblem("not_an_account")
    return text


def parse_sex(raw: object) -> str:
    """F or M; Nữ and Nam are read."""
    found = _SEXES.get(parse_text(raw, max_length=10).casefold())
    if found is None:
        raise ValueProblem("not_a_choice", allowed="Nam, Nữ")
    return found


def parse_bool(raw: object) -> bool:
    """True or false; what a form's box and a worksheet's cell say is read."""
    if isinstance(raw, bool):
        return raw
    text = parse_text(raw, max_length=10).casefold()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise ValueProblem("not_a_choice", allowed="có, không")


def parse_moment(raw: object) -> str:
    """A moment with its offset (RFC 3339), as UTC: "2024-10-12T01:31:05Z"."""
    try:
        moment = datetime.fromisoformat(parse_text(raw, max_length=40))
    except ValueError as error:
        raise error if isinstance(error, ValueProblem) else ValueProblem("not_a_moment") from error
    if moment.tzinfo is None:
        raise ValueProblem("offset_missing")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueProblem("impossible_date")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=4096)
def _uuid(text: str) -> str:
    return str(uuid.UUID(text))


def parse_uuid(raw: object) -> str:
    """A record id: a UUID in its canonical form."""
    try:
        return _uuid(parse_text(raw, max_length=60))
    except ValueError as error:
        raise error if isinstance(error, ValueProblem) else ValueProblem("not_an_id") from error


def parse_bank(raw: object) -> str:
    """A bank's name as the table has it (`sync.banks`), found by name or BIN; a local institution without BIN as written."""
    text = parse_text(raw, max_length=80)
    known = banks.find(text)
    if known is not None:
        return known.name
    if not any(c.isalpha() for c in text):
        raise ValueProblem("unknown_bank")
    return text


def _bin(raw: object) -> str:
    text = parse_text(raw, max_length=10)
    if not _BIN.fullmatch(text):
        raise ValueProblem("not_a_bin")
    return text


SOURCES = ("vneid", "commune", "post", "bank")
"""Where an account became known: VNeID, or told to the commune, the post office, the bank (domain.md 3.3)."""
_PAYMENT = {
    "method": lambda raw: _choice(raw, "cash", "bank", "ewallet"),
    "bank": parse_bank,
    "bin": _bin,
    "account": parse_account_number,
    "holder": parse_name,
    "relation": lambda raw: parse_text(raw, max_length=80),
    "document": parse_text,
    "source": lambda raw: _choice(raw, *SOURCES),
}
_RECIPIENT = {
    "name": parse_name,
    "relation": lambda raw: parse_text(raw, max_length=80),
    "national_id": parse_national_id,
    "document": parse_text,
    "until": parse_day,
}


def _choice(raw: object, *codes: str) -> str:
    if raw not in codes:
        raise ValueProblem("not_a_choice", allowed=", ".join(codes))
    return str(raw)


def _members(raw: object, parsers: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(raw, dict) or not set(raw) <= set(parsers):
        raise ValueProblem("not_an_object")
    found = {}
    for name, value in raw.items():
        if value in (None, ""):
            continue
        try:
            found[name] = parsers[name](value)
        except ValueProblem as problem:
            raise ValueProblem(problem.code, member=name, **problem.details) from problem
    return found


def parse_payment_method(raw: object) -> dict[str, Any]:
    """How a sum is paid, as one value: {"method": "cash"}, or "bank" with "bank", "bin"?, "account" and "holder".

    "relation"? and "document"? are those of a holder who is not the one it is for; "source"? says where the account is known from. A
    bank of the table has its own name and no other bank's BIN.
    """
    found = _members(raw, _PAYMENT)
    if "method" not in found:
        raise ValueProblem("missing", member="method")
    if found["method"] == "cash":
        return {"method": "cash"}
    for name in ("bank", "account", "holder"):
        if name not in found:
            raise ValueProblem("missing", member=name)
    known = banks.find(found["bank"])
    if known is not None and found.get("bin", known.bin) != known.bin:
        raise ValueProblem("other_bin", member="bin", suggestion=known.bin)
    return found


def parse_alternate_recipient(raw: object) -> dict[str, Any]:
    """Who collects for the person, as one value: {"name", "relation"?, "national_id"?, "document"?, "until"?}."""
    found = _members(raw, _RECIPIENT)
    if "name" not in found:
        raise ValueProblem("missing", member="name")
    return found
