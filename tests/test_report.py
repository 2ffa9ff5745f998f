"""Results and reports: figures against an independent sum over the lines, and the Word file read back."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm, Pt
from openpyxl import load_workbook

from portal import door, money, payment_list, report, report_parts, result, settlement, unit
from portal.formats import percent, thousands
from portal.payment_list import Line
from sync.kinds.change import shown_digest
from tests.district import MONTH, NOW, UNITS, District, line_code
from tests.house import tree
from tests.posted import lines, mark, mark_all, post_list

NEXT = "2024-11"
LISTS = tree.ROOT.parent / "shared" / "data"


@pytest.fixture
def marked(district: District) -> District:
    """October handed out: one absent, one transfer that came back, one paid at home, one death reported."""
    post_list(district)
    district.report_death("dao", f"{MONTH}-02")
    mark(district, lines(district)[line_code("hoa")], "home")
    mark_all(district, LH18568_0002_1="uncollected", LH18568_0007_1="rejected")
    return district


def of_month(district: District, month: str = MONTH, communes: frozenset[str] | None = None) -> result.Result:
    with district.open():
        found = result.of_month(month, communes)
        assert found is not None
        return found


def rows(district: District, month: str = MONTH) -> list[Line]:
    with district.open():
        found = payment_list.find(month)
        assert found is not None
        return payment_list.lines(found.id, limit=1000).rows


def word(district: District, path: str = f"{MONTH}.docx", who: str = "huyen") -> Any:
    answer = district.client(who).get(f"/reports/{path}")
    assert answer.status_code == 200, answer.text
    assert str(answer.mimetype).endswith("wordprocessingml.document")
    return Document(BytesIO(answer.data))


def words(read: Any) -> str:
    return "\n".join(paragraph.text for paragraph in read.paragraphs)


def cells(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


# --- figures -----------------------------------------------------------------------------------------------------------------


def test_the_figures_are_sums_over_the_lines(each_district: District) -> None:
    post_list(each_district)
    each_district.report_death("dao", f"{MONTH}-02")
    mark(each_district, lines(each_district)[line_code("hoa")], "home")
    mark_all(each_district, LH18568_0002_1="uncollected", LH18568_0007_1="rejected")
    found, listed = of_month(each_district), rows(each_district)
    for figure, own in [
        (found.whole, listed),
        *((each, [row for row in listed if row.commune == each.commune]) for each in found.communes),
    ]:
        paid = [row for row in own if row.state == "paid"]
        assert (figure.lines, figure.total, figure.persons) == (len(own), sum(row.total for row in own), len({row.person for row in own}))
        assert (figure.paid_lines, figure.paid) == (len(paid), sum(row.total for row in paid))
        assert (figure.bank_lines, figure.bank) == (
            sum(row.method == "bank" for row in paid),
            sum(row.total for row in paid if row.method == "bank"),
        )
        assert figure.cash[1] + figure.bank + figure.unpaid[1] == figure.total
    assert (found.whole.persons, found.whole.lines) == (11, 13)
    assert (found.whole.home_lines, found.whole.home) == (1, 750_000)
    assert (found.whole.registered_rate, found.whole.paid_rate) == (182, 125)


def test_a_commune_alone_is_a_part_of_the_whole(marked: District) -> None:
    whole = of_month(marked)
    part = of_month(marked, communes=frozenset({"18580"}))
    assert part.communes == tuple(each for each in whole.communes if each.commune == "18580")
    assert (part.whole.lines, part.whole.total) == (4, 3_250_000) and part.moves[""].closing == 4


def test_why_lines_were_not_paid(marked: District) -> None:
    found = of_month(marked)
    assert [(why.state, why.reason, why.lines, why.amount) for why in found.reasons] == [
        ("rejected", "Sai số tài khoản", 1, 500_000),
        ("uncollected", "Vắng mặt", 1, 500_000),
        ("withheld", "Chết", 1, 500_000),
    ]
    assert found.withheld_deaths == (1, 500_000)


def test_a_line_withheld_for_another_reason_is_no_death(district: District) -> None:
    post_list(district)
    held = district.submit("huyen", "payment", lines(district)[line_code("hoa")], {"hold": (None, {"reason": "x"})}, why="Chờ xác minh")
    assert held.status == "accepted"
    found = of_month(district)
    assert found.withheld_deaths == (0, 0) and [why.reason for why in found.reasons] == ["Chờ xác minh"]


def test_who_came_and_who_went(marked: District) -> None:
    assert of_month(marked).moves[""] == result.Moves(13, 0, 0, 0, 13)
    with marked.open():
        change = next(iter(door.shelf().where("change", {"reason": "CHET"})))
        digest = shown_digest(door.shelf(), change)
    decided = marked.submit("huyen", "change", change.id, {"decision": (None, {"verdict": "approve", "digest": digest})})
    assert decided.status == "accepted"
    post_list(marked, NEXT)
    moves = of_month(marked, NEXT).moves
    assert moves[""] == result.Moves(13, 0, 1, 1, 12) and moves["18568"].deaths == 1 and moves["18580"] == result.Moves(4, 0, 0, 0, 4)


def test_a_period_counts_what_was_carried_over_once(district: District) -> None:
    post_list(district)
    mark_all(district, LH18568_0001_1="uncollected")
    settle(district)
    post_list(district, NEXT)
    with district.open():
        found = result.of_period("2024-01", "2024-12")
    assert found is not None and (found.first, found.last) == (MONTH, NEXT)
    assert [each.month for each in found.months] == [MONTH, NEXT]
    assert found.whole.total == 18_500_000 and found.whole.granted == 18_000_000
    assert (found.whole.lines, found.whole.persons) == (26, 11)


def settle(district: District) -> None:
    for who, act in (("kiemsoat", settlement.sign), ("huyen", settlement.close)):
        with district.open():
            found = settlement.show(MONTH, None)
            assert found is not None
            more = ("",) if act is settlement.sign else ()
            assert act(district.actor(who), NOW, found, found.digest, *more).status == "accepted"


# --- pages -------------------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_figures(marked: District) -> None:
    page = re.sub(r"<[^>]+>", " ", marked.client("lanhdao").get(f"/reports/{MONTH}").text)
    page = re.sub(r"\s+", " ", page.replace("\u00a0", " "))
    for text in (
        "Lượt chi 13",
        "Người hưởng 11",
        "9.000.000 đ",
        "18,2%",
        "2 trong 11 người",
        "12,5%",
        "Tại nhà 1 750.000 đ",
        "Sai số tài khoản 1 500.000 đ",
    ):
        assert text in page, text
    assert "Giữ lại vì có tin báo chết: 1 lượt, 500.000 đ" in page and "Cộng 13 0 0 0 13" in page


def test_who_may_read_reports(marked: District) -> None:
    statuses = {
        who: marked.client(who).get(f"/reports/{MONTH}").status_code for who in ("huyen", "lanhdao", "kiemsoat", "giamsat", "xa", "chitra")
    }
    assert statuses == {"huyen": 200, "lanhdao": 200, "kiemsoat": 200, "giamsat": 200, "xa": 403, "chitra": 403}
    assert marked.client("xa").get(f"/reports/{MONTH}.docx").status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("2024-09", 404),
        ("2024-09.docx", 404),
        ("2024-1x", 404),
        ("period.docx", 404),
        ("period.docx?from=2024-10&to=x", 404),
        ("period.docx?from=2024-11&to=2024-10", 422),
        ("period.docx?from=2023-01&to=2023-12", 422),
        (f"period.docx?from={MONTH}&to={MONTH}", 200),
    ],
)
def test_months_that_are_none_are_told(marked: District, path: str, status: int) -> None:
    assert marked.client("huyen").get(f"/reports/{path}").status_code == status


def test_before_the_first_list_there_is_nothing_to_report(district: District) -> None:
    page = district.client("huyen").get("/reports")
    assert page.status_code == 200 and "Chưa có danh sách nào" in page.text and '<form method="get"' not in page.text


# --- the Word file -----------------------------------------------------------------------------------------------------------


def test_the_word_report_says_the_figures(marked: District) -> None:
    read = word(marked)
    text = words(read)
    for said in (
        "được hưởng trợ cấp hằng tháng là 13 lượt người/tháng (tổng số 13 lượt trong 1 tháng) với tổng kinh phí là 9.000 nghìn đồng",
        "(bằng chữ: chín triệu đồng; có Phụ lục kèm theo)",
        "13 lượt (11 người), 9.000.000 đồng",
        "Đã chi 10 lượt, 7.500.000 đồng (bằng chữ: bảy triệu năm trăm nghìn đồng)",
        "tiền mặt 8 lượt, 5.750.000 đồng; qua tài khoản 2 lượt, 1.750.000 đồng",
        "2 người trong tổng số 11 người hưởng tháng 10/2024 đã đăng ký nhận trợ cấp qua tài khoản, đạt 18,2%",
        "- Chưa nhận, vắng mặt: 1 lượt, 500.000 đồng.",
        "chi trả tại nhà: 1 lượt, 750.000 đồng",
        "Bưu điện huyện Lộc Hà",
    ):
        assert said in text, said
    annex = cells(read.tables[-4])
    assert annex[1][1:4] == ["Thị trấn Lộc Hà", "7", "9"] and annex[2][1:4] == ["Xã Thạch Kim", "4", "4"]
    assert annex[3][1:] == ["Cộng", "11", "13", "9.000", "0", "0", "9.000", "0", "8", "5.750", "2", "1.750", "20,0%", "1.500"]


def test_the_word_report_has_the_parts_of_an_official_document(marked: District) -> None:
    read = word(marked)
    head, end = cells(read.tables[0])[0], cells(read.tables[1])[0]
    assert head[0].split("\n")[:2] == ["ỦY BAN NHÂN DÂN", "HUYỆN LỘC HÀ"] and re.search(r"Số: +/BC-UBND", head[0])
    assert head[1].split("\n")[:2] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    assert re.search(r"Lộc Hà, ngày +tháng +năm 2024", head[1])
    text = words(read).split("\n")
    order = ["BÁO CÁO", "I. KẾT QUẢ THỰC HIỆN", "II. ĐÁNH GIÁ CHUNG", "III. PHƯƠNG HƯỚNG, NHIỆM VỤ TRONG THỜI GIAN TỚI", "IV. KIẾN NGHỊ, ĐỀ XUẤT", "Phụ lục"]
    assert [line for line in text if line in order] == order
    assert any(line.endswith("xin báo cáo./.") for line in text)
    assert end[0].startswith("Nơi nhận:") and end[0].endswith("- Lưu: VT, LĐTBXH.")
    assert end[1].split("\n")[:3] == ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
    assert "Đơn vị tính: nghìn đồng" in text and read.core_properties.author == "Phòng LĐTBXH huyện Lộc Hà"


def test_the_word_report_is_laid_out_by_the_decree(marked: District) -> None:
    read = word(marked)
    letter, annex = read.sections
    assert [round(side.mm) for side in (letter.page_width, letter.page_height, annex.page_width, annex.page_height)] == [210, 297, 297, 210]
    for section in read.sections:
        for side, least, most in (("top", 20, 25), ("bottom", 20, 25), ("left", 30, 35), ("right", 15, 20)):
            assert least <= round(getattr(section, f"{side}_margin").mm) <= most
        assert section.different_first_page_header_footer
        assert "PAGE" in section.header._element.xml and "PAGE" not in section.first_page_header._element.xml
    assert 'w:start="1"' in annex._sectPr.xml
    assert read.styles["Normal"].font.name == "Times New Roman" and "asciiTheme" not in read.styles["Normal"].element.xml
    body = next(paragraph for paragraph in read.paragraphs if paragraph.text.startswith("Theo đánh giá"))
    assert body.runs[0].font.size == Pt(14) and Mm(10) <= body.paragraph_format.first_line_indent <= Mm(12.8)
    assert body.paragraph_format.alignment is not None and body.paragraph_format.space_after >= Pt(6)
    fonts = {run.font.name for paragraph in read.paragraphs for run in paragraph.runs}
    assert fonts == {None}


def test_the_report_of_a_period_has_a_table_by_month(district: District) -> None:
    post_list(district)
    mark_all(district, LH18568_0001_1="uncollected")
    settle(district)
    post_list(district, NEXT)
    read = word(district, "period.docx?from=2024-01&to=2024-12")
    text = words(read)
    assert "từ tháng 10/2024 đến tháng 11/2024" in text
    assert "là 13 lượt người/tháng (tổng số 26 lượt trong 2 tháng)" in text
    assert "tổng kinh phí là 18.000 nghìn đồng (bằng chữ: mười tám triệu đồng;" in text
    by_commune, by_month, by_right, by_group = (cells(table) for table in read.tables[-4:])
    assert [row[1] for row in by_right] == ["Tháng", "10/2024", "11/2024", "Cộng"]
    assert by_right[3][3:] == ["26", "0", "0", "0", "36,0", "18.000"]
    assert sum(int(row[3]) for row in by_group[1:-1]) == 26
    assert by_commune[1][1:5] == ["Thị trấn Lộc Hà", "9", "18", "11.500"]
    assert [row[1] for row in by_month] == ["Tháng", "10/2024", "11/2024", "Cộng"]
    assert by_month[2][8] == "500"  # carried over into November


def test_the_words_are_those_of_the_template_and_no_office_is_in_the_code() -> None:
    names = {re.sub(r"^(Huyện|Xã|Thị trấn) ", "", name) for _, kind, name, _, _ in UNITS if kind in ("district", "commune")}
    for path in ("templates/report/month.txt", "portal/report_text.py", "portal/report.py", "portal/word.py", "portal/views/report.py", "portal/result.py"):
        text = tree.read(Path(path))
        assert [name for name in names if name in text] == [], path


def test_a_line_without_a_role_is_a_mistake() -> None:
    assert report_parts.read("type: BÁO CÁO\n\nrow: 1 | Xã") == [("type", "BÁO CÁO"), ("row", "1 | Xã")]
    for wrong in ("BÁO CÁO", "colour: red"):
        with pytest.raises(ValueError, match="no role"):
            report_parts.read(wrong)


def test_names_with_signs_of_markup_stay_as_they_are() -> None:
    made = report.document("organ: A & <B>\ntext: 1 < 2 & 3", title="t", author="a", now=NOW)
    read = Document(BytesIO(made))
    assert "1 < 2 & 3" in words(read) and "A & <B>" in cells(read.tables[0])[0][0]


# --- small things ------------------------------------------------------------------------------------------------------------


def test_thousands_and_shares_are_exact() -> None:
    assert [thousands(value) for value in (0, 1000, 2_718_360_000, 1500, 1050, 7)] == ["0", "1", "2.718.360", "1,5", "1,05", "0,007"]
    assert [percent(value) for value in (0, 985, 1000, None)] == ["0,0%", "98,5%", "100,0%", "–"]


@pytest.mark.parametrize(
    ("name", "bare"), [("Huyện Lộc Hà", "Lộc Hà"), ("Thành phố Hà Tĩnh", "Hà Tĩnh"), ("Xãm", "Xãm"), ("Lộc Hà", "Lộc Hà")]
)
def test_a_place_without_its_level(name: str, bare: str) -> None:
    assert unit.bare_name(unit.Unit("1", name, "district", "", "")) == bare


def test_amounts_in_words_are_those_of_the_official_lists() -> None:
    """Every sheet of the district's lists ends with its sum in words."""
    checked = 0
    for path in sorted(LISTS.glob("danh-sach-*.xlsx")):
        book = load_workbook(path, read_only=True, data_only=True)
        for sheet in book:
            amount = 0
            for row in sheet.iter_rows(values_only=True):
                if any(isinstance(value, str) and value.startswith("Cộng: ") for value in row):
                    amount = max(int(value) for value in row if isinstance(value, int | float))
                if row and isinstance(row[0], str) and row[0].startswith("Số tiền bằng chữ: "):
                    assert f"Số tiền bằng chữ: {money.in_words(amount)}./." == row[0], (path.name, sheet.title)
                    checked += 1
        book.close()
    assert checked >= 12 or not LISTS.is_dir()
