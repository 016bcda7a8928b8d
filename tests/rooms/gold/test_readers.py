"""Readers of GOLD: roles that see the rows of their reach and can do nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from flask import Flask
from psycopg2 import errors
from sqlalchemy import create_engine, text

from etl.gold.access import READERS
from etl.run import run_flows
from tests.etl.shop import Shop
from webapp.blueprints.gold.public import (
    METRICS,
    GoldNotThere,
    NoRoleForReaders,
    Reached,
    close_reader,
    end_overdue,
    list_readers,
    open_reader,
    reader_name,
    renew_reach,
)
from webapp.core.db import db, gold_engine

PASSWORD = "of-this-reader-alone"
ALL = frozenset({Reached("orders"), Reached("customers"), Reached("products")})


class Reader:
    """Somebody who is signed in to GOLD as a reader."""

    def __init__(self, name: str, database: str = "") -> None:
        url = gold_engine().url
        host = url.query.get("host") or url.host
        self.connection = psycopg2.connect(
            host=host, port=url.port, dbname=database or url.database, user=name, password=PASSWORD
        )
        self.connection.autocommit = True

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall()) if cursor.description else []

    def is_refused(self, statement: str) -> bool:
        try:
            self.ask(statement)
        except errors.InsufficientPrivilege:
            return True
        return False


@pytest.fixture
def shop(fresh_app: Flask) -> Iterator[Shop]:
    """A shop with an order of person 7, one of person 8 in group 80, and one of nobody."""
    shop = Shop(db.engine, gold_engine())
    product = shop.product("A1", "Kitchen")
    for number, owner, group in (("1", 7, None), ("2", 8, 80), ("3", None, None)):
        customer = shop.customer(f"C{number}")
        order = shop.order(number, f"2011-03-0{number} 10:00+01", (product, "1", "5"), customer=customer)
        for table, key in (("sales_orders", order), ("crm_customers", customer)):
            shop.do(f"UPDATE {table} SET owner_id = :o, group_id = :g WHERE id = :id", o=owner, g=group, id=key)
    run_flows(shop.source, shop.gold)
    yield shop
    for name in list_readers(shop.gold):
        close_reader(shop.gold, name)
    [(readers,)] = shop.ask(f"SELECT {READERS}")
    with shop.gold.begin() as gold:
        if gold.execute(text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)"), {"name": readers}).scalar():
            gold.exec_driver_sql(f'DROP OWNED BY "{readers}"')
            gold.exec_driver_sql(f'DROP ROLE "{readers}"')


def sign_up(shop: Shop, number: int = 1, *reach: Reached) -> str:
    with shop.gold.connect() as gold:
        name = reader_name(gold, number, 1)
    open_reader(shop.gold, name, password=PASSWORD, reach=reach, seconds=30)
    return name


def test_a_reader_sees_the_rows_of_its_reach(shop: Shop) -> None:
    reader = Reader(sign_up(shop, 1, Reached("orders", owner=7), Reached("orders", group=80)))
    assert reader.ask("SELECT order_number FROM fact_sale_line ORDER BY 1") == [("1",), ("2",)]
    assert reader.ask("SELECT number FROM dim_customer") == [("",)]


def test_a_reach_that_changes_holds_from_the_next_statement_on(shop: Shop) -> None:
    reader = Reader(name := sign_up(shop, 1, *ALL))
    assert reader.ask("SELECT count(*) FROM fact_sale_line") == [(3,)]
    assert renew_reach(shop.gold, name, [Reached("orders", owner=7)])
    assert reader.ask("SELECT order_number FROM fact_sale_line") == [("1",)]
    assert not renew_reach(shop.gold, name, [Reached("orders", owner=7)])


def test_probes_beside_the_reach_bring_nothing(shop: Shop) -> None:
    reader = Reader(sign_up(shop, 1, Reached("orders", owner=7)))
    other = sign_up(shop, 2, *ALL)
    refused = (
        "SELECT * FROM etl_runs", "SELECT * FROM etl_quarantine", "SELECT * FROM etl_cursors", "SELECT * FROM pg_authid",
        "SELECT * FROM pg_shadow", "SELECT * FROM pg_stat_activity", "SELECT * FROM pg_statistic",
        "SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('/')", "SELECT lo_import('/etc/passwd')", "SELECT lo_create(0)",
        "COPY fact_sale_line TO PROGRAM 'cat'", "COPY fact_sale_line TO '/tmp/rows'", "COPY fact_sale_line FROM PROGRAM 'id'",
        f'SET ROLE "{other}"', "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres",
        "SELECT pg_advisory_lock(1651471476)", "SELECT pg_reload_conf()",
        "ALTER TABLE fact_sale_line DISABLE ROW LEVEL SECURITY", "DROP POLICY reach ON fact_sale_line",
        "CREATE SCHEMA mine", "CREATE ROLE mine", "ALTER SYSTEM SET jit = on",
        "INSERT INTO gold_access.reach VALUES (current_user, 'orders', NULL, NULL)",
    )  # fmt: skip
    reader.ask("SET default_transaction_read_only = off")
    assert [statement for statement in refused if not reader.is_refused(statement)] == []
    for statement in (
        "CREATE TABLE public.mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "UPDATE fact_sale_line SET net = 0",
    ):
        assert reader.is_refused(statement), statement
    for statement in (
        "DELETE FROM fact_sale_line",
        "TRUNCATE dim_customer",
        "CREATE FUNCTION f() RETURNS int RETURN 1",
    ):
        assert reader.is_refused(statement), statement
    assert reader.ask("SELECT role_name = current_user FROM gold_access.reach") == [(True,)]
    assert reader.ask("SELECT * FROM pg_stats WHERE schemaname = 'public' AND tablename = 'fact_sale_line'") == []
    reader.ask("SET row_security = off")
    assert reader.is_refused("SELECT * FROM fact_sale_line")
    reader.ask("SET row_security = on")
    reader.ask(f'SET ROLE "{other.rpartition("_")[0].rpartition("_")[0]}"')  # the role of all readers reaches nothing
    assert reader.ask("SELECT * FROM fact_sale_line") == []


def test_a_condition_of_the_readers_own_is_not_shown_the_rows_of_others(shop: Shop) -> None:
    reader = Reader(sign_up(shop, 1, Reached("orders", owner=7)))
    assert reader.ask("SELECT order_number FROM fact_sale_line WHERE 1 / (order_number = '1')::int = 1") == [("1",)]


def test_the_definitions_of_the_pages_stand_in_gold(shop: Shop) -> None:
    reader = Reader(sign_up(shop, 1))
    assert reader.ask("SELECT name FROM gold_access.metrics ORDER BY place") == [(name,) for name in METRICS]


def test_a_reader_survives_a_load_that_makes_all_tables_anew(shop: Shop) -> None:
    reader = Reader(sign_up(shop, 1, Reached("orders", owner=7)))
    with shop.gold.begin() as gold:
        gold.exec_driver_sql("DROP TABLE fact_sale_line, dim_customer, agg_sales_day")
    run_flows(shop.source, shop.gold)
    assert reader.ask("SELECT order_number FROM fact_sale_line") == [("1",)]


def test_a_reader_is_opened_and_closed_as_often_as_one_likes(shop: Shop) -> None:
    name = sign_up(shop, 1, *ALL)
    assert sign_up(shop, 1, Reached("orders", owner=8)) == name
    reader = Reader(name)
    assert reader.ask("SELECT order_number FROM fact_sale_line") == [("2",)]
    assert list_readers(shop.gold) == [name]
    close_reader(shop.gold, name)
    close_reader(shop.gold, name)
    assert list_readers(shop.gold) == []
    assert shop.ask("SELECT * FROM gold_access.reach") == []
    with pytest.raises(psycopg2.OperationalError):
        reader.ask("SELECT 1")
    with pytest.raises(psycopg2.OperationalError):
        Reader(name)


def test_a_statement_that_outlasts_a_limit_the_reader_lifted_is_ended(shop: Shop) -> None:
    name = sign_up(shop, 1, *ALL)
    reader = Reader(name)
    with pytest.raises(errors.QueryCanceled):
        reader.ask("SET statement_timeout = '50ms'; SELECT pg_sleep(60)")
    reader.ask("SET statement_timeout = 0")
    assert end_overdue(shop.gold, seconds=30) == []
    reader.connection.autocommit = False
    reader.ask("SELECT 1")
    assert end_overdue(shop.gold, seconds=0) == [name]
    with pytest.raises(psycopg2.OperationalError):
        reader.ask("SELECT 1")


def test_before_the_first_run_there_is_nothing_to_read(fresh_app: Flask) -> None:
    with pytest.raises(GoldNotThere):
        open_reader(gold_engine(), "early_1_1", password=PASSWORD, reach=(), seconds=30)


def test_a_server_that_grants_no_roles_says_what_its_administrator_can_do(shop: Shop) -> None:
    with shop.gold.begin() as gold:
        gold.exec_driver_sql(f"CREATE ROLE plain_house LOGIN PASSWORD '{PASSWORD}'")
        gold.exec_driver_sql("GRANT USAGE ON SCHEMA gold_access TO plain_house")
    plain = create_engine(shop.gold.url.set(username="plain_house", password=PASSWORD))
    try:
        with pytest.raises(NoRoleForReaders, match="ALTER ROLE plain_house CREATEROLE"):
            open_reader(plain, "x_1_1", password=PASSWORD, reach=(), seconds=30)
    finally:
        plain.dispose()
        with shop.gold.begin() as gold:
            gold.exec_driver_sql("DROP OWNED BY plain_house")
            gold.exec_driver_sql("DROP ROLE plain_house")


def test_a_house_that_is_no_superuser_but_may_make_roles_has_readers_too(shop: Shop) -> None:
    house, database = "modest_house", str(shop.gold.url.database)
    with shop.gold.begin() as gold:
        gold.exec_driver_sql(f"CREATE ROLE {house} LOGIN CREATEROLE PASSWORD '{PASSWORD}'")
        gold.exec_driver_sql("DROP SCHEMA public CASCADE")
        gold.exec_driver_sql("DROP SCHEMA gold_access CASCADE")
        gold.exec_driver_sql(f"ALTER DATABASE {database} OWNER TO {house}")
        gold.exec_driver_sql("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        gold.exec_driver_sql("GRANT USAGE ON SCHEMA public TO PUBLIC")
    modest = create_engine(shop.gold.url.set(username=house, password=PASSWORD))
    try:
        run_flows(shop.source, modest)
        with modest.connect() as gold:
            name = reader_name(gold, 1, 1)
        for owner in (7, 8):
            open_reader(modest, name, password=PASSWORD, reach=[Reached("orders", owner=owner)], seconds=30)
        reader = Reader(name)
        assert reader.ask("SELECT order_number FROM fact_sale_line") == [("2",)]
        run_flows(shop.source, modest, full=True)
        assert reader.ask("SELECT order_number FROM fact_sale_line") == [("2",)]
        reader.ask("SET default_transaction_read_only = off")
        assert reader.is_refused("CREATE TEMP TABLE mine (a int)")
        reader.connection.autocommit = False
        reader.ask("SELECT 1")
        assert end_overdue(modest, seconds=0) == [name]
        close_reader(modest, name)
        assert list_readers(modest) == []
    finally:
        modest.dispose()
        for name in list_readers(shop.gold):
            close_reader(shop.gold, name)
        with shop.gold.begin() as gold:
            gold.exec_driver_sql(f"REASSIGN OWNED BY {house} TO CURRENT_USER")
            [(readers,)] = [tuple(row) for row in gold.execute(text(f"SELECT {READERS}"))]
            gold.exec_driver_sql(f'DROP OWNED BY "{readers}"')
            gold.exec_driver_sql(f'DROP ROLE "{readers}"')
            gold.exec_driver_sql(f"DROP OWNED BY {house}")
            gold.exec_driver_sql(f"DROP ROLE {house}")
