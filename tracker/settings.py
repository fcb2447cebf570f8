"""What can be set: in `tracker.toml` in the working directory, and by environment for what differs between machines.

    contact      how sites can reach who runs this: an address or URL that goes into the User-Agent
    language     Accept-Language of every request
    timeout      seconds for one request, redirects and body included
    max_bytes    the largest body kept, on the wire and after decompression
    delay        seconds between two requests to one host
    parallel     hosts that are asked at the same time
    publish_after  hours for which the site, its feeds and data, the live site and exports hold back what was seen;
                 alerts are held back never
    site_url     where the site will be published, for feeds and citations
    shortest     hours between two checks of a document that often changes
    longest      hours between two checks of a document that hardly ever does
    confirm      minutes after a change on AI at which it is looked at again, before anyone is alerted
    robots       obey robots.txt: true or false
    wayback_url  the archive of the web that `backfill` asks (or TRACKER_WAYBACK_URL)
    wayback_pace  how slowly it is asked: 1 keeps the Wayback Machine's limits, 2 is half as fast
    witness_pause  seconds between two requests that `witness` makes of it
    timestamp_url   an RFC 3161 authority that time-stamps the log's checkpoints; empty: none
    timestamp_root  the file with that authority's root certificate, in PEM
    smtp         the server that alerts are mailed through: smtp://user@host:587 (STARTTLS) or smtps://user@host
    mail_from    the address that alerts are mailed from
    alert        [[alert]] tables, one for each receiver: see `tracker/alerts/subscriptions.py`

Environment: TRACKER_ARCHIVE, TRACKER_DECLARATIONS, TRACKER_RULES, TRACKER_CONTACT, TRACKER_WAYBACK_URL,
TRACKER_WAYBACK_KEYS ("access:secret" of archive.org, for `witness`), TRACKER_ALLOW_LOOPBACK,
TRACKER_SMTP_PASSWORD, TRACKER_WEBHOOK_SECRET ("whsec_…", with which webhooks are signed); secrets may also stand in
`tracker.secrets.toml`, see `tracker/secrets.py`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from tracker import __version__
from tracker.errors import SettingsError

FILE = "tracker.toml"
PACKAGE = Path(__file__).parent


def bundled(name: str) -> Path:
    """The folder of data or templates that comes with the program, from a checkout or an installed package."""
    beside = PACKAGE.parent / name
    return beside if (PACKAGE.parent / "pyproject.toml").exists() and beside.exists() else PACKAGE / name


LEAST = {"parallel": 1, "max_bytes": 10_000, "timeout": 1, "shortest": 0.5, "longest": 1, "confirm": 1}
NAMES = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple: "[[alert]] tables",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults; the module's docstring says what each means."""

    contact: str = ""
    language: str = "en"
    timeout: float = 60.0
    max_bytes: int = 10 << 20
    delay: float = 1.0
    parallel: int = 8
    publish_after: float = 0.0
    site_url: str = ""
    shortest: float = 6.0
    longest: float = 24.0
    confirm: float = 20.0
    robots: bool = False
    wayback_url: str = "https://web.archive.org"
    wayback_pace: float = 1.0
    witness_pause: float = 9.0
    timestamp_url: str = ""
    timestamp_root: str = ""
    smtp: str = ""
    mail_from: str = ""
    alert: tuple[object, ...] = ()
    allow_loopback: bool = False

    @property
    def user_agent(self) -> str:
        """Who asks, honestly: the program, what it is for, and how to reach who runs it."""
        return f"tracker/{__version__} (terms of service change tracker; contact: {self.contact or 'not given'})"

    @property
    def embargo(self) -> timedelta:
        """For how long the public is not shown what was seen."""
        return timedelta(hours=self.publish_after)


def load(directory: Path = Path(), environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a working directory.

    Raises SettingsError for a file that is no TOML, an unknown key (with the nearest known one) or a wrong type.
    """
    path = directory / FILE
    found: dict[str, object] = {}
    if path.is_file():
        try:
            found = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"The settings cannot be read: {error}.", str(path), "Mend the file.") from error
    known = {item.name: type(item.default) for item in fields(Settings) if item.name != "allow_loopback"}
    if isinstance(found.get("alert"), list):
        found["alert"] = tuple(found["alert"])  # type: ignore[arg-type]
    for key, value in found.items():
        _check(key, value, known, str(path))
    for name in ("contact", "wayback_url"):
        if environment.get(f"TRACKER_{name.upper()}"):
            found[name] = environment[f"TRACKER_{name.upper()}"]
    return Settings(**found, allow_loopback=environment.get("TRACKER_ALLOW_LOOPBACK") == "1")  # type: ignore[arg-type]


def _check(key: str, value: object, known: Mapping[str, type], where: str) -> None:
    if key not in known:
        near = difflib.get_close_matches(key, known, 1)
        remedy = f"Did you mean `{near[0]}`?" if near else f"Known are: {', '.join(sorted(known))}."
        raise SettingsError(f"There is no setting `{key}`.", where, remedy)
    right = isinstance(value, known[key]) or (known[key] is float and isinstance(value, int))
    if not right or isinstance(value, bool) is not (known[key] is bool):
        raise SettingsError(f"`{key}` must be {NAMES[known[key]]}, not {value!r}.", where, "Mend the value.")
    if key == "smtp" and value:
        _check_smtp(str(value), where)
    if isinstance(value, int | float) and not isinstance(value, bool) and value < LEAST.get(key, 0):
        raise SettingsError(f"`{key}` cannot be less than {LEAST.get(key, 0)}.", where, "Mend the value.")
    if key in ("site_url", "wayback_url") and value and not str(value).startswith(("https://", "http://")):
        raise SettingsError(f"`{key}` must be an address such as https://example.org/terms/.", where, "Mend the value.")
    if isinstance(value, str) and not (value.isascii() and value.isprintable()):
        raise SettingsError(f"`{key}` goes into HTTP headers and must be plain ASCII.", where, "Mend the value.")


def _check_smtp(value: str, where: str) -> None:
    """Raises SettingsError for what is no address of a mail server, or holds a password; the value is not said."""
    try:
        parts = urlsplit(value)
        right, password = parts.scheme in ("smtp", "smtps") and parts.hostname and (parts.port or True), parts.password
    except ValueError:
        right, password = False, None
    if not right:
        raise SettingsError(
            "`smtp` must be an address such as smtps://user@mail.example.org.", where, "Mend the value."
        )
    if password:
        remedy = "Write TRACKER_SMTP_PASSWORD in the environment or in tracker.secrets.toml (chmod 600), and change it."
        raise SettingsError("`smtp` holds a password, which does not belong into this file.", where, remedy)
