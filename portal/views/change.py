"""Changes: the queue and the archive, one change with what it does, and the decision, on what was shown."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, change, change_record, pages, unit, wording
from portal.change import Decided, Filter
from portal.change_record import Shown
from portal.language import mark
from portal.problems import NotFound
from sync.edit import Actor, Reason
from sync.kinds import CATALOGUE
from sync.kinds.change import TYPES
from sync.values import ValueProblem, parse_day, parse_text

bp = Blueprint("change", __name__, url_prefix="/changes")

_STATES = (
    ("waiting", mark("Chưa quyết định")),
    ("proposed", mark("Chờ duyệt")),
    ("returned", mark("Trả lại hỏi thêm")),
    ("approved", mark("Đã duyệt")),
    ("rejected", mark("Không duyệt")),
    ("withdrawn", mark("Đã rút")),
    ("all", mark("Tất cả")),
)
_SENTENCES = {
    "writes_nothing": mark("Duyệt đề nghị này không làm thay đổi gì: có thể đã được ghi bằng một đề nghị khác. Hãy trả lại hoặc không duyệt."),
    "same_person_open": mark("Số CCCD trùng với một người đã có; hãy làm rõ có phải cùng một người trước khi duyệt."),
    "ended": mark("Chế độ này đã thôi hưởng trước tháng điều chỉnh."),
    "begins_later": mark("Dòng này bắt đầu sau tháng điều chỉnh; hãy đề nghị trên dòng đang hưởng trong tháng đó."),
    "dead": mark("Người này đã mất trước khi chế độ bắt đầu được hưởng."),
    "own_account": mark("Bạn đã đề nghị sửa tài khoản của người này trong kỳ này; người khác phải duyệt."),
    "own_change": mark("Đây là đề nghị của chính bạn; người khác phải duyệt."),
    "reason_missing": mark("Hãy ghi câu hỏi hoặc lý do."),
    "decided": mark("Đề nghị này đã được quyết định rồi."),
    "taken": mark("Đã có một dòng chế độ như vậy."),
    "not_appraised": mark("Đây là báo cáo của thôn; công chức xã phải thẩm định trước."),
}


@bp.get("")
@access.deed("change.read")
def index() -> Response:
    """The queue and the archive, narrowed by state, commune, type and author."""
    actor = access.actor(access.me(), access.page_device())
    args = request.args
    state = args.get("state", "waiting")
    wanted = Filter(
        state=state if state in change.VIEWS else "waiting",
        commune=args.get("commune", ""),
        type=args.get("type", ""),
        mine=args.get("mine", "") == "1",
    )
    page = change.queue(actor, wanted, args.get("after", ""))
    kept = {"state": wanted.state, "commune": wanted.commune, "type": wanted.type, "mine": "1" if wanted.mine else ""}
    given: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return pages.render(
        "change/index.html",
        "change/_rows.html",
        listed=page,
        wanted=wanted,
        next_url=flask.url_for("change.index", **given, after=page.after) if page.after else None,
        first_url=flask.url_for("change.index", **given) if args.get("after") else None,
        states=[(code, pages.gettext(label)) for code, label in _STATES],
        types=[(choice.code, wording.label(choice)) for choice in TYPES],
        communes=[(each.code, each.name) for each in unit.communes() if actor.reaches(each.code)],
        counts=change.counts(actor),
        decidable=any(row.digest for row in page.rows),
        token=pages.edit_token(),
    )


@bp.get("/<uuid:change_id>")
@access.deed("change.read")
def show(change_id: uuid.UUID) -> Response:
    """One change: value now and value wanted side by side, what it does, its history, and what may be done with it."""
    return _page(_found(str(change_id)))


@bp.post("/<uuid:change_id>/decision")
@access.deed("change.decide")
def decide(change_id: uuid.UUID) -> Response:
    """Approves, returns or rejects, on what was shown; asks again where something moved since."""
    shown, form = _found(str(change_id)), request.form
    typed = {name: form.get(name, "") for name in ("number", "date", "reason")}
    read, errors = _read(typed)
    verdict = form.get("verdict", "")
    arrears = {"yes": True, "no": False}.get(form.get("arrears", "")) if verdict == "approve" and shown.resumption else None
    typed["arrears"] = form.get("arrears", "")
    departs = arrears is False and not shown.values["without_arrears"]
    if (verdict != "approve" or departs) and not read["reason"]:
        errors["reason"] = pages.gettext(_SENTENCES["reason_missing"])
    if errors:
        return _page(shown, typed=typed, errors=errors, status=422)
    actor = access.form_actor()
    result = change.decide(
        actor, g.now, shown.id, verdict, form.get("digest", ""),
        reason=read["reason"], number=read["number"], day=read["date"], arrears=arrears,
    )  # fmt: skip
    if result.reason is not None:
        return _page(_found(shown.id), typed=typed, errors={"decision": said(result.reason)}, status=422)
    if result.fields.get("decision") == "conflict":
        head = form.get("head", "")
        moved = change_record.moved_since(shown.id, int(head) if head.isdecimal() and len(head) < 19 else 0)
        return _page(_found(shown.id), typed=typed, moved=moved, lost=True, status=409)
    flask.flash(pages.gettext(_DONE[verdict]), "success")
    return pages.redirect("change.show", change_id=shown.id)


@bp.post("/<uuid:change_id>/appraisal")
@access.deed("change.appraise")
def appraise(change_id: uuid.UUID) -> Response:
    """Vouches for a report, on what was shown; then it waits for whoever decides."""
    shown, form = _found(str(change_id)), request.form
    note = form.get("note", "").strip()[:500]
    result = change.appraise(access.form_actor(), g.now, shown.id, form.get("digest", ""), note)
    if result.reason is not None:
        return _page(_found(shown.id), errors={"appraisal": said(result.reason)}, status=422)
    if result.fields.get("appraisal") == "conflict":
        return _page(_found(shown.id), lost=True, status=409)
    flask.flash(pages.gettext(mark("Đã thẩm định; đề nghị chờ người có thẩm quyền quyết định.")), "success")
    return pages.redirect("change.show", change_id=shown.id)


_DONE = {
    "approve": mark("Đã duyệt."),
    "return": mark("Đã trả lại cùng câu hỏi; người đề nghị sẽ thấy."),
    "reject": mark("Đã ghi không duyệt; người đề nghị sẽ thấy lý do."),
}


@bp.post("/decisions")
@access.deed("change.decide")
def decide_many() -> Response:
    """Approves those that were ticked, each on what was shown of it; one that moved does not hold the others up."""
    typed = {"number": request.form.get("number", ""), "date": request.form.get("date", ""), "reason": ""}
    read, errors = _read(typed)
    pairs = [value.partition(" ") for value in request.form.getlist("chosen")]
    chosen = [(record, digest) for record, _, digest in pairs]
    actor = access.form_actor()
    done: Sequence[Decided] = () if errors else change.approve_many(actor, g.now, chosen, number=read["number"], day=read["date"])
    results = []
    for each in done:
        shown = change_record.find(actor, each.id, g.now)
        sentence = said(Reason(code="refused", detail=each.detail)) if each.outcome == "refused" else ""
        results.append({"outcome": each.outcome, "why": sentence, "shown": shown, "id": each.id})
    status = 422 if errors else 200
    return pages.render("change/decided.html", status=status, results=results, errors=errors, chosen=len(chosen))


@bp.post("/<uuid:change_id>/withdrawal")
@access.deed("change.propose")
def withdraw(change_id: uuid.UUID) -> Response:
    """The author takes a proposal back."""
    shown = _found(str(change_id))
    result = change.withdraw(access.form_actor(), g.now, shown.id, request.form.get("seen.state", ""))
    if result.reason is not None:
        return _page(_found(shown.id), errors={"state": said(result.reason)}, status=422)
    if result.fields.get("state") == "conflict":
        return _page(_found(shown.id), lost=True, status=409)
    flask.flash(pages.gettext(mark("Đã rút đề nghị.")), "success")
    return pages.redirect("change.show", change_id=shown.id)


def said(reason: Reason) -> str:
    """Why a proposal or a decision was refused, in a sentence."""
    sentence = _SENTENCES.get(reason.detail)
    return pages.gettext(sentence) if sentence else wording.refused(reason)


def words(actor: Actor) -> dict[str, Any]:
    """What the templates of a change say values with: `said(kind, field, value)` and `named(kind, field)`."""
    return {
        "said": lambda kind, name, value: wording.value(CATALOGUE[kind].fields[name], value, actor.role),
        "named": lambda kind, name: wording.label(CATALOGUE[kind].fields[name]),
    }


def _found(change_id: str) -> Shown:
    shown = change_record.find(access.actor(access.me(), access.page_device()), change_id, g.now)
    if shown is None:
        raise NotFound
    return shown


def _read(typed: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Decision number, its date and a reason as typed → normalised values, and sentences for what cannot be read."""
    read, errors = {"number": "", "date": "", "reason": ""}, {}
    for name, text in typed.items():
        if not text.strip():
            continue
        try:
            read[name] = parse_day(text) if name == "date" else parse_text(text, max_length=500 if name == "reason" else 40)
        except ValueProblem as problem:
            errors[name] = wording.wrong_value(problem)
    return read, errors


def _page(
    shown: Shown,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    moved: Sequence[Any] = (),
    lost: bool = False,
    status: int = 200,
) -> Response:
    there = flask.current_app.view_functions
    actor = access.actor(access.me(), access.page_device())
    return pages.render(
        "change/show.html",
        status=status,
        shown=shown,
        typed=typed or {"number": "", "date": "", "reason": "", "arrears": "no" if shown.values["without_arrears"] else "yes"},
        errors=errors or {},
        moved=moved,
        lost=lost,
        token=pages.edit_token(),
        person_page="person.show" in there,
        conflict_page="conflict.show" in there,
        **words(actor),
    )
