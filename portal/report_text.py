"""The prose of an office's reports: the portal's own words, or those the office wrote last time."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from portal import door
from portal.models.report_text import ReportText
from sync.edit import Actor, Result
from sync.ids import named
from sync.kinds.report_text import BLOCKS

OWN = {
    "opening": "Thực hiện Công văn số .......... ngày ... tháng ... năm ...... của . . . . . . . . . . . . . . . về việc báo cáo kết quả"
    " chi trả chính sách trợ giúp xã hội thông qua tổ chức dịch vụ chi trả.",
    "direction": "Danh sách chi trả được lập, kiểm tra, phê duyệt và chuyển cho đơn vị chi trả trước ngày 25 của tháng trước theo khoản 4"
    " Điều 34 Nghị định số 20/2021/NĐ-CP.",
    "outreach": "Lịch chi trả được niêm yết tại các xã, thị trấn và thông báo trên đài truyền thanh; người hưởng được vận động nhận trợ cấp"
    " qua tài khoản.",
    "cooperation": "Các xã, thị trấn báo tăng, giảm đối tượng hằng tháng; đơn vị chi trả báo kết quả, số tiền đã chi và chưa chi trước"
    " ngày 20 hằng tháng.",
    "strengths": "Việc chi trả qua tổ chức dịch vụ bảo đảm đúng đối tượng, đủ số tiền theo danh sách, đúng thời gian; việc lập, duyệt danh"
    " sách và việc chi trả được tách bạch.",
    "limits": "Còn trường hợp biến động ở cơ sở được báo chậm; còn khoản chưa nhận cần tìm hiểu lý do, nhất là từ 02 tháng liên tục trở lên.",
    "plans": "Tiếp tục vận động người hưởng nhận trợ cấp qua tài khoản; theo dõi, cập nhật kịp thời biến động tăng, giảm để không chi cho"
    " trường hợp đã chết, đã chuyển đi.",
    "to_provider": "Phối hợp với Ủy ban nhân dân các xã, thị trấn làm rõ các trường hợp chưa nhận; bảo đảm thủ tục, thời gian thanh quyết toán.",
    "to_office": "Kiểm tra, giám sát việc chi trả; lập danh sách, chuyển kinh phí đúng thời gian quy định.",
    "to_communes": "Báo cáo tăng, giảm hằng tháng, kể cả tháng không có biến động.",
    "receivers": "- Như trên;\n- Đơn vị chi trả;\n- UBND các xã, thị trấn;\n- Lưu: VT, LĐTBXH.",
}
"""Section → what stands there until an office writes its own."""


class Block(Struct, frozen=True):
    """A section: its paragraphs, one a line, and whether the office wrote them (`written` is then what the record holds)."""

    code: str
    text: str
    written: str | None

    @property
    def paragraphs(self) -> list[str]:
        """The paragraphs in order."""
        return self.text.split("\n")


def blocks(unit: str) -> dict[str, Block]:
    """An office's sections, in the order of the report."""
    written = {str(row.block): row.text for row in ReportText.select().where(ReportText.unit == unit)}
    return {each.code: Block(each.code, written.get(each.code) or OWN[each.code], written.get(each.code)) for each in BLOCKS}


def labels() -> dict[str, str]:
    """Section → what it is called."""
    return {each.code: each.label for each in BLOCKS}


def write(actor: Actor, now: datetime, block: str, seen: str | None, wanted: str) -> Result:
    """Keeps a section of the actor's own office; `seen` is what the record held when it was shown, None for nothing."""
    record = named("report_text", actor.unit, block)
    if seen is None:
        pairs = {"unit": (None, actor.unit), "block": (None, block), "text": (None, wanted)}
        return door.submit_one(actor, now, "report_text", record, pairs, create=True)
    return door.submit_one(actor, now, "report_text", record, {"text": (seen, wanted)})
