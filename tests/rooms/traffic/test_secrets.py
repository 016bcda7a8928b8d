"""Secrets and people's addresses that stand in addresses of pages are masked before a line is stored; texts go with their lines."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.rooms.traffic.makers import as_json, ask, combined, hits, ingest, write
from webapp.blueprints.traffic.services.masking import Masking, looks_drawn
from webapp.blueprints.traffic.services.retention import let_go
from webapp.blueprints.traffic.services.terms import get_terms
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
KEY = "Zk3xQ9-bT7wLm2Vd8RjN5yHc"
MASKED = {
    "token=KEY&page=2": "token=***&page=2",
    "a=1&reset_token=KEY;q=b": "a=1&reset_token=***;q=b",
    "user%5Bemail%5D=KEY": "user%5Bemail%5D=***",
    "apiKey=KEY&keyword=shoes": "apiKey=***&keyword=shoes",
    "%70assword=KEY": "%70assword=***",
    "q=mario.KEY@example.it": "q=***",
    "q=KEY%40example.co.uk&x=1": "q=***&x=1",
    "q=KEY%2540example.it": "q=***",
    "j=eyJhbGciOiJIUzI1NiJ9.eyJKEY.KEY": "j=***",
    "next=/invitation/KEY": "next=/invitation/***",
    "next=%2Fa&page=3": "next=%2Fa&page=3",
    "password=": "password=",
}


@pytest.mark.parametrize("said", MASKED)
def test_secrets_of_an_address_are_masked(said: str) -> None:
    assert Masking().text(said.replace("KEY", KEY)) == MASKED[said]


def test_names_of_the_setting_are_secret_too() -> None:
    assert Masking(["Targa"]).text("targa=AB123CD&x=1") == "targa=***&x=1"
    assert Masking().text("targa=AB123CD&x=1") == "targa=AB123CD&x=1"


def test_of_an_attack_what_the_rules_look_for_stays() -> None:
    assert Masking().text("user=x%27+or+%271&a=1") == "user=***%27+or+%27***&a=1"
    assert Masking().text("code=../../etc/passwd") == "code=***../***"


def test_links_that_open_an_account_are_masked_and_pages_are_not() -> None:
    masking = Masking()
    for _ in range(200):
        assert masking.text(f"/reset/{secrets.token_urlsafe(32)}") == "/reset/***"
    drawn = sum(looks_drawn(secrets.token_urlsafe(32)) for _ in range(1000))
    assert drawn > 950
    for path in (
        "/shop/Anfora-Grande-In-Terracotta-2024/",
        "/static/core.0123456789abcdef0123.js",
        "/backoffice/customers/12/",
    ):
        assert masking.text(path) == path


def test_what_somebody_made_long_to_keep_us_busy_is_masked_all_the_same() -> None:
    for said in (
        "a" * 200_000 + "40",
        "eyJ-" * 50_000,
        "/" + "aB1" * 60_000,
        "a@b." * 50_000,
        "key=" + "union/*" * 30_000,
    ):
        assert KEY not in Masking().text(f"{said}&token={KEY}")


def test_no_secret_of_a_line_is_in_any_table_outside_of_the_vault(fresh_app: Flask, tmp_path: Path) -> None:
    paths = [said.replace("KEY", KEY) for said in MASKED]
    lines = [
        as_json(NOW, query=said, uri=f"/invitation/{KEY}{KEY}", referrer=f"https://a.it/?{said}") for said in paths
    ]
    lines += [combined(at=NOW, request=f"GET /reset/{KEY}?{said} HTTP/1.1") for said in paths]
    error = f'{NOW.astimezone():%Y/%m/%d %H:%M:%S} [error] 7#7: *3 open() "/opt/web/reset/{KEY}{KEY}" failed, client: 203.0.113.7, '
    error += (
        f'server: a.it, request: "GET /x?token={KEY} HTTP/1.1", host: "a.it", referrer: "https://a.it/?code={KEY}"\n'
    )
    told = ingest(write(tmp_path, "access.log", *lines), write(tmp_path, "error.log", error.encode()))
    assert told.rejected == 0
    assert told.parsed == len(lines) + 1
    names = ask("SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'traffic_days')")
    with db.engines[None].connect() as connection:
        for (name,) in names:
            rows = connection.execute(
                text(f"SELECT t::text FROM {name} t WHERE t::text LIKE :key"), {"key": f"%{KEY}%"}
            )
            assert rows.all() == [], name
    assert {row["path"] for row in hits()} == {"/invitation/***", "/reset/***"}


def test_texts_go_when_no_line_with_them_can_be_kept_any_more(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "access.log", combined(at=NOW, request="GET /about-somebody HTTP/1.1"), combined(at=NOW)))
    settings = replace(fresh_app.extensions["settings"], traffic_days=30)

    def go(days: int) -> int:
        now = utc_now() + dt.timedelta(days=days)
        with transaction() as session:
            return let_go(session, get_terms(session, settings, now), now).texts

    assert go(31) == 0
    with transaction() as session:  # somebody else's later line has one of them
        session.execute(text("UPDATE traffic_texts SET seen = seen + 30 WHERE text = '/shop'"))
    assert go(40) > 5
    assert ask("SELECT text FROM traffic_texts") == [("/shop",)]
    assert ask("SELECT count(*) FROM traffic_agents") == [(0,)]
    assert go(80) == 1


def test_a_text_that_rested_is_seen_again_with_its_next_line(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "a.log", combined(at=NOW)))
    with transaction() as session:
        session.execute(text("UPDATE traffic_texts SET seen = seen - 900"))
    ingest(write(tmp_path, "b.log", combined(at=NOW, referrer="-")))
    rested = ask("SELECT text FROM traffic_texts WHERE seen < CURRENT_DATE")
    assert rested == [("https://example.com/",)]
    assert {row["path"] for row in hits()} == {"/shop"}
