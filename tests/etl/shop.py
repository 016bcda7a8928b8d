"""A shop whose records are written by plain SQL, so that the ETL is tested without the rooms' services."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text

from etl.gold.tables import TABLES
from etl.run import run_flows
from etl.runlog import Run

NOW = dt.datetime(2011, 6, 15, 12, 0, tzinfo=dt.UTC)


@dataclass
class Shop:
    """The two databases, with words to sell, change and refine."""

    source: Engine
    gold: Engine

    def do(self, statement: str, **values: Any) -> Any:
        """Execute a statement in the shop's own database and commit; returns the first value, if any."""
        with self.source.begin() as connection:
            done = connection.execute(text(statement), values)
            return done.scalar() if done.returns_rows else None

    def customer(self, number: str, country: str = "Italy") -> int:
        return int(
            self.do(
                "INSERT INTO crm_customers (number, name, country) VALUES (:number, :name, :country) RETURNING id",
                number=number, name=f"Customer {number}", country=country,
            )
        )  # fmt: skip

    def product(self, sku: str, category: str = "") -> int:
        """A product, in a category that is made when it lacks."""
        self.do(
            "INSERT INTO catalogue_categories (name) SELECT :name WHERE :name <> '' ON CONFLICT DO NOTHING",
            name=category,
        )
        return int(
            self.do(
                "INSERT INTO catalogue_products (sku, name, price, category_id) SELECT :sku, :name, 9.99, "
                "(SELECT id FROM catalogue_categories WHERE name = :category) RETURNING id",
                sku=sku, name=f"Product {sku}", category=category,
            )
        )  # fmt: skip

    def order(
        self, number: str, at: str, *lines: tuple[int, str, str], customer: int | None = None, country: str = "Italy",
        kind: str = "sale", discount: str = "0",
    ) -> int:  # fmt: skip
        """An order at a moment with its offset, of lines (product, quantity, unit price)."""
        order = self.do(
            "INSERT INTO sales_orders (number, kind, customer_id, country, ordered_at) "
            "VALUES (:number, :kind, :customer, :country, CAST(:at AS timestamptz)) RETURNING id",
            number=number, kind=kind, customer=customer, country=country, at=at,
        )  # fmt: skip
        for position, (product, quantity, price) in enumerate(lines, 1):
            self.do(
                "INSERT INTO sales_order_lines (order_id, product_id, position, quantity, unit_price, discount) "
                "VALUES (:order, :product, :position, CAST(:quantity AS numeric), CAST(:price AS numeric), "
                "CAST(:discount AS numeric))",
                order=order, product=product, position=position, quantity=quantity, price=price, discount=discount,
            )  # fmt: skip
        return int(order)

    def refine(self, *flows: str, full: bool = False, now: dt.datetime = NOW, wait: float = 20) -> dict[str, Run]:
        """Run the ETL; its records by flow."""
        return {run.flow: run for run in run_flows(self.source, self.gold, flows, full=full, now=now, wait=wait)}

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """What GOLD answers."""
        with self.gold.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables of GOLD."""
        return {
            table.name: self.ask(f"SELECT {', '.join(table.names)} FROM {table.name} ORDER BY {', '.join(table.key)}")
            for table in TABLES
        }

    def forget_gold(self) -> None:
        """Throw GOLD away."""
        with self.gold.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
