"""`portal import`: a list laid beside the register, official or in somebody's own layout, and what is new in it taken in."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from portal.cli import FINDING, ready

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync.edit import Actor

_UNREADABLE = {
    "missing_file": "there is no such file, or it may not be read",
    "too_large": "it is too large, as it is or unpacked",
    "not_a_workbook": "it is no workbook (.xlsx, .xls, .ods, .csv)",
    "damaged": "the workbook is damaged",
    "password": "it is protected by a password",
    "encoding": "its text is in an unknown encoding",
    "not_a_list": "no sheet holds a list: a title with the month, a heading with Họ và tên and more",
    "other_commune": "it is the list of a commune outside the account's area",
    "no_commune": "it does not say which commune's list it is",
    "results": "it tells what became of payments: hand it in on the page Kết quả chi trả; --dry-run says what it says",
    "truncated": "it ends before it should: a row is cut short",
    "no_month": "it does not say which month's payments it is about",
    "no_payments": "nothing of its month was sent to be paid",
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be taken in.")
@click.option("--account", "account_name", default="", metavar="ACCOUNT", help="Take a list in its own layout in as ACCOUNT.")
@click.option("--accept-repairs", is_flag=True, help="Agree to every repair that asks, in a list in its own layout.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for a script.")
def command(file: Path, *, dry_run: bool, account_name: str, accept_repairs: bool, as_json: bool) -> None:
    """Lay the official list FILE beside the register; take in the lines that are new.

    Lines are matched by their code (Mã hồ sơ). A cell that differs from the register is told by sheet!cell and left alone, a line with
    an error is left out. The same file again changes nothing. Exit code 1 where something differs, is wrong or cannot be read.

    A list in somebody's own layout (.xlsx, .xls, .ods, .csv) is read as on the page *Nhập tệp*: told row by row and, with --account,
    taken in as edits and proposals of that account, a commune's or the district's officer. One that was interrupted goes on when the
    same file is imported again. Exit code 1 where a row is wrong or an edit was refused.

    Of a file of results, the post office's or a bank's, a dry run says what is wrong with it; it is handed in on its own page.
    """
    settings = ready()
    from portal import clock, db
    from portal.workbook.compare import compare, take_in
    from portal.workbook.opened import WorkbookProblem, read_bytes
    from portal.workbook.read import read_list
    from sync.edit import Actor
    from sync.fields import IMPORTER
    from sync.ids import uuid7

    try:
        listed = read_list(file, max_bytes=settings.upload_bytes)
    except WorkbookProblem:
        try:
            content = read_bytes(file, settings.upload_bytes)
            with db.database.connection_context():
                report = _results(content, dry_run=dry_run) or _own_layout(file, content, account_name, clock.now(settings.today), accept_all=accept_repairs, dry_run=dry_run)
        except WorkbookProblem as problem:
            if as_json:
                outcome = {"outcome": "refuse", "refuse_code": problem.code.upper()} if dry_run and problem.code != "missing_file" else {}
                click.echo(json.dumps({"file": file.name, **outcome, "unreadable": problem.code}))
                raise SystemExit(FINDING) from problem
            raise click.ClickException(f"{file.name} cannot be read: {_UNREADABLE[problem.code]}.") from problem
        report = {"file": file.name, **report}
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(report), indent=1).decode())
        else:
            _print_own(report)
        raise SystemExit(FINDING if report["errors"] or report.get("results", {}).get("refused") else 0) from None
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


def _results(content: bytes, *, dry_run: bool) -> dict[str, Any] | None:
    """What a file of results says; None for any other file. Raises `WorkbookProblem`."""
    from portal.workbook import result_report
    from portal.workbook.arrived import opened
    from portal.workbook.opened import WorkbookProblem
    from portal.workbook.result_file import is_result

    if not any(is_result(sheet.rows) for sheet in opened(content)):
        return None
    if not dry_run:
        raise WorkbookProblem("results")
    return result_report.report(content)


def _own_layout(file: Path, content: bytes, account_name: str, now: datetime, *, accept_all: bool, dry_run: bool) -> dict[str, Any]:
    """What a list in somebody's own layout says and, with an account and no dry run, what became of its edits. Raises `WorkbookProblem`."""
    from portal import access, account, upload
    from portal.workbook import sent_list
    from portal.workbook.opened import WorkbookProblem
    from portal.workbook.survey import Told

    who = account.by_name(account_name) if account_name else None
    if account_name and (who is None or who.disabled_at or not access.may(who, "upload.take_in")):
        raise click.BadParameter(f"{account_name!r} is no account that may take a list in.", param_hint="--account")
    if who is None:
        found = sent_list.report(sent_list.look(content, file.name, "", Told(), accept_all=accept_all))
        if dry_run:
            return found
        raise click.UsageError(f"{file.name} is a list in a layout of its own, which becomes edits and proposals: say whose with --account.")
    actor = access.actor(who, "")
    told = upload.File("", who.name, "list", "", file.name, "", "open", "", 0, {"accept_all": accept_all}, content)
    if dry_run:
        return sent_list.report(sent_list.look_as(actor, told, now))
    made = upload.begun(who, content)
    if made is not None:
        return {"outcome": "import", "errors": [], "results": _carried_on(who, made, actor, now)}
    made = upload.add(who, "list", "", file.name, content, now)
    try:
        looked = sent_list.look_as(actor, msgspec.structs.replace(told, id=made), now)
    except WorkbookProblem:
        upload.drop(made)
        raise
    if not looked.plan.items:
        upload.drop(made)
    elif not upload.freeze(made, looked.plan.items, now):
        upload.drop(made)
        raise click.ClickException(f"{file.name} is being taken in already by somebody of the same unit; that has to end first.")
    return {**sent_list.report(looked), "results": _carried_on(who, made, actor, now)}


def _carried_on(who: Any, made: str, actor: Actor, now: datetime) -> dict[str, int]:
    """Hands in what is left of a file; how many edits came to what."""
    from portal import upload

    while (file := upload.find(who, made)) is not None and file.state == "running":
        upload.carry_on(made, actor, now)
    return dict(upload.progress(made).counts)


def _print_own(report: Mapping[str, Any]) -> None:
    """The same in lines, for people."""
    if "bookable" in report:
        click.echo("{file}: results of {month}, {rows} row(s) read.".format(**report))
        click.echo(f"{len(report['matches'])} found among what was sent.")
    elif "rows" in report:
        click.echo("{file}: a list of {month} in its own layout, {rows} row(s) read.".format(**report))
        matched, new, changes = (len(report[name]) for name in ("matches", "new", "changes"))
        click.echo(f"{matched} there already, {new} new, {changes} change(s), {len(report['left_out'])} row(s) left out.")
    if "rows" in report:
        for title, name in (("must be corrected first", "errors"), ("may be put right", "repairs"), ("to be noticed", "warnings"), ("are not taken over", "left")):
            some = msgspec.to_builtins(report.get(name, []))
            if some:
                click.echo(f"{len(some)} {title}:")
            for each in some:
                said = f"{each['from']} > {each['to']}" + (" ?" if each["ask"] else "") if name == "repairs" else each["why"]
                click.echo(f"  {each['at']}  {each['code']}  {said}".rstrip())
    if "results" in report:
        told = ", ".join(f"{count} {outcome}" for outcome, count in report["results"].items())
        click.echo(f"Handed in: {told or 'nothing new'}.")
