"""`kill -9` at any moment of a run: GOLD is as before or as after, and the next run completes it."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time

from tests.etl.shop import Shop
from webapp.core.settings import PROJECT

ORDERS = 4_000
FILL = """
    INSERT INTO sales_orders (number, country, ordered_at)
    SELECT n, 'Land ' || n % 7, timestamptz '2011-01-01' + n * interval '2 hours' FROM generate_series(1, :orders) n;
    INSERT INTO sales_order_lines (order_id, product_id, position, quantity, unit_price)
    SELECT o.id, p.id, 1 + p.id, o.id % 9, p.id FROM sales_orders o CROSS JOIN catalogue_products p
"""


def test_gold_is_as_before_or_as_after_whenever_a_run_is_killed(shop: Shop) -> None:
    for sku in "ABCDE":
        shop.product(sku)
    shop.do(FILL, orders=ORDERS)
    shop.refine(now=dt.datetime.now(dt.UTC))
    states = [_state(shop)]
    _change(shop, 1)
    whole = _kill_after(shop, 60)
    states.append(_state(shop))
    assert states[0] != states[1]
    for attempt in range(8):
        _change(shop, -1 if attempt % 2 == 0 else 1)
        before, after = states[1 - attempt % 2], states[attempt % 2]
        _kill_after(shop, random.uniform(0.4, 1.05) * whole)
        assert _state(shop) in (before, after)
        shop.refine(now=dt.datetime.now(dt.UTC))
        assert _state(shop) == after


def _change(shop: Shop, step: int) -> None:
    shop.do("UPDATE sales_order_lines SET quantity = quantity + :step", step=step)
    shop.do("UPDATE catalogue_products SET price = price + :step", step=step)


def _state(shop: Shop) -> int:
    return hash(repr(shop.content()))


def _kill_after(shop: Shop, seconds: float) -> float:
    """Run the ETL in a process and kill it after so long, unless it ended before; returns how long it lived."""
    environ = {
        **os.environ,
        "DATABASE_URL": shop.source.url.render_as_string(hide_password=False),
        "GOLD_DATABASE_URL": shop.gold.url.render_as_string(hide_password=False),
    }
    started = time.monotonic()
    run = subprocess.Popen([sys.executable, "-m", "etl.run"], cwd=PROJECT, env=environ, stdout=subprocess.DEVNULL)
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
        run.wait()
    return time.monotonic() - started
