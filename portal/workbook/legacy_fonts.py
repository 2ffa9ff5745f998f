"""Text in the fonts used before Unicode, TCVN3 (ABC) and VNI, read by the font of its cell (domain.md 4.4; TCVN 5712:1993)."""

from __future__ import annotations

from sync.text import nfc

_OLD = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦"
_NEW = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ"
_TCVN3 = str.maketrans(_OLD, _NEW)
_TONES = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_CIRCUMFLEX = {"â": "", "à": "\u0300", "á": "\u0301", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BREVE = {"ê": "", "è": "\u0300", "é": "\u0301", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}


def _vni() -> dict[str, str]:
    table = {base + mark: nfc(base + tone) for base in "aeouy" for mark, tone in _TONES.items()}
    table |= {base + mark: nfc(f"{base}\u0302{tone}") for base in "aeo" for mark, tone in _CIRCUMFLEX.items()}
    table |= {"a" + mark: nfc("a\u0306" + tone) for mark, tone in _BREVE.items()}
    for base, letter in (("ô", "ơ"), ("ö", "ư")):
        table[base] = letter
        table |= {base + mark: nfc(letter + tone) for mark, tone in _TONES.items()}
    table |= {"æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ñ": "đ"}
    return table | {old.upper(): new.upper() for old, new in table.items()}


_VNI = _vni()


def is_legacy(font: str) -> bool:
    """Whether text in this font is no Unicode: its name begins with .Vn or VNI-."""
    return font.strip().casefold().startswith((".vn", "vni-"))


def decoded(text: str, font: str) -> str:
    """A cell's text as Unicode (NFC); `font` is the name of its font. Text of any other font comes back as it is."""
    name = font.strip().casefold()
    if name.startswith(".vn"):
        plain = text.translate(_TCVN3)
        return nfc(plain.upper() if name.endswith("h") else plain)
    return _from_vni(nfc(text)) if name.startswith("vni-") else text


def _from_vni(text: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(text):
        pair = text[at : at + 2]
        found = _VNI.get(pair) if len(pair) > 1 else None
        if found is None and len(pair) > 1 and pair[0].isupper():
            found = _VNI.get(pair[0] + pair[1].upper())
        out.append(found if found is not None else _VNI.get(text[at], text[at]))
        at += 2 if found is not None else 1
    return nfc("".join(out))
