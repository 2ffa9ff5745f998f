"""Reasons: why an entitlement changes, why a transfer came back, why cash was not collected. The list is `reasons.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

from portal.law.errors import UnknownReasonError
from portal.law.terms import Source

Kind = Literal["increase", "decrease", "adjustment", "suspension", "payment_method", "correction", "returned", "uncollected", "not_paid"]
Effect = Literal["by_category", "event_month", "month_after", "next_list"]

#: Kinds that propose a change of the register, in the order in which a month's movements are applied.
CHANGE_KINDS: tuple[Kind, ...] = ("decrease", "suspension", "increase", "adjustment", "correction", "payment_method")

_IDS = {"": "", "Nghị định 20/2021/NĐ-CP": "20-2021", "Thông tư 02/2021/TT-BLĐTBXH": "TT-02-2021"}


class Reason(msgspec.Struct, frozen=True):
    """One reason: Vietnamese and English label, what its event date means, from which month it counts, and by which article.

    `effect` is empty for "returned", "uncollected" and "not_paid": nobody proposes these.
    """

    kind: Kind
    code: str
    label: str
    label_en: str
    effect: Effect | Literal[""] = ""
    event: str = ""
    decree: str = ""
    article: str = ""
    also: str = ""

    @property
    def source(self) -> Source | None:
        """Where the month it counts from is ruled; None when no text rules it. `also` cites a second text."""
        return Source(decree_id=_IDS[self.decree], decree=self.decree, article=self.article, note=self.also) if self.decree else None

    @property
    def stops(self) -> bool:
        """Whether the reason ends or suspends an entitlement."""
        return self.kind in ("decrease", "suspension")


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    label: str
    label_en: str
    effect: Effect | Literal[""] = ""
    event: str = ""
    decree: str = ""
    article: str = ""
    also: str = ""


@lru_cache(maxsize=1)
def every() -> Mapping[Kind, Mapping[str, Reason]]:
    """All reasons by kind and code, in the order of the file, which is the order to offer them in."""
    rows = msgspec.toml.decode(files("portal.law").joinpath("reasons.toml").read_bytes(), type=dict[Kind, dict[str, _Row]])
    return MappingProxyType(
        {
            kind: MappingProxyType({code: Reason(kind=kind, code=code, **msgspec.structs.asdict(row)) for code, row in group.items()})
            for kind, group in rows.items()
        }
    )


def of_kind(kind: Kind) -> Mapping[str, Reason]:
    """Reasons of one kind by code. Raises UnknownReasonError for no such kind."""
    try:
        return every()[kind]
    except KeyError:
        raise UnknownReasonError(f"no reasons of kind {kind}: there are {', '.join(every())}") from None


def find(code: str, kind: Kind | None = None) -> Reason:
    """Reason by code, among all that change the register, or of one kind.

    Codes are unique among changes; "returned" and "uncollected" share some (CHET, KHAC), so name the kind for those.
    Raises UnknownReasonError, which lists what there is.
    """
    kinds = CHANGE_KINDS if kind is None else (kind,)
    for candidate in kinds:
        if code in of_kind(candidate):
            return of_kind(candidate)[code]
    known = ", ".join(known for candidate in kinds for known in of_kind(candidate))
    raise UnknownReasonError(f"no reason {code}: choose one of {known}")
