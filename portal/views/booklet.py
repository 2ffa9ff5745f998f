"""The booklet: one page that works without a line. Its shell tells nothing about anybody; the device brings the data."""

from __future__ import annotations

from flask import Blueprint, Response

from portal import access, assets, pages

bp = Blueprint("booklet", __name__)

_FOLDER = "booklet/"


@bp.get("/booklet")
@access.public
def index() -> Response:
    """The shell of the booklet, the same for everybody; kept by the service worker."""
    modules = [name for name in assets.read().files if name.startswith(_FOLDER) and name.endswith(".js")]
    response = pages.render("booklet/index.html", modules=modules)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response
