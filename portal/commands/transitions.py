"""`portal transitions`: rights that an age or a decree changes on a month's list, and their proposals, for a script that runs monthly."""

from __future__ import annotations

import json
import uuid
from typing import Any

import click
import msgspec

from portal.cli import ready

_OPEN_FACT = "needs a person"


@click.command("transitions")
@click.argument("month")
@click.option("--ahead", default=0, show_default=True, type=click.IntRange(0, 24), help="Further months to look ahead.")
@click.option("--propose", "account_name", default="", metavar="ACCOUNT", help="Propose what nobody has to decide a fact of, as ACCOUNT.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for a script.")
def command(month: str, ahead: int, account_name: str, as_json: bool) -> None:
    """List the rights that an age or a decree changes on the list of MONTH (YYYY-MM).

    With --propose they are handed in as changes of that account, a commune's or the district's officer; somebody else decides them.
    Each right and threshold is proposed once, so that running it again changes nothing. Where a fact decides (still studying) it is
    listed only: a person has to say. Exit code 1 where a proposal was refused.
    """
    from portal import access, account, clock, db, transition
    from portal.law import months
    from portal.law.errors import LawError

    try:
        last = months.add(month, ahead)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    settings = ready()
    with db.database.connection_context():
        who = next((each for each in account.every() if each.name == account.normal_name(account_name)), None) if account_name else None
        if account_name and (who is None or who.disabled_at or not access.may(who, "transition.propose")):
            raise click.BadParameter(f"{account_name!r} is no account that may propose.", param_hint="--propose")
        communes = access.scope_of(who).communes if who is not None else None
        try:
            found = transition.by_age(month, last, communes)
            for each in months.span(month, last):
                found += transition.by_decree(each, communes)
        except LawError as error:
            raise click.ClickException(str(error)) from error
        made: dict[str, transition.Made] = {}
        if who is not None:
            chosen = [transition.Choice(each) for each in found if each.is_open and not each.fact]
            actor = access.actor(who, f"form:{uuid.uuid4()}")
            made = {each.id: each for each in transition.propose(actor, clock.now(settings.today), chosen)}
    rows = [{**msgspec.structs.asdict(each), **_became(made.get(each.id))} for each in found]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for row in rows:
            click.echo(_line(row))
    if any(each.outcome == "refused" for each in made.values()):
        raise SystemExit(1)


def _became(made: Any) -> dict[str, str]:
    return {"outcome": made.outcome, "detail": made.detail} if made is not None else {"outcome": "", "detail": ""}


def _line(row: dict[str, Any]) -> str:
    fact = f"{row['fact']}: {_OPEN_FACT}" if row["fact"] else ""
    state = row["outcome"] or row["state"] or ("another change waits" if row["other"] else fact or "to be proposed")
    return f"{row['month']}  {row['line_code']}  {row['category']} > {row['to'] or 'ends'}  {row['event_date']}  {state}  {row['detail']}".rstrip()
