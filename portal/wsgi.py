"""For WSGI servers: `gunicorn portal.wsgi:application`."""

from portal import migrations
from portal.app import create_app

application = create_app()
if missing := migrations.pending():
    raise SystemExit(f"The database lacks {len(missing)} migration(s), from {missing[0]} on. Run `portal migrate` first.")
