"""The payment schedule: arranged, posted with the list and again, read by each in their area, by everyone and by calendars."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import schedule, session_plan
from portal.models.account import Account
from portal.models.device import Received
from portal.models.pay_session import PaySession
from sync.ids import named
from sync.kinds.schedule import schedule_id
from tests.arranged import add_session, post_list
from tests.district import MONTH, NOW, District

PAGE = f"/schedules/{MONTH}"


def text(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.text)).split())


def token(client: FlaskClient, path: str, action: str) -> str:
    """The hidden token of the form with this action."""
    page = client.get(path).text
    found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>\s*<input type="hidden" name="_edit" value="([^"]+)"', page)
    assert found, f"no form for {action}"
    return found[1]


def propose(client: FlaskClient) -> TestResponse:
    action = f"{PAGE}/proposals"
    return client.post(action, data={"_edit": token(client, PAGE, action)}, follow_redirects=True)


@pytest.fixture
def posted(district: District) -> District:
    """A district whose October list is posted, with a session in each commune."""
    add_session(district, hamlets=["TDP 1"], place="Nhà văn hóa TDP 1", note="Mang CCCD")
    add_session(district, f"{MONTH}-11", "18580", agent="chitra2")
    post_list(district)
    return district


@pytest.fixture
def supervisor(posted: District) -> FlaskClient:
    return posted.client("kiemsoat")


def test_one_click_proposes_a_session_for_each_commune_on_the_pay_days(district: District) -> None:
    client = district.client("kiemsoat")
    page = text(client.get(PAGE))
    assert "2 xã chưa có phiên chi trả" in page and "Chưa niêm yết" in page
    assert "Đã lập 2 phiên" in text(propose(client))
    with district.open():
        found = schedule.sessions(MONTH, None)
    assert {each.commune: each.agent for each in found} == {"18568": "chitra", "18580": "chitra2"}
    assert all(f"{MONTH}-10" <= each.day <= f"{MONTH}-15" and not each.is_outside for each in found)
    assert "chưa có phiên" not in text(client.get(PAGE))


def test_a_double_click_on_the_proposal_makes_the_sessions_once(district: District) -> None:
    client = district.client("kiemsoat")
    action = f"{PAGE}/proposals"
    form = {"_edit": token(client, PAGE, action)}
    for _ in range(2):
        client.post(action, data=form)
    with district.open():
        assert PaySession.select().count() == 2


def test_nobody_is_proposed_for_two_places_at_once(district: District) -> None:
    with district.open():
        Account.update(unit="448-BD").where(Account.name == "chitra").execute()
        Account.update(disabled_at="2024-10-01T00:00:00Z").where(Account.name == "chitra2").execute()
        plans = session_plan.propose(MONTH, None)
    assert [plan.agent for plan in plans] == ["chitra", "chitra"]
    assert len({(plan.day, plan.starts) for plan in plans}) == 2


def test_a_commune_without_an_agent_is_not_proposed(district: District) -> None:
    with district.open():
        Account.update(disabled_at="2024-10-01T00:00:00Z").where(Account.name == "chitra2").execute()
        assert [plan.commune for plan in session_plan.propose(MONTH, None)] == ["18568"]


def test_last_month_is_copied_to_the_same_days_and_places(district: District) -> None:
    old = named("september")
    values = {"month": "2024-09", "commune": "18568", "pay_point": "DC-18568", "day": "2024-09-13", "starts": "08:00", "ends": "10:00",
              "agent": "chitra", "place": "Trạm y tế", "hamlets": ["TDP 2"]}  # fmt: skip
    assert district.submit("kiemsoat", "pay_session", old, {n: (None, v) for n, v in values.items()}, create=True).status == "accepted"
    client = district.client("kiemsoat")
    action = f"{PAGE}/copies"
    client.post(action, data={"_edit": token(client, PAGE, action)})
    with district.open():
        (copied,) = schedule.sessions(MONTH, None)
    assert (copied.day, copied.starts, copied.place, copied.hamlets) == (f"{MONTH}-13", "08:00", "Trạm y tế", ("TDP 2",))


def session_form(client: FlaskClient, path: str) -> dict[str, str]:
    page = client.get(path).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.partition("<main")[2]))
    return {name: unescape(value) for name, value in hidden.items()}


def test_a_session_is_added_by_its_form_and_a_day_out_of_the_ordinary_is_warned_of(district: District) -> None:
    client = district.client("kiemsoat")
    form = session_form(client, f"{PAGE}/sessions/new?commune=18568")
    typed = {
        **form,
        "pay_point": "DC-18568",
        "day": "20/10/2024",
        "starts": "7h30",
        "ends": "11:00",
        "agent": "chitra",
        "hamlets": ["TDP 1", "TDP 2"],
    }
    answers = [client.post(f"{PAGE}/sessions", data=typed, follow_redirects=True) for _ in range(2)]
    assert "nằm ngoài các ngày chi trả thường lệ" in text(answers[0]) and "Ngoài ngày 10–15" in text(answers[1])
    with district.open():
        (found,) = schedule.sessions(MONTH, None)
    assert (found.day, found.starts, found.hamlets) == (f"{MONTH}-20", "07:30", ("TDP 1", "TDP 2"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"day": "10/11/2024"}, "Ngày chi trả phải nằm trong tháng"),
        ({"day": "31/02/2024"}, "Không có ngày này"),
        ({"ends": "07:00"}, "Giờ kết thúc phải sau giờ bắt đầu"),
        ({"starts": "25:00"}, "Ghi giờ"),
        ({"agent": ""}, "Chưa điền"),
    ],
)
def test_wrong_values_are_kept_as_typed_beside_a_sentence(district: District, wrong: dict[str, str], sentence: str) -> None:
    client = district.client("kiemsoat")
    form = session_form(client, f"{PAGE}/sessions/new?commune=18568")
    typed = {
        **form,
        "pay_point": "DC-18568",
        "day": "10/10/2024",
        "starts": "07:30",
        "ends": "11:00",
        "agent": "chitra",
        "place": "Chợ <Sò>",
        **wrong,
    }
    answer = client.post(f"{PAGE}/sessions", data=typed)
    assert answer.status_code == 422
    assert sentence in text(answer) and 'value="Chợ &lt;Sò&gt;"' in answer.text
    with district.open():
        assert not PaySession.select().exists()


def test_the_list_is_not_posted_while_a_commune_with_cash_has_no_session(district: District) -> None:
    add_session(district)
    with pytest.raises(AssertionError, match="schedule_missing"):
        post_list(district)


def test_readers_see_what_was_posted_until_it_is_posted_again(posted: District, supervisor: FlaskClient) -> None:
    reader = posted.client("xa")
    assert "Niêm yết lần 1" in text(reader.get(PAGE)) and "10/10/2024" in text(reader.get(PAGE))
    with posted.open():
        (session,) = schedule.sessions(MONTH, frozenset({"18568"}))
    path = f"{PAGE}/sessions/{session.id}"
    form = session_form(supervisor, path)
    typed = {**form, "pay_point": "DC-18568", "day": "12/10/2024", "starts": "07:30", "ends": "11:00", "agent": "chitra", "hamlets": "TDP 1",
             "place": "Nhà văn hóa TDP 1", "note": "Mang CCCD"}  # fmt: skip
    assert "Lịch đã sửa sau lần niêm yết 1" in text(supervisor.post(path, data=typed, follow_redirects=True))
    assert "12/10/2024" not in text(reader.get(PAGE)) and "10/10/2024" in text(reader.get(PAGE))
    with posted.open():
        told = schedule.posted(MONTH, frozenset({"18568"}))
        assert told is not None and [each["day"] for each in told["sessions"]] == [f"{MONTH}-10"]

    action = f"{PAGE}/revisions"
    again = {"_edit": token(supervisor, PAGE, action), "seen.revision": "1"}
    assert "Đã niêm yết lịch lần 2" in text(supervisor.post(action, data=again, follow_redirects=True))
    page = text(reader.get(PAGE))
    assert "Niêm yết lần 2" in page and "Ngày: 10/10/2024 → 12/10/2024" in page
    with posted.open():
        told = schedule.posted(MONTH, None)
        assert told is not None and told["revision"] == 2 and f"{MONTH}-12" in {each["day"] for each in told["sessions"]}


def test_a_second_tab_that_posted_first_is_noticed(posted: District, supervisor: FlaskClient) -> None:
    add_session(posted, f"{MONTH}-14")
    for expected, edit_token in ((303, "one"), (409, "two")):
        answer = supervisor.post(f"{PAGE}/revisions", data={"_edit": edit_token, "seen.revision": "1"})
        assert answer.status_code == expected
    assert posted.value("schedule", schedule_id(MONTH), "revision") == 2


def test_a_cancelled_session_is_not_handed_to_its_agent(posted: District, supervisor: FlaskClient) -> None:
    with posted.open():
        (session,) = schedule.sessions(MONTH, frozenset({"18568"}))
        assert schedule.assignments("chitra") == {(MONTH, "18568", "TDP 1")}
    supervisor.post(f"{PAGE}/sessions/{session.id}", data={"_edit": "cancel", "state": "cancelled"})
    with posted.open():
        assert schedule.assignments("chitra") == frozenset()
        assert [each.what for each in schedule.shown(MONTH, None, draft=True).news] == ["cancelled"]


def test_a_session_for_the_whole_commune_is_an_assignment_without_a_hamlet(posted: District) -> None:
    with posted.open():
        assert schedule.assignments("chitra2") == {(MONTH, "18580", "")}


def test_each_reads_their_own_area(posted: District) -> None:
    own, others = text(posted.client("xa").get(PAGE)), text(posted.client("giamsat").get(PAGE))
    assert "Thị trấn Lộc Hà" in own and "Xã Thạch Kim" not in own.partition("Ai đã nhận lịch")[0].partition("Tháng 11")[2]
    assert "Xã Thạch Kim" in others and "Lập lịch" not in others
    assert posted.client("quantri").get(PAGE).status_code == 403


@pytest.mark.parametrize("who", ["xa", "chitra", "huyen", "lanhdao", "giamsat"])
@pytest.mark.parametrize("path", ["proposals", "copies", "revisions", "sessions"])
def test_only_the_supervisor_arranges(posted: District, who: str, path: str) -> None:
    assert posted.client(who).post(f"{PAGE}/{path}", data={"_edit": "x", "seen.revision": "1"}).status_code == 403


def test_who_has_received_which_revision(posted: District, supervisor: FlaskClient) -> None:
    page = text(supervisor.get(PAGE)).partition("Ai đã nhận lịch")[2]
    assert "Người xa Cán bộ xã Thị trấn Lộc Hà △ Chưa nhận" in page
    for _ in range(2):
        posted.client("xa").get(PAGE)
    with posted.open():
        schedule.note_received("chitra", "a-device", MONTH, 1, NOW)
        assert Received.select().where(Received.account == "xa").count() == 1
        found = {each.account: each for each in schedule.receipts(MONTH, None)}
    assert (found["xa"].revision, found["xa"].on_device) == (1, False)
    assert (found["chitra"].revision, found["chitra"].on_device) == (1, True)
    assert found["xa2"].revision == 0
    page = text(supervisor.get(PAGE)).partition("Ai đã nhận lịch")[2]
    assert "Người xa Cán bộ xã Thị trấn Lộc Hà ✓ Đã nhận lần 1" in page


def test_an_older_revision_never_replaces_a_newer_one(district: District) -> None:
    with district.open():
        for revision in (2, 1, 2):
            schedule.note_received("xa", "page", MONTH, revision, NOW + timedelta(hours=revision))
        (row,) = Received.select()
    assert (row.revision, row.at) == (2, "2024-10-05T04:00:00Z")


def test_the_public_page_tells_place_day_and_hour_and_no_name(posted: District) -> None:
    visitor = posted.client()
    answer = visitor.get("/schedules/public")
    page = text(answer)
    assert answer.status_code == 200
    assert "Thị trấn Lộc Hà" in page and "10/10/2024" in page and "07:30–11:00" in page and "Nhà văn hóa TDP 1" in page
    assert not {"chitra", "Người", "Mang CCCD", "Đào", "500.000"} & set(re.split(r"\W", page)) and "Người chitra" not in page
    assert "Điểm BĐ-VHX xã Thạch Kim" in page
    assert text(visitor.get("/schedule/public")) == page


def test_the_public_page_says_when_nothing_is_posted(district: District) -> None:
    add_session(district, place="Chưa ai được biết")
    page = text(district.client().get("/schedules/public"))
    assert "chưa được niêm yết" in page and "Chưa ai được biết" not in page


def test_a_calendar_opens_with_its_own_key_only(posted: District) -> None:
    page = posted.client("xa").get(PAGE).text
    address = unescape(re.search(r'href="(http[^"]*\.ics[^"]*)"', page)[1])  # type: ignore[index]
    visitor = posted.client()
    answer = visitor.get(address)
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    assert "DTSTART:20241010T003000Z" in answer.text and "Nhà văn hóa TDP 1" in answer.text.replace("\r\n ", "")
    assert "chitra" not in answer.text and "CCCD" not in answer.text and "20241011" not in answer.text
    assert visitor.get(address.replace("18568.ics", "18580.ics")).status_code == 404
    assert visitor.get(address[:-1]).status_code == 404


def test_what_waits(district: District) -> None:
    with district.open():
        names = {name: Account.get(Account.name == name) for name in ("kiemsoat", "xa")}
        assert [(each.label, each.count) for each in schedule.waiting(names["kiemsoat"], NOW)] == [
            ("Xã chưa có lịch chi trả", 2), ("Thay đổi lịch chưa niêm yết lại", 0),
        ]  # fmt: skip
        assert schedule.waiting(names["xa"], NOW) == []
    add_session(district)
    add_session(district, commune="18580", agent="chitra2")
    post_list(district)
    add_session(district, f"{MONTH}-14")
    with district.open():
        assert [each.count for each in schedule.waiting(names["kiemsoat"], NOW)] == [0, 1]
        assert [each.count for each in schedule.waiting(names["xa"], NOW)] == [1]
    district.client("xa").get(PAGE)
    with district.open():
        assert [each.count for each in schedule.waiting(names["xa"], NOW)] == [0]


@pytest.mark.parametrize(
    "path", ["/schedules/2024-13", "/schedules/abc", f"{PAGE}/sessions/new?commune=99999", f"{PAGE}/sessions/{named('no')}"]
)
def test_what_is_not_there_is_not_found(district: District, path: str) -> None:
    assert district.client("kiemsoat").get(path).status_code == 404
