"""Payments: a month's sums and lines, the page of a session with its marks, one line with its history, release and undo."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

import flask
from flask import Blueprint, Response, g, request

from portal import access, answers, clock, history, pages, payment, payment_method, residence, schedule, unit, wording
from portal.language import mark
from portal.payment import Filter, Line
from portal.problems import NotFound
from portal.schedule import Session
from sync.edit import Actor, Result
from sync.fields import POST
from sync.ids import uuid7

bp = Blueprint("payment", __name__, url_prefix="/payments")

_TOLD_TO_PAYERS = frozenset({"CHET", "MAT_TICH", "CHUYEN_DI", "CHUYEN_NOI_BO"})
"""Reasons for holding back that the post office reads as they are; any other could say why somebody is paid."""
_OUTCOMES: Mapping[str, tuple[str, str]] = {
    "applied": ("good", mark("Đã ghi.")),
    "unchanged": ("info", mark("Kết quả này đã được ghi từ trước; không có gì thay đổi.")),
    "superseded": ("warning", mark("Dòng này đã có kết quả cao hơn; lần ghi của bạn được giữ trong nhật ký, không làm thay đổi gì.")),
    "double_payment": (
        "bad",
        mark(
            "Dòng này đã được người khác ghi là đã chi. Lần ghi của bạn được giữ lại; cơ quan chi trả hoặc kiểm soát bưu điện sẽ làm rõ có chi hai lần không."
        ),
    ),
    "conflict": ("bad", mark("Người khác vừa ghi kết quả khác. Cả hai được giữ lại để làm rõ.")),
    "paid_on_hold": ("warning", mark("Đã ghi là đã chi, dù khoản này đang giữ lại. Cơ quan chi trả hoặc kiểm soát bưu điện sẽ làm rõ.")),
    "late": ("warning", mark("Đã ghi, nhưng tháng này đã quyết toán. Cơ quan chi trả hoặc kiểm soát bưu điện sẽ làm rõ.")),
    "not_assigned": ("warning", mark("Đã ghi. Dòng này không thuộc phiên của bạn, nên kiểm soát bưu điện được báo để xem lại.")),
    "undone": ("good", mark("Đã rút lại kết quả đã chi.")),
    "released": ("good", mark("Đã mở giữ: khoản này được chi.")),
    "reason_missing": ("bad", mark("Hãy chọn lý do chưa nhận.")),
    "why_missing": ("bad", mark("Hãy ghi lý do.")),
}
"""What became of a mark → kind of notice, sentence; who decides, where somebody has to."""
_RECIPIENTS = {"alternate": mark("người nhận thay nhận"), "guardian": mark("người giám hộ nhận")}
_WAYS = {"counter": mark("tại quầy"), "home": mark("tại nhà"), "bank": mark("qua tài khoản")}


@bp.get("")
@access.deed("payment.read")
def index() -> Response:
    """A month's sessions, sums by commune and way of payment, and lines."""
    scope, known = access.scope_of(access.me()), payment.months()
    month = request.args.get("month") or (known[0] if known else schedule.month_at_hand(clock.local_date(g.now)))
    if not schedule.is_month(month):
        raise NotFound
    texts = {name: request.args.get(name, "").strip() for name in ("commune", "state", "method")}
    asked = Filter(**texts, query=request.args.get("q", "")[:100])
    if asked.state not in ("", *payment.STATES):
        raise NotFound
    found = payment.page(month, scope.communes, asked, _id(request.args.get("after")))
    told: dict[str, Any] = {"month": month, "asked": asked, "found": found, **words()}
    if pages.htmx.partial:
        return pages.render("payment/index.html", "payment/_list.html", **told)
    sessions = schedule.sessions(month, scope.communes)
    return pages.render(
        "payment/index.html",
        "payment/_list.html",
        **told,
        months=known,
        sessions=sessions,
        sums=payment.sums_of_sessions(month, sessions),
        overview=(overview := payment.overview(month, scope.communes)),
        whole=payment.together(sums for _, _, sums in overview),
        communes=[(each.code, each.name) for each in unit.communes(residence.day_of(month)) if scope.covers(each.code)],
        day=clock.local_date(g.now).isoformat(),
    )


@bp.get("/sessions/<uuid:session_id>")
@access.deed("payment.read")
def session(session_id: uuid.UUID) -> Response:
    """A session: whom to pay, how to find them, who may receive it instead, and what became of each line."""
    return _session_page(_session(session_id))


@bp.post("/sessions/<uuid:session_id>/marks")
@access.deed("payment.mark")
def mark_several(session_id: uuid.UUID) -> Response:
    """Marks the chosen lines as paid at the counter."""
    of = _session(session_id)
    chosen = payment.many(dict.fromkeys(_id(text) for text in request.form.getlist("line")), frozenset({of.commune}))
    wanted = [(line.id, _seen(request.form.get(f"seen.{line.id}")), payment.wanted_mark(line, "counter", "", g.now)) for line in chosen]
    results = payment.mark_lines(form_actor(request.form.get("_edit", "")), g.now, wanted)
    outcomes = [outcome_of(line, result, "paid") for line, result in zip(chosen, results, strict=True)]
    if not chosen:
        flask.flash(pages.gettext(mark("Chưa chọn người nào.")), "warning")
    elif done := outcomes.count("applied"):
        flask.flash(pages.gettext(mark("Đã ghi %(count)s người nhận tại quầy.")) % {"count": done}, "success")
    for code in dict.fromkeys(code for code in outcomes if code != "applied"):
        names = ", ".join(line.full_name for line, each in zip(chosen, outcomes, strict=True) if each == code)
        flask.flash(f"{names}: {sentence_of(code)[1]}", "warning")
    return _back(of)


@bp.get("/<uuid:payment_id>")
@access.deed("payment.read")
def show(payment_id: uuid.UUID) -> Response:
    """One line: sums, state, and what was done to it."""
    return _line_page(_line(payment_id))


@bp.post("/<uuid:payment_id>/marks")
@access.deed("payment.mark")
def add_mark(payment_id: uuid.UUID) -> Response:
    """What became of one line: paid at the counter, at home, to the alternate recipient, or not collected and why."""
    line = _line(payment_id)
    said, reason = request.form.get("mark", ""), request.form.get("reason", "")
    if said not in payment.BY_HAND:
        raise NotFound
    if said == "uncollected" and reason not in {each.code for each in payment.reasons_of("uncollected")}:
        return _marked(line, "reason_missing", 422)
    wanted = payment.wanted_mark(line, said, reason, g.now)
    actor = form_actor(f"{request.form.get('_edit', '')}:{line.id}")
    result = payment.mark_lines(actor, g.now, [(line.id, _seen(request.form.get("seen")), wanted)])[0]
    return _marked(_line(payment_id), outcome_of(line, result, str(wanted["state"])))


@bp.post("/<uuid:payment_id>/undo")
@access.deed("payment.undo")
def undo(payment_id: uuid.UUID) -> Response:
    """Takes a `paid` back, with a reason."""
    line, why = _line(payment_id), request.form.get("why", "").strip()[:500]
    if not why:
        return _line_page(line, "why_missing", "undo", status=422)
    seen = _seen(request.form.get("seen"))
    result = payment.mark_lines(form_actor(request.form.get("_edit", "")), g.now, [(line.id, seen, None)], why=why)[0]
    code = outcome_of(line, result, "planned")
    return _to_line(line, "undone" if code == "applied" else code)


@bp.post("/<uuid:payment_id>/release")
@access.deed("payment.release")
def release(payment_id: uuid.UUID) -> Response:
    """Lets a held line be paid, with a reason."""
    line, why = _line(payment_id), request.form.get("why", "").strip()[:500]
    if not why:
        return _line_page(line, "why_missing", "release", status=422)
    result = payment.release(form_actor(request.form.get("_edit", "")), g.now, line, _seen(request.form.get("seen.hold")), why)
    if result.reason is not None:
        return _to_line(line, f"refused:{pages.gettext(answers.sentence(result.reason))}")
    outcome = result.fields.get("hold", "unchanged")
    return _to_line(line, "released" if outcome == "applied" else outcome)


def _session_page(of: Session) -> Response:
    me = access.me()
    is_of_another = me.role == "post_agent" and of.agent != me.name
    query, state = request.args.get("q", "")[:100], request.args.get("state", "")
    found = payment.of_session(of, query, state if state in payment.STATES else "", _id(request.args.get("after")))
    return pages.render(
        "payment/session.html", "payment/_lines.html", of=of, found=found, sums=payment.session_sums(of), token=pages.edit_token(),
        query=query, state=state, at=request.query_string.decode(), **words(),
        weekday=date.fromisoformat(of.day).weekday(), stands_in=is_of_another,
        keyed_in=access.may(me, "payment.mark") and not is_of_another and of.month in payment.months(),
    )  # fmt: skip


def _marked(line: Line, code: str, status: int = 200) -> Response:
    """The row as it stands now, with what became of the mark; without JavaScript the page it stood on."""
    of = _session(uuid.UUID(text)) if (text := _id(request.form.get("session"))) else None
    kind, sentence = sentence_of(code)
    if pages.htmx.partial and of is not None:
        told = {"line": line, "of": of, "said": (kind, sentence), "sums": payment.session_sums(of), "token": pages.edit_token()}
        return pages.render(
            "payment/_marked.html", "payment/_marked.html", status=status, **told, at=request.form.get("at", ""), **words()
        )
    flask.flash(f"{line.full_name}: {sentence}", {"good": "success", "bad": "error"}.get(kind, kind))
    return _back(of, line) if of is not None else pages.redirect("payment.show", payment_id=line.id)


def _line_page(line: Line, wrong: str = "", field: str = "", status: int = 200) -> Response:
    return pages.render(
        "payment/show.html",
        status=status,
        line=line,
        settled=payment.is_settled(line.month),
        events=payment.events(line.id),
        errors={f"why-{field}": sentence_of(wrong)[1]} if wrong else {},
        typed=request.form.get("why", ""),
        token=pages.edit_token(),
        at="",
        of=None,
        said=None,
        **_returned(line),
        seen_hold=json.dumps(line.hold, ensure_ascii=False) if line.hold else "",
        **words(),
    )


def _returned(line: Line) -> dict[str, Any]:
    """What is asked about a transfer that came back."""
    if line.state != "rejected":
        return {}
    cash = payment_method.choice(line.id)
    carried = payment_method.is_carried(line.id)
    return {"cash": cash, "carried": carried, "cash_month": payment_method.open_month(g.now), "record": uuid7()}


def words() -> dict[str, Any]:
    """Words the templates ask for: of a mark, of a hold, of ways to pay, and reasons to choose from."""
    return {
        "methods": dict(wording.methods()),
        "reasons": [(each.code, wording.label(each)) for each in payment.reasons_of("uncollected")],
        "mark_words": _mark_words,
        "hold_words": hold_words,
        "states": payment.STATES,
    }


def _mark_words(given: Mapping[str, Any] | None) -> str:
    """How, to whom and why: "tại quầy, người nhận thay nhận"."""
    if not given:
        return ""
    kind = "returned" if given["state"] == "rejected" else "uncollected"
    known = {each.code: wording.label(each) for each in payment.reasons_of(kind)}  # type: ignore[arg-type]  # one of two words
    parts = [_WAYS.get(given.get("how", ""), ""), _RECIPIENTS.get(given.get("to", ""), "")]
    reason = given.get("reason", "")
    return ", ".join([*(pages.gettext(part) for part in parts if part), *([known.get(reason, reason)] if reason else [])])


def hold_words(hold: Mapping[str, Any]) -> str:
    """Why a line is held back, as much as the reader may know."""
    code, due = str(hold.get("reason") or ""), hold.get("due")
    if code == "CHET":
        return pages.gettext(
            mark("Báo đã mất — tháng này vẫn còn được hưởng, chờ mở giữ") if due else mark("Báo đã mất — không chi")
        )
    known = history.reason_of(code)
    if known is None:
        return code
    if access.me().role in POST and code not in _TOLD_TO_PAYERS:
        return pages.gettext(mark("Chờ xác minh — không chi"))
    return f"{wording.label(known)} — {pages.gettext(mark('không chi'))}"


def outcome_of(line: Line, result: Result, state: str) -> str:
    """What became of a mark on this line (as it stood before): a code of _OUTCOMES, or "refused:" and a sentence."""
    if result.reason is not None:
        return f"refused:{pages.gettext(answers.sentence(result.reason))}"
    code = result.fields.get("mark", "unchanged")
    if code == "conflict":
        return "double_payment" if state == "paid" else "conflict"
    if code != "applied":
        return code
    if state == "paid" and line.hold:
        return "paid_on_hold"
    if state == "paid" and payment.is_settled(line.month):
        return "late"
    me = access.me()
    places = {(line.month, line.commune, hamlet) for hamlet in ("", line.hamlet)}
    return "not_assigned" if me.role == "post_agent" and places.isdisjoint(schedule.assignments(me.name)) else "applied"


def sentence_of(code: str) -> tuple[str, str]:
    """Kind of notice and sentence of an outcome."""
    if code.startswith("refused:"):
        return "bad", code.removeprefix("refused:")
    kind, text = _OUTCOMES[code]
    return kind, pages.gettext(text)


def _back(of: Session, line: Line | None = None) -> Response:
    path = flask.url_for("payment.session", session_id=of.id)
    at = request.form.get("at", "")
    query = f"?{at}" if at.isascii() and at.isprintable() else ""
    return flask.make_response(flask.redirect(f"{path}{query if at else ''}{f'#row-{line.id}' if line else ''}", 303))


def _to_line(line: Line, code: str) -> Response:
    kind, sentence = sentence_of(code)
    flask.flash(sentence, {"good": "success", "bad": "error"}.get(kind, kind))
    return pages.redirect("payment.show", payment_id=line.id)


def form_actor(token: str) -> Actor:
    """Who sends the form of this request, with the places they pay at; `token` names the form."""
    me = access.me()
    return access.actor(me, f"form:{token or uuid.uuid4()}", assignments=schedule.assignments(me.name))


def _line(payment_id: uuid.UUID) -> Line:
    line = payment.find(str(payment_id))
    if line is None:
        raise NotFound
    access.scope_of(access.me()).require(line.commune)
    return line


def _session(session_id: uuid.UUID) -> Session:
    found = schedule.session(str(session_id))
    if found is None:
        raise NotFound
    access.scope_of(access.me()).require(found.commune)
    return found


def _id(text: str | None) -> str:
    """A record's id as it came in an address or a form, "" where it is none."""
    try:
        return str(uuid.UUID(text or ""))
    except ValueError:
        return ""


def _seen(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        raise NotFound from error
