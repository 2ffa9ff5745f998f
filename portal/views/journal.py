"""The journal for whoever supervises: what was done, newest first, by whom and why."""

from __future__ import annotations

from urllib.parse import urlencode

import flask
from flask import Blueprint, Response, request

from portal import access, history, pages, telling, wording
from sync.kinds import CATALOGUE

bp = Blueprint("journal", __name__, url_prefix="/journal")


@bp.get("")
@access.deed("journal.read")
def index() -> Response:
    """The newest entries, of everyone or of one account, of every kind of record or of one."""
    role = access.me().role
    given = {name: request.args.get(name, "") for name in ("account", "kind")}
    asked = {name: value if value.isprintable() else "" for name, value in given.items()}
    before = request.args.get("before", 0, type=int)
    found = history.page(role, before=min(max(0, before), 2**63 - 1), **asked)
    kept = urlencode({name: value for name, value in asked.items() if value} | {"before": found.before})
    return pages.render(
        "journal/index.html",
        "journal/_rows.html",
        asked=asked,
        entries=[telling.entry(each, role) for each in found.entries],
        accounts=history.accounts(),
        kinds=[(kind.name, wording.label(kind)) for kind in CATALOGUE.values()],
        next_url=f"{flask.url_for('journal.index')}?{kept}" if found.before else "",
        is_first=not before,
    )
