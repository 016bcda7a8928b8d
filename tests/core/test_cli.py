"""What the commands say when there is no database to work on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import create_database, drop_database
from webapp.core.embedded import EmbeddedPostgres

BOTTEGA = [sys.executable, "-m", "webapp.cli"]


def say(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {
        **os.environ,
        "DATABASE_URL": url,
        "GOLD_DATABASE_URL": url,
        "BOTTEGA_ENV": "test",
        "SECRET_KEY": "s",
        "SECURITY_PASSWORD_SALT": "s",
    }
    return subprocess.run([*BOTTEGA, *words], env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", [("sales", "imports"), ("sales", "quarantine", "list")])
def test_a_command_on_an_empty_database_says_what_to_do(server: EmbeddedPostgres, words: tuple[str, ...]) -> None:
    try:
        done = say(create_database(server, "unprepared"), *words)
    finally:
        drop_database(server, "unprepared")
    assert (done.returncode, done.stdout) == (2, "")
    assert "run `bottega db upgrade` first" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words", [("db", "init"), ("etl", "status"), ("gold", "query", "orders"), ("sales", "imports")]
)
def test_a_command_without_a_server_says_so(words: tuple[str, ...]) -> None:
    done = say("postgresql://somebody:s3cret@127.0.0.1:1/none", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("The database does not answer: ")
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stderr
