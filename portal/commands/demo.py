"""`portal demo`: a made-up district in an empty database, to try everything on."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.cli import ready


@click.command()
@click.option(
    "--data",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Read another district: don-vi.csv and danh-sach-YYYY-MM.xlsx, the latest list counts; with --full also bien-dong.csv.",
)
@click.option("--full", is_flag=True, help="Begin with the earliest list and replay every month up to the latest: movements, lists, payments.")
@click.option("--if-empty", is_flag=True, help="Where the database holds data already, leave it as it is and end with 0.")
def command(directory: Path | None, *, full: bool, if_empty: bool) -> None:
    """Load the demo district: people of 12 communes on the list of September 2024, October open.

    Brings the tables up to this version first. Refuses a database that holds data. Without PORTAL_TODAY the portal then lives on a
    day of the open month. With --full the 33 months before it stand in the database, too; that takes a minute or two, a month
    at a time: what an interrupted one leaves is no whole district, and the next one wants an empty database again.
    """
    settings = ready(migrated=False)
    from portal import account, clock, db, migrations
    from portal.demo import load, movement, replay, source

    migrations.migrate()
    with db.database.connection_context():
        if not load.is_empty():
            if if_empty:
                return
            raise click.ClickException("The database holds data already: the demo district is loaded into an empty one only.")
        try:
            last = source.months(directory)[-1]
            district = source.read(directory, source.months(directory)[0] if full else last)
            moves = list(movement.movements(directory)) if full else []
            day = settings.today or load.day_after(last)
            steps = replay.size(district, moves, last) if full else load.size(district)
            with click.progressbar(length=steps, label="Loading the demo district", file=sys.stderr) as bar:
                if full:
                    loaded = replay.Replay(district, moves, last, bar.update, source.gone_before(directory, district.month)).run(clock.now(day))
                else:
                    loaded = load.load(district, clock.now(day), bar.update)
        except (source.SourceProblem, load.LoadProblem) as problem:
            raise click.ClickException(str(problem)) from problem
        accounts = account.demo_accounts()
    click.echo(
        f"{loaded.people} people with {loaded.lines} lines; the list of {loaded.month} is drawn up with {loaded.list_lines}. Today is {day}."
    )
    click.echo(f"{loaded.accounts} accounts, password {account.DEMO_PASSWORD}; one for each role:")
    for each in accounts:
        click.echo(f"  {each.role:<18} {each.name}")
