"""A week's work in a workbook, saved by LibreOffice and sent back, leaves the register as the same work on pages does."""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal import door
from portal.models.change import Change
from portal.models.conflict import Conflict
from tests import machine
from tests.commune_books import FIRST, NAME, Book, by_office, fetched, sent, taken_in
from tests.district import PEOPLE, District, person_id, served
from tests.proposing import Fields, send

ROW = {made.key: made.name for made in PEOPLE if made.hamlet.startswith("18568") and "closed" not in made.fields}
CHOICES = {
    "sex": {"F": "Nữ", "M": "Nam"},
    "home_delivery": {"1": "Có", "": "Không"},
    "payment_method.method": {"cash": "Tiền mặt", "bank": "Chuyển khoản"},
    "payment_method.source": {"vneid": "VNeID", "bank": "Ngân hàng"},
}
HEADINGS = {
    "full_name": NAME,
    "birth": "Ngày sinh",
    "sex": "Giới tính",
    "national_id": "Số CCCD",
    "hamlet": "Thôn/TDP",
    "address": "Địa chỉ",
    "phone": "Số điện thoại",
    "locator": "Cách tìm nhà",
    "guardian": "Người giám hộ",
    "home_delivery": "Chi trả tại nhà",
    "payment_method.method": "Cách nhận tiền",
    "payment_method.bank": "Ngân hàng",
    "payment_method.account": "Số tài khoản",
    "payment_method.holder": "Chủ tài khoản",
    "payment_method.relation": "Quan hệ (hình thức chi trả)",
    "payment_method.source": "Nguồn thông tin tài khoản",
    "alternate_recipient.name": "Họ tên người nhận thay",
    "alternate_recipient.relation": "Quan hệ (người nhận thay)",
    "alternate_recipient.national_id": "Số CCCD người nhận thay",
    "alternate_recipient.until": "Ủy quyền đến ngày",
    "note": "Ghi chú",
}
TEXTS = ("=1+1", "+84 1", "-", "@x", "00123", "1e5", "1/2", "TRUE", "'nháy", '"kép" & <thẻ>', "_x0041_", "nha\u0300 ca\u0323nh chợ", "a  b")
_text = st.sampled_from(TEXTS)
_account = st.fixed_dictionaries(
    {
        "payment_method.method": st.just("bank"),
        "payment_method.bank": st.sampled_from(("Agribank", "VCB", "Quỹ tín dụng Lộc Hà")),
        "payment_method.account": st.sampled_from(("00009912345678", "1234567890123456789", "0000990000001")),
        "payment_method.holder": st.sampled_from(("NGUYEN VAN A", "Trần Thị B")),
    },
    optional={"payment_method.relation": st.just("con"), "payment_method.source": st.sampled_from(("vneid", "bank"))},
)
_payment: st.SearchStrategy[dict[str, str]] = st.one_of(st.just({}), st.just({"payment_method.method": "cash"}), _account, st.just({"payment_method.source": "vneid"}))
_recipient: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {"alternate_recipient.name": st.sampled_from(("Lê Văn Con", "Lê Thị Cháu"))},
        optional={
            "alternate_recipient.relation": _text,
            "alternate_recipient.national_id": st.sampled_from(("042180000001", "123456789")),
            "alternate_recipient.until": st.sampled_from(("31/12/2025", "1/2/2026")),
        },
    ),
)
_plain = st.fixed_dictionaries(
    {},
    optional={
        "birth": st.sampled_from(("1940", "5/1941", "12/05/1942", "1/2/1943")),
        "sex": st.sampled_from(("F", "M")),
        "national_id": st.sampled_from(("042140000011", "042 140 000 012", "187654321")),
        "hamlet": st.sampled_from(("TDP 1", "TDP 2")),
        "address": _text,
        "phone": st.sampled_from(("0912 345 678", "+84912345679", "0239.3845.678", "01662345678")),
        "locator": _text,
        "guardian": _text.filter(lambda text: any(letter.isalpha() for letter in text)),
        "home_delivery": st.sampled_from(("1", "")),
        "note": _text,
    },
)


def _renamed(name: str) -> st.SearchStrategy[dict[str, str]]:
    """A name put right: some word of it stays, else the row would be taken for another person's."""
    spellings = (f"{name} Sửa", f"  {name}   Đổi ", unicodedata.normalize("NFD", f"Lê {name}"))
    return st.fixed_dictionaries({}, optional={"full_name": st.sampled_from(spellings)})


def _joined(*parts: dict[str, str]) -> dict[str, str]:
    return {name: text for part in parts for name, text in part.items()}


_work = st.fixed_dictionaries({key: st.builds(_joined, _renamed(name), _plain, _payment, _recipient) for key, name in ROW.items()})
_new = st.fixed_dictionaries(
    {"full_name": st.just("Phạm Thị Mới"), "birth": st.sampled_from(("1/2/1944", "03/04/1943")), "sex": st.sampled_from(("F", "M"))},
    optional={"phone": st.just("0987 654 321"), "address": _text, "national_id": st.just("042144000099")},
)
_ROWS = len(ROW) + 3  # one for a new person, two that stay empty
_shape = st.fixed_dictionaries(
    {
        "order": st.permutations(range(_ROWS)),
        "copied": st.booleans(),
        "as_date": st.booleans(),
        "saved": st.sampled_from((("xlsx",), ("ods",), ("ods", "xlsx"))),
    }
)
Work = Mapping[str, Mapping[str, str]]


@contextmanager
def world(district_file: Path, at: Path) -> Iterator[District]:
    """A district of its own."""
    at.mkdir(parents=True)
    shutil.copyfile(district_file, at / "district.sqlite3")
    with served(f"sqlite:///{at / 'district.sqlite3'}") as found:
        yield found


def on_pages(district: District, work: Work, new: Mapping[str, str] | None) -> None:
    """The work done on each person's page, and on that of a proposal."""
    client = district.client("xa")
    for key, typed in work.items():
        address = f"/people/{person_id(key)}/edit"
        form = Fields(client.get(address).text, address).found | dict(typed)
        if not form.get("home_delivery"):
            form.pop("home_delivery", None)
        answer = client.post(address, data=form)
        assert answer.status_code == 303, answer.text
    if new is not None:
        fields = Fields(client.get("/changes/new?type=increase").text, "/changes/new").found
        about = {"reason": "MOI", "category": "5.5c", "event_date": "01/02/2024"}
        answer = send(client, fields, **about, **{f"new.{name}": text for name, text in new.items()})
        assert answer.status_code == 303, answer.text


def in_a_workbook(district: District, work: Work, new: Mapping[str, str] | None, shape: Mapping[str, Any], folder: Path) -> None:
    """The same work in the workbook: rows in any order, between empty ones, perhaps copied; opened and saved by LibreOffice; sent twice."""
    book = fetched(district.client("xa"))
    for key, typed in work.items():
        row = book.row(ROW[key])
        for name, text in typed.items():
            book.put_at(row, HEADINGS[name], _cell(name, text, as_date=shape["as_date"]))
    if new is not None:
        at = book.empty_row()
        about = {"Loại đối tượng": "5.5c Người từ đủ 80 tuổi không có lương hưu, trợ cấp", "Ngày đủ điều kiện": date(2024, 2, 1)}
        for heading, value in (about | {HEADINGS[name]: _cell(name, text) for name, text in new.items()}).items():
            book.put_at(at, heading, value)
    rows = [*range(FIRST, book.empty_row()), *[0] * _ROWS][:_ROWS]
    book.order([rows[number] for number in shape["order"]])
    if shape["copied"]:
        book.book.copy_worksheet(book.sheet)
    content = by_office(book.saved(), folder, *shape["saved"])
    client = district.client("xa")
    taken_in(client, sent(client, content, f"danh-sach.{shape['saved'][-1]}"))
    assert "không có gì mới" in client.get(sent(client, content, f"lại.{shape['saved'][-1]}")).text


def _cell(name: str, text: str, *, as_date: bool = False) -> Any:
    if name in CHOICES:
        return CHOICES[name][text]
    parts = text.split("/")
    if as_date and name in ("birth", "alternate_recipient.until") and len(parts) == 3:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    return text


def register(district: District) -> dict[str, Any]:
    """What the work left: everybody's fields, what waits for a decision, conflicts."""
    found: dict[str, Any] = {}
    with district.open():
        for person in door.store().where("person", "commune", ["18568"]):
            found |= {f"{person['code']} {name}": value for name, value in person.fields.items()}
        for row in Change.select():
            plain = {name: getattr(row, name) for name in ("type", "reason", "person", "category", "event_date", "effective", "state", "deciders")}
            new = {name: value for name, value in json.loads(row.new_person or "{}").items() if name != "id"}
            found[f"change {row.type} {row.person}"] = {**plain, "set": json.loads(row.target_set or "null"), "new": new}
        found |= {f"conflict {row.about} {row.field}": row.wanted for row in Conflict.select()}
    return found


# Each example starts LibreOffice: few, of much work each, and none made smaller where one fails.
@settings(max_examples=40 if machine.SOAK else 4, phases=(Phase.reuse, Phase.generate), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(work=_work, new=st.none() | _new, shape=_shape)
def test_a_week_in_libreoffice_equals_the_same_on_pages(
    work: Work, new: Mapping[str, str] | None, shape: Mapping[str, Any], district_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("week")
    with world(district_file, folder / "pages") as pages:
        on_pages(pages, work, new)
        wanted = register(pages)
    with world(district_file, folder / "workbook") as workbook:
        in_a_workbook(workbook, work, new, shape, folder)
        left = register(workbook)
    assert {name: value for name, value in left.items() if value != wanted.get(name)} == {
        name: value for name, value in wanted.items() if value != left.get(name)
    }


def test_what_libreoffice_saves_still_guides_and_protects(district: District, tmp_path: Path) -> None:
    saved = Book(by_office(fetched(district.client("xa")).saved(), tmp_path, "ods", "xlsx", suffix="xlsx"))
    sheet = saved.sheet
    lists = [each for each in sheet.data_validations.dataValidation if each.type == "list"]
    assert len(lists) == 8 and all("Lựa chọn" in each.formula1 for each in lists)
    assert sheet.protection.sheet
    assert [sheet.cell(FIRST, saved.columns[heading]).protection.locked for heading in ("Khóa", "Số điện thoại")] == [True, False]
    assert sheet.cell(FIRST, saved.columns["Số điện thoại"]).number_format == "@"
    assert [each.sheet_state for each in saved.book.worksheets][2:] == ["hidden", "hidden"]
    assert isinstance(saved.book, openpyxl.Workbook)
