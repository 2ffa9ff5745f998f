"""Templates obey the strict content security policy, and speak through the translations."""

import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from tests.house import tree

PAGES = tree.matching(".html", under=("templates/", "static/"))
FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "script with a body": re.compile(r"<script\b[^>]*>\s*[^<\s]", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"hx-on", re.IGNORECASE),
    "event handler": re.compile(r"\son[a-z]+\s*=\s*[\"'{]", re.IGNORECASE),
    "js:": re.compile(r"[\"']\s*(?:js|javascript):", re.IGNORECASE),
    "unescaped output": re.compile(r"\|\s*safe\b"),
}
# Letters only Vietnamese has, so that a sentence outside of _() gives itself away.
VIETNAMESE = re.compile(r"[ăâđêôơưÀ-ỹ]*[ăđơưạ-ỹ][\w\s]*", re.IGNORECASE)
NAMES = ("Chi Trả", "Tiếng Việt")  # names stay as they are in every language


def without_comments(source: str) -> str:
    return re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_nothing_inline_that_the_policy_would_refuse(path: Path) -> None:
    source = without_comments(tree.read(path))
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(source)] == []


def test_the_rule_sees_what_it_forbids() -> None:
    bad = (
        "<script>x()</script>",
        '<p style="color:red">',
        "<style>",
        '<a hx-on:click="x">',
        '<a onclick="x">',
        """<a hx-vals='js:{a: 1}'>""",
        "{{ text|safe }}",
    )
    assert all(any(pattern.search(source) for pattern in FORBIDDEN.values()) for source in bad)


PAPER = re.compile(r'<article[^>]* lang="vi">.*?</article>', re.DOTALL)


def untranslated(source: str) -> list[str]:
    """Vietnamese in a template that does not pass through `_()` or `ngettext()`. A paper is Vietnamese, whatever the screen speaks."""
    found: list[str] = []
    source = PAPER.sub("", source)

    def walk(node: nodes.Node) -> None:
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in {"_", "gettext", "ngettext"}:
            for argument in (*node.args[2 if node.node.name == "ngettext" else 1 :], *node.kwargs):
                walk(argument)
            return
        text = node.data if isinstance(node, nodes.TemplateData) else node.value if isinstance(node, nodes.Const) else ""
        if isinstance(text, str):
            for name in NAMES:
                text = text.replace(name, "")
            found.extend(VIETNAMESE.findall(text))
        for child in node.iter_child_nodes():
            walk(child)

    walk(jinja2.Environment(autoescape=True, extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"]).parse(source))
    return found


@pytest.mark.parametrize("path", tree.matching(".html", under=("templates/",)), ids=str)
def test_every_sentence_can_be_translated(path: Path) -> None:
    assert untranslated(tree.read(path)) == []


def test_the_rule_sees_a_sentence_outside_of_the_translations() -> None:
    assert untranslated("<p>Người hưởng</p>")
    assert untranslated('<article lang="vi">Kính mời</article><p>Người hưởng</p>') and not untranslated('<article lang="vi">Kính mời</article>')
    assert untranslated('{{ field("x", "Họ và tên") }}')
    assert not untranslated('{{ ngettext("%(num)s người", "%(num)s người", 2) }}')
    assert not untranslated('{# chú thích #}<p>{{ _("Người hưởng") }}</p>{{ field("x", _("Họ và tên")) }}')


def test_the_booklets_script_knows_each_page_by_an_id_no_other_page_has() -> None:
    """It runs behind ordinary pages, too: the checks of a payment list were once taken for those of the device."""
    told_by = re.findall(r'if \(byId\("([\w-]+)"\)\)', tree.read(Path("static/booklet/entry.js")))
    assert "device-checks" in told_by
    for name in told_by:
        assert len([path for path in PAGES if f'id="{name}"' in tree.read(path)]) == 1, name
