"""A session that ended while typing: the text is not lost, with JavaScript or without."""

from __future__ import annotations

from collections.abc import Iterator

import flask
import jinja2
import pytest
from markupsafe import escape
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal import access, db, pages
from tests.browser.answering import answering
from tests.office import PASSWORD, open_office

TEXT = 'Bà Lan "dọn" về <Thạch Kim> & ở với con'


@pytest.fixture
def address(sqlite_url: str) -> Iterator[str]:
    app = open_office(sqlite_url)
    app.jinja_loader = jinja2.ChoiceLoader([app.jinja_loader, jinja2.FileSystemLoader(__file__.rpartition("/")[0])])  # type: ignore[list-item]
    app.register_blueprint(_note_page())
    with answering(app) as at:
        yield at
    db.disconnect()


def _note_page() -> flask.Blueprint:
    bp = flask.Blueprint("ended", __name__)
    kept: list[str] = []

    @bp.get("/ended")
    @access.deed("home.read")
    def index() -> flask.Response:
        return pages.render("ended.html", kept=kept, swapped="swapped" in flask.request.args)

    @bp.post("/ended")
    @access.deed("home.read")
    def add() -> flask.Response:
        kept.append(flask.request.form["text"])
        return flask.make_response(str(escape(kept[-1]))) if pages.htmx.partial else pages.redirect("ended.index")

    return bp


def sign_in(page: Page, name: str = "xa") -> None:
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()


def typed_then_ended(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    sign_in(page)
    expect(page.get_by_role("heading", name="Việc cần làm")).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("scripts", "path"), [(True, "/ended"), (False, "/ended"), (True, "/ended?swapped=1"), (False, "/ended?swapped=1")]
)
def test_a_form_is_sent_on_after_signing_in_again(chrome: Browser, address: str, scripts: bool, path: str) -> None:
    with chrome.new_context(java_script_enabled=scripts) as context:
        page = typed_then_ended(context, address)
        page.goto(address + path)
        page.get_by_label("Nội dung").fill(TEXT)
        context.clear_cookies()
        page.get_by_role("button", name="Ghi").click()
        sign_in(page)
        page.get_by_role("button", name="Tiếp tục gửi").click()
        expect(page.locator("#kept")).to_have_text(TEXT)
        assert page.url == address + "/ended"
