"""The way around: which pages a person sees in the menu, by what they may do."""

from __future__ import annotations

from typing import NamedTuple

from flask import current_app

from portal import access
from portal.language import mark
from portal.models.account import Account

_MENU = (
    (mark("Việc cần làm"), "home.index", "home.read"),
    (mark("Báo tin của thôn"), "hamlet_report.index", "hamlet.report"),
    (mark("Đối tượng"), "person.index", "person.read"),
    (mark("Biến động"), "change.index", "change.read"),
    (mark("Nhập tệp"), "upload.index", "upload.take_in"),
    (mark("Mốc tuổi"), "transition.index", "transition.read"),
    (mark("Chốt tháng của xã"), "declaration.index", "declaration.read"),
    (mark("Danh sách chi trả"), "payment_list.index", "payment_list.read"),
    (mark("Lịch chi trả"), "schedule.index", "schedule.read"),
    (mark("Chi trả"), "payment.index", "payment.read"),
    (mark("Tệp gửi ngân hàng"), "bank_file.index", "bank_file.read"),
    (mark("Chưa nhận"), "followup.index", "followup.read"),
    (mark("Đối soát"), "settlement.index", "settlement.read"),
    (mark("Kinh phí"), "funds.index", "funds.read"),
    (mark("Thu hồi chi thừa"), "recovery.index", "recovery.read"),
    (mark("Mai táng phí"), "funeral_grant.index", "funeral_grant.read"),
    (mark("Báo cáo"), "report.index", "report.read"),
    (mark("Mức và văn bản"), "law.index", "law.read"),
    (mark("Cần làm rõ"), "conflict.index", "conflict.read"),
    (mark("Lịch công việc"), "calendar.index", "calendar.read"),
    (mark("Đã gửi"), "outbox.index", "outbox.read"),
    (mark("Sổ ngoại tuyến"), "booklet.index", "device.own"),
    (mark("Thiết bị"), "device.index", "device.own"),
    (mark("Nhật ký"), "journal.index", "journal.read"),
    (mark("Đơn vị, thẩm quyền"), "unit.index", "unit.read"),
    (mark("Tài khoản"), "account.index", "account.manage"),
    (mark("Thiết bị"), "device.every", "account.manage"),
    (mark("Đổi mật khẩu"), "password.edit", "password.change"),
)


_RARE = frozenset(
    {
        *("transition.index", "funeral_grant.index", "bank_file.index", "law.index", "calendar.index"),
        *("device.index", "journal.index", "unit.index", "password.edit", "upload.index"),
    }
)
"""Pages a person wants now and then: the first page leads to them, the menu of every page would carry them over a slow line."""


class Entry(NamedTuple):
    """One line of the menu: its label (a sentence to translate), the endpoint, a count or None, and whether it is wanted rarely."""

    label: str
    endpoint: str
    badge: int | None
    is_rare: bool = False


def entries(account: Account) -> list[Entry]:
    """The menu of an account; only pages that are there."""
    there = current_app.view_functions
    return [Entry(label, endpoint, None, endpoint in _RARE) for label, endpoint, deed in _MENU if endpoint in there and access.may(account, deed)]
