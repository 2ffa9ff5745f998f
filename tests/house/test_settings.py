"""Every setting is in the README, and nothing is set that is not a setting."""

import re
from pathlib import Path

from portal.settings import SETTINGS
from tests.house import tree

NAMES = {setting.name for setting in SETTINGS}
MENTION = re.compile(r"\bPORTAL_[A-Z_]+\b")


def test_the_readme_explains_every_setting() -> None:
    lines = [line for line in tree.read(Path("README.md")).splitlines() if line.startswith("|")]
    missing = [each.name for each in SETTINGS if not any(f"`{each.name}`" in line and each.default in line for line in lines)]
    assert missing == [], "README's table of settings lacks these, or their defaults"


def test_the_readme_knows_no_setting_that_is_gone() -> None:
    assert set(MENTION.findall(tree.read(Path("README.md")))) - {"PORTAL_SOAK"} <= NAMES


def test_no_file_reads_a_setting_that_is_not_listed() -> None:
    assert {mention for path in tree.python("portal") for mention in MENTION.findall(tree.read(path))} <= NAMES
