"""Who proposes, appraises and decides: presets by date, an office's own rules, and each role in both presets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from portal import access, door, procedure, succession
from portal.models.account import Account
from portal.models.change import Change
from portal.models.settlement import Settlement
from portal.procedure import PresetProblem
from sync.ids import named
from sync.procedure import PROCEDURES
from tests import funded, lists, posted, powers
from tests.district import NOW, District, import_as, person_id
from tests.proposing import Fields

DAO = person_id("dao")
WAITS = "Đề nghị cấp kinh phí chờ duyệt"
SHIPPED = Path(procedure.__file__).with_name("procedures")


def propose(district: District, who: str, key: str = "dao", reason: str = "CHET", **more: Any) -> tuple[str, Any]:
    """Hands a change in; its id and the answer."""
    record = named("change", key, reason, who)
    values = {"reason": reason, "person": person_id(key), "event_date": "2024-10-02", **more}
    return record, district.submit(who, "change", record, {name: (None, value) for name, value in values.items()}, create=True)


def test_the_shipped_presets_say_every_procedure() -> None:
    assert set(procedure.presets()) == {"huyen", "xa-2025"}
    for preset in procedure.presets().values():
        assert set(preset.procedures) == set(PROCEDURES)
        assert {preset.rule(name).signs for name in PROCEDURES} <= {"paying_agency", "deciding_authority"}
    assert procedure.presets()["huyen"].until < procedure.presets()["xa-2025"].since


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('decides = ["approver"]', 'decides = ["post_agent"]', "who pays never decides"),
        ('decides = ["approver"]', 'decides = ["mayor"]', "no role mayor"),
        ('decides = ["approver"]', "decides = []", "nobody decides"),
        ('appraises = ["commune_officer"]', "appraises = []", "has to be appraised"),
        ("[procedures.funeral]", "[procedures.wedding]", "lacking funeral"),
        ('signs = "paying_agency"', 'signs = "post_office"', "who signs"),
        ('label = "', 'labels = "', "unknown field"),
    ],
)
def test_a_preset_that_cannot_be_is_refused(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    text = (SHIPPED / "xa-2025.toml").read_text(encoding="utf-8")
    assert was in text
    (tmp_path / "x.toml").write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(PresetProblem, match=said):
        procedure.read(tmp_path / "x.toml")


def test_without_a_record_the_district_decides_and_from_its_day_the_preset_says_otherwise(district: District) -> None:
    with district.open():
        assert procedure.of("increase", "2026-01-01").decides == {"district_officer", "approver"}
        succession.adopt("xa-2025", "2024-10-03", NOW)
        assert procedure.of("increase", "2024-10-02").decides == {"district_officer", "approver"}
        assert procedure.of("increase", "2024-10-03").decides == {"approver"}
        assert procedure.of("decrease", "2024-10-03").is_report("hamlet_reporter")
        assert [procedure.in_force(day).signer("monthly_list").title for day in ("2024-10-02", "2024-10-03")] == ["CHỦ TỊCH", "GIÁM ĐỐC"]


def test_an_office_gives_one_procedure_other_roles(district: District) -> None:
    values = {"valid_from": "2024-10-01", "name": "suspension", "rule": {"decides": ["district_officer"], "proposes": ["commune_officer"]}}
    with district.open():
        result = door.submit_one(
            import_as("procedures"), NOW, "procedure", named("p", "1"), {k: (None, v) for k, v in values.items()}, create=True
        )
        assert result.status == "accepted", result
        procedure.refresh()
    record, answer = propose(district, "xa", reason="KHONG_NHAN_3T")
    assert answer.status == "accepted" and district.value("change", record, "deciders") == ["district_officer"]
    _, answer = propose(district, "chitra", reason="KHONG_NHAN_3T")
    assert (answer.reason.code, answer.reason.detail) == ("forbidden", "other_role")
    assert powers.decide(district, "lanhdao", record).reason.code == "forbidden"  # type: ignore[union-attr]
    assert powers.decide(district, "huyen", record).fields == {"decision": "applied"}


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        ({"valid_from": "2024-10-06", "preset": "xa-2025"}, "ahead"),
        ({"valid_from": "2024-10-01", "preset": "tinh"}, "unknown"),
        ({"valid_from": "2024-10-01", "name": "wedding", "rule": {"decides": ["approver"]}}, "unknown"),
        ({"valid_from": "2024-10-01", "name": "funeral", "rule": {"decides": ["post_supervisor"]}}, "unknown"),
        ({"valid_from": "2024-10-01", "name": "funeral", "rule": {"decide": ["approver"]}}, "unknown"),
        ({"valid_from": "2024-10-01", "name": "monthly_list", "rule": {"decides": ["commune_officer"]}}, "unknown"),
        ({"valid_from": "2024-10-01"}, "missing"),
    ],
)
def test_what_is_no_rule_is_not_recorded(district: District, values: dict[str, Any], detail: str) -> None:
    with district.open():
        result = door.submit_one(
            import_as("procedures"), NOW, "procedure", named("p", "1"), {k: (None, v) for k, v in values.items()}, create=True
        )
        assert result.reason is not None and result.reason.detail == detail
    for who in ("huyen", "lanhdao", "quantri"):
        record = named("p", who)
        result = district.submit(who, "procedure", record, {"valid_from": (None, "2024-10-01"), "preset": (None, "xa-2025")}, create=True)
        assert result.reason is not None and result.reason.code == "forbidden"


def test_what_nobody_has_decided_goes_to_whom_the_new_rules_name(district: District) -> None:
    record, _ = propose(district, "xa")
    phone = district.submit("chitra", "person", person_id("hoa"), {"phone": (None, "0510000099")})
    assert phone.fields == {"phone": "proposed"}
    powers.under(district, "xa-2025")
    assert district.value("change", record, "deciders") == ["approver"]
    with district.open():
        assert Change.get(Change.target == person_id("hoa")).deciders == '["commune_officer"]'
    assert powers.decide(district, "huyen", record).reason.code == "forbidden"  # type: ignore[union-attr]
    assert powers.decide(district, "chutich", record).fields == {"decision": "applied"}


# account → what the door answers to a decision on a death that xa proposed: "applied", or the code of the refusal.
DECIDES = {
    "huyen": {"huyen": "applied", "lanhdao": "applied", "chutich": "applied", "chutich2": "unknown_record", "xa": "forbidden"},
    "xa-2025": {"huyen": "forbidden", "lanhdao": "applied", "chutich": "applied", "chutich2": "unknown_record", "xa": "forbidden"},
}


@pytest.mark.parametrize("preset", powers.PRESETS)
@pytest.mark.parametrize(
    "who", ["huyen", "lanhdao", "chutich", "chutich2", "xa", "xa2", "chitra", "kiemsoat", "giamsat", "quantri", "thon"]
)
def test_who_may_decide(district: District, preset: str, who: str) -> None:
    powers.under(district, preset)
    record, answer = propose(district, "xa")
    assert answer.status == "accepted"
    result = powers.decide(district, who, record)
    told = result.fields.get("decision") or (result.reason.code if result.reason else "")
    assert told == DECIDES[preset].get(who, told)
    assert (told == "applied") == (district.value("change", record, "state") == "approved")
    if who not in DECIDES[preset]:
        assert told in ("forbidden", "unknown_record")


@pytest.mark.parametrize("preset", powers.PRESETS)
def test_a_hamlet_reports_under_the_new_preset_only_and_of_its_own_people(district: District, preset: str) -> None:
    powers.under(district, preset)
    record, answer = propose(district, "thon")
    if preset == "huyen":
        assert (answer.reason.code, answer.reason.detail) == ("forbidden", "other_role")
        return
    assert answer.status == "accepted" and district.value("change", record, "author_role") == "hamlet_reporter"
    for key in ("hoa", "ut"):  # the other hamlet, the other commune
        _, answer = propose(district, "thon", key)
        assert answer.reason.code == "unknown_record"
    _, answer = propose(district, "thon", reason="KHONG_NHAN_3T")
    assert answer.reason.code == "forbidden"
    assert district.submit("thon", "person", DAO, {"phone": (None, "0510000011")}).reason.code == "forbidden"  # type: ignore[union-attr]
    with district.open():
        held = [row for row in door.store().run("SELECT hold FROM payment WHERE person = ?", (DAO,)).fetchall() if row[0]]
    assert held == []  # no list yet; what is listed later is held by the report


def test_a_report_is_appraised_by_the_commune_before_the_chairman_decides(district: District) -> None:
    powers.under(district, "xa-2025")
    record, _ = propose(district, "thon")
    refused = powers.decide(district, "chutich", record)
    assert refused.reason is not None and refused.reason.detail == "not_appraised"
    for who in ("thon", "chutich", "huyen", "xa2"):
        assert powers.appraise(district, who, record).reason is not None
    assert powers.appraise(district, "xa", record).fields == {"appraisal": "applied"}
    assert powers.appraise(district, "xa", record).fields == {"appraisal": "conflict"}
    assert powers.decide(district, "chutich", record).fields == {"decision": "applied"}
    assert district.value("person", DAO, "status") == "dead"


def test_amended_by_its_author_a_report_has_to_be_appraised_again(district: District) -> None:
    powers.under(district, "xa-2025")
    record, _ = propose(district, "thon")
    powers.appraise(district, "xa", record)
    assert district.submit("thon", "change", record, {"event_date": ("2024-10-02", "2024-09-28")}).status == "accepted"
    assert powers.decide(district, "chutich", record).reason.detail == "not_appraised"  # type: ignore[union-attr]


def test_the_chairman_of_one_commune_approves_no_money_and_opens_no_month_of_all(district: District) -> None:
    powers.under(district, "xa-2025")
    posted.post_list(district)
    record = funded.ask(district)
    shown = funded.request(district).digest
    assert WAITS in district.client("lanhdao").get("/").text
    assert WAITS not in district.client("chutich").get("/").text
    approval = {"state": ("requested", "approved"), "digest": (shown, shown)}
    sent_back = {"state": ("requested", "returned")}
    for pairs in (approval, sent_back):
        refused = district.submit("chutich", "fund_request", record, pairs, why="Chưa đúng").reason
        assert refused is not None and (refused.code, refused.detail) == ("forbidden", "other_area")
    assert district.submit("lanhdao", "fund_request", record, approval).status == "accepted"
    asked = funded.request(district)
    assert funded.move(district, type="transfer", request=record, amount=asked.amount).status == "accepted"
    assert funded.settle(district).status == "accepted"
    with district.open():
        month = Settlement.get().id
        chairman = Account.get(Account.name == "chutich")
        assert not access.may(chairman, "funds.approve")
    for page in ("/funds", "/bank-files"):
        assert district.client("chutich").get(page).status_code == 403, page
        assert district.client("lanhdao").get(page).status_code == 200, page
    opened = {"state": ("closed", "open")}
    refused = district.submit("chutich", "settlement", month, opened, why="Sai số").reason
    assert refused is not None and (refused.code, refused.detail) == ("forbidden", "other_area")
    assert district.submit("lanhdao", "settlement", month, opened, why="Sai số").status == "accepted"


def test_the_chairman_of_one_commune_does_not_approve_the_list_of_all(district: District) -> None:
    powers.under(district, "xa-2025")
    now = lists.to(district, "frozen")
    pairs = {"state": ("frozen", "approved"), "approval": (None, {"digest": now.digest})}
    result = district.submit("chutich", "payment_list", now.id, pairs)
    assert result.reason is not None and (result.reason.code, result.reason.detail) == ("forbidden", "other_area")
    assert "Danh sách chờ duyệt" in district.client("lanhdao").get("/").text
    chairman = district.client("chutich")
    assert "Duyệt danh sách" not in chairman.get("/payment-lists/2024-10").text
    assert "Danh sách chờ duyệt" not in chairman.get("/").text
    with district.open():
        account = Account.get(Account.name == "chutich")
        assert not access.may(account, "payment_list.approve") and access.may(account, "change.decide")
    assert district.submit("lanhdao", "payment_list", now.id, pairs).status == "accepted"


@pytest.mark.parametrize("preset", powers.PRESETS)
def test_a_month_from_proposals_to_the_settled_account(district: District, preset: str) -> None:
    powers.under(district, preset)
    dead, _ = propose(district, "xa")
    assert powers.decide(district, "xa", dead).reason is not None  # never one's own
    assert powers.decide(district, powers.decider(preset), dead).fields == {"decision": "applied"}
    moved, _ = propose(district, "xa2", "yen", "CHUYEN_DI")
    assert powers.decide(district, powers.decider(preset, "18580"), moved).fields == {"decision": "applied"}
    month = "2024-11"
    record = posted.post_list(district, month)
    assert not {"LH18568-0001/1", "LH18580-0003/1"} & posted.lines(district, month).keys()
    assert funded.settle(district, month).status == "accepted"
    assert district.value("payment_list", record, "state") == "settled"


def test_the_hamlet_page_reports_and_shows_no_more_than_names(district: District) -> None:
    powers.under(district, "xa-2025")
    client = district.client("thon")
    page = client.get("/hamlet-reports").text
    assert "Nguyễn Thị Đào" in page and "Đặng Văn Dưỡng" in page
    for other in ("Nguyễn Văn Hòa", "Võ Thị Út", "500.000", "099138000001", "5.5c"):
        assert other not in page
    assert "Lê Văn An" not in district.client("thon").get("/hamlet-reports").text
    form = Fields(page, "/hamlet-reports").found
    answer = client.post("/hamlet-reports", data={**form, "person": DAO, "reason": "CHET", "event_date": "02/10/2024", "note": "Con báo"})
    assert answer.status_code == 303
    again = client.post("/hamlet-reports", data={**form, "person": DAO, "reason": "CHET", "event_date": "02/10/2024", "note": "Con báo"})
    assert again.status_code == 303
    with district.open():
        assert Change.select().count() == 1
    wrong = client.post("/hamlet-reports", data={"person": "", "reason": "MOI", "event_date": "x"})
    assert wrong.status_code == 422 and "Hãy chọn việc cần báo." in wrong.text
    stranger = client.post("/hamlet-reports", data={"person": person_id("ut"), "reason": "CHET", "event_date": "02/10/2024"})
    assert stranger.status_code == 422
    for address in ("/people", f"/people/{DAO}", "/changes", "/payment-lists", "/payments"):
        assert client.get(address).status_code == 403, address


def test_the_commune_appraises_on_the_page_and_is_told_what_waits(district: District) -> None:
    powers.under(district, "xa-2025")
    record, _ = propose(district, "thon")
    officer, chairman = district.client("xa"), district.client("chutich")
    assert "Báo cáo của thôn chờ thẩm định" in officer.get("/").text
    assert "Đề nghị biến động chờ duyệt" not in chairman.get("/").text
    assert f"/changes/{record}/decision" not in chairman.get(f"/changes/{record}").text
    action = f"/changes/{record}/appraisal"
    form = Fields(officer.get(f"/changes/{record}").text, action).found
    assert chairman.post(action, data=form).status_code == 403
    assert officer.post(action, data={**form, "digest": "0"}).status_code == 409
    assert officer.post(action, data={**form, "note": "Đã xem giấy chứng tử", "_edit": "another"}).status_code == 303
    page = chairman.get(f"/changes/{record}").text
    assert f"/changes/{record}/decision" in page and "Đã xem giấy chứng tử" in page
    assert "Đề nghị biến động chờ duyệt" in chairman.get("/").text


def test_the_page_of_units_says_who_decides_on_which_day(district: District, tmp_path: Path) -> None:
    powers.succeed(district, tmp_path, now=NOW)
    powers.under(district, "xa-2025", since="2024-10-05")
    client = district.client("quantri")
    page = client.get("/units").text
    assert "Cấp xã quyết định" in page and "báo tin: Trưởng thôn, tổ dân phố" in page and "GIÁM ĐỐC" in page
    assert "Xã Lộc Hà" in page and "Thôn 1 Thạch Kim" in page and "Nhập thị trấn Lộc Hà và xã Thạch Kim" in page
    before = client.get("/units", query_string={"day": "04/10/2024"}).text
    assert "Cấp huyện quyết định" in before and "Xã Thạch Kim" in before and "báo tin" not in before
    assert client.get("/units", query_string={"day": "hôm qua"}).status_code == 422
    assert district.client("thon").get("/units").status_code == 403


def test_a_role_is_called_as_the_preset_in_force_says(district: District) -> None:
    def names(language: str) -> str:
        client = district.client("huyen")
        client.set_cookie("language", language)
        return str(client.get("/").text.partition('<p class="who"')[2].partition("</p>")[0])

    assert "Chuyên viên huyện" in names("vi") and "District officer" in names("en")
    powers.under(district, "xa-2025", since="2025-07-01", now=datetime(2025, 7, 1, 3, 0, tzinfo=UTC))
    assert "Chuyên viên huyện" in names("vi"), "not yet"
    district.app.config["SETTINGS"] = replace(district.app.config["SETTINGS"], today=date(2025, 7, 1))
    assert "Chuyên viên cơ quan chi trả" in names("vi") and "Officer of the paying agency" in names("en")
