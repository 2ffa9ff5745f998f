"""The official report: looked at before it is printed, its figures leading to their lines, its prose written once and kept."""

from __future__ import annotations

import html
import re
import subprocess
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from docx import Document
from docx.shared import Mm
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from portal import report, report_figures, report_parts, report_text, statistics, word
from sync.ids import named
from sync.kinds.report_text import BLOCKS
from tests import machine
from tests.district import MONTH, NOW, District, line_code
from tests.posted import lines, mark, mark_all, post_list

PERIOD = f"from={MONTH}&to={MONTH}"


@pytest.fixture
def paid(district: District) -> District:
    post_list(district)
    mark(district, lines(district)[line_code("hoa")], "home")
    mark_all(district, LH18568_0002_1="uncollected")
    return district


def words(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\xa0", " "))


def test_every_figure_of_the_preview_leads_to_the_lines_that_make_it(paid: District) -> None:
    client = paid.client("lanhdao")
    page = client.get(f"/reports/period?{PERIOD}")
    assert page.status_code == 200
    linked = re.findall(r'<a href="(/reports/lines[^"]*)">([\d.]+)</a> lượt', page.text)
    assert len(linked) >= 6
    for address, figure in linked:
        asked = client.get(html.unescape(address))
        assert asked.status_code == 200
        assert len(re.findall(r'<th scope="row"><a href="/people/', asked.text)) == int(figure), address


def test_the_preview_says_what_the_document_says(paid: District) -> None:
    client = paid.client("huyen")
    said = words(client.get(f"/reports/period?{PERIOD}").text)
    with client.get(f"/reports/period.docx?{PERIOD}") as answer:
        printed = Document(BytesIO(answer.data))
    body = [each.text for each in printed.paragraphs if each.text.strip()]
    assert any("Đã chi 12 lượt" in line for line in body)
    for line in body:
        assert "\ue000" not in line and re.sub(r"\s+", " ", line).strip() in said


def test_what_an_office_writes_stands_in_this_report_and_the_next(paid: District) -> None:
    client = paid.client("huyen")
    page = client.get(f"/reports/period?{PERIOD}").text
    form = {"from": MONTH, "to": MONTH, "_edit": "t-limits", "seen": ""}
    answer = client.post("/reports/text/limits", data={**form, "text": "Dòng một.\r\n\r\n  Dòng hai.  "})
    assert answer.status_code == 303 and urlsplit(answer.headers["Location"]).fragment == "block-limits"
    again = client.post("/reports/text/limits", data={**form, "text": "Dòng một.\r\n\r\n  Dòng hai.  "})
    assert again.status_code == 303  # a second press is the same edit
    after = client.get(f"/reports/period?{PERIOD}").text
    assert "Dòng một." not in page and after.count("Dòng hai.") >= 2
    with client.get(f"/reports/period.docx?{PERIOD}") as document:
        told = [each.text for each in Document(BytesIO(document.data)).paragraphs]
    assert told.index("Dòng hai.") == told.index("Dòng một.") + 1
    with paid.open():
        assert report_text.blocks("448-LDTBXH")["limits"].written == "Dòng một.\nDòng hai."


def test_two_officers_at_one_section_lose_nothing(paid: District) -> None:
    first, second = paid.client("huyen"), paid.client("huyen2")
    form = {"from": MONTH, "to": MONTH}
    assert first.post("/reports/text/plans", data={**form, "_edit": "a", "seen": "", "text": "Của tôi."}).status_code == 303
    for token, seen in (("b", "Đã thấy khác."), ("c", "")):
        lost = second.post("/reports/text/plans", data={**form, "_edit": token, "seen": seen, "text": "Của bạn."})
        assert lost.status_code == 409
        assert "Của bạn." in lost.text and "Của tôi." in lost.text
    empty = first.post("/reports/text/plans", data={**form, "_edit": "d", "seen": "Của tôi.", "text": "x" * 9000})
    assert empty.status_code == 422 and "x" * 9000 in empty.text


def test_who_may_write_and_which_form_they_get(paid: District) -> None:
    form = {"from": MONTH, "to": MONTH, "_edit": "w", "seen": "", "text": "Khác."}
    for who in ("lanhdao", "giamsat", "kiemsoat", "xa"):
        assert paid.client(who).post("/reports/text/limits", data=form).status_code == 403
        assert paid.client(who).get(f"/reports/form-10a.docx?{PERIOD}").status_code == 403
    assert paid.client("huyen").post("/reports/text/nothing", data=form).status_code == 404
    result = paid.submit("huyen", "report_text", named("x"), {"unit": (None, "BDH"), "block": (None, "plans"), "text": (None, "a")}, create=True)
    assert result.status == "refused"


def test_form_10a_counts_people_by_group_and_sex(paid: District) -> None:
    with paid.open():
        form = statistics.form_10a(MONTH, MONTH)
    told = {(each.row.number, each.row.label): each for each in form.rows}
    monthly = told["I", "TRỢ CẤP XÃ HỘI HÀNG THÁNG"]
    assert (monthly.persons, monthly.men, monthly.women) == (11, 7, 4)
    alone = told["4", "Người đơn thân nghèo đang nuôi con"]
    assert (alone.persons, alone.lines, alone.amount) == (1, 2, 1_000_000)
    care = told["2", "Người khuyết tật đặc biệt nặng"]
    child = told["a", "Dưới 16 tuổi"]
    assert (care.persons, care.women) == (1, 1) and child.persons == 1
    assert monthly.amount + told["II", "NHẬN NUÔI DƯỠNG, CHĂM SÓC TẠI CỘNG ĐỒNG"].amount == 9_000_000
    with paid.client("huyen").get(f"/reports/form-10a.docx?{PERIOD}") as answer:
        table = Document(BytesIO(answer.data)).tables[-1]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0][1] == "Chỉ tiêu" and rows[-1][-1] == "9,00"


def test_every_category_of_the_law_has_its_row() -> None:
    from portal.law import book

    listed = {category for row in statistics.ROWS for category in row.categories}
    for month in ("2022-01", "2024-10", "2025-08"):
        wanted = {code for code in book.load().at(month).categories if not code.startswith("MTP")}
        assert wanted <= listed, wanted - listed


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_rounded_rows_add_up_or_say_that_they_do_not(amounts: list[int]) -> None:
    texts, adds_up = report_figures.millions([*amounts, sum(amounts)])
    hundredths = [int(text.replace(".", "").replace(",", "")) for text in texts]
    assert adds_up == (sum(hundredths[:-1]) == hundredths[-1])
    assert all(abs(value * 10_000 - amount) <= 5_000 for value, amount in zip(hundredths, [*amounts, sum(amounts)], strict=True))


def test_a_marked_figure_is_plain_on_paper_and_linked_on_the_page() -> None:
    text = f"Đã chi {report_parts.marked('12', '/x?a=1')} lượt"
    assert report_parts.plain(text) == "Đã chi 12 lượt"
    assert list(report_parts.pieces(text)) == [("Đã chi ", ""), ("12", "/x?a=1"), (" lượt", "")]


def test_every_section_has_words_of_its_own() -> None:
    assert [each.code for each in BLOCKS] == list(report_text.OWN)


def test_on_paper_no_number_is_broken_and_no_short_table_is_torn_apart(paid: District, tmp_path: Path) -> None:
    client = paid.client("huyen")
    for name, address in (("report", f"period.docx?{PERIOD}"), ("form", f"form-10a.docx?{PERIOD}")):
        with client.get(f"/reports/{address}") as answer:
            assert str(answer.mimetype).endswith("wordprocessingml.document")
            (tmp_path / f"{name}.docx").write_bytes(answer.data)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    files = [str(tmp_path / f"{name}.docx") for name in ("report", "form")]
    command = [str(machine.office_suite()), profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    report, form = (PdfReader(tmp_path / f"{name}.pdf").pages for name in ("report", "form"))
    assert [(round(page.mediabox.width), round(page.mediabox.height)) for page in (report[0], report[-1])] == [(595, 842), (842, 595)]
    texts = [page.extract_text() for page in report]
    annex = next(number for number, text in enumerate(texts) if "Phụ lục\n" in text)
    assert "Nơi nhận" in "".join(texts[:annex]) and "Nơi nhận" not in "".join(texts[annex:])
    for table in Document(files[0]).tables[2:]:
        for cell in table.rows[-1].cells[2:]:
            assert cell.text in "".join(texts[annex:]), cell.text
    titles = [line for text in texts[annex:] for line in text.splitlines() if line.startswith("Biểu ")]
    assert len(titles) == len(Document(files[0]).tables[2:])
    for text in texts[annex:]:
        lines_ = [line for line in text.splitlines() if line.strip()]
        assert not lines_[-1].startswith(("Biểu ", "Đơn vị tính")), "a heading ends a page"
    said = "".join(page.extract_text() for page in form)
    assert "CƠ QUAN, ĐƠN VỊ\n" in said and "Mẫu số 10a" in said


@pytest.mark.parametrize(("rows", "kept"), [(3, [True, True, True, False]), (20, [True, True, *[False] * 17, True, False])])
def test_a_short_table_stays_together_and_a_long_one_keeps_its_ends(rows: int, kept: list[bool]) -> None:
    made = word.grid(Document(), ["TT", "Xã", "Số"], [["1", "Xã", "5"]] * rows, [Mm(9), Mm(40), Mm(20)], word.Look(9.5))
    assert [bool(row.cells[0].paragraphs[0].paragraph_format.keep_with_next) for row in made.rows] == kept


def test_a_column_is_as_wide_as_its_longest_number_and_words_take_what_is_left() -> None:
    wide = ["32.126.220", "1.588.250", "0", "92.104.980", "21,1%"] * 2
    text = "\n".join(
        [
            "text: lời",
            "annex: Phụ lục",
            f"columns: TT | Xã | {' | '.join(['Số tiền'] * 10)}",
            f"total: | Cộng | {' | '.join(wide)}",
            "title: Biểu",
            "columns: TT | Chỉ tiêu | Tổng số",
            "row: 1 | Hưởng trợ cấp hưu trí xã hội theo Nghị định 176/2025 của Chính phủ | 5",
        ]
    )
    money, words_ = Document(BytesIO(report.document(text, title="t", author="a", now=NOW))).tables[-2:]
    for cell in money.rows[-1].cells[2:]:
        digits = sum(letter.isdigit() for letter in cell.text)
        assert cell.width.mm >= 1.6 * digits + 1.6, (cell.text, cell.width.mm)
    assert words_.columns[1].width.mm > 90


def test_the_office_that_issues_is_bold_and_the_one_above_it_is_not() -> None:
    made = Document(BytesIO(report.document("above: UBND HUYỆN\norgan: PHÒNG\nnumber: Số\ntext: lời", title="t", author="a", now=NOW)))
    head = [(each.text, each.runs[0].bold) for each in made.tables[0].cell(0, 0).paragraphs if each.text]
    assert head == [("UBND HUYỆN", False), ("PHÒNG", True), ("Số", False)]
