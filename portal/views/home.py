"""The first page after signing in: what is waiting for me and by when. And whether the portal is alive."""

from __future__ import annotations

import flask
from flask import Blueprint, Response, g

from portal import access, clock, due, formats, home, pages
from portal.language import mark

bp = Blueprint("home", __name__)

_STEPS = {
    "declare": mark("Xã báo cáo biến động"),
    "close": mark("Chốt danh sách"),
    "approve": mark("Duyệt danh sách"),
    "hand_over": mark("Chuyển danh sách và kinh phí"),
    "post_schedule": mark("Niêm yết lịch chi trả"),
    "pay": mark("Chi trả"),
    "report": mark("Báo kết quả, ký quyết toán"),
    "settle": mark("Đối soát, quyết toán"),
}
"""The steps of `portal.due` → their names."""


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
    scope = access.scope_of(access.me())
    return pages.render("home/index.html", items=items, steps=due.steps(g.now, scope.communes), step_words=_step_words, there=there)


def _step_words(step: str) -> str:
    return pages.gettext(_STEPS[step])


@bp.get("/healthz")
@access.public
def health() -> Response:
    """For a watchdog: the process answers and reaches its database."""
    home.reach_database()
    return flask.jsonify(status="ok")
