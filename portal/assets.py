"""Static files from memory: addresses that change with the content, compressed once, kept by browsers for a year.

One digest names the whole tree, not each file, so that ES modules and style sheets may refer to each other by relative paths
and always meet the version they were written for.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_WORTH_PACKING = 400


@dataclass(frozen=True)
class Asset:
    """One static file: its bytes, and those bytes gzipped where that is shorter (else None)."""

    path: Path
    media_type: str
    data: bytes = field(repr=False)

    @cached_property
    def packed(self) -> bytes | None:
        """The gzipped bytes, made on first use."""
        if len(self.data) < _WORTH_PACKING:
            return None
        packed = gzip.compress(self.data, 9, mtime=0)
        return packed if len(packed) < len(self.data) else None

    @cached_property
    def etag(self) -> str:
        """A digest of the content."""
        return hashlib.sha256(self.data).hexdigest()[:16]


@dataclass(frozen=True)
class Assets:
    """Every static file by its path below the static folder, and the digest of them all."""

    files: dict[str, Asset]
    version: str


def folder(name: str) -> Path:
    """Where `templates` or `static` is: inside the installed package, or beside it in a checkout."""
    here = Path(__file__).parent
    return here / name if (here / name).is_dir() else here.parent / name


@cache
def read() -> Assets:
    """The static tree, read once a process; a changed file wants a restart."""
    root = folder("static")
    files = {
        path.relative_to(root).as_posix(): Asset(path, _media_type(path), path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    }
    digest = hashlib.sha256()
    for name, asset in files.items():
        digest.update(f"{name}\0{asset.etag}\n".encode())
    return Assets(files, digest.hexdigest()[:12])


def url(path: str) -> str:
    """The address of a static file: "/static/<digest>/css/base.css"; that each is there is for a house test to say."""
    return f"/static/{read().version}/{path}"


def _media_type(path: Path) -> str:
    return _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
