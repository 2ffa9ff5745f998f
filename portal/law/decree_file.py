"""A decree file (TOML) read into records. Unknown keys are refused: a misspelt `until` must not become "for ever"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from portal.law import months
from portal.law.errors import DecreeError
from portal.law.places import Places
from portal.law.terms import AgeStep, Category, Confidence, Decree, Grant, Number, Payee, Programme, Rate, Source, StartBasis


class _Value(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    article: str
    since: str = ""
    until: str = ""
    confidence: Confidence | None = None
    note: str = ""


class _Rate(_Value, kw_only=True):
    name: str
    amount: int
    province: str = ""


class _Grant(_Value, kw_only=True):
    code: str
    label: str
    multiple: int
    rate: str = "base"


class _Number(_Value, kw_only=True):
    name: str
    value: int
    province: str = ""


class _AtAge(msgspec.Struct, forbid_unknown_fields=True):
    months: int
    article: str
    to: str = ""
    provided: str = ""


class _Category(_Value, kw_only=True):
    code: str
    group: str
    label: str
    who: str
    clause: str
    programme: Programme
    coefficient10: int
    public_code: str
    rate: str = "base"
    ages: list[list[int]] = []
    age_of: Literal["beneficiary", "child"] = "beneficiary"
    at_age: list[_AtAge] = []
    starts: StartBasis = "decision"
    starts_article: str = ""
    payee: Payee = "self"
    needs: list[list[str]] = []
    joins: list[str] = []
    joins_article: str = ""
    confidential: bool = False
    difference: bool = False
    province: str = ""


class _Ends(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    what: str
    set_by: str
    until: str
    article: str
    to: str = ""
    confidence: Confidence | None = None
    note: str = ""


class _Decree(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    id: str
    number: str
    about: str
    announced: str
    in_force: str
    issued: str = ""
    starts_article: str = ""
    confidence: Confidence = "read"
    note: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    decree: _Decree | None = None
    part_of: str = ""
    public: dict[str, str] = {}
    facts: dict[str, str] = {}
    rate: list[_Rate] = []
    grant: list[_Grant] = []
    number: list[_Number] = []
    category: list[_Category] = []
    ends: list[_Ends] = []


class Ending(Struct, frozen=True):
    """A later decree that ends an earlier one's value: `what` is "rate:base", "category:5.5c", "grant:MTP" or "number:…"."""

    what: str
    set_by: str
    until: str
    to: str
    source: Source


class DecreeFile(Struct, frozen=True):
    """Everything one decree says, gathered from its file and the files that are part of it."""

    decree: Decree
    rates: tuple[Rate, ...]
    grants: tuple[Grant, ...]
    numbers: tuple[Number, ...]
    categories: tuple[Category, ...]
    endings: tuple[Ending, ...]
    facts: tuple[tuple[str, str], ...] = ()


def read(extra_dirs: Iterable[Path] = ()) -> tuple[DecreeFile, ...]:
    """Read the shipped decrees and every `*.toml` of `extra_dirs`, ordered by the day they were announced.

    Raises DecreeError for a file that cannot be used, or a directory that is not there.
    """
    paths: list[Traversable] = [*files("portal.law").joinpath("decrees").iterdir()]
    for extra in extra_dirs:
        if not extra.is_dir():
            raise DecreeError(str(extra), "is not a directory")
        paths.extend(extra.iterdir())
    whole: dict[str, tuple[str, _Decree]] = {}
    contents: list[tuple[str, str, _File, Places]] = []
    public: dict[str, str] = {}
    for path in sorted((path for path in paths if path.name.endswith(".toml")), key=lambda path: path.name):
        content, places = _decode(path)
        if (content.decree is None) == (not content.part_of):
            raise DecreeError(path.name, "needs either [decree] or part_of")
        if content.decree is not None:
            if content.decree.id in whole:
                raise DecreeError(
                    path.name, f"decree {content.decree.id} is already in {whole[content.decree.id][0]}", places.of("decree", 0, "id")
                )
            whole[content.decree.id] = (path.name, content.decree)
        contents.append((path.name, content.part_of or (content.decree.id if content.decree else ""), content, places))
        public.update(content.public)
    for name, decree_id, _, places in contents:
        if decree_id not in whole:
            raise DecreeError(name, f"is part of {decree_id}, which no file has", places.of("part_of"))
    in_order = sorted(contents, key=lambda entry: bool(entry[2].part_of))
    found = [
        _gather(raw, [(part, content, places) for part, owner, content, places in in_order if owner == decree_id], public)
        for decree_id, (_, raw) in whole.items()
    ]
    return tuple(sorted(found, key=lambda file: (file.decree.announced, file.decree.id)))


def _decode(path: Traversable) -> tuple[_File, Places]:
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DecreeError(path.name, str(error)) from error
    places = Places(text)
    try:
        return msgspec.toml.decode(text, type=_File), places
    except msgspec.DecodeError as error:
        raise DecreeError(path.name, str(error), places.of_error(str(error))) from error


def _gather(raw: _Decree, parts: list[tuple[str, _File, Places]], public: dict[str, str]) -> DecreeFile:
    try:
        announced = months.whole_date(raw.announced)
        in_force = months.month_of(months.whole_date(raw.in_force))
    except ValueError as error:
        raise DecreeError(parts[0][0], str(error), parts[0][2].of("decree")) from error
    decree = Decree(
        id=raw.id,
        number=raw.number,
        about=raw.about,
        announced=announced,
        in_force=raw.in_force,
        confidence=raw.confidence,
        note=raw.note,
    )

    def source(article: str, confidence: Confidence | None = None, note: str = "", place: str = "") -> Source:
        return Source(decree_id=raw.id, decree=raw.number, article=article, confidence=confidence or raw.confidence, note=note, place=place)

    def of(value: _Value | _Ends) -> Source:
        return source(value.article, value.confidence, value.note, place_of[id(value)])

    rates: list[Rate] = []
    grants: list[Grant] = []
    numbers: list[Number] = []
    categories: list[Category] = []
    endings: list[Ending] = []
    facts: list[tuple[str, str]] = []
    place_of: dict[int, str] = {}
    for name, content, places in parts:
        lines = _lines(content, places)
        place_of |= {value: f"{name}:{line}" for value, line in lines.items()}
        values: list[_Value] = [*content.rate, *content.grant, *content.number, *content.category]
        for value in values:
            value.since = value.since or in_force
            _require_months(name, value.since, value.until, lines[id(value)])
        rates += [Rate(name=r.name, amount=r.amount, since=r.since, until=r.until, source=of(r), province=r.province) for r in content.rate]
        grants += [
            Grant(code=g.code, label=g.label, multiple=g.multiple, rate=g.rate, since=g.since, until=g.until, source=of(g))
            for g in content.grant
        ]
        numbers += [
            Number(name=n.name, value=n.value, since=n.since, until=n.until, source=of(n), province=n.province) for n in content.number
        ]
        for c in content.category:
            if c.public_code not in public:
                raise DecreeError(name, f"category {c.code}: public_code {c.public_code} has no label in [public]", lines[id(c)])
            categories.append(
                Category(
                    code=c.code,
                    group=c.group,
                    label=c.label,
                    who=c.who,
                    clause=c.clause,
                    programme=c.programme,
                    coefficient10=c.coefficient10,
                    rate=c.rate,
                    since=c.since,
                    until=c.until,
                    source=of(c),
                    public_code=c.public_code,
                    public_label=public[c.public_code],
                    ages=_ranges(name, c, lines[id(c)]),
                    age_of=c.age_of,
                    at_age=tuple(AgeStep(months=s.months, source=source(s.article), to=s.to, provided=s.provided) for s in c.at_age),
                    starts=c.starts,
                    starts_source=source(c.starts_article or raw.starts_article),
                    payee=c.payee,
                    needs=tuple(tuple(group) for group in c.needs),
                    joins=tuple(c.joins),
                    joins_source=source(c.joins_article) if c.joins else None,
                    confidential=c.confidential,
                    difference=c.difference,
                    province=c.province,
                )
            )
        facts += content.facts.items()
        for e in content.ends:
            _require_months(name, e.until, "", lines[id(e)])
            endings.append(Ending(what=e.what, set_by=e.set_by, until=e.until, to=e.to, source=of(e)))
    return DecreeFile(decree, tuple(rates), tuple(grants), tuple(numbers), tuple(categories), tuple(endings), tuple(facts))


def _lines(content: _File, places: Places) -> dict[int, int]:
    """The line of each value of a file, by the value's identity."""
    tables: dict[str, Sequence[_Value | _Ends]] = {
        "rate": content.rate,
        "grant": content.grant,
        "number": content.number,
        "category": content.category,
        "ends": content.ends,
    }
    return {id(value): places.of(table, index) for table, values in tables.items() for index, value in enumerate(values)}


def _ranges(name: str, category: _Category, line: int) -> tuple[tuple[int, int | None], ...]:
    ranges: list[tuple[int, int | None]] = []
    for pair in category.ages:
        if len(pair) not in (1, 2) or (len(pair) == 2 and pair[0] >= pair[1]) or pair[0] < 0:
            raise DecreeError(name, f"category {category.code}: {pair} is not a range of months [from, below] or [from]", line)
        ranges.append((pair[0], pair[1] if len(pair) == 2 else None))
    return tuple(ranges)


def _require_months(name: str, since: str, until: str, line: int) -> None:
    try:
        length = months.between(since, until or since)
    except ValueError as error:
        raise DecreeError(name, str(error), line) from error
    if length < 0:
        raise DecreeError(name, f"until {until} is before since {since}", line)
