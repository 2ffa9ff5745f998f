"""Every setting is in the README, and nothing is set that is not a setting."""

import re
from pathlib import Path

import pytest

from portal.settings import SETTINGS
from tests.house import tree

NAMES = {setting.name for setting in SETTINGS}
MENTION = re.compile(r"\bPORTAL_[A-Z_]+\b")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_readme_explains_the_setting(setting: object) -> None:
    name, default = setting.name, setting.default  # type: ignore[attr-defined]
    line = next(
        (line for line in tree.read(Path("README.md")).splitlines() if re.search(rf"\b{name}\b", line) and line.startswith("|")), ""
    )
    assert line, f"{name} has no line in README's table of settings"
    assert default in line


def test_the_readme_knows_no_setting_that_is_gone() -> None:
    assert set(MENTION.findall(tree.read(Path("README.md")))) - {"PORTAL_SOAK"} <= NAMES


@pytest.mark.parametrize("path", tree.python("portal"), ids=str)
def test_no_file_reads_a_setting_that_is_not_listed(path: Path) -> None:
    assert set(MENTION.findall(tree.read(path))) <= NAMES
