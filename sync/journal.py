"""The journal's chain: canonical bytes, digest, verification (guarantees G1 and G10)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from sync.edit import Entry

GENESIS = "0" * 64
_encoder = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: the same text for the same value, everywhere."""
    return _encoder.encode(value).decode()


def digest(value: Any) -> str:
    """SHA-256 (hex) of the canonical text: what a decider was shown, in 64 characters."""
    return hashlib.sha256(_encoder.encode(value)).hexdigest()


def chain(previous: str, seq: int, at: str, device: str, n: int, account: str, kind: str, record: str, body: str) -> str:
    """The hash of an entry: SHA-256 over its predecessor's hash and each of its own columns."""
    text = "\x1f".join((previous, str(seq), at, device, str(n), account, kind, record, body))
    return hashlib.sha256(text.encode()).hexdigest()


def entry(previous: str, seq: int, *, at: str, device: str, n: int, account: str, kind: str, record: str, body: str) -> Entry:
    """The next entry of the chain."""
    return Entry(
        seq=seq,
        at=at,
        device=device,
        n=n,
        account=account,
        kind=kind,
        record=record,
        body=body,
        hash=chain(previous, seq, at, device, n, account, kind, record, body),
    )


def first_bad(entries: Iterable[Entry], previous: str = GENESIS, seq: int = 0) -> int | None:
    """The number of the first entry that does not follow from the one before it, or None: all are whole.

    A row changed, removed or inserted breaks the chain at that row or the one after it. Entries cut off the end are
    found by comparing the head with one written down elsewhere.
    """
    for item in entries:
        seq += 1
        wanted = chain(previous, item.seq, item.at, item.device, item.n, item.account, item.kind, item.record, item.body)
        if item.seq != seq or item.hash != wanted:
            return seq
        previous = item.hash
    return None
