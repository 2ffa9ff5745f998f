"""Words for people: labels of the catalogue, values, what is wrong with one, what became of an edit and why one was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from portal import entitlement, formats, history, pages, unit
from portal.language import mark
from sync.edit import Reason
from sync.fields import Field
from sync.kinds.payment import STATES
from sync.values import ValueProblem

WRONG: Mapping[str, str] = {
    "missing": mark("Chưa điền."),
    "not_text": mark("Không đọc được; hãy gõ lại."),
    "too_long": mark("Dài quá %(max_length)s ký tự."),
    "control_characters": mark("Có ký tự lạ; hãy gõ lại."),
    "not_a_name": mark("Đây không phải là họ tên."),
    "not_a_phone": mark("Số điện thoại bắt đầu bằng 0 và có 10 chữ số."),
    "not_digits": mark("Chỉ gồm chữ số."),
    "lost_zero": mark("Thiếu một chữ số; có phải là %(suggestion)s?"),
    "not_an_id": mark("Số CCCD có 12 chữ số, số CMND có 9 chữ số."),
    "not_a_date": mark("Ghi ngày/tháng/năm, ví dụ 09/10/1948; chỉ biết năm thì ghi 1948."),
    "impossible_date": mark("Không có ngày này."),
    "day_missing": mark("Ghi đủ ngày/tháng/năm, ví dụ 09/10/2024."),
    "not_a_month": mark("Ghi tháng/năm, ví dụ 11/2024."),
    "not_money": mark("Ghi số tiền bằng đồng, ví dụ 500.000."),
    "out_of_bounds": mark("Giá trị này quá lớn hoặc quá nhỏ."),
    "not_a_number": mark("Ghi một số nguyên."),
    "not_a_percentage": mark("Ghi phần trăm từ 0 đến 10, ví dụ 0,85."),
    "not_a_coefficient": mark("Hệ số từ 0,5 đến 10, ví dụ 1,5."),
    "not_an_account": mark("Số tài khoản có từ 6 đến 19 chữ số hoặc chữ cái."),
    "not_a_choice": mark("Hãy chọn một giá trị trong danh sách."),
    "not_a_time": mark("Ghi giờ, ví dụ 7:30."),
    "not_a_moment": mark("Không đọc được thời điểm này."),
    "taken": mark("Giá trị này đã có ở hồ sơ khác."),
    "reason_missing": mark("Hãy ghi lý do."),
    "unknown_reason": mark("Hãy chọn một lý do."),
    "changed_meanwhile": mark("Số này vừa được người khác sửa; hãy ghi lại đầy đủ."),
    "unknown_column": mark("Không có cột «%(told)s». Các cột: %(known)s."),
    "column_missing": mark("Thiếu cột «%(told)s»."),
    "unknown_word": mark("Không dùng được «%(told)s» ở đây. Được dùng: %(known)s."),
    "content_without_line": mark("Nội dung phải có {line}: kết quả của ngân hàng được đối chiếu theo mã dòng."),
}
"""Code of a ValueProblem (or detail of a refused value) → what to do about it."""

_REFUSED: Mapping[str, str] = {
    "own_account": mark("Bạn đã đề nghị sửa tài khoản của người này trong kỳ này; người khác phải duyệt."),
    "not_returned": mark("Chỉ khoản bị ngân hàng trả lại mới chọn được trả tiền mặt kỳ sau."),
    "carried_on": mark("Khoản này đã chuyển sang danh sách kỳ sau đã chốt."),
    "own_change": mark("Đây là đề nghị của chính bạn; người khác phải duyệt."),
    "decided": mark("Việc này đã được quyết định rồi."),
    "settled": mark("Tháng này đã quyết toán."),
    "other_area": mark("Xã này không thuộc địa bàn của bạn."),
    "undo": mark("Chỉ kiểm soát bưu điện được rút lại một dòng đã chi."),
    "exists": mark("Hồ sơ này đã có."),
    "forbidden": mark("Tài khoản của bạn không được sửa mục này."),
    "unknown_record": mark("Không tìm thấy hồ sơ này trong địa bàn của bạn."),
    "reused": mark("Trang này đã được gửi với nội dung khác; hãy mở lại trang."),
}
_REFUSED_OTHERWISE = mark("Chưa ghi được; hãy mở lại trang và thử lại.")

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "applied": ("good", mark("đã ghi")),
    "proposed": ("info", mark("đã gửi, chờ duyệt")),
    "conflict": ("warning", mark("người khác vừa sửa; cả hai giá trị được giữ lại để làm rõ")),
    "superseded": ("info", mark("đã có tình trạng mới hơn")),
    "unchanged": ("info", mark("không đổi")),
}
"""What became of a field → kind of notice, sentence."""

PARTS: Mapping[str, str] = {
    "method": mark("Cách nhận tiền"),
    "bank": mark("Ngân hàng"),
    "bin": mark("Mã ngân hàng"),
    "account": mark("Số tài khoản"),
    "holder": mark("Chủ tài khoản"),
    "name": mark("Họ tên người nhận thay"),
    "relation": mark("Quan hệ"),
    "national_id": mark("Số CCCD người nhận thay"),
    "document": mark("Giấy ủy quyền"),
    "until": mark("Ủy quyền đến ngày"),
    "source": mark("Nguồn thông tin tài khoản"),
}
"""Part of a compound value → its name."""
_HOW: Mapping[str, str] = {
    "counter": mark("tại quầy"),
    "home": mark("tại nhà"),
    "bank": mark("qua ngân hàng"),
    "counter.alternate": mark("người nhận thay, tại quầy"),
    "home.alternate": mark("người nhận thay, tại nhà"),
    "counter.guardian": mark("người giám hộ, tại quầy"),
    "home.guardian": mark("người giám hộ, tại nhà"),
}
METHODS: Mapping[str, str] = {"cash": mark("Tiền mặt"), "bank": mark("Chuyển khoản"), "ewallet": mark("Ví điện tử")}
"""How a sum is paid → its name."""


SOURCES: Mapping[str, str] = {
    "vneid": mark("VNeID"),
    "commune": mark("Đăng ký tại xã"),
    "post": mark("Bưu điện"),
    "bank": mark("Ngân hàng"),
}
"""Where an account became known → its name."""


class Labelled(Protocol):
    """A kind, a field or a choice of the catalogue."""

    @property
    def label(self) -> str:
        """In Vietnamese."""
        ...

    @property
    def label_en(self) -> str:
        """In English."""
        ...


def label(thing: Labelled) -> str:
    """The label of a kind, a field or a choice, in the language of the page."""
    return thing.label_en if pages.current_language() == "en" else thing.label


def part_label(part: str) -> str:
    """The label of a part of a compound value: "account" of "payment_method"."""
    return pages.gettext(PARTS[part])


def method(code: str | None) -> str:
    """How a sum is paid, in words."""
    return pages.gettext(METHODS.get(code or "", code or ""))


def methods() -> list[tuple[str, str]]:
    """The ways of payment to choose from."""
    return [(code, pages.gettext(name)) for code, name in METHODS.items() if code != "ewallet"]


def sources() -> list[tuple[str, str]]:
    """Where an account may have become known, to choose from."""
    return [(code, pages.gettext(name)) for code, name in SOURCES.items()]


def wrong_value(problem: ValueProblem) -> str:
    """What is wrong with a value and what to do, in a sentence."""
    return pages.gettext(WRONG.get(problem.code, WRONG["not_text"])) % problem.details


def refused(reason: Reason) -> str:
    """Why an edit was refused, in a sentence."""
    if reason.code == "invalid_value" and reason.detail in WRONG:
        return pages.gettext(WRONG[reason.detail]) % {"max_length": "", "suggestion": "", "told": "", "known": ""}
    return pages.gettext(_REFUSED.get(reason.detail) or _REFUSED.get(reason.code) or _REFUSED_OTHERWISE)


def outcome(code: str) -> str:
    """What became of a field, in a few words."""
    return pages.gettext(OUTCOMES[code][1])


def value(field: Field, raw: Any, role: str) -> str:
    """A value of a field in words, with identity and account numbers half hidden, and of a category no more than the role may know."""
    if raw is None or raw == "":
        return ""
    if field.choices:
        return next((label(choice) for choice in field.choices if choice.code == raw), str(raw))
    if field.name == "category":
        return entitlement.label(str(raw), detailed=entitlement.may_know(role)) if entitlement.may_read(role) else ""
    return (_BY_NAME.get(field.name) or _BY_TYPE.get(field.type, str))(raw)


def _yes_or_no(raw: Any) -> str:
    return pages.gettext(mark("Có")) if raw else pages.gettext(mark("Không"))


def payment_method(raw: Any) -> str:
    """How a sum is paid, in words, with the account half hidden; "" for nothing."""
    if not isinstance(raw, dict):
        return str(raw or "")
    relation = f"({raw['relation']})" if raw.get("relation") else ""
    holder = " ".join(part for part in (raw.get("holder"), relation) if part)
    known = SOURCES.get(raw.get("source") or "")
    source = pages.gettext(known) if known else ""
    account = formats.mask_account(raw.get("account"))
    told = (method(raw.get("method")), raw.get("bank"), account, holder, raw.get("document"), source)
    return ", ".join(part for part in told if part)


def _alternate_recipient(raw: Any) -> str:
    if not isinstance(raw, dict):
        return str(raw)
    until = pages.gettext(mark("đến %(day)s")) % {"day": formats.day(raw["until"])} if raw.get("until") else ""
    relation = f"({raw['relation']})" if raw.get("relation") else ""
    name = " ".join(part for part in (raw.get("name"), relation) if part)
    return ", ".join(part for part in (name, formats.mask_id(raw.get("national_id")), raw.get("document"), until) if part)


def _mark(raw: Any) -> str:
    if not isinstance(raw, dict):
        return str(raw)
    state = next((label(choice) for choice in STATES if choice.code == raw.get("state")), "")
    how = _HOW.get(f"{raw.get('how', '')}.{raw.get('to', '')}") or _HOW.get(raw.get("how", ""), "")
    return ", ".join(part for part in (state, pages.gettext(how), raw.get("reason")) if part)


def _reason(raw: Any) -> str:
    found = history.reason_of(str(raw))
    return label(found) if found is not None else str(raw)


def _list(raw: Any) -> str:
    return ", ".join(unit.name_of(str(item)) for item in raw)


_BY_NAME: Mapping[str, Callable[[Any], str]] = {
    "commune": unit.name_of,
    "unit": unit.name_of,
    "reason": _reason,
    "hold": lambda _raw: pages.gettext(mark("Giữ lại")),
}
_BY_TYPE: Mapping[str, Callable[[Any], str]] = {
    "bool": _yes_or_no,
    "birth": formats.day,
    "day": formats.day,
    "month": formats.month,
    "money": formats.dong,
    "coefficient": formats.coefficient,
    "percent100": lambda raw: f"{formats.percent100(raw)}%",
    "national_id": formats.mask_id,
    "payment_method": payment_method,
    "alternate_recipient": _alternate_recipient,
    "list": _list,
    "mark": _mark,
}
