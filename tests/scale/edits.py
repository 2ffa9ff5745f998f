"""The work of the sync part: 10,000 edits from 12 devices in batches of 100, the same for the portal, the floor and raw SQL.

Ten devices are commune officers' on their own commune's people; two are the district's, which take care of the last two communes and,
with three edits in ten (5 % of all), of a person of another device. What a device saw is what it wrote last or what was there at the
start, never what others wrote meanwhile: so some edits meet another value, and become conflicts.
"""

from __future__ import annotations

import gzip
import json
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.scale.people import COMMUNES, NOTES, READER, Person, officer

DEVICES = 12
_OF_DISTRICT = 2
_ON_OTHERS = 0.3
EDITS = 10_000
BATCH = 100
_FIELDS = ("phone", "address", "hamlet", "note")
"""What a commune may change by itself, and the floor knows, too."""


@dataclass(frozen=True)
class Planned:
    """One edit: the value its author saw (None: none) and the one they want."""

    uuid: str
    n: int
    person: Person
    field: str
    seen: str | None
    wanted: str
    at: str


@dataclass(frozen=True)
class Batch:
    """What a device sends at once."""

    device: int
    edits: Sequence[Planned]


def account_of(device: int) -> str:
    """The account whose device this is."""
    if device >= DEVICES - _OF_DISTRICT:
        return READER if device % 2 else f"{READER}2"
    return officer(list(COMMUNES)[device])


def planned(people: Sequence[Person], total: int = EDITS, seed: int = 7) -> list[Batch]:
    """All batches, in the order in which their devices take turns; no person twice in one batch."""
    chance = random.Random(seed)
    codes = list(COMMUNES)
    own = [[person for person in people if person.fields["commune"] == code] for code in codes]
    seen: list[dict[tuple[int, str], str]] = [{} for _ in range(DEVICES)]
    moment = datetime(2024, 10, 5, 0, 0, tzinfo=UTC)
    batches = []
    for turn in range(total // BATCH):
        device, edits, used = turn % DEVICES, list[Planned](), set[int]()
        while len(edits) < BATCH:
            roams = device >= DEVICES - _OF_DISTRICT and chance.random() < _ON_OTHERS
            person = chance.choice(people if roams else own[device])
            if person.number in used:
                continue
            used.add(person.number)
            field = chance.choice(_FIELDS)
            before = seen[device].get((person.number, field), person.fields[field])
            after = before
            while after == before:
                after = _value(chance, field, person)
            seen[device][person.number, field] = after
            moment += timedelta(seconds=chance.randrange(5, 90))
            name = str(uuid.UUID(int=chance.getrandbits(128), version=4))
            n = turn // DEVICES * BATCH + len(edits) + 1
            edits.append(Planned(name, n, person, field, before, after, moment.strftime("%Y-%m-%dT%H:%M:%S+07:00")))
        batches.append(Batch(device, edits))
    return batches


def body(batch: Batch, *, base: bool = False) -> bytes:
    """A batch as a device writes it (sync-protocol 2), compressed as browsers do (their CompressionStream takes zlib's level 6).

    `base`: with each record's version, which is for people and diagnostics and which the door does not need.
    """
    edits = [
        {
            "n": edit.n,
            "kind": "person",
            "record": edit.person.id,
            "op": "set",
            **({"base": edit.person.number} if base else {}),
            "set": {edit.field: [edit.seen, edit.wanted]},
            "at": edit.at,
        }
        for edit in batch.edits
    ]
    return gzip.compress(json.dumps({"edits": edits}, ensure_ascii=False, separators=(",", ":")).encode(), 6, mtime=0)


def _value(chance: random.Random, field: str, person: Person) -> str:
    if field == "phone":
        return f"09{chance.randrange(10**7, 10**8):08d}"
    if field == "note":
        return chance.choice(NOTES)
    hamlet = f"Thôn {chance.randrange(1, 12)}"
    return hamlet if field == "hamlet" else f"{hamlet}, {COMMUNES[person.fields['commune']]}"
