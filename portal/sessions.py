"""Signing in and staying signed in: the cookie, the idle limit, and what was typed when it ran out.

A form sent after the session ended is not lost: the sign-in page carries it as hidden, signed text, and once the same person has
signed in, a page offers to send it on. All of it works without JavaScript.
"""

from __future__ import annotations

import time
import uuid
from urllib.parse import urlsplit

import flask_login
from flask import Flask, Response, current_app, request, session
from itsdangerous import BadData, URLSafeSerializer
from msgspec import Struct
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import RequestRedirect

from portal import account, pages
from portal.models.account import Account

_REFRESH_SECONDS = 60
_NEVER_KEPT = frozenset({"password", "new_password", "again_password"})
_OPEN_BEFORE = frozenset({"password", "session", "static"})
"""Blueprints for those who have to choose a password first."""


class Held(Struct, frozen=True):
    """A form that waits for its sender to sign in: where it goes, its fields in order, whether a file was left out."""

    target: str
    fields: list[tuple[str, str]]
    lost_file: bool


def set_up(app: Flask, manager: flask_login.LoginManager) -> None:
    """Gives the app its signed-in accounts."""
    # Neither `basic` nor `strong`: a phone's address changes on the road, and a session ends by time here.
    manager.session_protection = None
    manager.user_loader(account.by_session)
    manager.init_app(app)
    app.before_request(_end_idle)
    app.before_request(_first_the_password)


def begin(signed_in: Account) -> None:
    """Starts a session for an account, with nothing left of the one before."""
    session.clear()
    flask_login.login_user(signed_in)
    session["seen"] = int(time.time())
    session["device"] = f"page-{uuid.uuid4()}"


def end() -> None:
    """Ends the session."""
    flask_login.logout_user()
    session.clear()


def ask_again() -> Response:
    """The answer to a request whose session has ended: to sign in, keeping where it was going and what was typed."""
    if pages.htmx.partial:
        return pages.to_notice(pages.render("session/_ended.html", status=401))
    if request.method in ("GET", "HEAD"):
        return pages.redirect("session.sign_in", next=request.full_path.rstrip("?"))
    return pages.render("session/login.html", status=401, name="", error="", next="", held=_hold())


def ask_new_password(target: str, held_form: str) -> Response:
    """Asks a person who has just signed in with a password of somebody else's choice for one of their own."""
    if not held_form:
        return pages.redirect("password.edit", next=target or None)
    count = account.OWN_PASSWORD_CHARACTERS
    return pages.render("account/own_password.html", next=target, held=held_form, errors={}, count=count)


def held(text: str) -> Held | None:
    """The form a sign-in page carried, for the person who now signed in; None where there is none, or it is another's."""
    if not text:
        return None
    try:
        kept = _signer().loads(text)
    except BadData:
        return None
    who, target, fields, lost_file = kept
    now_in = flask_login.current_user
    if who and not (now_in.is_authenticated and str(now_in.id) == who):
        return None
    if not is_ours(target, "POST"):
        return None
    return Held(target, [(name, value) for name, value in fields], lost_file)


def is_ours(target: str, method: str = "GET") -> bool:
    """Whether an address is a path of this portal that answers the method: what may be gone to after signing in."""
    if not target.startswith("/") or target.startswith("//") or "\\" in target or not target.isprintable():
        return False
    try:
        current_app.create_url_adapter(request).match(urlsplit(target).path, method=method)  # type: ignore[union-attr]  # in a request
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def _hold() -> str:
    try:
        files = bool(request.files)
    except RequestEntityTooLarge:  # it would not have been taken with a session either
        return ""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _NEVER_KEPT]
    target = request.full_path.rstrip("?")
    return str(_signer().dumps((session.get("was", ""), target, fields, files)))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="held form")


def _first_the_password() -> Response | None:
    """Nothing else is done with a password that somebody else chose."""
    if request.blueprint in _OPEN_BEFORE or request.path.startswith("/sync/") or "_user_id" not in session:
        return None
    now_in = flask_login.current_user
    if not (now_in.is_authenticated and now_in.owes_password):
        return None
    return ask_new_password(request.full_path.rstrip("?") if request.method == "GET" else "", "")


def _end_idle() -> None:
    if request.blueprint == "static" or "seen" not in session:
        return
    moment = int(time.time())
    idle = moment - session["seen"]
    if idle > current_app.config["SETTINGS"].idle_minutes * 60:
        was = session.get("_user_id", "").partition(".")[0]
        session.clear()
        session["was"] = was  # so that what this person typed is offered to nobody else
    elif idle >= _REFRESH_SECONDS:
        session["seen"] = moment
