"""The language of the screen: Vietnamese as written in the code, others by the standard library's gettext."""

from __future__ import annotations

import gettext as standard
from functools import cache
from pathlib import Path

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
_FOLDER = Path(__file__).parent / "translations"


def mark(text: str) -> str:
    """Marks a sentence for translation where it is written; it is translated where it is shown."""
    return text


@cache
def available() -> dict[str, str]:
    """Languages that can be chosen, each by its own name: Vietnamese, and those whose sentences are installed."""
    return {code: name for code, name in LANGUAGES.items() if code == "vi" or standard.find("messages", _FOLDER, [code])}


@cache
def translations(language: str) -> standard.NullTranslations:
    """The sentences of a language; Vietnamese, and whatever has no catalogue, stays as written."""
    if language == "vi" or language not in LANGUAGES:
        return standard.NullTranslations()
    return standard.translation("messages", _FOLDER, [language], fallback=True)


def translate(language: str, text: str) -> str:
    """A sentence in the given language, as written where it has no translation."""
    return translations(language).gettext(text) if text else ""
