"""What `import bottega_gold` gives a notebook: the same figures as the pages, from the rows that it may see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from etl.gold.access import READERS
from etl.run import run_flows
from tests.etl.shop import Shop
from webapp.blueprints.gold.public import (
    DIMENSIONS,
    METRICS,
    Grain,
    Reached,
    close_reader,
    list_readers,
    open_reader,
    query,
    read_gold,
    reader_name,
)
from webapp.core.db import db, gold_engine
from webapp.core.settings import PROJECT

PASSWORD = "of-this-reader-alone"
ALL = (Reached("orders"), Reached("customers"), Reached("products"))
Notebook = Callable[..., Any]


@pytest.fixture
def shop(fresh_app: Flask) -> Iterator[Shop]:
    """A shop with orders of two people in two countries, some cancelled, some of nobody known."""
    shop = Shop(db.engine, gold_engine())
    products = [shop.product("A1", "Kitchen"), shop.product("=B2"), shop.product("C%3", "Toys")]
    for number in range(12):
        lines = [(products[(number + at) % 3], f"{at + 1}.25", f"{number + 1}.1") for at in range(number % 3 + 1)]
        customer = shop.customer(f"C{number}") if number % 4 else None
        kind = "cancellation" if number % 5 == 0 else "sale"
        day = f"2011-0{number % 6 + 1}-1{number % 7} {number:02}:30+01"
        order = shop.order(
            str(number), day, *lines, customer=customer, country=["Italy", "EIRE"][number % 2], kind=kind
        )
        shop.do("UPDATE sales_orders SET owner_id = :o WHERE id = :id", o=7 + number % 2, id=order)
    run_flows(shop.source, shop.gold)
    yield shop
    for name in list_readers(shop.gold):
        close_reader(shop.gold, name)
    [(readers,)] = shop.ask(f"SELECT {READERS}")
    with shop.gold.begin() as gold:
        if gold.execute(text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)"), {"name": readers}).scalar():
            gold.exec_driver_sql(f'DROP OWNED BY "{readers}"')
            gold.exec_driver_sql(f'DROP ROLE "{readers}"')


@pytest.fixture
def notebook(shop: Shop) -> Notebook:
    """Run Python in a process with the environment of a notebook; what it assigns to `told` comes back."""

    def run(code: str, *reach: Reached, **environ: str) -> Any:
        with shop.gold.connect() as gold:
            name = reader_name(gold, 1, 1)
        open_reader(shop.gold, name, password=PASSWORD, reach=reach, seconds=30)
        url = shop.gold.url
        place = {
            "PGHOST": str(url.query.get("host") or url.host), "PGPORT": str(url.port or 5432), "PGUSER": name,
            "PGDATABASE": str(url.database), "PGPASSWORD": PASSWORD,
        }  # fmt: skip
        return python(code, **{**place, **environ})

    return run


def python(code: str, **environ: str) -> Any:
    program = f"import json\nimport bottega_gold as gold\n{code}\nprint(json.dumps(told, default=str))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT / "workspaces/bottega_gold/src"), **environ},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def records(frame: str) -> str:
    """The code that tells the rows of a frame, periods as days."""
    return (
        f"frame = {frame}\n"
        "if 'period' in frame: frame['period'] = frame['period'].dt.date\n"
        "told = [list(row) for row in frame.astype(object).itertuples(index=False)]"
    )


def plain(rows: list[dict[str, Any]]) -> Any:
    return json.loads(json.dumps([list(row.values()) for row in rows], default=str))


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "by", [(), ("country",), ("product",), ("customer", "kind"), ("category", "weekday"), ("hour",)]
)
def test_each_metric_is_the_one_of_the_pages(notebook: Notebook, by: tuple[str, ...]) -> None:
    asked = (
        f"gold.metric({', '.join(map(repr, METRICS))}, by={by!r}, grain='month', start='2011-02-01', end='2011-05-31')"
    )
    import datetime as dt

    days = {"start": dt.date(2011, 2, 1), "end": dt.date(2011, 5, 31)}
    with read_gold() as connection:
        expected = query(connection, list(METRICS), by=by, grain=Grain.MONTH, **days)
    assert notebook(records(asked), *ALL) == plain(expected)


@pytest.mark.usefixtures("shop")
def test_a_metric_is_filtered_by_every_dimension(notebook: Notebook) -> None:
    members = {
        "country": ["Italy"], "category": ["Toys", ""], "product": ["C%3"], "customer": ["C1", "C7"], "weekday": [1, 2, 3],
        "hour": [4, 5], "kind": ["sale"],
    }  # fmt: skip
    assert set(members) == set(DIMENSIONS)
    asked = [f"gold.metric('net_revenue', 'orders', {name}={wanted!r})" for name, wanted in members.items()]
    told = notebook(f"told = [[str(v) for v in f.iloc[0]] for f in [{', '.join(asked)}]]", *ALL)
    with read_gold() as connection:
        for found, (name, wanted) in zip(told, members.items(), strict=True):
            [row] = query(connection, ["net_revenue", "orders"], filters={name: wanted})
            assert found == [str(value) for value in row.values()], name


def test_tables_come_by_their_names_with_days_and_exact_amounts(notebook: Notebook, shop: Shop) -> None:
    told = notebook(
        "lines = gold.fact_sale_line(start='2011-03-01', end='2011-04-30')\n"
        "told = [len(lines), str(lines['net'].sum()), str(lines['date_key'].dtype), str(lines['ordered_at'].dtype), "
        "len(gold.dimension('customer')), len(gold.fact('sale_line', limit=3)), list(gold.table('dim_product', columns=['sku'])), "
        "str(gold.fact_sale_line(exact=False)['net'].dtype)]",
        *ALL,
    )
    [(lines, net)] = shop.ask("SELECT count(*), sum(net) FROM fact_sale_line WHERE date_key BETWEEN '2011-03-01' AND '2011-04-30'")  # fmt: skip
    assert told == [lines, str(net), "datetime64[us]", "datetime64[us, UTC]", 10, 3, ["sku"], "float64"]


def test_a_notebook_counts_what_it_sees(notebook: Notebook, shop: Shop) -> None:
    told = notebook(
        "told = [int(gold.orders()['orders'].iloc[0]), str(gold.net_revenue()['net_revenue'].iloc[0]), len(gold.agg_sales_month()), "
        "list(gold.metric('orders', by='product').columns)]",
        Reached("orders", owner=7),
    )
    [(orders, net)] = shop.ask("SELECT count(DISTINCT order_key), sum(net) FROM fact_sale_line WHERE owner_key = 7")
    assert told == [orders, str(Decimal(net)), 0, ["product", "product_name", "orders"]]


@pytest.mark.usefixtures("shop")
def test_the_dictionary_tells_tables_metrics_and_dimensions(notebook: Notebook) -> None:
    told = notebook(
        "told = [list(gold.metrics()['metric']), list(gold.dimensions('it')['label']), "
        "sorted(gold.tables()['table'].unique()), [n for n in dir(gold) if n.startswith('dim_')]]"
    )
    metrics, labels, tables, dimensions = told
    assert metrics == list(METRICS)
    assert labels[0] == "Paese"
    assert {"fact_sale_line", "agg_sales_year"} <= set(tables)
    assert dimensions == ["dim_country", "dim_customer", "dim_date", "dim_product"]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("gold.table('etl_runs')", "GOLD has no table 'etl_runs'"),
        ("gold.dimension('customer', columns=['e_mail'])", "dim_customer has no column 'e_mail'"),
        ("gold.metric('gain')", "there is no metric 'gain'; there are net_revenue"),
        ("gold.metric('orders', by='planet')", "there is no dimension 'planet'"),
        ("gold.metric('orders', grain='century')", "there is no grain 'century'"),
        ("gold.dim_customer(start='2011-01-01')", "dim_customer has no days"),
        ("gold.gain()", "GOLD has no table and no metric 'gain'"),
    ],
)
def test_what_is_not_there_is_said_with_what_there_is(notebook: Notebook, asked: str, says: str) -> None:
    told = notebook(
        f"try:\n    {asked}\n    told = ''\nexcept (KeyError, AttributeError) as error:\n    told = str(error)"
    )
    assert says in told


def test_without_a_way_to_gold_it_says_why() -> None:
    code = "try:\n    gold.dim_date()\nexcept gold.GoldNotThere as error:\n    told = str(error)"
    assert python(code, BOTTEGA_GOLD_WHY="The door is closed.") == "This notebook cannot read GOLD. The door is closed."
    assert "without a way to GOLD" in python(code)
    assert "GOLD does not answer" in python(code, PGHOST="/nowhere")


@pytest.mark.usefixtures("shop")
def test_a_connection_that_was_ended_is_made_again(notebook: Notebook) -> None:
    code = (
        "from bottega_gold.connection import connection\n"
        "gold.sql('SELECT 1')\n"
        "try:\n    gold.sql('SELECT pg_terminate_backend(pg_backend_pid())')\nexcept Exception: pass\n"
        "told = int(gold.sql('SELECT %(n)s AS n', n=2)['n'].iloc[0])"
    )
    assert notebook(code, *ALL) == 2
