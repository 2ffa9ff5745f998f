"""Who is buried with a grant, and how much: Decree 20/2021, articles 11 and 34.4; Decree 176/2025 for the social pension."""

from __future__ import annotations

from typing import Literal

import msgspec

from portal.law.book import Law
from portal.law.errors import NotInForceError
from portal.law.terms import Source

Basis = Literal["recipient", "child", "monthly"]
"""Article 11.1: a) who received an allowance of article 5 (or the social pension); b) the child for whom a single parent (5.4) received
one; c) who was 80 or more and received a survivor's or other monthly allowance of social insurance."""
OLD_YEARS = 80
"""The age of case c)."""
_PARENT = "5.4"
_CODES = {"allowance": "MTP", "social_pension": "MTP-HTXH"}


class Due(msgspec.Struct, frozen=True):
    """A grant: its code, the level in đồng it is a multiple of, the multiple, the sum, and where it stands."""

    code: str
    rate: int
    multiple: int
    amount: int
    source: Source


def due(law: Law, basis: str, category: str | None) -> Due | None:
    """The grant for a death in the month of `law`; None where it gives nothing.

    `category` is the one received when the death came (of the parent, for a child); it does not count for case c). Care support
    (article 20) is no allowance of article 5: it gives no grant.
    """
    code = "MTP"
    if basis != "monthly":
        found = law.categories.get(category or "")
        if found is None or (basis == "child" and found.group != _PARENT):
            return None
        code = _CODES.get(found.programme, "")
    if not code:
        return None
    try:
        grant = law.grant(code)
        rate = law.rate(grant.rate).amount
    except NotInForceError:
        return None
    return Due(code, rate, grant.multiple, rate * grant.multiple, grant.source)
