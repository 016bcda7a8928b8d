"""The settings refuse an environment that does not describe a working installation, and say all that is wrong."""

from pathlib import Path

import pytest

from webapp.core.settings import Settings, SettingsError

PRODUCTION = {
    "BOTTEGA_ENV": "production",
    "DATABASE_URL": "postgresql://b:p@db/bottega",
    "GOLD_DATABASE_URL": "postgres://b:p@db/gold",
    "SECRET_KEY": "k2J9-vQ8xLmZ4rT7wYb1NcE5sGhUo3Ap",
    "SECURITY_PASSWORD_SALT": "Zx81-qWm4KpLr7TvYb2NcE5sGhUo3AdF",
}


def test_a_bare_machine_needs_no_setting_and_keeps_its_secret(tmp_path: Path) -> None:
    environ = {"BOTTEGA_INSTANCE": str(tmp_path)}
    first, second = Settings.from_environment(environ), Settings.from_environment(environ)
    assert first.embedded
    assert first == second
    assert len(first.secret_key) >= 32
    assert (tmp_path / "secrets" / "SECRET_KEY").stat().st_mode & 0o077 == 0


def test_production_takes_any_spelling_of_a_postgresql_url() -> None:
    settings = Settings.from_environment(PRODUCTION)
    assert settings.database_url == "postgresql+psycopg2://b:p@db/bottega"
    assert settings.gold_database_url == "postgresql+psycopg2://b:p@db/gold"
    assert not settings.embedded
    assert settings.secure_cookies


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECURITY_PASSWORD_SALT"])
@pytest.mark.parametrize("value", ["", "short", "a" * 64, "changeme"])
def test_production_refuses_a_missing_or_weak_secret(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**PRODUCTION, name: value})


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment(
            {"BOTTEGA_ENV": "production", "PORT": "http", "LOG_LEVEL": "loud", "DATABASE_URL": "mysql://x/y"}
        )
    for name in ("DATABASE_URL", "SECRET_KEY", "SECURITY_PASSWORD_SALT", "PORT", "LOG_LEVEL"):
        assert name in str(refusal.value)


def test_one_database_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="go together"):
        Settings.from_environment({"BOTTEGA_INSTANCE": str(tmp_path), "DATABASE_URL": "postgresql://x/y"})


def test_production_does_not_run_on_the_embedded_database(tmp_path: Path) -> None:
    environ = {k: v for k, v in PRODUCTION.items() if not k.endswith("DATABASE_URL")}
    with pytest.raises(SettingsError, match="embedded"):
        Settings.from_environment({**environ, "BOTTEGA_INSTANCE": str(tmp_path)})


def test_a_port_that_is_no_number_is_told(tmp_path: Path) -> None:
    url = "postgresql://b:p@db:main/bottega"
    with pytest.raises(SettingsError, match="DATABASE_URL is not a database URL"):
        Settings.from_environment(
            {"BOTTEGA_INSTANCE": str(tmp_path), "DATABASE_URL": url, "GOLD_DATABASE_URL": PRODUCTION["DATABASE_URL"]}
        )


def test_an_instance_that_cannot_be_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"BOTTEGA_INSTANCE names a folder"):
        Settings.from_environment({"BOTTEGA_INSTANCE": str(tmp_path / "file")})


@pytest.mark.parametrize(
    "url", ["filesystem://", "amqp://b:p@rabbit//", "amqps://rabbit", "redis://r:6379/0", "rediss://r"]
)
def test_each_broker_that_the_workers_know_is_taken(tmp_path: Path, url: str) -> None:
    settings = Settings.from_environment({"BOTTEGA_INSTANCE": str(tmp_path), "BROKER_URL": url})
    assert settings.broker_url == url


@pytest.mark.parametrize("url", ["sqs://queue", "localhost:5672", "rabbit", "http://rabbit"])
def test_another_broker_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match=r"BROKER_URL begins with .*amqp://"):
        Settings.from_environment({"BOTTEGA_INSTANCE": str(tmp_path), "BROKER_URL": url})


@pytest.mark.parametrize(
    "url", ["smtp://mail.client.it", "smtps://u%40c.it:p%3A@mail.client.it:465", "smtp://[::1]:25"]
)
def test_a_mail_server_is_taken_as_written(tmp_path: Path, url: str) -> None:
    settings = Settings.from_environment({"BOTTEGA_INSTANCE": str(tmp_path), "MAIL_URL": url, "MAIL_FROM": "a@c.it"})
    assert (settings.mail_url, settings.mail_from) == (url, "a@c.it")


@pytest.mark.parametrize(
    "url", ["mail.client.it", "http://mail.client.it", "smtp://", "smtp://h:port", "smtp://h:99999"]
)
def test_a_mail_server_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="MAIL_URL is not a mail server"):
        Settings.from_environment({"BOTTEGA_INSTANCE": str(tmp_path), "MAIL_URL": url})


@pytest.mark.parametrize(
    ("name", "value"), [("WORKER_PROCESSES", "0"), ("TASK_MEGABYTES", "16"), ("TASK_MEGABYTES", "2 GB")]
)
def test_a_worker_without_processes_or_memory_is_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is {value!r}"):
        Settings.from_environment({"BOTTEGA_INSTANCE": str(tmp_path), name: value})


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"HOST": "::", "PORT": "8204"}, "http://127.0.0.1:8204"),
        ({"PUBLIC_URL": "https://suite.company.it/"}, "https://suite.company.it"),
        ({"PUBLIC_URL": "https://company.it/suite"}, "https://company.it/suite"),
    ],
)
def test_links_in_mails_begin_where_people_reach_the_site(
    tmp_path: Path, environment: dict[str, str], expected: str
) -> None:
    settings = Settings.from_environment({"BOTTEGA_INSTANCE": str(tmp_path), **environment})
    assert settings.public_url == expected


@pytest.mark.parametrize(
    "address", ["suite.company.it", "ftp://company.it", "https://", "https://a:b@company.it", "https://c.it/?x=1"]
)
def test_what_is_no_site_cannot_begin_a_link(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL is not the address of a site"):
        Settings.from_environment({"BOTTEGA_INSTANCE": str(tmp_path), "PUBLIC_URL": address})


def test_production_that_sends_mail_says_where_its_links_lead() -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL is missing"):
        Settings.from_environment({"BOTTEGA_ENV": "production", "MAIL_URL": "smtp://mail.company.it"})


def test_secrets_come_from_files_and_passwords_go_into_their_addresses(tmp_path: Path) -> None:
    files = {"SECRET_KEY": "k2J9-vQ8xLmZ4rT7wYb1NcE5sGhUo3Ap", "DATABASE_PASSWORD": "p@ss/word:1"}
    environ = {key: value for key, value in PRODUCTION.items() if key not in files}
    for name, value in files.items():
        (tmp_path / name).write_text(f"{value}\n")
        environ[f"{name}_FILE"] = str(tmp_path / name)
    settings = Settings.from_environment({**environ, "DATABASE_URL": "postgresql://b@db/bottega"})
    assert settings.secret_key == files["SECRET_KEY"]
    assert settings.database_url == "postgresql+psycopg2://b:p%40ss%2Fword%3A1@db/bottega"
    assert settings.in_files == set(files)
    assert {"p@ss/word:1", settings.secret_key} <= set(settings.secrets)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SECRET_KEY_FILE": "/nowhere/key"}, "both set"),
        ({"MAIL_URL_FILE": "/nowhere/mail"}, "/nowhere/mail cannot be read"),
        ({"DATABASE_PASSWORD": "x" * 20}, "a user and no password"),
        ({"PUBLIC_URL": "suite.client.it"}, "PUBLIC_URL"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
    ],
)
def test_what_contradicts_itself_is_refused(changes: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Settings.from_environment({**PRODUCTION, **changes})
