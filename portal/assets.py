"""Static files from memory: addresses that change with the content, compressed once, kept by browsers for a year.

One digest names the whole tree, not each file, so that ES modules and style sheets may refer to each other by relative paths
and always meet the version they were written for.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from functools import cache, cached_property
from pathlib import Path

from msgspec import Struct

from portal import bundle, packing

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_PACKED_BY_NATURE = frozenset({"image/png"})
BOOKLET = "booklet.js"
"""The booklet's modules (static/booklet/) joined; no file of the tree."""
_MODULE = re.compile(r"booklet/\w+\.js")


class Asset(Struct, frozen=True, dict=True):
    """One static file."""

    path: Path
    media_type: str
    data: bytes

    @property
    def is_worth_packing(self) -> bool:
        """Whether the file is large enough, and no picture that is packed by nature."""
        return len(self.data) >= packing.WORTH and self.media_type not in _PACKED_BY_NATURE

    def packed(self, encoding: packing.Encoding) -> bytes | None:
        """The packed bytes, made on first use; None where that is not worth it."""
        if not self.is_worth_packing:
            return None
        return _packed(self.data, encoding)

    @cached_property
    def etag(self) -> str:
        """A digest of the content."""
        return hashlib.sha256(self.data).hexdigest()[:16]


@cache
def _packed(data: bytes, encoding: packing.Encoding) -> bytes:
    return packing.pack(data, encoding, once=True)


class Assets(Struct, frozen=True):
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
        path.relative_to(root).as_posix(): Asset(path, _media_type(path), _content(path))
        for path in sorted(root.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    }
    files[BOOKLET] = _booklet(files)
    digest = hashlib.sha256()
    for name, asset in files.items():
        digest.update(f"{name}\0{asset.etag}\n".encode())
    return Assets(files, digest.hexdigest()[:12])


def _content(path: Path) -> bytes:
    """A file as it is sent: scripts and style sheets of our own tightened."""
    tighten = {".js": bundle.tight, ".css": bundle.tight_style}.get(path.suffix)
    if tighten is None or path.parent.name == "vendor":
        return path.read_bytes()
    return tighten(path.read_text("utf-8")).encode()


def wanted() -> dict[str, Asset]:
    """The files browsers ask for: the tree, with the booklet's modules as one."""
    return {name: asset for name, asset in read().files.items() if not _MODULE.fullmatch(name)}


def _booklet(files: dict[str, Asset]) -> Asset:
    """The booklet's modules as one file, which alone is what pages ask for."""
    paths = [asset.path for name, asset in files.items() if _MODULE.fullmatch(name)]
    joined = bundle.join({path.stem: path.read_text("utf-8") for path in paths}, "entry")
    return Asset(paths[0].parent / "entry.js", _media_type(Path(BOOKLET)), joined.encode())


def url(path: str) -> str:
    """The address of a static file: "/static/<digest>/css/base.css"; that each is there is for a house test to say."""
    return f"/static/{read().version}/{path}"


def _media_type(path: Path) -> str:
    return _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
