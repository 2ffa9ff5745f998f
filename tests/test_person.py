"""People: the list and its search, who sees what, the page of one person, and the form that corrects it."""

import re
import unicodedata

import msgspec
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import db, door, person
from sync.fields import IMPORTER
from sync.ids import named
from tests.district import CASH, IMPORT, IMPORTED, District, Made, people_edits, person_id

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

    @pytest.mark.parametrize(
        "typed",
        ["Nguyễn Thị Đào", "nguyen thi dao", "ĐÀO NGUYỄN", "dao thi", "  đào ", unicodedata.normalize("NFD", "Nguyễn Thị Đào"), "nguy đào"],
    )
    def test_a_name_is_found_however_it_is_typed(self, each_district: District, typed: str) -> None:
        assert search(each_district.client("huyen"), q=typed) == ids("dao")

    @pytest.mark.parametrize("typed", ["LH18568-0001", "lh18568-0001", "0510000001", "0510 000 001", "+84 510 000 001", "099138000001"])
    def test_a_code_a_phone_and_an_identity_number_find_their_owner(self, each_district: District, typed: str) -> None:
        assert search(each_district.client("huyen"), q=typed) == ids("dao")

    def test_every_word_has_to_fit(self, district: District) -> None:
        assert search(district.client("huyen"), q="nguyen binh") == ids("binh2", "binh")
        assert search(district.client("huyen"), q="binh thach") == []

    @pytest.mark.parametrize("typed", ["khong co ai", "%", "_", "'", "\\"])
    def test_what_fits_nobody_says_so(self, district: District, typed: str) -> None:
        answer = district.client("huyen").get("/people", query_string={"q": typed})
        assert found(answer) == []
        assert "Không tìm thấy ai" in answer.text

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({"commune": "18580"}, ["binh2", "ut", "vinh", "yen"]),
            ({"commune": "18580", "hamlet": "18580-02"}, ["vinh", "yen"]),
            ({"hamlet": "18568-02"}, ["an", "binh", "hoa", "phuc"]),
            ({"hamlet": "18999-02"}, []),
            ({"method": "bank"}, ["my", "phuc"]),
            ({"status": "dead"}, ["lan"]),
            ({"category": "TE"}, ["vinh"]),
            ({"category": "5.6-nang"}, ["hoa"]),
            ({"category": "NKT", "q": "nguyen"}, ["binh2", "hoa"]),
        ],
    )
    def test_filters_narrow_it(self, each_district: District, filters: dict[str, str], expected: list[str]) -> None:
        assert search(each_district.client("huyen"), **filters) == ids(*expected)

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
        again = client.get("/people", query_string={**asked, "place": "18580"}, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
        assert "hx-swap-oob" not in again.text


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
        assert "099036000007" not in text.replace('value="099036000007"', "")  # what was typed stays in its box
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
        rights = [("5.5c", 10, "2018-01", {})]
        people = [
            Made(f"p{i}", f"Trần Văn {['Đức', 'Đạt', 'Anh'][i % 3]}", "1940", "M", "18568-01", rights, {"code": f"P{i:03d}"})
            for i in range(130)
        ]
        with each_district.open():
            answer = door.submit(people_edits(people), msgspec.structs.replace(IMPORT, device="crowd"), IMPORTED)
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
            ordered = person.Person.select(person.Person.id).order_by(person.Person.sort_key, person.Person.id).tuples()
            assert seen == [row[0] for row in ordered]

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
            db.database.obj.execute_sql = lambda sql, params=None, *rest: (asked.append(sql), before(sql, params, *rest))[1]
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
