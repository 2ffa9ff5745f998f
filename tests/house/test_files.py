"""What every file keeps to: short, and free of this machine."""

import re
from pathlib import Path

import pytest

from tests.house import tree

LONGEST = 400
TOP_LEVEL = {"pyproject.toml", "portal", "templates", "static", "sync", "tests", "README.md", "Makefile"}
VAGUE = re.compile(r"(^|_)(utils?|helpers?|managers?|services?|misc|common)$")
# Put together here, so that this file does not hold what it looks for.
REGISTRIES = tuple(
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("debian", "org"))
)
MACHINE = re.compile(r"(?<![\w.}])/(?:work|tmp|root|Users)/|(?<![\w.}])/home/\w+/|\.pyenv/")
TEXT = (".py", ".html", ".css", ".js", ".toml", ".md", ".csv", ".svg", ".po", ".json", ".lock", ".txt", ".yml", ".webmanifest", "")


def test_the_top_level_is_what_the_design_fixed() -> None:
    top = {path.parts[0] for path in tree.committed()}
    assert {name for name in top if not name.startswith(".") and not name.endswith(".lock")} <= TOP_LEVEL


@pytest.mark.parametrize("path", tree.matching(".py", ".html", ".css", ".js", ".toml", ".md"), ids=str)
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(tree.read(path).splitlines()) <= LONGEST


def test_no_name_says_nothing() -> None:
    assert [path for path in tree.committed() if any(VAGUE.search(part.partition(".")[0]) for part in path.parts)] == []


@pytest.mark.parametrize("path", tree.matching(*TEXT), ids=str)
def test_no_registry_and_no_path_of_a_machine_is_named(path: Path) -> None:
    text = tree.read(path)
    found = [host for host in REGISTRIES if host in text] + MACHINE.findall(text if path != Path("tests/house/test_files.py") else "")
    assert not found


@pytest.mark.parametrize("path", tree.python("portal", "sync", "tests"), ids=str)
def test_no_note_of_work_undone_and_no_skipped_test(path: Path) -> None:
    words = ["TO" + "DO", "FIX" + "ME", "pytest.mark." + "skip", "pytest." + "skip(", "mark." + "xfail"]
    assert [word for word in words if word in tree.read(path)] == []
