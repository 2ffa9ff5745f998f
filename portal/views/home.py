"""The first page after signing in: what is waiting for me and by when. And whether the portal is alive."""

from __future__ import annotations

import flask
from flask import Blueprint, Response, g

from portal import access, clock, formats, home, pages

bp = Blueprint("home", __name__)


@bp.get("/")
@access.deed("home.read")
def index() -> Response:
    """What waits for the person, and the way to every page they may open."""
    there = flask.current_app.view_functions
    today = clock.local_date(g.now).isoformat()
    items = [
        {
            "label": pages.gettext(item.label),
            "count": item.count,
            "url": flask.url_for(item.endpoint),
            "due": formats.day(item.by),
            "late": "" < item.by < today,
        }
        for item in home.waiting(access.me(), g.now)
        if item.endpoint in there
    ]
    return pages.render("home/index.html", items=items)


@bp.get("/healthz")
@access.public
def health() -> Response:
    """For a watchdog: the process answers and reaches its database."""
    home.reach_database()
    return flask.jsonify(status="ok")
