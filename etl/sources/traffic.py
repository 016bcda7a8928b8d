"""The hits of the traffic room as the ETL reads them: counted by the database, in the snapshot of a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd
from sqlalchemy import text

from etl.sources.bottega import Snapshot

HOURS = """
    SELECT floor(extract(epoch FROM h.at) / 3600)::bigint AS hour_key, coalesce(t.text, '') AS host, h.status,
           coalesce(w.class, 'waiting') AS class, h.day AS date_key, min(extract(hour FROM h.at AT TIME ZONE :zone))::int AS hour, count(*) AS hits,
           sum(h.bytes)::bigint AS bytes
    FROM traffic_hits h LEFT JOIN traffic_texts t ON t.id = h.host_id
    LEFT JOIN traffic_visitors w ON w.day = h.day AND w.visitor = h.visitor
    WHERE h.day = ANY(:days) GROUP BY 1, 2, 3, 4, 5
"""
CLASSES = """
    SELECT v.day AS date_key, coalesce(w.class, 'waiting') AS class, sum(v.hits)::bigint AS hits, count(*) AS visitors,
           sum(v.visits)::bigint AS visits, sum(v.bytes)::bigint AS bytes FROM
    (SELECT day, visitor, sum(hits) AS hits, sum(visits) AS visits, sum(bytes) AS bytes FROM
     (SELECT day, visitor, count(*) AS hits, 0 AS visits, sum(bytes) AS bytes FROM traffic_hits WHERE day = ANY(:days) GROUP BY 1, 2
      UNION ALL SELECT day, visitor, 0, count(*), 0 FROM traffic_visits WHERE day = ANY(:days) GROUP BY 1, 2) u GROUP BY 1, 2) v
    LEFT JOIN traffic_visitors w ON w.day = v.day AND w.visitor = v.visitor GROUP BY 1, 2
"""
DAYS = """
    SELECT h.day AS date_key, h.hits, h.visitors, coalesce(v.visits, 0) AS visits, h.bytes FROM
    (SELECT day, count(*) AS hits, count(DISTINCT visitor) AS visitors, sum(bytes)::bigint AS bytes FROM traffic_hits
     WHERE day = ANY(:days) GROUP BY day) h LEFT JOIN
    (SELECT day, count(*) AS visits FROM traffic_visits WHERE day = ANY(:days) GROUP BY day) v USING (day)
"""
WHOLE = ("hour_key", "status", "hour", "hits", "visitors", "visits", "bytes")


def booked(source: Snapshot) -> dict[dt.date, int]:
    """How many hits the files' book has of each day; none where there is no traffic room."""
    there = "SELECT to_regclass('traffic_book') IS NOT NULL AND to_regclass('traffic_hits') IS NOT NULL"
    if not source.connection.execute(text(there)).scalar_one():
        return {}
    query = "SELECT day, sum(hits)::bigint FROM traffic_book GROUP BY day HAVING sum(hits) > 0"
    return {day: int(hits) for day, hits in source.connection.execute(text(query))}


def changed_days(source: Snapshot, since: int) -> set[dt.date]:
    """The days of which lines were read, visits derived, visitors told apart or hits let go by transactions from `since` on."""
    query = "SELECT DISTINCT day FROM traffic_book WHERE changed_xid >= :since"
    return set(source.connection.execute(text(query), {"since": since}).scalars())


def hours_of(source: Snapshot, days: Sequence[dt.date]) -> pd.DataFrame:
    """The hits of these days by hour, host, status and class."""
    return _read(source, HOURS, days)


def classes_of(source: Snapshot, days: Sequence[dt.date]) -> pd.DataFrame:
    """The hits, visitors, visits and bytes of these days by the class of visitors."""
    return _read(source, CLASSES, days)


def days_of(source: Snapshot, days: Sequence[dt.date]) -> pd.DataFrame:
    """The hits, visitors, visits and bytes of these days."""
    return _read(source, DAYS, days)


def _read(source: Snapshot, query: str, days: Sequence[dt.date]) -> pd.DataFrame:
    found = source.connection.execute(text(query), {"days": list(days), "zone": source.time_zone})
    names = list(found.keys())
    frame = pd.DataFrame([tuple(row) for row in found], columns=names)
    frame = frame.astype(
        {name: "int64" for name in names if name in WHOLE}
        | {name: "str" for name in names if name in ("host", "class")}
    )
    frame["date_key"] = pd.to_datetime(frame["date_key"])
    return frame
