"""The sales of GOLD: order lines as facts, their countries, and the aggregates of five grains."""

from __future__ import annotations

from contextlib import closing

from etl.audits.keys import lost_facts, repeated_keys
from etl.audits.totals import days_differ, net_differs, periods_differ
from etl.flows.work import Flow, Work
from etl.gold import aggregates
from etl.gold.tables import AGGREGATES, DIM_COUNTRY, FACT_SALE_LINE
from etl.sources.bottega import keys_of
from etl.transforms.countries import countries
from etl.transforms.sales import members_aside, sale_lines


def run(work: Work) -> None:
    """Keep fact_sale_line, dim_country and agg_sales_*: orders that changed are replaced, deleted ones are gone."""
    gold, source = work.gold, work.source
    aside = work.members_aside()
    changes = work.changes(work.orders_again(aside))
    orders = source.order_keys(changes)
    touched = None if work.whole else keys_of(orders, "order_key", source.deleted("sales_orders", changes))
    with closing(source.orders_with_lines(orders, whole=work.whole)) as parts:
        for headers, lines in parts:
            sales = sale_lines(lines, headers, source.time_zone)
            gold.load(FACT_SALE_LINE, work.sift(FACT_SALE_LINE, sales, members_aside(sales, aside)))
            work.say(f"sales: {work.run.rows_in:,} lines read")
    work.audit(keys_unique=repeated_keys(work.keys))
    cells = aggregates.touched_cells(gold.connection, gold.loaded(FACT_SALE_LINE), touched)
    work.run.deleted = gold.settle(FACT_SALE_LINE, None if touched is None else {"order_key": touched})
    aggregates.refresh(gold.connection, touched=cells)
    gold.finish(AGGREGATES)
    texts = aggregates.country_texts(gold.connection)
    if work.whole or texts != gold.keys(DIM_COUNTRY):
        gold.load(DIM_COUNTRY, countries(texts))
        gold.settle(DIM_COUNTRY)
    work.audit(
        every_fact_finds_its_dimensions=lost_facts(gold.connection, touched),
        net_of_gold_equals_net_of_source=net_differs(
            gold.connection, source.net_total(whole=work.whole), work.net_aside()
        ),
        days_equal_their_facts=days_differ(gold.connection, touched=cells),
        **{
            f"{grain}s_equal_their_days": periods_differ(gold.connection, grain, touched=cells)
            for grain in aggregates.LONGER
        },
    )


FLOW = Flow("sales", (DIM_COUNTRY, *AGGREGATES, FACT_SALE_LINE), run, needs=("calendar", "customers", "products"))
