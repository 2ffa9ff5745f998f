from __future__ import annotations

import gzip
import json
import pkgutil
import re
from collections.abc import Callable

import brotli
import pytest
from flask import Flask

from portal import assets, security, views
from tests import office
from tests.notes import portal  # noqa: F401  # a fixture

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


class TestOtherSites:
    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({}, 303),
            ({"Sec-Fetch-Site": "same-origin"}, 303),
            ({"Sec-Fetch-Site": "none"}, 303),
            ({"Sec-Fetch-Site": "same-site"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
            ({"Origin": "http://localhost"}, 303),
            ({"Origin": "http://localhost:8001"}, 403),
            ({"Origin": "http://evil.example"}, 403),
            ({"Origin": "null"}, 403),
        ],
    )
    def test_a_change_has_to_come_from_our_own_page(self, portal: Flask, headers: dict[str, str], status: int) -> None:
        assert office.browser(portal, "xa").post("/notes", data={"text": "a"}, headers=headers).status_code == status

    def test_a_call_with_a_token_may_come_from_anywhere(self, portal: Flask) -> None:
        headers = {"Origin": "http://evil.example", "Authorization": "Bearer abc"}
        assert office.browser(portal).post("/sync/v1/notes", headers=headers).status_code == 422
        assert office.browser(portal, "xa").post("/notes", headers=headers).status_code == 403

    def test_reading_is_free(self, portal: Flask) -> None:
        assert office.browser(portal).get("/healthz", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


class TestAnswers:
    def test_every_page_carries_the_strict_headers_and_is_not_kept(self, portal: Flask) -> None:
        for path in ("/", "/sign-in", "/khong-co", "/healthz"):
            headers = office.browser(portal, "xa").get(path).headers
            policy = dict(each.split(" ", 1) for each in headers["Content-Security-Policy"].split("; "))
            assert policy.pop("default-src") == policy.pop("form-action") == "'self'"
            assert set(policy) == {"object-src", "base-uri", "frame-ancestors"}
            assert set(policy.values()) == {"'none'"}
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("path", ["/khong-co", "/notes/2", "/notes/9999999999999999999999", "/accounts/x"])
    def test_an_unknown_address_is_a_friendly_page(self, portal: Flask, path: str) -> None:
        answer = office.browser(portal, "xa").get(path)
        assert answer.status_code in (404, 405)
        assert "<h1>" in answer.text
        assert 'href="/"' in answer.text

    def test_what_a_role_may_not_do_is_said(self, portal: Flask) -> None:
        answer = office.browser(portal, "giamsat").post("/notes", data={"text": "a"})
        assert answer.status_code == 403
        assert "không có quyền" in answer.text

    def test_a_problem_in_a_part_goes_to_the_notice(self, portal: Flask) -> None:
        answer = office.browser(portal, "xa").post("/notes/clash", headers=PARTIAL)
        assert answer.status_code == 409
        assert answer.headers["HX-Retarget"] == "#notice"
        assert "<html" not in answer.text
        assert "Người khác" in answer.text

    def test_a_followed_link_is_a_whole_page(self, portal: Flask) -> None:
        answer = office.browser(portal, "xa").post("/notes/clash", headers={"HX-Request": "true", "HX-Request-Type": "full"})
        assert answer.status_code == 409
        assert "<html" in answer.text
        assert "HX-Request-Type" in answer.vary

    def test_a_device_gets_problem_json(self, portal: Flask) -> None:
        answer = office.browser(portal).post("/sync/v1/notes")
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
        problem = json.loads(answer.text)
        assert (problem["code"], problem["status"]) == ("invalid_form", 422)
        assert office.browser(portal).get("/sync/v1/khong-co").get_json(force=True)["code"] == "not_found"

    def test_our_own_fault_is_a_page_without_its_inside(self, portal: Flask) -> None:
        portal.testing = False
        portal.config["PROPAGATE_EXCEPTIONS"] = False
        answer = office.browser(portal).get("/notes/breaks")
        assert answer.status_code == 500
        assert "ZeroDivision" not in answer.text
        assert "<h1>" in answer.text

    def test_a_form_has_a_limit_and_an_upload_its_own(self, portal: Flask) -> None:
        client = office.browser(portal, "xa")
        big = b"x" * (security.FORM_BYTES + 100_000)
        part = b'--edge\r\nContent-Disposition: form-data; name="book"; filename="a.xlsx"\r\n\r\n' + big + b"\r\n--edge--\r\n"
        kind = "multipart/form-data; boundary=edge"
        assert client.post("/notes", data=b"text=" + big, content_type="application/x-www-form-urlencoded").status_code == 413
        assert client.post("/notes", data=part, content_type=kind).status_code == 413
        assert client.post("/notes/upload", data=part, content_type=kind).text == str(len(big))

    @pytest.mark.parametrize(
        ("accepted", "encoding", "unpack"),
        [("gzip", "gzip", gzip.decompress), ("gzip, deflate, br", "br", brotli.decompress), ("br;q=0, gzip", "gzip", gzip.decompress)],
    )
    def test_a_long_page_travels_packed(self, portal: Flask, accepted: str, encoding: str, unpack: Callable[[bytes], bytes]) -> None:
        client = office.browser(portal, "xa")
        for path in ("/", f"/static/{assets.read().version}/css/app.css"):
            plain, packed = client.get(path), client.get(path, headers={"Accept-Encoding": accepted})
            assert packed.headers["Content-Encoding"] == encoding
            assert unpack(packed.data) == plain.data
            assert len(packed.data) < 0.6 * len(plain.data)
            assert "Accept-Encoding" in plain.vary

    def test_a_page_stays_plain_for_who_cannot_unpack(self, portal: Flask) -> None:
        plain = office.browser(portal, "xa").get("/", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers

    def test_health_needs_nobody_signed_in(self, portal: Flask) -> None:
        assert office.browser(portal).get("/healthz").get_json() == {"status": "ok"}

    def test_the_language_is_kept_in_the_browser(self, portal: Flask) -> None:
        client = office.browser(portal)
        answer = client.post("/language", data={"language": "en", "next": "/sign-in"})
        assert answer.location == "/sign-in"
        assert 'lang="en"' in client.get("/sign-in").text
        client.post("/language", data={"language": "xx"})
        assert 'lang="en"' in client.get("/sign-in").text


class TestStatic:
    def test_a_file_is_kept_for_a_year_under_its_digest(self, portal: Flask) -> None:
        client = office.browser(portal)
        address = re.search(r'href="(/static/[^"]+/css/app\.css)"', client.get("/sign-in").text)
        assert address
        answer = client.get(address[1], headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.mimetype == "text/css"
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "Set-Cookie" not in answer.headers
        assert gzip.decompress(answer.data) == client.get(address[1]).data

    def test_an_old_address_gives_the_present_file_and_is_asked_again(self, portal: Flask) -> None:
        answer = office.browser(portal).get("/static/000000000000/icon.svg")
        assert answer.headers["Cache-Control"] == "no-cache"
        again = office.browser(portal).get("/static/000000000000/icon.svg", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304

    @pytest.mark.parametrize("path", ["/static/x/../../portal/app.py", "/static/x/%2e%2e/%2e%2e/pyproject.toml", "/static/x/khong-co.css"])
    def test_nothing_but_the_tree_is_served(self, portal: Flask, path: str) -> None:
        assert office.browser(portal).get(path).status_code == 404


def test_every_view_module_is_part_of_the_app(portal: Flask) -> None:
    assert {module.name for module in pkgutil.iter_modules(views.__path__)} <= set(portal.blueprints)
