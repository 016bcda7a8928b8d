"""Runs and backfills as tasks: what they do, how they split, and what becomes of failures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from etl import backfill
from etl.run import FLOWS
from tests.etl.shop import Shop
from webapp.blueprints.pipelines.queries.flows import MODES, TITLES
from webapp.blueprints.pipelines.services import start_backfill
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.public import State, Task, ask
from webapp.blueprints.tasks.services.schedules import ensure_house_schedules
from webapp.core.db import db, transaction
from webapp.core.errors import FieldProblems
from webapp.core.security import SYSTEM

Work = Callable[[], list[tuple[str, str]]]
RUN, PLAN, PART, FINISH = "pipelines.run", "pipelines.backfill", "pipelines.backfill_part", "pipelines.backfill_finish"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "LEAST_LINES", 2)


def start(kind: str, **args: Any) -> int:
    with transaction() as session:
        return ask(session, kind, args, by=SYSTEM).id


def task(number: int) -> Task:
    db.session.remove()
    found = db.session.get(Task, number)
    assert found
    return found


def test_the_room_names_the_flows_that_there_are() -> None:
    assert list(TITLES) == list(FLOWS)
    assert set(MODES) == {"incremental", "full", "backfill"}


def test_a_run_refreshes_gold_and_says_what_it_did(shop: Shop, work: Work) -> None:
    number = start(RUN)
    assert work() == [(RUN, "done")]
    done = task(number)
    assert done.result["Sales"] == "everything: 6 rows read, 0 put aside, 0 deleted"
    assert done.progress_done == done.progress_total == 5
    assert shop.ask("SELECT count(*) FROM fact_sale_line") == [(6,)]
    assert task(start(RUN, flow="customers", full=True)).args == {"flow": "customers", "full": True}
    assert work()[-1] == (RUN, "done")
    assert shop.ask("SELECT flow, mode FROM etl_runs ORDER BY id DESC LIMIT 1") == [("customers", "full")]


def test_a_backfill_is_split_and_brought_in_by_whoever_ends_last(shop: Shop, work: Work) -> None:
    shop.refine()
    right = shop.content()
    with shop.gold.begin() as gold:
        gold.execute(text("DELETE FROM fact_sale_line WHERE line_key > (SELECT min(line_key) FROM fact_sale_line)"))
    number = start(PLAN, start="2011-01-01", end="2011-12-31")
    assert work() == [(PLAN, "done"), *[(PART, "done")] * 3, (FINISH, "done")]
    assert task(number).result["parts"] == 3
    assert task(number).progress_words == "6 lines in 3 parts"
    now = shop.content()
    assert {name: rows for name, rows in now.items() if name != "dim_date"} == {
        name: rows for name, rows in right.items() if name != "dim_date"
    }


def test_the_parts_may_end_in_any_order(shop: Shop, fresh_app: Flask) -> None:
    shop.refine()
    number = start(PLAN, start="2011-01-01", end="2011-12-31")
    execute(fresh_app, number, worker="test")
    parts = list(db.session.scalars(select(Task.id).where(Task.kind == PART).order_by(Task.id.desc())))
    for count, part in enumerate(parts, 1):
        assert execute(fresh_app, part, worker="test") == State.DONE
        finishes = db.session.scalars(select(Task.state).where(Task.kind == FINISH)).all()
        assert finishes == (["queued"] if count == 3 else [])
        db.session.remove()


def test_a_part_that_died_before_its_last_word_is_done_again_and_one_finish_comes(
    shop: Shop, work: Work, fresh_app: Flask
) -> None:
    shop.refine()
    number = start(PLAN, start="2011-01-01", end="2011-12-31")
    execute(fresh_app, number, worker="test")
    with transaction() as session:
        last = session.scalars(select(Task).where(Task.kind == PART).order_by(Task.id.desc()).limit(1)).one()
        plan, part = last.args["backfill"], last.args["part"]
    backfill.run_part(shop.source, shop.gold, plan, part)  # what it did is there, that it ended nobody knows
    assert work() == [(PLAN, "done"), *[(PART, "done")] * 3, (FINISH, "done")]


def test_gold_that_is_not_there_is_made_by_a_backfill_without_parts(shop: Shop, work: Work) -> None:
    start(PLAN, start="2011-01-01", end="2011-01-31")
    assert work() == [(PLAN, "done"), (FINISH, "done")]
    assert shop.ask("SELECT count(*) FROM fact_sale_line") == [(6,)]


def test_a_period_to_come_is_done_at_once(shop: Shop, work: Work) -> None:
    shop.refine()
    start(PLAN, start="2150-01-01", end="2150-01-31")
    assert work() == [(PLAN, "done"), (PART, "done"), (FINISH, "done")]


def test_a_period_that_ends_before_it_begins_is_refused(shop: Shop, work: Work) -> None:
    with transaction() as session, pytest.raises(FieldProblems) as refusal:
        start_backfill(session, by=SYSTEM, days=(dt.date(2011, 2, 1), dt.date(2011, 1, 1)))
    assert "end" in refusal.value.problems
    number = start(PLAN, start="2011-02-01", end="2011-01-01")
    assert work() == [(PLAN, "failed")]
    assert task(number).error == "The last day is before the first one."


def test_a_failed_finish_tells_why_and_leaves_gold_as_it_was(shop: Shop, work: Work, fresh_app: Flask) -> None:
    shop.refine()
    before = shop.content()
    start(PLAN, start="2011-01-01", end="2011-12-31")
    for _ in range(4):  # the plan and its three parts
        waiting = db.session.scalars(select(Task.id).where(Task.state == "queued").order_by(Task.id).limit(1)).one()
        db.session.remove()
        execute(fresh_app, waiting, worker="test")
    shop.do("UPDATE core_company SET time_zone = 'Pacific/Auckland'")
    shop.refine()
    moved = shop.content()
    assert moved != before
    assert work()[-1] == (FINISH, "failed")
    finish = db.session.scalars(select(Task).where(Task.kind == FINISH)).one()
    assert "start it once more" in finish.error
    assert shop.content() == moved


def test_a_run_that_meets_another_waits_and_is_tried_again(
    shop: Shop, fresh_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webapp.blueprints.pipelines import tasks

    monkeypatch.setattr(tasks, "WAIT", 0.1)
    shop.refine()
    number = start(RUN)
    with shop.gold.begin() as other:
        other.exec_driver_sql("SELECT pg_advisory_xact_lock(1651471476)")
        assert execute(fresh_app, number, worker="test") == State.QUEUED
    with transaction() as session:
        session.execute(update(Task).values(not_before=None))
    assert execute(fresh_app, number, worker="test") == State.DONE


def test_gold_is_refreshed_each_hour(shop: Shop) -> None:
    with transaction() as session:
        ensure_house_schedules(session)
        [found] = session.execute(
            text("SELECT kind, cron, paused, args FROM tasks_schedules WHERE origin = 'pipelines.hourly'")
        )
    assert tuple(found) == (RUN, "5 * * * *", False, {"flow": "all", "full": False})
