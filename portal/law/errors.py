"""What can be wrong with a decree file, or with a question put to the book."""

from __future__ import annotations


class LawError(Exception):
    """Base of everything this package raises."""


class DecreeError(LawError):
    """A decree file that is not what a decree file has to be: `path` and `line` (0: none) name the place, `why` says what is wrong."""

    def __init__(self, path: str, why: str, line: int = 0) -> None:
        super().__init__(f"{path}:{line}: {why}" if line else f"{path}: {why}")
        self.path = path
        self.line = line
        self.why = why


class LawClashError(LawError):
    """Values of the decrees that leave a gap, overlap or point nowhere; `clashes` lists every one: file, line, sentence."""

    def __init__(self, clashes: tuple[str, ...]) -> None:
        super().__init__("the decrees do not fit together:\n" + "\n".join(f"- {clash}" for clash in clashes))
        self.clashes = clashes


class NotInForceError(LawError, LookupError):
    """Asked for a value that the law of that month does not have; the message says what to do."""

    def __init__(self, what: str, month: str, hint: str) -> None:
        super().__init__(f"{what} is not in force in {month}: {hint}")
        self.what = what
        self.month = month
        self.hint = hint


class UnknownReasonError(LawError, LookupError):
    """A reason code that `reasons.toml` does not have, or that cannot be used for what was asked."""


class DateMissingError(LawError, ValueError):
    """A start or stop month was asked for without the date it is counted from; `which` is "event_date" or "decision_date"."""

    def __init__(self, which: str, why: str) -> None:
        super().__init__(f"{which} is needed: {why}")
        self.which = which
