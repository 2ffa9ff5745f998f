"""Translations: sentences collected from the code, and messages.mo compiled beside each messages.po.

Sentences are written in Vietnamese where they are used: `_("…")` in templates, `mark("…")` in the code. Compiled files
are made by set-up and never committed. Babel is imported late: set-up runs before it is installed.
"""

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from portal.setup import SetupError

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

WIDTH = 120
PYTHON_KEYWORDS = {"_": None, "mark": None, "gettext": None, "ngettext": (1, 2)}
REASONS = Path("portal", "law", "reasons.toml")
TEMPLATE_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def catalogues(root: Path) -> list[Path]:
    """Every messages.po of the portal, in a fixed order."""
    return sorted((root / "portal" / "translations").glob("*/LC_MESSAGES/messages.po"))


def stale(root: Path) -> list[Path]:
    """The catalogues whose compiled file is missing or older than they are."""
    return [po for po in catalogues(root) if not _is_fresh(po)]


def read(po: Path) -> "Catalog":
    """A messages.po as Babel's catalogue.

    Raises:
        SetupError: it cannot be read; the message names file and line.
    """
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415 - only inside the environment

    try:
        with po.open("rb") as source:
            return read_po(source, locale=po.parents[1].name, abort_invalid=True)
    except PoFileError as problem:
        raise SetupError(f"{po}: {problem}") from None


def write(root: Path) -> None:
    """Compile every stale catalogue, each file put in place whole; SetupError when one cannot be read."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - only inside the environment

    for po in stale(root):
        catalogue = read(po)
        compiled = po.with_suffix(".mo")
        partial = po.with_suffix(f".{os.getpid()}.part")
        with partial.open("wb") as sink:
            write_mo(sink, catalogue)
        partial.replace(compiled)


def extract(root: Path) -> "Catalog":
    """Every sentence of portal/ and templates/ that is marked for translation, and the law's reasons, with the files it stands in."""
    from babel.messages.catalog import Catalog  # noqa: PLC0415 - only inside the environment
    from babel.messages.extract import extract_from_file  # noqa: PLC0415 - the same

    found = Catalog()
    sources = (
        ("python", PYTHON_KEYWORDS, (root / "portal").rglob("*.py")),
        ("jinja2.ext:babel_extract", TEMPLATE_KEYWORDS, (root / "templates").rglob("*.html")),
    )
    for method, keywords, paths in sources:
        for path in sorted(paths):
            where = path.relative_to(root)
            if "setup" in where.parts:
                continue
            for _line, sentence, comments, _context in extract_from_file(method, path, keywords=keywords, options={"silent": "false"}):
                # Files without lines: a moved line is no news for a translator.
                found.add(sentence, None, [(where.as_posix(), 0)], auto_comments=comments)
    for kind in tomllib.loads((root / REASONS).read_text(encoding="utf-8")).values():
        for reason in kind.values():
            for sentence in filter(None, (reason["label"], reason.get("event"))):
                found.add(sentence, None, [(REASONS.as_posix(), 0)])
    return found


def update(root: Path) -> None:
    """Bring every messages.po up to the sentences there are: new ones empty, gone ones dropped, none guessed."""
    from babel.messages.pofile import write_po  # noqa: PLC0415 - only inside the environment

    wanted = extract(root)
    for po in catalogues(root):
        catalogue = read(po)
        catalogue.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
        with po.open("wb") as sink:
            write_po(sink, catalogue, width=WIDTH, include_lineno=False, sort_output=True, ignore_obsolete=True)


def _is_fresh(po: Path) -> bool:
    compiled = po.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= po.stat().st_mtime
