"""Ages and decrees that will change a right: who, when, to what; proposed with one press, decided by somebody else."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import flask
from flask import Blueprint, Response, g, request

from portal import access, calendar, clock, declaration, entitlement, outreach, pages, transition, unit
from portal.access import Scope
from portal.language import mark
from portal.problems import NotFound
from portal.transition import Choice, Coming
from sync.values import ValueProblem, parse_month

bp = Blueprint("transition", __name__, url_prefix="/transitions")

_AHEAD = (1, 3, 6, 12)
_EARLIEST = "2021-07"
_FACTS = {
    "DANG_HOC": mark("còn đi học"),
    "KHONG_THU_NHAP": mark("không có thu nhập ổn định"),
    "KHONG_LUONG_HUU": mark("không có lương hưu, trợ cấp"),
    "CON_DUOI_36": mark("còn một con dưới 36 tháng tuổi"),
}
_REFUSED = mark("%(count)s đề nghị không nhận được; hãy xem lại từng người.")


@bp.get("")
@access.deed("transition.read")
def index() -> Response:
    """Who crosses which threshold in the coming months, and who may have become eligible by age."""
    return _page(_month(request.args.get("month", "")), _ahead(request.args.get("ahead", "")), request.args.get("commune", ""))


@bp.post("")
@access.deed("transition.propose")
def propose() -> Response:
    """Proposes what was ticked, and what was said of those where a fact decides; each once, however often it is sent."""
    form = request.form
    month, ahead, commune = _month(form.get("month", "")), _ahead(form.get("ahead", "")), form.get("commune", "")
    ticked = frozenset(form.getlist("chosen"))
    chosen = []
    for coming in _found(month, ahead, commune):
        said = form.get(f"fact.{coming.id}", "")
        if coming.fact and said in ("yes", "no") and coming.id:
            chosen.append(Choice(coming, said == "yes"))
        elif not coming.fact and coming.id in ticked:
            chosen.append(Choice(coming))
    # That a right goes on is no change; and of several children the younger one's birth has to be written by a person.
    chosen = [each for each in chosen if not each.proven or not (each.coming.of_child or each.coming.to == each.coming.category) or not each.coming.to]
    if not chosen:
        flask.flash(pages.gettext(mark("Chưa chọn người nào.")), "warning")
        return pages.redirect("transition.index", month=month, ahead=ahead, commune=commune or None)
    actor = access.form_actor()
    made = transition.propose(actor, g.now, chosen)
    count = {outcome: sum(each.outcome == outcome for each in made) for outcome in ("proposed", "known", "refused")}
    if count["proposed"]:
        flask.flash(pages.gettext(mark("Đã gửi %(count)s đề nghị, đang chờ người khác duyệt.")) % {"count": count["proposed"]}, "success")
    if count["known"]:
        flask.flash(pages.gettext(mark("%(count)s người đã có đề nghị từ trước.")) % {"count": count["known"]}, "info")
    if count["refused"]:
        flask.flash(pages.gettext(_REFUSED) % {"count": count["refused"]}, "warning")
    return pages.redirect("transition.index", month=month, ahead=ahead, commune=commune or None)


@bp.post("/decree")
@access.deed("transition.propose")
def propose_decree() -> Response:
    """Proposes for everyone whose group a decree ends before the month."""
    form = request.form
    month, ahead, commune = _month(form.get("month", "")), _ahead(form.get("ahead", "")), form.get("commune", "")
    at = _month(form.get("at", ""))
    chosen = [Choice(each) for each in transition.by_decree(at, _communes(commune)) if each.is_open]
    actor = access.form_actor()
    made = transition.propose(actor, g.now, chosen)
    done = sum(each.outcome == "proposed" for each in made)
    flask.flash(
        pages.gettext(mark("Đã gửi %(count)s đề nghị, đang chờ người khác duyệt.")) % {"count": done}, "success" if done else "info"
    )
    return pages.redirect("transition.index", month=month, ahead=ahead, commune=commune or None)


def _page(month: str, ahead: int, commune: str) -> Response:
    scope, last = _scope(), _last(month, ahead)
    communes = [(each.code, each.name) for each in unit.communes() if scope.covers(each.code)]
    found = _found(month, ahead, commune)
    decrees = [(each, transition.by_decree(each, _communes(commune))) for each in _span(month, last)]
    kept: dict[str, Any] = {"ahead": ahead, "commune": commune}
    return pages.render(
        "transition/index.html",
        month=month,
        last=last,
        ahead=ahead,
        aheads=_AHEAD,
        commune=commune,
        communes=communes if len(communes) > 1 else [],
        due=calendar.cycle(month).declare_by,
        plain=[each for each in found if not each.fact],
        asked=[each for each in found if each.fact],
        decrees=[(at, rows, sum(each.is_open for each in rows)) for at, rows in decrees if rows],
        suggestions=outreach.suggestions(month, last, _communes(commune)),
        facts={code: pages.gettext(words) for code, words in _FACTS.items()},
        label=lambda code, at: entitlement.label(code, at, detailed=True),
        months=tuple(
            f"{flask.url_for('transition.index')}?{urlencode({'month': each, **{name: value for name, value in kept.items() if value}})}"
            for each in (clock.month_after(month, -1), clock.month_after(month))
        ),
        token=pages.edit_token(),
        may_propose=access.may(access.me(), "transition.propose"),
    )


def _found(month: str, ahead: int, commune: str) -> list[Coming]:
    return transition.by_age(month, _last(month, ahead), _communes(commune))


def _communes(commune: str) -> frozenset[str] | None:
    scope = _scope()
    if commune:
        scope.require(commune)
        return frozenset({commune})
    return scope.communes


def _scope() -> Scope:
    return access.scope_of(access.me())


def _month(text: str) -> str:
    """The month asked for; the one whose list is in preparation where none is."""
    if not text:
        return declaration.open_month(g.now)
    try:
        month = parse_month(text)
    except ValueProblem:
        return declaration.open_month(g.now)
    if not _EARLIEST <= month <= clock.month_after(clock.month_of(g.now), 60):
        raise NotFound
    return month


def _ahead(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < len("100") and int(text) in _AHEAD else transition.AHEAD


def _last(month: str, ahead: int) -> str:
    return clock.month_after(month, ahead - 1)


def _span(first: str, last: str) -> list[str]:
    found = [first]
    while found[-1] < last:
        found.append(clock.month_after(found[-1]))
    return found
