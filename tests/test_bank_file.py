"""Payment files for banks: each line once, laid out by a template, digest and downloads written down; no formula, no category."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from portal import bank_file, bank_template, spreadsheet
from portal.models.bank_file import BankFileLine
from portal.models.conflict import Conflict
from portal.models.journal import Journal
from portal.models.payment import Payment
from portal.verify import verify
from sync import bank_layout
from sync.bank_layout import Layout, Transfer, parse_columns, parse_content, parse_header_rows
from sync.ids import named, uuid7
from sync.values import ValueProblem
from tests.arranged import add_session, post_list
from tests.district import MONTH, District, line_code

URL = "/bank-files"
MY, CARE, PHUC = line_code("my"), line_code("my", 2), line_code("phuc")
BANK = "Agribank"
GENERIC, AGRIBANK = named("bank-template", "generic"), named("bank-template", "agribank")


def text(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.fixture
def posted(district: District) -> District:
    add_session(district)
    add_session(district, commune="18580", agent="chitra2")
    post_list(district)
    return district


@pytest.fixture
def supervisor(posted: District) -> FlaskClient:
    return posted.client("kiemsoat")


def make(client: FlaskClient, bank: str, template: str = GENERIC, record: str = "") -> TestResponse:
    return client.post(URL, data={"month": MONTH, "bank": bank, "template": template, "record": record or uuid7()}, follow_redirects=True)


def banks_of(district: District) -> list[bank_file.Bank]:
    with district.open():
        list_id = bank_file.posted(MONTH)
        assert list_id is not None
        return bank_file.overview(list_id, None)


def files(district: District) -> list[bank_file.File]:
    with district.open():
        return bank_file.files(MONTH)


def take(client: FlaskClient, file: bank_file.File, seen: int = 0) -> TestResponse:
    return client.post(f"{URL}/{file.id}/download", data={"seen": str(seen)})


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_file_has_every_transfer_of_its_bank_once(posted: District, supervisor: FlaskClient) -> None:
    before = {each.name: each for each in banks_of(posted)}
    answer = make(supervisor, BANK)
    assert answer.status_code == 200 and "tệp số 1" in text(answer)
    [file] = files(posted)
    assert (file.bank, file.number, file.lines, file.total) == (BANK, 1, before[BANK].lines, before[BANK].amount)
    rows = rows_of(take(supervisor, file))
    with posted.open():
        wanted = {(p.line_code, p.account, str(p.total)) for p in Payment.select().where(Payment.bank == BANK, Payment.method != "cash")}
    assert {(row["Ma ho so"], row["So tai khoan"], row["So tien"]) for row in rows} == wanted
    assert [row["Noi dung"] for row in rows] == [f"TCXH T10/2024 {row['Ma ho so']}" for row in rows]
    assert "không còn khoản" in text(make(supervisor, BANK)).lower()
    assert len(files(posted)) == 1


def test_the_digest_is_that_of_the_bytes_and_stays(posted: District, supervisor: FlaskClient) -> None:
    for template in (GENERIC, AGRIBANK):
        make(supervisor, BANK if template == GENERIC else "VietinBank", template)
    for file in files(posted):
        first, again = take(supervisor, file), take(supervisor, file, 1)
        assert hashlib.sha256(first.data).hexdigest() == file.digest
        assert first.data == again.data and len(first.data) > 50


def test_a_second_download_says_who_had_the_first(posted: District, supervisor: FlaskClient) -> None:
    make(supervisor, BANK)
    [file] = files(posted)
    assert "đã được tải" not in text(supervisor.get(f"{URL}/{file.id}"))
    assert take(supervisor, file).status_code == 200
    page = text(supervisor.get(f"{URL}/{file.id}"))
    assert "Tệp này đã được tải" in page and "Tải lần nữa" in page
    told = take(supervisor, file)
    assert told.status_code == 409 and "Tệp này vừa được tải" in text(told)
    [after] = files(posted)
    assert after.downloads == 1 and [each["by"] for each in after.downloaded] == ["kiemsoat"]
    with posted.open():
        assert Journal.select().where(Journal.kind == "bank_file", Journal.record == file.id).count() == 3


def test_one_made_before_is_answered_by_the_same_page(posted: District, supervisor: FlaskClient) -> None:
    record = uuid7()
    data = {"month": MONTH, "bank": BANK, "template": GENERIC, "record": record, "_edit": "twice"}
    answers = [supervisor.post(URL, data=data) for _ in range(2)]
    assert {answer.location for answer in answers} == {f"{URL}/{record}"}
    assert len(files(posted)) == 1


def test_held_lines_stay_out_and_say_why_then_come_in_a_supplementary_file(posted: District, supervisor: FlaskClient) -> None:
    posted.report_death("phuc", "2024-09-20")
    page = text(supervisor.get(URL))
    assert "Không gửi" in page and "Báo đã mất" in page and PHUC in page
    bank = next(each for each in banks_of(posted) if each.left_out)
    assert bank.left_out == 1
    with posted.open():
        line = Payment.get(Payment.line_code == PHUC)
    if bank.left_lines:
        make(supervisor, bank.name)
    result = posted.submit("huyen", "payment", line.id, {"hold": (posted.value("payment", line.id, "hold"), None)}, why="Còn sống")
    assert result.fields == {"hold": "applied"}
    make(supervisor, bank.name)
    newest = files(posted)[0]
    rows = rows_of(take(supervisor, newest))
    assert [row["Ma ho so"] for row in rows] == [PHUC]


def test_a_line_held_after_it_was_sent_is_told(posted: District, supervisor: FlaskClient) -> None:
    with posted.open():
        bank = Payment.get(Payment.line_code == PHUC).bank or ""
    make(supervisor, bank)
    assert "nay giữ lại" not in text(supervisor.get(URL))
    posted.report_death("phuc", "2024-09-20")
    page = text(supervisor.get(URL))
    assert "Đã gửi ngân hàng nhưng nay giữ lại" in page and PHUC in page
    assert "nay giữ lại" in text(supervisor.get(f"{URL}/{files(posted)[0].id}"))


def test_a_file_takes_no_more_rows_than_its_template_says(posted: District, supervisor: FlaskClient) -> None:
    template = save(supervisor, named("bank-template", "generic"), max_rows="1")
    assert template.status_code == 303
    lines = next(each.lines for each in banks_of(posted) if each.name == BANK)
    assert lines > 1
    for _ in range(lines):
        make(supervisor, BANK)
    made = files(posted)
    assert [(file.number, file.lines) for file in made] == [(number, 1) for number in range(lines, 0, -1)]
    with posted.open():
        assert BankFileLine.select().count() == lines
    assert next(each for each in banks_of(posted) if each.name == BANK).left_lines == 0


@pytest.mark.parametrize("who", ["chitra", "xa", "huyen", "lanhdao", "giamsat"])
def test_only_the_supervisor_makes_and_takes_files(posted: District, supervisor: FlaskClient, who: str) -> None:
    make(supervisor, BANK)
    [file] = files(posted)
    client = posted.client(who)
    assert make(client, BANK).status_code == 403 and take(client, file).status_code == 403
    result = posted.submit(who, "bank_file", file.id, {"downloads": (0, 1)})
    assert result.status == "refused"


def test_the_register_is_what_the_journal_says_with_files_in_it(posted: District, supervisor: FlaskClient) -> None:
    make(supervisor, BANK, AGRIBANK)
    take(supervisor, files(posted)[0])
    with posted.open():
        from portal import door

        assert verify(door.store()).is_whole


def test_a_formula_is_text_in_either_kind_of_file() -> None:
    evil = "=HYPERLINK(1)"
    transfer = Transfer("LH1-0001/1", "@123456", evil, evil, "-x", "970405", 500_000, "+Xã")
    columns = ("line=Mã", "account=TK", "holder=Tên", "bank=NH", "commune=Xã", "amount=Tiền")
    layout = Layout(columns=columns, accents=True, upper=False, format="csv")
    row = bank_layout.row(layout, MONTH, 1, transfer)
    cells = next(csv.reader(io.StringIO(bank_layout.joined(layout, row))))
    assert [cell[0] for cell in cells[1:5]] == ["'"] * 4 and cells[5] == "500000"
    out = io.BytesIO()
    spreadsheet.write(out, "DS", [row])
    sheet = openpyxl.load_workbook(out).active
    assert sheet is not None
    assert [(cell.value, cell.data_type) for cell in sheet[1]][2] == (evil, "s")
    book = spreadsheet_rows([bank_layout.row(Layout(columns=columns, format="xlsx"), MONTH, 1, transfer)])
    assert book[0][-1] == 500_000


def spreadsheet_rows(rows: list[list[str | int]]) -> list[tuple[Any, ...]]:
    out = io.BytesIO()
    spreadsheet.write(out, "a/b:c" * 20, rows)
    sheet = openpyxl.load_workbook(out).active
    assert sheet is not None and len(sheet.title) <= 31
    return list(sheet.iter_rows(values_only=True))


@given(st.lists(st.lists(st.text(max_size=20) | st.integers(0, 10**12), min_size=1, max_size=5), max_size=20))
def test_a_workbook_holds_what_was_written(rows: list[list[str | int]]) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    spreadsheet.write(first, "DS", rows)
    spreadsheet.write(second, "DS", rows)
    assert first.getvalue() == second.getvalue()
    openpyxl.load_workbook(first)


@pytest.mark.parametrize(("encoding", "codec"), [("utf-8", "utf-8"), ("utf-8-bom", "utf-8-sig"), ("utf-16", "utf-16"), ("windows-1258", "cp1258")])
def test_names_come_out_of_the_encoding_as_they_went_in(encoding: str, codec: str) -> None:
    import unicodedata

    layout = Layout(columns=("holder=Chủ tài khoản", "account=TK", "amount=Tiền"), encoding=encoding, accents=True, upper=False)
    names = "Nguyễn Thị Hường Đặng Ước Kỷ Ấu ằẵẳặ ỹỵỷ ờỡởợ"
    written = bank_layout.mark_of(layout) + bank_layout.encoded(layout, names)
    assert unicodedata.normalize("NFC", written.decode(codec)) == names


def test_what_an_encoding_cannot_carry_is_told_line_by_line() -> None:
    transfer = Transfer("LH1-0001/1", "123456", "Nguyễn Ước", "", BANK, "", 1, "")
    kept = Layout(columns=("holder=Ten", "account=TK", "amount=Tien"), encoding="ascii", accents=True)
    assert bank_layout.unfit(kept, MONTH, [transfer]) == [("encoding", "LH1-0001/1", "NGUYỄN ƯỚC")]
    plain = Layout(columns=kept.columns, encoding="ascii", accents=False)
    assert bank_layout.unfit(plain, MONTH, [transfer]) == []
    assert bank_layout.row(plain, MONTH, 1, transfer)[0] == "NGUYEN UOC"


def test_a_content_too_long_for_the_longest_line_is_told() -> None:
    layout = Layout(columns=("account=TK", "amount=Tien"), content="TRO CAP XA HOI HANG THANG CUA THANG {MM} NAM {YYYY} MA DONG {line}")
    long = Transfer("LH18568-0001234567/1", "1", "A", "A", BANK, "", 1, "")
    assert [code for code, _, _ in bank_layout.unfit(layout, MONTH, [long])] == ["content_too_long"]


@pytest.mark.parametrize(
    ("parse", "raw", "code"),
    [
        (parse_columns, "account=TK\namount=Tien\nline=Ma\ncategory=Loai", "unknown_column"),
        (parse_columns, "account=TK\nline=Ma", "column_missing"),
        (parse_columns, "account=TK\namount=Tien", "column_missing"),
        (parse_content, "TCXH {category} {line}", "unknown_word"),
        (parse_content, "TCXH T{MM}/{YYYY}", "content_without_line"),
        (parse_content, f"{'x' * 70}{{line}}", "too_long"),
        (parse_header_rows, "Lập bởi {someone}", "unknown_word"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(parse: Any, raw: str, code: str) -> None:
    with pytest.raises(ValueProblem) as caught:
        parse(raw)
    assert caught.value.code == code


def test_no_word_of_a_layout_names_a_category() -> None:
    assert not {"category", "coefficient10", "national_id"} & set(bank_layout.COLUMNS)


def fields(template: bank_template.Template, **changed: str) -> dict[str, str]:
    given = {name: value for name, value in template.values.items() if name in bank_template.NAMES and value not in (None, False)}
    typed = {name: "\n".join(value) if isinstance(value, list) else "1" if value is True else str(value) for name, value in given.items()}
    return {**typed, "step": "save", **changed}


def save(client: FlaskClient, template_id: str, **changed: str) -> TestResponse:
    found = next(each for each in bank_template._presets() if each.id == template_id)
    page = client.get(f"/bank-templates/{template_id}/edit").text
    seen = dict(re.findall(r'name="(seen\.[a-z_]+)" value="([^"]*)"', page))
    from html import unescape

    return client.post(f"/bank-templates/{template_id}/edit", data={**{k: unescape(v) for k, v in seen.items()}, **fields(found, **changed)})


def test_a_template_is_edited_and_kept(posted: District, supervisor: FlaskClient) -> None:
    assert save(supervisor, GENERIC, name="Mẫu của tỉnh", separator="tab").status_code == 303
    assert save(supervisor, GENERIC, name="Mẫu của tỉnh", separator="pipe").status_code == 303
    with posted.open():
        found = bank_template.find(GENERIC)
        assert found is not None
        assert (found.name, found.layout.separator, found.is_preset) == ("Mẫu của tỉnh", "pipe", False)
        assert len(bank_template.every()) == 3
    assert "Mẫu của tỉnh" in text(supervisor.get("/bank-templates"))


def test_a_form_that_is_wrong_says_which_and_keeps_what_was_typed(supervisor: FlaskClient) -> None:
    answer = save(supervisor, GENERIC, columns="account=TK\nloai=Loại")
    assert answer.status_code == 422
    assert "Không có cột «loai»" in text(answer) and "loai=Loại" in answer.text
    answer = save(supervisor, GENERIC, content="TCXH {line} {category}")
    assert answer.status_code == 422 and "Không dùng được «category»" in text(answer)


def test_the_preview_shows_real_rows_and_what_does_not_fit(supervisor: FlaskClient) -> None:
    page = supervisor.get(f"/bank-templates/{AGRIBANK}/edit")
    assert MY in text(page) and "TCXH T10/2024" in text(page)
    bad = save(supervisor, AGRIBANK, step="preview", format="csv", encoding="ascii", accents="1", header_rows="")
    assert bad.status_code == 200 and "Bảng mã không viết được" in text(bad)
    part = supervisor.post(
        f"/bank-templates/{AGRIBANK}/edit",
        data=fields(next(each for each in bank_template._presets() if each.id == AGRIBANK), step=""),
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    )
    assert "<html" not in part.text and "TCXH T10/2024" in part.text


def test_a_template_out_of_use_is_not_offered(posted: District, supervisor: FlaskClient) -> None:
    supervisor.post(f"/bank-templates/{GENERIC}/state", data={"state": "retired"})
    with posted.open():
        assert GENERIC not in {each.id for each in bank_template.for_bank(BANK)}
    assert make(supervisor, BANK, GENERIC).status_code == 422


def test_header_rows_say_who_when_and_which(posted: District, supervisor: FlaskClient) -> None:
    make(supervisor, BANK, AGRIBANK)
    sheet = openpyxl.load_workbook(io.BytesIO(take(supervisor, files(posted)[0]).data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert "thang 10/2024, Agribank" in str(rows[0][0])
    assert re.match(r"Tep so 1, lap boi .+ luc 05/10/2024 \d\d:\d\d: \d+ khoan, \d+ dong", str(rows[1][0]))
    assert rows[2][:2] == ("STT", "So tai khoan") and rows[3][0] == 1 and isinstance(rows[3][3], int)


def test_two_who_change_a_template_are_asked_which_it_is(posted: District, supervisor: FlaskClient) -> None:
    save(supervisor, GENERIC, separator="tab")
    assert posted.submit("huyen", "bank_template", GENERIC, {"separator": ("tab", "pipe")}).fields == {"separator": "applied"}
    assert posted.submit("kiemsoat", "bank_template", GENERIC, {"separator": ("tab", "semicolon")}).fields == {"separator": "conflict"}
    with posted.open():
        [conflict] = Conflict.select().where(Conflict.state == "open")
    for who in ("huyen", "kiemsoat"):
        client = posted.client(who)
        assert str(conflict.id) in client.get("/conflicts").text
        page = client.get(f"/conflicts/{conflict.id}")
        assert page.status_code == 200 and "Gạch đứng" in text(page) and "Dấu chấm phẩy" in text(page)
