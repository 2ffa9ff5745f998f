"""The prose of an office's reports, paragraph by paragraph: written once, kept for the next report."""

from __future__ import annotations

from functools import partial
from typing import Any

from sync import values
from sync.desk import Desk
from sync.edit import Outcome, Record, Refused
from sync.fields import DISTRICT, Choice, Field, Kind, fields, one_of
from sync.fieldwise import Fieldwise, Pairs

BLOCKS = (
    Choice("opening", "Căn cứ, lời mở đầu", "Opening"),
    Choice("direction", "I.1 Công tác chỉ đạo, tổ chức thực hiện", "I.1 Direction"),
    Choice("outreach", "I.2 Truyền thông, phương thức chi trả", "I.2 Outreach and ways of payment"),
    Choice("cooperation", "I.3 Công tác phối hợp", "I.3 Cooperation"),
    Choice("strengths", "II.1 Ưu điểm", "II.1 Strengths"),
    Choice("limits", "II.2 Hạn chế", "II.2 Limits"),
    Choice("plans", "III. Phương hướng, nhiệm vụ", "III. Plans"),
    Choice("to_provider", "IV.1 Kiến nghị đối với đơn vị chi trả", "IV.1 Proposals to the provider"),
    Choice("to_office", "IV.2 Kiến nghị đối với cơ quan quản lý", "IV.2 Proposals to the office"),
    Choice("to_communes", "IV.3 Kiến nghị đối với UBND cấp xã", "IV.3 Proposals to the communes"),
    Choice("receivers", "Nơi nhận", "Receivers"),
)
LONGEST = 8000
_PARAGRAPH = 2000


def _paragraphs(raw: object) -> str:
    """Paragraphs, one a line; empty lines fall away."""
    if not isinstance(raw, str):
        raise values.ValueProblem("not_text")
    if len(raw) > LONGEST:
        raise values.ValueProblem("too_long", max_length=LONGEST, length=len(raw))
    lines = [values.parse_text(line, max_length=_PARAGRAPH) for line in raw.splitlines() if line.strip()]
    if not lines:
        raise values.ValueProblem("missing")
    return "\n".join(lines)


KIND = Kind(
    "report_text",
    "Đoạn văn của báo cáo",
    "Prose of a report",
    fields(
        Field("unit", "Cơ quan", "Office", "text", partial(values.parse_text, max_length=40), merge="fixed", required=True),
        Field("block", "Mục", "Section", "choice", one_of(BLOCKS), merge="fixed", choices=BLOCKS, required=True),
        Field("text", "Nội dung", "Text", "text", _paragraphs, direct=frozenset({DISTRICT}), input="textarea"),
    ),
    scope=None,
    unique=(("unit", "block"),),
    create=frozenset({DISTRICT}),
)


class ReportTextRules(Fieldwise):
    """An office writes its own reports only."""

    def create(self, desk: Desk, values_: dict[str, Any]) -> dict[str, Outcome]:
        """A section in other words than the portal's own."""
        _own(desk, values_.get("unit"))
        return super().create(desk, values_)

    def alter(self, desk: Desk, record: Record, pairs: Pairs) -> dict[str, Outcome]:
        """The section in other words; without any it is the portal's own text again."""
        _own(desk, record["unit"])
        return super().alter(desk, record, pairs)


def _own(desk: Desk, unit: str | None) -> None:
    if unit != desk.actor.unit:
        raise Refused("forbidden", field="unit")


RULES = ReportTextRules(KIND)
