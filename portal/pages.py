"""Pages: whole or in part from the same templates, filters, and what every template may use."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import flask
from flask import Flask, Response, current_app, g, request
from flask_htmx import HTMX
from jinja2 import StrictUndefined

from portal import access, assets, clock, formats, language, navigation, procedure, residence, template_cache, unit


class Htmx(HTMX):  # type: ignore[misc]  # flask-htmx carries no types
    """What htmx 4 says of a request; flask-htmx 0.4 reads the headers of htmx 2."""

    @property
    def partial(self) -> bool:
        """Whether the answer is swapped into a page; a followed link or a whole-page swap says `full`."""
        return request.headers.get("HX-Request-Type") == "partial"

    @property
    def target(self) -> str | None:
        """The id of the element to be swapped: `tr#p-1` → `p-1`."""
        return _id_of(request.headers.get("HX-Target"))

    @property
    def source(self) -> str | None:
        """The id of the element that asked."""
        return _id_of(request.headers.get("HX-Source"))


htmx = Htmx()


def render(page: str, fragment: str | None = None, *, status: int = 200, **context: Any) -> Response:
    """The whole page, or the fragment alone where htmx asks for a part.

    Args:
        page: template of the whole page; it includes the fragment.
        fragment: template of the part a swap returns; None where a page has none.
        status: HTTP status of the answer.
        context: what the templates use; the same for both.
    """
    template = fragment if fragment is not None and htmx.partial else page
    response = flask.make_response(flask.render_template(template, **context), status)
    vary_by_part(response)
    return response


def vary_by_part(response: Response) -> None:
    """Says that the answer depends on whether a part was asked for, else a cache serves a fragment as a page."""
    response.vary.add("HX-Request-Type")


def to_notice(response: Response) -> Response:
    """Has htmx show the answer in the page's notice (`#notice`), so that what was typed stays where it is."""
    response.headers["HX-Retarget"] = "#notice"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def redirect(endpoint: str, **values: Any) -> Response:
    """Sends the browser to a page by GET after a form was taken (303)."""
    return flask.make_response(flask.redirect(flask.url_for(endpoint, **values), 303))


def current_language() -> str:
    """The language this request is answered in: the person's choice, a device's header, else the office's setting."""
    chosen = request.cookies.get("language", "") if flask.has_request_context() else ""
    if flask.has_request_context() and not chosen and request.path.startswith("/sync/"):
        chosen = request.accept_languages.best_match(list(language.LANGUAGES)) or ""
    return chosen if chosen in language.LANGUAGES else str(current_app.config["LANGUAGE"])


def gettext(text: str) -> str:
    """A sentence in the language of the request."""
    return language.translate(current_language(), text)


def ngettext(one: str, many: str, count: int) -> str:
    """A sentence for one or for many, in the language of the request."""
    return language.translations(current_language()).ngettext(one, many, count)


def role_name(role: str) -> str:
    """What a role is called in the language of the request: as the preset in force says, else by its usual name."""
    called = procedure.in_force(clock.local_date(g.now).isoformat()).preset.roles.get(role)
    if called is None:
        return gettext(access.ROLES[role])
    return called.label if current_language() == "vi" else called.label_en


def edit_token() -> str:
    """A new id for a form, so that sending it twice does its work once."""
    return str(uuid.uuid4())


def _unit_name(code: str | None, month: str = "") -> str:
    """The name of a unit, as it was in the month of a list where one is given."""
    if not month:
        return unit.name_of(code)
    names: dict[str, Callable[[str | None], str]] = g.setdefault("unit_names", {})
    if month not in names:
        names[month] = residence.named_in(month)
    return names[month](code)


def set_up(app: Flask) -> None:
    """Gives the app's templates their language, filters and globals."""
    environment = app.jinja_env
    environment.bytecode_cache = template_cache.open_cache()
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    environment.filters.update(formats.FILTERS, translated=gettext)
    environment.globals.update(
        asset=assets.url,
        edit_token=edit_token,
        unit_name=_unit_name,
        languages=language.available(),
        roles=access.ROLES,
        role_name=role_name,
    )
    htmx.init_app(app)
    app.after_request(_tell_the_way)
    app.context_processor(_page_context)


def _tell_the_way(response: Response) -> Response:
    """A form that page script sent is told where to go on; a browser would follow the redirect before the script may read it."""
    if request.headers.get("X-Sent-By") == "script" and response.status_code in (302, 303):
        response.headers["X-Go-To"] = response.headers.pop("Location")
        response.status_code = 200
        response.set_data(b"")
    return response


def _page_context() -> dict[str, Any]:
    account = access.signed_in()
    return {
        "me": account,
        "may": lambda deed: access.may(account, deed),
        "nav": navigation.entries(account) if account is not None else [],
        "language": current_language(),
        "today": clock.local_date(g.now),
        "htmx": htmx,
    }


def _id_of(header: str | None) -> str | None:
    return header.partition("#")[2] or None if header else None
