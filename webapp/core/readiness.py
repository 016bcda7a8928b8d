"""What is wrong with an installation before it goes on line: each thing as a sentence that says what to do about it."""

from __future__ import annotations

import ctypes
import datetime as dt
import http.client
import smtplib
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from webapp.core.db import db
from webapp.core.health import Check, NotReady, Verdict, verdict_of
from webapp.core.settings import FILES, Settings

SECONDS = 8.0
OLDEST_BACKUP = dt.timedelta(hours=26)
LEAST_DAYS = 14
MOST_APART = 2.0  # seconds between two clocks
LEAST_PASSWORD = 16
HALF_A_YEAR = 15_552_000
TIME_ERROR = 5
ROOMS = "bottega_deployment_checks"
GUESSED = ("postgres", "bottega", "guest", "password", "changeme", "secret")


def check_deployment() -> Iterator[Verdict]:
    """Run the checks of an installation that goes on line; those of `/readyz` come apart from them."""
    settings: Settings = current_app.extensions["settings"]
    checks: dict[str, Callable[[Settings], str]] = {
        "secrets": check_secrets,
        "hosts": check_hosts,
        "TLS": check_tls,
        "mail": check_mail,
        "backups": check_backups,
        "clock": check_clock,
    }
    checks |= current_app.extensions.get(ROOMS, {})
    for name, check in checks.items():
        yield verdict_of(name, _on(check, settings))


def add_deployment_check(app: Flask, name: str, check: Callable[[Settings], str]) -> None:
    """Have a room's check run with those of an installation that goes on line; a room does so in its `setup`."""
    app.extensions.setdefault(ROOMS, {})[name] = check


def _on(check: Callable[[Settings], str], settings: Settings) -> Check:
    return lambda: check(settings)


def check_secrets(settings: Settings) -> str:
    """Production, with secrets that differ, from files that nobody else reads, and passwords that nobody guesses."""
    if settings.environment != "production":
        raise NotReady(f"BOTTEGA_ENV is {settings.environment}: set it to production, where weak secrets are refused")
    if settings.secret_key == settings.password_salt:
        raise NotReady("SECRET_KEY and SECURITY_PASSWORD_SALT are the same: make two")
    urls = {
        "DATABASE_URL": settings.database_url,
        "GOLD_DATABASE_URL": settings.gold_database_url,
        "BROKER_URL": settings.broker_url,
    }
    for name, url in urls.items():
        parts = urlsplit(url or "")
        if not parts.hostname:
            continue
        if not parts.password:
            raise NotReady(
                f"{name} has no password: give its server one, and set {name.replace('_URL', '_PASSWORD_FILE')}"
            )
        if parts.password.lower() in GUESSED or len(parts.password) < LEAST_PASSWORD:
            raise NotReady(f"the password of {name} can be guessed: take {LEAST_PASSWORD} random characters or more")
    bare = [name for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT") if name not in settings.in_files]
    if bare:
        raise NotReady(
            f"{' and '.join(bare)} lie in the environment, where every process sees them: name files by "
            f"{' and '.join(f'{name}_FILE' for name in bare)}"
        )
    return f"{len(settings.in_files)} of {len(FILES)} possible secrets come from files; none is weak"


def check_hosts(settings: Settings) -> str:
    """The suite knows its address, answers to no other, and believes exactly the proxies that are there."""
    if not settings.allowed_hosts:
        raise NotReady("PUBLIC_URL is missing: set the address that people type, as in https://suite.client.it")
    host = urlsplit(settings.public_url).hostname or ""
    if "*" in settings.allowed_hosts or host not in settings.allowed_hosts:
        raise NotReady(f"ALLOWED_HOSTS is {', '.join(settings.allowed_hosts)}: it must name {host}, and no *")
    if settings.trusted_proxies == 0:
        raise NotReady("TRUSTED_PROXIES is 0: behind nginx set it to 1, or everybody seems to come from nginx")
    return f"answers to {', '.join(settings.allowed_hosts)}"


def check_tls(settings: Settings) -> str:
    """The public address answers over TLS with a certificate that stays valid, sends HSTS, and plain HTTP leads there."""
    parts = urlsplit(settings.public_url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        raise NotReady("PUBLIC_URL does not begin with https://: get a certificate (docs/deployment.md) and change it")
    connection = http.client.HTTPSConnection(
        host, parts.port or 443, timeout=SECONDS, context=ssl.create_default_context()
    )
    try:
        connection.request("GET", "/login")
        answer = connection.getresponse()
        answer.read()
        certificate = connection.sock.getpeercert() if connection.sock else None
        ends = ssl.cert_time_to_seconds(str((certificate or {}).get("notAfter", ""))) if certificate else 0.0
    except ssl.SSLCertVerificationError as problem:
        raise NotReady(f"the certificate of {host} is refused ({problem.verify_message}): get a valid one") from None
    except (OSError, http.client.HTTPException) as problem:
        raise NotReady(f"{settings.public_url} does not answer ({problem}): is nginx up, does DNS lead here?") from None
    finally:
        connection.close()
    days = int((ends - time.time()) / 86400)
    if certificate and days < LEAST_DAYS:
        raise NotReady(f"the certificate of {host} ends in {days} days: its renewal does not work (certbot renew)")
    age = (answer.getheader("Strict-Transport-Security") or "").lower().partition("max-age=")[2].partition(";")[0]
    if not age.strip().isdigit() or int(age) < HALF_A_YEAR:
        raise NotReady(f"{host} sends no Strict-Transport-Security of half a year or more: use nginx/prod as it is")
    return f"{host} answers over TLS" + (f"; its certificate ends in {days} days" if certificate else "")


def check_mail(settings: Settings) -> str:
    """Mail can leave: the server takes our name and password. Nothing is sent."""
    if not settings.mail_url or not settings.mail_from:
        missing = "MAIL_URL" if not settings.mail_url else "MAIL_FROM"
        raise NotReady(f"{missing} is missing: nobody gets a mail, a forgotten password stays forgotten")
    parts = urlsplit(settings.mail_url)
    host = parts.hostname or ""
    tls = parts.scheme == "smtps"
    kind = smtplib.SMTP_SSL if tls else smtplib.SMTP
    try:
        with kind(host, parts.port or (465 if tls else 587 if parts.username else 25), timeout=SECONDS) as server:
            server.ehlo()
            if not tls and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            elif not tls and parts.username:
                raise NotReady(f"the mail server {host} offers no TLS: the password would travel in clear")
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.noop()
    except smtplib.SMTPAuthenticationError:
        raise NotReady(f"the mail server {host} refuses the user or the password of MAIL_URL") from None
    except (OSError, smtplib.SMTPException) as problem:
        raise NotReady(f"the mail server {host} cannot be used ({problem}): look at MAIL_URL") from None
    return f"the mail server {host} takes our sign-in; `bottega mail test` sends one"


def check_backups(settings: Settings) -> str:
    """A backup was made within the last day, and it is not empty."""
    folder = settings.backup_folder
    if folder is None:
        raise NotReady("BACKUP_FOLDER is missing: set the folder to which backups are written each night")
    newest = _newest(folder)
    if newest is None:
        raise NotReady(f"there is no backup in {folder}: set up the nightly one (docs/deployment.md)")
    path, at, size = newest
    if not size:
        raise NotReady(f"the newest backup {path} is empty: run the backup by hand and read what it says")
    age = dt.datetime.now(dt.UTC) - at
    if age > OLDEST_BACKUP:
        raise NotReady(
            f"the newest backup {path} is {age.days * 24 + age.seconds // 3600} hours old: the nightly one fails"
        )
    return f"the newest backup is {path.name}, {size / 2**20:.1f} MB"


def _newest(folder: Path) -> tuple[Path, dt.datetime, int] | None:
    """The newest file but for the images in `media`, which lie beside the dumps and have the age of their upload."""
    found = []
    with suppress(OSError):
        for path in folder.rglob("*"):
            if path.is_file() and path.relative_to(folder).parts[0] != "media":
                status = path.stat()
                found.append((path, dt.datetime.fromtimestamp(status.st_mtime, dt.UTC), status.st_size))
    return max(found, key=lambda each: each[1], default=None)


def check_clock(settings: Settings) -> str:  # noqa: ARG001 - as the others
    """This machine's clock agrees with the databases', and something keeps it right."""
    for bind in (None, "gold"):
        try:
            with db.engines[bind].connect() as connection:
                before = time.time()
                there = float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
                apart = there - (before + time.time()) / 2
        except DBAPIError:
            raise NotReady("the clocks cannot be compared: a database does not answer") from None
        if abs(apart) > MOST_APART:
            raise NotReady(
                f"the clock of the {bind or 'bottega'} database is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} "
                "this machine's: let both follow a time server (timedatectl set-ntp true)"
            )
    if _unsynchronised():
        raise NotReady("no time server keeps this machine's clock right: timedatectl set-ntp true, or install chrony")
    return "the clocks agree"


def _unsynchronised() -> bool:
    """What the kernel says of its clock; False where it cannot be asked."""
    if sys.platform != "linux":
        return False
    buffer = ctypes.create_string_buffer(512)  # struct timex, larger than it is anywhere; modes 0: only look
    with suppress(OSError, AttributeError):
        return bool(ctypes.CDLL(None).adjtimex(buffer) == TIME_ERROR)
    return False
