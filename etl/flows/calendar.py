"""The calendar of GOLD: all days of all years in which there are orders."""

from __future__ import annotations

from etl.audits.keys import repeated_keys
from etl.flows.work import Flow, Work
from etl.gold.tables import DIM_DATE, FIRST_DAY, LAST_DAY
from etl.transforms.calendar import calendar, years


def run(work: Work) -> None:
    """Keep dim_date: the years of the first and the last order, those between, and this one."""
    span = work.source.order_span(FIRST_DAY, LAST_DAY)
    days = calendar(*years(span, work.now, work.source.time_zone))
    kept = work.sift(DIM_DATE, days)
    work.gold.load(DIM_DATE, kept)
    work.audit(keys_unique=repeated_keys(work.gold.connection, work.gold.loaded(DIM_DATE), DIM_DATE.key))
    work.run.deleted = work.gold.settle(DIM_DATE)


FLOW = Flow("calendar", (DIM_DATE,), run)
