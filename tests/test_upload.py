"""A file on its way into the register: confirmed once, handed in batch by batch, and the same however often it is begun again."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal import door, upload
from portal.models.account import Account
from portal.models.journal import Journal
from portal.models.upload import Upload, UploadBatch
from portal.upload import Item
from portal.verify import verify
from sync.ids import named
from tests.district import NOW, District, person_id

MY, AN = person_id("my"), person_id("an")


def item(person: str, place: str = "Trang!7", **pairs: tuple[object, object]) -> Item:
    return Item(place, "person", person, pairs)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two, so that few edits are several."""
    monkeypatch.setattr(upload, "BATCH", 2)


def add(district: District, who: str = "xa", content: bytes = b"one", kind: str = "list") -> str:
    with district.open():
        return upload.add(Account.get(Account.name == who), kind, "18568", "danh-sach.xlsx", content, NOW)


def confirmed(district: District, *items: Item, who: str = "xa", content: bytes = b"one") -> str:
    made = add(district, who, content)
    with district.open():
        assert upload.freeze(made, items, NOW)
    return made


def addresses(*keys: str) -> list[Item]:
    return [item(person_id(key), f"Trang!{row}", address=(None, f"Số {row}")) for row, key in enumerate(keys, 7)]


def journal(district: District) -> list[tuple[str, int]]:
    with district.open():
        return [(row.device, row.n) for row in Journal.select().where(Journal.device.startswith("upload:")).order_by(Journal.seq)]


def press(client: FlaskClient, made: str) -> str:
    answer = client.post(f"/uploads/{made}/carry-on", follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_edits_go_in_batch_by_batch_and_each_tells_what_became_of_it(district: District, small: None) -> None:
    other = item(MY, "Trang!9", full_name=("Trần Thị Mỹ Lệ", "Trần Mỹ"), birth=("1950-01-01", "1951"))
    made = confirmed(district, *addresses("my", "an"), other, item(named("person", "none"), "Trang!10", address=(None, "x")), *addresses("hoa"))
    client = district.client("xa")
    assert "Đã xong 0 trong 5 mục" in client.get(f"/uploads/{made}").text
    assert "Đã xong 2 trong 5 mục" in press(client, made)
    press(client, made)
    page = press(client, made)
    assert "Đã xong 5 trong 5 mục" in page and "Đã ghi xong tệp này" in page
    with district.open():
        found = upload.progress(made)
    assert (found.counts, found.is_finished) == ({"refused": 1, "conflict": 1, "applied": 3}, True)
    assert [(each.place, each.outcome) for each in found.rest] == [("Trang!9", "conflict"), ("Trang!10", "refused")]
    assert re.search(r"Trang!10.*?Không tìm thấy hồ sơ này trong địa bàn của bạn", page, re.DOTALL)
    assert [district.value("person", person_id(key), "address") for key in ("my", "an", "hoa")] == ["Số 7", "Số 8", "Số 7"]
    assert journal(district) == [(f"upload:{made}", n) for n in range(1, 6)]
    with district.open():
        assert verify(door.store()).is_whole


def test_nothing_of_a_person_is_kept_once_a_file_is_finished_or_given_up(district: District, small: None) -> None:
    finished, given_up = confirmed(district, *addresses("my")), add(district, content=b"two")
    client = district.client("xa")
    press(client, finished)
    with district.open():
        upload.answer(given_up, {"left_out": ["Trang!7"]})
    client.post(f"/uploads/{given_up}/drop")
    with district.open():
        rows = {row.id: row for row in Upload.select()}
        assert [(rows[each].state, rows[each].content, rows[each].answers) for each in (finished, given_up)] == [("done", None, "{}"), ("dropped", None, "{}")]
        [batch] = UploadBatch.select()
        assert batch.edits is None
        assert "Số 7" not in json.dumps([batch.results])


def test_what_was_interrupted_goes_on_and_an_answer_that_was_lost_counts_once(district: District, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    made = confirmed(district, *addresses("my", "an", "hoa"))
    client = district.client("xa")
    press(client, made)
    before = journal(district)
    # The server died before it had noted what the door has answered: the same batch is handed in once more.
    with district.open():
        UploadBatch.update(results=None).where(UploadBatch.number == 1).execute()
    assert "Đang ghi dở" in client.get("/uploads").text and "Tệp đang ghi dở" in client.get("/").text
    page = press(client, made)
    assert journal(district) == before and "Đã xong 2 trong 3 mục" in page
    press(client, made)
    assert len(journal(district)) == 3
    assert press(client, made) and len(journal(district)) == 3
    assert "Tệp đang ghi dở" not in client.get("/").text

    def dies(*_: object) -> None:
        raise RuntimeError

    again = confirmed(district, *addresses("binh", "phuc", "duong"), content=b"again")
    with monkeypatch.context() as broken, district.open():
        broken.setattr(upload, "_answered", dies)
        with pytest.raises(RuntimeError):
            upload.carry_on(again, district.actor("xa"), NOW)
        assert upload.progress(again).done == 0
    press(client, again)
    press(client, again)
    assert [district.value("person", person_id(key), "address") for key in ("binh", "phuc", "duong")] == ["Số 7", "Số 8", "Số 9"]


def test_htmx_loads_the_next_part_by_itself_and_is_led_to_the_end(district: District, small: None) -> None:
    made = confirmed(district, *addresses("my", "an", "hoa"))
    client = district.client("xa")
    partly = {"HX-Request": "true", "HX-Request-Type": "partial"}
    first = client.post(f"/uploads/{made}/carry-on", headers=partly)
    assert 'hx-trigger="load, submit"' in first.text and "<html" not in first.text and "HX-Redirect" not in first.headers
    last = client.post(f"/uploads/{made}/carry-on", headers=partly)
    assert last.headers["HX-Redirect"] == f"/uploads/{made}" and "hx-post" not in last.text


def test_a_file_is_its_senders_alone(district: District) -> None:
    made = confirmed(district, *addresses("my"))
    for who in ("xa2", "huyen"):
        client = district.client(who)
        assert "danh-sach.xlsx" not in client.get("/uploads").text
        assert [client.get(f"/uploads/{made}").status_code, client.post(f"/uploads/{made}/carry-on").status_code] == [404, 404]
    assert district.client("kiemsoat").get("/uploads").status_code == 403
    assert journal(district) == []
    with district.open():
        Account.update(unit="18580").where(Account.name == "xa").execute()
        assert upload.find(Account.get(Account.name == "xa"), made) is None


def test_a_file_is_confirmed_once_and_the_same_file_is_not_taken_in_twice_at_a_time(district: District) -> None:
    made, again = add(district), add(district)
    assert made == again
    with district.open():
        assert upload.freeze(made, addresses("my"), NOW)
        assert not upload.freeze(made, addresses("an"), NOW)
    second = add(district)
    assert second != made
    with district.open():
        assert not upload.freeze(second, addresses("my"), NOW)
        upload.carry_on(made, district.actor("xa"), NOW)
        assert upload.freeze(second, [], NOW)
        assert upload.progress(second).is_finished and upload.own(Account.get(Account.name == "xa"))[0].state == "done"


def test_what_nobody_comes_back_to_is_forgotten(district: District) -> None:
    looked_at, begun = add(district), confirmed(district, *addresses("my"), content=b"two")
    with district.open():
        account = Account.get(Account.name == "xa")
        upload.add(account, "list", "18568", "x", b"three", NOW + upload.KEPT["open"] + timedelta(hours=1))
        assert [Upload.get_by_id(each).state for each in (looked_at, begun)] == ["dropped", "running"]
        upload.add(account, "list", "18568", "x", b"four", NOW + upload.KEPT["running"] + timedelta(hours=1))
        row = Upload.get_by_id(begun)
        assert (row.state, row.content, UploadBatch.get(UploadBatch.upload == begun).edits) == ("dropped", None, None)


def test_what_a_unit_said_of_its_columns_is_its_own(district: District) -> None:
    with district.open():
        upload.remember_columns("18568", "layout", {"full_name": 1}, NOW)
        upload.remember_columns("18568", "layout", {"full_name": 2}, NOW)
        upload.remember_columns("18580", "other", {"full_name": 3}, NOW)
        assert (upload.columns("18568"), upload.columns("18580")) == ({"layout": {"full_name": 2}}, {"other": {"full_name": 3}})
