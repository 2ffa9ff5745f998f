"""Contracts with those who pay: from which month, at which fee."""

from __future__ import annotations

import uuid
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, answers, door, forms, funds, pages, unit
from portal.language import mark
from portal.problems import LostRace, NotFound
from sync.kinds import CATALOGUE

bp = Blueprint("contract", __name__, url_prefix="/contracts")

_ALL = tuple(CATALOGUE["contract"].fields)
_NEW = tuple(name for name in _ALL if name != "withdrawn")
_CHANGED = tuple(name for name in _ALL if name != "provider")


@bp.get("")
@access.deed("funds.read")
def index() -> Response:
    """Every contract, the newest first."""
    return pages.render("contract/index.html", contracts=funds.contracts())


@bp.get("/new")
@access.deed("funds.record")
def new() -> Response:
    """An empty form for a contract."""
    offices = _offices()
    form = forms.show("contract", _NEW, {"provider": offices[0][0]} if len(offices) == 1 else None, options={"provider": offices})
    form.seen.clear()
    return _page(form, str(uuid.uuid4()))


@bp.post("")
@access.deed("funds.record")
def add() -> Response:
    """Records a contract; the same form sent twice records it once."""
    form = forms.read("contract", request.form, _NEW, options={"provider": _offices()})
    try:
        record = str(uuid.UUID(request.form.get("contract", "")))
    except ValueError as error:
        raise NotFound from error
    if form.values.get("provider") not in funds.providers():
        form.errors.setdefault("provider", pages.gettext(mark("Hãy chọn một giá trị trong danh sách.")))
    if form.errors:
        return _page(form, record, status=422)
    return _take(form, record, {name: (None, value) for name, value in form.values.items() if value is not None}, is_new=True)


@bp.get("/<uuid:contract_id>")
@access.deed("funds.record")
def edit(contract_id: uuid.UUID) -> Response:
    """A contract to correct or to end."""
    standing = _standing(str(contract_id))
    return _page(forms.show("contract", _CHANGED, standing), str(contract_id), standing=standing)


@bp.post("/<uuid:contract_id>")
@access.deed("funds.record")
def save(contract_id: uuid.UUID) -> Response:
    """Corrects a contract, ends it, or takes it out of use."""
    standing = _standing(str(contract_id))
    form = forms.read("contract", request.form, _CHANGED, standing)
    if form.errors:
        return _page(form, str(contract_id), standing=standing, status=422)
    pairs = forms.pairs(form, standing)
    return _take(form, str(contract_id), pairs, is_new=False) if pairs else pages.redirect("contract.index")


def _take(form: forms.Form, record: str, pairs: dict[str, tuple[Any, Any]], *, is_new: bool) -> Response:
    result = door.submit_one(access.form_actor(), g.now, "contract", record, pairs, create=is_new)
    if result.reason is not None:
        name = result.reason.field if result.reason.field in form.names else form.names[0]
        form.errors[name] = pages.gettext(answers.sentence(result.reason))
        return _page(form, record, standing=None if is_new else _standing(record), status=422)
    if "conflict" in result.fields.values():
        raise LostRace
    flask.flash(pages.gettext(mark("Đã ghi hợp đồng.")), "success")
    return pages.redirect("contract.index")


def _page(form: forms.Form, record: str, *, standing: dict[str, Any] | None = None, status: int = 200) -> Response:
    token = request.form.get("_edit") or pages.edit_token()
    return pages.render("contract/edit.html", status=status, form=form, record=record, standing=standing, token=token)


def _offices() -> list[tuple[str, str]]:
    return [(code, unit.name_of(code)) for code in funds.providers()]


def _standing(record: str) -> dict[str, Any]:
    found = door.shelf().get("contract", record)
    if found is None:
        raise NotFound
    return dict(found.fields)

