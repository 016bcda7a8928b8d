"""Whatever happens to the source: an incremental run leaves GOLD exactly as a new one would be."""

from __future__ import annotations

import random

import pytest

from tests.etl.shop import Shop

EDITS = {
    "a quantity": "UPDATE sales_order_lines SET quantity = {n} WHERE id = (SELECT id FROM sales_order_lines ORDER BY md5(id || '{n}') LIMIT 1)",
    "no number": "UPDATE sales_order_lines SET unit_price = 'NaN' WHERE id = (SELECT id FROM sales_order_lines ORDER BY md5(id || '{n}') LIMIT 1)",
    "numbers again": "UPDATE sales_order_lines SET unit_price = {n} WHERE unit_price = 'NaN'",
    "a line moves": "UPDATE sales_order_lines SET order_id = (SELECT max(id) FROM sales_orders) WHERE id = (SELECT id FROM sales_order_lines ORDER BY md5(id || '{n}') LIMIT 1)",
    "a line goes": "DELETE FROM sales_order_lines WHERE id = (SELECT id FROM sales_order_lines ORDER BY md5(id || '{n}') LIMIT 1)",
    "an order goes": "DELETE FROM sales_orders WHERE id = (SELECT id FROM sales_orders ORDER BY md5(id || '{n}') LIMIT 1)",
    "an order moves": "UPDATE sales_orders SET ordered_at = ordered_at + interval '{n} days', country = 'Land {m}' WHERE id = (SELECT id FROM sales_orders ORDER BY md5(id || '{n}') LIMIT 1)",
    "an order turns": "UPDATE sales_orders SET kind = 'cancellation', customer_id = NULL WHERE id = (SELECT id FROM sales_orders ORDER BY md5(id || '{n}') LIMIT 1)",
    "a date beyond": "UPDATE sales_orders SET ordered_at = 'infinity' WHERE id = (SELECT id FROM sales_orders ORDER BY md5(id || '{n}') LIMIT 1)",
    "a date again": "UPDATE sales_orders SET ordered_at = '2011-03-27 01:30+00' WHERE ordered_at = 'infinity'",
    "a new name": "UPDATE crm_customers SET name = 'Name {n}' WHERE id = (SELECT id FROM crm_customers ORDER BY md5(id || '{n}') LIMIT 1)",
    "a category": "UPDATE catalogue_categories SET name = 'Category {n}{m}' WHERE id = (SELECT id FROM catalogue_categories ORDER BY md5(id || '{n}') LIMIT 1)",
    "a price": "UPDATE catalogue_products SET price = {n} WHERE id = (SELECT id FROM catalogue_products ORDER BY md5(id || '{n}') LIMIT 1)",
    "no price": "UPDATE catalogue_products SET price = 'NaN' WHERE id = (SELECT id FROM catalogue_products ORDER BY md5(id || '{n}') LIMIT 1)",
    "prices again": "UPDATE catalogue_products SET price = {n} WHERE price = 'NaN'",
    "goods go": "DELETE FROM catalogue_products p WHERE NOT EXISTS (SELECT FROM sales_order_lines l WHERE l.product_id = p.id)",
    "people go": "DELETE FROM crm_customers c WHERE NOT EXISTS (SELECT FROM sales_orders o WHERE o.customer_id = c.id)",
}  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_an_incremental_run_equals_a_full_one(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    products = [shop.product(f"P{n}", f"Category {n % 3}") for n in range(6)]
    customers = [shop.customer(f"K{n}") for n in range(4)]
    numbers = iter(range(1000))

    def sell() -> None:
        lines = [
            (chance.choice(products), str(chance.randint(-5, 9)), f"{chance.randint(-99, 9999)}.5") for _ in range(3)
        ]
        day = f"20{chance.randint(9, 12):02}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02} {chance.randint(0, 23):02}:30+00"
        alive = [key for key in customers if shop.do("SELECT count(*) FROM crm_customers WHERE id = :id", id=key)]
        lines = [
            line for line in lines if shop.do("SELECT count(*) FROM catalogue_products WHERE id = :id", id=line[0])
        ]
        number, customer = str(next(numbers)), chance.choice([None, *alive])
        shop.order(
            number,
            day,
            *lines,
            customer=customer,
            country=f"Land {chance.randint(1, 3)}",
            discount=str(chance.randint(0, 100)),
        )

    for _ in range(12):
        sell()
    shop.refine()
    for _ in range(6):
        for edit in chance.choices(list(EDITS), k=4):
            shop.do(EDITS[edit].format(n=chance.randint(1, 400), m=chance.randint(1, 5)))
        sell()
        runs = shop.refine()
        assert {run.mode for run in runs.values()} == {"incremental"}
        assert all(run.rows_in == run.loaded + run.quarantined for run in runs.values())
    kept, aside = shop.content(), shop.ask('SELECT flow, key, reason, "row" FROM etl_quarantine ORDER BY 1, 2')
    shop.refine(full=True)
    assert shop.content() == kept
    shop.forget_gold()
    shop.refine()
    assert shop.content() == kept
    assert shop.ask('SELECT flow, key, reason, "row" FROM etl_quarantine ORDER BY 1, 2') == aside
