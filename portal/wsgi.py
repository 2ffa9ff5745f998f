"""For WSGI servers: `gunicorn portal.wsgi:application`."""

from portal import db, migrations
from portal.app import create_app

application = create_app()
missing = migrations.pending()
db.disconnect()  # gunicorn --preload forks now: its workers open their own
if missing:
    raise SystemExit(f"The database lacks {len(missing)} migration(s), from {missing[0]} on. Run `portal migrate` first.")
