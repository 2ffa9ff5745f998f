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
    help="Read another district: don-vi.csv and danh-sach-YYYY-MM.xlsx, the latest list counts.",
)
@click.option("--if-empty", is_flag=True, help="Where the database holds data already, leave it as it is and end with 0.")
def command(directory: Path | None, *, if_empty: bool) -> None:
    """Load the demo district: people of 12 communes on the list of September 2024, October open.

    Brings the tables up to this version first. Refuses a database that holds data. Without PORTAL_TODAY the portal then lives on a
    day of the open month.
    """
    settings = ready(migrated=False)
    from portal import account, clock, db, migrations
    from portal.demo import load, source

    migrations.migrate()
    with db.database.connection_context():
        if not load.is_empty():
            if if_empty:
                return
            raise click.ClickException("The database holds data already: the demo district is loaded into an empty one only.")
        try:
            district = source.read(directory)
            day = settings.today or load.day_of(district)
            with click.progressbar(length=load.size(district), label="Loading the demo district", file=sys.stderr) as bar:
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
