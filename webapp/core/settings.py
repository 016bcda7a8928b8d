"""The settings of the application: read once from the environment, validated, frozen."""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import available_timezones

from flask import current_app
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PROJECT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ("development", "test", "production")
REGISTRATIONS = ("closed", "invitation", "open")
WEAK_SECRETS = frozenset({"secret", "changeme", "change-me", "dev", "development", "password", "bottega"})
SECRET_LENGTH = 32
BROKERS = ("filesystem", "amqp", "amqps", "redis", "rediss")
FILES = (
    "SECRET_KEY", "SECURITY_PASSWORD_SALT", "DATABASE_URL", "GOLD_DATABASE_URL", "BROKER_URL", "MAIL_URL",
    "DATABASE_PASSWORD", "GOLD_DATABASE_PASSWORD", "BROKER_PASSWORD", "MAIL_PASSWORD",
)  # fmt: skip
LARGEST_SECRET = 4096
# Those of Chrome, Edge, Firefox and Safari, and of the browsers made of them.
PUSH_SERVICES = ("googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com")


class SettingsError(Exception):
    """The environment does not describe a working installation; the message lists every reason."""


@dataclass(frozen=True)
class Settings:
    """What differs between installations. URLs are SQLAlchemy URLs of PostgreSQL 15 or later."""

    environment: str
    secret_key: str
    password_salt: str
    instance: Path
    database_url: str | None
    gold_database_url: str | None
    host: str
    port: int
    workers: int
    threads: int
    trusted_proxies: int
    hsts_seconds: int
    session_idle_minutes: int
    session_hours: int
    upload_megabytes: int
    broker_url: str
    worker_processes: int
    task_megabytes: int
    task_lease: int
    mail_url: str | None
    mail_from: str
    public_url: str
    registration: str
    log_level: str
    log_format: str = "line"
    allowed_hosts: tuple[str, ...] = ()
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    otlp_endpoint: str = ""
    backup_folder: Path | None = None
    template_folder: Path | None = None
    media_folder: Path | None = None
    heart_folder: Path | None = None
    reload: bool = False
    public_projects: bool = False
    page_cache_megabytes: int = 0
    access_log: bool = False
    request_log: bool = False
    traffic_logs: tuple[str, ...] = ()
    traffic_days: int = 760
    traffic_vault_days: int = 7
    traffic_anonymize: int = 1
    traffic_countries: Path | None = None
    traffic_secret_names: tuple[str, ...] = ()
    traffic_log_zone: str = ""
    traffic_certificate: str = ""
    consent_months: int = 60
    push_services: tuple[str, ...] = ()
    push_local: bool = False
    release: str = ""
    in_files: frozenset[str] = frozenset()

    @property
    def embedded(self) -> bool:
        """Whether the databases are the embedded ones under `instance`."""
        return self.database_url is None

    @property
    def secure_cookies(self) -> bool:
        """Cookies travel over TLS only, except on a developer's machine."""
        return self.environment == "production"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value, those inside addresses too: no line of the log may show one."""
        urls = (self.database_url, self.gold_database_url, self.broker_url, self.mail_url)
        values = {self.secret_key, self.password_salt}
        for password in (urlsplit(url).password for url in urls if url):
            values |= {password or "", unquote(password or "")}
        return tuple(sorted((value for value in values if len(value) >= 6), key=len, reverse=True))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read and validate `environ`. Raises SettingsError naming every variable that is wrong."""
        reader = _Reader(environ)
        environ = reader.environ
        environment = reader.choice("BOTTEGA_ENV", "development", ENVIRONMENTS)
        instance = Path(environ.get("BOTTEGA_INSTANCE") or PROJECT / "instance").expanduser().resolve()
        database_url = reader.database("DATABASE_URL")
        gold_database_url = reader.database("GOLD_DATABASE_URL")
        if (database_url is None) != (gold_database_url is None):
            reader.problem(
                "DATABASE_URL and GOLD_DATABASE_URL go together: set both, or neither for the embedded server"
            )
        if environment == "production" and database_url is None:
            reader.problem("DATABASE_URL is missing: production does not run on the embedded database")
        secret_key = reader.secret("SECRET_KEY", environment, instance)
        password_salt = reader.secret("SECURITY_PASSWORD_SALT", environment, instance)
        public_url = reader.site("PUBLIC_URL", environment)
        settings = cls(
            environment=environment,
            secret_key=secret_key,
            password_salt=password_salt,
            instance=instance,
            database_url=database_url,
            gold_database_url=gold_database_url,
            host=environ.get("HOST") or "127.0.0.1",
            port=reader.number("PORT", 8000, 1, 65535),
            workers=reader.number("WEB_WORKERS", 2, 1, 64),
            threads=reader.number("WEB_THREADS", 4, 1, 64),
            trusted_proxies=reader.number("TRUSTED_PROXIES", 0, 0, 5),
            hsts_seconds=reader.number("HSTS_SECONDS", 0, 0, 63_072_000),
            session_idle_minutes=reader.number("SESSION_IDLE_MINUTES", 480, 5, 43_200),
            session_hours=reader.number("SESSION_HOURS", 336, 1, 8760),
            upload_megabytes=reader.number("UPLOAD_MEGABYTES", 200, 1, 4096),
            broker_url=reader.broker("BROKER_URL"),
            worker_processes=reader.number("WORKER_PROCESSES", 2, 1, 64),
            task_megabytes=reader.number("TASK_MEGABYTES", 2048, 256, 1048576),
            task_lease=reader.number("TASK_LEASE", 30, 3, 3600),
            mail_url=reader.mail("MAIL_URL"),
            mail_from=environ.get("MAIL_FROM") or "",
            public_url=public_url,
            registration=reader.choice("REGISTRATION", "invitation", REGISTRATIONS),
            log_level=reader.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
            log_format=reader.choice("LOG_FORMAT", "line", ("line", "json")),
            allowed_hosts=reader.hosts("ALLOWED_HOSTS", public_url if environ.get("PUBLIC_URL") else ""),
            metrics_host=environ.get("METRICS_HOST") or "127.0.0.1",
            metrics_port=reader.number("METRICS_PORT", 0, 0, 65534),
            otlp_endpoint=reader.address("OTEL_EXPORTER_OTLP_ENDPOINT"),
            backup_folder=Path(environ["BACKUP_FOLDER"]) if environ.get("BACKUP_FOLDER") else None,
            template_folder=reader.folder("TEMPLATE_FOLDER"),
            media_folder=Path(environ["MEDIA_FOLDER"]) if environ.get("MEDIA_FOLDER") else None,
            heart_folder=Path(environ["BOTTEGA_HEARTS"]) if environ.get("BOTTEGA_HEARTS") else None,
            reload=bool(reader.number("WEB_RELOAD", 0, 0, 1)),
            page_cache_megabytes=reader.number("PAGE_CACHE_MEGABYTES", 0 if environment == "test" else 32, 0, 1024),
            public_projects=bool(reader.number("WORKSPACES_PUBLIC", 0, 0, 1)),
            access_log=reader.access_log("ACCESS_LOG", environment),
            request_log=reader.choice("REQUEST_LOG", "off" if environment == "test" else "on", ("on", "off")) == "on",
            traffic_logs=_parts(environ.get("TRAFFIC_LOGS")),
            traffic_days=reader.number("TRAFFIC_DAYS", 760, 1, 36_500),
            traffic_vault_days=reader.number("TRAFFIC_VAULT_DAYS", 7, 1, 90),
            traffic_anonymize=reader.number("TRAFFIC_ANONYMIZE", 1, 1, 3),
            traffic_countries=Path(environ["TRAFFIC_COUNTRIES"]) if environ.get("TRAFFIC_COUNTRIES") else None,
            traffic_secret_names=_parts(environ.get("TRAFFIC_SECRET_NAMES")),
            traffic_log_zone=reader.zone("TRAFFIC_LOG_ZONE"),
            traffic_certificate=environ.get("TRAFFIC_CERTIFICATE") or "",
            consent_months=reader.number("CONSENT_MONTHS", 60, 6, 240),
            push_services=_parts(environ.get("PUSH_SERVICES")) or PUSH_SERVICES,
            push_local=bool(reader.number("PUSH_LOCAL", 0, 0, 0 if environment == "production" else 1)),
            release=environ.get("BOTTEGA_VERSION") or _own_version(),
            in_files=reader.in_files,
        )
        reader.refuse()
        return settings


def _parts(text: str | None) -> tuple[str, ...]:
    """What stands between the commas."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _own_version() -> str:
    """The version that the project gives itself, where no image says one."""
    file = PROJECT / "pyproject.toml"
    return str(tomllib.loads(file.read_text())["project"]["version"]) if file.is_file() else ""


def house_settings() -> Settings:
    """The settings of the current application."""
    settings: Settings = current_app.extensions["settings"]
    return settings


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self.in_files: frozenset[str] = frozenset()
        self.environ = self._with_files(environ)

    def _with_files(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The environment with the content of the file that `<NAME>_FILE` names as NAME; a value beside it is refused."""
        whole = dict(environ)
        read = set()
        for name in FILES:
            path = environ.get(f"{name}_FILE")
            if not path:
                continue
            if environ.get(name):
                self.problem(f"{name} and {name}_FILE are both set: keep one of them")
            try:
                whole[name] = Path(path).read_text("utf-8")[:LARGEST_SECRET].strip()
            except (OSError, UnicodeDecodeError) as error:
                self.problem(f"{name}_FILE: {path} cannot be read ({getattr(error, 'strerror', None) or error})")
            else:
                read.add(name)
                if not whole[name]:
                    self.problem(f"{name}_FILE: {path} is empty")
        self.in_files = frozenset(read)
        return whole

    def _with_password(self, name: str, text: str) -> str:
        """An address with the password that stands apart from it, as in a file of its own."""
        password = self.environ.get(name.replace("_URL", "_PASSWORD"))
        before, mark, rest = text.partition("://")
        user, at, place = rest.rpartition("@")
        if not password:
            return text
        if not at or ":" in user:
            self.problem(f"{name} must name a user and no password, since {name.replace('_URL', '_PASSWORD')} is set")
            return text
        return f"{before}{mark}{user}:{quote(password, safe='')}@{place}"

    def address(self, name: str) -> str:
        """An http(s) address, "" for none."""
        text = (self.environ.get(name) or "").rstrip("/")
        try:
            right = not text or (urlsplit(text).scheme in ("http", "https") and urlsplit(text).hostname)
        except ValueError:
            right = False
        if not right:
            self.problem(f"{name} is {text!r}; write an address like https://suite.example.com")
            return ""
        return text

    def folder(self, name: str) -> Path | None:
        """A folder that is there, None for none."""
        text = self.environ.get(name)
        if not text:
            return None
        folder = Path(text).expanduser().resolve()
        if not folder.is_dir():
            self.problem(f"{name} is {text!r}; that is no folder")
        elif folder.is_relative_to(PROJECT / "webapp"):
            self.problem(f"{name} is {text!r}; choose a folder outside of the package, an update would overwrite it")
        return folder

    def zone(self, name: str) -> str:
        """A time zone, "" for none."""
        text = self.environ.get(name) or ""
        if text and text not in available_timezones():
            self.problem(f"{name} is {text!r}; write a time zone like Europe/Rome or UTC")
            return ""
        return text

    def hosts(self, name: str, public_url: str) -> tuple[str, ...]:
        """The host names that are answered to; that of the public address where none is named."""
        named = tuple(host.strip() for host in (self.environ.get(name) or "").split(",") if host.strip())
        return named or ((urlsplit(public_url).hostname or "",) if public_url else ())

    def problem(self, sentence: str) -> None:
        self.problems.append(sentence)

    def refuse(self) -> None:
        if self.problems:
            raise SettingsError("Bottega cannot start:\n" + "\n".join(f"  - {p}" for p in self.problems))

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.environ.get(name) or default
        if value not in allowed:
            self.problem(f"{name} is {value!r}; it must be one of {', '.join(allowed)}")
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        text = self.environ.get(name) or str(default)
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            self.problem(f"{name} is {text!r}; it must be a whole number from {least} to {most}")
            return default
        return int(text)

    def access_log(self, name: str, environment: str) -> bool:
        """Whether the application writes a line for each request itself: where no proxy stands before it to do that."""
        value = self.choice(name, "auto", ("auto", "on", "off"))
        if value != "auto":
            return value == "on"
        return environment != "test" and (self.environ.get("TRUSTED_PROXIES") or "0") == "0"

    def database(self, name: str) -> str | None:
        text = self.environ.get(name)
        if not text:
            return None
        text = self._with_password(name, text)
        try:
            url = make_url(text)
        except (ArgumentError, ValueError):  # the second for a port that is no number
            self.problem(f"{name} is not a database URL; write postgresql://user:password@host/name")
            return None
        if url.get_backend_name() not in ("postgresql", "postgres"):
            self.problem(f"{name} names {url.get_backend_name()}; Bottega speaks PostgreSQL only")
            return None
        return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)

    def broker(self, name: str) -> str:
        text = self.environ.get(name) or "filesystem://"
        if text.partition("://")[0] not in BROKERS:
            self.problem(
                f"{name} begins with {text.partition(':')[0]!r}; it must begin with one of "
                f"{', '.join(f'{scheme}://' for scheme in BROKERS)}"
            )
        return self._with_password(name, text)

    def mail(self, name: str) -> str | None:
        text = self.environ.get(name)
        if not text:
            return None
        try:
            parts = urlsplit(text)
            right = parts.scheme in ("smtp", "smtps") and parts.hostname and (parts.port or 25)
        except ValueError:  # a port that is no number
            right = False
        if not right:
            self.problem(f"{name} is not a mail server; write smtp://user:password@host:587 or smtps://…:465")
        return self._with_password(name, text)

    def site(self, name: str, environment: str) -> str:
        """Where people reach the site, without a slash at the end."""
        text = (self.environ.get(name) or "").rstrip("/")
        if not text:
            if environment == "production" and self.environ.get("MAIL_URL"):
                self.problem(f"{name} is missing: links in mails begin with it, as in https://suite.company.it")
            host = self.environ.get("HOST") or "127.0.0.1"
            host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - listening everywhere is no address
            return f"http://{host}:{self.environ.get('PORT') or 8000}"
        try:
            parts = urlsplit(text)
            plain = not (parts.query or parts.fragment or parts.username)
            right = plain and parts.scheme in ("http", "https") and parts.hostname and (parts.port or 80)
        except ValueError:  # a port that is no number
            right = False
        if not right:
            self.problem(f"{name} is not the address of a site; write https://suite.company.it")
        return text

    def secret(self, name: str, environment: str, instance: Path) -> str:
        value = self.environ.get(name) or ""
        if environment != "production" and not value:
            return self.kept(name, instance)
        if not value:
            self.problem(
                f"{name} is missing; make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        elif environment == "production" and (
            len(value) < SECRET_LENGTH or len(set(value)) < 10 or value.lower() in WEAK_SECRETS
        ):
            self.problem(f"{name} is weak; it needs {SECRET_LENGTH} random characters or more")
        return value

    def kept(self, name: str, instance: Path) -> str:
        try:
            return _kept_secret(instance, name)
        except OSError as error:
            self.problem(
                f"{name} cannot be kept in {instance} ({error.strerror}); BOTTEGA_INSTANCE names a folder to write in"
            )
            return ""


def _kept_secret(instance: Path, name: str) -> str:
    """A developer's secret, made on first use and kept, so that a restart does not sign everybody out."""
    path = instance / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(fresh)  # two first starts at once keep the same secret
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()
