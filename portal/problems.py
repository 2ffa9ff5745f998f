"""One class for each thing that can go wrong: status, stable code, what happened, what to do.

The sentences are Vietnamese and translated where they are shown; `%(key)s` is filled from the problem's details.
"""

from __future__ import annotations

from typing import Any, ClassVar

from portal.language import mark


class Problem(Exception):
    """Something went wrong that a person can be told about in a sentence."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "problem"
    message: ClassVar[str] = mark("Có lỗi xảy ra.")
    what_to_do: ClassVar[str] = mark("Hãy thử lại. Nếu vẫn lỗi, báo người quản trị.")
    retry_after: int | None = None

    def __init__(self, *, retry_after: int | None = None, **details: Any) -> None:
        super().__init__(self.code)
        self.details = details
        self.retry_after = retry_after


class Malformed(Problem):
    """The request cannot be read."""

    status = 400
    code = "malformed"
    message = mark("Máy chủ không hiểu yêu cầu này.")
    what_to_do = mark("Quay lại trang trước, tải lại trang rồi thử lại.")


class SessionEnded(Problem):
    """Nobody is signed in, or the session was idle for too long."""

    status = 401
    code = "unauthenticated"
    message = mark("Phiên đăng nhập đã hết.")
    what_to_do = mark("Đăng nhập lại rồi tiếp tục.")


class Forbidden(Problem):
    """The person's role may not do this."""

    status = 403
    code = "forbidden"
    message = mark("Tài khoản của bạn không có quyền làm việc này.")
    what_to_do = mark("Nếu cần quyền này, hãy hỏi người quản trị của đơn vị.")


class CrossSite(Problem):
    """A change was sent from a page that is not ours."""

    status = 403
    code = "cross_site"
    message = mark("Yêu cầu đến từ một trang khác nên không được nhận.")
    what_to_do = mark("Mở trang của cổng chi trả rồi làm lại từ đó.")


class NotFound(Problem):
    """No such page, or no such record within the person's scope (the two are not told apart)."""

    status = 404
    code = "not_found"
    message = mark("Không tìm thấy trang hoặc hồ sơ này.")
    what_to_do = mark("Có thể hồ sơ không thuộc địa bàn của bạn, hoặc địa chỉ bị gõ sai. Hãy tìm lại từ danh sách.")


class NotAllowed(Problem):
    """The address exists, but not for this kind of request."""

    status = 405
    code = "method_not_allowed"
    message = mark("Địa chỉ này không nhận yêu cầu kiểu đó.")
    what_to_do = mark("Quay lại trang trước và dùng nút trên trang.")


class LostRace(Problem):
    """Somebody else decided or changed the record first."""

    status = 409
    code = "lost_race"
    message = mark("Người khác vừa thay đổi hoặc quyết định việc này trước bạn.")
    what_to_do = mark("Xem lại tình trạng mới rồi quyết định.")


class TooLarge(Problem):
    """The body of the request is larger than the portal takes."""

    status = 413
    code = "too_large"
    message = mark("Nội dung gửi lên quá lớn.")
    what_to_do = mark("Gửi tệp nhỏ hơn hoặc chia làm nhiều lần.")


class InvalidForm(Problem):
    """A form has values that cannot be. `errors` maps a field's name to a sentence."""

    status = 422
    code = "invalid_form"
    message = mark("Có chỗ chưa điền đúng.")
    what_to_do = mark("Sửa những chỗ được đánh dấu rồi gửi lại.")

    def __init__(self, errors: dict[str, str] | None = None, **details: Any) -> None:
        super().__init__(**details)
        self.errors = errors or {}


class TooManyTries(Problem):
    """Too many requests of a kind; `retry_after` says in how many seconds to come back."""

    status = 429
    code = "slow_down"
    message = mark("Bạn thử quá nhiều lần.")
    what_to_do = mark("Chờ vài phút rồi thử lại.")


class Broken(Problem):
    """A fault of the portal itself; it is in the server's log."""

    status = 500
    code = "broken"
    message = mark("Cổng chi trả gặp lỗi.")
    what_to_do = mark("Việc vừa làm chưa được ghi. Hãy thử lại; nếu vẫn lỗi, báo người quản trị.")


class Busy(Problem):
    """The database is busy beyond the time the portal waits."""

    status = 503
    code = "busy"
    message = mark("Hệ thống đang bận.")
    what_to_do = mark("Việc vừa làm chưa được ghi. Chờ một phút rồi thử lại.")


def for_status(status: int) -> Problem:
    """The problem that stands for an HTTP status; an unknown one is Malformed (4xx) or Broken."""
    for kind in (SessionEnded, Forbidden, NotFound, NotAllowed, LostRace, TooLarge, InvalidForm, TooManyTries, Busy):
        if kind.status == status:
            return kind()
    return Malformed() if status < 500 else Broken()
