"""Payments: an agent's marks, lines held back, undo and release, what each role may see, and that a click counts once."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from unittest.mock import Mock

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import clock, payment, schedule
from portal.models.account import Account
from portal.models.conflict import Conflict
from portal.models.journal import Journal
from portal.models.payment import Payment
from portal.payment import Filter
from portal.schedule import Session
from sync.text import sort_key
from tests.arranged import add_session, post_list
from tests.district import MONTH, NOW, District, line_code, person_id

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def text(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.text)).split())


@pytest.fixture
def posted(district: District) -> District:
    """October posted: one session in TDP 2, one in TDP 1, one for the whole of Thạch Kim."""
    add_session(district, hamlets=["TDP 2"], place="Nhà văn hóa TDP 2")
    add_session(district, f"{MONTH}-11", hamlets=["TDP 1"])
    add_session(district, f"{MONTH}-11", "18580", agent="chitra2")
    post_list(district)
    return district


@pytest.fixture
def agent(posted: District) -> FlaskClient:
    return posted.client("chitra")


def session_of(district: District, commune: str = "18568", number: int = 0) -> Session:
    with district.open():
        return schedule.sessions(MONTH, frozenset({commune}))[number]


def line(district: District, key: str, number: int = 1) -> payment.Line:
    with district.open():
        (found,) = payment.page(MONTH, None, Filter(query=line_code(key, number))).lines
        return found


def path(district: District, key: str) -> str:
    return f"/payments/{line(district, key).id}"


def row(client: FlaskClient, district: District, key: str, number: int = 0) -> str:
    """The row of a person on the page of a session of their commune."""
    found = line(district, key)
    page = client.get(f"/payments/sessions/{session_of(district, found.commune, number).id}").text
    match = re.search(rf'<tr id="row-{found.id}">.*?</tr>', page, re.DOTALL)
    assert match, f"{key} is not on the page"
    return match[0]


def form_of(html: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)}


def press(client: FlaskClient, district: District, key: str, said: str, number: int = 0, **more: str) -> TestResponse:
    """Presses a button in a person's row, as htmx sends it."""
    form = form_of(row(client, district, key, number)) | {"mark": said, **more}
    return client.post(f"{path(district, key)}/marks", data=form, headers=PARTIAL)


def entries(district: District, key: str) -> int:
    found = line(district, key).id
    with district.open():
        return Journal.select().where(Journal.record == found).count()


def test_a_session_lists_its_own_people_by_hamlet_and_vietnamese_name_order(posted: District, agent: FlaskClient) -> None:
    page = text(agent.get(f"/payments/sessions/{session_of(posted).id}"))
    names = re.findall(r"(Lê Văn An|Nguyễn Văn Bình|Nguyễn Văn Hòa|Trần Phúc|Nguyễn Thị Đào|Võ Thị Út) sinh", page)
    # Trần Phúc is paid into an account; Đào belongs to the session of TDP 1.
    assert names == sorted(["Lê Văn An", "Nguyễn Văn Bình", "Nguyễn Văn Bình", "Nguyễn Văn Hòa"], key=sort_key)
    assert "sinh 1990" in page and "750.000 đ" in page and "Nhà văn hóa TDP 2" in page


def test_what_helps_to_find_the_person_and_who_may_receive_it(posted: District) -> None:
    posted.submit("xa2", "person", person_id("yen"), {"locator": (None, "Cạnh giếng làng, cổng xanh")})
    html = row(posted.client("chitra2"), posted, "yen")
    assert "Cạnh giếng làng, cổng xanh" in html and "Bùi Văn Nam" in html and "con trai" in html and "đến 31/12/2025" in html
    assert "Người nhận thay đã nhận" in html
    assert "Chi tại nhà" in row(posted.client("chitra"), posted, "duong", 1)


@pytest.mark.parametrize("who", ["chitra", "kiemsoat"])
def test_the_post_office_never_reads_why_somebody_is_paid(posted: District, who: str) -> None:
    client = posted.client(who)
    every = [client.get(f"/payments/sessions/{session_of(posted).id}"), client.get(path(posted, "an")), client.get("/payments")]
    for answer in every:
        assert answer.status_code == 200
        assert not re.search(r"5\.8|HIV|khuyết tật|Hệ số|hệ số", answer.text)


@pytest.mark.parametrize(
    ("said", "expected", "words"),
    [
        ("counter", {"state": "paid", "how": "counter", "to": "self"}, "tại quầy"),
        ("home", {"state": "paid", "how": "home", "to": "self"}, "tại nhà"),
        ("alternate", {"state": "paid", "how": "counter", "to": "alternate"}, "người nhận thay nhận"),
        ("uncollected", {"state": "uncollected", "reason": "VANG_MAT"}, "Vắng mặt"),
    ],
)
def test_each_button_makes_its_mark_and_the_row_says_so(posted: District, said: str, expected: dict[str, str], words: str) -> None:
    client = posted.client("chitra2")
    answer = press(client, posted, "yen", said, reason="VANG_MAT")
    assert answer.status_code == 200
    made = dict(line(posted, "yen").mark or {})
    assert clock.local_date(clock.from_utc_text(made.pop("at"))) == NOW.date() and made == expected
    assert "Đã ghi." in text(answer) and words in text(answer)
    assert answer.text.lstrip().startswith("<tr")
    assert '<div id="totals" hx-swap-oob="true">' in answer.text
    with posted.open():
        sums = payment.session_sums(session_of(posted, "18580"))
    assert sums.counts[expected["state"]] == 1 and sums.count == 4 and sums.amount == sum(sums.amounts.values())


def test_money_handed_to_a_guardian_is_marked_as_such(posted: District) -> None:
    with posted.open():
        made = payment.wanted_mark(line(posted, "my", 2), "counter", "", NOW)
    assert made["to"] == "guardian"


def test_not_collected_needs_a_reason(posted: District, agent: FlaskClient) -> None:
    answer = press(agent, posted, "hoa", "uncollected", reason="")
    assert answer.status_code == 422 and "Hãy chọn lý do chưa nhận" in text(answer)
    assert line(posted, "hoa").state == "planned"


def test_without_javascript_the_answer_is_the_page_with_a_sentence(posted: District, agent: FlaskClient) -> None:
    form = form_of(row(agent, posted, "hoa")) | {"mark": "counter", "at": "q=hoa"}
    answer = agent.post(f"{path(posted, 'hoa')}/marks", data=form)
    assert answer.status_code == 303
    assert answer.location == f"/payments/sessions/{session_of(posted).id}?q=hoa#row-{line(posted, 'hoa').id}"
    assert "Nguyễn Văn Hòa: Đã ghi." in text(agent.get(answer.location.partition("#")[0]))


def test_a_double_click_is_one_edit_even_when_a_second_passes_between(
    posted: District, agent: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = form_of(row(agent, posted, "hoa")) | {"mark": "counter"}
    for seconds in (0, 3):
        moment = NOW + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", Mock(return_value=moment))
        answer = agent.post(f"{path(posted, 'hoa')}/marks", data=form, headers=PARTIAL)
        assert "Đã ghi." in text(answer)
    assert entries(posted, "hoa") == 1
    with posted.open():
        assert not Conflict.select().exists()


def test_two_who_paid_the_same_person_are_told_who_decides(posted: District, agent: FlaskClient) -> None:
    other = posted.client("kiemsoat")
    stale = form_of(row(other, posted, "hoa")) | {"mark": "home"}
    press(agent, posted, "hoa", "counter")
    answer = other.post(f"{path(posted, 'hoa')}/marks", data=stale, headers=PARTIAL)
    assert "cơ quan chi trả hoặc kiểm soát bưu điện sẽ làm rõ" in text(answer)
    assert (line(posted, "hoa").mark or {})["how"] == "counter"
    with posted.open():
        assert [each.type for each in Conflict.select()] == ["double_payment"]


def test_a_lower_mark_that_comes_late_changes_nothing(posted: District, agent: FlaskClient) -> None:
    stale = form_of(row(agent, posted, "hoa")) | {"mark": "uncollected", "reason": "VANG_MAT"}
    press(agent, posted, "hoa", "counter")
    answer = agent.post(f"{path(posted, 'hoa')}/marks", data=stale, headers=PARTIAL)
    assert "đã có kết quả cao hơn" in text(answer)
    assert line(posted, "hoa").state == "paid"


def test_somebody_not_collected_may_still_be_paid(posted: District, agent: FlaskClient) -> None:
    press(agent, posted, "hoa", "uncollected", reason="OM_YEU")
    assert "Ốm yếu" in row(agent, posted, "hoa")
    press(agent, posted, "hoa", "home")
    assert line(posted, "hoa").state == "paid"


def test_several_at_once_paid_at_the_counter(posted: District, agent: FlaskClient) -> None:
    of = session_of(posted)
    page = agent.get(f"/payments/sessions/{of.id}").text
    chosen = re.findall(r'name="line" value="([^"]+)" form="several"', page)
    assert len(chosen) == 4
    token = re.search(r'<form id="several".*?name="_edit" value="([^"]+)"', page, re.DOTALL)
    assert token
    for _ in range(2):
        answer = agent.post(f"/payments/sessions/{of.id}/marks", data={"_edit": token[1], "line": chosen[:3]}, follow_redirects=True)
        assert "Đã ghi 3 người nhận tại quầy" in text(answer)
    with posted.open():
        assert payment.session_sums(of).counts == {"planned": 1, "paid": 3, "uncollected": 0, "rejected": 0, "withheld": 0}
        assert Journal.select().where(Journal.record.in_(chosen)).count() == 3


def test_nobody_chosen_marks_nobody(posted: District, agent: FlaskClient) -> None:
    answer = agent.post(f"/payments/sessions/{session_of(posted).id}/marks", data={"_edit": "x"}, follow_redirects=True)
    assert "Chưa chọn người nào" in text(answer)


def test_a_death_reported_meanwhile_withholds_at_once(posted: District, agent: FlaskClient) -> None:
    stale = form_of(row(agent, posted, "hoa")) | {"mark": "counter"}
    posted.report_death("hoa", "2024-09-20")
    html = row(agent, posted, "hoa")
    assert "Báo đã mất — không chi" in unescape(html) and 'class="primary"' not in html.partition("<details>")[0]
    assert 'name="line"' not in html
    # Money that was handed over before the news is a fact; it is recorded and somebody has to settle it.
    answer = agent.post(f"{path(posted, 'hoa')}/marks", data=stale, headers=PARTIAL)
    assert "dù khoản này đang giữ lại" in text(answer)
    assert line(posted, "hoa").state == "paid"
    with posted.open():
        assert [each.type for each in Conflict.select().where(Conflict.state == "open")] == ["paid_on_hold"]


def test_the_month_of_death_is_still_due_and_says_so(posted: District, agent: FlaskClient) -> None:
    posted.report_death("hoa", "2024-10-03")
    assert "tháng này vẫn còn được hưởng" in unescape(row(agent, posted, "hoa"))


def test_a_line_of_somebody_elses_session_is_taken_and_reported(posted: District) -> None:
    with posted.open():
        Account.update(unit="448-BD").where(Account.name == "chitra2").execute()
    client = posted.client("chitra2")
    assert "Phiên này giao cho Người chitra" in text(client.get(f"/payments/sessions/{session_of(posted).id}"))
    assert "không thuộc phiên của bạn" in text(press(client, posted, "hoa", "counter"))
    with posted.open():
        assert [each.type for each in Conflict.select()] == ["not_assigned"]


def test_a_paid_line_is_taken_back_by_the_supervisor_with_a_reason(posted: District, agent: FlaskClient) -> None:
    press(agent, posted, "hoa", "counter")
    target = path(posted, "hoa")
    supervisor = posted.client("kiemsoat")
    form = form_of(supervisor.get(target).text.partition("/undo")[2])
    assert supervisor.post(f"{target}/undo", data={**form, "why": " "}).status_code == 422
    assert agent.post(f"{target}/undo", data={**form, "why": "x"}).status_code == 403
    answer = supervisor.post(f"{target}/undo", data={**form, "why": "Bấm nhầm dòng"}, follow_redirects=True)
    assert "Đã rút lại" in text(answer) and "Bấm nhầm dòng" in text(answer)
    assert line(posted, "hoa").state == "planned"


def test_an_undo_on_a_page_that_is_out_of_date_is_told(posted: District, agent: FlaskClient) -> None:
    press(agent, posted, "hoa", "counter")
    target, supervisor = path(posted, "hoa"), posted.client("kiemsoat")
    form = form_of(supervisor.get(target).text.partition("/undo")[2]) | {"seen": '{"how":"home","state":"paid"}', "why": "nhầm"}
    assert "Người khác vừa ghi kết quả khác" in text(supervisor.post(f"{target}/undo", data=form, follow_redirects=True))
    assert line(posted, "hoa").state == "paid"


@pytest.mark.parametrize("who", ["xa", "huyen"])
def test_a_held_line_is_released_by_commune_or_district_with_a_reason(posted: District, who: str) -> None:
    posted.report_death("hoa", "2024-09-20")
    client, target = posted.client(who), path(posted, "hoa")
    page = client.get(target)
    assert "Báo đã mất — không chi" in text(page)
    form = form_of(page.text.partition("/release")[2])
    assert client.post(f"{target}/release", data=form).status_code == 422
    answer = client.post(f"{target}/release", data={**form, "why": "Đã gặp tại nhà"}, follow_redirects=True)
    assert "Đã mở giữ" in text(answer) and "Đã gặp tại nhà" in text(answer)
    assert line(posted, "hoa").state == "planned"
    with posted.open():
        assert payment.session_sums(session_of(posted)).counts["withheld"] == 0


@pytest.mark.parametrize("who", ["chitra", "kiemsoat", "lanhdao", "giamsat"])
def test_nobody_else_releases(posted: District, who: str) -> None:
    posted.report_death("hoa", "2024-09-20")
    client, target = posted.client(who), path(posted, "hoa")
    assert "Mở giữ để được chi" not in text(client.get(target))
    assert client.post(f"{target}/release", data={"why": "x"}).status_code == 403


@pytest.mark.parametrize("who", ["xa", "huyen", "lanhdao", "giamsat"])
def test_readers_read_and_mark_nothing(posted: District, who: str) -> None:
    client, of = posted.client(who), session_of(posted)
    page = client.get(f"/payments/sessions/{of.id}")
    assert page.status_code == 200 and "Nguyễn Văn Hòa" in page.text and "Đã chi tại quầy" not in page.text
    assert client.post(f"{path(posted, 'hoa')}/marks", data={"mark": "counter"}).status_code == 403
    assert client.post(f"/payments/sessions/{of.id}/marks", data={"line": line(posted, "hoa").id}).status_code == 403


def test_what_lies_outside_of_ones_area_does_not_exist(posted: District) -> None:
    client = posted.client("xa2")
    for target in (path(posted, "hoa"), f"/payments/sessions/{session_of(posted).id}"):
        assert client.get(target).status_code == 404
    assert "Nguyễn Văn Hòa" not in client.get("/payments").text
    assert posted.client("chitra2").post(f"{path(posted, 'hoa')}/marks", data={"mark": "counter"}).status_code == 404


def test_an_unposted_list_shows_nothing(district: District) -> None:
    add_session(district)
    assert "chưa chuyển bưu điện" in text(district.client("chitra").get("/payments"))


def test_search_in_a_session_needs_no_marks_and_no_word_order(posted: District, agent: FlaskClient) -> None:
    target = f"/payments/sessions/{session_of(posted).id}"
    answer = agent.get(f"{target}?q=hoa+nguyen", headers=PARTIAL)
    assert "Nguyễn Văn Hòa" in answer.text and "Lê Văn An" not in answer.text and "<html" not in answer.text
    assert "Không có ai khớp" in text(agent.get(f"{target}?q=khongco"))


def test_the_month_in_sums_by_commune_and_way_of_payment(posted: District, agent: FlaskClient) -> None:
    press(agent, posted, "hoa", "counter")
    with posted.open():
        rows = payment.overview(MONTH, None)
        whole = payment.together(sums for _, _, sums in rows)
        every = payment.page(MONTH, None, Filter(), size=1000).lines
    assert {(commune, method) for commune, method, _ in rows} == {("18568", "cash"), ("18568", "bank"), ("18580", "cash")}
    assert whole.count == len(every) and whole.amount == sum(each.total for each in every)
    assert whole.counts["paid"] == 1 and whole.amounts["paid"] == 750_000
    page = text(posted.client("huyen").get("/payments"))
    assert "Theo xã và hình thức" in page and "750.000" in page


def test_lines_are_filtered_and_paged_by_key(posted: District) -> None:
    with posted.open():
        seen: list[str] = []
        after = ""
        while True:
            found = payment.page(MONTH, None, Filter(), after, size=4)
            seen += [each.id for each in found.lines]
            after = found.after
            if not after:
                break
        every = [each.id for each in payment.page(MONTH, None, Filter(), size=1000).lines]
        bank = payment.page(MONTH, None, Filter(method="bank")).lines
        of_session = payment.of_session(session_of(posted), size=3)
        rest = payment.of_session(session_of(posted), after=of_session.after, size=3)
    assert seen == every and len(set(seen)) == len(seen)
    assert {each.method for each in bank} == {"bank"} and len(bank) == 3
    assert len(of_session.lines) == 3 and len(rest.lines) == 1 and rest.after == ""
    client = posted.client("huyen")
    assert "Trần Phúc" in client.get("/payments?method=bank", headers=PARTIAL).text
    assert "Trần Phúc" not in client.get("/payments?method=cash", headers=PARTIAL).text
    assert client.get("/payments?state=nonsense").status_code == 404
    assert client.get("/payments?month=2024-99").status_code == 404


def test_somebody_without_a_hamlet_is_paged_too(posted: District) -> None:
    with posted.open():
        Payment.update(hamlet=None).where(Payment.id == line(posted, "ut").id).execute()
        first = payment.of_session(session_of(posted, "18580"), size=1)
        second = payment.of_session(session_of(posted, "18580"), after=first.after, size=10)
    assert first.lines[0].full_name == "Võ Thị Út" and len(second.lines) == 3


def test_what_waits(posted: District, agent: FlaskClient) -> None:
    def counts(who: str, now: datetime = NOW) -> dict[str, int]:
        with posted.open():
            return {each.label: each.count for each in payment.waiting(Account.get(Account.name == who), now)}

    label = "Người chưa có kết quả chi trả trong phiên của bạn"
    assert counts("chitra") == {label: 0}
    tenth = datetime.fromisoformat(f"{MONTH}-10T01:00:00+00:00")
    assert counts("chitra", tenth) == {label: 4}
    press(agent, posted, "hoa", "counter")
    assert counts("chitra", tenth) == {label: 3}
    assert counts("kiemsoat") == {"Khoản chuyển khoản chưa có kết quả của ngân hàng": 3}
    posted.report_death("an", "2024-09-20")
    assert counts("xa") == {"Khoản đang giữ lại, cần xác minh": 1}
    assert counts("xa2") == {"Khoản đang giữ lại, cần xác minh": 0}


@pytest.mark.parametrize("broken", [{"mark": "stolen"}, {"mark": "counter", "seen": "{"}])
def test_a_form_nobody_made_is_refused(posted: District, agent: FlaskClient, broken: dict[str, Any]) -> None:
    assert agent.post(f"{path(posted, 'hoa')}/marks", data=broken).status_code == 404
    assert line(posted, "hoa").state == "planned"


def test_both_databases_answer_alike(each_district: District) -> None:
    add_session(each_district, hamlets=["TDP 1", "TDP 2"])
    add_session(each_district, f"{MONTH}-11", "18580", agent="chitra2")
    post_list(each_district)
    assert "Đã ghi." in text(press(each_district.client("chitra"), each_district, "hoa", "counter"))
    with each_district.open():
        for revision in (1, 2, 1):
            schedule.note_received("chitra", "a-device", MONTH, revision, NOW)
        assert [each.revision for each in schedule.receipts(MONTH, None) if each.account == "chitra"] == [2]
        first = payment.of_session(schedule.sessions(MONTH, frozenset({"18568"}))[0], size=3)
        rest = payment.of_session(schedule.sessions(MONTH, frozenset({"18568"}))[0], after=first.after)
        names = [each.full_name for each in (*first.lines, *rest.lines)]
        sums = payment.together(each for _, _, each in payment.overview(MONTH, None))
        assert [each.number for each in schedule.revisions(MONTH, None)] == [1]
    assert names == ["Đặng Văn Dưỡng", "Nguyễn Thị Đào", "Lê Văn An", "Nguyễn Văn Bình", "Nguyễn Văn Bình", "Nguyễn Văn Hòa"]
    assert (sums.counts["paid"], sums.amounts["paid"], sums.count) == (1, 750_000, 13)
