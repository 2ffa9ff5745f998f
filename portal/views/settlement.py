"""The settlement: the months and their accounts; signing by the post office, closing by the district, opening again with a reason."""

from __future__ import annotations

import re
from typing import Any

import flask
from flask import Blueprint, Response, current_app, g, request

from portal import access, answers, calendar, funds, pages, reconciliation, settlement, settlement_lines, wording
from portal.language import mark
from portal.problems import NotFound
from portal.settlement import MonthAccount
from sync.edit import Result
from sync.kinds.conflict import TYPES

bp = Blueprint("settlement", __name__, url_prefix="/settlements")

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_SAID = {
    "digest": mark("Số liệu không còn như lúc bạn xem. Đây là số liệu mới; hãy xem lại."),
    "exists": mark("Bưu điện đã ký tháng này rồi. Đây là tình trạng mới."),
    "reason_missing": mark("Hãy ghi lý do."),
}
_LOST = mark("Người khác vừa làm bước này trước bạn. Đây là tình trạng mới.")
_ODD = {
    "paid_on_hold": mark("Đã chi khoản đang giữ lại"),
    "paid_twice": mark("Chi hai lần: dòng gốc và dòng đính chính"),
    "carried_though_paid": mark("Tháng trước đã chi rồi mà vẫn chuyển sang"),
    "amount": mark("Số tiền kết quả khác số tiền của dòng"),
    "not_carried": mark("Chưa chi, còn được hưởng mà không có trong danh sách sau"),
    "to_return": mark("Chưa chi, đã thôi hưởng: phải nộp trả ngân sách"),
    "held_with_carried": mark("Giữ lại không được hưởng, gồm cả khoản tháng trước chuyển sang"),
    "month_open": mark("Tháng trước chưa quyết toán"),
    "not_as_requested": mark("Tiền cấp khác số đề nghị"),
    "not_confirmed": mark("Chứng từ bưu điện chưa xác nhận"),
    "funds_unbalanced": mark("Tiền ở đơn vị chi trả không khớp danh sách và kết quả"),
    "owed": mark("Còn phải nộp trả ngân sách"),
    "returned_too_much": mark("Nộp trả quá số phải nộp"),
}
"""Codes of `reconciliation.Discrepancy` → their names."""
_DONE = {
    "sign": mark("Đã ký kết quả chi trả của tháng; chờ quyết toán."),
    "close": mark("Đã quyết toán tháng."),
    "reopen": mark("Đã mở lại; bưu điện sửa kết quả rồi ký lại."),
}


@bp.get("")
@access.deed("settlement.read")
def index() -> Response:
    """The months whose lists were handed to the post office, and how far their accounts are."""
    return pages.render("settlement/index.html", months=settlement.every(_scope()))


@bp.get("/<string:month>")
@access.deed("settlement.read")
def show(month: str) -> Response:
    """A month's account: what became of the money, what is to be cleared up, what goes on to the next month."""
    return _page(_found(month))


@bp.post("/<string:month>/sign")
@access.deed("settlement.sign")
def sign(month: str) -> Response:
    """The post office signs the figures it was shown."""
    found, form = _found(month), request.form
    return _answer(found, settlement.sign(access.form_actor(), g.now, found, form.get("digest", ""), form.get("seen.state", "")), "sign")


@bp.post("/<string:month>/close")
@access.deed("settlement.close")
def close(month: str) -> Response:
    """The district closes the month on the figures it was shown."""
    found = _found(month)
    return _answer(found, settlement.close(access.form_actor(), g.now, found, request.form.get("digest", "")), "close")


@bp.post("/<string:month>/return")
@access.deed("settlement.close")
def send_back(month: str) -> Response:
    """The district gives a signed month back to the post office, with a reason."""
    return _open_again(month)


@bp.post("/<string:month>/reopen")
@access.deed("settlement.reopen")
def reopen(month: str) -> Response:
    """An approver opens a closed month again, with a reason."""
    return _open_again(month)


def _open_again(month: str) -> Response:
    found, why = _found(month), request.form.get("why", "").strip()
    if not why:
        return _page(found, errors={"why": pages.gettext(_SAID["reason_missing"])}, status=422)
    return _answer(found, settlement.open_again(access.form_actor(), g.now, found, request.form.get("seen.state", ""), why), "reopen")


def _found(month: str) -> MonthAccount:
    found = settlement.show(month, _scope()) if _MONTH.fullmatch(month) else None
    if found is None:
        raise NotFound
    return found


def _scope() -> frozenset[str] | None:
    return access.scope_of(access.me()).communes



def _answer(found: MonthAccount, result: Result, done: str) -> Response:
    if result.reason is not None:
        said = _SAID.get(result.reason.detail) or answers.sentence(result.reason)
        return _page(_found(found.month), pages.gettext(said), status=409 if result.reason.detail in ("digest", "exists") else 422)
    if "conflict" in result.fields.values():
        return _page(_found(found.month), pages.gettext(_LOST), status=409)
    flask.flash(pages.gettext(_DONE[done]), "success")
    return pages.redirect("settlement.show", month=found.month)


def _page(found: MonthAccount, error: str = "", *, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    scope = _scope()
    return pages.render(
        "settlement/show.html",
        status=status,
        found=found,
        error=error,
        errors=errors or {},
        typed=request.form.get("why", ""),
        planned=settlement_lines.lines(found.list.id, scope, ("planned",)),
        unpaid=settlement_lines.lines(found.list.id, scope),
        shown=settlement_lines.SHOWN,
        irregularities=settlement_lines.irregularities(found.list.id, scope),
        irregular={choice.code: wording.label(choice) for choice in TYPES},
        cycle=calendar.cycle(found.month),
        method_words=wording.method,
        lines_url=lines_url,
        sum_of=settlement.summed,
        flow=lambda tally: reconciliation.flow(tally, found.month),
        odd=reconciliation.discrepancies(found.list.id, found.month, scope, with_funds=access.may(access.me(), "funds.read")),
        odd_words=lambda code: pages.gettext(_ODD[code]),
        happened=reconciliation.steps(found.list.id) if found.is_whole else [],
        fees=funds.fees(found.month, {each.key: each.paid[1] for each in found.communes}) if found.is_whole else [],
        conflict_page="conflict.show" in current_app.view_functions,
        token=pages.edit_token(),
    )


def lines_url(**filters: Any) -> str | None:
    """The page of a month's payments narrowed to these lines; None where the person may not open it."""
    there = "payment.index" in current_app.view_functions and access.may(access.me(), "payment.read")
    return flask.url_for("payment.index", **{name: value for name, value in filters.items() if value}) if there else None
