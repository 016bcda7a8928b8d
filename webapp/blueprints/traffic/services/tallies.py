"""The tallies of a day: its hits, counted once by all that the pages count them by, so that long ranges are told at once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import KINDS, TALLIES
from webapp.blueprints.traffic.queries.narrowing import FILES
from webapp.blueprints.traffic.services.partitions import SCHEMA, ensure_parts

GROWN = 1.2  # times as many rows as the planner knows of
BY = ", ".join(
    f"({TALLIES[name]}, {key})"
    for name, key in {
        "all": "0", "status": "status", "hour": "hour", **{name: f"{name}_id" for name in TALLIES if name in KINDS},
    }.items()
)  # fmt: skip
PAGES = """
    SELECT t.id FROM traffic_texts t
    WHERE t.id IN (SELECT DISTINCT path_id FROM traffic_hits WHERE day = :day) AND t.text !~* :files
"""
IS_PAGE = """
    coalesce(path_id IN (SELECT id FROM pages) AND method_id = (SELECT id FROM traffic_texts WHERE kind = :method AND text = 'GET')
             AND (status BETWEEN 200 AND 299 OR status = 304), false)
"""
TALLY = f"""
    WITH pages AS MATERIALIZED ({PAGES}),
    h AS MATERIALIZED (
        SELECT *, {IS_PAGE} AS page, (floor(extract(epoch FROM at) / 3600))::integer AS hour
        FROM traffic_hits WHERE day = :day),
    each AS (
        SELECT k.kind, coalesce(k.key, 0) AS key, h.visitor, count(*) AS hits, sum(h.bytes) AS bytes,
               count(*) FILTER (WHERE h.page) AS pages, count(*) FILTER (WHERE h.status >= 400) AS errors,
               count(*) FILTER (WHERE h.status BETWEEN 200 AND 299) AS s2, count(*) FILTER (WHERE h.status BETWEEN 300 AND 399) AS s3,
               count(*) FILTER (WHERE h.status BETWEEN 400 AND 499) AS s4, count(*) FILTER (WHERE h.status BETWEEN 500 AND 599) AS s5
        FROM h CROSS JOIN LATERAL (VALUES {BY}, ({TALLIES["page"]}, CASE WHEN h.page THEN h.path_id END)) k(kind, key)
        WHERE k.kind <> {TALLIES["page"]} OR h.page
        GROUP BY 1, 2, 3)
    INSERT INTO traffic_tallies (day, kind, key, hits, visitors, bytes, pages, errors, s2, s3, s4, s5)
    SELECT :day, kind, key, sum(hits), count(*), sum(bytes), sum(pages), sum(errors), sum(s2), sum(s3), sum(s4), sum(s5)
    FROM each GROUP BY kind, key
"""  # noqa: S608 - names of this module


def count_day(session: Session, day: dt.date) -> None:
    """Count the hits of a day anew; in the transaction that says that the day is derived."""
    ensure_parts(session, "traffic_tallies", [day])
    session.execute(text("DELETE FROM traffic_tallies WHERE day = :day"), {"day": day})
    session.execute(text(TALLY), {"day": day, "files": FILES, "method": KINDS["method"]})


def tell_planner(session: Session, *parents: str, day: dt.date) -> None:
    """Let the planner know how much there is of a day, where it knows nothing yet or the day has grown."""
    for parent in parents:
        part = f"{SCHEMA}.{parent}_{day:%Y%m%d}"
        known = session.scalar(text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:part)"), {"part": part})
        if known is None:
            continue
        count = session.scalar(text(f"SELECT count(*) FROM {part}"))  # noqa: S608 - a name of this house
        if known <= 0 or (count or 0) > GROWN * known:
            session.execute(text(f"ANALYZE {part}"))
