"""What a refusal means in the user's words: of one edit by the door, of a whole request by the sync protocol."""

from __future__ import annotations

from portal.language import mark
from portal.problems import Malformed, NotFound, Problem, TooLarge, TooManyTries
from sync.edit import Reason


class Unauthenticated(Problem):
    """No token, one nobody has, or a name and password that do not fit (which of them is not told)."""

    status = 401
    code = "unauthenticated"
    message = mark("Thiết bị chưa đăng nhập, hoặc tên đăng nhập và mật khẩu không đúng.")
    what_to_do = mark("Đăng nhập lại trên thiết bị. Những mục chưa gửi vẫn còn trên thiết bị.")


class PasswordDue(Unauthenticated):
    """The password is one that an administrator set and its holder has not changed yet."""

    message = mark("Mật khẩu này do người quản trị đặt; phải đổi trước khi dùng trên thiết bị.")
    what_to_do = mark("Đăng nhập trên trang web của cổng chi trả, đặt mật khẩu của riêng bạn, rồi đăng ký thiết bị lại.")


class Revoked(Problem):
    """The device was revoked, or its account may not use one any more."""

    status = 403
    code = "revoked"
    message = mark("Thiết bị này đã bị thu hồi hoặc tài khoản đã bị khoá.")
    what_to_do = mark("Dữ liệu trên thiết bị phải được xoá. Nếu còn mục chưa gửi, xuất ra tệp rồi liên hệ người quản trị.")


class NoDevices(Problem):
    """The account's role works on pages only."""

    status = 403
    code = "forbidden"
    message = mark("Vai trò của tài khoản này không dùng thiết bị ngoại tuyến.")
    what_to_do = mark("Hãy làm việc trên trang web của cổng chi trả.")


class NewEpoch(Problem):
    """The cursor is of before a restore, or of another scope."""

    status = 409
    code = "new_epoch"
    message = mark("Máy chủ đã được khôi phục, hoặc địa bàn của bạn đã thay đổi.")
    what_to_do = mark("Tải lại toàn bộ dữ liệu, rồi gửi lại những mục đã gửi trong 60 ngày qua; mục đã có không bị ghi hai lần.")


REQUESTS: dict[str, type[Problem]] = {
    kind.code: kind for kind in (Malformed, Unauthenticated, Revoked, NoDevices, NotFound, NewEpoch, TooLarge, TooManyTries)
}
"""The protocol's code for a whole request that is refused → the problem it is told as."""

_BY_CODE = {
    "malformed": mark("Máy chủ không đọc được mục này. Hãy nhập lại."),
    "unknown_kind": mark("Loại hồ sơ này không có trên hệ thống. Hãy cập nhật ứng dụng rồi gửi lại."),
    "unknown_record": mark("Không tìm thấy hồ sơ này trong địa bàn của bạn."),
    "unknown_field": mark("Hồ sơ không có mục này, hoặc bạn không được xem mục này."),
    "invalid_value": mark("Giá trị không hợp lệ. Hãy sửa lại rồi gửi."),
    "forbidden": mark("Bạn không có quyền làm việc này. Hãy chuyển cho người có thẩm quyền."),
    "reused": mark("Số thứ tự này đã dùng cho một mục khác. Hãy nhập lại thành mục mới."),
}
_BY_DETAIL = {
    "own_change": mark("Bạn là người đề nghị nên không tự duyệt được. Cần một người khác duyệt."),
    "own_list": mark("Bạn đã lập hoặc chốt danh sách này nên không tự duyệt được. Cần một người khác duyệt."),
    "writes_nothing": mark("Duyệt việc này không làm thay đổi gì. Hãy trả lại hoặc không duyệt."),
    "reason_missing": mark("Cần ghi lý do."),
    "missing": mark("Còn thiếu thông tin bắt buộc."),
    "taken": mark("Đã có hồ sơ dùng giá trị này."),
    "exists": mark("Hồ sơ này đã có."),
    "other_role": mark("Theo phân cấp hiện nay, vai trò của bạn không đề nghị việc này."),
    "not_appraised": mark("Đây là báo cáo của thôn; công chức xã phải thẩm định trước."),
    "other_area": mark("Xã này ngoài địa bàn của bạn."),
    "unknown_reason": mark("Mã lý do không đúng. Hãy chọn một lý do trong danh mục."),
    "decided": mark("Việc này đã được quyết định."),
    "same_person_open": mark("Cần làm rõ trước: có thể người này đã có trong danh sách."),
    "digest": mark("Nội dung đã thay đổi so với lúc bạn xem. Hãy xem lại rồi duyệt."),
    "checks": mark("Còn lỗi phải sửa trước khi chốt danh sách."),
    "changed": mark("Danh sách đã được lập lại sau khi bạn xem. Hãy xem lại rồi chốt."),
    "frozen": mark("Danh sách đã chốt nên không lập lại được. Biến động mới ghi thành phụ lục."),
    "schedule_missing": mark("Còn xã có người nhận tiền mặt mà chưa có lịch chi trả."),
    "not_posted": mark("Danh sách tháng này chưa chuyển bưu điện."),
    "posted_with_the_list": mark("Lịch được niêm yết cùng danh sách; sau đó mới niêm yết lại được."),
    "planned_left": mark("Còn dòng chưa có kết quả chi trả nên chưa quyết toán được."),
    "unbalanced": mark("Số liệu chưa khớp nên chưa quyết toán được."),
    "changed_since_signed": mark("Số liệu đã thay đổi sau khi bưu điện ký. Bưu điện cần ký lại."),
    "carried_on": mark("Khoản chưa chi của tháng này đã chuyển sang danh sách tháng sau nên không mở lại được."),
    "settled": mark("Tháng này đã quyết toán."),
    "revoked": mark("Quyết định mai táng phí của dòng này đã bị hủy nên không mở giữ để chi được."),
    "signed": mark("Bưu điện đã ký quyết toán tháng này. Hãy mở lại quyết toán, ghi lý do, rồi sửa."),
    "not_in_order": mark("Mốc này không được trước mốc đứng trước nó."),
    "overlaps": mark("Đơn vị này đã có hợp đồng khác cho các tháng đó."),
    "not_frozen": mark("Danh sách chưa chốt, hoặc đã quyết toán, nên không đề nghị cấp kinh phí được."),
    "open_request": mark("Lần đề nghị trước chưa được duyệt, hoặc đã có lần sau."),
    "nothing_to_request": mark("Không còn khoản nào phải đề nghị cấp thêm."),
    "figures_moved": mark("Số liệu của danh sách đã thay đổi sau khi lập đề nghị. Hãy lập lại."),
    "transferred": mark("Đã ghi chứng từ cấp tiền theo đề nghị này nên không trả lại được."),
    "not_approved": mark("Đề nghị cấp kinh phí chưa được duyệt."),
    "funds_unbalanced": mark("Tiền cấp, nộp trả chưa khớp với danh sách và kết quả nên chưa quyết toán được. Xem trang Kinh phí."),
    "undo": mark("Chỉ kiểm soát viên bưu điện được hủy kết quả đã chi, trên trang đang mở, có ghi lý do."),
    "other_month": mark("Ngày chi trả phải nằm trong tháng của lịch."),
    "before_start": mark("Giờ kết thúc phải sau giờ bắt đầu."),
}


def sentence(reason: Reason) -> str:
    """The sentence of a refusal (Vietnamese, to be translated where it is shown)."""
    return _BY_DETAIL.get(reason.detail) or _BY_CODE[reason.code]
