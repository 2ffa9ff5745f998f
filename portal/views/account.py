"""Accounts, for the administrator: who there is, adding one, disabling one, setting a password to be changed."""

from __future__ import annotations

import flask
from flask import Blueprint, Response, g, request

from portal import access, account, clock, pages, unit
from portal.language import mark
from portal.problems import NotFound

bp = Blueprint("account", __name__, url_prefix="/accounts")

_SENTENCES = {
    "bad_name": ("name", mark("Tên đăng nhập chỉ gồm chữ, số và các dấu . - _ @, tối đa 64 ký tự.")),
    "taken": ("name", mark("Tên đăng nhập này đã có người dùng.")),
    "short_password": ("password", mark("Mật khẩu cần từ 8 ký tự trở lên.")),
    "unknown_role": ("role", mark("Hãy chọn một vai trò.")),
    "unknown_unit": ("unit", mark("Không có đơn vị mang mã này.")),
    "own_account": ("", mark("Bạn không thể khoá tài khoản của chính mình.")),
    "own_password": ("", mark("Mật khẩu của chính bạn thì đổi ở trang Đổi mật khẩu.")),
    "unknown": ("", mark("Không có tài khoản này.")),
}
_FIELDS = ("name", "full_name", "role", "unit")


@bp.get("")
@access.deed("account.manage")
def index() -> Response:
    """Every account, and a form to add one."""
    return _page({}, {})


@bp.post("")
@access.deed("account.manage")
def add() -> Response:
    """Adds an account; sent twice it is added once."""
    typed = {field: request.form.get(field, "").strip() for field in _FIELDS}
    try:
        _check(typed)
        account.add(**typed, password=request.form.get("password", ""), now=g.now, created_by=access.me().name, handed_over=True)
    except account.AccountProblem as problem:
        if problem.code == "taken" and account.was_added(**typed, created_by=access.me().name):
            return pages.redirect("account.index")
        field, sentence = _SENTENCES[problem.code]
        return _page(typed, {field: sentence}, status=422)
    return pages.redirect("account.index")


@bp.post("/<string:name>/disable")
@access.deed("account.manage")
def disable(name: str) -> Response:
    """Disables an account; its holder is signed out with their next request."""
    try:
        if account.normal_name(name) == access.me().name:
            raise account.AccountProblem("own_account")
        account.disable(name, by=access.me().name, now=g.now)
    except account.AccountProblem as problem:
        return _page({}, {"": _SENTENCES[problem.code][1]}, status=404 if problem.code == "unknown" else 422)
    return pages.redirect("account.index")


@bp.get("/<string:name>/password")
@access.deed("account.manage")
def password(name: str) -> Response:
    """A form to set a password that its holder has to change."""
    return _password_page(*_found(name))


@bp.post("/<string:name>/password")
@access.deed("account.manage")
def set_password(name: str) -> Response:
    """Sets a password that its holder has to change at the next sign-in."""
    (login, full_name), me = _found(name), access.me()
    try:
        if login == me.name:
            raise account.AccountProblem("own_password")
        account.hand_over(login, request.form.get("password", ""), by=me.name, now=clock.now())
    except account.AccountProblem as problem:
        field, sentence = _SENTENCES[problem.code]
        return _password_page(login, full_name, {field: pages.gettext(sentence)}, status=422)
    said = mark("Đã đặt mật khẩu mới cho %(name)s. Người đó phải đổi khi đăng nhập; các phiên đang mở đã kết thúc.")
    flask.flash(pages.gettext(said) % {"name": login}, "success")
    return pages.redirect("account.index")


def _found(name: str) -> tuple[str, str]:
    """Sign-in name and full name of an account."""
    found = account.by_name(name)
    if found is None:
        raise NotFound
    return found.name, found.full_name


def _password_page(login: str, full_name: str, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    return pages.render("account/password.html", status=status, login=login, full_name=full_name, errors=errors or {})


def _check(typed: dict[str, str]) -> None:
    if typed["role"] not in access.ROLES:
        raise account.AccountProblem("unknown_role")
    if not access.fits(typed["role"], typed["unit"]):
        raise account.AccountProblem("unknown_unit")


def _office(each: unit.Unit) -> str:
    return f"{each.name}, {unit.name_of(each.parent)}" if each.kind == "hamlet" else each.name


def _page(typed: dict[str, str], errors: dict[str, str], status: int = 200) -> Response:
    return pages.render(
        "account/index.html",
        status=status,
        accounts=account.every(),
        choices=[(role, pages.role_name(role)) for role in access.ROLES],
        offices=[(each.code, _office(each)) for each in sorted(unit.every(), key=lambda each: each.kind == "hamlet")],
        typed={field: typed.get(field, "") for field in _FIELDS},
        errors=errors,
    )
