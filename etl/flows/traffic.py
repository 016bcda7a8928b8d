"""The traffic of GOLD: requests by hour, and the days with their visitors and visits."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from sqlalchemy import text

from etl.flows.work import Flow, Work
from etl.gold.tables import AGG_TRAFFIC_CLASS_DAY, AGG_TRAFFIC_DAY, FACT_TRAFFIC_HOUR
from etl.sources.traffic import booked, changed_days, classes_of, days_of, hours_of

AT_ONCE = 31  # days


def run(work: Work) -> None:
    """Keep fact_traffic_hour and the sums of days, with and without classes: days of which something changed are counted anew, days let go are gone.

    Without a traffic room there is nothing to keep.
    """
    book, gold = booked(work.source), work.gold
    days = set(book)
    if work.since is not None:
        there = set(gold.keys(AGG_TRAFFIC_DAY))
        days = (changed_days(work.source, work.since) if book or there else set()) | (there ^ set(book))
    ordered = sorted(days)
    for start in range(0, max(len(ordered), 1), AT_ONCE):
        some = ordered[start : start + AT_ONCE]
        gold.load(FACT_TRAFFIC_HOUR, work.sift(FACT_TRAFFIC_HOUR, hours_of(work.source, some)))
        gold.load(AGG_TRAFFIC_CLASS_DAY, work.sift(AGG_TRAFFIC_CLASS_DAY, classes_of(work.source, some)))
        gold.load(AGG_TRAFFIC_DAY, work.sift(AGG_TRAFFIC_DAY, days_of(work.source, some)))
        work.say(f"traffic: {work.run.rows_in:,} lines read")
    scope = None if work.whole else {"date_key": ordered}
    for table in (FACT_TRAFFIC_HOUR, AGG_TRAFFIC_CLASS_DAY, AGG_TRAFFIC_DAY):
        gold.loaded(table)
        work.run.deleted += gold.settle(table, scope)
    work.audit(
        hours_equal_the_book=_differs(work, FACT_TRAFFIC_HOUR.name, book),
        classes_equal_the_book=_differs(work, AGG_TRAFFIC_CLASS_DAY.name, book),
        days_equal_the_book=_differs(work, AGG_TRAFFIC_DAY.name, book),
    )


def _differs(work: Work, table: str, book: dict[dt.date, int]) -> pd.DataFrame:
    """The days whose hits are not those of the files' book."""
    found = work.gold.connection.execute(text(f"SELECT date_key, sum(hits)::bigint FROM {table} GROUP BY 1"))
    counted = {day: int(hits) for day, hits in found}
    wrong = sorted(day for day in {*counted, *book} if counted.get(day, 0) != book.get(day, 0))
    rows = [(day.isoformat(), counted.get(day, 0), book.get(day, 0)) for day in wrong]
    return pd.DataFrame(rows, columns=["date_key", "gold", "book"])


FLOW = Flow(
    "traffic",
    (FACT_TRAFFIC_HOUR, AGG_TRAFFIC_CLASS_DAY, AGG_TRAFFIC_DAY),
    run,
    sources=("core_company", "traffic_book", "traffic_hits", "traffic_texts", "traffic_visitors", "traffic_visits"),
    finds_gaps=True,
)
