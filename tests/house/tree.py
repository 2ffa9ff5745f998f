"""The project's own files, as the house tests read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def committed() -> tuple[Path, ...]:
    """Every file that is in the repository, or would be with the next `git add`, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return tuple(sorted({Path(name) for name in listing.split("\0") if name and (ROOT / name).is_file()}))


def matching(*suffixes: str, under: tuple[str, ...] = ("",)) -> list[Path]:
    """Committed files with one of the suffixes, below one of the folders."""
    return [path for path in committed() if path.suffix in suffixes and f"{path.parent.as_posix()}/".startswith(under)]


def python(*under: str) -> list[Path]:
    """Committed Python files below the folders."""
    return matching(".py", under=tuple(f"{folder}/" for folder in under))


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a file imports, wherever in the file; `from a import b` gives `a.b`."""
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import; write the whole name"
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"
