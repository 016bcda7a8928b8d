"""The undo of an import: what it stored goes, what others made of it stays and is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, delete, func, select, text
from sqlalchemy.orm import Session

from etl.gold.tables import TABLES
from etl.run import run_flows
from tests.rooms.catalogue.makers import make_product
from tests.rooms.crm.makers import make_customer
from tests.rooms.sales.makers import make_order
from webapp.blueprints.catalogue.public import Category, Product
from webapp.blueprints.crm.public import Customer
from webapp.blueprints.sales.models import (
    ImportCreation,
    ImportTouch,
    Order,
    OrderLine,
    QuarantinedRow,
    SalesImport,
)
from webapp.blueprints.sales.services.importing import import_sales
from webapp.blueprints.sales.services.quarantine import replay_row
from webapp.blueprints.sales.services.undoing import NotUndoable, Undo, preview_undo, undo_from, undo_import
from webapp.core.db import db, transaction
from webapp.core.errors import NotFound
from webapp.core.security import SYSTEM

HEADER = "order,date,sku,description,category,quantity,price,customer,customer_name,country,discount"
ONE = "N1,2024-05-01,A,Apple,Fruit,2,1.50,C1,Ada,Italy,"
TWO = "N2,2024-05-02,B,Bread,Bakery,1,3.00,C2,Bruno,Italy,"
MORE = "N1,2024-04-01,B,Bread,Bakery,1,3.00,C1,Ada,Italy,"
BAD = "N3,soon,A,Apple,Fruit,1,1.50,C1,Ada,Italy,"
RECORDS = (Order, OrderLine, Customer, Product, Category, QuarantinedRow, ImportCreation, ImportTouch)

Load = Callable[..., int]


@pytest.fixture
def load(fresh_app: Flask, tmp_path: Path) -> Load:
    """Import rows of the preset `demo` in a transaction of their own; the id of the import."""

    def imported(*rows: str, mapping: Any = "demo") -> int:
        path = tmp_path / "may.csv"
        path.write_text("\n".join([HEADER, *rows, ""]))
        with transaction() as session:
            result = import_sales(session, path=path, mapping=mapping, by=SYSTEM)
        assert result.id is not None
        return result.id

    return imported


def undo(import_id: int) -> Undo:
    """Undo it; what was done is what the preview had said and what is kept on record."""
    with transaction() as session:
        promised = preview_undo(session, import_id)
    with transaction() as session:
        done = undo_import(session, import_id=import_id, by=SYSTEM)
    assert done == promised
    record = db.session.get_one(SalesImport, import_id)
    assert record.undone_at is not None
    assert (record.undone_by, undo_from(record.undone or {})) == ("system", done)
    return done


def stored() -> dict[str, int]:
    """How many rows each table has, the empty ones left out."""
    counts = {model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0 for model in RECORDS}
    return {name: number for name, number in counts.items() if number}


def order(number: str) -> Order:
    return db.session.scalars(
        select(Order).where(Order.number == number).execution_options(populate_existing=True)
    ).one()


def change(statement: str) -> None:
    """Something people do, in a transaction of its own."""
    with transaction() as session:
        session.execute(text(statement))


def test_all_that_an_import_stored_goes_and_the_file_can_be_imported_again(load: Load) -> None:
    first = load(ONE, TWO, BAD)
    before = stored()
    done = undo(first)
    assert stored() == {}
    assert (done.lines, done.orders, done.net) == (2, 2, Decimal(6))
    assert (done.customers, done.products, done.categories, done.quarantined) == (2, 2, 2, 1)
    assert not done.leaves_something
    again = load(ONE, TWO, BAD)
    assert stored() == before
    assert db.session.get_one(SalesImport, again).accepted == 2


def test_an_import_is_undone_once(load: Load) -> None:
    first = load(ONE)
    undo(first)
    with pytest.raises(NotUndoable), transaction() as session:
        undo_import(session, import_id=first, by=SYSTEM)
    with pytest.raises(NotUndoable):
        preview_undo(db.session(), first)
    with pytest.raises(NotFound), transaction() as session:
        undo_import(session, import_id=999, by=SYSTEM)


def test_an_import_older_than_the_record_of_what_imports_store_is_refused(load: Load) -> None:
    first = load(ONE)
    change("UPDATE sales_imports SET xid = NULL")
    with pytest.raises(NotUndoable):
        preview_undo(db.session(), first)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE sales_orders SET country = 'Spain' WHERE number = 'N1'",
        "UPDATE sales_order_lines SET quantity = 3 WHERE description = 'Apple'",
        "DELETE FROM sales_order_lines WHERE description = 'Apple'",
    ],
)
def test_an_order_that_people_changed_stays_whole_and_is_told(load: Load, edit: str) -> None:
    first = load(ONE, MORE, TWO)
    change(edit)
    lines = order("N1").line_count
    done = undo(first)
    assert done.kept["orders_edited"] == ["N1"]
    assert (done.orders, done.orders_edited, done.lines_edited) == (1, 1, lines)
    assert (order("N1").line_count, db.session.scalar(select(func.count(Order.id)))) == (lines, 1)
    assert done.kept["customers"] == ["C1 Ada"]


def test_an_order_changed_before_a_later_import_added_to_it_is_still_known_as_changed(load: Load) -> None:
    first = load(ONE)
    change("UPDATE sales_orders SET country = 'Italy ' WHERE number = 'N1'")
    change("UPDATE sales_orders SET country = 'Italy' WHERE number = 'N1'")
    second = load(ONE, MORE)
    assert undo(second).orders_left == 1
    assert undo(first).kept["orders_edited"] == ["N1"]
    assert order("N1").line_count == 1


def test_lines_of_a_later_import_stay_with_what_they_need(load: Load) -> None:
    first, second = load(ONE, TWO), load(ONE, MORE)
    done = undo(first)
    assert (done.orders, done.orders_left, done.kept["orders_left"]) == (1, 1, ["N1"])
    assert (done.customers, done.kept["customers"]) == (1, ["C1 Ada"])
    assert (done.products, done.kept["products"], done.kept["categories"]) == (1, ["B Bread"], ["Bakery"])
    left = order("N1")
    assert (left.line_count, left.net, left.import_id) == (1, Decimal(3), second)
    undo(second)
    assert stored() == {}


def test_an_order_gets_back_what_it_was_before_an_import_added_to_it(load: Load) -> None:
    first = load(ONE.replace("C1,Ada", ","), TWO)
    was = order("N1")
    before = (was.ordered_at, was.customer_id, was.net, was.kind)
    second = load(MORE.replace(",1,3.00", ",-9,3.00"))
    now = order("N1")
    assert (now.ordered_at, now.customer_id, now.net, now.kind) != before
    done = undo(second)
    assert (done.orders, done.orders_left, done.customers) == (0, 1, 1)
    back = order("N1")
    assert (back.ordered_at, back.customer_id, back.net, back.kind) == before
    undo(first)
    assert stored() == {}


def test_three_imports_of_one_order_can_be_undone_in_any_order(load: Load) -> None:
    first, second = load(ONE), load(MORE)
    third = load(MORE.replace("2024-04-01", "2024-03-01"))
    march, may = order("N1").ordered_at, dt.datetime(2024, 4, 30, 22, tzinfo=dt.UTC)
    undo(second)
    assert (order("N1").line_count, order("N1").ordered_at) == (2, march)
    undo(third)
    assert (order("N1").line_count, order("N1").ordered_at) == (1, may)
    undo(first)
    assert stored() == {}


def test_lines_added_to_an_order_made_by_hand_go_and_the_order_stays(load: Load) -> None:
    with transaction() as session:
        made = make_order(session, make_product(session, sku="H"), number="N1", country="Italy")
        moment = made.ordered_at
    first = load(ONE)
    assert order("N1").line_count == 2
    done = undo(first)
    assert (done.orders, done.orders_left, done.customers) == (0, 1, 1)
    left = order("N1")
    assert (left.line_count, left.ordered_at, left.net) == (1, moment, Decimal(10))


def test_customers_and_products_changed_or_used_elsewhere_stay(load: Load) -> None:
    first = load(ONE, TWO)
    with transaction() as session:
        customer = session.scalars(select(Customer).where(Customer.number == "C1")).one()
        product = session.scalars(select(Product).where(Product.sku == "A")).one()
        make_order(session, product, number="H1", customer_id=customer.id)
        session.scalars(select(Product).where(Product.sku == "B")).one().name = "Good bread"
    done = undo(first)
    assert done.kept["customers"] == ["C1 Ada"]
    assert done.kept["products"] == ["A Apple", "B Good bread"]
    assert done.kept["categories"] == ["Bakery", "Fruit"]
    assert (done.customers, done.customers_kept, done.products, done.products_kept) == (1, 1, 0, 2)
    assert set(db.session.scalars(select(Order.number))) == {"H1"}
    assert db.session.scalar(select(func.count()).select_from(ImportCreation)) == 0


def test_what_another_room_refers_to_stays(load: Load) -> None:
    first = load(ONE, TWO)
    change("CREATE TABLE visits (customer_id bigint REFERENCES crm_customers ON DELETE RESTRICT)")
    change("INSERT INTO visits SELECT id FROM crm_customers WHERE number = 'C1'")
    with transaction() as session:
        done = undo_import(session, import_id=first, by=SYSTEM)
    assert (done.customers, done.kept["customers"]) == (1, ["C1 Ada"])
    assert db.session.scalars(select(Customer.number)).all() == ["C1"]


def test_customers_that_were_there_before_stay_untold(load: Load) -> None:
    with transaction() as session:
        make_customer(session, number="C1")
    done = undo(load(ONE))
    assert (done.customers, done.customers_kept) == (0, 0)
    assert db.session.scalars(select(Customer.number)).all() == ["C1"]


def test_replayed_rows_go_with_their_import(load: Load) -> None:
    first = load(ONE, BAD)
    with transaction() as session:
        row = session.scalars(select(QuarantinedRow)).one()
        replay_row(session, row_id=row.id, by=SYSTEM, corrected=BAD.replace("N3,soon", "N1,2024-05-03"))
    assert order("N1").line_count == 2
    done = undo(first)
    assert (done.lines, done.orders, done.orders_edited) == (2, 1, 0)
    assert stored() == {}


def test_a_row_replayed_into_an_order_of_its_own_goes_with_its_new_customer(load: Load) -> None:
    first = load(ONE, BAD)
    with transaction() as session:
        row = session.scalars(select(QuarantinedRow)).one()
        corrected = BAD.replace("soon", "2024-05-03").replace("C1,Ada", "C9,Zoe")
        replay_row(session, row_id=row.id, by=SYSTEM, corrected=corrected)
    done = undo(first)
    assert (done.orders, done.customers) == (2, 2)
    assert stored() == {}


def test_rows_that_an_earlier_import_put_aside_go_back_to_it(load: Load) -> None:
    first, second = load(ONE, BAD), load(TWO, BAD)
    assert db.session.scalars(select(QuarantinedRow.import_id)).one() == second
    undo(second)
    assert db.session.scalars(select(QuarantinedRow.import_id)).one() == first
    undo(first)
    assert stored() == {}


def test_rows_that_a_corrected_mapping_could_take_are_open_again(load: Load, tmp_path: Path) -> None:
    from webapp.blueprints.sales.services.import_mapping import load_mapping

    how = load_mapping("demo").as_json()
    load(ONE.replace("1.50", '"1,50"'))
    second = load(ONE.replace("1.50", '"1,50"'), mapping=_mapping(how, decimal=","))
    assert db.session.scalars(select(QuarantinedRow.state)).one() == "replayed"
    undo(second)
    assert db.session.scalars(select(QuarantinedRow.state)).one() == "open"


def _mapping(how: dict[str, Any], **changes: Any) -> Any:
    from webapp.blueprints.sales.services.import_mapping import mapping_from

    return mapping_from({**how, **changes})


def gold(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: [tuple(row) for row in connection.execute(
            text(f"SELECT {', '.join(table.names)} FROM {table.name} ORDER BY {', '.join(table.key)}")
        )]
        for table in TABLES
    }  # fmt: skip


def test_gold_is_after_an_undo_what_it_was_before_the_import(fresh_app: Flask, load: Load) -> None:
    settings = fresh_app.extensions["settings"]
    source, target = create_engine(settings.database_url), create_engine(settings.gold_database_url)
    load(ONE, TWO)
    list(run_flows(source, target, ()))
    with target.connect() as connection:
        before = gold(connection)
    second = load(MORE, "N7,2024-06-01,Z,Zest,New,1,9.00,C7,Zeno,France,10", TWO.replace("N2", "N1"), BAD)
    list(run_flows(source, target, ()))
    with target.connect() as connection:
        assert gold(connection) != before
    undo(second)
    runs = list(run_flows(source, target, ()))
    assert {run.mode for run in runs} == {"incremental"}
    with target.connect() as connection:
        after = gold(connection)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    source.dispose()
    target.dispose()


def test_deleting_the_record_of_an_import_leaves_its_orders(load: Load, session: Session) -> None:
    first = load(ONE)
    with transaction() as here:
        here.execute(delete(SalesImport).where(SalesImport.id == first))
    assert order("N1").import_id is None
