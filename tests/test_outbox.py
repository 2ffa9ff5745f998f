"""What somebody sent and what became of it: nothing is told "done" that is not, and every no says why and who decides."""

from __future__ import annotations

import re

import pytest

from portal import door, outbox
from portal.models.account import Account
from sync.ids import uuid7
from sync.kinds.change import shown_digest
from tests.conflicts import PAID, mark, newest, posted, two_phones
from tests.district import NOW, District, person_id
from tests.sync.devices import Device

DAO, UT = person_id("dao"), person_id("ut")
PHONE = "0510000001"


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def items(district: District, who: str, query: str = "") -> list[str]:
    page = district.client(who).get(f"/outbox{query}")
    assert page.status_code == 200
    listed = page.text.partition('<ol class="log">')[2].partition("</ol>")[0]
    return [text(part) for part in re.split(r'<li id="e\d+">', listed)[1:]]


def decide(district: District, change: str, verdict: str, who: str = "huyen", reason: str = "") -> None:
    with district.open():
        shelf = door.shelf()
        record = shelf.get("change", change)
        assert record is not None
        decision = {"verdict": verdict, "digest": shown_digest(shelf, record), "reason": reason}
    assert district.submit(who, "change", change, {"decision": (None, decision)}).fields == {"decision": "applied"}


def proposal(district: District, person: str = DAO) -> str:
    with district.open():
        (found,) = door.shelf().where("change", {"target": person})
        return found.id


def test_each_outcome_is_told_by_field(each_district: District) -> None:
    phone = Device(each_district, "xa")
    phone.push(
        phone.edit("person", DAO, {"phone": [PHONE, "0912345678"], "note": [None, None]}, why="Gọi kiểm tra"),
        phone.edit("person", DAO, {"full_name": ["Nguyễn Thị Đào", "Nguyễn Thị Đáo"]}),
        phone.edit("person", DAO, {"phone": [PHONE, "0388888888"]}),
    )
    conflict, proposed, applied = items(each_district, "xa")
    assert (
        "0510000001 → 0912345678 ✓ Đã ghi" in applied
        and "Lý do: Gọi kiểm tra" in applied
        and "Ghi chú: (bỏ trống) ✓ Đã đúng như vậy" in applied
    )
    assert "Nguyễn Thị Đào → Nguyễn Thị Đáo ◔ Đã gửi, chờ duyệt" in proposed
    assert "Người duyệt: Lãnh đạo phê duyệt, Chuyên viên huyện." in proposed
    assert "0388888888 ≠ Không khớp, giữ cả hai" in conflict and "Chờ làm rõ bởi Cán bộ xã, Chuyên viên huyện." in conflict
    assert f"/conflicts/{newest(each_district)}" in each_district.client("xa").get("/outbox").text


def test_a_refusal_says_why_and_what_to_do(district: District) -> None:
    phone = Device(district, "xa")
    phone.push(
        phone.edit("person", DAO, {"phone": [PHONE, "12"]}),
        phone.edit("person", UT, {"phone": [None, "0912345678"]}),
        phone.edit("person", DAO, {"status": ["active", "dead"]}),
        {"n": 9, "kind": "person"},
    )
    unreadable, forbidden, unknown, wrong = items(district, "xa")
    assert "Số điện thoại: Số điện thoại bắt đầu bằng 0 và có 10 chữ số." in wrong and "Số điện thoại: 12" in wrong
    assert "Không tìm thấy hồ sơ này trong địa bàn của bạn." in unknown
    assert "Võ Thị Út" not in unknown
    assert "Bạn không có quyền làm việc này." in forbidden
    assert "Máy chủ không đọc được mục này." in unreadable
    assert all("Cần bạn xem" in item for item in (unreadable, forbidden, unknown, wrong))


@pytest.mark.parametrize(
    ("verdict", "said"),
    [("approve", "Đã duyệt"), ("reject", "Không duyệt vì: Sai giấy tờ (Người huyen"), ("return", "Hỏi lại bạn Sai giấy tờ")],
)
def test_a_proposal_s_fate_is_followed(district: District, verdict: str, said: str) -> None:
    assert district.submit("xa", "person", DAO, {"birth": ("1938", "1937")}).fields == {"birth": "proposed"}
    decide(district, proposal(district), verdict, reason="" if verdict == "approve" else "Sai giấy tờ")
    (item,) = items(district, "xa")
    assert said in item
    assert ("Cần bạn xem" in item) is (verdict != "approve")


def test_a_conflict_s_end_is_told_to_its_author(district: District) -> None:
    conflict = two_phones(district)
    with district.open():
        from sync.kinds.conflict import shown_digest as digest_of

        shelf = door.shelf()
        record = shelf.get("conflict", conflict)
        assert record is not None
        resolution = {"choice": "current", "digest": digest_of(shelf, record), "note": "Đã gọi số này"}
    assert district.submit("xa", "conflict", conflict, {"resolution": (None, resolution)}).fields == {"resolution": "applied"}
    (item,) = items(district, "huyen")
    assert "Đã làm rõ giữ giá trị đã có, không ghi giá trị của bạn (Người xa" in item and "Đã gọi số này" in item and "Cần bạn xem" in item
    assert items(district, "huyen", "?show=attention") == [item]


def test_a_lower_mark_is_kept_and_an_exception_is_followed(district: District) -> None:
    posted(district)
    mark(district, "chitra", PAID)
    mark(district, "chitra", {"state": "uncollected", "reason": "vắng nhà"})
    lower, paid = items(district, "chitra")
    assert "Đã có kết quả cao hơn" in lower
    assert "Đã ghi" in paid and "Chờ làm rõ bởi Chuyên viên huyện, Kiểm soát bưu điện." in paid
    assert "/conflicts/" not in district.client("chitra").get("/outbox").text


def test_a_new_person_waits_and_is_followed(district: District) -> None:
    new = {"id": uuid7(), "full_name": "Võ Văn Mới", "birth": "1940", "sex": "M", "commune": "18568", "payment_method": {"method": "cash"}}
    pairs = {"reason": (None, "MOI"), "category": (None, "5.5c"), "new_person": (None, new)}
    change = uuid7()
    assert district.submit("xa", "change", change, pairs, create=True).status == "accepted"
    (item,) = items(district, "xa")
    assert "Chờ duyệt" in item and "Người duyệt:" in item
    assert f"/changes/{change}" in district.client("xa").get("/outbox").text


def test_what_needs_me_is_found_beyond_a_page(district: District) -> None:
    phone = Device(district, "xa")
    phone.push(phone.edit("person", DAO, {"phone": [PHONE, "12"]}))
    phone.push(*(phone.edit("person", DAO, {"note": [None, None]}) for _ in range(260)))
    (item,) = items(district, "xa", "?show=attention")
    assert "12" in item
    with district.open():
        account = Account.get(Account.name == "xa")
        assert outbox.needing(account, NOW) == 1


def test_pages_go_by_number_and_end(district: District) -> None:
    phone = Device(district, "xa")
    results = phone.push(*(phone.edit("person", DAO, {"note": [None, None]}) for _ in range(120)))
    path, seen = "/outbox", []
    client = district.client("xa")
    while path:
        page = client.get(path).text
        seen += [int(seq) for seq in re.findall(r'<li id="e(\d+)">', page)]
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert seen == sorted((result["version"] for result in results), reverse=True)
    assert client.get("/outbox?before=x").status_code == 200


def test_everybody_sees_their_own_only(district: District) -> None:
    two_phones(district)
    assert len(items(district, "xa")) == len(items(district, "huyen")) == 1
    assert items(district, "xa2") == []
    assert district.client("giamsat").get("/outbox").status_code == 403
