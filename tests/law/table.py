"""The cases, read from tests/law/cases/*.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"


def read(name: str) -> dict[str, Any]:
    """A table of cases by its file name without the ending."""
    return tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))
