"""The real sales file, imported and refined: every figure equals one computed from the file by other means."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from tests.etl.shop import Shop
from webapp.blueprints.sales.services.importing import import_sales
from webapp.core.db import db, transaction
from webapp.core.security import Actor

pytestmark = pytest.mark.real_data


def test_gold_equals_the_file(fresh_app: Flask, shop: Shop, real_data: Path) -> None:
    path = real_data / "sales" / "online_retail.csv"
    months: dict[dt.date, Decimal] = defaultdict(Decimal)
    weeks: dict[dt.date, Decimal] = defaultdict(Decimal)
    days: dict[tuple[dt.date, str], set[str]] = defaultdict(set)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            net, day = (
                Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]),
                dt.date.fromisoformat(row["InvoiceDate"][:10]),
            )
            months[day.replace(day=1)] += net
            weeks[day - dt.timedelta(days=day.weekday())] += net
            days[day, row["Country"]].add(row["InvoiceNo"])

    with transaction() as session:
        imported = import_sales(session, path=path, mapping="online-retail", by=Actor(name="test", everything=True))
    db.session.remove()
    assert (imported.rows, imported.accepted, imported.quarantined) == (541_909, 541_909, 0)
    run = shop.refine()["sales"]
    assert (run.rows_in, run.loaded, run.quarantined) == (541_909, 541_909, 0)

    assert shop.ask("SELECT sum(net) FROM fact_sale_line") == [(Decimal("9747747.934"),)]
    assert shop.ask("SELECT count(DISTINCT order_key), count(DISTINCT country_key) FROM fact_sale_line") == [
        (25_900, 38)
    ]
    assert shop.ask("SELECT count(*) FROM dim_customer WHERE customer_key <> 0") == [(4_372,)]
    assert shop.ask("SELECT count(*) FROM dim_product") == [(4_070,)]
    assert shop.ask("SELECT count(*) FROM dim_country") == [(38,)]
    assert dict(shop.ask("SELECT period_start, sum(net) FROM agg_sales_month GROUP BY 1")) == months
    assert dict(shop.ask("SELECT period_start, sum(net) FROM agg_sales_week GROUP BY 1")) == weeks
    found = {
        (day, country): orders
        for day, country, orders in shop.ask("SELECT period_start, country_key, orders FROM agg_sales_day")
    }
    # an order that goes over a minute, or has two countries, has the first one of the file: only the totals must agree
    assert sum(found.values()) == 25_900
    assert found == {cell: len(numbers) for cell, numbers in days.items()}

    kept = shop.content()
    shop.do(
        "UPDATE sales_order_lines SET quantity = quantity + 1 WHERE order_id IN (SELECT id FROM sales_orders ORDER BY md5(number) LIMIT 100)"
    )
    assert shop.refine()["sales"].mode == "incremental"
    assert shop.content() != kept
    shop.do(
        "UPDATE sales_order_lines SET quantity = quantity - 1 WHERE order_id IN (SELECT id FROM sales_orders ORDER BY md5(number) LIMIT 100)"
    )
    assert shop.refine()["sales"].mode == "incremental"
    assert shop.content() == kept
