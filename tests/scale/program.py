"""Programs the bench starts: in a session of their own, measured with all their children, ended by their own numbers."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

ROOT = Path(__file__).resolve().parents[2]
_TICK = os.sysconf("SC_CLK_TCK")
_POLL_SECONDS = 0.004


class Silent(Exception):
    """A server gave no answer; the message ends with what it printed."""


class Program:
    """A server of ours on a loopback port; `ready` is the seconds from its start to the end of its first answer."""

    def __init__(self, command: Sequence[str | Path], port: int, environment: Mapping[str, str], cwd: Path, log: Path) -> None:
        self.port = port
        self._log = log.open("wb")
        self._path = log
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [str(word) for word in command],
            env={**plain_environment(), **environment},
            cwd=cwd,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.ready = 0.0

    def await_answer(self, request: bytes, patience: float = 60) -> None:
        """Asks until it answers with 2xx. Raises Silent."""
        until = time.monotonic() + patience
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.settimeout(30)
                line.sendall(request)
                status = line.recv(12)
                if status.startswith(b"HTTP/1.") and status[9:10] == b"2":
                    self.ready = time.perf_counter() - self.started
                    return
                if status:
                    break
            time.sleep(_POLL_SECONDS)
        self.stop()
        raise Silent(f"no answer from port {self.port}: {self.said()}")

    def said(self) -> str:
        """The end of what it printed."""
        return self._path.read_text(errors="replace")[-3000:]

    def workers(self) -> list[psutil.Process]:
        """The processes that answer requests: the program's children."""
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def cpu(self) -> float:
        """Seconds of processor time so far, children included."""
        return cpu(self.process.pid)

    def memory(self) -> tuple[float, float]:
        """(RSS of the largest worker, PSS of all processes), in MiB."""
        largest = max(worker.memory_info().rss for worker in self.workers())
        shares = [psutil.Process(self.process.pid), *self.workers()]
        return largest / 2**20, sum(each.memory_full_info().pss for each in shares) / 2**20

    def stop(self) -> None:
        """Ends it and its children, each by its number."""
        with contextlib.suppress(psutil.NoSuchProcess):
            family = [*self.workers(), psutil.Process(self.process.pid)]
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                for each in family:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        each.kill()
        self.process.wait(10)
        self._log.close()


def cpu(pid: int) -> float:
    """Seconds of processor time of a process, its children and those of them that have ended."""
    total = 0
    for member in [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]:
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{member}/stat").read_text(encoding="ascii", errors="replace").rsplit(") ", 1)[1].split()
            total += sum(int(word) for word in words[11:15])
    return total / _TICK


def gunicorn(application: str, port: int, *, workers: int, threads: int) -> list[str]:
    """The command of a WSGI server; the same settings for whatever is compared."""
    settings = ("--workers", workers, "--worker-class", "gthread", "--threads", threads, "--keep-alive", 30, "--no-control-socket")
    return [sys.executable, "-m", "gunicorn", *map(str, settings), "--bind", f"127.0.0.1:{port}", application]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def asking(path: str, cookie: str = "") -> bytes:
    """A GET as the bytes of a request, of a connection used once."""
    extra = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n{extra}\r\n".encode()


@contextlib.contextmanager
def running(program: Program, request: bytes) -> Iterator[Program]:
    """The program while it answers; ended afterwards."""
    program.await_answer(request)
    try:
        yield program
    except BaseException:
        print(program.said(), file=sys.stderr)
        raise
    finally:
        program.stop()


def plain_environment() -> dict[str, str]:
    """This process's environment without what would set up one of the compared programs differently.

    Byte code is kept in a folder of its own, so that nothing is written beside the programs that are measured.
    """
    unwanted = ("PORTAL_", "PYTHON", "GUNICORN_", "FLASK_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "portal-bench-bytecode")}
