"""Imports stay on their floors (design: "Floors")."""

import sys
from pathlib import Path

import pytest

from tests.house import tree

FLASK = {"flask", "flask_login", "flask_htmx", "werkzeug", "jinja2", "markupsafe", "itsdangerous"}
PEEWEE = {"peewee", "playhouse", "psycopg2", "sqlite3"}
WORKBOOK = {"openpyxl", "python_calamine", "xlrd", "xlsxwriter"}

# What stands on which floor, the most particular name first. A file of portal/ that is not named is a noun.
FLOORS = (
    ("setup", ("portal.setup",)),
    ("top", ("portal.app", "portal.cli", "portal.commands", "portal.demo", "portal.wsgi", "portal.__main__")),
    ("views", ("portal.views", "portal.workbook")),
    (
        "web",
        (
            *("portal.access", "portal.forms", "portal.pages", "portal.security", "portal.sessions", "portal.navigation"),
            "portal.template_cache",
            *("portal.list_wording", "portal.telling", "portal.wording"),
        ),
    ),
    ("models", ("portal.models", "portal.migrations")),
    ("db", ("portal.db",)),
    ("law", ("portal.law",)),
    (
        "ground",
        (
            "portal.addresses",
            "portal.assets",
            "portal.bundle",
            "portal.clock",
            "portal.formats",
            "portal.language",
            "portal.packing",
            "portal.problems",
            "portal.settings",
        ),
    ),
    ("sync", ("sync",)),
    ("noun", ("portal",)),
)
# Floor → the floors it may import from, and the packages of others beyond the standard library.
ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    "top": ({"views", "web", "noun", "models", "db", "law", "ground", "sync"}, FLASK | PEEWEE | {"click", "msgspec", "waitress"}),
    "views": ({"web", "noun", "ground", "sync"}, FLASK | WORKBOOK | {"msgspec"}),
    "web": ({"noun", "models", "ground", "sync"}, FLASK | {"msgspec"}),
    "noun": ({"models", "db", "law", "ground", "sync"}, PEEWEE | {"msgspec", "pwdlib", "holidays", "docxtpl", "docx"}),
    "models": ({"db"}, PEEWEE),
    "db": ({"ground"}, PEEWEE),
    "law": (set(), {"msgspec"}),
    "sync": (set(), {"msgspec"}),
    "ground": (set(), {"brotli", "msgspec", "rjsmin", "werkzeug"}),
    "setup": (set(), {"babel", "hatchling"}),
}


def floor_of(module: str) -> str:
    return next(floor for floor, names in FLOORS if any(module == name or module.startswith(f"{name}.") for name in names))


def complaint(importer: str, imported: str) -> str | None:
    """Why this import is not allowed; None when it is."""
    floor, package = floor_of(importer), imported.partition(".")[0]
    below, packages = ALLOWED[floor]
    if package in {"portal", "sync"}:
        target = floor_of(imported)
        if target in below | {floor} or imported in {"portal", f"portal.{package}"}:
            return None
        return f"{floor} must not import from {target} ({imported})"
    if package in sys.stdlib_module_names - {"sqlite3"} or package in packages:
        return None
    return f"{floor} must not import {package}"


def test_every_import_stays_on_its_floor() -> None:
    complaints = [
        f"{path}:{line}: {why}"
        for path in tree.python("portal", "sync")
        for line, name in tree.imports(path)
        if (why := complaint(tree.module_name(path), name))
    ]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("sync.door", "portal.store"),
        ("sync.door", "peewee"),
        ("portal.law.amount", "portal.models.person"),
        ("portal.law.amount", "portal.clock"),
        ("portal.views.person", "peewee"),
        ("portal.views.person", "portal.models.person"),
        ("portal.person", "flask.request"),
        ("portal.person", "portal.views.person"),
        ("portal.models.person", "portal.law.book"),
        ("portal.models.person", "sync.edit"),
    ],
)
def test_the_rule_itself_refuses_what_the_design_forbids(importer: str, imported: str) -> None:
    assert complaint(importer, imported)


def test_importing_the_package_costs_nothing() -> None:
    """`python -m portal.setup` runs before anything is installed."""
    assert list(tree.imports(Path("portal/__init__.py"))) == []
