"""The journal and what waits, told in words: who did what to which record, and each field from what to what."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from portal import access, clock, formats, history, pages, payment, unit, wording
from portal.language import mark
from portal.payment_method import Period
from portal.person import Open
from portal.proposal import Preview
from sync.kinds import CATALOGUE
from sync.kinds.change import STATES as CHANGE_STATES
from sync.kinds.change import TYPES as CHANGE_TYPES
from sync.kinds.conflict import TYPES as CONFLICT_TYPES
from sync.kinds.payment import STATES as PAYMENT_STATES
from sync.values import ValueProblem

_EVENTS: Mapping[str, str] = {
    "create": mark("Ghi mới"),
    "set": mark("Sửa"),
    "propose": mark("Đề nghị"),
    "withdraw": mark("Rút đề nghị"),
    "decide": mark("Quyết định đề nghị"),
    "resolve": mark("Làm rõ"),
    "mark": mark("Ghi kết quả chi trả"),
    "unmark": mark("Rút lại kết quả chi trả"),
    "hold": mark("Giữ lại"),
    "release": mark("Thôi giữ lại"),
    "bulk": mark("Bước của cả danh sách"),
    "succeed": mark("Sắp xếp đơn vị hành chính"),
    "unreadable": mark("Không đọc được"),
}
_VERDICTS: Mapping[str, str] = {
    "approve": mark("duyệt"),
    "return": mark("trả lại hỏi thêm"),
    "reject": mark("không duyệt"),
    "current": mark("giữ giá trị hiện có"),
    "wanted": mark("lấy giá trị mới"),
    "other": mark("ghi giá trị khác"),
    "same": mark("cùng một người"),
    "distinct": mark("hai người khác nhau"),
    "build": mark("lập"),
    "freeze": mark("chốt"),
    "post": mark("công bố"),
    "balance": mark("đối soát"),
}
_IMPORTER = mark("Nhập dữ liệu")
_PROPOSAL = {
    "month_missing": mark("Ghi ít nhất tháng/năm, ví dụ 10/2024."),
    "in_the_future": mark("Ngày này chưa đến."),
    "no_law": mark("Không có quy định cho ngày này; hãy xem lại."),
    "unchanged": mark("Giá trị này đang ghi như vậy rồi."),
    "not_cash": mark("Lý do là chuyển về tiền mặt: hãy chọn tiền mặt, hoặc chọn lý do khác."),
    "not_by_account": mark("Lý do này cần hình thức chuyển khoản; muốn nhận tiền mặt thì chọn lý do chuyển về tiền mặt."),
    "nothing_suspended": mark("Người này không có chế độ nào đang tạm dừng."),
}


class Told(Struct, frozen=True):
    """A journal entry in words; `steps` are (field, old, new, what became of it or "")."""

    seq: int
    at: str
    who: str
    role: str
    unit: str
    kind: str
    record: str
    person: str
    name: str
    what: str
    why: str
    refused: str
    steps: tuple[tuple[str, str, str, str], ...]


class Waits(Struct, frozen=True):
    """Something that waits, in words; `kind` is change or conflict, `state` a state the badges know."""

    kind: str
    id: str
    what: str
    state: str
    at: str
    author: str


def _role(code: str) -> str:
    if code in access.ROLES:
        return pages.role_name(code)
    return pages.gettext(_IMPORTER) if code == "importer" else code


def entry(each: history.Entry, role: str) -> Told:
    """A journal entry as a role may read it."""
    refused = pages.gettext(mark("Không nhận")) if each.refused else ""
    return Told(
        seq=each.seq,
        at=each.at,
        who=each.name,
        role=_role(each.role),
        unit=unit.name_of(each.unit, _day(each)),
        kind=each.kind,
        record=each.record,
        person=each.about.person,
        name=each.about.name,
        what=_what(each),
        why=each.why,
        refused=refused,
        steps=tuple(_step(step, role, _day(each)) for step in each.steps),
    )


def waiting(each: Open) -> Waits:
    """Something that waits for somebody, in a line."""
    if each.kind == "change":
        of_type = next((wording.label(choice) for choice in CHANGE_TYPES if choice.code == each.what), each.what)
        what = f"{of_type}: {reason(each.detail)}"
    else:
        of_type = next((wording.label(choice) for choice in CONFLICT_TYPES if choice.code == each.what), each.what)
        kind, _, name = each.detail.partition(".")
        field = CATALOGUE[kind].fields.get(name)
        what = f"{of_type}: {wording.label(field)}" if field is not None else of_type
    return Waits(each.kind, each.id, what, each.state, each.at, each.author)


def reason_of_method(period: Period) -> str:
    """Why somebody is paid in a way: the reason of the change, or why the bank sent the sum back."""
    returned = {each.code: wording.label(each) for each in payment.reasons_of("returned")} if period.once else {}
    return returned.get(period.reason) or (reason(period.reason) if period.reason else "")


def reason(code: str) -> str:
    """The reason of a change in words."""
    found = history.reason_of(code)
    return wording.label(found) if found is not None else code


def state(code: str) -> str:
    """The state of a change in words."""
    return next((wording.label(choice) for choice in CHANGE_STATES if choice.code == code), code)


def _what(each: history.Entry) -> str:
    event = pages.gettext(_EVENTS.get(each.event, each.event))
    which = each.about.line_code or formats.month(each.about.month)
    if each.event in ("create", "set"):
        kind = wording.label(CATALOGUE[each.kind]) if each.kind in CATALOGUE else each.kind
        return " ".join(part for part in (event, kind.lower(), which) if part)
    done = " ".join(part for part in (event, which) if part)
    return f"{done}: {_detail(each)}" if each.detail else done


def _detail(each: history.Entry) -> str:
    if each.event == "propose":
        return reason(each.detail)
    if each.event == "mark":
        return next((wording.label(choice) for choice in PAYMENT_STATES if choice.code == each.detail), each.detail).lower()
    return pages.gettext(_VERDICTS.get(each.detail, each.detail))


def _day(each: history.Entry) -> str:
    return clock.local_date(clock.from_utc_text(each.at)).isoformat()


def _step(step: history.Step, role: str, day: str) -> tuple[str, str, str, str]:
    became = "" if step.outcome == "applied" else wording.outcome(step.outcome)
    if step.field.name == "commune":  # by the name it had then
        return (wording.label(step.field), unit.name_of(step.old, day), unit.name_of(step.new, day), became)
    old, new = (wording.value(step.field, value, role) for value in (step.old, step.new))
    return (wording.label(step.field), old, new, became)


def problems_of(seen: Preview) -> dict[str, str]:
    """What is wrong with a proposal, in sentences: field → what to do."""
    found = {}
    for name, code in seen.problems.items():
        found[name] = pages.gettext(_PROPOSAL[code]) if code in _PROPOSAL else wording.wrong_value(ValueProblem(code))
    return found
