"""What an office may set, from the environment. The README lists every line of SETTINGS (a house test compares)."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit


class SettingError(Exception):
    """A setting has a value the portal cannot work with; the message is one sentence for the person who set it."""


@dataclass(frozen=True)
class Setting:
    """One line of the settings table: environment variable, what holds without it, what it does."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting(
        "PORTAL_DATABASE", "sqlite:///instance/portal.db", "where the data is kept: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
    ),
    Setting(
        "PORTAL_SECRET_KEY", "", "signs the sign-in cookie, 32 characters or more; made and kept beside the SQLite database on first run"
    ),
    Setting(
        "PORTAL_TODAY", "", "the date the portal believes in, YYYY-MM-DD, for a demo that lives in its month; empty means the real date"
    ),
    Setting("PORTAL_LANGUAGE", "vi", "language of the screen for those who have not chosen one: vi or en"),
    Setting("PORTAL_HOST", "127.0.0.1", "address `portal run` listens on"),
    Setting("PORTAL_PORT", "8000", "port `portal run` listens on"),
    Setting("PORTAL_THREADS", "6", "requests `portal run` answers at the same time"),
    Setting("PORTAL_IDLE_MINUTES", "15", "minutes without a request after which a person has to sign in again"),
    Setting("PORTAL_HTTPS", "no", "yes: cookies travel over HTTPS only; set it wherever the portal is reached over HTTPS"),
    Setting("PORTAL_LAW", "", "folder with decree files (*.toml) beside the shipped ones: a province's own levels, a new decree"),
    Setting("PORTAL_PROVINCE", "", "code of the province whose own levels and groups count; empty means the national ones"),
    Setting("PORTAL_UPLOAD_MB", "16", "largest workbook that may be uploaded, in MiB"),
    Setting("PORTAL_HASHING", "strong", "strong, or fast: weak password hashes, for tests on throw-away data only"),
)
_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}
_KEY_CHARACTERS = 32


@dataclass(frozen=True)
class Settings:
    """The settings of one process, checked. Sizes in bytes, times in minutes."""

    database: str
    secret_key: str = field(repr=False)
    today: date | None = None
    language: str = "vi"
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 6
    idle_minutes: int = 15
    https: bool = False
    upload_bytes: int = 16 * 1024 * 1024
    hashing: str = "strong"
    law: str = ""
    province: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """The settings as the environment gives them, absent or empty ones by their default.

        Raises:
            SettingError: with a sentence, for the first value that cannot be.
        """
        given = os.environ if environ is None else environ
        values = {name: given.get(name, "").strip() or default for name, default in _DEFAULTS.items()}
        database = _database(values["PORTAL_DATABASE"])
        return cls(
            database=database,
            secret_key=_secret_key(values["PORTAL_SECRET_KEY"], database),
            today=_date(values["PORTAL_TODAY"]),
            language=_choice("PORTAL_LANGUAGE", values, ("vi", "en")),
            host=values["PORTAL_HOST"],
            port=_number("PORTAL_PORT", values, 0, 65535),
            threads=_number("PORTAL_THREADS", values, 1, 64),
            idle_minutes=_number("PORTAL_IDLE_MINUTES", values, 1, 24 * 60),
            https=_choice("PORTAL_HTTPS", values, ("yes", "no")) == "yes",
            upload_bytes=_number("PORTAL_UPLOAD_MB", values, 1, 512) * 1024 * 1024,
            hashing=_choice("PORTAL_HASHING", values, ("strong", "fast")),
            law=_folder("PORTAL_LAW", values),
            province=values["PORTAL_PROVINCE"],
        )


def law_from_env(environ: Mapping[str, str] | None = None) -> tuple[str, str]:
    """The office's folder of decrees and its province, for a command that needs no database.

    Raises:
        SettingError: where there is no such folder.
    """
    given = os.environ if environ is None else environ
    values = {name: given.get(name, "").strip() for name in ("PORTAL_LAW", "PORTAL_PROVINCE")}
    return _folder("PORTAL_LAW", values), values["PORTAL_PROVINCE"]


def sqlite_path(url: str) -> Path | None:
    """The file of a `sqlite:///` address, None for another kind of database."""
    prefix = "sqlite:///"
    return Path(url[len(prefix) :]) if url.startswith(prefix) else None


def _database(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme == "sqlite":
        path = sqlite_path(value)
        if path is None or path.name in ("", ":memory:"):
            raise SettingError(
                f"PORTAL_DATABASE is {value!r}: a SQLite database is written sqlite:///PATH, with three slashes and a file name."
            )
        if path.is_dir():
            raise SettingError(f"PORTAL_DATABASE is {value!r}: that path is a folder, not a file.")
        return value
    if parts.scheme in ("postgresql", "postgres"):
        if not parts.hostname or not parts.path.strip("/"):
            raise SettingError("PORTAL_DATABASE names PostgreSQL but not its host and database: postgresql://USER:PASSWORD@HOST/NAME.")
        return value
    raise SettingError(f"PORTAL_DATABASE starts with {parts.scheme!r}: use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.")


def _secret_key(value: str, database: str) -> str:
    if value:
        if len(value) < _KEY_CHARACTERS:
            raise SettingError(f"PORTAL_SECRET_KEY has {len(value)} characters: it needs {_KEY_CHARACTERS} or more.")
        return value
    path = sqlite_path(database)
    if path is None:
        raise SettingError("PORTAL_SECRET_KEY is not set: with PostgreSQL every process needs the same one, so it has to be given.")
    keeper = path.with_name(path.name + ".key")
    try:
        keeper.parent.mkdir(parents=True, exist_ok=True)
        return _kept_key(keeper)
    except OSError as error:
        raise SettingError(
            f"The secret key cannot be kept at {keeper}: {error.strerror}. Set PORTAL_SECRET_KEY or PORTAL_DATABASE."
        ) from error


def _kept_key(keeper: Path) -> str:
    if not keeper.exists():
        # Written whole before it gets its name, so that of two processes starting together both read the same key.
        handle, draft = tempfile.mkstemp(dir=keeper.parent, prefix=keeper.name)  # readable by its owner alone
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        with suppress(FileExistsError):
            keeper.hardlink_to(draft)
        Path(draft).unlink()
    kept = keeper.read_text(encoding="ascii").strip()
    if len(kept) < _KEY_CHARACTERS:
        raise SettingError(f"The secret key kept at {keeper} is damaged: remove the file, and everyone signs in again.")
    return kept


def _date(value: str) -> date | None:
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise SettingError(f"PORTAL_TODAY is {value!r}: write a date as YYYY-MM-DD, for example 2024-10-05.")
    return day


def _number(name: str, values: Mapping[str, str], least: int, most: int) -> int:
    value = values[name]
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise SettingError(f"{name} is {value!r}: it has to be a whole number from {least} to {most}.")
    return int(value)


def _folder(name: str, values: Mapping[str, str]) -> str:
    if values[name] and not Path(values[name]).is_dir():
        raise SettingError(f"{name} is {values[name]!r}: there is no such folder.")
    return values[name]


def _choice(name: str, values: Mapping[str, str], choices: tuple[str, ...]) -> str:
    value = values[name].lower()
    if value not in choices:
        raise SettingError(f"{name} is {value!r}: it has to be {' or '.join(choices)}.")
    return value
