"""The sales of GOLD: order lines as facts, their countries, and the aggregates of five grains."""

from __future__ import annotations

from contextlib import closing

import pandas as pd

from etl.audits.keys import lost_facts, repeated_keys
from etl.audits.totals import days_differ, net_differs, net_of_days_differs, periods_differ
from etl.flows.sale_parts import bring_in, days_to_count, orders_to_read_again
from etl.flows.work import Flow, Work
from etl.gold import aggregates
from etl.gold.parts import Parts
from etl.gold.tables import AGGREGATES, DIM_COUNTRY, FACT_SALE_LINE
from etl.runlog import quarantined_sum
from etl.sources.bottega import keys_of
from etl.transforms.countries import countries
from etl.transforms.sales import members_aside, sale_lines


def run(work: Work) -> None:
    """Keep fact_sale_line, dim_country and agg_sales_*: orders that changed are replaced, deleted ones are gone.

    At the end of a backfill, what its parts prepared is brought in besides.
    """
    gold, source, parts = work.gold, work.source, work.parts
    aside = work.members_aside()
    again = work.orders_again(aside)
    named = orders_to_read_again(gold.connection, parts, aside) if parts else []
    changes = work.changes([*again, *named])
    orders = source.order_keys(changes)
    touched = None if work.whole else keys_of(orders, "order_key", [*source.deleted("sales_orders", changes), *named])
    with closing(source.orders_with_lines(orders, whole=work.whole)) as chunks:
        for headers, lines in chunks:
            sales = sale_lines(lines, headers, source.time_zone)
            gold.load(FACT_SALE_LINE, work.sift(FACT_SALE_LINE, sales, members_aside(sales, aside)))
            work.say(f"sales: {work.run.rows_in:,} lines read")
    work.audit(keys_unique=repeated_keys(work.keys))
    if parts and touched is not None:
        _settle_backfill(work, parts, touched)
    else:
        _settle(work, touched)


def _settle(work: Work, touched: list[int] | None) -> None:
    gold = work.gold
    cells = aggregates.touched_cells(gold.connection, gold.loaded(FACT_SALE_LINE), touched)
    work.run.deleted = gold.settle(FACT_SALE_LINE, None if touched is None else {"order_key": touched})
    aggregates.refresh(gold.connection, touched=cells)
    _settle_countries(work)
    net = net_differs(gold.connection, work.source.net_total(whole=work.whole), work.net_aside())
    _audit(work, touched, days=cells, longer=cells, net_of_gold_equals_net_of_source=net)


def _settle_backfill(work: Work, parts: Parts, touched: list[int]) -> None:
    """As `_settle`, with the prepared rows, and days counted anew: a backfill trusts no sums that are there."""
    gold, span = work.gold, (parts.first, parts.last)
    days = days_to_count(gold.connection, parts, gold.loaded(FACT_SALE_LINE), touched)
    work.run.loaded += parts.read
    work.run.deleted = gold.settle(FACT_SALE_LINE, {"order_key": touched})
    brought = bring_in(gold, parts, touched)
    aggregates.recount(gold.connection, days)
    _settle_countries(work)
    aside = quarantined_sum(gold.connection, work.run.flow, "net", span)
    net = net_of_days_differs(gold.connection, span, work.source.net_of(*span), aside)
    _audit(work, [*touched, *brought], days=True, longer=False, net_of_the_days_equals_net_of_source=net)


def _settle_countries(work: Work) -> None:
    gold = work.gold
    gold.finish(AGGREGATES)
    texts = aggregates.country_texts(gold.connection)
    if work.whole or texts != gold.keys(DIM_COUNTRY):
        gold.load(DIM_COUNTRY, countries(texts))
        gold.settle(DIM_COUNTRY)


def _audit(work: Work, orders: list[int] | None, *, days: bool, longer: bool, **nets: pd.DataFrame) -> None:
    """The audits of what is settled; `days` and `longer` say whether only the touched cells of those sums are added up."""
    gold = work.gold.connection
    work.audit(
        every_fact_finds_its_dimensions=lost_facts(gold, orders),
        **nets,
        days_equal_their_facts=days_differ(gold, touched=days),
        **{f"{grain}s_equal_their_days": periods_differ(gold, grain, touched=longer) for grain in aggregates.LONGER},
    )


FLOW = Flow(
    "sales",
    (DIM_COUNTRY, *AGGREGATES, FACT_SALE_LINE),
    run,
    sources=("core_company", "sales_order_lines", "sales_orders"),
    needs=("calendar", "customers", "products"),
)
