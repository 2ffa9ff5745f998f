"""The service worker, with the list of what it keeps written in front: the static tree and the pages that work without a line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from flask import Blueprint, Response, request

from portal import access, assets
from portal.views import booklet, selftest

bp = Blueprint("shell", __name__)

_WORKER = "service-worker.js"
PAGES: dict[str, Callable[[], Response]] = {"/booklet": booklet.index, "/device-check": selftest.index}
"""Path → view of each page the worker keeps. They tell nothing about anybody and are the same for everyone but in language."""


@bp.get("/service-worker.js")
@access.public
def worker() -> Response:
    """The worker. Any change of the static tree or of a kept page makes another one; browsers ask for it each time."""
    tree = assets.read()
    files = {name: asset.etag for name, asset in assets.wanted().items() if name != _WORKER}
    pages = {path: view().get_etag()[0] for path, view in PAGES.items()}
    name = hashlib.sha256(json.dumps([tree.version, pages]).encode()).hexdigest()[:12]
    listing = json.dumps({"name": name, "version": tree.version, "pages": pages, "files": files}, indent=1)
    source = tree.files[_WORKER].data.decode()
    response = Response(f"self.SHELL = {listing};\n{source}", content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
