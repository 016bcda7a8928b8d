"""Which class each visitor of a day is of: texts are held against the rules once, visitors of a day against their texts."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import KINDS, BookDay, ClassifiedDay
from webapp.blueprints.traffic.services.house_rules import store_house_rules
from webapp.blueprints.traffic.services.partitions import ensure_parts
from webapp.blueprints.traffic.services.tallies import tell_planner

LOCK = 0x76697369  # "visi", for visits and classes: both are made of a day's hits
LOOKED_AT = 2000  # letters of a text that are held against a pattern
TEXTS = ("agent", "path", "query", "referrer", "network")
MARK = f"""
    WITH fresh AS MATERIALIZED (
        SELECT t.id, t.kind, left(t.text, {LOOKED_AT}) AS said, t.text AS whole FROM traffic_texts t
        WHERE t.id IN (SELECT DISTINCT unnest(ARRAY[agent_id, path_id, query_id, referrer_id, network_id])
                       FROM traffic_hits WHERE day = :day)
          AND NOT EXISTS (SELECT FROM traffic_marks m WHERE m.text_id = t.id AND m.rule_id = 0)),
    kinds AS (SELECT * FROM unnest(CAST(:subjects AS text[]), CAST(:kinds AS smallint[])) AS k(subject, kind))
    INSERT INTO traffic_marks (text_id, rule_id)
    SELECT id, 0 FROM fresh
    UNION ALL
    SELECT f.id, r.id FROM fresh f JOIN kinds k USING (kind) JOIN traffic_rules r USING (subject)
    WHERE r.active AND CASE WHEN r.subject = 'network' THEN f.whole::inet <<= r.pattern::inet ELSE f.said ~* r.pattern END
"""  # noqa: S608 - a number of this module
CLASSIFY = """
    WITH base AS MATERIALIZED (
        SELECT visitor, min(agent_id) AS agent_id, min(network_id) AS network_id, count(*) AS hits, sum(bytes) AS bytes,
               min(at) AS first_at, max(at) AS last_at, count(DISTINCT path_id) FILTER (WHERE status BETWEEN 400 AND 499) AS misses
        FROM traffic_hits WHERE day = :day GROUP BY visitor),
    told AS MATERIALIZED (
        SELECT m.text_id, r.id AS rule_id, r.subject, r.class, r.answered FROM traffic_marks m
        JOIN traffic_rules r ON r.id = m.rule_id WHERE r.active),
    asked AS MATERIALIZED (
        SELECT h.visitor, t.rule_id, t.text_id, t.class, t.subject, h.file_id, h.place FROM traffic_hits h
        JOIN told t ON t.text_id = h.path_id WHERE h.day = :day AND (NOT t.answered OR h.status BETWEEN 200 AND 299)
        UNION ALL
        SELECT h.visitor, t.rule_id, t.text_id, t.class, t.subject, h.file_id, h.place FROM traffic_hits h
        JOIN told t ON t.text_id = h.query_id WHERE h.day = :day AND (NOT t.answered OR h.status BETWEEN 200 AND 299)
        UNION ALL
        SELECT h.visitor, t.rule_id, t.text_id, t.class, t.subject, h.file_id, h.place FROM traffic_hits h
        JOIN told t ON t.text_id = h.referrer_id WHERE h.day = :day AND (NOT t.answered OR h.status BETWEEN 200 AND 299)),
    found AS (
        SELECT visitor, rule_id, text_id FROM asked
        UNION ALL SELECT b.visitor, t.rule_id, t.text_id FROM base b JOIN told t ON t.text_id = b.agent_id
        UNION ALL SELECT b.visitor, t.rule_id, t.text_id FROM base b JOIN told t ON t.text_id = b.network_id
        UNION ALL SELECT b.visitor, r.id, NULL FROM base b JOIN traffic_rules r ON r.subject = 'agent' AND r.active
                  WHERE b.agent_id IS NULL AND '' ~* r.pattern
        UNION ALL SELECT b.visitor, r.id, NULL FROM base b JOIN traffic_rules r ON r.subject = 'misses' AND r.active
                  WHERE b.misses >= CASE WHEN r.subject = 'misses' THEN r.pattern::bigint END),
    best AS (
        SELECT DISTINCT ON (f.visitor) f.visitor, r.id AS rule_id, f.text_id, r.class FROM found f
        JOIN traffic_rules r ON r.id = f.rule_id ORDER BY f.visitor, r.position, r.id, f.text_id),
    attacks AS (
        SELECT visitor, count(DISTINCT (file_id, place)) AS attacks FROM asked
        WHERE class = 'attack' AND subject IN ('path', 'query') GROUP BY visitor)
    INSERT INTO traffic_visitors
           (day, visitor, class, rule_id, text_id, hits, attacks, bytes, first_at, last_at, agent_id, network_id)
    SELECT :day, b.visitor, coalesce(f.class, 'person'), f.rule_id, f.text_id, b.hits, coalesce(a.attacks, 0), b.bytes,
           b.first_at, b.last_at, b.agent_id, b.network_id
    FROM base b LEFT JOIN best f USING (visitor) LEFT JOIN attacks a USING (visitor)
"""


def classify_day(session: Session) -> dt.date | None:
    """Tell the visitors of one day apart whose visits are derived, the newest first; the day, or None when none is left.

    Another process at the same makes this wait.
    """
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    store_house_rules(session)
    open_days = select(BookDay.day).where(BookDay.hits > 0).group_by(BookDay.day).having(func.bool_and(BookDay.derived))
    done = select(ClassifiedDay).where(ClassifiedDay.day == BookDay.day).exists()
    day = session.scalar(open_days.where(~done).order_by(BookDay.day.desc()).limit(1))
    if day is None:
        return None
    ensure_parts(session, "traffic_visitors", [day])
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    kinds = {"subjects": list(TEXTS), "kinds": [KINDS[name] for name in TEXTS]}
    session.execute(text(MARK), {"day": day, **kinds})
    session.execute(text("DELETE FROM traffic_visitors WHERE day = :day"), {"day": day})
    session.execute(text(CLASSIFY), {"day": day})
    session.execute(insert(ClassifiedDay).values(day=day).on_conflict_do_nothing())
    # GOLD has the classes too, and asks the book what changed
    session.execute(
        text("UPDATE traffic_book SET changed_xid = pg_current_xact_id()::text::bigint WHERE day = :day"), {"day": day}
    )
    tell_planner(session, "traffic_visitors", day=day)
    return day


def forget_classes(session: Session) -> None:
    """Rules changed: let every text and every day be held against them anew. Waits for a day that is being done."""
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    session.execute(text("DELETE FROM traffic_marks"))
    session.execute(delete(ClassifiedDay))
