"""What every answer carries and every request has to pass: headers, same-origin changes, sizes, compression.

No token stands in a page: a browser says itself where a request comes from (Fetch Metadata, W3C; RFC 6454 §7 for Origin), so a
form may be sent after a day offline, and compressed pages have no secret to guess at.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from portal import packing
from portal.problems import CrossSite

# Everything from here and nothing inline; as short as it can be said, for each answer carries it over a slow line.
_CONTENT_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FORM_BYTES = 2 * 1024 * 1024
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NO_PAGE = frozenset({"text/css", "text/javascript"})
_PACKABLE = ("text/", "application/json", "application/problem+json", "application/manifest+json")


def protect(app: Flask) -> None:
    """Puts the checks before and the headers behind every request of the app."""
    app.config.update(MAX_CONTENT_LENGTH=FORM_BYTES, MAX_FORM_MEMORY_SIZE=FORM_BYTES, MAX_FORM_PARTS=20_000)
    app.before_request(refuse_cross_site)
    app.after_request(_finish)


def refuse_cross_site() -> None:
    """Refuses a change that comes from another site's page.

    A call with a Bearer token passes: no browser adds one by itself. A request without Sec-Fetch-Site and Origin is not a
    browser's. Over plain HTTP browsers send only Origin.

    Raises:
        CrossSite: where the page that sent it is not ours.
    """
    if request.method in _SAFE or (request.path.startswith("/sync/") and request.headers.get("Authorization", "").startswith("Bearer ")):
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        raise CrossSite
    if site is None and origin is not None and urlsplit(origin).netloc != request.host:
        raise CrossSite


def accept_upload(limit: int) -> None:
    """Lets this one request carry up to `limit` bytes; call it before the form is looked at."""
    request.max_content_length = limit


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        # What never is a page of its own carries no policy for one: half a kilobyte before the first paint on a slow line.
        if response.mimetype not in _NO_PAGE or name == "X-Content-Type-Options":
            response.headers.setdefault(name, value)
    # Unless a view says otherwise an answer is somebody's personal data, on a computer several people share.
    response.headers.setdefault("Cache-Control", "no-store")
    _pack(response)
    return response


def _pack(response: Response) -> None:
    if (
        response.direct_passthrough
        or response.is_streamed
        or "Content-Encoding" in response.headers
        or not (response.mimetype or "").startswith(_PACKABLE)
    ):
        return
    response.vary.add("Accept-Encoding")
    encoding = packing.choose(request.accept_encodings)
    if encoding is None or len(data := response.get_data()) < packing.WORTH:
        return
    response.set_data(packing.pack(data, encoding))
    response.headers["Content-Encoding"] = encoding
