"""`portal law`: what is in force when. Opens no database; a province's own files are read from PORTAL_LAW and from --also."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec

from portal.law import book, months
from portal.law.book import Book, Law
from portal.law.errors import DecreeError, LawClashError, NotInForceError
from portal.settings import law_from_env

_ALSO = click.option(
    "--also",
    "extra_dirs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Directory with further decree files (*.toml), such as a province's own; may be repeated.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")


class Refused(click.ClickException):
    """The decrees do not fit together, or say nothing for that month."""

    exit_code = 1


@click.group()
def command() -> None:
    """Check the decrees and show the law of a month."""


@command.command()
@_ALSO
@_JSON
def check(extra_dirs: tuple[Path, ...], as_json: bool) -> None:
    """Read all decrees, say what is in force when.

    Exit code 1 where a file cannot be read, or values leave a gap, overlap or point nowhere: each named by file and line.
    """
    try:
        lines = _opened(extra_dirs).check()
    except (LawClashError, DecreeError) as error:
        if as_json:
            clashes = error.clashes if isinstance(error, LawClashError) else (str(error),)
            click.echo(json.dumps({"sound": False, "clashes": clashes}, ensure_ascii=False, indent=2))
        raise Refused(str(error)) from error
    if as_json:
        click.echo(json.dumps({"sound": True, "lines": lines}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(lines))


@command.command()
@click.argument("month")
@click.option("--province", default=None, help="Code of the province whose own level counts; PORTAL_PROVINCE where not given.")
@click.option("--known-on", default="", help="Only decrees announced on or before this date (YYYY-MM-DD).")
@_ALSO
@_JSON
def show(month: str, province: str | None, known_on: str, extra_dirs: tuple[Path, ...], as_json: bool) -> None:
    """Show levels, grants, numbers and categories of MONTH (YYYY-MM) with their articles."""
    try:
        months.number(month)
        if known_on:
            months.whole_date(known_on)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    try:
        law = _opened(extra_dirs).at(month, province=province, known_on=known_on)
    except (NotInForceError, DecreeError, LawClashError) as error:
        raise Refused(str(error)) from error
    click.echo(_as_json(law) if as_json else _as_text(law))


def _opened(folders: tuple[Path, ...]) -> Book:
    own, province = law_from_env()
    return book.load([*([own] if own else []), *folders], province)


def _as_json(law: Law) -> str:
    terms = {
        "month": law.month,
        "province": law.province,
        "rates": list(law.rates.values()),
        "grants": list(law.grants.values()),
        "numbers": list(law.numbers.values()),
        "categories": list(law.categories.values()),
    }
    return msgspec.json.format(msgspec.json.encode(terms), indent=2).decode()


def _as_text(law: Law) -> str:
    lines = [f"{rate.amount:>12,}  {name}  ({rate.source})" for name, rate in law.rates.items()]
    lines += [f"{law.funeral_grant(code):>12,}  {code}  {grant.label}  ({grant.source})" for code, grant in law.grants.items()]
    lines += [f"{number.value:>12}  {name}  ({number.source})" for name, number in law.numbers.items()]
    lines += [
        f"{found.coefficient10 * law.rate(found.rate).amount // 10:>12,}  {code}  {found.label}  ({found.source})"
        for code, found in law.categories.items()
    ]
    return "\n".join(lines)
