"""Hatchling's hook: a wheel is built with htmx and the translations inside, or not at all."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompleteWheel(BuildHookInterface[Any]):
    """Does what `make run` does for a checkout, before hatchling collects the files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch htmx and compile the translations into the source tree that is being built."""
        if self.root not in sys.path:
            sys.path.insert(0, self.root)
        from portal.setup import htmx, translations  # noqa: PLC0415 - importable only now

        htmx.fetch(Path(self.root))
        translations.write(Path(self.root))
