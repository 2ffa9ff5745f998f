"""Fixtures that every test may use. A noun's own fixtures stand in its own test file."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests import machine
from tests.district import district, district_file, district_on_postgres, district_template, each_district  # noqa: F401  # fixtures

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]

# Tests, and the programs they start, meet the defaults and not this machine's settings; and a
# password costs a fraction of a millisecond, not the 64 MiB it is worth in an office.
for setting in [name for name in os.environ if name.startswith("PORTAL_") and name != "PORTAL_SOAK"]:
    del os.environ[setting]
os.environ["PORTAL_HASHING"] = "fast"

# Where the tests themselves run in the background, Ctrl-C is ignored, and so it would be by every program they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# `ci` runs the same cases every time, so that a failure is the change's and not the day's;
# `soak` looks for new ones. No deadline: two shared cores say nothing about one slow case.
settings.register_profile("ci", deadline=None, max_examples=60, stateful_step_count=30, derandomize=True, print_blob=True)
settings.register_profile(
    "soak",
    deadline=None,
    max_examples=2000,
    stateful_step_count=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
    database=DirectoryBasedExampleDatabase(ROOT / ".hypothesis" / "examples"),
)
settings.load_profile("soak" if machine.SOAK else "ci")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A `PORTAL_DATABASE` for a file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'portal.sqlite3'}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A throw-away PostgreSQL of this run alone: its URL without a database name. Fails where the programs are missing."""
    programs = machine.postgres_programs()
    home = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
    # PostgreSQL refuses root: then its files and its process belong to someone without rights.
    owner = pwd.getpwnam(_unprivileged()) if os.geteuid() == 0 else None
    demotion = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    if owner:
        os.chown(home, owner.pw_uid, owner.pw_gid)
    with (home / "log").open("w") as log:
        subprocess.run(
            [programs / "initdb", "-D", home / "data", "-U", "portal", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            cwd=home,
            check=True,
            stdout=log,
            stderr=log,
            **demotion,  # type: ignore[call-overload]
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = ("listen_addresses=127.0.0.1", f"unix_socket_directories={home}", "fsync=off", "max_connections=60")
        server = subprocess.Popen(
            [programs / "postgres", "-D", home / "data", "-p", str(port), *(word for option in options for word in ("-c", option))],
            cwd=home,
            stdout=log,
            stderr=log,
            **demotion,  # type: ignore[call-overload]
        )
    url = f"postgresql://portal@127.0.0.1:{port}"
    try:
        _await_postgres(url, server, home / "log")
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # "fast": open connections are cut
        server.wait(timeout=30)
        shutil.rmtree(home)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A `PORTAL_DATABASE` for an empty PostgreSQL database of this test alone."""
    with _fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def second_postgres_url(postgres_server: str) -> Iterator[str]:
    """One more empty PostgreSQL database, for a test that compares two."""
    with _fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Chromium's program, for Playwright's `executable_path`; fails where there is none."""
    return machine.chromium()


@pytest.fixture(scope="session")
def shared_data() -> Path | None:
    """The synthetic district beside the checkout, where it lies there; None on a clone alone."""
    folder = ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def _unprivileged() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextmanager
def _fresh_database(server: str) -> Iterator[str]:
    name = f"portal_{secrets.token_hex(6)}"
    _as_admin(server, f"CREATE DATABASE {name} TEMPLATE template0")
    yield f"{server}/{name}"
    _as_admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def _as_admin(server: str, statement: str) -> None:
    psql = machine.postgres_programs() / "psql"
    subprocess.run([str(psql), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"{server}/postgres", "-c", statement], check=True)


def _await_postgres(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    is_ready = [str(machine.postgres_programs() / "pg_isready"), "--quiet", "--dbname", f"{url}/postgres"]
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        if subprocess.run(is_ready, check=False).returncode == 0:
            return
        time.sleep(0.05)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}")
