"""Where no proxy stands before the application, it writes the lines that the proxy would: the same names, each once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from webapp.app import create_app
from webapp.core.db import db
from webapp.core.settings import Settings


@pytest.fixture
def written(settings: Settings, tmp_path: Path) -> Iterator[tuple[Flask, Path]]:
    app = create_app(replace(settings, access_log=True, instance=tmp_path))
    yield app, tmp_path / "logs"
    with app.app_context():
        db.engines[None].dispose()  # its database is the template of others, which is copied only while nobody uses it


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
    assert len(names) == 22


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
