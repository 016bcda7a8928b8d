"""Each visitor of a day has a class, told by rules that the owner edits."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from flask import Flask

from tests.rooms.traffic.makers import ask, combined, ingest, write
from webapp.blueprints.traffic.queries.report import get_report
from webapp.core.db import db

NOON = dt.datetime(2026, 3, 10, 11, 0, tzinfo=dt.UTC)
DAY = NOON.date()


def line(number: int, request: str = "GET /shop HTTP/1.1", **told: object) -> bytes:
    return combined(at=NOON + dt.timedelta(seconds=number), address=f"203.0.{number}.7", request=request, **told)  # type: ignore[arg-type]


def classes() -> dict[str, str]:
    """The class of each network."""
    return dict(ask("SELECT t.text, w.class FROM traffic_visitors w JOIN traffic_texts t ON t.id = w.network_id"))  # type: ignore[arg-type]


def test_every_visitor_is_told_by_what_they_said_and_asked(fresh_app: Flask, tmp_path: Path) -> None:
    cases = [
        ("person", line(1)),
        ("search", line(2, agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")),
        ("ai", line(3, agent="Mozilla/5.0 AppleWebKit/537.36; compatible; GPTBot/1.1; +https://openai.com/gptbot")),
        ("monitor", line(4, agent="UptimeRobot/2.0")),
        ("bot", line(5, agent="curl/8.5.0")),
        ("bot", line(6, agent="-")),
        ("staff", line(7, "GET /backoffice/customers/ HTTP/1.1")),
        ("person", line(8, "GET /backoffice/ HTTP/1.1", status=302)),
        ("attack", line(9, "POST /wp-login.php HTTP/1.1", status=404)),
        ("attack", line(10, "GET /.env HTTP/1.1", status=404)),
        ("attack", line(11, "GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1", status=400)),
        ("attack", line(12, "GET /shop?id=1%27%20or%201=1 HTTP/1.1")),
        ("attack", line(13, "GET /shop?q=%3Cscript%3Ealert(1) HTTP/1.1")),
        ("attack", line(14, agent="${jndi:ldap://x}")),
        ("attack", line(15, agent="sqlmap/1.7")),
        ("attack", line(16, "GET /shop HTTP/1.1", agent="Mozilla/5.0 (Nikto/2.5)")),
        ("bot", line(17, "GET /robots.txt HTTP/1.1")),
    ]  # fmt: skip
    ingest(write(tmp_path, "access.log", *(said for _kind, said in cases)))
    told = classes()
    assert {f"203.0.{n}.0": told[f"203.0.{n}.0"] for n in range(1, 18)} == {
        f"203.0.{number}.0": kind for number, (kind, _said) in enumerate(cases, 1)
    }
    by_class = get_report(db.session(), DAY, DAY).by_class
    assert {kind: figures.visitors for kind, figures in by_class.items()} == {
        "attack": 8, "bot": 3, "person": 2, "search": 1, "ai": 1, "monitor": 1, "staff": 1,
    }  # fmt: skip
    assert sum(figures.hits for figures in by_class.values()) == 17
    assert sum(figures.visits for figures in by_class.values()) == 17


def test_who_looks_for_what_is_not_there_all_day_is_an_attacker(fresh_app: Flask, tmp_path: Path) -> None:
    lines = [line(1, f"GET /{number} HTTP/1.1", status=404) for number in range(60)]
    lines += [line(2, f"GET /{number} HTTP/1.1", status=404) for number in range(59)]
    ingest(write(tmp_path, "access.log", *lines))
    assert classes() == {"203.0.1.0": "attack", "203.0.2.0": "person"}


def test_lines_that_come_later_change_the_class_of_their_day(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "a.log", line(1)))
    assert classes() == {"203.0.1.0": "person"}
    ingest(write(tmp_path, "b.log", line(1, "GET /.git/config HTTP/1.1"), line(2)))
    assert classes() == {"203.0.1.0": "attack", "203.0.2.0": "person"}
    assert ask("SELECT hits, attacks FROM traffic_visitors ORDER BY 1 DESC") == [(2, 1), (1, 0)]
