"""`portal unit`: the units of a date, who decides, and plans by which units succeed others."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import msgspec

from portal.cli import FINDING, ready

_JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
_ON = click.option("--on", default=None, metavar="YYYY-MM-DD", help="As of this date instead of today.")


@click.group()
def command() -> None:
    """Units over time, and who proposes, appraises and decides."""


@command.command("list")
@_ON
@_JSON
def list_all(on: str | None, as_json: bool) -> None:
    """List the units of today, or of a date."""
    from portal import db, unit

    ready()
    with db.database.connection_context():
        found = unit.every(_day(on))
    if as_json:
        click.echo(json.dumps([msgspec.to_builtins(each) for each in found], ensure_ascii=False, indent=1))
        return
    for each in found:
        click.echo(f"{each.code:<14} {each.kind:<15} {each.valid_from}  {each.name}")


@command.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--dry-run", is_flag=True, help="Only say what it would do.")
@_JSON
def succeed(file: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Carry out the plan FILE (TOML), or a shipped one by its name; without FILE, list the shipped ones.

    People move with their commune, old months stay as they were. All of it or nothing; exit code 1 where it cannot be carried out.
    """
    from portal import clock, db, succession, succession_plan

    if file is None:
        click.echo("\n".join(succession_plan.shipped()))
        return
    settings = ready()
    try:
        plan = succession_plan.read(file)
    except succession_plan.PlanProblem as problem:
        raise click.ClickException(str(problem)) from problem
    now = clock.now(settings.today)
    with db.database.connection_context():
        try:
            told = succession.foresee(plan, now) if dry_run else succession.carry_out(plan, now)
        except succession.SuccessionProblem as problem:
            if as_json:
                click.echo(json.dumps({"done": False, "problems": problem.problems}, ensure_ascii=False, indent=1))
            else:
                click.echo("\n".join(("It cannot be carried out:", *(f"  {each}." for each in problem.problems))), err=True)
            sys.exit(FINDING)
    if as_json:
        click.echo(json.dumps({"done": not dry_run, **msgspec.to_builtins(told)}, ensure_ascii=False, indent=1))
        return
    click.echo(f"{told.title}, from {told.valid_from}: {'would end' if dry_run else 'ended'} {told.ended} and begin {told.begun} units.")
    click.echo(f"{sum(told.people.values())} people of {len(told.people)} communes; months until {told.until} stay with the former units.")
    for former, successor in told.accounts.items():
        click.echo(f"  accounts of {former} go to {successor}")
    for warning in told.warnings:
        click.echo(f"Note: {warning}.")


@command.command()
@click.argument("name", required=False)
@click.option("--from", "valid_from", default="", metavar="YYYY-MM-DD", help="First day; not one that is still to come.")
@click.option("--basis", default="", help="The document that says so.")
def preset(name: str | None, valid_from: str, basis: str) -> None:
    """Let the preset NAME say who decides from a day on; without NAME, list the presets."""
    from portal import clock, db, procedure, succession

    if name is None:
        for each in procedure.presets().values():
            click.echo(f"{each.name:<10} {each.since or '…':>10} – {each.until or '…':<10}  {each.label} ({each.source})")
        return
    settings = ready()
    now = clock.now(settings.today)
    day = _day(valid_from or None) or clock.local_date(now).isoformat()
    with db.database.connection_context():
        try:
            succession.adopt(name, day, now, basis=basis)
        except succession.SuccessionProblem as problem:
            raise click.ClickException(f"{problem}.") from problem
    click.echo(f"From {day} on, {name} says who decides.")


@command.command()
@_ON
@_JSON
def procedures(on: str | None, as_json: bool) -> None:
    """Show who proposes, reports, appraises, decides and signs, by procedure."""
    from portal import clock, db, procedure
    from sync.procedure import PROCEDURES

    settings = ready()
    day = _day(on) or clock.local_date(clock.now(settings.today)).isoformat()
    with db.database.connection_context():
        held = procedure.in_force(day)
    if as_json:
        rules = {name: {**msgspec.to_builtins(held.rule(name)), "title": held.signer(name).title} for name in PROCEDURES}
        click.echo(json.dumps({"day": day, "preset": held.preset.name, "procedures": rules}, ensure_ascii=False, indent=1))
        return
    click.echo(f"{day}: {held.preset.name} – {held.preset.label} ({held.preset.source})")
    for name in PROCEDURES:
        rule = held.rule(name)
        told = {"proposes": rule.proposes, "reports": rule.reports, "appraises": rule.appraises, "decides": rule.decides}
        said = "; ".join(f"{verb} {', '.join(named)}" for verb, named in told.items() if named)
        click.echo(f"{name}: {said}; signs {held.signer(name).title}")


def _day(text: str | None) -> str | None:
    from sync.values import ValueProblem, parse_day

    if text is None:
        return None
    try:
        return parse_day(text)
    except ValueProblem as problem:
        raise click.BadParameter(f"{text!r} is no date: YYYY-MM-DD.") from problem
