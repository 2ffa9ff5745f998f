"""What every file keeps to: short, and free of this machine."""

import re
from pathlib import Path

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


def test_no_file_is_longer_than_400_lines() -> None:
    sources = tree.matching(".py", ".html", ".css", ".js", ".toml", ".md")
    lengths = {str(path): len(tree.read(path).splitlines()) for path in sources}
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_no_name_says_nothing() -> None:
    assert [path for path in tree.committed() if any(VAGUE.search(part.partition(".")[0]) for part in path.parts)] == []


def test_no_registry_is_named() -> None:
    texts = {str(path): tree.read(path) for path in tree.matching(*TEXT)}
    assert [(path, host) for path, text in texts.items() for host in REGISTRIES if host in text] == []


def test_no_path_of_a_machine_is_named() -> None:
    texts = {str(path): tree.read(path) for path in tree.matching(*TEXT) if path != Path("tests/house/test_files.py")}
    assert [(path, found) for path, text in texts.items() for found in MACHINE.findall(text)] == []


def test_no_note_of_work_undone_and_no_skipped_test() -> None:
    words = ["TO" + "DO", "FIX" + "ME", "pytest.mark." + "skip", "pytest." + "skip(", "mark." + "xfail"]
    sources = tree.matching(".py", ".html", ".css", ".js")
    assert [(str(path), word) for path in sources for word in words if word in tree.read(path)] == []
