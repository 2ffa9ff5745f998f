"""The bank's result by account: the transfer list to send, the answer to hand in, and "all the rest was paid"."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import flask
from flask import Blueprint, Response, g, request

from portal import access, bank_result, calendar, clock, formats, pages, payment, schedule, security, wording
from portal.bank_result import Problem
from portal.language import mark
from portal.problems import NotFound
from portal.workbook.opened import MAX_BYTES, WorkbookProblem
from portal.workbook.result_file import HEADINGS, Truncated, read_result, transfer_list

bp = Blueprint("bank_result", __name__, url_prefix="/payments/bank-result")

_FILE = {
    "too_large": mark("Tệp quá lớn."),
    "not_a_workbook": mark("Đây không phải là tệp CSV hay XLSX."),
    "damaged": mark("Tệp XLSX bị hỏng hoặc bị cắt ngang."),
    "encoding": mark("Không đọc được chữ trong tệp. Hãy lưu lại dạng CSV UTF-8."),
    "no_heading": mark("Không thấy dòng tiêu đề có cột Số tiền cùng cột Mã hồ sơ, Nội dung hoặc Số tài khoản."),
    "no_file": mark("Hãy chọn tệp kết quả của ngân hàng."),
}
_PROBLEMS = {
    "empty": mark("Tệp không có dòng kết quả nào."),
    "truncated": mark("Dòng này bị cắt ngang; tệp không đầy đủ."),
    "not_money": mark("Không đọc được số tiền «%(told)s»."),
    "unknown_code": mark("Không có khoản chuyển khoản nào tháng này mang mã «%(told)s»."),
    "unknown_account": mark("Không có khoản nào cùng số tài khoản và số tiền này."),
    "ambiguous": mark("%(count)s khoản có cùng số tài khoản và số tiền; cần mã hồ sơ để phân biệt."),
    "amount": mark("%(name)s: đã gửi %(sent)s, tệp ghi %(told)s."),
    "account": mark("%(name)s: số tài khoản khác với số đã gửi."),
    "repeated": mark("%(name)s đã có ở dòng %(row)s."),
    "status": mark("Không hiểu kết quả «%(told)s»."),
    "no_status": mark("Dòng này không ghi kết quả."),
    "paid_with_reason": mark("Ghi là đã chuyển nhưng lại có lý do trả lại «%(told)s»."),
    "reason": mark("Không có mã lý do trả lại «%(told)s». Dùng một mã trong bảng bên dưới; không rõ thì ghi KHAC."),
    "total": mark("Dòng cộng ghi %(told)s nhưng các dòng cộng lại là %(sum)s."),
    "left_out": mark("Thiếu %(count)s khoản của %(bank)s chưa có kết quả: %(codes)s"),
}
_SHOWN = 200


@bp.get("")
@access.deed("payment.undo")
def index() -> Response:
    """Where the month's transfers stand, the list to send and the form to hand the answer in."""
    return _page(_month())


@bp.get("/transfers.csv")
@access.deed("payment.undo")
def transfers() -> Response:
    """The month's transfer list, with two empty columns for the bank's answer."""
    month = _month()
    lines = bank_result.transfers(month, access.scope_of(access.me()).communes)
    response = Response(transfer_list(month, lines), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="chuyen-khoan-{month}.csv"'
    return response


@bp.post("")
@access.deed("payment.undo")
def add() -> Response:
    """Checks the whole file; one thing wrong and nothing of it is booked."""
    security.accept_upload(MAX_BYTES)
    month, scope = _month(), access.scope_of(access.me())
    upload = request.files.get("file")
    content = upload.read() if upload is not None else b""
    if not content:
        return _page(month, error=pages.gettext(_FILE["no_file"]), status=422)
    try:
        checked = bank_result.check(month, scope.communes, read_result(content))
    except WorkbookProblem as problem:
        return _page(month, error=pages.gettext(_FILE.get(problem.code, _FILE["damaged"])), status=422)
    except Truncated as problem:
        checked = bank_result.Checked((), (Problem(problem.place, "truncated"),))
    if checked.problems:
        return _page(month, problems=checked.problems, status=422)
    digest = hashlib.sha256(month.encode() + content).hexdigest()[:32]
    done = bank_result.apply(access.actor(access.me(), f"bank-result:{digest}"), g.now, checked.bookings)
    told = {"paid": formats.number(done.paid), "rejected": formats.number(done.rejected), "unchanged": formats.number(done.unchanged)}
    if done.paid or done.rejected:
        text = mark("Đã ghi kết quả: %(paid)s khoản đã chuyển, %(rejected)s khoản bị trả lại, %(unchanged)s khoản đã có từ trước.")
        flask.flash(pages.gettext(text) % told, "success")
    else:
        flask.flash(pages.gettext(mark("Tệp này không có gì mới: %(unchanged)s khoản đã có kết quả như vậy.")) % told, "message")
    if done.on_hold:
        text = mark("%(count)s khoản đang giữ lại nhưng ngân hàng đã chuyển; huyện hoặc kiểm soát bưu điện sẽ làm rõ.")
        flask.flash(pages.gettext(text) % {"count": done.on_hold}, "warning")
    if done.kept:
        text = mark("%(count)s khoản đã có kết quả khác; cả hai được giữ lại để làm rõ.")
        flask.flash(pages.gettext(text) % {"count": done.kept}, "warning")
    return pages.redirect("bank_result.index", month=month)


@bp.post("/remaining")
@access.deed("payment.undo")
def pay_remaining() -> Response:
    """Every transfer without a result was paid."""
    month, me = _month(), access.me()
    actor = access.actor(me, f"form:{request.form.get('_edit', '')}")
    count = bank_result.pay_remaining(actor, g.now, month, access.scope_of(me).communes)
    flask.flash(pages.gettext(mark("Đã ghi %(count)s khoản là đã chuyển.")) % {"count": formats.number(count)}, "success")
    return pages.redirect("bank_result.index", month=month)


def _page(month: str, *, problems: tuple[Problem, ...] = (), error: str = "", status: int = 200) -> Response:
    communes = access.scope_of(access.me()).communes
    sums = payment.together(part for _, method, part in payment.overview(month, communes) if method != "cash")
    return pages.render(
        "payment/bank_result.html",
        status=status,
        month=month,
        sums=sums,
        error=error,
        problems=[(each.place, _sentence(each.code, each.details)) for each in problems[:_SHOWN]],
        count=len(problems),
        reasons=[(each.code, wording.label(each)) for each in payment.reasons_of("returned")],
        paid_words=bank_result.PAID_WORDS,
        rejected_words=bank_result.REJECTED_WORDS,
        headings=HEADINGS,
        by=calendar.cycle(month).result_by,
        token=pages.edit_token(),
    )


def _sentence(code: str, details: Mapping[str, object]) -> str:
    told = {
        name: formats.dong(value) if isinstance(value, int) and name in ("sent", "told", "sum") else value
        for name, value in details.items()
    }
    return pages.gettext(_PROBLEMS[code]) % told


def _month() -> str:
    known = payment.months()
    month = request.values.get("month") or (known[0] if known else schedule.month_at_hand(clock.local_date(g.now)))
    if not schedule.is_month(month):
        raise NotFound
    return month
