"""`/healthz` says that the process lives; `/readyz`, `bottega check` and `bottega migrate` say what is missing, in words."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.conftest import create_database, drop_database
from webapp.app import create_app
from webapp.core import going_live
from webapp.core.db import db
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.settings import Settings

NOWHERE = "postgresql+psycopg2://b:p@127.0.0.1:1/nowhere"
Make = Callable[..., Flask]


@pytest.fixture
def make(fresh_settings: Settings) -> Iterator[Make]:
    made: list[Flask] = []

    def build(**changes: Any) -> Flask:
        app = create_app(replace(fresh_settings, **changes))
        made.append(app)
        return app

    yield build
    for app in made:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def words_of(app: Flask) -> dict[str, str]:
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    return {check["name"]: check["words"] for check in answer.get_json()["checks"] if not check["ok"]}


def test_all_is_ready_when_all_is_there(make: Make) -> None:
    answer = make().test_client().get("/readyz")
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert {check["name"] for check in answer.json["checks"]} >= {
        "database",
        "gold database",
        "broker",
        "disk",
        "migrations",
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_process_without_databases_lives_but_is_not_ready(make: Make) -> None:
    app = make(database_url=NOWHERE)
    assert app.test_client().get("/healthz").status_code == 200
    words = words_of(app)
    assert "does not answer" in words["database"]
    assert "gold database" not in words


def test_the_broker_that_is_down_is_named(make: Make) -> None:
    began = time.monotonic()
    words = words_of(make(broker_url="amqp://suite:hunter22@127.0.0.1:1//"))
    assert "BROKER_URL" in words["broker"]
    assert "hunter22" not in words["broker"]
    assert time.monotonic() - began < 8


def test_missing_migrations_are_named_with_what_to_do(make: Make, server: EmbeddedPostgres) -> None:
    try:
        words = words_of(make(database_url=create_database(server, "empty_one")))
        assert "bottega migrate" in words["migrations"]
    finally:
        drop_database(server, "empty_one")


def test_migrate_waits_for_a_database_that_comes_later_then_applies_and_checks(
    make: Make, server: EmbeddedPostgres
) -> None:
    app = make(database_url=server.url("late_one"))
    comer = threading.Timer(2.0, create_database, (server, "late_one"))
    comer.start()
    try:
        result = app.test_cli_runner().invoke(args=["migrate", "--wait", "30"])
        comer.join()
        assert result.exit_code == 0, result.output
        assert "waiting: the database (DATABASE_URL) does not answer" in result.stderr
        assert "The databases are as this version needs them." in result.output
        assert "Nothing to apply." in app.test_cli_runner().invoke(args=["migrate"]).output
    finally:
        comer.join()
        with app.app_context():
            db.engine.dispose()
        drop_database(server, "late_one")


def test_migrate_gives_up_at_its_bound_with_a_sentence(make: Make) -> None:
    began = time.monotonic()
    result = make(gold_database_url=NOWHERE).test_cli_runner().invoke(args=["migrate", "--wait", "1"])
    assert result.exit_code == 2
    assert "GOLD_DATABASE_URL" in result.stderr
    assert "waited 1 s" in result.stderr
    assert time.monotonic() - began < 10


def test_two_migrations_do_not_run_at_once(make: Make, fresh_settings: Settings) -> None:
    app = make()
    with app.app_context(), db.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:key)"), {"key": going_live.LOCK})
        result = app.test_cli_runner().invoke(args=["migrate", "--wait", "1"])
        other.invalidate()  # its process dies
    assert result.exit_code == 2
    assert "another `bottega migrate` is at work" in result.stderr
    assert app.test_cli_runner().invoke(args=["migrate", "--wait", "1"]).exit_code == 0


def test_a_host_that_is_not_ours_is_refused_and_health_checks_are_not(make: Make) -> None:
    browser = make(allowed_hosts=("suite.client.it",)).test_client()
    assert browser.get("/login", headers={"Host": "suite.client.it"}).status_code == 200
    assert browser.get("/healthz", headers={"Host": "127.0.0.1:8000"}).status_code == 200
    refused = browser.get("/login", headers={"Host": "evil.example"})
    assert refused.status_code == 400
    assert "evil" not in refused.text


def test_check_says_everything_that_is_wrong_before_going_on_line(make: Make) -> None:
    result = make().test_cli_runner().invoke(args=["check", "--deploy"])
    assert result.exit_code == 1
    for line in (
        "WRONG secrets: BOTTEGA_ENV is test",
        "WRONG hosts: PUBLIC_URL is missing",
        "WRONG TLS: PUBLIC_URL does not begin with https://",
        "WRONG mail: MAIL_URL is missing",
        "WRONG backups: BACKUP_FOLDER is missing",
        "ok    database: PostgreSQL ",
    ):
        assert line in result.output, result.output
    assert "WRONG traffic: TRAFFIC_LOGS is missing" in result.output
    assert "6 things are wrong" in result.stderr or "7 things are wrong" in result.stderr


def test_check_believes_only_backups_that_are_fresh_and_not_empty(make: Make, tmp_path: Path) -> None:
    app = make(backup_folder=tmp_path)

    def verdict() -> str:
        output = app.test_cli_runner().invoke(args=["check", "--deploy"]).output
        return next(line for line in output.splitlines() if "backups:" in line)

    assert "there is no backup" in verdict()
    (tmp_path / "media/originals").mkdir(parents=True)
    (tmp_path / "media/originals/picture").write_text("an image is no backup of the database")
    assert "there is no backup" in verdict()
    backup = tmp_path / "bottega.dump"
    backup.touch()
    assert "is empty" in verdict()
    backup.write_text("PGDMP")
    assert verdict().startswith("ok")
    old = time.time() - 48 * 3600

    os.utime(backup, (old, old))
    assert "48 hours old" in verdict()


def test_check_says_that_nobody_answers_at_the_public_address(make: Make) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = make(public_url=f"https://127.0.0.1:{port}", mail_url="smtp://127.0.0.1:1", mail_from="a@b.it")
    output = app.test_cli_runner().invoke(args=["check", "--deploy"]).output
    assert "does not answer" in next(line for line in output.splitlines() if "TLS:" in line)
    assert "cannot be used" in next(line for line in output.splitlines() if "mail:" in line)


def test_check_without_deploy_exits_with_0_where_all_is_there(make: Make) -> None:
    result = make().test_cli_runner().invoke(args=["check"])
    assert result.exit_code == 0, result.output
    assert "Nothing is wrong." in result.output


def test_static_files_are_laid_out_and_old_ones_go_after_a_month(make: Make, tmp_path: Path) -> None:

    (tmp_path / "dist").mkdir()
    for name, age in (("yesterday.js", 1), ("ancient.js", 40)):
        (tmp_path / "dist" / name).touch()
        os.utime(tmp_path / "dist" / name, (time.time() - age * 86400,) * 2)
    result = make().test_cli_runner().invoke(args=["static", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "dist" / "core.js").stat().st_size > 1000
    assert (tmp_path / "dist" / "yesterday.js").exists()
    assert not (tmp_path / "dist" / "ancient.js").exists()
    assert not (tmp_path / "src").exists()
