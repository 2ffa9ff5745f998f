"""Results of a month: a file of the bank, or of the post office, is looked at, then booked whole; or "all the rest was paid"."""

from __future__ import annotations

from collections.abc import Mapping

import flask
from flask import Blueprint, Response, g, request

from portal import access, bank_result, calendar, clock, formats, pages, payment, result_check, schedule, security, unit, wording
from portal.bank_result import Applied, Upload
from portal.language import mark
from portal.problems import NotFound
from portal.result_check import Checked, Problem, Repair
from portal.workbook.opened import MAX_BYTES, WorkbookProblem
from portal.workbook.result_file import HEADINGS, Truncated, read_result

bp = Blueprint("bank_result", __name__, url_prefix="/payments/bank-result")

_FILE = {
    "too_large": mark("Tệp quá lớn."),
    "not_a_workbook": mark("Đây không phải là tệp CSV hay XLSX."),
    "damaged": mark("Tệp XLSX bị hỏng hoặc bị cắt ngang."),
    "encoding": mark("Không đọc được chữ trong tệp. Hãy lưu lại dạng CSV UTF-8."),
    "no_heading": mark("Không thấy dòng tiêu đề có cột Số tiền cùng cột Mã hồ sơ, Nội dung hoặc Số tài khoản."),
    "no_file": mark("Hãy chọn tệp kết quả."),
}
_PROBLEMS = {
    "empty": mark("Tệp không có dòng kết quả nào."),
    "truncated": mark("Dòng này bị cắt ngang; tệp không đầy đủ."),
    "not_money": mark("Không đọc được số tiền «%(told)s»."),
    "unknown_code": mark("Không có khoản nào tháng này mang mã «%(told)s»."),
    "unknown_code_meant": mark("Không có mã «%(told)s». Có thể là %(meant)s (%(name)s): hãy kiểm tra rồi sửa trong tệp."),
    "other_month": mark("Tệp nói về tháng %(told)s, không phải tháng %(wanted)s."),
    "not_sent": mark("%(told)s không được chi theo cách này tháng này."),
    "unknown_account": mark("Không có khoản nào cùng số tài khoản và số tiền này."),
    "ambiguous": mark("%(count)s khoản có cùng số tài khoản và số tiền; cần mã hồ sơ để phân biệt."),
    "amount": mark("%(name)s: đã gửi %(sent)s, tệp ghi %(told)s."),
    "account": mark("%(name)s: số tài khoản khác với số đã gửi."),
    "repeated": mark("%(name)s đã có ở dòng %(row)s; chỉ tính một lần, hãy xóa một dòng."),
    "contradicts": mark("%(name)s trái với dòng %(row)s: hãy hỏi lại, rồi chỉ để một dòng."),
    "both_marks": mark("%(name)s vừa ghi đã nhận vừa ghi chưa nhận."),
    "no_mark": mark("%(name)s chưa ghi đã nhận hay chưa nhận."),
    "status": mark("Không hiểu kết quả «%(told)s»."),
    "no_status": mark("Dòng này không ghi kết quả."),
    "paid_with_reason": mark("Ghi là đã chuyển nhưng lại có lý do trả lại «%(told)s»."),
    "reason": mark("Không có mã lý do trả lại «%(told)s». Dùng một mã trong bảng bên dưới; không rõ thì hỏi ngân hàng và ghi KHAC."),
    "total": mark("Dòng cộng ghi %(told)s nhưng các dòng cộng lại là %(sum)s."),
    "left_out": mark("Thiếu %(count)s khoản của %(bank)s chưa có kết quả: %(codes)s"),
    "no_result": mark("Tệp không nói gì về %(code)s, %(name)s."),
}
_REPAIRS = {
    "trim": mark("Mã «%(told)s» được hiểu là %(wanted)s."),
    "money_text": mark("Số tiền «%(told)s» được hiểu là %(wanted)s."),
    "by_account": mark("Không có mã; theo số tài khoản và số tiền thì đó là %(wanted)s."),
    "reason_text": mark("Lý do «%(told)s» được hiểu là %(wanted)s."),
}
_ANSWERS = {
    "confirm": mark("Hãy đánh dấu là đã xem những chỗ được hiểu lại."),
    "changed": mark("Có khoản vừa được người khác ghi hoặc giữ lại: hãy xem lại rồi ghi."),
}
_SHOWN = 200


@bp.get("")
@access.deed("payment.undo")
def index() -> Response:
    """Where the month's results stand, the files handed in so far, and the form to hand one in."""
    return _page(_month())


@bp.post("")
@access.deed("payment.undo")
def add() -> Response:
    """Looks at the whole file: one thing wrong and it is refused, else it is shown what it would do."""
    security.accept_upload(MAX_BYTES)
    month, me = _month(), access.me()
    upload = request.files.get("file")
    content = upload.read() if upload is not None else b""
    if not content:
        return _page(month, error=pages.gettext(_FILE["no_file"]), status=422)
    try:
        checked = _checked(month, content)
    except WorkbookProblem as problem:
        return _page(month, error=pages.gettext(_FILE.get(problem.code, _FILE["damaged"])), status=422)
    if not checked.is_right:
        return _page(month, checked=checked, status=422)
    name = (upload.filename or "") if upload is not None else ""
    return _preview(bank_result.keep(me.name, g.now, month, name or "-", content), checked)


@bp.post("/<string:key>/confirm")
@access.deed("payment.undo")
def confirm(key: str) -> Response:
    """Books the file that was shown, as it stands against the register now."""
    me = access.me()
    upload = bank_result.kept(me.name, key)
    if upload is None:
        flask.flash(pages.gettext(mark("Tệp này đã được ghi, hoặc đã chờ quá một ngày; hãy gửi lại nếu cần.")), "message")
        return pages.redirect("bank_result.index", month=_month())
    checked = _checked(upload.month, upload.content)
    if not checked.is_right:
        return _page(upload.month, checked=checked, status=422)
    if checked.asks and not request.form.get("seen_asks"):
        return _preview(upload, checked, error="confirm", status=422)
    actor = access.form_actor()
    digest = bank_result.digest_of(upload)
    done = bank_result.apply(actor, g.now, upload.month, checked, name=upload.name, digest=digest, at=upload.at)
    if done.changed:
        return _preview(upload, _checked(upload.month, upload.content), error="changed", status=409)
    bank_result.drop(me.name, key)
    _say(done)
    return pages.redirect("bank_result.index", month=upload.month)


@bp.post("/remaining")
@access.deed("payment.undo")
def pay_remaining() -> Response:
    """Every transfer without a result was paid."""
    month, me = _month(), access.me()
    actor = access.form_actor()
    count = bank_result.pay_remaining(actor, g.now, month, access.scope_of(me).communes)
    flask.flash(pages.gettext(mark("Đã ghi %(count)s khoản là đã chuyển.")) % {"count": formats.number(count)}, "success")
    return pages.redirect("bank_result.index", month=month)


def _checked(month: str, content: bytes) -> Checked:
    try:
        return bank_result.check(month, access.scope_of(access.me()).communes, read_result(content))
    except Truncated as problem:
        return Checked("bank", (), (Problem(problem.place, "truncated"),))


def _say(done: Applied) -> None:
    told = {"paid": formats.number(done.paid), "unpaid": formats.number(done.unpaid), "unchanged": formats.number(done.unchanged)}
    if done.paid or done.unpaid:
        text = mark("Đã ghi kết quả: %(paid)s khoản đã chi, %(unpaid)s khoản chưa nhận hoặc bị trả lại, %(unchanged)s khoản đã có từ trước.")
        flask.flash(pages.gettext(text) % told, "success")
    else:
        flask.flash(pages.gettext(mark("Tệp này không có gì mới: %(unchanged)s khoản đã có kết quả như vậy.")) % told, "message")
    if done.on_hold:
        text = mark("%(count)s khoản đang giữ lại nhưng ngân hàng đã chuyển; cơ quan chi trả hoặc kiểm soát bưu điện sẽ làm rõ.")
        flask.flash(pages.gettext(text) % {"count": done.on_hold}, "warning")
    if done.kept:
        text = mark("%(count)s khoản đã có kết quả khác; cả hai được giữ lại để làm rõ.")
        flask.flash(pages.gettext(text) % {"count": done.kept}, "warning")


def _page(month: str, *, checked: Checked | None = None, error: str = "", status: int = 200) -> Response:
    communes = access.scope_of(access.me()).communes
    sums = payment.together(part for _, method, part in payment.overview(month, communes) if method != "cash")
    problems = checked.problems if checked is not None else ()
    return pages.render(
        "bank_result/index.html",
        status=status,
        month=month,
        sums=sums,
        error=error,
        problems=[(each.place, _sentence(each.code, each.details)) for each in problems[:_SHOWN]],
        repairs=_repairs(checked.repairs) if checked is not None else [],
        right=checked.sums() if checked is not None else {},
        count=len(problems),
        handed=bank_result.handed_in(month),
        reasons=[(each.code, wording.label(each)) for each in payment.reasons_of("returned")],
        paid_words=result_check.PAID_WORDS,
        rejected_words=result_check.REJECTED_WORDS,
        headings=HEADINGS,
        by=calendar.cycle(month).result_by,
        token=pages.edit_token(),
    )


def _preview(upload: Upload, checked: Checked, *, error: str = "", status: int = 200) -> Response:
    unpaid = [each for each in checked.bookings if each.mark["state"] != "paid"]
    reasons = payment.reasons_of("returned") if checked.source == "bank" else payment.reasons_of("uncollected")
    words = {each.code: wording.label(each) for each in reasons}
    return pages.render(
        "bank_result/preview.html",
        status=status,
        upload=upload,
        checked=checked,
        sums=checked.sums(),
        unpaid=[(each, unit.name_of(each.line.commune), words.get(each.mark["reason"], each.mark["reason"])) for each in unpaid[:_SHOWN]],
        more=max(0, len(unpaid) - _SHOWN),
        repairs=_repairs(checked.repairs),
        news=bank_result.news(checked),
        error=pages.gettext(_ANSWERS[error]) if error else "",
        token=pages.edit_token(),
    )


def _repairs(repairs: tuple[Repair, ...]) -> list[tuple[str, str, bool]]:
    """(place, sentence, whether somebody has to confirm it)."""
    told = [(each, {"told": each.told, "wanted": each.wanted}) for each in repairs]
    return [(each.place, pages.gettext(_REPAIRS[each.code]) % words, each.ask) for each, words in told[:_SHOWN]]


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
