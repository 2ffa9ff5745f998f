"""Compiled templates kept from start to start, as Python keeps compiled modules: a quarter of the time to the first answer."""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

import jinja2
from jinja2.bccache import Bucket


class _Cache(jinja2.FileSystemBytecodeCache):
    """Jinja's own, in the user's private temporary folder; a folder that cannot be written to is no fault."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def open_cache() -> jinja2.BytecodeCache | None:
    """The cache of this version of the portal (a template that changed is compiled again); None where it has no safe folder."""
    try:
        own = version("chi-tra")
    except PackageNotFoundError:
        own = "checkout"
    try:
        return _Cache(pattern=f"__portal_{own}_%s.cache")
    except (RuntimeError, OSError):
        return None
