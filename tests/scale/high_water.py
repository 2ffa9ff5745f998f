"""The most memory this process has held since it became this program: what getrusage tells begins with what its parent held."""

from __future__ import annotations

from pathlib import Path


def memory(*, reset: bool = False) -> float:
    """The most this process has held, in MiB; with `reset`, what it holds now, counting anew."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
