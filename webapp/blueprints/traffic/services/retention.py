"""What goes when its time is over: days of hits, the vault's days, the keys under which visitors were hashed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import ClassifiedDay, Visit, Visitor
from webapp.blueprints.traffic.services.partitions import drop_parts
from webapp.blueprints.traffic.services.privacy import destroy_keys
from webapp.blueprints.traffic.services.storing import Terms


@dataclass(frozen=True)
class Gone:
    """How many days of hits and of the vault were dropped, and keys destroyed."""

    days: int
    vault_days: int
    keys: int


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
        for derived in ("traffic_visits", "traffic_visitors"):
            drop_parts(session, derived, before=max(days) + dt.timedelta(days=1), made_before=read_before)
    secret = terms.today - dt.timedelta(days=terms.vault_days - 1)
    vault = drop_parts(session, "traffic_vault", before=secret)
    vault += drop_parts(session, "traffic_rejects", before=secret)
    return Gone(len(days), len(set(vault)), destroy_keys(session, terms.today, now))
