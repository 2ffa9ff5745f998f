"""Many lines of a list in little room. Their ids share a long beginning and end in a counter: "1-300,302" says which.

A file of results names thousands of lines in one journal entry; as ids they would be forty times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from sync.values import ValueProblem

_PREFIX = 24
_DIGITS = 12
_SET = re.compile(r"[0-9a-f]{1,12}(-[0-9a-f]{1,12})?(,[0-9a-f]{1,12}(-[0-9a-f]{1,12})?)*")
_BEGINNING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-")
_MOST = 1_000_000


def packed(ids: Iterable[str]) -> dict[str, str]:
    """Beginning of the ids → their counters in hexadecimal, runs as "first-last"."""
    found: dict[str, str] = {}
    for beginning, some in groupby(sorted(set(ids)), key=lambda each: each[:_PREFIX]):
        numbers = [int(each[_PREFIX:], 16) for each in some]
        runs = [[run for _, run in steps] for _, steps in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
        found[beginning] = ",".join(f"{run[0]:x}" if len(run) == 1 else f"{run[0]:x}-{run[-1]:x}" for run in runs)
    return found


def holds(sets: Mapping[str, str], line: str) -> bool:
    """Whether a line is among them."""
    number = int(line[_PREFIX:], 16)
    for run in filter(None, sets.get(line[:_PREFIX], "").split(",")):
        first, _, last = run.partition("-")
        if int(first, 16) <= number <= int(last or first, 16):
            return True
    return False


def unpacked(sets: object) -> list[str]:
    """The ids, in order.

    Raises:
        ValueProblem: not_a_set where it is none, or is of more lines than any list has.
    """
    if not isinstance(sets, dict):
        raise ValueProblem("not_a_set")
    found: list[str] = []
    for beginning, text in sorted(sets.items()):
        if not isinstance(text, str) or not _BEGINNING.fullmatch(beginning) or not _SET.fullmatch(text):
            raise ValueProblem("not_a_set")
        for run in text.split(","):
            first, _, last = run.partition("-")
            low, high = int(first, 16), int(last or first, 16)
            if high - low >= _MOST or len(found) > _MOST:
                raise ValueProblem("not_a_set")
            found += [f"{beginning}{number:0{_DIGITS}x}" for number in range(low, high + 1)]
    return found
