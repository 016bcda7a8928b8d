"""Small GOLD databases: the tables by the ETL's contracts, filled with sales that a test writes or draws at random."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, text

from etl.gold.tables import GRAINS, TABLES
from etl.runlog import STATE

PRODUCTS = {
    1: ("A1", "Apron", "Kitchen"),
    2: ("B2", "Bowl", "Kitchen"),
    3: ("C3", "Candle", ""),
    4: ("D4", "=Duck", "Toys"),
}
CUSTOMERS = {0: ("", ""), 1: ("C-1", "Ada"), 2: ("C-2", "Bruno"), 3: ("C-3", "Carla")}
COUNTRIES = {"Italy": ("Italy", "Italia"), "France": ("France", "Francia"), "EIRE": ("Ireland", "Irlanda")}


@dataclass(frozen=True)
class Sale:
    """An order line as GOLD holds it."""

    order: int = 1
    day: dt.date = dt.date(2025, 3, 10)
    hour: int = 10
    kind: str = "sale"
    customer: int = 1
    product: int = 1
    country: str = "Italy"
    quantity: Decimal = Decimal(1)
    price: Decimal = Decimal(10)

    @property
    def net(self) -> Decimal:
        return (self.quantity * self.price).quantize(Decimal("0.0001"))


def make_tables(connection: Connection) -> None:
    """Empty GOLD tables."""
    for table in TABLES:
        for statement in (table.create("public"), *table.finish("public")):
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql(STATE)


def make_gold(connection: Connection, sales: Iterable[Sale]) -> list[Sale]:
    """GOLD tables with these sales, their rolled-up tables and the run that made them."""
    make_tables(connection)
    sales = list(sales)

    def add(table: str, rows: list[dict[str, object]]) -> None:
        names = list(rows[0]) if rows else []
        if rows:
            values = ", ".join(f":{name}" for name in names)
            connection.execute(text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"), rows)

    add(
        "dim_product",
        [
            {"product_key": key, "sku": sku, "name": name, "category": category, "price": 1, "vat_rate": 22}
            for key, (sku, name, category) in PRODUCTS.items()
        ],
    )
    add(
        "dim_customer",
        [
            {
                "customer_key": key,
                "number": number,
                "name": name,
                "kind": "person" if key else "anonymous",
                "country": "",
            }
            for key, (number, name) in CUSTOMERS.items()
        ],
    )
    add(
        "dim_country",
        [{"country_key": key, "name_en": english, "name_it": italian} for key, (english, italian) in COUNTRIES.items()],
    )
    add(
        "fact_sale_line",
        [
            {
                "line_key": number, "order_key": sale.order, "order_number": str(sale.order), "order_kind": sale.kind,
                "date_key": sale.day, "hour": sale.hour, "ordered_at": dt.datetime.combine(sale.day, dt.time(sale.hour)),
                "customer_key": sale.customer, "product_key": sale.product, "country_key": sale.country,
                "quantity": sale.quantity, "unit_price": sale.price, "discount": 0, "net": sale.net,
            }
            for number, sale in enumerate(sales)
        ],
    )  # fmt: skip
    for grain in GRAINS:
        connection.exec_driver_sql(
            f"INSERT INTO agg_sales_{grain} (period_start, country_key, orders, cancellations, lines, units, net) "
            f"SELECT date_trunc('{grain}', date_key::timestamp)::date, country_key, count(DISTINCT order_key), "
            "count(DISTINCT order_key) FILTER (WHERE order_kind = 'cancellation'), count(*), sum(quantity), sum(net) "
            "FROM fact_sale_line GROUP BY 1, 2"
        )
    make_run(connection)
    return sales


def make_run(connection: Connection, outcome: str = "ok", mode: str = "full", flow: str = "sales") -> None:
    """A run of the ETL in its log."""
    connection.execute(
        text(
            'INSERT INTO etl_runs (flow, mode, started_at, finished_at, outcome, "window", rows_in, loaded, quarantined, '
            "deleted, audits, duration_seconds, actor) "
            "VALUES (:flow, :mode, now(), now(), :outcome, '', 0, 0, 0, 0, '[]', 1, 'test')"
        ),
        {"flow": flow, "mode": mode, "outcome": outcome},
    )


def random_sales(seed: int, orders: int = 120) -> list[Sale]:
    """Orders of one to four lines over sixteen months, some cancelled, some anonymous."""
    chance = random.Random(seed)
    sales = []
    for order in range(orders):
        kind = chance.choices(["sale", "cancellation", "return"], [7, 2, 1])[0]
        day = dt.date(2024, 1, 1) + dt.timedelta(days=chance.randrange(480))
        hour, customer, country = chance.randrange(24), chance.randrange(4), chance.choice(list(COUNTRIES))
        for _line in range(chance.randint(1, 4)):
            quantity = Decimal(chance.randint(1, 9000)) / 1000 * (1 if kind == "sale" else -1)
            price = Decimal(chance.randint(0, 999999)) / 10000
            sales.append(
                Sale(order, day, hour, kind, customer, chance.choice(list(PRODUCTS)), country, quantity, price)
            )
    return sales
