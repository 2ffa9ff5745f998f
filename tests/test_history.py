"""What was done, by whom and why, as people read it; and the journal of everyone for whoever supervises."""

import re

import pytest

from portal import history
from portal.models.journal import Journal
from sync.fields import DISTRICT
from tests.district import District, bank, line_code, person_id, right_id


def told(district: District, key: str, role: str = DISTRICT) -> list[history.Entry]:
    with district.open():
        return history.of_person(person_id(key), role)


def steps(entry: history.Entry) -> dict[str, tuple[object, object, str]]:
    return {f"{step.kind}.{step.field.name}": (step.old, step.new, step.outcome) for step in entry.steps}


class TestAPersonsHistory:
    def test_it_says_who_changed_what_from_what_and_why(self, each_district: District) -> None:
        each_district.submit("xa", "person", person_id("dao"), {"phone": ("0510000001", "0510000002")}, why="Con gái báo")
        newest = told(each_district, "dao")[0]
        assert (newest.account, newest.name, newest.role, newest.unit) == ("xa", "Người xa", "commune_officer", "18568")
        assert (newest.event, newest.why, newest.at) == ("set", "Con gái báo", "2024-10-05T02:00:00Z")
        assert steps(newest) == {"person.phone": ("0510000001", "0510000002", "applied")}

    def test_it_begins_with_the_import(self, each_district: District) -> None:
        entries = told(each_district, "dao")
        assert [(entry.event, entry.kind, entry.role) for entry in entries] == [
            ("create", "entitlement", "importer"),
            ("create", "person", "importer"),
        ]
        assert steps(entries[1])["person.full_name"] == (None, "Nguyễn Thị Đào", "applied")
        assert entries[0].about == history.About(person_id("dao"), "Nguyễn Thị Đào", line_code("dao"))

    def test_a_decision_shows_what_it_wrote_wherever_that_stands(self, each_district: District) -> None:
        change = each_district.report_death("dao", "2024-09-03")
        with each_district.open():
            from portal import door
            from sync.kinds.change import shown_digest

            shelf = door.shelf()
            record = shelf.get("change", change)
            assert record is not None
            digest = shown_digest(shelf, record)
        decision = {"verdict": "approve", "digest": digest}
        assert each_district.submit("huyen", "change", change, {"decision": (None, decision)}).status == "accepted"
        newest, proposal, *_ = told(each_district, "dao")
        assert (proposal.event, proposal.detail, proposal.account) == ("propose", "CHET", "xa")
        assert (newest.event, newest.detail, newest.account) == ("decide", "approve", "huyen")
        written = steps(newest)
        assert written["person.status"] == ("active", "dead", "applied")
        assert written["entitlement.stop_month"] == (None, "2024-10", "applied")

    def test_a_proposed_value_stands_beside_the_one_it_would_replace(self, each_district: District) -> None:
        each_district.submit("xa", "person", person_id("dao"), {"full_name": ("Nguyễn Thị Đào", "Nguyễn Thị Đạo")}, why="Khai sinh")
        assert steps(told(each_district, "dao")[0]) == {"person.full_name": ("Nguyễn Thị Đào", "Nguyễn Thị Đạo", "proposed")}

    def test_a_value_that_met_another_is_shown_as_such(self, each_district: District) -> None:
        each_district.submit("xa", "person", person_id("dao"), {"phone": ("0510000001", "0510000002")})
        each_district.submit("huyen", "person", person_id("dao"), {"phone": ("0510000001", "0510000003")})
        assert steps(told(each_district, "dao")[0]) == {"person.phone": ("0510000001", "0510000003", "conflict")}

    def test_a_refused_edit_stands_there_too(self, each_district: District) -> None:
        each_district.submit("xa", "person", person_id("dao"), {"status": ("active", "dead")})
        newest = told(each_district, "dao")[0]
        assert (newest.refused, newest.steps) == ("forbidden", ())

    @pytest.mark.parametrize("role", ["post_agent", "post_supervisor"])
    def test_it_hides_what_the_role_may_not_see(self, each_district: District, role: str) -> None:
        names = {step.field.name for entry in told(each_district, "an", role) for step in entry.steps}
        assert "full_name" in names
        assert not names & {"national_id", "category"}

    def test_nobody_elses_records_are_in_it(self, each_district: District) -> None:
        each_district.submit("xa", "person", person_id("hoa"), {"phone": (None, "0510000005")})
        assert {entry.record for entry in told(each_district, "dao")} == {person_id("dao"), right_id("dao")}


class TestOnThePage:
    def test_numbers_are_half_hidden_in_the_history(self, district: District) -> None:
        account = bank("00009900001234", "NGUYEN THI DAO")
        district.submit("xa", "person", person_id("dao"), {"payment_method": ({"method": "cash"}, account)}, why="Mở tài khoản")
        text = district.client("huyen").get(f"/people/{person_id('dao')}").text
        assert "Chuyển khoản, Agribank, ••••1234, NGUYEN THI DAO" in text
        assert "00009900001234" not in text
        assert "099138000001" not in text

    def test_fields_and_values_are_in_words(self, district: District) -> None:
        district.submit("xa", "person", person_id("dao"), {"home_delivery": (None, True), "hamlet": ("TDP 1", "TDP 2")})
        text = re.sub(r"<[^>]+>", "", district.client("huyen").get(f"/people/{person_id('dao')}").text)
        assert "Thôn/TDP: TDP 1 → TDP 2" in text
        assert "Chi trả tại nhà: Có" in text
        assert "Người xa, Cán bộ xã, Thị trấn Lộc Hà" in text


class TestTheJournal:
    @pytest.mark.parametrize(("who", "status"), [("giamsat", 200), ("huyen", 200), ("xa", 403), ("kiemsoat", 403), ("lanhdao", 403)])
    def test_it_is_for_those_who_supervise(self, district: District, who: str, status: int) -> None:
        assert district.client(who).get("/journal").status_code == status

    def test_it_names_the_person_and_leads_to_them(self, each_district: District) -> None:
        each_district.submit("xa", "person", person_id("dao"), {"phone": ("0510000001", "0510000002")}, why="Con gái báo")
        text = each_district.client("giamsat").get("/journal").text
        first = text[text.index("<ol") : text.index("</li>", text.index("<ol"))]
        assert "Con gái báo" in text
        assert "Nguyễn Thị Đào" in first
        assert f"/people/{person_id('dao')}" in first

    def test_it_is_paged_by_number_without_a_gap(self, each_district: District) -> None:
        for n in range(40):
            each_district.submit("xa", "person", person_id("dao"), {"note": (None if n == 0 else f"lần {n - 1}", f"lần {n}")})
        client = each_district.client("giamsat")
        seen, url = [], "/journal"
        while url:
            text = client.get(url).text
            seen += [int(seq) for seq in re.findall(r'<li id="e(\d+)"', text)]
            found = re.search(r'rel="next" href="([^"]+)"', text)
            url = found[1].replace("&amp;", "&") if found else ""
        with each_district.open():
            assert seen == list(range(Journal.select().count(), 0, -1))

    def test_it_is_narrowed_by_account_and_by_kind(self, each_district: District) -> None:
        each_district.submit("xa", "person", person_id("dao"), {"note": (None, "một")})
        each_district.submit("huyen", "person", person_id("dao"), {"note": ("một", "hai")})
        with each_district.open():
            assert [entry.account for entry in history.page(DISTRICT, account="xa").entries] == ["xa"]
            assert {entry.kind for entry in history.page(DISTRICT, kind="unit").entries} == {"unit"}
            assert history.page(DISTRICT, account="nobody").entries == []

    def test_a_strange_number_in_the_address_is_no_fault(self, district: District) -> None:
        client = district.client("giamsat")
        assert client.get("/journal?before=abc").status_code == 200
        assert client.get("/journal?before=-5").status_code == 200
        assert client.get("/journal?before=99999999999999999999").status_code == 200
