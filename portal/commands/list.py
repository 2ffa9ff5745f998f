"""`portal list`: the sums and the lines of the payment lists, for a script or a table."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence

import click

from portal.cli import FINDING, ready

_FORMAT = click.option("--format", "as_", type=click.Choice(["csv", "json"]), default="csv", show_default=True, help="How to write it.")
_JSON = click.option("--json", "as_json", is_flag=True, help="The same as --format json.")


@click.group()
def command() -> None:
    """Sums and lines of the payment lists."""


@command.command()
@click.option("--from", "first", required=True, metavar="YYYY-MM", help="First month.")
@click.option("--to", "last", required=True, metavar="YYYY-MM", help="Last month, included.")
@click.option("--by", type=click.Choice(["commune"]), help="Also a row for each commune.")
@click.option(
    "--view", type=click.Choice(["entitlement", "cash"]), default="entitlement", show_default=True,
    help="What people were entitled to under the law of each month, or what was listed and paid.",
)  # fmt: skip
@_FORMAT
@_JSON
def totals(first: str, last: str, by: str | None, view: str, as_: str, as_json: bool) -> None:
    """Write the sums of each month; commune_code is empty for the whole district."""
    from portal import db
    from portal import totals as sums
    from portal.law.errors import LawError

    _check(first, last)
    ready()
    ask = sums.paid if view == "cash" else sums.entitled
    with db.database.connection_context():
        try:
            rows = [total.cells for total in ask(first, last, by_commune=by == "commune")]
        except LawError as error:
            raise click.ClickException(str(error)) from error
    _write(sums.HEADINGS, rows, "json" if as_json else as_)


@command.command()
@click.argument("month")
@_FORMAT
@_JSON
def lines(month: str, as_: str, as_json: bool) -> None:
    """Write the lines of the list of MONTH (YYYY-MM); exit code 1 where there is no list."""
    from portal import db, payment_list
    from portal import totals as sums

    _check(month, month)
    ready()
    with db.database.connection_context():
        if payment_list.find(month) is None:
            click.echo(f"There is no list of {month}.", err=True)
            sys.exit(FINDING)
        _write(sums.LINE_HEADINGS, sums.lines(month), "json" if as_json else as_)


@command.command()
@click.argument("month")
@_FORMAT
@_JSON
def division(month: str, as_: str, as_json: bool) -> None:
    """Write the list of MONTH (YYYY-MM) by commune, category and way of payment; exit code 1 where there is no list."""
    from portal import db
    from portal import division as divided

    _check(month, month)
    ready()
    with db.database.connection_context():
        shares = divided.of_month(month)
        if not shares:
            click.echo(f"There is no list of {month}.", err=True)
            sys.exit(FINDING)
        _write(divided.HEADINGS, [share.cells for share in shares], "json" if as_json else as_)


def _check(first: str, last: str) -> None:
    from portal.law import months

    for value in (first, last):
        try:
            months.number(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
    if last < first:
        raise click.BadParameter(f"{last} lies before {first}.", param_hint="--to")


def _write(headings: Sequence[str], rows: Iterable[Sequence[str | int]], as_: str) -> None:
    if as_ == "json":
        click.echo(json.dumps([dict(zip(headings, row, strict=True)) for row in rows], ensure_ascii=False))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
