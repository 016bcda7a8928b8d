"""Visits: the hits of one visitor with no half hour of silence between them, derived anew for each day that changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import KINDS, BookDay, ClassifiedDay
from webapp.blueprints.traffic.queries.narrowing import FILES
from webapp.blueprints.traffic.services.classifying import LOCK, classify_day
from webapp.blueprints.traffic.services.ordering import order_day
from webapp.blueprints.traffic.services.partitions import ensure_parts
from webapp.blueprints.traffic.services.tallies import IS_PAGE, PAGES, count_day, tell_planner

DERIVE = f"""
    WITH pages AS MATERIALIZED ({PAGES})
    INSERT INTO traffic_visits (day, visitor, started_at, ended_at, hits, pages, bytes, host_id, entry_id, exit_id, referrer_id,
                                agent_id, network_id)
    SELECT day, visitor, min(at), max(at), count(*), count(*) FILTER (WHERE {IS_PAGE}), sum(bytes),
           (array_agg(host_id ORDER BY at, file_id, place))[1],
           (array_agg(path_id ORDER BY at, file_id, place))[1],
           (array_agg(path_id ORDER BY at DESC, file_id DESC, place DESC))[1],
           (array_agg(referrer_id ORDER BY at, file_id, place))[1],
           min(agent_id), min(network_id)
    FROM (SELECT *, count(*) FILTER (WHERE began) OVER (PARTITION BY visitor ORDER BY at, file_id, place) AS visit
          FROM (SELECT *, coalesce(at - lag(at) OVER (PARTITION BY visitor ORDER BY at, file_id, place) > interval '30 minutes',
                                   true) AS began
                FROM traffic_hits WHERE day = :day) h) h
    GROUP BY day, visitor, visit
"""  # noqa: S608 - texts of this house


def derive_visits(session: Session) -> dt.date | None:
    """Bring the visits of one day that changed up to its hits; the day, or None when no day is left.

    Another process at the same makes this wait.
    """
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    day = session.scalar(select(BookDay.day).where(~BookDay.derived).order_by(BookDay.day.desc()).limit(1))
    if day is None:
        return None
    # what is counted here is derived below, at least: lines that come in between leave the day to be done again
    seen = session.execute(select(BookDay.file_id, BookDay.hits).where(BookDay.day == day, ~BookDay.derived)).all()
    ensure_parts(session, "traffic_visits", [day])
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    session.execute(text("DELETE FROM traffic_visits WHERE day = :day"), {"day": day})
    session.execute(text(DERIVE), {"day": day, "files": FILES, "method": KINDS["method"]})
    count_day(session, day)
    session.execute(delete(ClassifiedDay).where(ClassifiedDay.day == day))
    session.execute(
        text(
            "UPDATE traffic_book SET derived = true, changed_xid = pg_current_xact_id()::text::bigint "
            "WHERE file_id = :file AND day = :day AND hits = :hits"
        ),
        [{"file": file, "day": day, "hits": hits} for file, hits in seen],
    )
    tell_planner(session, "traffic_hits", "traffic_visits", "traffic_tallies", day=day)
    return day


def derive_all(begin: Callable[[], object], say: Callable[[dt.date], None] = lambda _day: None) -> int:
    """Derive what follows from the lines of every day that changed, each step in a transaction of its own; how many steps."""
    done = 0
    for step in (derive_visits, classify_day, order_day):
        while True:
            with begin() as session:  # type: ignore[attr-defined]  # a context of a session
                day = step(session)
            if day is None:
                break
            done += 1
            say(day)
    return done
