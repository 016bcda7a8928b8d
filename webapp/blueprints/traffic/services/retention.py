"""What goes when its time is over: days of hits, the vault's days, the keys under which visitors were hashed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import ClassifiedDay, RecordChange, Tally, Visit, Visitor
from webapp.blueprints.traffic.services.partitions import drop_parts
from webapp.blueprints.traffic.services.privacy import destroy_keys
from webapp.blueprints.traffic.services.storing import Terms


@dataclass(frozen=True)
class Gone:
    """How many days of hits and of the vault were dropped, keys destroyed, and texts let go."""

    days: int
    vault_days: int
    keys: int
    texts: int = 0


def let_go(session: Session, terms: Terms, now: dt.datetime) -> Gone:
    """Drop what is kept long enough.

    Hits and problems go so many days after they were told and after they were read, so that an old log can be read and
    looked at; the vault goes by the day of the request alone.
    """
    oldest = terms.today - dt.timedelta(days=terms.keep_days)
    read_before = now - dt.timedelta(days=terms.keep_days)
    days = drop_parts(session, "traffic_hits", before=oldest, made_before=read_before)
    drop_parts(session, "traffic_problems", before=oldest, made_before=read_before)
    if days:
        session.execute(
            text(
                "UPDATE traffic_book SET expired = expired + hits, hits = 0, bytes = 0, derived = true, "
                "changed_xid = pg_current_xact_id()::text::bigint WHERE day = ANY(:days) AND hits > 0"
            ),
            {"days": days},
        )
        session.execute(delete(Visit).where(Visit.day.in_(days)))
        session.execute(delete(Visitor).where(Visitor.day.in_(days)))
        session.execute(delete(ClassifiedDay).where(ClassifiedDay.day.in_(days)))
        session.execute(delete(Tally).where(Tally.day.in_(days)))
        for derived in ("traffic_visits", "traffic_visitors", "traffic_tallies"):
            drop_parts(session, derived, before=max(days) + dt.timedelta(days=1), made_before=read_before)
    secret = terms.today - dt.timedelta(days=terms.vault_days - 1)
    vault = drop_parts(session, "traffic_vault", before=secret)
    vault += drop_parts(session, "traffic_rejects", before=secret)
    session.execute(delete(RecordChange).where(RecordChange.at < read_before))
    keys = destroy_keys(session, terms.today, now)
    return Gone(len(days), len(set(vault)), keys, let_texts_go(session, terms))


def let_texts_go(session: Session, terms: Terms) -> int:
    """Delete the texts that no line has which is kept: paths, queries and names say much of people. How many.

    A line with the text was read on the day that it was `seen`, at the latest; two days more than lines are kept, that is sure.
    """
    before = terms.today - dt.timedelta(days=terms.keep_days + 2)
    found = session.scalars(
        text("SELECT id FROM traffic_texts WHERE seen < :before ORDER BY id FOR UPDATE SKIP LOCKED"), {"before": before}
    )
    gone = list(found)
    if gone:
        for table, column in (
            ("traffic_agents", "id"),
            ("traffic_networks", "id"),
            ("traffic_marks", "text_id"),
            ("traffic_texts", "id"),
        ):
            session.execute(text(f"DELETE FROM {table} WHERE {column} = ANY(:ids)"), {"ids": gone})  # noqa: S608 - ours
    return len(gone)
