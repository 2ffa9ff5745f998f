"""`portal migrate`: brings the database's tables up to this version."""

from __future__ import annotations

import click

from portal.cli import ready


@click.command()
@click.option("--check", is_flag=True, help="Only say what would run; exit code 1 where something would.")
def command(check: bool) -> None:
    """Create the tables, or bring them up to this version. Running it again does nothing."""
    from portal import migrations

    ready(migrated=False)
    if check:
        waiting = migrations.pending()
        for name in waiting:
            click.echo(f"pending {name}")
        raise SystemExit(1 if waiting else 0)
    ran = migrations.migrate()
    if ran:
        from portal import db, door, refill

        with db.database.connection_context():
            refill.after(door.store(), ran)
    for name in ran:
        click.echo(f"ran {name}")
    if not ran:
        click.echo("Nothing to do: the database is of this version.")
