"""Static files, from memory; see `portal.assets`."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal import access, assets, packing
from portal.problems import NotFound

bp = Blueprint("static", __name__)

_FOR_A_YEAR = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "no-cache"


@bp.get("/static/<string:version>/<path:name>")
@access.public
def file(version: str, name: str) -> Response:
    """A static file; only the address with the present digest may be kept."""
    tree = assets.read()
    asset = tree.files.get(name)
    if asset is None:
        raise NotFound
    return _serve(asset, _FOR_A_YEAR if version == tree.version else _ASK_EACH_TIME)


def _serve(asset: assets.Asset, keep: str) -> Response:
    encoding = packing.choose(request.accept_encodings)
    packed = asset.packed(encoding) if encoding else None
    response = Response(packed if packed is not None else asset.data, content_type=asset.media_type)
    if encoding and packed is not None:
        response.headers["Content-Encoding"] = encoding
    if asset.is_worth_packing:
        response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = keep
    response.set_etag(asset.etag + (f"-{encoding}" if packed is not None else ""))
    response.make_conditional(request)
    return response
