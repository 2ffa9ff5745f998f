"""Compiled translations: messages.mo beside each messages.po, made here and never committed."""

import os
from pathlib import Path

from portal.setup import SetupError


def catalogues(root: Path) -> list[Path]:
    """Every messages.po of the portal, in a fixed order."""
    return sorted((root / "portal" / "translations").glob("*/LC_MESSAGES/messages.po"))


def stale(root: Path) -> list[Path]:
    """The catalogues whose compiled file is missing or older than they are."""
    return [po for po in catalogues(root) if not _is_fresh(po)]


def write(root: Path) -> None:
    """Compile every stale catalogue, each file put in place whole.

    Raises:
        SetupError: a catalogue cannot be read; the message names file and line.
    """
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - only inside the environment
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415 - the same

    for po in stale(root):
        try:
            with po.open("rb") as source:
                catalogue = read_po(source, abort_invalid=True)
        except PoFileError as problem:
            raise SetupError(f"{po.relative_to(root)}: {problem}") from None
        compiled = po.with_suffix(".mo")
        partial = po.with_suffix(f".{os.getpid()}.part")
        with partial.open("wb") as sink:
            write_mo(sink, catalogue)
        partial.replace(compiled)


def _is_fresh(po: Path) -> bool:
    compiled = po.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= po.stat().st_mtime
