"""Scripts and styles keep to what the last browsers of Windows 7 and 8 know: Chrome 109 and Firefox 115."""

import re
from pathlib import Path

import pytest

from tests.house import tree

# What came later than either of them, by its name in code; each is followed by what stands for it there.
NEWER = {
    r"\.(?:toSorted|toReversed|toSpliced|with)\(": "a copy that is sorted, reversed, spliced",
    r"\b(?:Object|Map)\.groupBy\b": "a loop into a Map",
    r"\bPromise\.(?:withResolvers|try)\b": "new Promise",
    r"\bArray\.fromAsync\b": "Promise.all",
    r"\.(?:union|intersection|difference|symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom)\(": "filter",
    r"\bIterator\.|\.(?:drop|take)\(\d": "an array",
    r"\bAbortSignal\.any\b": "an AbortController",
    r"\bURL\.(?:parse|canParse)\b": "new URL in try",
    r"\.(?:isWellFormed|toWellFormed)\(": "normalize",
    r"/[dgimsuy]*v[dgimsuy]*\.(?:test|exec)": "flag u",
    r"\b(?:await )?using [A-Za-z_$]+ =": "finally",
    r"\b(?:showPopover|togglePopover|checkVisibility|startViewTransition|scheduler\.yield|Temporal|RegExp\.escape)\b": "nothing",
}
NEWER_STYLES = {
    r":has\(": "a class",
    r"color-mix\(": "a colour",
    r"^\s*&": "a whole selector",
    r"\blight-dark\(": "a media query",
    r"@starting-style": "nothing",
}
GUARDED = "CompressionStream"  # Firefox 113, but not every Chrome that calls itself so


def found(rules: dict[str, str], source: str) -> list[str]:
    return [rule for rule in rules if re.search(rule, source, re.MULTILINE)]


def ours(suffix: str) -> list[Path]:
    return [path for path in tree.committed() if path.parts[0] == "static" and path.suffix == suffix]


@pytest.mark.parametrize("path", ours(".js"), ids=str)
def test_a_script_asks_for_nothing_newer(path: Path) -> None:
    assert found(NEWER, tree.read(path)) == []


@pytest.mark.parametrize("path", ours(".css"), ids=str)
def test_a_style_sheet_asks_for_nothing_newer(path: Path) -> None:
    rules = re.sub(r"/\*.*?\*/", "", tree.read(path), flags=re.DOTALL)
    assert found(NEWER_STYLES, rules) == []


def test_what_not_every_browser_has_is_asked_for_first() -> None:
    users = [tree.read(path) for path in ours(".js") if f"new {GUARDED}" in tree.read(path)]
    assert users and all(f"if (window.{GUARDED})" in source for source in users)


@pytest.mark.parametrize(
    "line", ["rows.toSorted(byName)", "Object.groupBy(rows, key)", "const { promise } = Promise.withResolvers();", "URL.canParse(text)"]
)
def test_the_rule_sees_what_is_newer(line: str) -> None:
    assert found(NEWER, line)
