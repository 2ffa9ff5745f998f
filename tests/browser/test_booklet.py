"""The booklet in a real browser: enabled, used without a line, locked and opened again; every edit arrives once and its outcome is told."""

from __future__ import annotations

import random
from pathlib import Path

from playwright.sync_api import Route, expect

from portal import device as devices
from sync.text import fold
from tests.browser.booklet import PIN, Open, Portal, device, portal  # noqa: F401  # fixtures
from tests.district import NOW, PEOPLE, person_id


def test_a_day_without_a_line(portal: Portal, device: Open) -> None:
    agent = device()
    agent.enable("chitra")
    assert agent.faults() == []
    with agent.offline():
        agent.person("dao nguyen", "Nguyễn Thị Đào")
        agent.page.get_by_role("link", name="Báo chết").click()
        assert agent.faults() == []
        agent.page.get_by_label("Ngày xảy ra").fill("20/09/2024")
        agent.page.get_by_role("button", name="Lưu để gửi").click()
        expect(agent.page.locator("#notice")).to_contain_text("chưa gửi")
        expect(agent.line("Nguyễn Thị Đào")).to_contain_text("Giữ lại — không chi")
        assert agent.faults() == []
        agent.correct("0510000006", "Nguyễn Văn Bình", **{"Số điện thoại": "0510 000 099", "Cách tìm nhà": "Sau chợ, cổng xanh"})
        agent.session()
        agent.pay("Nguyễn Văn Hòa")
        expect(agent.line("Nguyễn Thị Đào")).to_contain_text("Giữ lại — không chi")
        absent = agent.line("Đặng Văn Dưỡng")
        absent.get_by_text("Chưa nhận…").click()
        absent.get_by_role("combobox").select_option(label="Vắng mặt")
        absent.get_by_role("button", name="Ghi chưa nhận").click()
        expect(absent).to_contain_text("Chưa nhận, Vắng mặt")
        agent.waits(4)
        assert agent.faults() == []
        agent.tab("Lịch")
        expect(agent.page.locator("#screen")).to_contain_text("Thị trấn Lộc Hà")
        assert agent.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert all("Chưa gửi" in text or "chưa có trả lời" in text for text in agent.outcomes())
        assert portal.sent_by_devices() == 0
    agent.waits(0)
    agent.at_rest()
    newest = agent.outcomes()
    assert len(newest) == portal.sent_by_devices() == 4
    assert "Nguyễn Văn Bình" in newest[2]
    assert "chờ duyệt" in newest[2]  # what the post office says of a person is for the commune to verify
    assert "chờ duyệt" in newest[3]
    assert "Đã đến máy chủ" in newest[0]
    assert agent.faults() == []
    assert portal.district.value("payment", portal.line("hoa"), "mark")["how"] == "counter"


def test_closed_and_opened_again_with_the_server_gone(portal: Portal, device: Open) -> None:
    officer = device()
    officer.enable("xa")
    portal.stop()
    officer.correct("dao", "Nguyễn Thị Đào", **{"Số điện thoại": "0510000077"})
    officer.waits(1)
    expect(officer.page.locator("#line")).to_contain_text("sẽ tự gửi lại")
    officer.page.get_by_role("button", name="Khoá sổ").click()
    expect(officer.page.locator("#screen")).not_to_contain_text("Đào")
    officer.waits(1)
    officer.unlock()
    officer.is_open()
    officer.waits(1)
    portal.start()
    officer.page.reload()
    officer.waits(1)
    officer.unlock()
    officer.waits(0)
    assert portal.district.value("person", person_id("dao"), "phone") == "0510000077"
    assert portal.edits(person_id("dao")) == 2


def test_taken_back_before_it_is_sent(portal: Portal, device: Open) -> None:
    agent = device()
    agent.enable("chitra")
    with agent.offline():
        agent.session()
        agent.pay("Nguyễn Văn Hòa")
        agent.waits(1)
        agent.line("Nguyễn Văn Hòa").get_by_role("button", name="Rút lại").click()
        expect(agent.line("Nguyễn Văn Hòa")).to_contain_text("Chưa chi")
        agent.waits(0)
        agent.pay("Lê Văn An")
    agent.waits(0)
    agent.at_rest()
    assert portal.sent_by_devices() == 1
    assert portal.district.value("payment", portal.line("hoa"), "mark") is None


def test_nothing_readable_lies_on_the_device(portal: Portal, device: Open) -> None:
    agent = device()
    tokens: list[str] = []
    agent.page.on("request", lambda request: tokens.append(request.headers.get("authorization", "")))
    agent.enable("chitra")
    with agent.offline():
        agent.correct("dao", "Nguyễn Thị Đào", **{"Số điện thoại": "0510000077"})
        stored = agent.stored()
    token = next(each for each in tokens if each).removeprefix("Bearer ")
    assert "Sổ 1" in stored  # what can be read is read
    readable = [
        token,
        "chitra",
        "0510000077",
        PIN,
        *(str(value) for made in PEOPLE for value in (made.name, made.fields.get("phone")) if value),
    ]
    assert [each for each in readable if each in stored] == []


def test_ten_wrong_pins_leave_only_the_sealed_outbox(portal: Portal, device: Open, tmp_path: Path) -> None:
    agent = device()
    agent.enable("chitra")
    with agent.offline():
        agent.session()
        agent.pay("Nguyễn Văn Hòa")
        agent.page.get_by_role("button", name="Khoá sổ").click()
        for left in range(9, 0, -1):
            agent.unlock("000000")
            expect(agent.page.locator(".wrong")).to_contain_text(f"Còn {left} lần thử")
        assert agent.faults() == []
        agent.unlock("000000")
        expect(agent.page.locator("#screen")).to_contain_text("dữ liệu đã bị xoá vì nhập sai mã PIN 10 lần")
        expect(agent.page.locator("#screen")).to_contain_text("Còn 1 mục chưa gửi")
        assert agent.page.evaluate("(async () => (await indexedDB.databases()).length)()") == 1
        with agent.page.expect_download() as download:
            agent.page.get_by_role("button", name="Xuất mục chưa gửi ra tệp").click()
        file = tmp_path / "outbox.json"
        download.value.save_as(file)
        assert "Hòa" not in file.read_text()
    other = device()
    other.enable("chitra", "735126")
    other.tab("Hộp gửi")
    other.page.get_by_text("Nhập từ tệp").first.click()
    other.page.get_by_label("Tệp đã xuất").set_input_files(file)
    other.page.get_by_label("Mã PIN của sổ đã xuất tệp").fill("111111")
    other.page.get_by_role("button", name="Nhập từ tệp").click()
    expect(other.page.locator(".wrong")).to_contain_text("Mã PIN không đúng")
    other.page.get_by_label("Mã PIN của sổ đã xuất tệp").fill(PIN)
    other.page.get_by_role("button", name="Nhập từ tệp").click()
    expect(other.page.locator("#items")).to_contain_text("Đã đến máy chủ")
    assert portal.sent_by_devices() == 1
    assert portal.district.value("payment", portal.line("hoa"), "mark")["state"] == "paid"


def test_a_revoked_device_forgets_at_the_next_contact(portal: Portal, device: Open) -> None:
    agent = device()
    agent.enable("chitra")
    with portal.district.open():
        devices.revoke(devices.of_account("chitra")[0].id, "quantri", NOW)
    agent.session()
    agent.line("Nguyễn Văn Hòa").get_by_role("button", name="Đã chi tại quầy").click()
    expect(agent.page.locator("#screen")).to_contain_text("thiết bị bị thu hồi", timeout=20_000)
    expect(agent.page.locator("#screen")).to_contain_text("Còn 1 mục chưa gửi")
    assert agent.page.evaluate("document.body.textContent.includes('Hòa')") is False
    assert portal.sent_by_devices() == 0


def test_a_restored_server_is_told_again(portal: Portal, device: Open) -> None:
    officer = device()
    officer.enable("xa")
    officer.correct("dao", "Nguyễn Thị Đào", **{"Số điện thoại": "0510000077"})
    officer.waits(0)
    officer.at_rest()
    with portal.district.open():
        devices.begin_epoch(NOW)
    pushed: list[str] = []
    officer.page.on("request", lambda request: pushed.append(request.url) if request.url.endswith("/push") else None)
    officer.page.reload()
    officer.unlock()
    officer.is_open()
    officer.at_rest()
    assert len(pushed) == 1
    assert portal.edits(person_id("dao")) == 2
    assert "Đã đến máy chủ" in officer.outcomes()[0]


def test_two_agents_and_the_commune_on_the_same_people(portal: Portal, device: Open) -> None:
    first, second, commune = device(), device(), device()
    first.enable("chitra")
    second.enable("kiemsoat")
    commune.enable("xa")
    first.context.set_offline(True)
    second.context.set_offline(True)
    for agent in (first, second):
        agent.session()
        agent.pay("Nguyễn Văn Hòa")
        agent.page.wait_for_timeout(1100)  # money handed out in the same second is the same fact
    commune.correct("binh", "Nguyễn Văn Bình", **{"Số điện thoại": "0510000011"})
    commune.waits(0)
    first.correct("binh", "Nguyễn Văn Bình", **{"Số điện thoại": "0510000022"})
    first.context.set_offline(False)
    first.waits(0)
    first.at_rest()
    second.context.set_offline(False)
    second.waits(0)
    second.at_rest()
    assert "Đã đến máy chủ" in first.outcomes()[1]
    told = second.outcomes()[0]
    assert "có thể đã chi hai lần" in told
    assert "Ai giải quyết: Chuyên viên cơ quan chi trả, Kiểm soát bưu điện" in told
    assert portal.open_conflicts(portal.line("hoa")) == ["double_payment"]
    assert "chờ duyệt" in first.outcomes()[0] or "để làm rõ" in first.outcomes()[0]
    assert portal.sent_by_devices() == 4  # none is lost
    for decider in ("huyen", "kiemsoat"):
        told = portal.district.client(decider).get("/conflicts").text
        assert "Nguyễn Văn Hòa" in told and "hai lần" in told
    assert "Nguyễn Văn Hòa" not in portal.district.client("xa2").get("/conflicts").text
    officer = portal.district.client("xa")
    assert any("Nguyễn Văn Bình" in officer.get(page).text for page in ("/conflicts", "/changes"))


def test_answers_cut_off_lose_and_double_nothing(portal: Portal, device: Open) -> None:
    chance = random.Random(7)
    agent = device()
    agent.enable("chitra")

    def cut(route: Route) -> None:
        fate = chance.random()
        if fate < 0.35:
            route.fetch()  # it arrived, nobody will know
        if fate < 0.6:
            route.abort()
        else:
            route.continue_()

    agent.context.route("**/sync/v1/**", cut)
    names = ("Nguyễn Văn Hòa", "Lê Văn An", "Đặng Văn Dưỡng", "Nguyễn Thị Đào")
    for name in names:
        agent.session()
        agent.pay(name)
        agent.tab("Hộp gửi")
        agent.page.wait_for_timeout(300)
    for _ in range(40):
        if "chưa gửi" not in agent.page.locator("#count").inner_text() or agent.page.locator("#count").inner_text().startswith("Không"):
            break
        agent.page.get_by_role("button", name="Gửi ngay").click()
        agent.page.wait_for_timeout(200)
    agent.context.unroute_all(behavior="wait")
    agent.waits(0)
    assert portal.sent_by_devices() == len(names)
    assert all("Đã đến máy chủ" in text for text in agent.outcomes())


def test_names_are_folded_as_the_server_folds_them(portal: Portal, device: Open) -> None:
    page = device().page
    page.goto("/booklet")
    version = page.locator("script[src*=booklet]").get_attribute("src")
    assert version
    texts = [
        "Nguyễn Thị Đào",
        "  ĐẶNG   VĂN\tDưỡng ",
        "Y Bih Niê Kđăm",
        "Thôn Đông Hòa",
        "ươ ăâ êô",
        "H'Hen 12/3",
        "Nguyễn\u00a0Ước",
        "é ẹ́ ÄÖ",
    ]
    folded = page.evaluate(
        "async ([path, texts]) => { const { fold } = await import(path); return texts.map(fold); }",
        [version.rpartition("/")[0] + "/booklet/fold.js", texts],
    )
    assert folded == [fold(text) for text in texts]
