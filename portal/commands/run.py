"""`portal run`: serves the portal from one process with threads, the best way for SQLite."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from datetime import date
from typing import Any

import click

from portal.cli import Unusable, ready

_LOCAL_HOSTS = ("", "0.0.0.0", "::")  # noqa: S104  # compared with, not bound to


@click.command()
@click.option("--host", help="Address to listen on [PORTAL_HOST, else 127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on, 0 for any free one [PORTAL_PORT, else 8000].")
def command(host: str | None, port: int | None) -> None:
    """Serve the portal until Ctrl-C."""
    from waitress.server import create_server

    settings = ready()
    from portal.app import create_app

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is not news
    app = create_app(settings)
    host = settings.host if host is None else host
    port = settings.port if port is None else port
    try:
        server = create_server(
            app, host=host, port=port, threads=settings.threads, ident="portal", max_request_body_size=settings.upload_bytes + 1024 * 1024
        )
    except OSError as error:
        raise Unusable(f"Cannot listen on {host}, port {port}: {error.strerror or error}.") from error
    _serve(server, lambda: _say_where(host, server, settings.today))
    click.echo("Stopped.")


def _say_where(host: str, server: Any, today: date | None) -> None:
    port = getattr(server, "effective_port", None) or server.effective_listen[0][1]
    shown = "127.0.0.1" if host in _LOCAL_HOSTS else f"[{host}]" if ":" in host else host
    click.echo(f"Chi Trả: http://{shown}:{port}/")
    from portal import account, db

    with db.database.connection_context():
        accounts = account.demo_accounts()
    if accounts:
        click.echo(f"Demo accounts, password {account.DEMO_PASSWORD}:")
        for each in accounts:
            click.echo(f"  {each.role:<18} {each.name}")
    if today is not None:
        click.echo(f"It lives on {today:%d/%m/%Y} (PORTAL_TODAY says otherwise).")
    click.echo("Ctrl-C ends it.")


def _serve(server: Any, say: Callable[[], None]) -> None:
    # As Ctrl-C does, so that a service manager's stop closes the database, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        say()
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        from portal import db

        db.disconnect()
