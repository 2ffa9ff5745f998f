"""The web application: put together from its settings and every module in `portal.views`."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import timedelta

import flask
import peewee
from flask import Flask, Response, g, request
from flask_login import LoginManager
from werkzeug.exceptions import HTTPException

from portal import account, addresses, assets, clock, db, pages, security, sessions, views
from portal.law import book
from portal.problems import Busy, Problem, SessionEnded, for_status
from portal.settings import Settings

_PROBLEM_JSON = "application/problem+json"


def create_app(settings: Settings | None = None) -> Flask:
    """The portal as a WSGI application; opens the database, whose tables have to be there.

    Raises:
        SettingError: where the environment has a value that cannot be.
        DatabaseUnavailable: where the database cannot be opened.
        LawError: where the office's own decrees cannot be read, or do not fit together.
    """
    settings = settings or Settings.from_env()
    app = Flask("portal", static_folder=None, template_folder=str(assets.folder("templates")))
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        LANGUAGE=settings.language,
        SESSION_COOKIE_NAME="portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
    )
    app.url_rule_class = addresses.Route
    app.url_map.converters["int"] = addresses.Number
    db.connect(settings.database)
    account.use_hashing(settings.hashing)
    book.use([settings.law] if settings.law else (), settings.province)
    app.before_request(_begin)
    security.protect(app)
    sessions.set_up(app, LoginManager())
    pages.set_up(app)
    app.teardown_request(_end)
    app.register_error_handler(Problem, answer_problem)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(peewee.OperationalError, _answer_busy)
    for module in pkgutil.iter_modules(views.__path__):
        app.register_blueprint(importlib.import_module(f"{views.__name__}.{module.name}").bp)
    return app


def answer_problem(problem: Problem) -> Response:
    """A problem as the asker can use it: JSON for a device (RFC 9457), a notice for htmx, else a page."""
    if request.path.startswith("/sync/"):
        response = flask.make_response(_as_json(problem), problem.status)
        response.mimetype = _PROBLEM_JSON
    elif isinstance(problem, SessionEnded):
        response = sessions.ask_again()
    else:
        response = pages.render("problem.html", "_problem.html", status=problem.status, problem=problem)
        if pages.htmx.partial:
            pages.to_notice(response)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _begin() -> None:
    settings: Settings = flask.current_app.config["SETTINGS"]
    g.now = clock.now(settings.today)
    if request.blueprint != "static":
        db.database.connect(reuse_if_open=True)


def _end(_error: BaseException | None) -> None:
    if not db.database.is_closed():
        db.database.close()


def _as_json(problem: Problem) -> Response:
    return flask.jsonify(
        type="about:blank",
        code=problem.code,
        status=problem.status,
        title=pages.gettext(problem.message) % problem.details,
        detail=pages.gettext(problem.what_to_do) % problem.details,
    )


def _answer_http_error(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return flask.make_response(error.get_response())
    return answer_problem(for_status(error.code or 500))


def _answer_busy(error: peewee.OperationalError) -> Response:
    if "locked" not in str(error):
        raise error  # no wait will mend it
    flask.current_app.logger.warning("database: %s", error)
    return answer_problem(Busy(retry_after=30))
