"""What the tests want of the machine beyond Python: a Chromium, a PostgreSQL server, a LibreOffice to open what offices will open.

`python -m tests.machine` (called by `make test`) installs Debian's packages where it may, which is as
root; elsewhere it says in one line what to install, and fails. Nothing is ever skipped for want of them.
Standard library only: it runs before there is an environment, too.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SOAK = os.environ.get("PORTAL_SOAK") == "1"  # many more random cases, same code
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# As root, in a container, without a call to anyone outside.
CHROMIUM_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)


class MissingError(Exception):
    """A program the tests need is not on this machine; the message says what to install."""


def chromium() -> Path:
    """The browser's program; MissingError when there is none."""
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise MissingError("the browser tests need Chromium: install Debian's package chromium (apt install chromium)")


def postgres_programs() -> Path:
    """The folder of `initdb` and `postgres`, newest version first; MissingError when there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise MissingError("the tests need a PostgreSQL server's programs: install Debian's package postgresql (apt install postgresql)")


def office_suite() -> Path:
    """LibreOffice's program, with its parts for sheets and texts; MissingError when there is none."""
    found = shutil.which("soffice")
    parts = Path(found).resolve().parent if found else None
    if parts is not None and all((parts / name).exists() for name in ("libsclo.so", "libswlo.so")):
        return Path(str(found))
    raise MissingError("the tests of documents need LibreOffice: install Debian's packages " + " and ".join(_OFFICE))


def prepare() -> None:
    """Install what is missing, as root; MissingError when it is still missing afterwards."""
    wanted = [package for find, packages in _NEEDED for package in packages if not _is_there(find)]
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        print(f"Installing Debian's {' and '.join(wanted)} …", flush=True)
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *wanted]):
            done = subprocess.run(["apt-get", *command], env=quiet, check=False, text=True, capture_output=True, stdin=subprocess.DEVNULL)
            if done.returncode:
                print((done.stdout + done.stderr)[-2000:], file=sys.stderr)
    for find, _ in _NEEDED:
        find()


def _is_there(find: Callable[[], Path]) -> bool:
    try:
        find()
    except MissingError:
        return False
    return True


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", folder.parent.name))


_OFFICE = ("libreoffice-calc-nogui", "libreoffice-writer-nogui")
_NEEDED: tuple[tuple[Callable[[], Path], tuple[str, ...]], ...] = (
    (chromium, ("chromium",)),
    (postgres_programs, ("postgresql",)),
    (office_suite, _OFFICE),
)


if __name__ == "__main__":
    try:
        prepare()
    except MissingError as problem:
        sys.exit(f"set-up: {problem}")
