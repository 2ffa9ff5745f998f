"""People: the list and its search, who sees what, the page of one person."""

import re
import unicodedata

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import db, door, person
from portal.models.person import Person
from sync.fields import IMPORTER
from sync.ids import named
from tests.district import CASH, IMPORTED, District, Made, import_as, people_edits, person_id

EVERYONE = ["an", "binh2", "binh", "my", "duong", "dao", "hoa", "lan", "phuc", "ut", "vinh", "yen"]
READERS = ["commune_officer", "post_agent", "post_supervisor", "district_officer", "approver", "auditor"]


def found(answer: TestResponse) -> list[str]:
    """The ids of the people in an answer, in order."""
    assert answer.status_code == 200
    return re.findall(r'href="/people/([0-9a-f-]{36})"', answer.text)


def ids(*keys: str) -> list[str]:
    return [person_id(key) for key in keys]


def search(client: FlaskClient, **asked: str) -> list[str]:
    return found(client.get("/people", query_string=asked))


class TestTheList:
    def test_it_is_in_the_order_of_given_names(self, each_district: District) -> None:
        assert search(each_district.client("huyen")) == ids(*EVERYONE)

    def test_a_name_is_found_however_it_is_typed(self, each_district: District) -> None:
        client = each_district.client("huyen")
        spellings = ["Nguyễn Thị Đào", "nguyen thi dao", "ĐÀO NGUYỄN", "dao thi", "  đào ", "nguy đào"]
        for typed in [*spellings, unicodedata.normalize("NFD", spellings[0])]:
            assert search(client, q=typed) == ids("dao"), typed

    def test_a_code_a_phone_and_an_identity_number_find_their_owner(self, each_district: District) -> None:
        client = each_district.client("huyen")
        for typed in ("LH18568-0001", "lh18568-0001", "0510000001", "0510 000 001", "+84 510 000 001", "099138000001"):
            assert search(client, q=typed) == ids("dao"), typed

    def test_every_word_has_to_fit(self, district: District) -> None:
        assert search(district.client("huyen"), q="nguyen binh") == ids("binh2", "binh")
        assert search(district.client("huyen"), q="binh thach") == []

    def test_what_fits_nobody_says_so(self, each_district: District) -> None:
        client = each_district.client("huyen")
        for typed in ("khong co ai", "%", "_", "'", "\\", "dao\x01x"):
            answer = client.get("/people", query_string={"q": typed})
            assert found(answer) == [], typed
            assert "Không tìm thấy ai" in answer.text

    def test_strange_addresses_are_no_fault(self, each_district: District) -> None:
        client = each_district.client("huyen")
        for asked in ({"q": "\x00"}, {"hamlet": "\x00"}, {"after": "x"}, {"before": "1" * 40}, {"status": "x" * 5000}, {"q": "1" * 300}):
            assert client.get("/people", query_string=asked).status_code == 200, asked

    def test_filters_narrow_it(self, each_district: District) -> None:
        client = each_district.client("huyen")
        cases: list[tuple[dict[str, str], list[str]]] = [
            ({"commune": "18580"}, ["binh2", "ut", "vinh", "yen"]),
            ({"commune": "18580", "hamlet": "18580-02"}, ["vinh", "yen"]),
            ({"hamlet": "18568-02"}, ["an", "binh", "hoa", "phuc"]),
            ({"hamlet": "18999-02"}, []),
            ({"commune": "18580", "hamlet": "18568-02"}, ["binh2", "ut", "vinh", "yen"]),
            ({"method": "bank"}, ["my", "phuc"]),
            ({"status": "dead"}, ["lan"]),
            ({"category": "TE"}, ["vinh"]),
            ({"category": "5.6-nang"}, ["hoa"]),
            ({"category": "NKT", "q": "nguyen"}, ["binh2", "hoa"]),
        ]
        for filters, expected in cases:
            assert search(client, **filters) == ids(*expected), filters

    def test_it_shows_what_the_month_pays(self, district: District) -> None:
        rows = district.client("huyen").get("/people?q=my+duyen").text
        assert "1.750.000" in rows

    def test_a_swap_gets_the_rows_alone(self, district: District) -> None:
        client = district.client("huyen")
        part = client.get("/people?q=dao", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
        assert found(part) == ids("dao")
        assert "<html" not in part.text
        assert "HX-Request-Type" in part.headers["Vary"]

    def test_choosing_a_commune_brings_its_hamlets(self, district: District) -> None:
        client = district.client("huyen")
        asked = {"commune": "18580", "place": ""}
        part = client.get("/people", query_string=asked, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
        assert 'hx-swap-oob="true"' in part.text
        assert '<option value="18580-02">Thôn 2</option>' in part.text
        again = client.get(
            "/people", query_string={**asked, "place": "18580"}, headers={"HX-Request": "true", "HX-Request-Type": "partial"}
        )
        assert "hx-swap-oob" not in again.text

    def test_choosing_a_group_brings_its_categories(self, district: District) -> None:
        client = district.client("huyen")
        partial = {"HX-Request": "true", "HX-Request-Type": "partial"}
        part = client.get("/people", query_string={"category": "NKT", "of": ""}, headers=partial)
        assert 'id="codes" hx-swap-oob="true"' in part.text
        assert "<option>5.6-nang</option>" in part.text
        assert "<option>5.5c</option>" not in part.text
        assert search(client, category="NKT", of="NKT", exact="5.6-nang") == ids("hoa")
        assert search(client, category="TE", of="NKT", exact="5.6-nang") == ids("vinh")


class TestWhoSeesWhat:
    def test_a_commune_sees_its_own_people_only(self, each_district: District) -> None:
        theirs = search(each_district.client("xa2"))
        assert theirs == ids("binh2", "ut", "vinh", "yen")
        assert search(each_district.client("xa2"), commune="18568") == []
        assert search(each_district.client("xa2"), q="Đào") == []

    @pytest.mark.parametrize("who", ["xa2", "chitra2"])
    def test_a_person_elsewhere_is_not_there(self, each_district: District, who: str) -> None:
        client = each_district.client(who)
        assert client.get(f"/people/{person_id('dao')}").status_code == 404
        assert client.get(f"/people/{person_id('ut')}").status_code == 200
        assert client.get(f"/people/{named('person', 'nobody')}").status_code == 404

    def test_their_form_is_not_there_either(self, district: District) -> None:
        client = district.client("xa2")
        assert client.get(f"/people/{person_id('dao')}/edit").status_code == 404
        assert client.post(f"/people/{person_id('dao')}/edit", data={"phone": "0510000099", "seen.phone": "null"}).status_code == 404
        assert district.value("person", person_id("dao"), "phone") == "0510000001"

    def test_paging_by_a_person_elsewhere_tells_nothing(self, district: District) -> None:
        client = district.client("xa2")
        assert search(client, after=person_id("dao")) == search(client)

    def test_an_administrator_of_accounts_sees_nobody(self, district: District) -> None:
        assert district.client("admin").get("/people").status_code == 403

    @pytest.mark.parametrize("who", READERS)
    def test_numbers_are_half_hidden_everywhere(self, district: District, who: str) -> None:
        client = district.client(who)
        pages_ = [client.get("/people"), client.get("/people?q=099036000007"), client.get(f"/people/{person_id('phuc')}")]
        text = "".join(page.text for page in pages_)
        assert pages_[-1].status_code == 200
        assert "00009900000007" not in text
        assert "0007" in text  # the account's last four
        typed = ('value="099036000007"', 'value="/people?q=099036000007"')  # what was typed stays in its box, and in the page's own address
        assert "099036000007" not in text.replace(typed[0], "").replace(typed[1], "")
        assert ("099•••••0007" in text) is not who.startswith("post")

    @pytest.mark.parametrize("who", ["post_agent", "post_supervisor"])
    def test_the_post_office_learns_no_category(self, district: District, who: str) -> None:
        client = district.client(who)
        text = client.get("/people").text + client.get(f"/people/{person_id('my')}").text + client.get(f"/people/{person_id('an')}").text
        assert "khuyết tật" not in text
        assert "Người có hoàn cảnh" not in text
        assert "Nghị định" not in text
        assert search(client, category="NKT") == search(client)

    @pytest.mark.parametrize("who", ["post_agent", "post_supervisor"])
    def test_the_post_office_cannot_search_by_identity_number(self, district: District, who: str) -> None:
        client = district.client(who)
        assert search(client, q="099138000001") == []
        assert search(client, q="0991380") == []
        assert search(client, q="0510000001") == ids("dao")

    def test_an_identity_number_is_not_found_piece_by_piece(self, district: District) -> None:
        assert search(district.client("huyen"), q="09913800000") == []

    @pytest.mark.parametrize("who", READERS)
    def test_the_list_names_groups_only(self, district: District, who: str) -> None:
        client = district.client(who)
        rows = client.get("/people?q=le+van+an", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
        assert found(rows) == ids("an")
        assert "khoản 8" not in rows.text
        assert "5.8" not in rows.text

    @pytest.mark.parametrize(("who", "knows"), [("xa", True), ("huyen", True), ("lanhdao", True), ("giamsat", False), ("chitra", False)])
    def test_a_confidential_category_stands_on_the_page_of_who_may_know(self, district: District, who: str, knows: bool) -> None:
        text = district.client(who).get(f"/people/{person_id('an')}").text
        assert ("khoản 8 Điều 5" in text) is knows

    @pytest.mark.parametrize("who", ["xa", "huyen", "giamsat"])
    def test_nobody_finds_the_confidential_by_a_filter(self, district: District, who: str) -> None:
        client = district.client(who)
        assert 'value="5.8"' not in client.get("/people").text
        assert search(client, category="5.8") == []

    def test_an_auditor_may_not_filter_by_category_but_by_group(self, district: District) -> None:
        client = district.client("giamsat")
        assert search(client, category="5.6-nang") == []
        assert search(client, category="NKT") == ids("binh2", "my", "hoa", "yen")


class TestPaging:
    @pytest.fixture
    def crowd(self, each_district: District) -> District:
        """The district with 130 people more, many of them with the same name."""
        rights = [("5.5c", 10, "2018-01", dict[str, str]())]
        people = [
            Made(f"p{i}", f"Trần Văn {['Đức', 'Đạt', 'Anh'][i % 3]}", "1940", "M", "18568-01", rights, {"code": f"P{i:03d}"})
            for i in range(130)
        ]
        with each_district.open():
            answer = door.submit(people_edits(people), import_as("crowd"), IMPORTED)
        assert {result.status for result in answer.results} == {"accepted"}
        return each_district

    def test_pages_show_everyone_once_and_in_order(self, crowd: District) -> None:
        client = crowd.client("huyen")
        seen: list[str] = []
        url = "/people"
        sizes = []
        while url:
            answer = client.get(url)
            seen += found(answer)
            sizes.append(len(found(answer)))
            url = link(answer, "next")
        assert sizes == [50, 50, 42]
        assert len(set(seen)) == 142
        with crowd.open():
            ordered = Person.select(Person.id).order_by(Person.sort_key, Person.id)
            assert seen == [each.id for each in ordered]

    def test_the_way_back_shows_the_same_pages(self, crowd: District) -> None:
        client = crowd.client("huyen")
        first = client.get("/people")
        second = client.get(link(first, "next"))
        third = client.get(link(second, "next"))
        assert link(first, "prev") == ""
        back = client.get(link(third, "prev"))
        assert found(back) == found(second)
        assert found(client.get(link(back, "prev"))) == found(first)
        assert found(client.get(link(back, "next"))) == found(third)

    def test_a_search_is_paged_with_its_words_and_filters(self, crowd: District) -> None:
        client = crowd.client("huyen")
        first = client.get("/people", query_string={"q": "tran van", "hamlet": "18568-01"})
        assert len(found(first)) == 50
        assert len(found(client.get(link(client.get(link(first, "next")), "next")))) == 30

    def test_somebody_new_on_an_earlier_page_shifts_nothing(self, crowd: District) -> None:
        client = crowd.client("huyen")
        first = client.get("/people")
        following = found(client.get(link(first, "next")))
        made = {"code": "NEW", "full_name": "Bùi An", "birth": "1940", "commune": "18568", "payment_method": CASH}
        pairs = {name: (None, value) for name, value in made.items()}
        assert crowd.submit(IMPORTER, "person", named("new"), pairs, create=True).status == "accepted"
        assert found(client.get(link(first, "next"))) == following

    def test_the_number_of_questions_does_not_grow_with_the_rows(self, crowd: District) -> None:
        asked: list[str] = []
        with crowd.open():
            before = db.database.execute_sql

            def counted(sql: str, params: object = None) -> object:
                asked.append(sql)
                return before(sql, params)

            db.database.obj.execute_sql = counted
            try:
                shown = person.page(person.Asked(), None, "district_officer", "2024-10")
            finally:
                del db.database.obj.execute_sql
        assert len(shown.rows) == 50
        assert len(asked) == 2
        assert not any("OFFSET" in sql.upper() or "COUNT(" in sql.upper() for sql in asked)


def link(answer: TestResponse, rel: str) -> str:
    """The address of the next or previous page; "" where there is none."""
    match = re.search(rf'rel="{rel}" href="([^"]+)"', answer.text)
    return match[1].replace("&amp;", "&") if match else ""


class TestTheirPage:
    def test_it_leads_with_why_this_amount(self, each_district: District) -> None:
        text = each_district.client("xa").get(f"/people/{person_id('my')}").text
        why = text[text.index("Tháng 10/2024 nhận") : text.index("Thông tin")]
        assert "1.750.000" in why
        assert "Trẻ em khuyết tật đặc biệt nặng" in why
        assert "500.000 × 2,5 = 1.250.000 đồng" in why
        assert "Nghị định 76/2024/NĐ-CP" in why
        assert "Điều 6 khoản 1" in why

    def test_who_gets_nothing_this_month_is_told_so(self, district: District) -> None:
        text = district.client("xa").get(f"/people/{person_id('lan')}").text
        assert "Không có chế độ nào được chi trong tháng này." in text
        assert "thôi từ 08/2024" in text
        assert "Đã mất" in text

    def test_what_waits_is_named_with_a_way_to_it(self, each_district: District) -> None:
        change = each_district.report_death("dao", "2024-09-03")
        text = each_district.client("huyen").get(f"/people/{person_id('dao')}").text
        assert "Đang chờ quyết định" in text
        assert f"/changes/{change}" in text

    def test_only_who_may_change_something_is_offered_to(self, district: District) -> None:
        path = f"/people/{person_id('dao')}"
        assert f"{path}/edit" in district.client("xa").get(path).text
        assert f"{path}/edit" not in district.client("giamsat").get(path).text
        assert district.client("giamsat").get(f"{path}/edit").status_code == 403
        assert district.client("giamsat").post(f"{path}/edit", data={"phone": "0510000099"}).status_code == 403
