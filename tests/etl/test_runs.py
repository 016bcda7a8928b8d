"""What a run of the ETL promises: GOLD follows the source exactly, and every run is on record."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import text

from etl.run import RunFailed
from tests.etl.shop import Shop

D = Decimal


def test_the_first_run_makes_gold_with_all_lines(shop: Shop) -> None:
    pen, ink = shop.product("PEN", "Writing"), shop.product("INK")
    anna = shop.customer("A1")
    order = shop.order("1", "2011-03-01 10:00+01", (pen, "3", "2.50"), (ink, "0.125", "0.0001"), customer=anna)
    shop.order("C2", "2011-03-02 10:00+01", (pen, "-1", "2.50"), kind="cancellation", country="EIRE", discount="33.33")
    runs = shop.refine()
    assert {name: run.mode for name, run in runs.items()} == dict.fromkeys(
        ("calendar", "customers", "products", "sales", "traffic"), "full"
    )
    assert shop.ask(
        "SELECT order_key, order_number, order_kind, date_key, hour, customer_key, product_key, country_key, quantity, "
        "unit_price, discount, net FROM fact_sale_line ORDER BY line_key"
    ) == [
        (order, "1", "sale", dt.date(2011, 3, 1), 10, anna, pen, "Italy", D("3.000"), D("2.5000"), D("0.00"), D("7.5000")),
        (order, "1", "sale", dt.date(2011, 3, 1), 10, anna, ink, "Italy", D("0.125"), D("0.0001"), D("0.00"), D("0.0000")),
        (order + 1, "C2", "cancellation", dt.date(2011, 3, 2), 10, 0, pen, "EIRE", D("-1.000"), D("2.5000"), D("33.33"), D("-1.6668")),
    ]  # fmt: skip
    assert shop.ask("SELECT customer_key, kind FROM dim_customer ORDER BY 1") == [
        (0, "anonymous"),
        (anna, "organisation"),
    ]
    assert shop.ask("SELECT sku, category, price FROM dim_product ORDER BY 1") == [
        ("INK", "", D("9.9900")),
        ("PEN", "Writing", D("9.9900")),
    ]
    assert shop.ask("SELECT * FROM dim_country ORDER BY 1") == [
        ("EIRE", "IE", "Ireland", "Irlanda"),
        ("Italy", "IT", "Italy", "Italia"),
    ]
    assert shop.ask("SELECT * FROM agg_sales_month ORDER BY 2") == [
        (dt.date(2011, 3, 1), "EIRE", 1, 1, 1, D("-1.000"), D("-1.6668")),
        (dt.date(2011, 3, 1), "Italy", 1, 0, 2, D("3.125"), D("7.5000")),
    ]


def test_an_empty_shop_has_a_calendar_and_the_anonymous_customer(shop: Shop) -> None:
    shop.refine()
    assert shop.refine()["sales"].rows_in == 0
    assert shop.ask("SELECT count(*), min(date_key), max(date_key) FROM dim_date") == [
        (365, dt.date(2011, 1, 1), dt.date(2011, 12, 31))
    ]
    assert shop.ask("SELECT name FROM dim_customer") == [("Anonymous",)]


def test_a_second_run_reads_only_what_changed(shop: Shop) -> None:
    pen = shop.product("PEN")
    first = shop.order("1", "2011-03-01 10:00+01", (pen, "3", "2.50"))
    shop.order("2", "2011-03-01 11:00+01", (pen, "1", "2.50"))
    shop.refine()
    shop.do("UPDATE sales_order_lines SET quantity = 5 WHERE order_id = :order", order=first)
    runs = shop.refine()
    assert (runs["sales"].mode, runs["sales"].rows_in, runs["products"].rows_in) == ("incremental", 1, 0)
    assert shop.ask("SELECT lines, units, net FROM agg_sales_year") == [(2, D("6.000"), D("15.0000"))]
    assert shop.refine()["sales"].rows_in == 0


def test_an_order_that_moves_leaves_its_old_day_and_country(shop: Shop) -> None:
    order = shop.order("1", "2011-03-01 10:00+01", (shop.product("PEN"), "3", "2.50"), country="Malta")
    shop.refine()
    shop.do("UPDATE sales_orders SET ordered_at = '2010-12-30 10:00+01', country = 'Italy' WHERE id = :id", id=order)
    shop.refine()
    assert shop.ask("SELECT period_start, country_key FROM agg_sales_week") == [(dt.date(2010, 12, 27), "Italy")]
    assert shop.ask("SELECT country_key FROM dim_country") == [("Italy",)]
    assert shop.ask("SELECT min(date_key) FROM dim_date") == [(dt.date(2010, 1, 1),)]


def test_a_deleted_order_is_gone_from_facts_and_totals(shop: Shop) -> None:
    pen = shop.product("PEN")
    shop.order("1", "2011-03-01 10:00+01", (pen, "3", "2.50"))
    gone = shop.order("2", "2011-04-01 11:00+02", (pen, "1", "2.50"), (pen, "2", "2.50"))
    shop.refine()
    shop.do("DELETE FROM sales_orders WHERE id = :id", id=gone)
    assert shop.refine()["sales"].deleted == 2
    assert shop.ask("SELECT order_number FROM fact_sale_line") == [("1",)]
    assert shop.ask("SELECT period_start FROM agg_sales_month") == [(dt.date(2011, 3, 1),)]


def test_a_renamed_category_customer_and_product_are_renamed_in_gold(shop: Shop) -> None:
    shop.product("PEN", "Writing")
    shop.customer("A1")
    shop.refine()
    shop.do("UPDATE catalogue_categories SET name = 'Desk'")
    shop.do("UPDATE crm_customers SET name = 'Anna'")
    runs = shop.refine()
    assert (runs["products"].mode, runs["products"].loaded) == ("incremental", 1)
    assert shop.ask("SELECT category FROM dim_product") == [("Desk",)]
    assert shop.ask("SELECT name FROM dim_customer WHERE customer_key <> 0") == [("Anna",)]


def test_a_new_time_zone_moves_all_days(shop: Shop) -> None:
    shop.order("1", "2011-03-01 23:30+00", (shop.product("PEN"), "3", "2.50"))
    shop.refine()
    assert shop.ask("SELECT date_key, hour FROM fact_sale_line") == [(dt.date(2011, 3, 2), 0)]
    shop.do("UPDATE core_company SET time_zone = 'America/New_York'")
    run = shop.refine()["sales"]
    assert "time zone" in run.window
    assert shop.ask("SELECT date_key, hour FROM fact_sale_line") == [(dt.date(2011, 3, 1), 18)]
    assert shop.ask("SELECT period_start FROM agg_sales_day") == [(dt.date(2011, 3, 1),)]


@pytest.mark.parametrize(
    ("moment", "day", "hour"),
    [
        ("2011-03-27 00:30+00", dt.date(2011, 3, 27), 1),  # before the clock jumps from 2 to 3
        ("2011-03-27 01:30+00", dt.date(2011, 3, 27), 3),
        ("2011-10-29 22:30+00", dt.date(2011, 10, 30), 0),
        ("2011-10-30 00:30+00", dt.date(2011, 10, 30), 2),  # 2:30 comes twice
        ("2011-10-30 01:30+00", dt.date(2011, 10, 30), 2),
        ("2011-10-30 22:59+00", dt.date(2011, 10, 30), 23),
        ("2011-10-30 23:00+00", dt.date(2011, 10, 31), 0),
    ],
)
def test_days_and_hours_are_the_companys_when_the_clock_changes(
    shop: Shop, moment: str, day: dt.date, hour: int
) -> None:
    shop.order("1", moment, (shop.product("PEN"), "1", "1"))
    shop.refine()
    assert shop.ask("SELECT date_key, hour FROM fact_sale_line") == [(day, hour)]


def test_a_transaction_open_during_a_run_is_read_by_the_next(shop: Shop) -> None:
    pen = shop.product("PEN")
    order = shop.order("1", "2011-03-01 10:00+01", (pen, "3", "2.50"))
    shop.refine()
    with shop.source.begin() as slow:
        slow.execute(text("UPDATE sales_order_lines SET quantity = 7"))
        shop.order("2", "2011-03-01 10:00+01", (pen, "1", "2.50"))  # a later transaction that commits first
        assert shop.refine()["sales"].loaded == 1
    shop.refine()
    assert shop.ask(f"SELECT quantity FROM fact_sale_line WHERE order_key = {order}") == [(D("7.000"),)]


@pytest.mark.parametrize("flow", ["sales", "products"])
def test_a_flow_brings_along_the_flows_it_needs(shop: Shop, flow: str) -> None:
    shop.order("1", "2011-03-01 10:00+01", (shop.product("PEN"), "3", "2.50"), customer=shop.customer("A1"))
    wanted = {"sales": ["calendar", "customers", "products", "sales"], "products": ["products"]}[flow]
    assert list(shop.refine(flow)) == wanted


def test_products_alone_cannot_lose_a_product_that_facts_still_name(shop: Shop) -> None:
    order = shop.order("1", "2011-03-01 10:00+01", (shop.product("PEN"), "3", "2.50"))
    shop.refine()
    shop.do("DELETE FROM sales_orders WHERE id = :id", id=order)
    shop.do("DELETE FROM catalogue_products")
    with pytest.raises(RunFailed, match="every fact finds its dimensions"):
        shop.refine("products")
    shop.refine()
    assert shop.ask("SELECT * FROM dim_product") == shop.ask("SELECT * FROM fact_sale_line") == []


def test_an_emptied_source_is_noticed(shop: Shop) -> None:
    shop.order("1", "2011-03-01 10:00+01", (shop.product("PEN"), "3", "2.50"))
    shop.refine()
    shop.do("TRUNCATE sales_orders CASCADE")
    assert shop.refine()["sales"].mode == "full"
    assert shop.ask("SELECT count(*) FROM fact_sale_line") == [(0,)]


def test_gold_thrown_away_in_part_is_made_again(shop: Shop) -> None:
    shop.order("1", "2011-03-01 10:00+01", (shop.product("PEN"), "3", "2.50"))
    shop.refine()
    before = shop.content()
    with shop.gold.begin() as connection:
        connection.execute(text("DROP TABLE agg_sales_week"))
    assert shop.refine()["sales"].mode == "full"
    assert shop.content() == before


def test_every_run_is_on_record(shop: Shop) -> None:
    shop.order("1", "2011-03-01 10:00+01", (shop.product("PEN"), "3", "2.50"))
    shop.refine()
    rows = shop.ask(
        "SELECT flow, mode, outcome, rows_in, loaded, quarantined, deleted, jsonb_array_length(audits), "
        "finished_at >= started_at, duration_seconds >= 0, actor <> '' FROM etl_runs ORDER BY id"
    )
    assert [row[:7] for row in rows] == [
        ("calendar", "full", "ok", 365, 365, 0, 0),
        ("customers", "full", "ok", 0, 0, 0, 0),
        ("products", "full", "ok", 1, 1, 0, 0),
        ("sales", "full", "ok", 1, 1, 0, 0),
        ("traffic", "full", "ok", 0, 0, 0, 0),
    ]
    assert all(row[7] >= 1 and row[8:] == (True, True, True) for row in rows)


@pytest.mark.parametrize(
    "words", ["007", "1.0", "NA", "null", "True", "1e5", 'a "b", c', "riga\rnuova\nriga", "\\N", "è ☕"]
)
def test_texts_arrive_as_they_are(shop: Shop, words: str) -> None:
    pen = shop.product(words, category=words)
    shop.order(words, "2011-03-01 10:00+01", (pen, "3", "2.50"), customer=shop.customer(words, words), country=words)
    shop.refine()
    assert shop.ask("SELECT order_number, country_key FROM fact_sale_line") == [(words, words)]
    assert shop.ask("SELECT sku, category FROM dim_product") == [(words, words)]
    assert shop.ask("SELECT number, country FROM dim_customer WHERE customer_key > 0") == [(words, words)]


@pytest.mark.parametrize(
    ("quantity", "price"),
    [
        ("99999999999.999", "0.0001"),
        ("-99999999999.999", "99.9999"),
        ("0.001", "9999999999.9999"),
        ("-0.001", "-0.0500"),
        ("0", "0"),
    ],
)
def test_amounts_are_exact_to_the_last_digit(shop: Shop, quantity: str, price: str) -> None:
    shop.order("1", "2011-03-01 10:00+01", (shop.product("PEN"), quantity, price), discount="0.01")
    shop.refine()
    expected = shop.do("SELECT (quantity, unit_price, discount, net)::text FROM sales_order_lines")
    assert shop.ask("SELECT (quantity, unit_price, discount, net)::text FROM fact_sale_line") == [(expected,)]
