"""Signing in and out, and the language of the screen."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal import access, account, clock, pages, sessions
from portal.language import LANGUAGES, mark

bp = Blueprint("session", __name__)

_WRONG = mark("Tên đăng nhập hoặc mật khẩu chưa đúng.")
_LOCKED = mark("Bạn đã thử nhiều lần. Hãy chờ vài phút rồi thử lại.")
_ANOTHERS = mark("Nội dung chưa gửi trước đó là của người khác nên không được gửi tiếp.")
_YEAR_SECONDS = 365 * 24 * 3600


@bp.get("/sign-in")
@access.public
def sign_in() -> Response:
    """The sign-in page; someone who is signed in goes on to where they were going."""
    target = request.args.get("next", "")
    if access.signed_in() is not None:
        return go_on(target)
    return pages.render("session/login.html", name="", error="", next=target, held="")


@bp.post("/sign-in")
@access.public
def enter() -> Response:
    """Tries a name and a password; then the page they wanted, or the form they were sending."""
    name, target, held = (request.form.get(field, "") for field in ("name", "next", "held"))
    # The real time, whatever day the portal believes in: tries and locks are counted in minutes.
    outcome = account.sign_in(name, request.form.get("password", ""), clock.now())
    if outcome.account is None:
        locked = outcome.wait_seconds > 0
        response = pages.render(
            "session/login.html", status=429 if locked else 401, name=name, error=_LOCKED if locked else _WRONG, next=target, held=held
        )
        if locked:
            response.headers["Retry-After"] = str(outcome.wait_seconds)
        return response
    sessions.begin(outcome.account)
    if outcome.account.owes_password:
        return sessions.ask_new_password(target, held)
    return resume(held) if held else go_on(target)


@bp.post("/sign-out")
@access.public
def sign_out() -> Response:
    """Ends the session."""
    sessions.end()
    return pages.redirect("session.sign_in")


@bp.post("/language")
@access.public
def choose_language() -> Response:
    """Keeps the language chosen for this browser for a year."""
    response = go_on(request.form.get("next", ""))
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        response.set_cookie("language", chosen, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


def resume(held: str) -> Response:
    """Offers to send on the form that waited for its sender to sign in."""
    form = sessions.held(held)
    return pages.render("session/resume.html", form=form, refused="" if form is not None else _ANOTHERS)


def go_on(target: str) -> Response:
    """To where a person was going, where that is a page of ours, else to the first one."""
    if sessions.is_ours(target):
        response = Response(status=303)
        response.headers["Location"] = target
        return response
    return pages.redirect("home.index")
