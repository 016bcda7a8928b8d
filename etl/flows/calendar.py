"""The calendar of GOLD: all days of all years in which there are orders or traffic."""

from __future__ import annotations

from etl.audits.keys import repeated_keys
from etl.flows.work import Flow, Work
from etl.gold.tables import DIM_DATE, FIRST_DAY, LAST_DAY
from etl.sources.traffic import booked
from etl.transforms.calendar import calendar, years


def run(work: Work) -> None:
    """Keep dim_date: the years of the first and the last order or request, those between, and this one."""
    span = work.source.order_span(FIRST_DAY, LAST_DAY)
    first, last = years(span, booked(work.source), work.now, work.source.time_zone)
    if not work.whole and work.gold.extremes(DIM_DATE, "year") == (first, last):
        return
    work.gold.load(DIM_DATE, work.sift(DIM_DATE, calendar(first, last)))
    work.audit(keys_unique=repeated_keys(work.keys))
    work.run.deleted = work.gold.settle(DIM_DATE)


FLOW = Flow("calendar", (DIM_DATE,), run, sources=("core_company", "sales_orders", "traffic_book"))
