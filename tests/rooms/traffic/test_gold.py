"""GOLD has the classes of visitors, so that a dashboard can leave robots out: its figures are those of the report."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from etl.run import run_flows
from tests.rooms.traffic.makers import combined, ingest, write
from webapp.blueprints.traffic.queries.report import get_report
from webapp.blueprints.traffic.services.classifying import forget_classes
from webapp.blueprints.traffic.services.visits import derive_all
from webapp.core.db import db, gold_engine, transaction

NOON = dt.datetime(2026, 3, 10, 11, 0, tzinfo=dt.UTC)


def by_class() -> dict[str, tuple[int, int, int]]:
    """Hits, visitors and visits of each class in GOLD, after a run of its flow."""
    run = {run.flow: run for run in run_flows(db.engines[None], gold_engine())}["traffic"]
    assert run.outcome == "ok", run
    with gold_engine().connect() as connection:
        days = connection.execute(
            text(
                "SELECT class, sum(hits)::int, sum(visitors)::int, sum(visits)::int FROM agg_traffic_class_day GROUP BY 1"
            )
        ).all()
        rows = connection.execute(text("SELECT class, sum(hits)::int FROM fact_traffic_hour GROUP BY 1")).all()
    hours = {str(kind): int(hits) for kind, hits in rows}
    assert hours == {kind: hits for kind, hits, _visitors, _visits in days}
    return {kind: (hits, visitors, visits) for kind, hits, visitors, visits in days}


def reported() -> dict[str, tuple[int, int, int]]:
    found = get_report(db.session(), None, None).by_class
    db.session.remove()
    return {kind: (each.hits, each.visitors, each.visits) for kind, each in found.items()}


def test_the_classes_of_gold_are_those_of_the_report_after_rules_changed_too(fresh_app: Flask, tmp_path: Path) -> None:
    lines = [combined(at=NOON + dt.timedelta(days=day, minutes=40 * turn)) for day in range(3) for turn in range(3)]
    lines += [
        combined(at=NOON, agent="Googlebot/2.1"),
        combined(at=NOON, request="GET /.env HTTP/1.1", address="198.51.100.9"),
    ]
    ingest(write(tmp_path, "access.log", *lines))
    assert by_class() == reported() == {"person": (9, 3, 9), "search": (1, 1, 1), "attack": (1, 1, 1)}
    with transaction() as session:
        session.execute(text("UPDATE traffic_rules SET active = false WHERE origin = 'search-robots'"))
        forget_classes(session)
    derive_all(transaction)
    db.session.remove()
    assert by_class() == reported()
    assert "search" not in by_class()
    assert by_class()["bot"] == (1, 1, 1)
