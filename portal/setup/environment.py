"""The checkout's own Python environment, `.venv`, made from a lock file with hashes."""

import hashlib
import subprocess
import sys
import tomllib
from pathlib import Path

from portal.setup import SetupError, reason

RUNTIME = "requirements.lock"
DEVELOPMENT = "requirements-dev.lock"

# `portal` as a command without pip's help: it finds the environment beside itself, so that a
# checkout that was moved, or whose path has a space in it, still starts.
COMMAND = """#!/bin/sh
exec "$(dirname "$0")/python" -c 'import sys
sys.argv[0] = "portal"
from portal.cli import main
sys.exit(main())' "$@"
"""


def prepare(root: Path, lock: str) -> None:
    """Make `.venv` hold what `lock` names; at once when it already does.

    Args:
        root: the checkout.
        lock: `RUNTIME` or `DEVELOPMENT`; the second holds everything of the first.

    Raises:
        SetupError: no environment can be made, or a package is not to be had at its hash.
    """
    home = root / ".venv"
    if not (home / "bin" / "python").exists():
        print(f"Making an environment in .venv for Python {sys.version.split()[0]} …", flush=True)
        _run([sys.executable, "-m", "venv", "--clear", str(home)], "cannot make .venv (on Debian: apt install python3-venv)")
    if not _holds(root, lock):
        print(f"Installing {lock} (once, a minute or so) …", flush=True)
        inside(
            root,
            *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
            *("--require-hashes", "--no-deps", "-r", str(root / lock)),
        )
        for covered in {lock, RUNTIME}:
            _stamp(root, covered).write_text(_digest(root, covered))
    _link(root)


def inside(root: Path, *arguments: str) -> None:
    """Run the environment's Python with `arguments` in the checkout; SetupError when it fails."""
    _run([str(root / ".venv" / "bin" / "python"), *arguments], f"{' '.join(arguments[:3])} failed", cwd=root)


def _link(root: Path) -> None:
    """Make the checkout importable in its environment and give it the `portal` command."""
    home = root / ".venv"
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"], project["version"]
    for packages in home.glob("lib/python*/site-packages"):
        _write(packages / f"{name}-checkout.pth", f"{root}\n")
        # What `portal --version` reads, as an installed wheel would have it.
        _write(packages / f"{name.replace('-', '_')}-0.dist-info" / "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    command = home / "bin" / "portal"
    _write(command, COMMAND)
    command.chmod(0o755)


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _stamp(root: Path, lock: str) -> Path:
    return root / ".venv" / f"{lock}.installed"


def _digest(root: Path, lock: str) -> str:
    return hashlib.sha256((root / lock).read_bytes()).hexdigest()


def _holds(root: Path, lock: str) -> bool:
    stamp = _stamp(root, lock)
    return stamp.exists() and stamp.read_text() == _digest(root, lock)


def _run(command: list[str], failure: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, check=False, text=True, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        raise SetupError(f"{failure}: {reason(done.stderr)}")
