"""Structs that are decoded while requests are served, looked up before there are any.

msgspec looks a Struct's fields up when it is first decoded, and gives the table it is still making to whoever decodes the same one
meanwhile: where a Struct holds another, the process then dies (a segmentation fault, seen under load on a fresh worker). Modules
are imported by one thread alone, so what they look up is whole.
"""

from __future__ import annotations

from typing import Any

import msgspec


def looked_up(*kinds: Any) -> None:
    """Looks types up, with all they hold. To be called where a module defines them or is going to decode them."""
    for kind in kinds:
        msgspec.json.Decoder(kind)
