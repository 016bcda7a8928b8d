"""A backfill leaves GOLD as a full run would, whoever dies, repeats or comes between."""

from __future__ import annotations

import datetime as dt
import itertools
import multiprocessing
import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from etl import backfill
from etl.gold.parts import Part
from etl.run import RunBusy, RunFailed, run_flows
from tests.etl.shop import NOW, Shop
from tests.etl.test_increments import EDITS
from tests.waiting import until

ALWAYS = (dt.date(1900, 1, 1), dt.date(2199, 12, 31))
DAMAGES = (
    "UPDATE fact_sale_line SET net = net + 1, quantity = quantity + 1 WHERE line_key % 3 = 0",
    "DELETE FROM fact_sale_line WHERE line_key % 4 = 1",
    "UPDATE fact_sale_line SET country_key = 'Land 1' WHERE line_key % 5 <> 0",
    ("CREATE TEMP TABLE more AS SELECT * FROM fact_sale_line WHERE line_key % 5 = 0; UPDATE more SET line_key = line_key + 1000000, "
    "order_key = order_key + 1000000; INSERT INTO fact_sale_line SELECT * FROM more; DROP TABLE more"),
    "UPDATE fact_sale_line SET date_key = date_key + 40 WHERE line_key % 6 = 0",
    "UPDATE agg_sales_day SET lines = lines + 1",
    "DELETE FROM agg_sales_month",
    "UPDATE agg_sales_week SET net = 0",
    "INSERT INTO agg_sales_day SELECT period_start, 'Nowhere', orders, cancellations, lines, units, net FROM agg_sales_day WHERE country_key = 'Land 1'",
    "DELETE FROM fact_sale_line",
)  # fmt: skip


def test_a_backfill_mends_whatever_was_damaged(shop: Shop) -> None:
    _sell(shop, random.Random(1), 60)
    shop.refine()
    right = shop.content()
    for damage in DAMAGES:
        _damage(shop, damage)
        assert shop.content() != right
        _backfill(shop, *ALWAYS)
        assert shop.content() == right, damage


@pytest.mark.parametrize("seed", range(4))
def test_a_backfill_equals_a_full_run_though_the_shop_goes_on_selling(
    shop: Shop, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "LEAST_LINES", 7)
    chance = random.Random(seed)
    _sell(shop, chance, 30)
    shop.refine()
    for _ in range(3):
        _damage(shop, chance.choice(DAMAGES[:5]))
        number, parts = backfill.plan(shop.source, shop.gold, *ALWAYS, name=str(chance.random()))
        assert len(parts) > 3
        chance.shuffle(parts)
        for part in parts:
            if chance.random() < 0.6:
                shop.do(EDITS[chance.choice(list(EDITS))].format(n=chance.randint(1, 400), m=chance.randint(1, 5)))
            backfill.run_part(shop.source, shop.gold, number, part.number)
            if chance.random() < 0.3:
                backfill.run_part(shop.source, shop.gold, number, part.number)
        _sell(shop, chance, 2)
        runs = backfill.finish(shop.source, shop.gold, number, now=NOW)
        assert all(run.rows_in == run.loaded + run.quarantined for run in runs)
        kept, aside = shop.content(), _quarantine(shop)
        shop.refine(full=True)
        assert shop.content() == kept
        assert _quarantine(shop) == aside


@pytest.mark.parametrize("seed", range(3))
def test_runs_between_the_parts_are_not_undone(shop: Shop, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "LEAST_LINES", 7)
    chance = random.Random(seed)
    _sell(shop, chance, 30)
    shop.refine()
    _damage(shop, "UPDATE fact_sale_line SET unit_price = unit_price + 1")  # no audit of a run in between minds it
    number, parts = backfill.plan(shop.source, shop.gold, *ALWAYS, name="one")
    for part in parts:
        backfill.run_part(shop.source, shop.gold, number, part.number)
        for edit in chance.choices(list(EDITS), k=3):
            shop.do(EDITS[edit].format(n=chance.randint(1, 400), m=chance.randint(1, 5)))
        _sell(shop, chance, 1)
        shop.refine()
    backfill.finish(shop.source, shop.gold, number, now=NOW)
    kept = shop.content()
    shop.refine(full=True)
    assert shop.content() == kept


def test_only_the_days_of_the_period_are_touched(shop: Shop) -> None:
    _sell(shop, random.Random(3), 60)
    shop.refine()
    first, last = dt.date(2010, 3, 1), dt.date(2010, 9, 30)
    right = shop.content()
    _damage(shop, "UPDATE fact_sale_line SET net = net + 1")
    wrong = shop.content()
    runs = _backfill(shop, first, last)
    within = {row[0] for row in right["fact_sale_line"] if first <= row[4] <= last}
    assert within
    for now, then, bad in zip(
        shop.content()["fact_sale_line"], right["fact_sale_line"], wrong["fact_sale_line"], strict=True
    ):
        assert now == (then if then[0] in within else bad)
    assert runs["sales"].mode == "backfill"
    assert runs["sales"].rows_in == len(within)
    assert shop.ask("SELECT mode FROM etl_runs WHERE flow = 'sales' ORDER BY id DESC LIMIT 1") == [("backfill",)]


def test_the_day_of_an_order_is_the_company_s(shop: Shop) -> None:
    pen = shop.product("PEN")
    shop.order("1", "2011-06-30 23:30+02", (pen, "1", "1"))
    shop.order("2", "2011-07-01 00:30+02", (pen, "1", "2"))
    shop.order("3", "2011-07-01 23:59+02", (pen, "1", "3"))
    shop.order("4", "2011-07-02 00:00+02", (pen, "1", "4"))
    shop.refine()
    _, parts = backfill.plan(shop.source, shop.gold, dt.date(2011, 7, 1), dt.date(2011, 7, 1), name="one")
    assert parts == [Part(1, dt.date(2011, 7, 1), dt.date(2011, 7, 1), 2)]


def test_parts_are_even_and_leave_no_day_out() -> None:
    chance = random.Random(5)
    first = dt.date(2010, 1, 1)
    lines = {first + dt.timedelta(days=n): chance.randint(1, 3000) for n in range(0, 600, 2)}
    parts = backfill.split(first, dt.date(2012, 12, 31), lines)
    size = sum(lines.values()) / backfill.PARTS
    assert sum(part.lines for part in parts) == sum(lines.values())
    assert (parts[0].first, parts[-1].last) == (first, dt.date(2012, 12, 31))
    for one, other in itertools.pairwise(parts):
        assert other.first == one.last + dt.timedelta(days=1)
    assert all(part.lines < size + 3000 for part in parts)
    assert len(parts) == backfill.PARTS
    assert min(part.lines for part in parts) > size - 3000


def test_a_company_without_sales_is_done_at_once(shop: Shop) -> None:
    assert {run.mode for run in _backfill(shop, *ALWAYS).values()} == {"full"}
    runs = _backfill(shop, *ALWAYS)
    assert runs["sales"].rows_in == 0


def test_a_period_without_rows_or_to_come_changes_nothing(shop: Shop) -> None:
    _sell(shop, random.Random(7), 10)
    shop.refine()
    before = shop.content()
    for first, last in ((dt.date(1990, 1, 1), dt.date(1990, 12, 31)), (dt.date(2150, 1, 1), dt.date(2190, 1, 1))):
        assert _backfill(shop, first, last)["sales"].rows_in == 0
    assert shop.content() == before


def test_gold_that_is_not_there_yet_is_made(shop: Shop) -> None:
    _sell(shop, random.Random(7), 10)
    _backfill(shop, dt.date(2010, 1, 1), dt.date(2010, 1, 31))
    kept = shop.content()
    shop.forget_gold()
    shop.refine()
    assert shop.content() == kept


def test_a_period_that_is_none_is_refused(shop: Shop) -> None:
    with pytest.raises(RunFailed, match="has no day between"):
        backfill.plan(shop.source, shop.gold, dt.date(2011, 2, 1), dt.date(2011, 1, 1), name="one")
    with pytest.raises(RunFailed, match="has no day between"):
        backfill.plan(shop.source, shop.gold, dt.date(1600, 2, 1), dt.date(1700, 1, 1), name="one")


def test_the_same_plan_twice_is_one(shop: Shop) -> None:
    _sell(shop, random.Random(7), 10)
    shop.refine()
    once = backfill.plan(shop.source, shop.gold, *ALWAYS, name="task 7")
    assert backfill.plan(shop.source, shop.gold, *ALWAYS, name="task 7") == once
    assert backfill.plan(shop.source, shop.gold, *ALWAYS, name="task 8")[0] != once[0]


def test_the_finish_waits_for_the_last_part_and_happens_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "LEAST_LINES", 7)
    _sell(shop, random.Random(7), 20)
    shop.refine()
    before = shop.content()
    number, parts = backfill.plan(shop.source, shop.gold, *ALWAYS, name="one")
    for part in parts[1:]:
        backfill.run_part(shop.source, shop.gold, number, part.number)
    assert backfill.waiting(shop.gold, number) == [1]
    with pytest.raises(RunFailed, match="part 1 has not ended"):
        backfill.finish(shop.source, shop.gold, number, now=NOW)
    assert shop.content() == before
    backfill.run_part(shop.source, shop.gold, number, 1)
    assert backfill.waiting(shop.gold, number) == []
    assert backfill.finish(shop.source, shop.gold, number, now=NOW)
    runs = shop.ask("SELECT count(*) FROM etl_runs")
    assert backfill.finish(shop.source, shop.gold, number, now=NOW) == []
    assert shop.ask("SELECT count(*) FROM etl_runs") == runs
    assert shop.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'etl_backfill'") == [(0,)]
    with pytest.raises(RunFailed, match="brought in already"):
        backfill.run_part(shop.source, shop.gold, number, 1)
    with pytest.raises(RunFailed, match="not known"):
        backfill.run_part(shop.source, shop.gold, number + 1, 1)


def test_a_change_of_the_time_zone_between_the_parts_is_told(shop: Shop) -> None:
    _sell(shop, random.Random(7), 20)
    shop.refine()
    number, parts = backfill.plan(shop.source, shop.gold, *ALWAYS, name="one")
    for part in parts:
        backfill.run_part(shop.source, shop.gold, number, part.number)
    shop.do("UPDATE core_company SET time_zone = 'Pacific/Auckland'")
    shop.refine()
    before = shop.content()
    with pytest.raises(RunFailed, match="start it once more"):
        backfill.finish(shop.source, shop.gold, number, now=NOW)
    assert shop.content() == before
    [failed] = shop.ask("SELECT outcome FROM etl_runs ORDER BY id DESC LIMIT 1")
    assert failed == ("failed",)


def test_two_backfills_at_once_leave_gold_right(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "LEAST_LINES", 20)
    _sell(shop, random.Random(11), 60)
    shop.refine()
    right = shop.content()
    _damage(shop, "UPDATE fact_sale_line SET net = net + 1")

    def whole(name: str) -> None:
        number, parts = backfill.plan(shop.source, shop.gold, *ALWAYS, name=name)
        for part in parts:
            backfill.run_part(shop.source, shop.gold, number, part.number)
        backfill.finish(shop.source, shop.gold, number, now=NOW)

    with ThreadPoolExecutor(2) as two:
        list(two.map(whole, ("one", "other")))
    assert shop.content() == right


def test_a_part_done_by_two_at_once_counts_once(shop: Shop) -> None:
    _sell(shop, random.Random(11), 60)
    shop.refine()
    right = shop.content()
    _damage(shop, "UPDATE fact_sale_line SET net = net + 1")
    number, [part] = backfill.plan(shop.source, shop.gold, *ALWAYS, name="one")
    with ThreadPoolExecutor(3) as three:
        done = list(three.map(lambda _: backfill.run_part(shop.source, shop.gold, number, part.number), range(3)))
    assert len(set(done)) == 1
    backfill.finish(shop.source, shop.gold, number, now=NOW)
    assert shop.content() == right


def test_a_part_killed_in_the_middle_is_done_again(shop: Shop) -> None:
    _sell(shop, random.Random(11), 40)
    shop.refine()
    right = shop.content()
    _damage(shop, "DELETE FROM fact_sale_line WHERE line_key % 4 <> 0")
    number, [part] = backfill.plan(shop.source, shop.gold, *ALWAYS, name="one")
    damaged = shop.content()
    with shop.gold.connect() as gold, gold.begin():
        gold.exec_driver_sql(
            "LOCK TABLE etl_backfill_parts IN EXCLUSIVE MODE"
        )  # so that it stands before its last word
        process = multiprocessing.get_context("spawn").Process(
            target=_part, args=(_url(shop.source), _url(shop.gold), number, part.number)
        )
        process.start()
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        until(lambda: shop.ask(waiting) != [(0,)], 60, every=0.05)
        assert shop.ask(waiting) == [(1,)]
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    assert shop.content() == damaged
    assert backfill.waiting(shop.gold, number) == [1]
    backfill.run_part(shop.source, shop.gold, number, part.number)
    backfill.finish(shop.source, shop.gold, number, now=NOW)
    assert shop.content() == right


def test_a_run_under_way_is_told_from_a_failure(shop: Shop) -> None:
    shop.refine()
    with shop.gold.begin() as gold:
        gold.exec_driver_sql("SELECT pg_advisory_xact_lock(1651471476)")
        with pytest.raises(RunBusy):
            run_flows(shop.source, shop.gold, wait=0.1)


def _part(source: str, gold: str, number: int, part: int) -> None:
    from sqlalchemy import create_engine

    backfill.run_part(create_engine(source), create_engine(gold), number, part)


def _backfill(shop: Shop, first: dt.date, last: dt.date) -> dict[str, object]:
    number, parts = backfill.plan(shop.source, shop.gold, first, last, name=f"test {random.random()}")
    for part in parts:
        backfill.run_part(shop.source, shop.gold, number, part.number)
    return {run.flow: run for run in backfill.finish(shop.source, shop.gold, number, now=NOW)}


def _sell(shop: Shop, chance: random.Random, orders: int) -> None:
    taken = int(shop.do("SELECT count(*) FROM sales_orders"))
    shop.do("INSERT INTO catalogue_categories (name) VALUES ('Tools') ON CONFLICT DO NOTHING")
    shop.do(
        "INSERT INTO catalogue_products (sku, name, price, category_id) SELECT 'P' || n, 'Product ' || n, n, "
        "(SELECT min(id) FROM catalogue_categories) FROM generate_series(1, 6) n ON CONFLICT DO NOTHING"
    )
    shop.do("INSERT INTO crm_customers (number, name) SELECT 'K' || n, 'Customer' FROM generate_series(1, 4) n ON CONFLICT DO NOTHING")  # fmt: skip
    products = [row for (row,) in _source(shop, "SELECT id FROM catalogue_products")]
    customers = [row for (row,) in _source(shop, "SELECT id FROM crm_customers")]
    for number in range(taken, taken + orders):
        lines = [(chance.choice(products), str(chance.randint(-5, 9)), f"{chance.randint(1, 99)}.5") for _ in range(3)]
        day = f"20{chance.randint(9, 11):02}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02} {chance.randint(0, 23):02}:30+00"
        kind = chance.choice(["sale", "sale", "cancellation"])
        shop.order(f"N{number}-{chance.random()}", day, *lines, customer=chance.choice([None, *customers]), country=f"Land {chance.randint(1, 3)}", kind=kind)  # fmt: skip


def _source(shop: Shop, query: str) -> list[tuple[int, ...]]:
    with shop.source.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def _damage(shop: Shop, statement: str) -> None:
    with shop.gold.begin() as gold:
        gold.exec_driver_sql(statement.replace("%", "%%"))


def _quarantine(shop: Shop) -> list[tuple[object, ...]]:
    return shop.ask('SELECT flow, key, reason, "row" FROM etl_quarantine ORDER BY 1, 2')


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)
