"""Whose account a sum goes to: the key of a holder who is nobody the sum is for, and has no paper that says why (domain.md 3.3).

A child, or someone without legal capacity, is paid into another person's account: with the relation and the document that allows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sync.text import fold

_NOTED = re.compile(r"TK của (?P<relation>[^,;]+), có (?P<document>giấy[^,;]*)", re.IGNORECASE)


def documented(method: Mapping[str, Any], note: str | None) -> dict[str, Any]:
    """A way of payment with the relation and the document that an official list has in its notes: "TK của con, có giấy ủy quyền"."""
    found = _NOTED.search(note or "") if method.get("holder") else None
    return {**method, **{name: text.strip() for name, text in found.groupdict().items()}} if found else dict(method)


def of_person(fields: Mapping[str, Any]) -> str | None:
    """The folded holder of a person's account, where it is neither theirs nor documented; None: nothing to ask."""
    return _unknown(fields["payment_method"], fields["full_name"])


def of_entitlement(fields: Mapping[str, Any]) -> str | None:
    """The same of a right: its own account, whose holder is not its payee. Whether it is the person's is asked where their name is."""
    return _unknown(fields["payment_method"], fields["payee"])


def _unknown(method: Mapping[str, Any] | None, name: str | None) -> str | None:
    if not method or not method.get("holder") or (method.get("relation") and method.get("document")):
        return None
    holder = fold(method["holder"])
    # A payee is written with what they are to the person: "Lưu Văn Nam (anh ruột)".
    return None if f"{fold(name or '')} ".replace("(", " ").startswith(f"{holder} ") else holder
