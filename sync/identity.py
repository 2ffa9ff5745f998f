"""What looks wrong about a number though it may be right: told to people, never refused (domain.md 4.1, 4.2)."""

from __future__ import annotations

import re

PLACES = frozenset(
    f"{place:03}"
    for place in (
        *(1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44, 45, 46, 48, 49),
        *(51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96),
    )
)
"""Codes of the 63 places of birth registration (Circular 59/2021/TT-BCA, article 4)."""
SAMPLE_PLACE = "099"
"""No place has this code: the demo district's made-up people are registered there."""

_OLD_CARD = 9
_PHONE = re.compile(r"0(?:[35789]\d{8}|2\d{8,9})", re.ASCII)
_SAMPLE_PHONE = "0510"


def national_id_warnings(national_id: str, sex: str | None, birth: str | None) -> tuple[str, ...]:
    """What the number says otherwise than the record: codes, in the order of the digits; none for a number that fits.

    Twelve digits are place, one for century and sex (even: male), the year's last two, six others (Decree 137/2015,
    article 13). Codes: old_card, unknown_place, other_sex, other_birth_year.

    Args:
        national_id: 9 or 12 digits, as `parse_national_id` gives them.
        sex: "F", "M" or None.
        birth: a date as exactly as it is known ("1938", "1938-05" …), or None.
    """
    if len(national_id) == _OLD_CARD:
        return ("old_card",)
    century_and_sex = int(national_id[3])
    year = 1900 + 100 * (century_and_sex // 2) + int(national_id[4:6])
    found = {
        "unknown_place": national_id[:3] not in PLACES | {SAMPLE_PLACE},
        "other_sex": sex is not None and "MF"[century_and_sex % 2] != sex,
        "other_birth_year": birth is not None and str(year) != birth[:4],
    }
    return tuple(code for code, holds in found.items() if holds)


def phone_warnings(phone: str) -> tuple[str, ...]:
    """("unknown_prefix",) where no network has numbers that begin so; 0510 is the made-up one of the demo district."""
    return () if _PHONE.fullmatch(phone) or phone.startswith(_SAMPLE_PHONE) else ("unknown_prefix",)
