"""The door: edits in, merge, journal, answers out. Pure: no web framework, no database, nothing of the portal."""
