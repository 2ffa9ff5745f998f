"""The month's payment list: its months, one month with its figures and checks, each step to the post office, lines and addenda."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, change_record, list_comparison, pages, payment_list, residence, unit, wording
from portal.language import mark
from portal.payment_list import Line, MonthList
from portal.problems import NotFound
from sync.edit import Reason, Result
from sync.ids import uuid7

bp = Blueprint("payment_list", __name__, url_prefix="/payment-lists")

_MONTH = re.compile(r"(?a:\d{4}-(0[1-9]|1[0-2]))")
_REFUSED = {
    "checks": mark("Còn lỗi phải sửa trước khi chốt danh sách; xem phần Kiểm tra bên dưới."),
    "changed": mark("Danh sách hoặc hồ sơ đã thay đổi sau lần lập này. Hãy lập lại, xem lại rồi chốt."),
    "schedule_missing": mark("Còn xã có người nhận tiền mặt mà chưa có phiên chi trả. Bưu điện cần xếp lịch trước."),
    "own_list": mark("Bạn đã lập hoặc chốt danh sách này nên không tự duyệt được; cần một người khác duyệt."),
    "digest": mark("Danh sách không còn như lúc bạn xem. Hãy xem lại số liệu mới rồi duyệt."),
    "reason_missing": mark("Hãy ghi lý do."),
    "frozen": mark("Danh sách đã chốt nên không lập lại được; biến động mới ghi thành phụ lục."),
    "taken": mark("Tháng này đã có danh sách."),
    "no_law": mark("Không có mức chuẩn cho tháng này."),
    "nothing_to_add": mark("Không có dòng nào để bổ sung hoặc đính chính theo hồ sơ hiện nay."),
    "not_amendable": mark("Chỉ ghi phụ lục cho danh sách đã chốt và chưa quyết toán."),
    "paid": mark("Dòng này đã chi; không thay được nữa."),
    "settled": mark("Tháng này đã quyết toán."),
}
_LOST = mark("Người khác vừa làm bước này trước bạn. Đây là tình trạng mới.")
_DONE = {
    "open": mark("Đã lập danh sách."),
    "build": mark("Đã lập lại danh sách từ hồ sơ."),
    "freeze": mark("Đã chốt danh sách; chờ lãnh đạo duyệt."),
    "return": mark("Đã trả lại để lập lại."),
    "approve": mark("Đã duyệt danh sách."),
    "post": mark("Đã chuyển danh sách cho bưu điện và niêm yết lịch chi trả."),
    "hold": mark("Đã giữ lại dòng này."),
    "release": mark("Đã cho chi lại dòng này."),
    "amend": mark("Đã ghi phụ lục."),
}


@bp.get("")
@access.deed("payment_list.read")
def index() -> Response:
    """Every month's list, and the way to open the next."""
    return _index()


@bp.post("")
@access.deed("payment_list.build")
def open_month() -> Response:
    """Opens a month and builds its list."""
    month = request.form.get("month", "")
    if month not in payment_list.openable(g.now) and payment_list.find(month) is None:
        return _index(pages.gettext(mark("Hãy chọn một tháng trong danh sách.")), 422)
    try:
        record = str(uuid.UUID(request.form.get("record", "")))
    except ValueError:
        record = uuid7()
    result = payment_list.open_month(access.form_actor(), g.now, record, month)
    if result.reason is not None:
        return _index(_said(result.reason), 409 if result.reason.detail == "taken" else 422)
    flask.flash(pages.gettext(_DONE["open"]), "success")
    return pages.redirect("payment_list.show", month=month)


@bp.get("/<string:month>")
@access.deed("payment_list.read")
def show(month: str) -> Response:
    """One month: where it stands, its figures against the month before, what the checks find, and the next step."""
    return _page(_found(month))


@bp.post("/<string:month>/build")
@access.deed("payment_list.build")
def build(month: str) -> Response:
    """Builds a draft again."""
    found, seen = _found(month), request.form.get("build", "")
    return _answer(found, payment_list.rebuild(access.form_actor(), g.now, found.id, int(seen) if seen.isdecimal() and len(seen) < 10 else -1), "build")


@bp.post("/<string:month>/freeze")
@access.deed("payment_list.build")
def freeze(month: str) -> Response:
    """Freezes a draft that no blocking check holds up."""
    found = _found(month)
    return _answer(found, payment_list.step(access.form_actor(), g.now, found.id, request.form.get("seen.state", ""), "frozen"), "freeze")


@bp.post("/<string:month>/recall")
@access.deed("payment_list.build")
def recall(month: str) -> Response:
    """The district takes a frozen list back to work on it, with a reason."""
    return _back(month)


@bp.post("/<string:month>/return")
@access.deed("payment_list.approve")
def send_back(month: str) -> Response:
    """The approver sends a list back, with a reason."""
    return _back(month)


@bp.post("/<string:month>/approve")
@access.deed("payment_list.approve")
def approve(month: str) -> Response:
    """Approves what was shown: the digest and the figures travel with the form."""
    found, form = _found(month), request.form
    figures = {name: int(form[name]) for name in ("lines", "total") if form.get(name, "").isdecimal() and len(form[name]) < 16}
    result = payment_list.approve(access.form_actor(), g.now, found.id, form.get("digest", ""), figures)
    if result.reason is not None and result.reason.detail == "digest":
        return _page(_found(month), _said(result.reason), 409, shown=figures)
    return _answer(found, result, "approve")


@bp.post("/<string:month>/post")
@access.deed("payment_list.post")
def post(month: str) -> Response:
    """Hands the list to the post office and posts the schedule with it."""
    found = _found(month)
    return _answer(found, payment_list.step(access.form_actor(), g.now, found.id, request.form.get("seen.state", ""), "posted"), "post")


@bp.get("/<string:month>/lines")
@access.deed("payment_list.read")
def lines(month: str) -> Response:
    """The lines, narrowed by commune, method, state and name, paged by key."""
    found, args = _found(month), request.args
    asked = {name: args.get(name, "") for name in ("q", "commune", "method", "state")}
    scope = access.scope_of(access.me())
    if asked["commune"]:
        scope.require(asked["commune"])
    communes = [asked["commune"]] if asked["commune"] else scope.communes
    page = payment_list.lines(
        found.id, communes, words=asked["q"], method=asked["method"], state=asked["state"], after=args.get("after", "")
    )
    kept: dict[str, Any] = {name: value for name, value in asked.items() if value}
    return pages.render(
        "payment_list/lines.html",
        "payment_list/_lines.html",
        found=found,
        listed=page,
        asked=asked,
        categories=_categories(found, page.rows),
        first_url=flask.url_for("payment_list.lines", month=month, **kept) if args.get("after") else None,
        next_url=flask.url_for("payment_list.lines", month=month, after=page.after, **kept) if page.after else None,
        communes=_communes(found.month),
        method_words=wording.method,
        methods=wording.methods(),
    )


@bp.get("/<string:month>/lines/<uuid:payment_id>")
@access.deed("payment_list.read")
def line(month: str, payment_id: uuid.UUID) -> Response:
    """One line with its sums, and what may be done about it once the list is frozen."""
    return _line_page(_found(month), str(payment_id))


@bp.post("/<string:month>/lines/<uuid:payment_id>/hold")
@access.deed("payment_list.amend")
def hold(month: str, payment_id: uuid.UUID) -> Response:
    """Withholds a line, with a reason, as an addendum."""
    found = _found(month)
    _line(found, str(payment_id))
    why = request.form.get("why", "").strip()
    return _line_answer(found, str(payment_id), payment_list.hold(access.form_actor(), g.now, str(payment_id), _seen(), why), "hold")


@bp.post("/<string:month>/lines/<uuid:payment_id>/release")
@access.deed("payment.release")
def release(month: str, payment_id: uuid.UUID) -> Response:
    """Lets a withheld line be paid, with a reason, as an addendum."""
    found = _found(month)
    _line(found, str(payment_id))
    why = request.form.get("why", "").strip()
    return _line_answer(found, str(payment_id), payment_list.release(access.form_actor(), g.now, str(payment_id), _seen(), why), "release")


@bp.post("/<string:month>/lines/<uuid:payment_id>/correction")
@access.deed("payment_list.amend")
def correct(month: str, payment_id: uuid.UUID) -> Response:
    """Draws a line up again as the register has it now, as an addendum; the old line is withheld."""
    found, why = _found(month), request.form.get("why", "").strip()
    _line(found, str(payment_id))
    result = payment_list.amend(access.form_actor(), g.now, _record(), found.id, {"payment": str(payment_id)}, why)
    return _line_answer(found, str(payment_id), result, "amend")


@bp.get("/<string:month>/addenda")
@access.deed("payment_list.read")
def addenda(month: str) -> Response:
    """The addenda of a list by number, and the way to add whom it left out."""
    return _addenda_page(_found(month))


@bp.post("/<string:month>/addenda")
@access.deed("payment_list.amend")
def add(month: str) -> Response:
    """Adds to a frozen list what it left out of a person, found by their code."""
    found, form = _found(month), request.form
    typed = {"code": form.get("code", "").strip(), "why": form.get("why", "").strip()}
    person = payment_list.person_by_code(typed["code"])
    errors = {} if person else {"code": pages.gettext(mark("Không có đối tượng mang mã này."))}
    if not typed["why"]:
        errors["why"] = pages.gettext(_REFUSED["reason_missing"])
    if errors or person is None:
        return _addenda_page(found, typed, errors, 422)
    result = payment_list.amend(access.form_actor(), g.now, _record(), found.id, {"person": person}, typed["why"])
    if result.reason is not None:
        return _addenda_page(found, typed, {"code": _said(result.reason)}, 422)
    flask.flash(pages.gettext(_DONE["amend"]), "success")
    return pages.redirect("payment_list.addenda", month=month)


@bp.get("/<string:month>/differences")
@access.deed("payment_list.read")
def differences(month: str) -> Response:
    """The lines that differ from the month before, one by one, paged by key."""
    found, kind = _found(month), request.args.get("kind", "")
    kind = kind if kind in list_comparison.KINDS else ""
    rows, after = list_comparison.differences(found, _scope(), kind=kind, after=request.args.get("after", ""))
    kept: dict[str, Any] = {"kind": kind} if kind else {}
    return pages.render(
        "payment_list/differences.html",
        "payment_list/_differences.html",
        found=found,
        rows=rows,
        kind=kind,
        first_url=flask.url_for("payment_list.differences", month=month, **kept) if request.args.get("after") else None,
        next_url=flask.url_for("payment_list.differences", month=month, after=after, **kept) if after else None,
        method_words=_paid_by,
    )


@bp.get("/<string:month>/checks/<string:code>")
@access.deed("payment_list.read")
def check(month: str, code: str) -> Response:
    """What one check finds, row by row."""
    found = _found(month)
    if not payment_list.is_check(code):
        raise NotFound
    findings = payment_list.findings(found, _scope(), only=code, shown=200)
    return pages.render("payment_list/check.html", found=found, code=code, finding=findings[0] if findings else None)


def _found(month: str) -> MonthList:
    found = payment_list.find(month) if _MONTH.fullmatch(month) else None
    if found is None:
        raise NotFound
    return found


def _scope() -> frozenset[str] | None:
    return access.scope_of(access.me()).communes


def _communes(month: str) -> list[tuple[str, str]]:
    scope = access.scope_of(access.me())
    return [(each.code, each.name) for each in unit.communes(residence.day_of(month)) if scope.covers(each.code)]



def _record() -> str:
    """The id a form carries for the record it makes, so that sent twice it makes one."""
    try:
        return str(uuid.UUID(request.form.get("record", "")))
    except ValueError:
        return uuid7()


def _seen() -> Any:
    try:
        return json.loads(request.form.get("seen.hold") or "null")
    except ValueError:
        return None


def _said(reason: Reason) -> str:
    return pages.gettext(_REFUSED[reason.detail]) if reason.detail in _REFUSED else wording.refused(reason)


def _index(error: str = "", status: int = 200) -> Response:
    return pages.render(
        "payment_list/index.html", status=status, lists=payment_list.every(), openable=payment_list.openable(g.now), error=error,
        token=pages.edit_token(), record=uuid7(),
    )  # fmt: skip


def _back(month: str) -> Response:
    found, why = _found(month), request.form.get("why", "").strip()
    if not why:
        return _page(found, status=422, errors={"why": pages.gettext(_REFUSED["reason_missing"])})
    return _answer(found, payment_list.step(access.form_actor(), g.now, found.id, request.form.get("seen.state", ""), "draft", why=why), "return")


def _answer(found: MonthList, result: Result, done: str) -> Response:
    if result.reason is not None:
        return _page(_found(found.month), _said(result.reason), 422)
    if "conflict" in result.fields.values():
        return _page(_found(found.month), pages.gettext(_LOST), 409)
    flask.flash(pages.gettext(_DONE[done]), "success")
    return pages.redirect("payment_list.show", month=found.month)


def _page(
    found: MonthList, error: str = "", status: int = 200, *, errors: dict[str, str] | None = None, shown: dict[str, int] | None = None
) -> Response:
    me, scope = access.me(), _scope()
    reads = payment_list.may_read_category(me.role)
    by_category = list_comparison.movements(found, "category", scope) if reads else []
    return pages.render(
        "payment_list/show.html",
        status=status,
        found=found,
        names=change_record.named((found.built_by, found.frozen_by, found.approved_by, found.posted_by)),
        error=error,
        errors=errors or {},
        shown=shown or {},
        shares=payment_list.shares(found.id, scope),
        whole=next(iter(list_comparison.movements(found, "", scope)), None),
        by_commune=list_comparison.in_words(list_comparison.movements(found, "commune", scope), residence.named_in(found.month)),
        by_category=list_comparison.in_words(by_category, lambda code: payment_list.category_words(code, found.month, me.role)),
        findings=payment_list.findings(found, scope) if found.state in ("draft", "frozen") else [],
        stale=found.state == "draft" and access.may(me, "payment_list.build") and payment_list.is_stale(found, g.now),
        without_session=payment_list.without_session(found) if found.state == "approved" else [],
        own=me.name in (found.built_by, found.frozen_by),
        addenda=len(payment_list.addenda(found.id, scope)),
        method_words=wording.method,
        token=pages.edit_token(),
    )


def _categories(found: MonthList, rows: list[Line]) -> dict[str, str]:
    role = access.me().role
    return {code: payment_list.category_words(code, found.month, role) for code in {row.category for row in rows}}


def _line(found: MonthList, payment_id: str) -> Line:
    page = payment_list.lines(found.id, _scope(), payment=payment_id)
    if not page.rows:
        raise NotFound
    return page.rows[0]


def _line_page(found: MonthList, payment_id: str, error: str = "", status: int = 200) -> Response:
    row = _line(found, payment_id)
    return pages.render(
        "payment_list/line.html",
        status=status,
        found=found,
        row=row,
        hold=json.loads(row.hold) if row.hold else None,
        category=payment_list.category_words(row.category, found.month, access.me().role),
        error=error,
        typed=request.form.get("why", ""),
        addenda=[each for each in payment_list.addenda(found.id, _scope()) if each.payment == row.id],
        method_words=wording.method,
        token=pages.edit_token(),
        record=uuid7(),
    )


def _line_answer(found: MonthList, payment_id: str, result: Result, done: str) -> Response:
    if result.reason is not None:
        return _line_page(found, payment_id, _said(result.reason), 422)
    if "conflict" in result.fields.values():
        return _line_page(found, payment_id, pages.gettext(_LOST), 409)
    flask.flash(pages.gettext(_DONE[done]), "success")
    return pages.redirect("payment_list.line", month=found.month, payment_id=payment_id)


def _addenda_page(found: MonthList, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    return pages.render(
        "payment_list/addenda.html", status=status, found=found, rows=payment_list.addenda(found.id, _scope()),
        typed=typed or {"code": "", "why": ""}, errors=errors or {}, token=pages.edit_token(), record=uuid7(),
    )  # fmt: skip


def _paid_by(paid_by: str) -> str:
    """How a line is paid, "bank 0000991" in words, the account half hidden."""
    method, _, account = paid_by.partition(" ")
    hidden = flask.current_app.jinja_env.filters["mask_account"](account)
    return f"{wording.method(method)} {hidden}".strip() if method else ""
