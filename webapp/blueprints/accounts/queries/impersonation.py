"""Questions about who acted as whom."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Impersonation
from webapp.core.lists import Column, ListSpec, Search, folded

IMPERSONATIONS = ListSpec(
    name="impersonations",
    source=Impersonation,
    id=Impersonation.id,
    columns=(
        Column("started_at", _l("Since"), Impersonation.started_at, kind="date", sort_by=Impersonation.started_at),
        Column("actor_name", _l("Who"), Impersonation.actor_name, sort_by=folded(Impersonation.actor_name)),
        Column("target_name", _l("As whom"), Impersonation.target_name, sort_by=folded(Impersonation.target_name)),
        Column("reason", _l("Reason"), Impersonation.reason),
        Column("steps", _l("Writes"), func.jsonb_array_length(Impersonation.steps), kind="number"),
        Column("ended_at", _l("Until"), Impersonation.ended_at, kind="date"),
        Column("address", _l("Place on the network"), Impersonation.address, shown=False),
    ),
    sort="-started_at",
    search=(Search(Impersonation.actor_name), Search(Impersonation.target_name), Search(Impersonation.reason)),
    search_hint=_l("Who, as whom or why"),
)


def find_impersonation(session: Session, number: int) -> Impersonation | None:
    """The impersonation with that number."""
    return session.get(Impersonation, number)


def find_acting(session: Session, session_id: int) -> Impersonation | None:
    """The impersonation under way in a session."""
    return session.scalars(
        select(Impersonation).where(Impersonation.session_id == session_id, Impersonation.ended_at.is_(None)).limit(1)
    ).one_or_none()
