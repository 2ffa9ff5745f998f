"""The words of the law as frozen records: where a value comes from, rates, categories, grants, numbers.

`since` and `until` are months "YYYY-MM", both included; `until` empty means until further notice.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Confidence = Literal["read", "memory", "secondary", "unsure"]
Programme = Literal["allowance", "care_support", "social_pension"]
Payee = Literal["self", "guardian", "carer"]
StartBasis = Literal["birthday", "certificate", "decision"]


class Source(msgspec.Struct, frozen=True):
    """Where a value stands: decree and article, with how well we know it.

    `confidence`: "read" in the text itself, "memory", "secondary" (others quote it), or "unsure"; `note` says what to check.
    `place` is where the portal has it from: the decree file and its line, "76-2024.toml:18".
    """

    decree_id: str
    decree: str
    article: str
    confidence: Confidence = "read"
    note: str = ""
    place: str = ""

    def __str__(self) -> str:
        """Vietnamese citation: article, then decree."""
        return f"{self.article}, {self.decree}" if self.article else self.decree


class Decree(msgspec.Struct, frozen=True):
    """One text. `announced` is the day offices could know it, the day on which recomputing with it becomes possible."""

    id: str
    number: str
    about: str
    announced: str
    in_force: str
    confidence: Confidence = "read"
    note: str = ""


class Rate(msgspec.Struct, frozen=True):
    """A level in đồng a month for coefficient 1,0. `province` is empty for the national level."""

    name: str
    amount: int
    since: str
    until: str
    source: Source
    province: str = ""


class AgeStep(msgspec.Struct, frozen=True):
    """What happens to a category at `months` of age: it becomes `to`, or ends when `to` is empty.

    With `provided`, a fact code, it becomes `to` only when the fact is proven and ends otherwise.
    """

    months: int
    source: Source
    to: str = ""
    provided: str = ""


class Category(msgspec.Struct, frozen=True):
    """One row of Articles 5 and 20, as it stands during [since, until].

    `ages` are ranges of completed months [from, below), None for no upper end; empty when age does not matter.
    `age_of` says whose age: the beneficiary's or the child's for whom the line is paid. `needs` are groups of fact codes: one of
    each group must hold. `joins` are groups this category is paid beside (Điều 6.2). `public_code` and `public_label` are shared
    by several categories: show them, for everyone, to whoever may not see `confidential` ones.
    """

    code: str
    group: str
    label: str
    who: str
    clause: str
    programme: Programme
    coefficient10: int
    rate: str
    since: str
    until: str
    source: Source
    public_code: str
    public_label: str
    ages: tuple[tuple[int, int | None], ...] = ()
    age_of: Literal["beneficiary", "child"] = "beneficiary"
    at_age: tuple[AgeStep, ...] = ()
    starts: StartBasis = "decision"
    starts_source: Source | None = None
    payee: Payee = "self"
    needs: tuple[tuple[str, ...], ...] = ()
    joins: tuple[str, ...] = ()
    joins_source: Source | None = None
    confidential: bool = False
    difference: bool = False
    followed_by: str = ""
    ended_by: Source | None = None
    province: str = ""

    def admits(self, age_months: int) -> bool:
        """Whether the age, in months reached during the month asked about, lies in one of the ranges."""
        return not self.ages or any(low <= age_months and (below is None or age_months < below) for low, below in self.ages)


class Grant(msgspec.Struct, frozen=True):
    """A one-off sum: `multiple` × the rate named `rate` (Điều 11, Điều 14)."""

    code: str
    label: str
    multiple: int
    rate: str
    since: str
    until: str
    source: Source


class Number(msgspec.Struct, frozen=True):
    """A number of the law that is not money: months until suspension, working days for a decision. `province` as in a rate."""

    name: str
    value: int
    since: str
    until: str
    source: Source
    province: str = ""


class RateChange(msgspec.Struct, frozen=True):
    """A level that changes in `month`; lists frozen before `announced` still carry `before` and yield arrears."""

    month: str
    name: str
    before: int
    after: int
    announced: str
    source: Source
    province: str = ""
