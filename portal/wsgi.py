"""For WSGI servers: `gunicorn portal.wsgi:application`."""

from dataclasses import replace

from portal import account, db, migrations
from portal.app import create_app
from portal.settings import Settings

settings = Settings.from_env()
db.connect(settings.database)
missing = migrations.pending()
if missing:
    raise SystemExit(f"The database lacks {len(missing)} migration(s), from {missing[0]} on. Run `portal migrate` first.")
if settings.today is None:
    with db.database.connection_context():
        settings = replace(settings, today=account.demo_day())
application = create_app(settings)
db.disconnect()  # gunicorn --preload forks now: its workers open their own
