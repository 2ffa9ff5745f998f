"""The ledger on pages: found and added up, entries taken and refused, who sees what, and what waits for whom."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from flask.testing import FlaskClient

from portal import door, recovery, verify
from portal.home import Waiting
from portal.models.account import Account
from portal.recovery import Filter
from tests.district import NOW, District, account_name, person_id
from tests.overpaying import overpaid, recovery_id, tell
from tests.proposing import Fields, text

FULL = 500_000
CASE = recovery_id("dao")
PATH = f"/recoveries/{CASE}"


@pytest.fixture
def owing(district: District) -> District:
    """October was paid to somebody who died in September."""
    tell(district, "post 10, pay 10, report 09-20")
    return district


def write(client: FlaskClient, type_: str, **typed: str) -> Any:
    """Opens the form of an entry and sends it."""
    page = client.get(f"{PATH}?entry={type_}").text
    fields = Fields(page, f"{PATH}/entries").found
    return client.post(f"{PATH}/entries", data={**fields, "day": "20/10/2024", **typed})


def press(client: FlaskClient, action: str, **typed: str) -> Any:
    """Sends one of the small forms of the page."""
    return client.post(action, data={**Fields(client.get(PATH).text, action).found, **typed})


def listed(here: District, who: str, **wanted: str) -> recovery.Page:
    with here.open():
        return recovery.listed(here.actor(who), Filter(**wanted))


def waits(here: District, who: str, now: datetime = NOW) -> list[tuple[str, int]]:
    with here.open():
        found: list[Waiting] = recovery.waiting(Account.get(Account.name == account_name(who)), now)
    return [(each.label, each.count) for each in found if each.count]


def test_the_case_tells_months_sums_and_why(owing: District) -> None:
    page = text(owing.client("huyen").get(PATH).text)
    for told in ("Tháng 10/2024", "500.000 đ", "Năm trăm nghìn đồng", "Thôi hưởng từ tháng 10/2024", "không tự trừ vào khoản chi nào"):
        assert told in page, told


def test_from_letter_to_budget_and_closing(owing: District) -> None:
    client = owing.client("huyen")
    assert write(client, "letter", number="15/LĐTBXH", party="Con trai ông").status_code == 303
    assert write(client, "repayment", amount="200.000", number="BL 07", party="Con trai").status_code == 303
    page = client.get(PATH).text
    assert "Còn phải thu 300.000 đ (bằng chữ: Ba trăm nghìn đồng)" in text(page)
    assert "Đang giữ 200.000 đ (bằng chữ: Hai trăm nghìn đồng), chờ nộp ngân sách" in text(page)
    too_much = write(client, "handover", amount="200.001", number="GNT 1", party="Kho bạc")
    assert too_much.status_code == 422
    assert "Số tiền lớn hơn" in too_much.text
    assert "GNT 1" in too_much.text, "what was typed is kept"
    assert write(client, "handover", amount="200.000", number="GNT 1", party="Kho bạc").status_code == 303
    head = owing.client("lanhdao")
    assert press(head, f"{PATH}/end").status_code == 422, "no reason"
    assert press(head, f"{PATH}/end", why="Hộ nghèo, không còn khả năng").status_code == 303
    assert "không thu hồi được 300.000 đ" in text(head.get(PATH).text)
    assert "?entry=" not in client.get(PATH).text
    assert press(head, f"{PATH}/end", why="Gia đình trả thêm").status_code == 303
    assert owing.value("recovery", CASE, "state") == "open"


def test_the_letter_names_months_sums_and_the_reason(owing: District) -> None:
    client = owing.client("huyen")
    write(client, "repayment", amount="200.000", number="BL 07")
    assert f"{PATH}/letter.docx" in client.get(PATH).text
    answer = client.get(f"{PATH}/letter.docx")
    assert answer.status_code == 200
    said = "\n".join(paragraph.text for paragraph in Document(BytesIO(answer.data)).paragraphs)
    for told in (
        "Nguyễn Thị Đào",
        "từ tháng 10/2024 (lý do: chết)",
        "Tháng 10/2024: 500.000 đồng",
        "300.000 đồng (bằng chữ: ba trăm nghìn đồng)",
    ):
        assert told in said, said
    assert owing.client("xa").get(f"{PATH}/letter.docx").status_code == 403


def test_an_entry_is_cancelled_with_a_reason_and_stays_to_be_seen(owing: District) -> None:
    client = owing.client("huyen")
    write(client, "repayment", amount="100.000", number="BL 07")
    entry = next(part for part in client.get(PATH).text.split("/entries/")[1:])[:36]
    action = f"{PATH}/entries/{entry}/cancellation"
    assert press(client, action, why="").status_code == 422
    assert press(client, action, why="Ghi nhầm người").status_code == 303
    page = text(client.get(PATH).text)
    assert "Ghi nhầm người" in page
    assert owing.value("recovery", CASE, "repaid") == 0


def test_a_form_sent_twice_is_one_entry(owing: District) -> None:
    client = owing.client("huyen")
    fields = Fields(client.get(f"{PATH}?entry=repayment").text, f"{PATH}/entries").found
    sent = {**fields, "day": "20/10/2024", "amount": "100000", "number": "BL 07"}
    assert [client.post(f"{PATH}/entries", data=sent).status_code for _ in range(2)] == [303, 303]
    assert owing.value("recovery", CASE, "repaid") == 100_000


def test_what_the_commune_reports_waits_for_the_district(owing: District) -> None:
    commune, district = owing.client("xa"), owing.client("huyen")
    assert "?entry=handover" not in commune.get(PATH).text
    assert write(commune, "reply", note="Gia đình hẹn cuối tháng").status_code == 303
    assert write(commune, "repayment", amount="500.000", number="BL 07").status_code == 303
    assert waits(owing, "huyen")[0] == ("Khoản thu hồi chờ xác nhận", 1)
    assert "Khoản thu hồi chờ xác nhận" in district.get("/").text
    entry = district.get(PATH).text.split("/confirmation")[0][-36:]
    assert press(commune, f"{PATH}/entries/{entry}/cancellation", why="").status_code == 422
    assert commune.post(f"{PATH}/entries/{entry}/confirmation").status_code == 403
    assert press(district, f"{PATH}/entries/{entry}/confirmation").status_code == 303
    assert owing.value("recovery", CASE, "repaid") == FULL
    assert waits(owing, "lanhdao") == []
    write(district, "handover", amount="500.000", number="GNT 1")
    assert waits(owing, "lanhdao") == [("Khoản thu hồi đã đủ, chờ kết thúc", 1)]


def test_two_at_once_the_second_is_told(owing: District) -> None:
    client = owing.client("huyen")
    first = Fields(client.get(PATH).text, f"{PATH}/holder").found
    assert client.post(f"{PATH}/holder", data={**first, "_edit": "one", "holder": "account"}).status_code == 303
    assert client.post(f"{PATH}/holder", data={**first, "_edit": "two", "holder": "post_office"}).status_code == 409
    assert owing.value("recovery", CASE, "holder") == "account"


def test_who_sees_what(owing: District) -> None:
    for who, status in (("huyen", 200), ("lanhdao", 200), ("giamsat", 200), ("xa", 200), ("xa2", 404), ("kiemsoat", 404), ("chitra", 403)):
        assert owing.client(who).get(PATH).status_code == status, who
    for who in ("xa2", "kiemsoat"):
        assert listed(owing, who).total.count == 0
        assert "Nguyễn Thị Đào" not in owing.client(who).get("/recoveries?state=all").text
    assert press(owing.client("huyen"), f"{PATH}/holder", holder="account").status_code == 303
    post = owing.client("kiemsoat")
    assert "Nguyễn Thị Đào" in post.get("/recoveries").text
    assert post.get(PATH).status_code == 200
    assert owing.client("quantri").get("/recoveries").status_code == 403
    assert owing.client("giamsat").post(f"{PATH}/entries", data={"type": "letter"}).status_code == 403


def test_found_without_diacritics_and_added_up(owing: District) -> None:
    tell(owing, "pay 10, report 09-02", "ut")
    assert overpaid(owing, "ut") == {"2024-10": FULL}
    everyone = listed(owing, "huyen")
    assert (everyone.total.count, everyone.total.overpaid, everyone.total.owed) == (2, 2 * FULL, 2 * FULL)
    assert [row.name for row in everyone.rows] == ["Nguyễn Thị Đào", "Võ Thị Út"]
    for words in ("dao", "ĐÀO", "nguyen dao", "lh18568"):
        assert [row.name for row in listed(owing, "huyen", words=words).rows] == ["Nguyễn Thị Đào"], words
    assert listed(owing, "huyen", commune="18580").total.count == 1
    assert listed(owing, "huyen", state="closed").total.count == 0
    assert listed(owing, "huyen", state="unasked").total.count == 2
    write(owing.client("huyen"), "letter", number="15", party="Gia đình")
    assert [row.name for row in listed(owing, "huyen", state="unasked").rows] == ["Võ Thị Út"]
    with owing.open():
        first = recovery.listed(owing.actor("huyen"), Filter(), size=1)
        second = recovery.listed(owing.actor("huyen"), Filter(), first.after, size=1)
    assert ([row.name for row in second.rows], second.after) == (["Võ Thị Út"], "")
    assert "Cộng 2 khoản" in text(owing.client("huyen").get("/recoveries").text)


def test_each_view_on_each_database_and_the_journal_plays_the_ledger_again(each_district: District) -> None:
    tell(each_district, "post 10, pay 10, report 09-20")
    client, commune = each_district.client("huyen"), each_district.client("xa")
    write(client, "letter", number="15", party="Gia đình")
    write(client, "repayment", amount="200.000", number="BL 07")
    write(commune, "repayment", amount="100.000", number="BL 08")
    counts = {state: listed(each_district, "huyen", state=state).total.count for state in recovery.VIEWS}
    assert counts == {"open": 1, "owed": 1, "held": 1, "unasked": 0, "unconfirmed": 1, "closed": 0, "all": 1}
    assert waits(each_district, "huyen") == [("Khoản thu hồi chờ xác nhận", 1)]
    assert listed(each_district, "xa", words="đào", holder="family", commune="18568").total.held == 200_000
    assert client.get(PATH).status_code == 200
    with each_district.open():
        assert verify.verify(door.store()).is_whole


def test_the_person_page_leads_to_it(owing: District) -> None:
    assert PATH in owing.client("xa").get(f"/people/{person_id('dao')}").text
    assert PATH not in owing.client("kiemsoat").get(f"/people/{person_id('dao')}").text


def test_the_decision_and_the_exception_lead_to_it(owing: District) -> None:
    """The death's page, and the question that a payment after the exit raises."""
    client = owing.client("huyen")
    with owing.open():
        (death,) = door.shelf().where("change", {"person": person_id("dao")})
        asked = [c for c in door.shelf().where("conflict", {"state": "open"}) if c["type"] == "paid_after_stop"]
    assert len(asked) == 1
    for page in (f"/changes/{death.id}", f"/conflicts/{asked[0].id}"):
        link = re.search(r'href="(/recoveries\?[^"]+)"', client.get(page).text)
        assert link, page
        assert PATH in client.get(unescape(link[1])).text


def test_the_persons_history_tells_it_to_those_who_may_know(owing: District) -> None:
    client = owing.client("huyen")
    write(client, "repayment", amount="123.000", number="BL 07")
    page = text(client.get(f"/people/{person_id('dao')}").text)
    assert "123.000 đ" in page
    assert "Chi thừa" in page
    agent = text(owing.client("chitra").get(f"/people/{person_id('dao')}").text)
    assert "123.000 đ" not in agent
    assert "Chi thừa" not in agent


def test_what_was_collected_too_much_is_said(owing: District) -> None:
    client = owing.client("huyen")
    write(client, "repayment", amount="500.000", number="BL 07")
    tell(owing, "undo 10")
    page = text(client.get(PATH).text)
    assert "phải trả lại" in page
    assert "500.000 đ → 0 đ" in page
    assert "không còn là chi thừa" in page
    assert write(client, "refund", amount="500.000", number="PC 02", party="Con trai").status_code == 303
    assert "Không còn phải thu" in text(client.get(PATH).text)
