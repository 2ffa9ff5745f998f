"""Funds: the provider's account by month; a month's request and vouchers, from making to confirming; what remains at the end of a year."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, answers, calendar, formats, forms, fund_rest, funds, pages, payment_list, unit, wording
from portal.funds import Movement, Request
from portal.language import mark
from portal.problems import LostRace, NotFound
from sync.edit import Result
from sync.fields import SUPERVISOR
from sync.kinds import CATALOGUE

bp = Blueprint("funds", __name__, url_prefix="/funds")

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_FIRST_YEAR = 2015
_TRANSFER = ("amount", "number", "day", "note")
_RETURN = ("cause", *_TRANSFER)
_DONE = {
    "ask": mark("Đã lập đề nghị cấp kinh phí; chờ duyệt."),
    "again": mark("Đã lập lại đề nghị theo số liệu hiện nay."),
    "approve": mark("Đã duyệt đề nghị cấp kinh phí."),
    "back": mark("Đã trả lại đề nghị."),
    "move": mark("Đã ghi chứng từ; chờ bưu điện xác nhận."),
    "confirm": mark("Đã xác nhận."),
    "void": mark("Đã hủy chứng từ."),
}
_WHY = mark("Hãy ghi lý do.")


@bp.get("")
@access.deed("funds.read")
def index() -> Response:
    """The account of each provider by month, with the running balance."""
    own = _own_provider()
    months = [each for each in funds.account() if own in (None, each.provider)]
    return pages.render("funds/index.html", months=months, several=len({each.provider for each in months}) > 1, words=_words)


@bp.get("/<string:month>")
@access.deed("funds.read")
def show(month: str) -> Response:
    """A month's request, its vouchers, and whether the provider's money agrees with the lines."""
    return _month_page(_known(month))


@bp.get("/years/<int:year>")
@access.deed("funds.read")
def year(year: int) -> Response:
    """A year's account, and what remains at its end: unpaid sums by line, sums that have to go back."""
    if not _FIRST_YEAR <= year < 2100:
        raise NotFound
    found = fund_rest.of_year(year, access.scope_of(access.me()).communes)
    own = _own_provider()
    rows = [row for row in found.balances if own in (None, row.provider)]
    return pages.render("funds/year.html", year=year, found=found, rows=rows, shown=fund_rest.SHOWN, first=_FIRST_YEAR)


@bp.post("/<string:month>/requests")
@access.deed("funds.record")
def ask(month: str) -> Response:
    """Makes the next request for a provider's money."""
    found, number = payment_list.find(_known(month)), request.form.get("number", "")
    if found is None or not number.isdecimal() or len(number) > 3:
        raise NotFound
    return _answer(month, funds.ask(access.form_actor(), g.now, found, _provider(request.form.get("provider", "")), int(number)), "ask")


@bp.post("/<string:month>/requests/<uuid:request_id>/builds")
@access.deed("funds.record")
def count_again(month: str, request_id: uuid.UUID) -> Response:
    """Counts a request anew from the list as it stands."""
    seen = request.form.get("seen.build", "")
    if not seen.isdecimal() or len(seen) > 6:
        raise LostRace
    return _answer(month, funds.count_again(access.form_actor(), g.now, _request(month, request_id).id, int(seen)), "again")


@bp.post("/<string:month>/requests/<uuid:request_id>/approval")
@access.deed("funds.approve")
def approve(month: str, request_id: uuid.UUID) -> Response:
    """Approves a request on the figures that were shown."""
    return _answer(month, funds.approve(access.form_actor(), g.now, _request(month, request_id).id, request.form.get("digest", "")), "approve")


@bp.post("/<string:month>/requests/<uuid:request_id>/return")
@access.deed("funds.approve")
def send_back(month: str, request_id: uuid.UUID) -> Response:
    """Sends a request back with a reason."""
    record, why = _request(month, request_id).id, request.form.get("why", "").strip()
    if not why:
        return _month_page(month, errors={f"why-{record}": pages.gettext(_WHY)}, status=422)
    return _answer(month, funds.send_back(access.form_actor(), g.now, record, request.form.get("seen.state", ""), why), "back")


@bp.post("/<string:month>/transfers")
@access.deed("funds.record")
def transfer(month: str) -> Response:
    """Records a transfer to the provider on an approved request."""
    asked = _request(_known(month), _uuid(request.form.get("request")))
    return _move(month, "transfer", {"provider": asked.provider, "request": asked.id})


@bp.post("/<string:month>/returns")
@access.deed("funds.record")
def give_back(month: str) -> Response:
    """Records a return to the budget."""
    return _move(_known(month), "return", {"provider": _provider(request.form.get("provider", ""))})


@bp.post("/movements/<uuid:movement_id>/confirmation")
@access.deed("funds.confirm")
def confirm(movement_id: uuid.UUID) -> Response:
    """The post office confirms that the money came, or went."""
    found = _movement(movement_id)
    return _answer(found.month, funds.confirm(access.form_actor(), g.now, found.id), "confirm")


@bp.post("/movements/<uuid:movement_id>/void")
@access.deed("funds.record")
def make_void(movement_id: uuid.UUID) -> Response:
    """Takes a voucher out of the account, with a reason."""
    found, why = _movement(movement_id), request.form.get("why", "").strip()
    if not why:
        return _month_page(found.month, errors={f"why-{found.id}": pages.gettext(_WHY)}, status=422)
    return _answer(found.month, funds.make_void(access.form_actor(), g.now, found.id, why), "void")


def _move(month: str, type_: str, given: dict[str, Any]) -> Response:
    names = _TRANSFER if type_ == "transfer" else _RETURN
    form = forms.read("fund_movement", request.form, names, required=[name for name in names if name != "note"], prefix=f"{type_}.")
    if form.errors:
        return _month_page(month, forms_={type_: form}, status=422)
    values = {**given, "month": month, "type": type_, **form.values}
    result = funds.move(access.form_actor(), g.now, str(_uuid(request.form.get("movement"))), values)
    if result.reason is not None and result.reason.field in names:
        form.errors[f"{type_}.{result.reason.field}"] = wording.refused(result.reason)
        return _month_page(month, forms_={type_: form}, status=422)
    return _answer(month, result, "move")


def _month_page(
    month: str, error: str = "", *, errors: dict[str, str] | None = None, forms_: Mapping[str, forms.Form] | None = None, status: int = 200
) -> Response:
    own = _own_provider()
    found = payment_list.find(month)
    asked = [each for each in funds.requests(month) if own in (None, each.provider)]
    rows = [row for row in funds.balances(month) if own in (None, row.provider)]
    given = dict(forms_ or {})
    given.setdefault("transfer", forms.show("fund_movement", _TRANSFER, required=_TRANSFER[:-1], prefix="transfer."))
    open_ = [each for each in asked if each.state == "approved" and each.transferred < each.amount][:1]
    if open_ and not given["transfer"].typed["transfer.amount"]:
        given["transfer"].typed["transfer.amount"] = formats.number(open_[0].amount - open_[0].transferred)
    given.setdefault("return", forms.show("fund_movement", _RETURN, required=_RETURN[:-1], prefix="return."))
    return pages.render(
        "funds/month.html",
        status=status,
        month=month,
        list=found,
        requests=asked,
        balances=rows,
        movements=[each for each in funds.movements(month) if own in (None, each.provider)],
        askable=[(code, 1 + sum(each.provider == code for each in asked)) for code in funds.providers() if funds.can_ask(found, code)],
        returnable=[(row.provider, unit.name_of(row.provider)) for row in rows],
        open_requests=open_,
        forms=given,
        error=error,
        errors=errors or {},
        typed=request.form.get("why", ""),
        new_id=request.form.get("movement") or str(uuid.uuid4()),
        token=request.form.get("_edit") or pages.edit_token(),
        cycle=calendar.cycle(month),
        words=_words,
    )


def _answer(month: str, result: Result, done: str) -> Response:
    if result.reason is not None:
        return _month_page(
            month, pages.gettext(answers.sentence(result.reason)), status=409 if result.reason.detail in ("digest", "exists") else 422
        )
    if "conflict" in result.fields.values():
        raise LostRace
    flask.flash(pages.gettext(_DONE[done]), "success")
    return pages.redirect("funds.show", month=month)


def _words(kind: str, name: str, code: str) -> str:
    """A choice of the catalogue in words."""
    found = next((each for each in CATALOGUE[kind].fields[name].choices if each.code == code), None)
    return wording.label(found) if found is not None else code


def _known(month: str) -> str:
    if not _MONTH.fullmatch(month):
        raise NotFound
    return month


def _own_provider() -> str | None:
    """The only provider somebody may see: the post office's own; None for all."""
    me = access.me()
    return me.unit if me.role == SUPERVISOR else None


def _provider(code: str) -> str:
    if code not in funds.providers():
        raise NotFound
    return code


def _request(month: str, request_id: uuid.UUID) -> Request:
    found = next((each for each in funds.requests(_known(month)) if each.id == str(request_id)), None)
    if found is None:
        raise NotFound
    return found


def _movement(movement_id: uuid.UUID) -> Movement:
    found = next((each for each in funds.movements() if each.id == str(movement_id)), None)
    if found is None or _own_provider() not in (None, found.provider):
        raise NotFound
    return found


def _uuid(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError as error:
        raise NotFound from error

