"""The booklet: one page that works without a line. Its shell tells nothing about anybody; the device brings the data."""

from __future__ import annotations

from flask import Blueprint, Response

from portal import access, pages

bp = Blueprint("booklet", __name__)


@bp.get("/booklet")
@access.public
def index() -> Response:
    """The shell of the booklet, the same for everybody; kept by the service worker."""
    response = pages.render("booklet/index.html")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response
