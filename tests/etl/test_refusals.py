"""What goes wrong: rows in quarantine, audits that fail, two runs at once. GOLD stays whole."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from sqlalchemy import text

from etl.run import RunFailed, run_flows
from etl.runlog import enter
from tests.etl.shop import Shop


def test_a_line_that_is_no_number_waits_in_quarantine_until_it_is_one(shop: Shop) -> None:
    pen = shop.product("PEN")
    bad = shop.order("1", "2011-03-01 10:00+01", (pen, "NaN", "2.50"), (pen, "1", "2.50"))
    shop.refine()
    run = shop.refine()["sales"]
    assert (run.rows_in, run.loaded, run.quarantined) == (2, 1, 1)
    [(flow, reason, row)] = shop.ask('SELECT flow, reason, "row" FROM etl_quarantine')
    assert (flow, reason) == ("sales", "quantity is missing or not a number")
    assert (row["order_number"], row["quantity"], row["unit_price"]) == ("1", None, "2.5000")
    shop.do("UPDATE sales_order_lines SET quantity = 4 WHERE quantity = 'NaN'")
    assert shop.refine()["sales"].quarantined == 0
    assert shop.ask("SELECT * FROM etl_quarantine") == []
    assert shop.ask(f"SELECT sum(net) FROM fact_sale_line WHERE order_key = {bad}") == [(Decimal("12.5000"),)]


@pytest.mark.parametrize(
    "moment", ["infinity", "-infinity", "1899-12-31 10:00+00", "3010-01-01 00:00+00", "0044-03-15 00:00+00 BC"]
)
def test_an_order_beyond_the_calendar_is_put_aside(shop: Shop, moment: str) -> None:
    pen = shop.product("PEN")
    order = shop.order("1", moment, (pen, "2", "2.50"))
    shop.order("2", "2011-03-01 10:00+01", (pen, "1", "2.50"))
    run = shop.refine()["sales"]
    assert (run.loaded, run.quarantined) == (1, 1)
    assert shop.ask("SELECT count(*) FROM dim_date") == [(365,)]
    shop.do("UPDATE sales_orders SET ordered_at = '2011-03-01' WHERE id = :id", id=order)
    assert shop.refine()["sales"].quarantined == 0


def test_lines_of_a_product_in_quarantine_wait_with_it(shop: Shop) -> None:
    pen, ink = shop.product("PEN"), shop.product("INK")
    shop.order("1", "2011-03-01 10:00+01", (pen, "1", "2.50"), (ink, "1", "2.50"))
    shop.refine()
    shop.do("UPDATE catalogue_products SET price = 'NaN' WHERE sku = 'PEN'")
    runs = shop.refine()
    assert (runs["products"].quarantined, runs["sales"].loaded, runs["sales"].quarantined) == (1, 1, 1)
    assert shop.ask("SELECT reason FROM etl_quarantine WHERE flow = 'sales'") == [("its product is in quarantine",)]
    shop.do("UPDATE catalogue_products SET price = 1 WHERE sku = 'PEN'")
    shop.refine()
    assert shop.ask("SELECT count(*), sum(net) FROM fact_sale_line") == [(2, Decimal("5.0000"))]
    assert shop.ask("SELECT * FROM etl_quarantine") == []


def test_a_failed_audit_leaves_gold_as_it_was_and_is_on_record(shop: Shop) -> None:
    pen = shop.product("PEN")
    order = shop.order("1", "2011-03-01 10:00+01", (pen, "1", "2.50"))
    shop.refine()
    before = shop.content()
    cursors = shop.ask("SELECT * FROM etl_cursors ORDER BY 1")
    with shop.source.begin() as connection:  # a line that no trigger saw: the source itself does not add up
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE sales_order_lines SET quantity = 100"))
    shop.do("UPDATE crm_customers SET name = name")
    shop.do("UPDATE sales_orders SET country = 'Malta' WHERE id = :id", id=order)
    with pytest.raises(RunFailed, match=r"net of gold equals net of source: 6 offenders.*247\.5") as failure:
        shop.refine()
    assert "\n" not in str(failure.value)
    assert shop.content() == before
    assert shop.ask("SELECT * FROM etl_cursors ORDER BY 1") == cursors
    failed = shop.ask(
        "SELECT flow, rows_in, loaded, error IS NOT NULL FROM etl_runs WHERE outcome = 'failed' ORDER BY id"
    )
    assert failed == [(flow, 0, 0, True) for flow in ("calendar", "customers", "products", "sales")]
    [(audits,)] = shop.ask("SELECT audits FROM etl_runs WHERE outcome = 'failed' AND flow = 'sales'")
    assert [audit["audit"] for audit in audits if audit["offenders"]] == ["net of gold equals net of source"]


def test_facts_changed_by_hand_are_found_out(shop: Shop) -> None:
    shop.order("1", "2011-03-01 10:00+01", (shop.product("PEN"), "1", "2.50"))
    shop.refine()
    with shop.gold.begin() as connection:
        connection.execute(text("UPDATE fact_sale_line SET net = net + 0.01"))
    with pytest.raises(RunFailed, match="net of gold equals net of source"):
        shop.refine()
    shop.refine(full=True)
    assert shop.ask("SELECT net FROM fact_sale_line") == [(Decimal("2.5000"),)]


def test_a_source_that_cannot_be_read_fails_in_one_sentence(shop: Shop) -> None:
    shop.refine()
    shop.do("ALTER TABLE catalogue_products RENAME COLUMN sku TO code")
    with pytest.raises(RunFailed, match="failed in flow products, nothing was loaded") as failure:
        shop.refine()
    assert "\n" not in str(failure.value)
    assert shop.ask("SELECT count(*) FROM etl_runs WHERE outcome = 'failed' AND flow = 'products'") == [(1,)]


def test_a_run_beside_another_is_refused_in_one_sentence(shop: Shop) -> None:
    with shop.gold.begin() as other:
        enter(other, wait=1)
        with pytest.raises(RunFailed, match="Another ETL run is under way"):
            shop.refine(wait=0.2)
    shop.refine()


def test_a_run_waits_for_another_and_reads_after_it(shop: Shop) -> None:
    pen = shop.product("PEN")
    shop.refine()
    done: list[int] = []
    with shop.gold.begin() as other:
        enter(other, wait=1)
        waiting = threading.Thread(target=lambda: done.append(shop.refine()["sales"].loaded))
        waiting.start()
        shop.order("1", "2011-03-01 10:00+01", (pen, "1", "2.50"))
    waiting.join(timeout=60)
    assert done == [1]


def test_readers_see_gold_as_before_while_a_run_is_under_way(shop: Shop) -> None:
    pen = shop.product("PEN")
    shop.order("1", "2011-03-01 10:00+01", (pen, "1", "2.50"))
    shop.refine()
    shop.order("2", "2011-03-01 10:00+01", (pen, "1", "2.50"))
    seen: list[object] = []

    def look(_: str) -> None:
        with shop.gold.connect() as reader:
            reader.execute(text("SET statement_timeout = '2s'"))
            seen.append(
                reader.execute(
                    text("SELECT count(*), (SELECT sum(lines) FROM agg_sales_day) FROM fact_sale_line")
                ).one()
            )

    with shop.gold.connect().execution_options(isolation_level="REPEATABLE READ") as long_reader:
        count = text("SELECT count(*) FROM fact_sale_line")
        assert long_reader.execute(count).scalar_one() == 1
        run_flows(shop.source, shop.gold, full=True, say=look)
        assert long_reader.execute(count).scalar_one() == 1
    assert len(seen) > 4
    assert set(seen) == {(1, 1)}
    assert shop.ask("SELECT count(*) FROM fact_sale_line") == [(2,)]
