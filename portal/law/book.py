"""The book of law: all decrees, checked on opening, and the law of any one month out of it.

`load().at("2024-10").base_rate` is 500000, `.coefficient10("5.6-dbn-te")` is 25. `load().at("2024-07", known_on="2024-06-24")` has
360000: the law as the office could know it when it closed the list of July.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from msgspec import Struct, field

from portal.law import decree_file, months, timeline
from portal.law.decree_file import DecreeFile
from portal.law.errors import LawClashError, NotInForceError
from portal.law.terms import Category, Decree, Grant, Number, Rate, RateChange, Source
from portal.law.timeline import Timeline

Term = TypeVar("Term")


class Law(Struct, frozen=True):
    """What counts in one month, in one province (empty: the national level). Ask the book for it, do not build it."""

    month: str
    province: str
    rates: Mapping[str, Rate]
    categories: Mapping[str, Category]
    grants: Mapping[str, Grant]
    numbers: Mapping[str, Number]
    facts: Mapping[str, str]

    @property
    def base_rate(self) -> int:
        """Level in đồng a month for coefficient 1,0 (Điều 4), the province's where it has a higher one."""
        return self.rate("base").amount

    @property
    def rate_source(self) -> Source:
        """Where the base rate stands."""
        return self.rate("base").source

    def rate(self, name: str = "base") -> Rate:
        """Level by name: "base" or "social_pension". Raises NotInForceError."""
        return self._get(self.rates, name, f"rate {name}", "the portal pays for months from 01/2015 on; social pension begins 07/2025")

    def category(self, code: str) -> Category:
        """Category by code ("5.6-nang"). Raises NotInForceError, saying which codes there are."""
        near = ", ".join(known for known in self.categories if known.startswith(code[:3] or code))
        return self._get(self.categories, code, f"category {code}", f"choose one of {near or ', '.join(self.categories) or 'none'}")

    def coefficient10(self, code: str) -> int:
        """Coefficient of a category, times ten: 15 is 1,5. Raises NotInForceError."""
        return self.category(code).coefficient10

    def grant(self, code: str = "MTP") -> Grant:
        """One-off grant by code: "MTP" funeral, "MTP-HTXH" of a social pensioner, "MTP-KC" emergency. Raises NotInForceError."""
        return self._get(self.grants, code, f"grant {code}", f"there are {', '.join(self.grants) or 'none'}")

    def funeral_grant(self, code: str = "MTP") -> int:
        """Funeral grant in đồng: 20 × the level (Điều 11). Raises NotInForceError."""
        grant = self.grant(code)
        return grant.multiple * self.rate(grant.rate).amount

    def number(self, name: str) -> int:
        """Value of a number of the law, such as "suspend_after_months". Raises NotInForceError."""
        return self.number_term(name).value

    def number_term(self, name: str) -> Number:
        """Number of the law with its source. Raises NotInForceError."""
        return self._get(self.numbers, name, f"number {name}", f"there are {', '.join(self.numbers) or 'none'}")

    def birth(self, known: str) -> str:
        """A birth of which only the year is known, "1944", with the month that counts: "1944-01"; any other as it is."""
        if len(known) != len("YYYY"):
            return known
        month = self.numbers.get("year_only_birth_month")
        return f"{known}-{month.value if month else 1:02d}"

    def decree_ids(self, code: str) -> tuple[str, ...]:
        """Ids of the decrees an amount of this category rests on, for a frozen line to keep. Raises NotInForceError."""
        category = self.category(code)
        return tuple(dict.fromkeys((category.source.decree_id, self.rate(category.rate).source.decree_id)))

    def _get(self, terms: Mapping[str, Term], name: str, what: str, hint: str) -> Term:
        found = terms.get(name)
        if found is None:
            raise NotInForceError(what, self.month, hint)
        return found


class Book(Struct, frozen=True, eq=False):
    """All decrees that were read, in the order in which they were announced; `province` counts where a question names none."""

    files: tuple[DecreeFile, ...]
    province: str = ""
    _timelines: dict[int, Timeline] = field(default_factory=dict)
    _laws: dict[tuple[str, str, int], Law] = field(default_factory=dict)

    @property
    def decrees(self) -> tuple[Decree, ...]:
        """Every decree, earliest announced first."""
        return tuple(file.decree for file in self.files)

    def at(self, month: str, *, province: str | None = None, known_on: str = "") -> Law:
        """Law of `month`, by all that is known now, or only by decrees announced on or before the date `known_on`.

        Of the office's own province, or of the one that is named ("": the national level).

        The same Law object is returned for the same question. Raises ValueError for a month not written YYYY-MM, NotInForceError for
        a month before the first base rate.
        """
        province = self.province if province is None else province
        known = sum(not known_on or decree.announced <= known_on for decree in self.decrees)
        question = (month, province, known)
        law = self._laws.get(question)
        if law is None:
            law = self._laws[question] = self._law(month, province, known)
        return law

    def timeline(self, known: int | None = None) -> Timeline:
        """Values with their final since and until, by the first `known` decrees (all, when None)."""
        count = len(self.files) if known is None else known
        if count not in self._timelines:
            self._timelines[count] = timeline.lay(self.files[:count])[0]
        return self._timelines[count]

    def rate_changes(self, after: str, until: str, *, name: str = "base", province: str | None = None) -> tuple[RateChange, ...]:
        """Changes of a level that take effect in a month m with after < m <= until, earliest first."""
        province = self.province if province is None else province
        announced = {decree.id: decree.announced for decree in self.decrees}
        starts = sorted({rate.since for rate in self.timeline().rates if rate.name == name and rate.province in ("", province)} | {after})
        found: list[RateChange] = []
        for month in (month for month in starts if after < month <= until):
            try:
                before = self.at(months.add(month, -1), province=province).rate(name)
            except NotInForceError:
                continue
            now = self.at(month, province=province).rate(name)
            if now.amount != before.amount:
                found.append(
                    RateChange(
                        month=month,
                        name=name,
                        before=before.amount,
                        after=now.amount,
                        announced=announced[now.source.decree_id],
                        source=now.source,
                        province=now.province,
                    )
                )
        return tuple(found)

    def ever(self, code: str) -> tuple[Category, ...]:
        """Every form a category ever had, earliest first; empty when no decree names it."""
        return tuple(sorted((category for category in self.timeline().categories if category.code == code), key=lambda found: found.since))

    def check(self) -> list[str]:
        """What is in force when, and what is known less than surely, as sentences. The book itself is sound, else it had not loaded."""
        laid = self.timeline()
        lines = [f"{decree.id}: {decree.number}, announced {decree.announced}, in force {decree.in_force}" for decree in self.decrees]
        lines += [
            f"{timeline.key(rate)} {rate.amount} from {rate.since} to {rate.until or 'further notice'} ({rate.source})"
            for rate in sorted(laid.rates, key=lambda rate: (rate.name, rate.province, rate.since))
        ]
        changes = sorted({value.since for value in laid.values()} | {months.add(value.until, 1) for value in laid.values() if value.until})
        for begin, follow in pairwise([*changes, "further notice"]):
            count = sum(timeline.in_month(category, begin) for category in laid.categories)
            lines.append(f"from {begin} to {follow if follow == 'further notice' else months.add(follow, -1)}: {count} categories")
        lines += [
            f"to confirm: {timeline.key(value)} of {value.source.decree_id} ({value.source.confidence}) {value.source.note}".rstrip()
            for value in laid.values()
            if value.source.confidence in ("unsure", "secondary")
        ]
        return lines

    def _law(self, month: str, province: str, known: int) -> Law:
        laid = self.timeline(known)
        rates: dict[str, Rate] = {}
        for rate in laid.rates:
            # A province may only go above the national level (Điều 4.3), so the higher one counts.
            counts = timeline.in_month(rate, month) and rate.province in ("", province)
            if counts and (rate.name not in rates or rate.amount > rates[rate.name].amount):
                rates[rate.name] = rate
        if "base" not in rates:
            raise NotInForceError("rate base", month, "the decrees read begin with 01/2015; add a file for earlier months")
        return Law(
            month=month,
            province=province,
            rates=MappingProxyType(rates),
            categories=MappingProxyType(
                {found.code: found for found in laid.categories if timeline.in_month(found, month) and found.province in ("", province)}
            ),
            grants=MappingProxyType({found.code: found for found in laid.grants if timeline.in_month(found, month)}),
            numbers=MappingProxyType(self._numbers(laid, month, province)),
            facts=MappingProxyType(dict(pair for file in self.files[:known] for pair in file.facts)),
        )

    @staticmethod
    def _numbers(laid: Timeline, month: str, province: str) -> dict[str, Number]:
        """The numbers of a month; a province's own stands in place of the national one."""
        counting = [found for found in laid.numbers if timeline.in_month(found, month) and found.province in ("", province)]
        return {found.name: found for found in sorted(counting, key=lambda found: bool(found.province))}


@lru_cache(maxsize=8)
def _load(extra_dirs: tuple[Path, ...], province: str = "") -> Book:
    read = decree_file.read(extra_dirs)
    laid, lost = timeline.lay(read)
    facts = {code for file in read for code, _ in file.facts}
    unknown = tuple(
        f"{category.source.place}: {timeline.key(category)} asks for {fact}, which no [facts] explains"
        for category in laid.categories
        for fact in (*(fact for group in category.needs for fact in group), *(step.provided for step in category.at_age if step.provided))
        if fact not in facts
    )
    wrong = (*lost, *timeline.clashes(laid), *unknown)
    if wrong:
        raise LawClashError(wrong)
    return Book(read, province)


class _Office:
    """Whose law is asked for: the folders of decrees beside the shipped ones, and the province whose own values count."""

    folders: tuple[Path, ...] = ()
    province: str = ""


def use(folders: Iterable[Path | str] = (), province: str = "") -> None:
    """From now on `load()` opens these folders' decrees beside the shipped ones, for this province.

    Folders are read at once: raises DecreeError and LawClashError as `load` does, and then leaves what was in use as it was.
    """
    chosen = tuple(Path(folder) for folder in folders)
    if chosen:
        load(chosen, province)
    _Office.folders, _Office.province = chosen, province


def load(folders: Iterable[Path | str] | None = None, province: str | None = None) -> Book:
    """Open the decrees: the office's own (see `use`), or the shipped ones with those of `folders`; once per set of folders.

    Raises DecreeError for a file that cannot be used and LawClashError, listing everything, for gaps, overlaps and dangling references.
    """
    beside = _Office.folders if folders is None else tuple(Path(folder) for folder in folders)
    return _load(beside, _Office.province if province is None else province)
