"""One allowance, the highest, with its one exception; care support beside it (Điều 6.2, Điều 20)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from portal.law.terms import Category, Source


class Claim(msgspec.Struct, frozen=True):
    """A right a person fulfils: `ref` is the caller's key, `amount` đồng a month, `about` the child or cared-for person it is for.

    Leave `about` empty when it is for the beneficiary; two claims of a group about different people do not exclude each other.
    """

    ref: str
    category: Category
    amount: int
    about: str = ""


class Lost(msgspec.Struct, frozen=True):
    """A claim that is fulfilled but not paid, the claims that are paid instead, and why; it revives when those end."""

    claim: Claim
    instead: tuple[Claim, ...]
    source: Source


class Payable(NamedTuple):
    """What of a person's claims is paid, and what is not."""

    winners: tuple[Claim, ...]
    losers: tuple[Lost, ...]


def payable(claims: Sequence[Claim]) -> Payable:
    """Choose what is paid of all claims of one beneficiary in one month, whatever their order.

    One allowance or social pension, the highest (Điều 6.2). A single poor parent's (5.4, one claim per child, counted together) is
    paid beside the highest of the groups it joins (5.5, 5.6, 5.8). Care support is paid beside allowances; within one of its groups
    the highest per cared-for person (Điều 20.2a). Equal amounts: the first by category code, then by ref.
    """
    ranked = sorted(claims, key=lambda claim: (-claim.amount, claim.category.code, claim.ref))
    allowances = [claim for claim in ranked if claim.category.programme != "care_support"]
    winners = _allowances(allowances)
    losers = [Lost(claim, tuple(winners), _rule(claim)) for claim in allowances if claim not in winners]
    best: dict[tuple[str, str], Claim] = {}
    for claim in (claim for claim in ranked if claim.category.programme == "care_support"):
        first = best.setdefault((claim.category.group, claim.about), claim)
        if first is claim:
            winners.append(claim)
        else:
            losers.append(Lost(claim, (first,), msgspec.structs.replace(claim.category.source, note="")))
    return Payable(tuple(winners), tuple(losers))


def _allowances(ranked: Sequence[Claim]) -> list[Claim]:
    joining = [claim for claim in ranked if claim.category.joins]
    alone = [claim for claim in ranked if not claim.category.joins]
    joined = {group for claim in joining for group in claim.category.joins}
    beside = [claim for claim in alone if claim.category.group in joined]
    together = [*joining, *beside[:1]]
    return max(together, alone[:1], key=_total)


def _total(claims: Iterable[Claim]) -> int:
    return sum(claim.amount for claim in claims)


def _rule(claim: Claim) -> Source:
    return msgspec.structs.replace(claim.category.source, article="Điều 6 khoản 2", note="")
