"""`portal verify`: is the journal whole, and the register what the journal says?"""

from __future__ import annotations

import json
import sys

import click

from portal.cli import ready


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option(
    "--known", default="", metavar="HASH", help="A head printed by an earlier run and kept elsewhere: it must still be in the chain."
)
def command(*, as_json: bool, known: str) -> None:
    """Walk the journal's chain and compare the register with the journal replayed from nothing.

    Exit code 0: whole. 1: an entry was changed, removed or inserted (the first is named), or a record differs. Keep the head it
    prints elsewhere: given back with --known it shows entries cut off the end.
    """
    from portal import db, door
    from portal import verify as verification

    ready()
    with db.database.connection_context():
        store = door.store()
        total = store.head()[0]
        with click.progressbar(length=total * 2, label="Verifying", file=sys.stderr) as bar:
            verdict = verification.verify(store, bar.update, known=known)
    if as_json:
        found = {
            "entries": verdict.entries,
            "head": verdict.head,
            "bad_entry": verdict.bad_entry,
            "differences": [list(difference) for difference in verdict.differences],
            "lacks": verdict.lacks,
            "whole": verdict.is_whole,
        }
        click.echo(json.dumps(found))
    elif verdict.is_whole:
        click.echo(f"Whole: {verdict.entries} entries, head {verdict.head}.")
    elif verdict.bad_entry is not None:
        click.echo(f"Entry {verdict.bad_entry} is the first that does not follow from the one before it.")
    else:
        if verdict.lacks:
            click.echo(f"No entry has the hash {known}: entries were cut off the end.")
        for kind, record, what in verdict.differences:
            click.echo(f"{kind} {record}: {what}")
    if not verdict.is_whole:
        raise SystemExit(1)
