"""Changing one's own password: asked for by the person, or asked of them where somebody else set it."""

from __future__ import annotations

import flask
from flask import Blueprint, Response, request

from portal import access, account, clock, pages, sessions
from portal.language import mark
from portal.views.session import go_on, resume

bp = Blueprint("password", __name__, url_prefix="/password")

_SENTENCES = {
    "wrong_password": ("password", mark("Mật khẩu đang dùng chưa đúng.")),
    "locked": ("password", mark("Bạn đã thử nhiều lần. Hãy chờ vài phút rồi thử lại.")),
    "too_short": ("new_password", mark("Mật khẩu mới cần từ %(count)s ký tự trở lên; một câu ngắn dễ nhớ là tốt nhất.")),
    "same_password": ("new_password", mark("Mật khẩu mới phải khác mật khẩu đang dùng.")),
    "unlike": ("again_password", mark("Hai lần nhập mật khẩu mới không giống nhau.")),
}


@bp.get("")
@access.deed("password.change")
def edit() -> Response:
    """Asks for the password in use and the new one."""
    return _page(request.args.get("next", ""), "")


@bp.post("")
@access.deed("password.change")
def change() -> Response:
    """Changes it; the other sessions of the account end, this one goes on to where it was going."""
    target, held = request.form.get("next", ""), request.form.get("held", "")
    current, new, again = (request.form.get(name, "") for name in ("password", "new_password", "again_password"))
    try:
        if new != again:
            raise account.AccountProblem("unlike")
        # The real time, as at the sign-in: tries and locks are counted in minutes.
        changed = account.change_password(access.me().name, current, new, clock.now())
    except account.AccountProblem as problem:
        field, sentence = _SENTENCES[problem.code]
        told = pages.gettext(sentence) % {"count": account.OWN_PASSWORD_CHARACTERS}
        return _page(target, held, {field: told}, status=429 if problem.code == "locked" else 422)
    sessions.begin(changed)
    flask.flash(pages.gettext(mark("Đã đổi mật khẩu. Các phiên đăng nhập khác của bạn đã kết thúc.")), "success")
    return resume(held) if held else go_on(target)


def _page(target: str, held: str, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    return pages.render(
        "account/own_password.html", status=status, next=target, held=held, errors=errors or {}, count=account.OWN_PASSWORD_CHARACTERS
    )
