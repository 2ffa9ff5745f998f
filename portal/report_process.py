"""A Word file made in a process of its own: the library costs 17 MB and a third of a second, which no worker has to keep."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime

_LONGEST_SECONDS = 120


def document(text: str, *, title: str, author: str, now: datetime) -> bytes:
    """As `portal.report.document`.

    Raises:
        subprocess.CalledProcessError: where it cannot be made; what went wrong is in its `stderr`.
    """
    asked = json.dumps({"text": text, "title": title, "author": author, "now": now.isoformat()})
    command = [sys.executable, "-m", __name__]
    return subprocess.run(command, input=asked.encode(), capture_output=True, check=True, timeout=_LONGEST_SECONDS).stdout  # noqa: S603


def _answer() -> None:
    from portal import report  # noqa: PLC0415 - only the process made for it pays

    asked = json.load(sys.stdin.buffer)
    made = report.document(asked["text"], title=asked["title"], author=asked["author"], now=datetime.fromisoformat(asked["now"]))
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    _answer()
