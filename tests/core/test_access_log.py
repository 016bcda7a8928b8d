"""Where no proxy stands before the application, it writes the lines that the proxy would: the same names, each once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from webapp.app import create_app
from webapp.core.db import db
from webapp.core.security import public
from webapp.core.settings import Settings


@contextmanager
def made(settings: Settings) -> Iterator[Flask]:
    """An application that lets go of the databases afterwards."""
    app = create_app(settings)
    try:
        yield app
    finally:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def sleeping(app: Flask) -> None:
    """A page at /sleep whose statements take 20 thousandths of a second, the last of them in vain."""

    @app.get("/sleep")
    @public
    def sleep() -> str:
        session = db.session()
        for statement in ("SELECT pg_sleep(0.01)", "DO 'BEGIN PERFORM pg_sleep(0.01); RAISE division_by_zero; END'"):
            try:
                session.execute(text(statement))
            except DBAPIError:
                session.rollback()
        return "awake"


@pytest.fixture
def written(settings: Settings, tmp_path: Path) -> Iterator[tuple[Flask, Path]]:
    with made(replace(settings, access_log=True, instance=tmp_path)) as app:
        yield app, tmp_path / "logs"


def lines(folder: Path) -> list[dict[str, str]]:
    [path] = folder.glob("access-*.jsonl")
    assert path.stat().st_mode & 0o077 == 0
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_answer_has_a_line_with_its_request_id_and_size(written: tuple[Flask, Path]) -> None:
    app, folder = written
    client = app.test_client()
    answer = client.get("/healthz?a=1&b=è", headers={"User-Agent": 'say "hi"', "Referer": "https://example.com/"})
    answer.close()
    client.get("/nothing/here").close()
    first, second = lines(folder)
    assert (first["method"], first["uri"], first["status"]) == ("GET", "/healthz", "200")
    assert first["query"].startswith("a=1&b=")
    assert first["request_id"] == answer.headers["X-Request-ID"]
    assert first["bytes"] == str(len(answer.data))
    assert (first["user_agent"], first["referrer"], first["address"]) == (
        'say "hi"',
        "https://example.com/",
        "127.0.0.1",
    )
    assert second["status"] == "404"
    assert all(isinstance(value, str) for value in first.values())


def test_the_names_are_those_of_our_nginx_in_their_order(written: tuple[Flask, Path]) -> None:
    app, folder = written
    app.test_client().get("/healthz").close()
    config = (Path(app.root_path).parent / "nginx/snippets/http.conf").read_text()
    names = list(lines(folder)[0])
    places = [config.index(f'"{name}":"') for name in names]
    assert places == sorted(places)
    assert len(names) == 23


def test_the_line_tells_the_seconds_of_the_databases_and_the_visitor_does_not(written: tuple[Flask, Path]) -> None:
    app, folder = written
    sleeping(app)
    client = app.test_client()
    for address in ("/sleep", "/static/dist/none.js"):
        answer = client.get(address)
        assert "X-Database-Seconds" not in answer.headers
        answer.close()
    asked, nothing = lines(folder)
    assert 0.02 <= float(asked["database_time"]) <= float(asked["request_time"]) + 0.001
    assert nothing["database_time"] == "0.000"


def test_behind_a_proxy_the_answer_tells_the_seconds_of_the_databases(settings: Settings) -> None:
    with made(replace(settings, trusted_proxies=1, access_log=False)) as behind:
        sleeping(behind)
        assert float(behind.test_client().get("/sleep").headers["X-Database-Seconds"]) >= 0.02
    with made(replace(settings, trusted_proxies=0, access_log=False)) as alone:
        assert "X-Database-Seconds" not in alone.test_client().get("/readyz").headers


def test_our_nginx_keeps_the_seconds_of_the_databases_to_itself(written: tuple[Flask, Path]) -> None:
    app, _folder = written
    snippets = Path(app.root_path).parent / "nginx/snippets"
    assert "proxy_hide_header X-Database-Seconds;" in (snippets / "proxy.conf").read_text()
    assert '"database_time":"$database_seconds"' in (snippets / "http.conf").read_text()


def test_a_disk_that_takes_nothing_stops_no_answer(written: tuple[Flask, Path], tmp_path: Path) -> None:
    app, folder = written
    folder.write_text("not a folder")
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 200
    answer.close()


@pytest.mark.parametrize(
    ("environ", "writes"),
    [
        ({}, True),
        ({"TRUSTED_PROXIES": "1"}, False),
        ({"TRUSTED_PROXIES": "1", "ACCESS_LOG": "on"}, True),
        ({"ACCESS_LOG": "off"}, False),
        ({"BOTTEGA_ENV": "test"}, False),
    ],
)
def test_the_settings_say_who_writes(tmp_path: Path, environ: dict[str, str], writes: bool) -> None:
    assert Settings.from_environment({"BOTTEGA_INSTANCE": str(tmp_path), **environ}).access_log is writes
