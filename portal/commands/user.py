"""`portal user`: accounts from the command line, the first administrator's above all."""

from __future__ import annotations

import json
import sys

import click

from portal.cli import ready

_REFUSALS = {
    "taken": "There is an account with this name already.",
    "bad_name": "A name has letters, digits and . - _ @ only, 64 characters at most.",
    "short_password": "A password has 8 characters or more.",
    "unknown": "There is no account with this name.",
}


@click.group()
def command() -> None:
    """Add, list and disable accounts, set a password."""


@command.command()
@click.argument("name")
@click.option("--role", required=True, help="hamlet_reporter, commune_officer, post_agent, post_supervisor, district_officer, approver, auditor or admin.")
@click.option("--unit", "unit_code", default="", help="Code of the person's unit, as in the list of units; an admin needs none.")
@click.option("--full-name", default="", help="The person's name as it is shown.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input, one line.")
def add(name: str, role: str, unit_code: str, full_name: str, password_stdin: bool) -> None:  # the flag says it knowingly
    """Add an account NAME; its password comes from standard input."""
    from portal import account, clock
    from portal.access import ROLES, fits

    settings = ready()
    if role not in ROLES:
        raise click.BadParameter(f"{role!r} is none of {', '.join(ROLES)}.", param_hint="--role")
    if not fits(role, unit_code):
        raise click.BadParameter(f"there is no unit {unit_code!r} where {role} works.", param_hint="--unit")
    password = sys.stdin.readline().rstrip("\r\n")
    try:
        added = account.add(
            name,
            role=role,
            unit=unit_code,
            full_name=full_name,
            password=password,
            now=clock.now(settings.today),
            created_by="command line",
        )
    except account.AccountProblem as problem:
        raise click.ClickException(_REFUSALS[problem.code]) from problem
    click.echo(f"Added {added.name} ({added.role}{', ' + added.unit if added.unit else ''}).")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for a script.")
def list_all(as_json: bool) -> None:
    """List every account."""
    from portal import account

    ready()
    accounts = account.every()
    if as_json:
        fields = ("name", "full_name", "role", "unit", "origin", "created_at", "created_by", "last_seen", "disabled_at", "disabled_by")
        click.echo(json.dumps([{field: getattr(each, field) for field in fields} for each in accounts], ensure_ascii=False, indent=1))
        return
    for each in accounts:
        click.echo(f"{each.name:<24} {each.role:<17} {each.unit:<12} {'disabled ' + each.disabled_at if each.disabled_at else ''}".rstrip())


@command.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input, one line.")
def password(name: str, password_stdin: bool) -> None:  # the flag says it knowingly
    """Set a password of the account NAME that its holder has to change at the next sign-in."""
    from portal import account, clock

    ready()
    try:
        account.hand_over(name, sys.stdin.readline().rstrip("\r\n"), by="command line", now=clock.now())
    except account.AccountProblem as problem:
        raise click.ClickException(_REFUSALS[problem.code]) from problem
    click.echo(f"{account.normal_name(name)} signs in with it once and then chooses another.")


@command.command()
@click.argument("name")
def disable(name: str) -> None:
    """Disable the account NAME; its sessions end at once."""
    from portal import account, clock

    settings = ready()
    try:
        account.disable(name, by="command line", now=clock.now(settings.today))
    except account.AccountProblem as problem:
        raise click.ClickException(_REFUSALS[problem.code]) from problem
    click.echo(f"Disabled {account.normal_name(name)}.")
