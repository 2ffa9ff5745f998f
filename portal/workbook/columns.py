"""The columns of the official payment list, from left to right: as printed, and the field of the catalogue each one holds."""

from __future__ import annotations

from msgspec import Struct

from sync.fields import Field
from sync.kinds import CATALOGUE


class Column(Struct, frozen=True):
    """One column. `kind` and `field` name the catalogue's field, "" where the column is no field by itself.

    `required`: a line of the list is none without it. `under`: the heading above, where it has two rows.
    """

    name: str
    heading: str
    kind: str = ""
    field: str = ""
    required: bool = False
    under: str = ""

    @property
    def described(self) -> Field | None:
        """The catalogue's field, or None."""
        return CATALOGUE[self.kind].fields[self.field] if self.kind else None


_BIRTH = "Ngày, tháng, năm sinh"

COLUMNS = (
    Column("number", "TT"),
    Column("person_code", "Mã đối tượng", "person", "code", required=True),
    Column("line_code", "Mã hồ sơ", "entitlement", "line_code", required=True),
    Column("full_name", "Họ và tên", "person", "full_name", required=True),
    Column("birth_male", "Nam", "person", "birth", under=_BIRTH),
    Column("birth_female", "Nữ", "person", "birth", under=_BIRTH),
    Column("national_id", "Số CCCD/CMND", "person", "national_id"),
    Column("hamlet", "Thôn/TDP", "person", "hamlet"),
    Column("category", "Mã loại đối tượng", "entitlement", "category", required=True),
    Column("coefficient10", "Hệ số", "entitlement", "coefficient10", required=True),
    Column("amount", "Mức hưởng", "payment", "allowance"),
    Column("decision_no", "Số quyết định", "entitlement", "decision_no"),
    Column("decision_date", "Ngày quyết định", "entitlement", "decision_date"),
    Column("start_month", "Hưởng từ tháng", "entitlement", "start_month", required=True),
    Column("method", "Hình thức chi trả"),
    Column("bank", "Ngân hàng"),
    Column("bin", "Mã BIN"),
    Column("account", "Số tài khoản"),
    Column("holder", "Chủ tài khoản"),
    Column("payee", "Người nhận thay", "entitlement", "payee"),
    Column("phone", "Số điện thoại", "person", "phone"),
    Column("note", "Ghi chú", "entitlement", "note"),
)
METHODS = {"Tiền mặt": "cash", "Chuyển khoản": "bank"}
"""How the list writes a payment method → the catalogue's code."""


def letter(index: int) -> str:
    """The letters of a worksheet's column: 0 → "A", 25 → "Z", 26 → "AA"."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
