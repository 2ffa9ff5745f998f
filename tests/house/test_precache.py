"""The service worker's list of what to keep is the static tree, nothing missing and nothing gone."""

import re
from pathlib import Path

from tests.house import tree

WORKER = Path("static/service-worker.js")
FETCHED = "vendor/htmx.min.js"  # not committed, but there on every machine that serves


def precached(worker: str) -> set[str]:
    """The paths in the worker's `const PRECACHE = [ … ]`, below static/."""
    listing = re.search(r"const PRECACHE = \[(.*?)\]", worker, re.DOTALL)
    assert listing, "the service worker has no `const PRECACHE = [ … ]`"
    return {path.removeprefix("/static/").removeprefix("./") for path in re.findall(r"[\"']([^\"']+)[\"']", listing[1])}


def static_tree() -> set[str]:
    own = {path.relative_to("static").as_posix() for path in tree.committed() if path.parts[0] == "static" and path != WORKER}
    return own | {FETCHED}


def test_the_list_is_read_as_it_is_written() -> None:
    assert precached('const PRECACHE = [\n  "css/app.css", // look\n  "/static/js/app.js",\n];') == {"css/app.css", "js/app.js"}


def test_what_is_kept_for_offline_is_what_there_is() -> None:
    if WORKER in tree.committed():
        assert precached(tree.read(WORKER)) == static_tree()
    else:
        assert not [
            path for path in tree.matching(".js", ".html") if path.parts[0] != "tests" and "serviceWorker.register" in tree.read(path)
        ]
