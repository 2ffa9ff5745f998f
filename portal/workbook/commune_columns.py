"""The columns of a commune's workbook, from the catalogue and the forms: a person's inputs, then what only a new person's row says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from portal import entitlement, person, proposal, unit, wording
from portal.forms import COMPOUND
from portal.workbook.commune_book import KEY, Column
from sync import banks
from sync.kinds import CATALOGUE

CHANGE = "change."
"""Before the inputs that only a new person's row has: those of the proposal."""
OF_A_CHANGE = ("category", "reason", "event_date", "child_birth", "payee", "evidence")
FIXED = ("code", "group", "monthly")
"""Columns that show what no workbook changes."""
NEW_ONLY = "Chỉ ghi khi thêm người mới"
YES, NO = "Có", "Không"
USUAL_REASON = "MOI"
_WIDTHS: Mapping[str, float] = {
    "full_name": 23, "birth": 11, "sex": 6, "national_id": 14, "hamlet": 12, "address": 18, "phone": 12, "locator": 20, "guardian": 18,
    "home_delivery": 8, "payment_method.method": 13, "payment_method.bank": 14, "payment_method.account": 17, "payment_method.holder": 22,
    "alternate_recipient.name": 20, "alternate_recipient.national_id": 15, "alternate_recipient.until": 11, "note": 20,
    "change.category": 34, "change.reason": 22, "change.evidence": 24,
}  # fmt: skip


def person_fields(role: str) -> list[str]:
    """The person's fields a role may change in a workbook, in the catalogue's order; to move to another commune is asked for on a page."""
    may = {name for names in person.editable(role) for name in names} - {"commune"}
    return [name for name in CATALOGUE["person"].fields if name in may]


def inputs(field: str) -> list[str]:
    """The inputs of a person's field: several for a compound value."""
    parts = COMPOUND.get(CATALOGUE["person"].fields[field].type)
    return [f"{field}.{part}" for part in parts] if parts else [field]


def columns(commune: str, month: str, role: str) -> list[Column]:
    """The columns of a commune's workbook in a month, from left to right. Its words are Vietnamese, whatever the screen speaks."""
    kind = CATALOGUE["person"]
    found = [Column(KEY, "Khóa", width=11, kind="fixed", is_printed=False), Column("code", kind.fields["code"].label, width=14, kind="fixed")]
    for field in person_fields(role):
        found += _of_field(field, commune)
    found += [
        Column("group", "Nhóm đối tượng", width=24, kind="fixed"),
        Column("monthly", f"Mức hưởng {month[5:]}/{month[:4]}", width=12, kind="money"),
    ]
    return [*_unambiguous(found), *_of_change(month)]


def _of_field(field: str, commune: str) -> Iterator[Column]:
    described = CATALOGUE["person"].fields[field]
    words = tuple((choice.code, choice.label) for choice in described.choices)
    if described.type == "bool":
        words = (("1", YES), ("", NO))
    elif described.input == "hamlet":
        words = tuple((each.name, each.name) for each in unit.hamlets(commune))
    for name in inputs(field):
        part = name.partition(".")[2]
        if not part:
            yield Column(name, described.label, width=_WIDTHS.get(name, 14), words=words)
            continue
        yield Column(
            name,
            wording.PARTS[part],
            group=described.label,
            width=_WIDTHS.get(name, 14),
            words=_of_part(part),
            is_open=part == "bank",
        )


def _of_part(part: str) -> tuple[tuple[str, str], ...]:
    if part == "method":
        return tuple((code, word) for code, word in wording.METHODS.items() if code != "ewallet")
    if part == "source":
        return tuple(wording.SOURCES.items())
    return tuple((bank.name, bank.name) for bank in banks.BANKS) if part == "bank" else ()


def _of_change(month: str) -> Iterator[Column]:
    """Confidential categories are in no list that lies about on a desk; they are proposed on the page (domain.md 0.9)."""
    reasons = tuple((each.code, each.label) for each in proposal.reasons_for("increase") if each.code != proposal.RESUME)
    categories = tuple((code, f"{code} {words}") for code, words in entitlement.categories(month))
    for name in OF_A_CHANGE:
        words = {"reason": reasons, "category": categories}.get(name, ())
        label = CATALOGUE["change"].fields[name].label
        heading = {"category": "Loại đối tượng", "event_date": "Ngày đủ điều kiện"}.get(name, f"{label} (người mới)")
        width = _WIDTHS.get(CHANGE + name, 16)
        yield Column(CHANGE + name, heading, group=NEW_ONLY, width=width, words=words, is_printed=False)


def _unambiguous(found: list[Column]) -> list[Column]:
    """Headings are how columns are found again: one that stands twice says what it is of."""
    taken = [column.heading for column in found]
    return [
        Column(each.input, f"{each.heading} ({each.group.lower()})", each.group, each.width, each.kind, each.words, each.is_open)
        if taken.count(each.heading) > 1
        else each
        for each in found
    ]
