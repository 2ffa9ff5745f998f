"""`portal import`: an official list laid beside the register; its new lines taken in."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
import msgspec

from portal.cli import FINDING, ready

if TYPE_CHECKING:
    from portal.workbook.survey import Survey

_UNREADABLE = {
    "missing_file": "there is no such file, or it may not be read",
    "too_large": "it is too large, as it is or unpacked",
    "not_a_workbook": "it is no Excel workbook (.xlsx)",
    "damaged": "the workbook is damaged, or protected by a password",
    "not_a_list": "no sheet holds an official list: a title with the month, a heading with Mã hồ sơ and Họ và tên",
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be taken in.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for a script.")
def command(file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Lay the official list FILE beside the register; take in the lines that are new.

    Lines are matched by their code (Mã hồ sơ). A cell that differs from the register is told by sheet!cell and left alone, a line with
    an error is left out. The same file again changes nothing. With --dry-run --json a list in somebody's own layout (.xlsx, .xls, .ods,
    .csv) is told line by line, too. Exit code 1 where something differs, is wrong or cannot be read.
    """
    settings = ready()
    from portal import clock, db
    from portal.workbook.compare import compare, take_in
    from portal.workbook.opened import WorkbookProblem
    from portal.workbook.read import read_list
    from sync.edit import Actor
    from sync.fields import IMPORTER
    from sync.ids import uuid7

    try:
        listed = read_list(file, max_bytes=settings.upload_bytes)
    except WorkbookProblem as problem:
        if dry_run and as_json and problem.code != "missing_file":
            _survey(file, settings.upload_bytes)
        if as_json:
            click.echo(json.dumps({"file": file.name, "unreadable": problem.code}))
            raise SystemExit(FINDING) from problem
        raise click.ClickException(f"{file.name} cannot be read: {_UNREADABLE[problem.code]}.") from problem
    with db.database.connection_context():
        found = compare(listed)
        added, errors = 0, found.errors
        if found.new and not dry_run:
            actor = Actor(account="import", role=IMPORTER, unit="", device=f"import:{uuid7()}", communes=None, name=file.name, online=True)
            added, refused = take_in(found, actor, clock.now(settings.today))
            errors = (*errors, *refused)
    report = {
        "file": file.name,
        "month": listed.month,
        "sheets": len(listed.sheets),
        "lines": len(listed.rows),
        "matched": found.matched,
        "new": len(found.new),
        "added": added,
        "differences": [asdict(each) for each in found.differences],
        "errors": [asdict(each) for each in errors],
    }
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        click.echo("{file}: the list of {month}, {sheets} sheet(s), {lines} line(s) read.".format(**report))
        click.echo("{matched} there already, {new} new, {added} added.".format(**report))
        for title, some in (("differ from the register and were left alone", found.differences), ("cannot be taken in", errors)):
            if some:
                click.echo(f"{len(some)} {title}:")
            for each in some:
                click.echo(f"  {each.where}  {each.code}  {'  '.join(f'{name}={value}' for name, value in each.details.items())}".rstrip())
    raise SystemExit(FINDING if found.differences or errors else 0)


def _survey(file: Path, upload_bytes: int) -> NoReturn:
    """Prints what a list in somebody's own layout says, as JSON; ends the program."""
    from portal import db, list_arrival, unit
    from portal.workbook.opened import WorkbookProblem, read_bytes
    from portal.workbook.survey import survey

    try:
        with db.database.connection_context():
            communes = {each.code: each.name for each in unit.communes()}
            found = survey(read_bytes(file, upload_bytes), communes, list_arrival.of_register())
    except WorkbookProblem as problem:
        click.echo(json.dumps({"file": file.name, "outcome": "refuse", "refuse_code": problem.code.upper(), "unreadable": problem.code}))
        raise SystemExit(FINDING) from problem
    click.echo(told(file.name, found))
    raise SystemExit(FINDING if found.errors else 0)


def told(name: str, found: Survey) -> str:
    """What a survey found, as JSON."""
    report = {
        "file": name,
        "outcome": "import",
        "kind": found.kind,
        "commune_code": found.commune,
        "month": found.month,
        "sheets": [
            {"name": title, "header_rows": list(place.header_rows), "first_row": place.data[0], "last_row": place.data[-1]}
            for title, place in found.sheets
        ],
        "rows": len(found.rows),
        "matches": found.arrival.matches,
        "new": found.arrival.new,
        "errors": found.errors,
        "warnings": found.warnings,
        "repairs": [{"at": each.at, "code": each.code, "from": each.said, "to": each.to, "ask": each.ask} for each in found.repairs],
    }
    return msgspec.json.format(msgspec.json.encode(report), indent=1).decode()
