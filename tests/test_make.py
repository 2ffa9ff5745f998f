"""Set-up from nothing: what `make run` makes on a machine with Python and make, what it refuses, and how it ends."""

import base64
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.setup import SetupError, environment, htmx, translations
from tests import machine
from tests.house import tree
from tests.serving import CLEAN_ENDS, Visitor, serving

ROOT = tree.ROOT
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock")


@dataclass(frozen=True)
class Checkout:
    """The project as a fresh clone has it, on a machine with Python and make, no Node, and an empty home directory."""

    root: Path
    home: Path
    programs: Path

    @property
    def environment(self) -> dict[str, str]:
        # The rest of the environment (certificates, a proxy, where packages come from) is the machine's own.
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PORTAL", "VIRTUAL", "MAKE"))}
        return own | {"PATH": str(self.programs), "HOME": str(self.home), "PORTAL_HASHING": "fast", "PORTAL_PORT": "0"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    root = tmp_path_factory.mktemp("a checkout with spaces")
    for path in tree.committed():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, root / path)
    programs = tmp_path_factory.mktemp("programs")
    for name in ("make", "sh", "env", "sed", "test", "dirname", "uname"):
        (programs / name).symlink_to(shutil.which(name) or pytest.fail(f"no {name} on this machine"))
    (programs / "python3").symlink_to(Path(sys.base_prefix, "bin", "python3"))
    return Checkout(root, tmp_path_factory.mktemp("home"), programs)


@pytest.fixture(scope="module")
def first_run(checkout: Checkout) -> list[str]:
    """`make run` on the fresh checkout, interrupted when it serves: what it printed."""
    with serving(["make", "run"], cwd=checkout.root, environment=checkout.environment, patience=400) as portal:
        assert Visitor(portal.address).get("/")[0] == 200
        assert portal.interrupt() in CLEAN_ENDS
    return portal.lines


def test_a_machine_with_python_and_make_serves_the_demo(first_run: list[str], checkout: Checkout) -> None:
    roles = {found["role"] for line in first_run if (found := re.match(r" +(?P<role>[a-z_]+) +\S+$", line))}
    assert {"commune_officer", "post_agent", "post_supervisor", "district_officer", "approver", "auditor", "admin"} <= roles
    assert hashlib.sha256((checkout.root / htmx.TARGET).read_bytes()).hexdigest() == htmx.SHA256
    assert not translations.stale(checkout.root)
    assert [line for line in first_run if "Traceback" in line or "Error" in line or line.startswith("make")] == []


def test_the_second_run_serves_within_three_seconds_and_keeps_the_data(first_run: list[str], checkout: Checkout) -> None:
    assert first_run
    accounts: list[str | Path] = [checkout.root / ".venv/bin/portal", "user", "list", "--json"]
    before = subprocess.run(accounts, cwd=checkout.root, env=checkout.environment, check=True, capture_output=True).stdout
    began = time.monotonic()
    with serving(["make", "run"], cwd=checkout.root, environment=checkout.environment) as portal:
        assert Visitor(portal.address).get("/")[0] == 200
        assert time.monotonic() - began < 3
        assert portal.interrupt() in CLEAN_ENDS
    assert subprocess.run(accounts, cwd=checkout.root, env=checkout.environment, check=True, capture_output=True).stdout == before


def test_a_python_that_is_too_old_is_refused_in_one_line(checkout: Checkout, tmp_path: Path) -> None:
    for name in ("make", "sh", "test"):
        (tmp_path / name).symlink_to(checkout.programs / name)
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)
    done = subprocess.run(
        [tmp_path / "make", "run"], cwd=checkout.root, env={"PATH": str(tmp_path)}, check=False, capture_output=True, text=True
    )
    assert done.returncode
    assert "Python 3.11 or newer is needed" in done.stderr


def test_make_alone_lists_its_targets() -> None:
    listing = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert {"help", "run", "test", "bench", "soak", "lint", "format", "clean"} <= set(re.findall(r"make (\w+)", listing))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_locked_with_hashes(lock: str) -> None:
    entries = re.findall(r"^(\S+)==\S+(?: ;[^\\]*)?(.*(?:\n    --hash=.*)*)", tree.read(Path(lock)), flags=re.MULTILINE)
    assert entries
    assert [name for name, hashes in entries if "--hash=sha256:" not in hashes] == []


def test_the_development_lock_holds_the_runtime_lock() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", tree.read(Path(lock)), flags=re.MULTILINE))

    assert pins(environment.RUNTIME) <= pins(environment.DEVELOPMENT)


class TestHtmx:
    def package(self, folder: Path, script: bytes) -> Path:
        tarball = folder / "htmx.tgz"
        with tarfile.open(tarball, "w:gz") as archive:
            member = tarfile.TarInfo(htmx.MEMBER)
            member.size = len(script)
            archive.addfile(member, io.BytesIO(script))
        return tarball

    def test_another_package_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SetupError, match="wrong hash"):
            htmx.extract(self.package(tmp_path, b"alert(1)"))

    def test_another_script_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tarball = self.package(tmp_path, b"alert(1)")
        monkeypatch.setattr(htmx, "INTEGRITY", _integrity(tarball))
        with pytest.raises(SetupError, match="wrong hash"):
            htmx.extract(tarball)

    def test_a_file_with_the_right_hash_is_kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        target = tmp_path / htmx.TARGET
        target.parent.mkdir(parents=True)
        target.write_bytes(b"right")
        monkeypatch.setattr(htmx, "SHA256", hashlib.sha256(b"right").hexdigest())
        monkeypatch.setenv("PATH", "")
        assert htmx.fetch(tmp_path) == target

    def test_a_damaged_file_is_fetched_again_and_never_half_written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        good = b"htmx()"
        tarball = self.package(tmp_path, good)
        npm = tmp_path / "bin" / "npm"
        npm.parent.mkdir()
        # npm pack htmx.org@… --loglevel=error --fetch-retries=1 --pack-destination FOLDER …
        npm.write_text(f'#!/bin/sh\nwhile [ "$1" != --pack-destination ]; do shift; done\ncp "{tarball}" "$2/htmx.org-4.0.1.tgz"\n')
        npm.chmod(0o755)
        monkeypatch.setenv("PATH", f"{npm.parent}:{os.environ['PATH']}")
        monkeypatch.setattr(htmx, "INTEGRITY", _integrity(tarball))
        monkeypatch.setattr(htmx, "SHA256", hashlib.sha256(good).hexdigest())
        target = tmp_path / htmx.TARGET
        target.parent.mkdir(parents=True)
        target.write_bytes(b"half of it")
        assert htmx.fetch(tmp_path).read_bytes() == good
        assert [path.name for path in target.parent.iterdir()] == [target.name]

    def test_no_npm_at_all_is_one_line(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(htmx, "NODE_LOCK", "not-there.lock")
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(SetupError) as refusal:
            htmx.fetch(tmp_path)
        assert str(refusal.value).startswith("htmx could not be fetched: ")
        assert "\n" not in str(refusal.value)


def _integrity(tarball: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()


class TestMachine:
    def test_a_missing_browser_is_one_line_that_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(machine.MissingError, match="install Debian's package chromium"):
            machine.chromium()

    def test_without_the_right_to_install_set_up_fails_and_installs_nothing(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        with pytest.raises(machine.MissingError):
            machine.prepare()
