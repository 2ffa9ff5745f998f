"""Record ids: UUID version 7 (RFC 9562 §5.7), monotonic within a process.

Ids made close together share a long prefix (§6.2, method 2: the random part grows by a small random step), which is
what keeps a compressed batch or pull small: some five bytes an id instead of sixteen.
"""

from __future__ import annotations

import secrets
import threading
import time
import uuid

_STEP = 1 << 10
_RANDOM_BITS = 74
_HOLD_MS = 60_000
_lock = threading.Lock()
_last_ms = 0
_last_random = 0


def uuid7() -> str:
    """A new id. Ids of one process never go backwards; the time part moves once a minute at most."""
    global _last_ms, _last_random
    with _lock:
        now_ms = time.time_ns() // 1_000_000
        if now_ms - _last_ms >= _HOLD_MS or _last_ms == 0:
            _last_ms = max(now_ms, _last_ms + 1)
            _last_random = secrets.randbits(_RANDOM_BITS - 1)
        else:
            _last_random += 1 + secrets.randbelow(_STEP)
        return _format(_last_ms, _last_random)


def _format(ms: int, random: int) -> str:
    rand_a = random >> 62 & 0xFFF
    rand_b = random & ((1 << 62) - 1)
    return str(uuid.UUID(int=(ms & ((1 << 48) - 1)) << 80 | 7 << 76 | rand_a << 64 | 2 << 62 | rand_b))


_NAMESPACE = uuid.UUID("5f0c8c5e-3d2b-5a50-9b8e-2f7a4c1d6e90")


def named(*parts: str) -> str:
    """The id of a record that exists once by nature (a commune's declaration for a month), the same on every device.

    UUID version 5 (RFC 9562 §5.5) of its parts.
    """
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))
