"""What is kept of the lines: hits by day, visits, the book, GOLD; and what goes when its time is over."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from etl.run import run_flows
from tests.rooms.traffic.makers import as_json, ask, book, combined, hits, ingest, write
from webapp.blueprints.traffic.cli import traffic
from webapp.blueprints.traffic.models import MILLISECONDS, Hit
from webapp.blueprints.traffic.queries.report import get_report
from webapp.blueprints.traffic.services.agents import read_agents
from webapp.blueprints.traffic.services.privacy import masked, shortened, without_addresses
from webapp.blueprints.traffic.services.retention import let_go
from webapp.blueprints.traffic.services.terms import get_terms
from webapp.core.clock import utc_now
from webapp.core.db import db, gold_engine, transaction
from webapp.core.demo import clear

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
NOON = dt.datetime(2026, 3, 10, 11, 0, tzinfo=dt.UTC)  # noon in Rome
ADDRESSES = ("203.0.113.77", "198.51.100.99", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:77")


def test_a_visit_ends_with_half_an_hour_of_silence(fresh_app: Flask, tmp_path: Path) -> None:
    minutes = (0, 29, 58, 89, 90)
    lines = [combined(at=NOON + dt.timedelta(minutes=m), request=f"GET /{m} HTTP/1.1") for m in minutes]
    lines.append(combined(at=NOON, address="203.0.113.8"))
    lines.append(combined(at=NOON, agent="another"))
    ingest(write(tmp_path, "access.log", *lines))
    visits = ask(
        "SELECT v.hits, e.text, x.text FROM traffic_visits v JOIN traffic_texts e ON e.id = entry_id "
        "JOIN traffic_texts x ON x.id = exit_id ORDER BY 1 DESC, 2"
    )
    assert visits == [(3, "/0", "/58"), (2, "/89", "/90"), (1, "/shop", "/shop"), (1, "/shop", "/shop")]
    assert ask("SELECT count(DISTINCT visitor) FROM traffic_hits") == [(3,)]


def test_visits_follow_lines_that_come_later(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "a.log", combined(at=NOON), combined(at=NOON + dt.timedelta(minutes=50))))
    assert ask("SELECT count(*) FROM traffic_visits") == [(2,)]
    ingest(write(tmp_path, "b.log", combined(at=NOON + dt.timedelta(minutes=25))))
    assert ask("SELECT hits FROM traffic_visits") == [(3,)]


def test_days_that_are_over_are_ordered_by_seconds_and_the_one_under_way_is_not(
    fresh_app: Flask, tmp_path: Path
) -> None:
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(hours=23)
    ingest(write(tmp_path, "access.jsonl", as_json(NOON), as_json(NOON + dt.timedelta(days=1)), as_json(tomorrow)))
    ordered = (
        "SELECT tablename FROM pg_indexes WHERE schemaname = 'traffic_days' AND indexname LIKE '%\\_slow' ORDER BY 1"
    )
    assert ask(ordered) == [("traffic_hits_20260310",), ("traffic_hits_20260311",)]
    ingest(write(tmp_path, "late.jsonl", as_json(NOON, request_time="9.000")))
    with db.engines[None].connect() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        slowest = str(select(Hit.request_time).order_by(MILLISECONDS.desc()).limit(1))
        plan = connection.execute(text(f"EXPLAIN {slowest.replace(':param_1', '1')}")).scalars().all()
        assert any("traffic_hits_20260310_slow" in line for line in plan), plan


def test_days_are_the_company_s(fresh_app: Flask, tmp_path: Path) -> None:
    late = dt.datetime(2026, 3, 10, 23, 30, tzinfo=dt.UTC)  # half past midnight in Rome
    ingest(write(tmp_path, "access.log", combined(at=NOON), combined(at=late)))
    assert ask("SELECT day, hits FROM traffic_book ORDER BY 1") == [
        (dt.date(2026, 3, 10), 1),
        (dt.date(2026, 3, 11), 1),
    ]
    assert ask("SELECT count(*) FROM traffic_days.traffic_hits_20260311") == [(1,)]


def test_the_report_reconciles_with_the_book_over_any_range(fresh_app: Flask, tmp_path: Path) -> None:
    for number in range(3):
        lines = [
            combined(at=NOON + dt.timedelta(days=day + number), size="10") for day in range(4) for _ in range(day + 1)
        ]
        ingest(write(tmp_path, f"{number}.log", *lines, b"nothing\n"))
    session = db.session()
    for first in range(10, 16):
        for last in range(first, 17):
            report = get_report(session, dt.date(2026, 3, first), dt.date(2026, 3, last))
            assert report.reconciles
            assert report.bytes == 10 * report.hits
            assert sum(report.by_status.values()) == report.hits
    assert get_report(session, None, None).hits == 30
    assert book() == (33, 30, 3, 0)


def test_the_commands_say_it_in_json(fresh_app: Flask, tmp_path: Path) -> None:
    runner = fresh_app.test_cli_runner()
    path = write(
        tmp_path, "access.log", combined(at=NOON), combined(at=NOON, status=404, request="GET /missing HTTP/1.1")
    )
    done = runner.invoke(traffic, ["ingest", str(tmp_path / "*.log"), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["parsed"] == 2
    assert runner.invoke(traffic, ["ingest", path]).stdout.startswith("0 lines of 1 files")
    told = runner.invoke(traffic, ["report", "--from", "2026-03-10", "--to", "2026-03-10", "--json"])
    report = json.loads(told.stdout)
    assert (report["hits"], report["visitors"], report["visits"], report["bytes"]) == (2, 1, 1, 2468)
    assert report["by_status"] == {"200": 1, "404": 1}
    assert {path["path"] for path in report["top_paths"]} == {"/missing", "/shop"}
    assert report["book"] == {"hits": 2, "reconciles": True, "days_waiting_for_visits": 0}
    assert runner.invoke(traffic, ["report", "--from", "soon"]).exit_code == 2
    assert runner.invoke(traffic, ["ingest", str(tmp_path / "none.log")]).exit_code == 2


def test_standard_input_is_read(fresh_app: Flask) -> None:
    done = fresh_app.test_cli_runner().invoke(traffic, ["ingest", "-", "--format", "json"], input=as_json(NOW) * 3)
    assert done.exit_code == 0, done.output
    assert book() == (3, 3, 0, 0)


def test_names_of_browsers_are_read_once(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "access.log", combined(at=NOON), combined(at=NOON)))
    with transaction() as session:
        assert read_agents(session) == 1
        assert read_agents(session) == 0
    assert ask("SELECT browser, browser_version, system FROM traffic_agents") == [("Firefox", "140", "Linux")]


def test_gold_counts_what_the_book_has_and_forgets_what_was_let_go(fresh_app: Flask, tmp_path: Path) -> None:
    def refine() -> tuple[int, str]:
        run = {run.flow: run for run in run_flows(db.engines[None], gold_engine())}["traffic"]
        return run.loaded, run.mode

    def gold(query: str) -> list[tuple[object, ...]]:
        with gold_engine().connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    lines = [combined(at=NOON + dt.timedelta(days=day, minutes=minutes)) for day in range(3) for minutes in (0, 10, 90)]
    ingest(write(tmp_path, "a.log", *lines))
    assert refine() == (12, "full")
    assert gold("SELECT hits, visitors, visits, bytes FROM agg_traffic_day") == [(3, 1, 2, 3702)] * 3
    assert gold("SELECT hour, sum(hits) FROM fact_traffic_hour GROUP BY 1 ORDER BY 1") == [(12, 6), (13, 3)]
    assert refine() == (0, "incremental")
    ingest(write(tmp_path, "b.log", combined(at=NOON, address="203.0.113.9")))
    assert refine() == (4, "incremental")
    assert gold("SELECT sum(hits), sum(visitors), sum(visits) FROM agg_traffic_day") == [(10, 4, 7)]
    _go(fresh_app, NOW + dt.timedelta(days=2000))
    assert refine()[1] == "incremental"
    for table in ("agg_traffic_day", "agg_traffic_class_day", "fact_traffic_hour"):
        assert gold(f"SELECT count(*) FROM {table}") == [(0,)]
    assert ask("SELECT sum(expired), sum(hits) FROM traffic_book") == [(10, 0)]
    assert ask("SELECT count(*) FROM traffic_visits") == [(0,)]


def _go(app: Flask, now: dt.datetime) -> None:
    with transaction() as session:
        let_go(session, get_terms(session, app.extensions["settings"], now), now)


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("203.0.113.77", ("203.0.113.0", "203.0.0.0", "203.0.0.0")),
        ("2001:db8:aaaa:bbbb:cccc::1", ("2001:db8:aaaa:bbbb::", "2001:db8:aaaa::", "2001:db8::")),
        ("::ffff:203.0.113.77", ("203.0.113.0", "203.0.0.0", "203.0.0.0")),
        ("unix:", ("", "", "")),
        ("host.example.com", ("", "", "")),
    ],
)
def test_addresses_are_shortened_as_goaccess_does(address: str, networks: tuple[str, ...]) -> None:
    assert tuple(shortened(address, level) for level in (1, 2, 3)) == networks


def test_addresses_within_texts_are_shortened() -> None:
    assert (
        without_addresses("client 203.0.113.77, and [2001:db8::7]:80", 1) == "client 203.0.113.0, and [2001:db8::]:80"
    )
    assert without_addresses("nginx/1.25.3 took 10.5.2 at 12:30:00", 1) == "nginx/1.25.3 took 10.5.2 at 12:30:00"
    assert masked("/?me=203.0.113.77&you=203.0.113.78", {"203.0.113.77"}, 1) == "/?me=203.0.113.0&you=203.0.113.78"


def _texts_of(engine: Engine) -> str:
    """All that a database holds, as text; bytes as what they may say."""
    with engine.connect() as connection:
        tables = connection.execute(
            text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
        ).scalars()
        found = []
        for table in tables:
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            found += [
                bytes(v).decode("latin-1") if isinstance(v, memoryview | bytes) else str(v) for row in rows for v in row
            ]
        return "\n".join(found)


def test_no_database_holds_an_address_once_the_vault_s_time_is_over(fresh_app: Flask, tmp_path: Path) -> None:
    lines = []
    for address in ADDRESSES:
        lines += [
            combined(at=NOW, address=address),
            combined(at=NOW, address=address, request=f"GET /?from={address} HTTP/1.1", referrer=f"http://{address}/", agent=f"I am {address}"),
            as_json(NOW, address=address, uri=f"/{address}/", host=address),
            f"garbage of {address}\n".encode(),
            f'{NOW:%Y/%m/%d %H:%M:%S} [error] 1#1: *1 limiting requests, excess: 1.0, client: {address}, server: _, request: "GET /?{address} HTTP/1.1"\n'.encode(),
        ]  # fmt: skip
    told = ingest(write(tmp_path, "access.log", *lines))
    assert (told.lines, told.rejected) == (15, 3)
    run_flows(db.engines[None], gold_engine())
    with db.engines[None].connect() as connection:
        vault = set(connection.execute(text("SELECT address FROM traffic_vault")).scalars())
    assert vault == set(ADDRESSES)
    assert {hit["network"] for hit in hits()} == {"203.0.113.0", "198.51.100.0", "2001:db8:aaaa:bbbb::"}

    def leaked() -> set[str]:
        everything = _texts_of(db.engines[None]) + _texts_of(gold_engine())
        return {address for address in ADDRESSES if address in everything}

    with db.engines[None].begin() as connection:  # beside the vault, nothing ever had one
        connection.execute(text("CREATE TABLE aside AS SELECT * FROM traffic_vault"))
        connection.execute(text("CREATE TABLE aside_lines AS SELECT * FROM traffic_rejects"))
        connection.execute(text("DELETE FROM traffic_vault"))
        connection.execute(text("DELETE FROM traffic_rejects"))
    with db.engines[None].begin() as connection:
        kept = connection.execute(text("TABLE aside")).all(), connection.execute(text("TABLE aside_lines")).all()
        connection.execute(text("DROP TABLE aside, aside_lines"))
    assert leaked() == set()
    with db.engines[None].begin() as connection:
        connection.execute(
            text("INSERT INTO traffic_vault VALUES (:d, :v, :a)"),
            [dict(zip("dva", row, strict=True)) for row in kept[0]],
        )
        connection.execute(
            text("INSERT INTO traffic_rejects VALUES (:d, :f, :p, :r, :l)"),
            [dict(zip("dfprl", row, strict=True)) for row in kept[1]],
        )
    assert leaked() == set(ADDRESSES)
    _go(fresh_app, NOW + dt.timedelta(days=6))
    assert leaked() == set(ADDRESSES)
    _go(fresh_app, NOW + dt.timedelta(days=8))
    assert leaked() == set()
    assert ask("SELECT count(*) FROM traffic_keys") == [(0,)]
    assert book()[0] == 15
    assert ask("SELECT count(*) FROM traffic_hits") == [(9,)]


def test_lines_older_than_the_vault_keeps_leave_no_address(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "access.log", combined(at=NOW - dt.timedelta(days=9))))
    assert ask("SELECT count(*) FROM traffic_vault") == [(0,)]
    assert "203.0.113.7\n" not in _texts_of(db.engines[None])


def test_the_key_of_a_day_is_destroyed_and_nobody_is_known_again(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "a.log", combined(at=NOON)))
    ingest(write(tmp_path, "b.log", combined(at=NOON + dt.timedelta(minutes=1))))
    assert ask("SELECT count(DISTINCT visitor) FROM traffic_hits") == [(1,)]
    _go(fresh_app, utc_now() + dt.timedelta(hours=25))
    ingest(write(tmp_path, "c.log", combined(at=NOON + dt.timedelta(minutes=2))))
    assert ask("SELECT count(DISTINCT visitor) FROM traffic_hits") == [(2,)]


def test_an_old_log_stays_as_long_as_a_new_one_once_it_was_read(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "access.log", combined(at=dt.datetime(2015, 5, 17, tzinfo=dt.UTC))))
    _go(fresh_app, utc_now())
    assert ask("SELECT count(*) FROM traffic_hits") == [(1,)]
    with transaction() as session:
        terms = replace(get_terms(session, fresh_app.extensions["settings"], NOW), keep_days=10)
        let_go(session, terms, NOW + dt.timedelta(days=11))
    assert ask("SELECT count(*) FROM traffic_hits") == [(0,)]
    assert ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'traffic_days' AND tablename LIKE '%hits%'") == [(0,)]


def test_lines_are_kept_after_all_rows_were_deleted(fresh_app: Flask, tmp_path: Path) -> None:
    ingest(write(tmp_path, "access.log", combined(at=NOON)))
    with transaction() as session:
        clear(session)
    ingest(write(tmp_path, "access.log", combined(at=NOON)))
    assert book() == (1, 1, 0, 0)
