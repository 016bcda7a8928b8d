"""What is told from the tallies of days is what the hits themselves say, also while a day waits for its tallies."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import true
from sqlalchemy.orm import Session

from tests.rooms.traffic.makers import as_json, ask, ingest, write
from webapp.blueprints.traffic.queries.figures import (
    Within,
    get_totals,
    list_classes,
    list_hours,
    list_path_classes,
    list_paths,
    list_periods,
    list_statuses,
    list_ways,
)
from webapp.blueprints.traffic.queries.groups import get_agents, get_networks, get_sources, list_kinds
from webapp.blueprints.traffic.queries.visiting import get_bounces
from webapp.core.db import db, transaction

ZONE = ZoneInfo("Europe/Rome")
FIRST = dt.date(2026, 3, 28)  # summer time begins on the 29th
NOON = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)


def lines(number: int) -> list[bytes]:
    """Lines of three days with all that differs."""
    return [
        as_json(
            NOON + dt.timedelta(hours=place * 7), address=f"203.0.{place % 3}.{place % 5}", uri=("/", "/a.css", "/shop", "")[place % 4],
            status=("200", "304", "404", "500", "204", "302")[place % 6], method=("GET", "POST")[place % 5 == 0],
            referrer=("", "https://www.google.com/", "https://other.example/x")[place % 3], host=("a.example", "")[place % 7 == 0],
            user_agent=f"Agent/{place % 2}", cache=("HIT", "MISS", "")[place % 3], request_id=f"{number}{place:030}",
        )
        for place in range(9)
    ]  # fmt: skip


def told(session: Session, within: Within) -> dict[str, Any]:
    return {
        "totals": get_totals(session, within),
        **{grain: list_periods(session, within, grain) for grain in ("day", "month", "hour")},
        "paths": list_paths(session, within), "pages": list_paths(session, within, "page"),
        "files": list_paths(session, within, "file"), "classes": list_classes(session, within),
        "statuses": list_statuses(session, within), "ways": list_ways(session, within),
        "path classes": sorted(list_path_classes(session, within), key=str), "hours": sorted(list_hours(session, within)),
        "agents": get_agents(session, within), "networks": sorted(map(str, get_networks(session, within)[0])),
        "sources": get_sources(session, within), "kinds": list_kinds(session, within),
        "bounces": get_bounces(session, within),
    }  # fmt: skip


def both(within: Within) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the tallies tell, and what the hits themselves say: a condition that all meet goes by the hits."""
    with transaction() as session:
        return told(session, within), told(session, replace(within, conditions=(true(),)))


@pytest.fixture
def within(fresh_app: Flask, tmp_path: Path) -> Within:
    ingest(write(tmp_path, "access.jsonl", *lines(1)))
    assert ask("SELECT count(*), sum(hits) FROM traffic_tallies WHERE kind = 0") == [(3, 9)]
    return Within(FIRST, FIRST + dt.timedelta(days=3), ZONE)


def test_the_tallies_tell_what_the_hits_say(within: Within) -> None:
    by_tallies, by_hits = both(within)
    assert by_tallies == by_hits
    assert by_tallies["totals"].hits == 9


@pytest.mark.parametrize(
    "waiting",
    [
        "UPDATE traffic_book SET derived = false WHERE day = '2026-03-29'",
        "DELETE FROM traffic_tallies WHERE day = '2026-03-29'",
        "UPDATE traffic_book SET derived = false",
    ],
)
def test_days_whose_tallies_are_not_up_to_date_are_counted_from_their_hits(within: Within, waiting: str) -> None:
    with transaction() as session:
        session.execute(db.text(waiting))
        session.execute(db.text("UPDATE traffic_tallies SET hits = 1000 WHERE day = '2026-03-29'"))
        if waiting == "UPDATE traffic_book SET derived = false":
            session.execute(db.text("UPDATE traffic_tallies SET hits = 1000"))
    by_tallies, by_hits = both(within)
    assert by_tallies == by_hits


def test_more_lines_of_a_day_are_in_its_tallies(within: Within, tmp_path: Path) -> None:
    ingest(write(tmp_path, "more.jsonl", *lines(2)))
    by_tallies, by_hits = both(within)
    assert by_tallies == by_hits
    assert by_tallies["totals"].hits == 18
