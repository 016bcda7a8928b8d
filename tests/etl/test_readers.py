"""Readers with a role of their own see the rows that are theirs, whichever way the tables were loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from etl.gold.access import READERS
from tests.etl.shop import Shop
from webapp.core.settings import Settings

pytestmark = pytest.mark.usefixtures("readers")
ALL = (None, None)


class Reader:
    """A role that reads GOLD of its own right."""

    def __init__(self, shop: Shop, name: str) -> None:
        self.shop, self.name = shop, name

    def reaches(self, **subjects: list[tuple[int | None, int | None]]) -> None:
        with self.shop.gold.begin() as gold:
            gold.execute(text("DELETE FROM gold_access.reach WHERE role_name = :name"), {"name": self.name})
            for subject, pairs in subjects.items():
                for owner, group in pairs:
                    gold.execute(
                        text("INSERT INTO gold_access.reach VALUES (:name, :subject, :owner, :group)"),
                        {"name": self.name, "subject": subject, "owner": owner, "group": group},
                    )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.shop.gold.connect() as gold, gold.begin():
            gold.exec_driver_sql(f'SET LOCAL ROLE "{self.name}"')
            return [tuple(row) for row in gold.execute(text(query))]

    def orders(self) -> list[str]:
        found = self.ask("SELECT DISTINCT order_number FROM fact_sale_line ORDER BY 1")
        return [number for (number,) in found]


@pytest.fixture
def readers(shop: Shop, fresh_settings: Settings) -> Iterator[str]:
    """The role of all readers of this GOLD, and one of them."""
    with shop.gold.begin() as gold:
        group = str(gold.execute(text(f"SELECT {READERS}")).scalar_one())
        gold.exec_driver_sql(f'CREATE ROLE "{group}" NOLOGIN')
        gold.exec_driver_sql(f'CREATE ROLE "{group}_1" NOLOGIN IN ROLE "{group}"')
    yield group
    with shop.gold.begin() as gold:
        for name in (f"{group}_1", group):
            gold.exec_driver_sql(f'DROP OWNED BY "{name}"')
            gold.exec_driver_sql(f'DROP ROLE "{name}"')


@pytest.fixture
def reader(shop: Shop, readers: str) -> Reader:
    """A reader of a shop with four orders: of two people, of one of them in a group, and of nobody."""
    product = shop.product("A1")
    for number, owner, group in (("1", 7, None), ("2", 8, None), ("3", 7, 70), ("4", None, None)):
        customer = shop.customer(f"C{number}")
        order = shop.order(number, f"2011-03-0{number} 10:00+01", (product, "1", "5"), customer=customer)
        for table, key in (("sales_orders", order), ("crm_customers", customer)):
            shop.do(
                f"UPDATE {table} SET owner_id = :owner, group_id = :group WHERE id = :id",
                owner=owner,
                group=group,
                id=key,
            )
    shop.refine()
    with shop.gold.begin() as gold:
        gold.exec_driver_sql(f'GRANT USAGE ON SCHEMA gold_access TO "{readers}"')
        gold.exec_driver_sql(f'GRANT SELECT ON gold_access.reach TO "{readers}"')
    return Reader(shop, f"{readers}_1")


def test_a_reader_without_reach_sees_no_row_but_the_calendar_and_the_anonymous(reader: Reader) -> None:
    tables = ("fact_sale_line", "dim_product", "dim_country", "agg_sales_day", "agg_sales_year")
    assert [reader.ask(f"SELECT * FROM {name}") for name in tables] == [[]] * len(tables)
    assert reader.ask("SELECT customer_key FROM dim_customer") == [(0,)]
    assert reader.ask("SELECT count(*) > 300 FROM dim_date") == [(True,)]


def test_a_reader_sees_its_owners_its_groups_and_what_is_both(reader: Reader) -> None:
    reader.reaches(orders=[(7, None)])
    assert reader.orders() == ["1", "3"]
    reader.reaches(orders=[(None, 70)])
    assert reader.orders() == ["3"]
    reader.reaches(orders=[(7, 70), (8, 70)])
    assert reader.orders() == ["3"]
    reader.reaches(orders=[(8, None), (None, 70)])
    assert reader.orders() == ["2", "3"]


def test_sums_are_told_to_those_alone_who_see_all_records(reader: Reader) -> None:
    reader.reaches(orders=[(7, None), (8, None)])
    assert reader.ask("SELECT * FROM agg_sales_day") == []
    assert reader.ask("SELECT country_key FROM dim_country") == [("Italy",)]
    reader.reaches(orders=[ALL])
    assert reader.ask("SELECT sum(orders) FROM agg_sales_day") == [(4,)]
    assert reader.orders() == ["1", "2", "3", "4"]


def test_customers_and_products_are_reached_apart_from_orders(reader: Reader) -> None:
    reader.reaches(orders=[ALL], customers=[(8, None)])
    assert reader.ask("SELECT number FROM dim_customer ORDER BY 1") == [("",), ("C2",)]
    assert reader.ask("SELECT * FROM dim_product") == []
    reader.reaches(products=[ALL])
    assert reader.ask("SELECT sku FROM dim_product") == [("A1",)]


@pytest.mark.parametrize("full", [True, False])
def test_what_is_handed_over_is_seen_by_others_after_the_next_run(reader: Reader, full: bool) -> None:
    reader.reaches(orders=[(8, None)])
    reader.shop.do("UPDATE sales_orders SET owner_id = 8 WHERE number = '1'")
    reader.shop.do("UPDATE sales_orders SET owner_id = NULL WHERE number = '2'")
    reader.shop.refine(full=full)
    assert reader.orders() == ["1"]


def test_tables_made_anew_are_guarded_and_given_to_the_readers(reader: Reader) -> None:
    reader.reaches(orders=[(8, None)])
    with reader.shop.gold.begin() as gold:
        gold.exec_driver_sql("DROP TABLE fact_sale_line")
    reader.shop.refine()
    assert reader.orders() == ["2"]


def test_a_reader_knows_of_no_reach_but_its_own(reader: Reader, readers: str) -> None:
    reader.reaches(orders=[(8, None)])
    with reader.shop.gold.begin() as gold:
        gold.exec_driver_sql("INSERT INTO gold_access.reach VALUES ('another', 'orders', NULL, NULL)")
    assert reader.ask("SELECT owner_key FROM gold_access.reach") == [(8,)]
