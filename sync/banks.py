"""Banks a sum can be transferred to, by the number (BIN) that stays when a bank changes its name (domain.md 4.6).

A people's credit fund has no BIN of its own: it is not in this table, and any name may stand for it.
"""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from sync.text import fold


class Bank(Struct, frozen=True):
    """A bank: its BIN (six digits), the name shown, and other names it is known by or has had."""

    bin: str
    name: str
    aliases: tuple[str, ...] = ()


BANKS = (
    Bank("970405", "Agribank", ("Ngân hàng Nông nghiệp và Phát triển nông thôn", "NHNo&PTNT", "VBARD")),
    Bank("970436", "Vietcombank", ("VCB", "Ngân hàng Ngoại thương")),
    Bank("970415", "VietinBank", ("Vietin", "CTG", "Ngân hàng Công thương")),
    Bank("970418", "BIDV", ("Ngân hàng Đầu tư và Phát triển",)),
    Bank("970449", "LPBank", ("LienVietPostBank", "Liên Việt", "LPB", "Lộc Phát", "Bưu điện Liên Việt")),
    Bank("970422", "MB", ("MBBank", "Quân đội", "Ngân hàng Quân đội")),
    Bank("970403", "Sacombank", ("STB",)),
    Bank("970407", "Techcombank", ("TCB",)),
    Bank("970416", "ACB", ("Á Châu",)),
    Bank("970432", "VPBank", ()),
    Bank("970423", "TPBank", ("Tiên Phong",)),
    Bank("970443", "SHB", ()),
    Bank("970437", "HDBank", ()),
    Bank("970441", "VIB", ()),
    Bank("970426", "MSB", ("Maritime Bank", "Hàng hải")),
    Bank("970440", "SeABank", ()),
    Bank("970448", "OCB", ("Phương Đông",)),
    Bank("970428", "Nam A Bank", ("Nam A",)),
    Bank("970409", "Bac A Bank", ("Bac A",)),
    Bank("970425", "ABBANK", ("An Bình",)),
    Bank("970431", "Eximbank", ()),
    Bank("970446", "Co-opBank", ("Coopbank", "Ngân hàng Hợp tác xã")),
    Bank("970412", "PVcomBank", ()),
    Bank("970419", "NCB", ("Quốc dân",)),
    Bank("970452", "KienlongBank", ("Kiên Long",)),
    Bank("970454", "BVBank", ("Bản Việt", "VietCapitalBank")),
    Bank("970433", "VietBank", ()),
    Bank("970429", "SCB", ()),
    Bank("970430", "PGBank", ()),
    Bank("970438", "BaoViet Bank", ("BaoViet", "BVB")),
    Bank("970408", "GPBank", ()),
    Bank("970414", "MBV", ("OceanBank",)),
    Bank("970406", "Vikki", ("DongA Bank", "DongA", "Đông Á")),
    Bank("970444", "CB", ("CBBank",)),
)


def find(text: str) -> Bank | None:
    """The bank with this BIN or one of these names, whatever the capitals, accents and spaces; None for one not known."""
    return _index().get(_key(text))


@cache
def _index() -> dict[str, Bank]:
    return {_key(word): bank for bank in BANKS for word in (bank.bin, bank.name, *bank.aliases)}


def _key(text: str) -> str:
    return "".join(c for c in fold(text).removeprefix("nh ") if c.isalnum())
