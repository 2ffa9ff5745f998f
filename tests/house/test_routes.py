"""Every route names its deed, is spelt the same way, and says of what type its parameters are."""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal import access, db
from portal.app import create_app
from portal.settings import Settings

PARAMETER = re.compile(r"<(?:(?P<converter>[a-z_]+)(?:\([^)]*\))?:)?(?P<name>[a-z_]+)>")
SEGMENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)?")
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    url = f"sqlite:///{tmp_path_factory.mktemp('routes') / 'portal.sqlite3'}"
    yield create_app(Settings(database=url, secret_key="k" * 40))
    db.disconnect()


def rules(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def view_of(app: Flask, rule: Rule) -> Callable[..., Any]:
    return app.view_functions[rule.endpoint]


def test_there_are_routes(app: Flask) -> None:
    assert len(rules(app)) > 5


def test_every_route_has_a_deed(app: Flask) -> None:
    known = {*access.DEEDS, access.PUBLIC}
    assert [str(rule) for rule in rules(app) if getattr(view_of(app, rule), "deed", None) not in known] == []


def test_nothing_is_changed_by_a_deed_that_reads(app: Flask) -> None:
    changing = [rule for rule in rules(app) if CHANGING & set(rule.methods or ())]
    deeds = {str(rule): getattr(view_of(app, rule), "deed", "") for rule in changing}
    assert [path for path, deed in deeds.items() if deed.endswith(".read")] == []


def test_every_path_is_kebab_case(app: Flask) -> None:
    def is_kebab(rule: Rule) -> bool:
        return all(SEGMENT.fullmatch(PARAMETER.sub("x", part)) for part in rule.rule.strip("/").split("/") if part)

    assert [str(rule) for rule in rules(app) if not is_kebab(rule)] == []


def test_every_parameter_has_a_type(app: Flask) -> None:
    untyped = [
        str(rule)
        for rule in rules(app)
        for match in PARAMETER.finditer(rule.rule)
        if match["converter"] is None or _annotation(view_of(app, rule), match["name"]) is inspect.Parameter.empty
    ]
    assert untyped == []


def _annotation(view: Callable[..., Any], parameter: str) -> Any:
    return inspect.signature(inspect.unwrap(view)).parameters[parameter].annotation


def test_every_view_says_what_it_does(app: Flask) -> None:
    assert [rule.endpoint for rule in rules(app) if not inspect.getdoc(inspect.unwrap(view_of(app, rule)))] == []


def test_every_template_a_view_names_exists() -> None:
    root = Path(__file__).resolve().parents[2]
    named = {
        name
        for path in (root / "portal").rglob("*.py")
        for name in re.findall(r"[\"']((?:[a-z_]+/)?_?[a-z_]+\.html)[\"']", path.read_text("utf-8"))
    }
    assert sorted(name for name in named if not (root / "templates" / name).exists()) == []
