"""The service worker's list of what to keep is the static tree, nothing missing and nothing gone."""

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal import assets, db
from portal.app import create_app
from portal.settings import Settings
from tests.house import tree

WORKER = Path("static/service-worker.js")
FETCHED = "vendor/htmx.min.js"  # not committed, but there on every machine that serves
MOST_LINES = 100
IMPORT = re.compile(r'\b(?:from|import) ?\(?"([\w./-]+\.js)"')


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('worker') / 'portal.sqlite3'}"
    yield create_app(Settings(database=url, secret_key="k" * 40)).test_client()
    db.disconnect()


def shell(client: FlaskClient) -> dict[str, dict[str, str]]:
    """What the worker is told to keep, as it stands in front of its code."""
    answer = client.get("/service-worker.js")
    found = re.match(r"self\.SHELL = (\{.*?\n\});\n", answer.text, re.DOTALL)
    assert found, answer.text[:300]
    read: dict[str, dict[str, str]] = json.loads(found[1])
    return read


def test_what_is_kept_is_what_there_is(client: FlaskClient) -> None:
    own = {path.relative_to("static").as_posix() for path in tree.committed() if path.parts[0] == "static" and path != WORKER}
    modules = {name for name in own if name.startswith("booklet/") and name.endswith(".js")}  # they travel inside assets.BOOKLET
    kept = set(shell(client)["files"])
    assert kept - modules == (own - modules) | {FETCHED, assets.BOOKLET}
    assert kept - own == {FETCHED, assets.BOOKLET}


def test_kept_scripts_import_only_what_is_kept(client: FlaskClient) -> None:
    kept = set(shell(client)["files"])
    scripts = {name: assets.read().files[name].data.decode() for name in kept if name.endswith(".js") and not name.startswith("vendor/")}
    imported = {posixpath.normpath(posixpath.join(name, "..", way)) for name, source in scripts.items() for way in IMPORT.findall(source)}
    assert imported and imported <= kept


def test_each_file_and_page_answers_with_the_digest_it_is_known_by(client: FlaskClient) -> None:
    told = shell(client)
    assert told["pages"]
    addresses = {**{assets.url(name): digest for name, digest in told["files"].items()}, **told["pages"]}
    for path, digest in addresses.items():
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200 and digest in answer.headers["ETag"], path


def test_kept_pages_name_only_files_that_are_kept(client: FlaskClient) -> None:
    told = shell(client)
    for path in told["pages"]:
        named = set(re.findall(r"/static/\w+/([\w./-]+)", client.get(path).text))
        assert named and named <= set(told["files"]), path


def test_the_worker_may_serve_the_whole_site_and_is_asked_for_each_time(client: FlaskClient) -> None:
    answer = client.get("/service-worker.js")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    assert client.get("/service-worker.js", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_worker_is_short_and_leaves_posts_alone() -> None:
    source = tree.read(WORKER)
    assert len(source.splitlines()) <= MOST_LINES
    assert 'method !== "GET"' in source


def test_the_manifest_makes_an_application_of_the_booklet() -> None:
    manifest = json.loads(tree.read(Path("static/manifest.webmanifest")))
    assert manifest["display"] == "standalone" and manifest["start_url"].startswith(manifest["scope"])
    icons = {icon["purpose"]: Path("static") / icon["src"] for icon in manifest["icons"]}
    assert set(icons) == {"any", "maskable"} and set(icons.values()) <= set(tree.committed())
