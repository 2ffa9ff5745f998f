"""What is said of a list that arrived, in words: what is wrong with it and what to do, what may be put right, what is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from portal import formats, pages, unit
from portal.language import mark

if TYPE_CHECKING:
    from portal.list_arrival import Remark, Repair

FILE: Mapping[str, str] = {
    "no_file": mark("Hãy chọn tệp."),
    "too_large": mark("Tệp quá lớn, hoặc giải nén ra quá lớn. Hãy tách thành nhiều tệp, mỗi tệp một xã; xóa các trang tính không cần."),
    "not_a_workbook": mark("Đây không phải là tệp bảng tính. Hãy mở danh sách bằng Excel hoặc LibreOffice, lưu thành .xlsx rồi gửi lại."),
    "word": mark("Đây là tệp Word được đổi tên, không phải tệp Excel. Hãy gửi tệp Excel; nếu danh sách chỉ có trong Word, hãy chép bảng sang Excel."),
    "pdf": mark("Đây là tệp PDF. Hãy gửi tệp Excel gốc, hoặc chép bảng sang Excel."),
    "damaged": mark("Tệp bị hỏng hoặc bị cắt ngang. Hãy mở bằng Excel, lưu lại thành tệp mới rồi gửi."),
    "password": mark("Tệp có mật khẩu. Hãy bỏ mật khẩu trong Excel (Tệp, Thông tin, Bảo vệ sổ làm việc) rồi gửi lại."),
    "encoding": mark("Không đọc được chữ trong tệp. Hãy lưu lại dạng CSV UTF-8 hoặc .xlsx."),
    "not_a_list": mark("Không thấy bảng nào có dòng tiêu đề (họ và tên, ngày sinh, mã loại đối tượng…). Hãy kiểm tra có gửi nhầm tệp không."),
    "results": mark("Đây là kết quả chi trả của bưu điện hoặc ngân hàng, không phải danh sách. Bưu điện nộp tệp này ở Chi trả, Kết quả của ngân hàng."),
    "no_commune": mark("Tiêu đề của tệp không ghi là danh sách của xã nào. Hãy chọn xã."),
    "other_commune": mark("Tệp là danh sách của xã khác (%(communes)s), ngoài địa bàn của bạn. Hãy kiểm tra có gửi nhầm tệp không."),
}
"""Why a whole file is refused → what to do."""

ERRORS: Mapping[str, str] = {
    "ID_FORMAT": mark("Số CCCD/CMND không đủ 12 hoặc 9 chữ số và không suy ra được. Hãy xem giấy tờ rồi gõ lại cả số, dạng văn bản."),
    "ID_DUPLICATE": mark("Số này là của người khác trong sổ (dòng %(why)s), tên và ngày sinh không khớp. Hãy kiểm tra lại số và họ tên."),
    "CATEGORY_UNKNOWN": mark("Không có mã loại đối tượng «%(why)s». Hãy ghi đúng mã, ví dụ 5.5c."),
    "CATEGORY_UNKNOWN.": mark("Chưa ghi mã loại đối tượng."),
    "COEF_CATEGORY": mark("Hệ số của loại đối tượng này là %(why)s. Hãy sửa hệ số, hoặc sửa mã loại."),
    "COEF_CATEGORY.": mark("Không đọc được hệ số. Hãy ghi ví dụ 1,5."),
    "AGE_CATEGORY": mark("%(why)s. Hãy kiểm tra ngày sinh và mã loại đối tượng."),
    "AMOUNT": mark("Mức hưởng phải là %(why)s (mức chuẩn nhân hệ số). Hãy sửa mức hưởng, hoặc hệ số và mã loại."),
    "CELL_ERROR": mark("Ô này báo lỗi của Excel (như #N/A). Hãy gõ lại giá trị."),
    "NAME_MISSING": mark("Chưa có họ tên."),
    "BIRTH_MISSING": mark("Chưa có ngày sinh. Nếu tệp tách cột Nam và Nữ, hãy ghi vào một trong hai cột."),
    "BIRTH_UNREADABLE": mark("Không có ngày này, hoặc không đọc được. Hãy ghi ngày/tháng/năm, ví dụ 09/10/1948; chỉ biết năm thì ghi 1948."),
    "BIRTH_FUTURE": mark("Ngày sinh %(why)s sau tháng của danh sách. Hãy sửa lại."),
    "COMMUNE_OTHER": mark("Người này đang hưởng ở %(commune)s (dòng %(line)s). Nếu đã chuyển về, hãy đề nghị sửa xã của người đó trước."),
    "PERSON_DEAD": mark("Theo sổ, người này đã mất (dòng %(why)s). Nếu không đúng, hãy báo cơ quan chi trả làm rõ trước."),
    "DUP_IN_FILE": mark("Cùng một người và cùng chế độ với dòng %(why)s của tệp. Chỉ để một dòng."),
    "MONEY_AMBIGUOUS": mark("Không chắc đây là bao nhiêu tiền. Hãy ghi cả số, ví dụ 500.000."),
    "AMBIGUOUS": mark("Nhiều dòng trong sổ cùng khớp (%(why)s). Hãy ghi Mã hồ sơ hoặc số CCCD để biết đúng là ai."),
}
"""Code of an error → what is wrong and what to do; its row is left out. With a dot behind it: where there are no details."""

WARNINGS: Mapping[str, str] = {
    "SAME_NAME_BIRTH": mark("Trùng họ tên và ngày sinh với dòng %(why)s nhưng khác số CCCD: được coi là người khác. Hãy kiểm tra."),
    "ID_BIRTH": mark("Các chữ số của số CCCD không khớp năm sinh hoặc giới tính. Hãy kiểm tra giấy tờ."),
    "TOTAL": mark("Dòng cộng ghi %(stated)s nhưng các dòng cộng lại là %(sum)s."),
    "HIDDEN": mark("Dòng hoặc cột này bị ẩn trong tệp; vẫn được đọc."),
    "HIDDEN.": mark("Trang tính này bị ẩn nên không được đọc. Muốn lấy thì bỏ ẩn rồi gửi lại."),
    "MERGED": mark("Có ô gộp nhiều dòng: giá trị được tính cho mọi dòng trong ô gộp."),
    "FONT": mark("Tệp dùng phông chữ cũ (TCVN3 hoặc VNI): đã chuyển sang Unicode."),
    "NFD": mark("Chữ trong tệp ghi dấu rời: đã ghép lại."),
    "FORMULA_TEXT": mark("Chữ ở đây giống một công thức: chỉ được lấy làm chữ, không bao giờ được tính."),
    "DIMENSION": mark("Tệp tự khai lớn hơn nhiều so với nội dung: chỉ phần có chữ được đọc."),
    "DATE_TEXT": mark("Sổ đã có ngày sinh đầy đủ hơn (%(day)s): giữ nguyên trong sổ."),
    "NO_VALUE": mark("Công thức ở đây chưa có kết quả nên không được tính đến. Mở tệp bằng Excel, lưu lại, hoặc gõ thẳng giá trị."),
    "HIV": mark("Nhóm cần giữ kín: không có trong giấy niêm yết, và người khác không được xem."),
    "HAMLET_UNKNOWN": mark("Xã không có thôn, tổ dân phố tên này: ô này không được lấy. Hãy ghi đúng tên trong danh mục."),
    "PHONE": mark("Đây không phải là số điện thoại: ô này không được lấy. Số điện thoại bắt đầu bằng 0 và có 10 chữ số."),
    "NOTE": mark("Ghi chú quá dài hoặc có ký tự lạ: ô này không được lấy."),
    "CONTRADICTS": mark("Trái với một dòng khác của cùng người trong tệp: ô này không được lấy."),
}
"""Code of a warning, or of a cell that is left alone → what it means. With a dot behind it: of a whole sheet."""

REPAIRS: Mapping[str, str] = {
    "FONT": mark("Phông chữ cũ: «%(said)s» là «%(to)s»."),
    "NFD": mark("Dấu rời được ghép lại: «%(to)s»."),
    "TRIM": mark("Bỏ khoảng trắng thừa: «%(to)s»."),
    "DATE_SERIAL": mark("«%(said)s» là cách Excel đếm ngày: %(to)s."),
    "DATE_TEXT": mark("«%(said)s» được hiểu là %(to)s."),
    "ID_APOS": mark("Bỏ dấu nháy, dấu cách: «%(said)s» là %(to)s."),
    "ID_ZERO": mark("«%(said)s» mất số 0 ở đầu: %(to)s."),
}
"""Code of a repair → what is read otherwise than it is written."""


COLUMNS: Mapping[str, str] = {
    "full_name": mark("Họ và tên"),
    "birth": mark("Ngày sinh hoặc năm sinh"),
    "birth_male": mark("Ngày sinh, cột Nam"),
    "birth_female": mark("Ngày sinh, cột Nữ"),
    "sex": mark("Giới tính"),
    "national_id": mark("Số CCCD/CMND"),
    "line_code": mark("Mã hồ sơ"),
    "hamlet": mark("Thôn, tổ dân phố"),
    "phone": mark("Số điện thoại"),
    "category": mark("Mã loại đối tượng"),
    "coefficient10": mark("Hệ số"),
    "amount": mark("Mức hưởng (chỉ để kiểm tra)"),
    "note": mark("Ghi chú"),
}
"""What a column of a file may be taken to be."""


def refused(content: bytes, code: str) -> str:
    """Why a file is not read, in a sentence."""
    if code == "not_a_workbook" and b"word/document.xml" in content:
        code = "word"
    elif content.startswith(b"%PDF"):
        code = "pdf"
    return pages.gettext(FILE.get(code, FILE["damaged"]))


def remark(each: Remark) -> str:
    """A finding in a sentence."""
    sentences = ERRORS if each.code in ERRORS else WARNINGS
    is_bare = "!" not in each.at if each.code == "HIDDEN" else not each.why
    sentence = sentences.get(f"{each.code}.") if is_bare else None
    return pages.gettext(sentence or sentences[each.code]) % _details(each)


def repair(each: Repair) -> str:
    """A repair in a sentence."""
    to = formats.day(each.to) if each.code.startswith("DATE_") else each.to
    return pages.gettext(REPAIRS[each.code]) % {"said": each.said.strip(), "to": to}


def place(at: str) -> str:
    """A place of a file as people read it: the sheet and its cell or row."""
    sheet, _, cell = at.rpartition("!")
    if at == "file":
        return pages.gettext(mark("Cả tệp"))
    if "!" not in at:
        return pages.gettext(mark("Trang tính %(sheet)s")) % {"sheet": at}
    words = mark("dòng %(cell)s") if cell.isdecimal() else mark("cột %(cell)s") if cell.isalpha() else mark("ô %(cell)s")
    told = pages.gettext(words) % {"cell": cell}
    return f"{sheet}, {told}" if sheet else told


def _details(each: Remark) -> dict[str, str]:
    why = each.why
    first, _, second = why.partition(" ")
    if each.code == "COEF_CATEGORY" and why:
        why = formats.coefficient(int(why))
    elif each.code == "AMOUNT" and why:
        why = formats.dong(int(why))
    elif each.code == "BIRTH_FUTURE":
        why = formats.day(why)
    elif each.code == "DUP_IN_FILE":
        why = why.rpartition("!")[2]
    if each.code == "TOTAL":
        return {"stated": formats.dong(int(first)), "sum": formats.dong(int(second))}
    return {"why": why, "line": first, "commune": unit.name_of(second) if second else "", "day": formats.day(each.why) if each.code == "DATE_TEXT" else ""}
