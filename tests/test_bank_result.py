"""The bank's result by account: the whole file is checked first, matched by code or account and never by name, and counts once."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import door, payment, result_check
from portal.models.conflict import Conflict
from portal.models.journal import Journal
from portal.models.payment import Payment
from portal.payment import Filter, Line
from portal.verify import verify
from portal.workbook.result_file import Truncated, read_result
from tests.arranged import add_session, post_list
from tests.district import MONTH, NOW, District, line_code

URL = "/payments/bank-result"
HEADING = ("Mã hồ sơ", "Số tài khoản", "Số tiền", "Kết quả", "Mã lý do")
MY, CARE, PHUC = line_code("my"), line_code("my", 2), line_code("phuc")
MINE, THEIRS = "00009911112222", "00009900000007"
GOOD = [
    (MY, MINE, "1.250.000", "đã chuyển", ""),
    (CARE, MINE, "500000", "Đã chuyển", ""),
    (PHUC, THEIRS, "500000 đ", "bị trả lại", "SAI_TK"),
]

Rows = Sequence[tuple[str, ...]]


def text(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.text)).split())


@pytest.fixture
def posted(district: District) -> District:
    add_session(district)
    add_session(district, commune="18580", agent="chitra2")
    post_list(district)
    return district


@pytest.fixture
def supervisor(posted: District) -> FlaskClient:
    return posted.client("kiemsoat")


def csv_file(rows: Rows, heading: tuple[str, ...] = HEADING, delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([heading, *rows])
    return out.getvalue().encode()


def xlsx_file(rows: list[tuple[Any, ...]], heading: tuple[str, ...] = HEADING) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Kết quả"
    for row in [("NGÂN HÀNG",), (), heading, *rows]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def look(client: FlaskClient, content: bytes, name: str = "ket-qua.csv") -> TestResponse:
    """Hands a file in to be looked at."""
    return client.post(URL, data={"month": MONTH, "file": (io.BytesIO(content), name)})


def say_yes(client: FlaskClient, page: TestResponse, **ticked: str) -> TestResponse:
    """Confirms what the page shows."""
    address, token = re.search(r'action="(/payments/bank-result/[0-9a-f]+/confirm)"', page.text), re.search(r'name="_edit" value="([^"]+)"', page.text)
    assert address and token
    return client.post(address[1], data={"month": MONTH, "_edit": token[1], **ticked}, follow_redirects=True)


def send(client: FlaskClient, content: bytes, name: str = "ket-qua.csv") -> TestResponse:
    """Hands a file in and says yes to everything, where there is something to say yes to."""
    page = look(client, content, name)
    return say_yes(client, page, seen_asks="1") if "/confirm" in page.text else page


def states(district: District) -> dict[str, str]:
    with district.open():
        return {line.line_code: line.state for line in payment.page(MONTH, None, Filter(method="bank")).lines}


def bank_line(district: District, code: str) -> Line:
    with district.open():
        return next(line for line in payment.page(MONTH, None, Filter(method="bank")).lines if line.line_code == code)


def edits(district: District) -> int:
    with district.open():
        return Journal.select().where(Journal.kind << ["payment", "result_file"]).count()


def test_a_good_file_is_booked_row_by_row(posted: District, supervisor: FlaskClient) -> None:
    answer = send(supervisor, csv_file(GOOD))
    assert answer.status_code == 200
    assert "2 khoản đã chi, 1 khoản chưa nhận hoặc bị trả lại" in text(answer)
    assert states(posted) == {MY: "paid", CARE: "paid", PHUC: "rejected"}
    assert edits(posted) == 1
    mark = bank_line(posted, PHUC).mark
    assert mark is not None and (mark["reason"], mark["how"]) == ("SAI_TK", "bank")


def test_the_same_file_twice_changes_nothing(posted: District, supervisor: FlaskClient) -> None:
    send(supervisor, csv_file(GOOD))
    answer = send(supervisor, csv_file(GOOD))
    assert "không có gì mới" in text(answer) and "/confirm" not in answer.text
    assert edits(posted) == 1
    with posted.open():
        assert not Conflict.select().exists()


@pytest.mark.parametrize(
    ("wrong", "where", "words"),
    [
        (
            ("LH99999-0001/1", "", "500000", "đã chuyển", ""),
            "5:Mã hồ sơ",
            "Không có khoản nào tháng này mang mã «LH99999-0001/1»",
        ),
        ((line_code("dao"), "", "500000", "đã chuyển", ""), "5:", "không được chi theo cách này tháng này"),
        ((MY, MINE, "1250000", "đã chuyển", ""), "5:", "đã có ở dòng 2"),
        ((MY, MINE, "1250000", "bị trả lại", "KHAC"), "5:", "trái với dòng 2"),
        (("", "123", "500000", "đã chuyển", ""), "5:Số tài khoản", "Không có khoản nào cùng số tài khoản"),
        ((PHUC, THEIRS, "năm trăm", "đã chuyển", ""), "5:Số tiền", "Không đọc được số tiền"),
        ((PHUC, THEIRS, "500000", "có lẽ", ""), "5:Kết quả", "Không hiểu kết quả «có lẽ»"),
        ((PHUC, THEIRS, "500000", "", ""), "5:Kết quả", "không ghi kết quả"),
        ((PHUC, THEIRS, "500000", "bị trả lại", "R99"), "5:Mã lý do", "Không có mã lý do trả lại «R99»"),
        ((PHUC, THEIRS, "500000", "đã chuyển", "SAI_TK"), "5:Mã lý do", "Ghi là đã chuyển nhưng lại có lý do"),
    ],
)
def test_one_wrong_row_refuses_the_whole_file(
    posted: District, supervisor: FlaskClient, wrong: tuple[str, ...], where: str, words: str
) -> None:
    answer = send(supervisor, csv_file([*GOOD, wrong]))
    assert answer.status_code == 422
    assert "Tệp bị từ chối, không ghi gì" in text(answer)
    assert where in text(answer) and words in text(answer)
    assert set(states(posted).values()) == {"planned"} and edits(posted) == 0


@pytest.mark.parametrize("amount", ["499999", "500001"])
def test_one_dong_off_refuses_the_whole_file(posted: District, supervisor: FlaskClient, amount: str) -> None:
    answer = send(supervisor, csv_file([*GOOD[:2], (PHUC, THEIRS, amount, "bị trả lại", "SAI_TK")]))
    assert answer.status_code == 422 and "đã gửi 500.000 đ" in text(answer)
    assert edits(posted) == 0


def test_another_account_than_the_one_sent_refuses_the_whole_file(posted: District, supervisor: FlaskClient) -> None:
    answer = send(supervisor, csv_file([*GOOD[:2], (PHUC, "00009900000008", "500000", "đã chuyển", "")]))
    assert answer.status_code == 422 and "số tài khoản khác với số đã gửi" in text(answer)
    assert edits(posted) == 0


def test_a_file_that_leaves_lines_of_its_bank_out_is_refused(posted: District, supervisor: FlaskClient) -> None:
    answer = send(supervisor, csv_file(GOOD[:1]))
    assert answer.status_code == 422 and f"Thiếu 1 khoản của Agribank chưa có kết quả: {CARE}" in text(answer)
    assert edits(posted) == 0


def test_a_file_of_one_bank_needs_the_lines_of_that_bank_only(posted: District, supervisor: FlaskClient) -> None:
    assert send(supervisor, csv_file(GOOD[:2])).status_code == 200
    assert states(posted) == {MY: "paid", CARE: "paid", PHUC: "planned"}


@pytest.mark.parametrize("cut", [2, 12, 40])
def test_a_file_that_was_cut_short_is_refused(posted: District, supervisor: FlaskClient, cut: int) -> None:
    whole = csv_file(GOOD)
    answer = send(supervisor, whole[: -cut - 2])
    assert answer.status_code == 422
    assert edits(posted) == 0


def test_a_total_that_does_not_add_up_refuses_the_whole_file(posted: District, supervisor: FlaskClient) -> None:
    good = csv_file([*GOOD, ("Tổng cộng", "", "2.250.000", "", "")])
    bad = csv_file([*GOOD, ("Tổng cộng", "", "2.250.001", "", "")])
    assert "Dòng cộng ghi 2.250.001 đ" in text(send(supervisor, bad))
    assert edits(posted) == 0
    assert send(supervisor, good).status_code == 200


def test_a_quoted_cell_that_never_ends_is_a_file_cut_short() -> None:
    with pytest.raises(Truncated):
        read_result(csv_file(GOOD) + b'"LH')


def test_a_file_of_returns_alone_is_matched_by_content_or_by_account_and_amount(posted: District, supervisor: FlaskClient) -> None:
    heading = ("STT", "Nội dung", "Số tài khoản", "Tên người hưởng", "Số tiền", "Mã lý do")
    rows = [
        ("1", f"TCXH T10/2024 {PHUC}", THEIRS, "MOT NGUOI KHAC", "500000", "TK_DONG"),
        ("2", "TCXH T10/2024", MINE, "NGUYEN VAN TAM", "1250000", "KHAC"),
    ]
    content = ("NGÂN HÀNG\nNgày lập: 13/10/2024\n\n" + csv_file(rows, heading, "\t").decode()).encode("utf-16")
    assert "0 khoản đã chi, 2 khoản chưa nhận hoặc bị trả lại" in text(send(supervisor, content))
    assert states(posted) == {MY: "rejected", CARE: "planned", PHUC: "rejected"}


def test_a_name_alone_matches_nobody(posted: District, supervisor: FlaskClient) -> None:
    answer = send(supervisor, csv_file([("TRAN PHUC", "500000", "SAI_TK")], ("Tên người hưởng", "Số tiền", "Mã lý do")))
    assert answer.status_code == 422 and "Không thấy dòng tiêu đề" in text(answer)


def test_two_lines_of_the_same_sum_in_one_account_need_their_code(posted: District, supervisor: FlaskClient) -> None:
    twin = bank_line(posted, MY)
    with posted.open():
        Payment.update(total=twin.total).where(Payment.id == bank_line(posted, CARE).id).execute()
    answer = send(supervisor, csv_file([("", MINE, str(twin.total), "bị trả lại", "KHAC")]))
    assert answer.status_code == 422 and "2 khoản có cùng số tài khoản và số tiền" in text(answer)


def test_an_xlsx_file_names_its_cells(posted: District, supervisor: FlaskClient) -> None:
    rows: list[tuple[object, ...]] = [(MY, MINE, 1250000, "đã chuyển", None), (CARE, 9911112222, 500000.0, "đã chuyển", None)]
    bad = xlsx_file([*rows, (PHUC, THEIRS, 499999, "bị trả lại", "SAI_TK")])
    assert "Kết quả!C6:" in text(send(supervisor, bad, "a.xlsx"))
    assert edits(posted) == 0
    assert send(supervisor, xlsx_file(rows), "a.xlsx").status_code == 200
    assert states(posted)[CARE] == "paid"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Hãy chọn tệp"),
        (b"PK\x03\x04 not a workbook", "bị hỏng"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "không phải là tệp CSV"),
        ("Mã hồ sơ,Số tiền\n".encode("utf-16-le")[:30], "không phải là tệp CSV"),
        ("Mã hồ sơ;Số tiền\nx;1".encode("cp1258", "replace"), "CSV UTF-8"),
        (b"a,b\n1,2\n", "Không thấy dòng tiêu đề"),
        (csv_file([]), "không có dòng kết quả nào"),
    ],
)
def test_what_is_no_result_is_refused_in_a_sentence(posted: District, supervisor: FlaskClient, content: bytes, words: str) -> None:
    answer = send(supervisor, content)
    assert answer.status_code == 422 and words in text(answer)


def test_a_transfer_that_came_back_later_is_taken_back_first(posted: District, supervisor: FlaskClient) -> None:
    send(supervisor, csv_file([*GOOD[:2], (PHUC, THEIRS, "500000", "đã chuyển", "")]))
    assert states(posted)[PHUC] == "paid"
    answer = send(supervisor, csv_file(GOOD[2:]))
    assert "1 khoản chưa nhận hoặc bị trả lại" in text(answer)
    assert states(posted)[PHUC] == "rejected"
    assert "Ngân hàng trả lại: SAI_TK" in text(supervisor.get(f"/payments/{bank_line(posted, PHUC).id}"))


def test_a_transfer_somebody_got_in_cash_too_is_a_double_payment(posted: District, supervisor: FlaskClient) -> None:
    line = bank_line(posted, PHUC)
    counter = {"state": "paid", "how": "counter", "to": "self"}
    assert posted.submit("kiemsoat", "payment", line.id, {"mark": (None, counter)}).fields == {"mark": "applied"}
    answer = send(supervisor, csv_file([(PHUC, THEIRS, "500000", "đã chuyển", "")]))
    assert "1 khoản đã có kết quả khác" in text(answer)
    with posted.open():
        assert [each.type for each in Conflict.select()] == ["double_payment"]


def test_a_held_line_the_bank_paid_is_told(posted: District, supervisor: FlaskClient) -> None:
    posted.report_death("phuc", "2024-09-20")
    answer = send(supervisor, csv_file([(PHUC, THEIRS, "500000", "đã chuyển", "")]))
    assert "1 khoản đang giữ lại nhưng ngân hàng đã chuyển" in text(answer)
    with posted.open():
        assert [each.type for each in Conflict.select().where(Conflict.state == "open")] == ["paid_on_hold"]


def test_the_rest_was_paid(posted: District, supervisor: FlaskClient) -> None:
    posted.report_death("phuc", "2024-09-20")
    page = supervisor.get(URL)
    assert "Ghi 2 khoản còn lại là đã chuyển" in text(page)
    token = re.search(r'/remaining".*?name="_edit" value="([^"]+)"', page.text, re.DOTALL)
    assert token
    for _ in range(2):
        supervisor.post(f"{URL}/remaining", data={"month": MONTH, "_edit": token[1]})
    assert states(posted) == {MY: "paid", CARE: "paid", PHUC: "withheld"}
    assert edits(posted) == 1
    send(supervisor, csv_file(GOOD[:2]))
    assert edits(posted) == 1


@pytest.mark.parametrize("who", ["chitra", "xa", "huyen", "lanhdao", "giamsat"])
def test_only_the_supervisor_hands_in_a_result(posted: District, who: str) -> None:
    client = posted.client(who)
    tries: list[Callable[[], TestResponse]] = [
        lambda: client.get(URL),
        lambda: client.post(f"{URL}/{'0' * 64}/confirm", data={"month": MONTH}),
        lambda: client.post(f"{URL}/remaining", data={"month": MONTH}),
        lambda: send(client, csv_file(GOOD)),
    ]
    assert {attempt().status_code for attempt in tries} == {403}


def test_reasons_are_those_of_the_law() -> None:
    assert {"SAI_TK", "KHAC"} <= {reason.code for reason in payment.reasons_of("returned")}
    assert set(result_check.PAID_WORDS).isdisjoint(result_check.REJECTED_WORDS)


def test_nothing_is_booked_before_somebody_says_yes(posted: District, supervisor: FlaskClient) -> None:
    page = look(supervisor, csv_file(GOOD))
    assert page.status_code == 200 and "Xem trước khi ghi" in text(page)
    assert "2 khoản đã chi, 1.750.000 đ" in text(page) and "1 khoản bị trả lại, 500.000 đ" in text(page)
    assert PHUC in text(page) and "Sai số tài khoản" in text(page)
    assert edits(posted) == 0 and set(states(posted).values()) == {"planned"}
    assert "Đã ghi kết quả" in text(say_yes(supervisor, page))
    assert "ket-qua.csv" in text(supervisor.get(URL))
    again = say_yes(supervisor, page)
    assert "đã được ghi, hoặc đã chờ quá một ngày" in text(again) and edits(posted) == 1


def test_what_is_read_otherwise_has_to_be_confirmed(posted: District, supervisor: FlaskClient) -> None:
    heading = ("Nội dung", "Số tài khoản", "Số tiền", "Mã lý do")
    page = look(supervisor, csv_file([("TCXH T10/2024", MINE, "1250000", "KHAC")], heading))
    assert f"theo số tài khoản và số tiền thì đó là {MY}" in text(page) and "Cần bạn xác nhận" in text(page)
    assert say_yes(supervisor, page).status_code == 422 and edits(posted) == 0
    assert say_yes(supervisor, page, seen_asks="1").status_code == 200
    assert states(posted)[MY] == "rejected"


def test_a_file_belongs_to_who_handed_it_in(posted: District, supervisor: FlaskClient) -> None:
    page = look(supervisor, csv_file(GOOD))
    address = re.search(r'action="(/payments/bank-result/[0-9a-f]+/confirm)"', page.text)
    assert address
    with posted.open():
        from portal.models.result_file import ResultUpload

        ResultUpload.update(account="someone").execute()
    supervisor.post(address[1], data={"month": MONTH})
    assert edits(posted) == 0


def test_a_line_marked_after_the_look_sends_the_file_back_to_be_looked_at(posted: District, supervisor: FlaskClient) -> None:
    page = look(supervisor, csv_file(GOOD))
    line = bank_line(posted, PHUC)
    with posted.open():
        from portal import bank_result as noun

        stale = noun.check(MONTH, None, read_result(csv_file(GOOD)))
        assert posted.submit("kiemsoat", "payment", line.id, {"mark": (None, {"state": "rejected", "how": "bank", "reason": "KHAC"})}).fields == {
            "mark": "applied"
        }
        done = noun.apply(posted.actor("kiemsoat", "form:late"), NOW, MONTH, stale, name="x")
        assert done.changed and done.paid == 0
    assert states(posted) == {MY: "planned", CARE: "planned", PHUC: "rejected"}
    say_yes(supervisor, page)
    assert states(posted) == {MY: "paid", CARE: "paid", PHUC: "rejected"}


def test_the_post_offices_own_file_is_read_too(posted: District, supervisor: FlaskClient) -> None:
    with posted.open():
        cash = payment.page(MONTH, None, Filter(method="cash", commune="18568")).lines
    heading = ("STT", "Mã hồ sơ", "Họ tên", "Số tiền", "Đã nhận", "Chưa nhận", "Lý do chưa nhận", "Người nhận")
    rows = [(str(n), line.line_code, line.full_name, str(line.total), "x", "", "", line.full_name) for n, line in enumerate(cash, 1)]
    rows[0] = (*rows[0][:4], "", "x", "Đi vắng", "")
    left = look(supervisor, csv_file(rows[:-1], heading))
    assert left.status_code == 422 and cash[-1].line_code in text(left)
    answer = send(supervisor, csv_file(rows, heading))
    assert f"{len(rows) - 1} khoản đã chi, 1 khoản chưa nhận" in text(answer)
    with posted.open():
        marked = {line.id: line.mark for line in payment.page(MONTH, None, Filter(method="cash", commune="18568")).lines}
    assert (marked[cash[0].id] or {}).get("reason") == "VANG_MAT"
    assert all((marked[line.id] or {}).get("how") == "counter" for line in cash[1:])


def test_a_files_marks_stand_in_the_history_of_line_and_person(posted: District, supervisor: FlaskClient) -> None:
    send(supervisor, csv_file(GOOD), "agribank.csv")
    line = bank_line(posted, PHUC)
    assert "agribank.csv" in text(supervisor.get(f"/payments/{line.id}"))
    assert "agribank.csv" in text(supervisor.get(f"/people/{line.person}"))


def test_two_lines_of_a_person_in_one_file_do_not_share_an_id_on_the_page(posted: District, supervisor: FlaskClient) -> None:
    send(supervisor, csv_file(GOOD))
    page = supervisor.get(f"/people/{bank_line(posted, MY).person}").text
    assert page.count("ket-qua.csv") == 2
    ids = re.findall(r'<li id="(e\d+)"', page)
    assert len(ids) == len(set(ids)) > 0


def test_the_register_is_what_the_journal_says_with_a_file_in_it(posted: District, supervisor: FlaskClient) -> None:
    send(supervisor, csv_file(GOOD))
    with posted.open():
        assert verify(door.store()).is_whole
