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
