"""A throw-away PostgreSQL that keeps what it commits (fsync on, unlike the tests'), on a loopback port, ended by its number."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import machine
from tests.scale.program import free_port

_OPTIONS = ("listen_addresses=127.0.0.1", "max_connections=60", "shared_buffers=256MB", "max_wal_size=2GB", "checkpoint_timeout=15min")


@dataclass(frozen=True)
class Cluster:
    """A running server: its address without a database, and its process number."""

    address: str
    pid: int

    def database(self, name: str, like: str = "template0") -> str:
        """A new database, a copy of another of this cluster; its URL."""
        self._as_admin(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        return f"{self.address}/{name}"

    def drop(self, name: str) -> None:
        """Removes a database of this cluster."""
        self._as_admin(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _as_admin(self, statement: str) -> None:
        program = machine.postgres_programs() / "psql"
        subprocess.run([str(program), "-Xq", "-v", "ON_ERROR_STOP=1", f"{self.address}/postgres", "-c", statement], check=True)


@contextmanager
def cluster(home: Path) -> Iterator[Cluster]:
    """A PostgreSQL below `home`. Raises machine.MissingError where its programs are not installed."""
    programs = machine.postgres_programs()
    home.mkdir()
    owner = _someone_else() if os.geteuid() == 0 else None  # PostgreSQL refuses root
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    if owner:
        os.chown(home, owner.pw_uid, owner.pw_gid)
        for folder in [home, *home.parents][:2]:
            folder.chmod(folder.stat().st_mode | 0o055)
    port = free_port()
    with (home.parent / "postgres.log").open("w") as log:
        made = [programs / "initdb", "-D", home / "data", "-U", "portal", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(made, cwd="/", check=True, stdout=log, stderr=log, **as_owner)  # type: ignore[call-overload]
        options = [word for option in (*_OPTIONS, f"unix_socket_directories={home}") for word in ("-c", option)]
        server = subprocess.Popen(
            [programs / "postgres", "-D", home / "data", "-p", str(port), *options],
            cwd="/",
            stdout=log,
            stderr=log,
            **as_owner,  # type: ignore[call-overload]
        )
        address = f"postgresql://portal@127.0.0.1:{port}"
        try:
            _await(programs / "pg_isready", address)
            yield Cluster(address, server.pid)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


def _await(probe: Path, address: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if subprocess.run([str(probe), "--quiet", "--dbname", f"{address}/postgres"], check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise machine.MissingError("PostgreSQL did not start")


def _someone_else() -> pwd.struct_passwd:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return pwd.getpwnam("postgres" if "postgres" in known else "nobody")
