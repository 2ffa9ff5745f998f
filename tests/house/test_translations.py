"""Every sentence of the screen has its English, with the same places for values; nothing else is translated."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from portal.language import LANGUAGES
from portal.law import reasons
from portal.setup import translations
from tests.house import tree

LANGUAGE = "en"
PO = tree.ROOT / "portal" / "translations" / LANGUAGE / "LC_MESSAGES" / "messages.po"
PLACE = re.compile(r"%\([a-z_]+\)[sd]|%[sd%]|\{[a-z_]*\}")


VIETNAMESE = re.compile(r"[ăđơưạ-ỹ]", re.IGNORECASE)
# Where words for people are written in the code; nouns return codes.
SPEAKERS = {"access", "forms", "home", "list_wording", "navigation", "pages", "problems", "sessions", "wording"}
SPEAKING = [path for path in tree.python("portal") if path.parts[1] == "views" or (path.stem in SPEAKERS and len(path.parts) == 2)]


def sentences() -> list[Message]:
    return [message for message in translations.extract(tree.ROOT) if message.id]


def english() -> dict[object, Message]:
    return {message.id: message for message in translations.read(PO) if message.id}


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else [str(form) for form in text] if isinstance(text, tuple | list) else []


def test_each_language_but_the_first_has_a_catalogue() -> None:
    assert {po.parents[1].name for po in translations.catalogues(tree.ROOT)} == set(LANGUAGES) - {"vi"}


def test_every_sentence_is_translated() -> None:
    done = english()
    missing = [m.id for m in sentences() if m.id not in done or not all(forms(done[m.id].string)) or done[m.id].fuzzy]
    assert not missing, "\n".join(map(str, missing))


def test_nothing_is_translated_that_no_page_says() -> None:
    assert set(english()) - {message.id for message in sentences()} == set()


def test_translations_keep_the_places_for_values() -> None:
    def places(text: object) -> list[set[str]]:
        return [set(PLACE.findall(form)) for form in forms(text)]

    broken = [m.id for m in english().values() if any(p != places(m.id)[-1] for p in places(m.string))]
    assert not broken


@pytest.mark.parametrize("place", ["%(name)s", "%d", "{count}"])
def test_places_are_recognised(place: str) -> None:
    assert PLACE.findall(f"x {place} y") == [place]


def test_reasons_of_the_law_read_the_same_on_a_page_and_on_a_device() -> None:
    done = english()
    told = {reason.label: reason.label_en for kind in reasons.every().values() for reason in kind.values()}
    assert {label: done[label].string for label in told} == told


def test_sentences_are_found_in_templates_and_in_the_code() -> None:
    where = {path.partition("/")[0] for message in sentences() for path, _ in message.locations}
    assert where == {"portal", "templates"}


def unmarked(source: str) -> list[str]:
    """Vietnamese in Python code that no translation will ever see: outside of `mark()` and `gettext()`."""
    parsed = ast.parse(source)
    calls = [node for node in ast.walk(parsed) if isinstance(node, ast.Call)]
    marked = {
        id(part)
        for call in calls
        if (call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")) in translations.PYTHON_KEYWORDS
        for argument in call.args
        for part in ast.walk(argument)
    }
    documented = {id(node.value) for node in ast.walk(parsed) if isinstance(node, ast.Expr)}
    texts = [node for node in ast.walk(parsed) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [str(text.value) for text in texts if id(text) not in marked | documented and VIETNAMESE.search(str(text.value))]


@pytest.mark.parametrize("path", SPEAKING, ids=str)
def test_every_sentence_in_the_code_is_marked(path: Path) -> None:
    assert unmarked(tree.read(path)) == []


def test_the_rule_sees_an_unmarked_sentence() -> None:
    assert unmarked('"""Người."""\nx = mark("Người hưởng") + "Đã gửi"') == ["Đã gửi"]
