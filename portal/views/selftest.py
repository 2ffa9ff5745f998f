"""The self-test of a device: whether it can work without a line, with a result to read out over the phone."""

from __future__ import annotations

from flask import Blueprint, Response

from portal import access, pages

bp = Blueprint("selftest", __name__)


@bp.get("/device-check")
@access.public
def index() -> Response:
    """The page, the same for everybody; kept by the service worker, so that it opens without a line, too."""
    response = pages.render("selftest/index.html")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response


@bp.get("/device-check/echo")
@access.public
def echo() -> Response:
    """Nothing, from the server itself: its time (`Date`, RFC 9110 §6.6.1) and how long the way takes."""
    return Response(status=204)
