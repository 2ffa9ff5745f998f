"""For WSGI servers: `gunicorn portal.wsgi:application`."""

import gc

gc.disable()  # what is made while the portal starts stays: to look for garbage among it takes a tenth of the start

from dataclasses import replace  # noqa: E402

from portal import account, db, migrations  # noqa: E402
from portal.app import create_app  # noqa: E402
from portal.settings import Settings  # noqa: E402

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
gc.freeze()  # nor is it looked at later; and what forked workers share stays shared
gc.enable()
