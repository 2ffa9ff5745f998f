"""Choosing that a returned transfer is paid in cash with the next list, and taking the choice back."""

from __future__ import annotations

import uuid

import flask
from flask import Blueprint, Response, g, request

from portal import access, pages, payment, payment_method, unit, wording
from portal.language import mark
from portal.problems import NotFound
from sync.edit import Result
from sync.ids import uuid7

bp = Blueprint("payment_method", __name__, url_prefix="/payment-methods")


@bp.get("")
@access.deed("payment.read")
def index() -> Response:
    """Transfers that came back, and what was done about each."""
    found = payment_method.returned(access.scope_of(access.me()).communes)
    words = {each.code: wording.label(each) for each in payment.reasons_of("returned")}
    rows = [(each, unit.name_of(each.commune), words.get(each.reason, each.reason)) for each in found]
    return pages.render("payment_method/index.html", rows=rows, month=payment_method.open_month(g.now))


@bp.post("/cash-once/<uuid:payment_id>")
@access.deed("payment_method.choose")
def choose(payment_id: uuid.UUID) -> Response:
    """The next list that carries this sum on pays it in cash, once."""
    line = payment.find(str(payment_id))
    if line is None:
        raise NotFound
    access.scope_of(access.me()).require(line.commune)
    why = request.form.get("why", "").strip()[:500]
    actor = access.form_actor()
    result = payment_method.in_cash_once(actor, g.now, _id(request.form.get("record")), line.id, why)
    _say(result, mark("Đã ghi: kỳ sau khoản này được trả tiền mặt, một lần."))
    return pages.redirect("payment.show", payment_id=line.id)


@bp.post("/<uuid:record_id>/withdraw")
@access.deed("payment_method.choose")
def withdraw(record_id: uuid.UUID) -> Response:
    """The sum goes into the account after all."""
    about = payment_method.find_payment(str(record_id))
    line = payment.find(about) if about else None
    if line is None:
        raise NotFound
    access.scope_of(access.me()).require(line.commune)
    actor = access.form_actor()
    _say(payment_method.withdraw(actor, g.now, str(record_id)), mark("Đã bỏ lựa chọn trả tiền mặt."))
    return pages.redirect("payment.show", payment_id=line.id)


def _say(result: Result, done: str) -> None:
    if result.reason is not None:
        flask.flash(wording.refused(result.reason), "error")
    elif "conflict" in result.fields.values():
        flask.flash(pages.gettext(mark("Người khác vừa sửa; hãy xem lại.")), "warning")
    else:
        flask.flash(pages.gettext(done), "success")


def _id(text: str | None) -> str:
    try:
        return str(uuid.UUID(text or ""))
    except ValueError:
        return uuid7()
