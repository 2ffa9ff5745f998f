"""What a checkout needs before the portal can run: an environment, htmx, compiled translations.

Runs on the machine's own Python with nothing installed, so everything here is standard library;
only `translations.write` imports Babel, and it is called inside the environment.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class SetupError(Exception):
    """Set-up cannot go on; the message is one line that says what to do."""


def reason(output: str) -> str:
    """The last line of a program's output that says something, for a one-line error.

    npm ends with where its log lies, which is gone by the time someone reads this: left out.
    """
    lines = [line.strip() for line in output.splitlines() if line.strip() and "complete log" not in line]
    return lines[-1] if lines else "no reason given"
