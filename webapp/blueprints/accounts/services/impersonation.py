"""The owner acts as somebody else to see what they see: with a reason, under their rank only, and never without a trace."""

from __future__ import annotations

import logging

from flask_babel import gettext
from sqlalchemy import func, literal, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Impersonation, User, UserSession
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.people import find_active_user
from webapp.blueprints.accounts.queries.rights import get_standing
from webapp.blueprints.accounts.queries.sessions import find_session
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, NotAllowed, NotFound
from webapp.core.security import Actor

log = logging.getLogger(__name__)
SHORTEST_REASON = 10
LONGEST_REASON = 500
MOST_STEPS = 1000


class ReasonMissing(DomainError):
    """Nobody acts as somebody else without saying why."""

    status = 422
    field = "reason"

    def __init__(self) -> None:
        super().__init__(gettext("Say why, in at least %(count)s characters.", count=SHORTEST_REASON))


def may_act_as(session: Session, *, by: Actor, user: User) -> bool:
    """Whether the actor may act as that user: they may, they are somebody else, and of a higher rank."""
    return (
        by.everything
        and by.signed_in
        and by.may(May.USERS_IMPERSONATE)
        and user.active
        and user.id != by.user_id
        and get_standing(session, user.id).rank < by.rank
    )


def start_acting(
    session: Session, *, by: Actor, session_id: int, user_id: int, reason: str, address: str
) -> Impersonation:
    """From the next request on the session has the user's rights and no others; the row tells who, why, and since when.

    Raises NotFound, NotAllowed (also for somebody of the same rank or a higher one) and ReasonMissing.
    """
    row, user = find_session(session, session_id), find_active_user(session, user_id)
    if user is None or row is None or row.user_id != by.user_id:
        raise NotFound(gettext("This user does not exist, or may not sign in."))
    if row.acting_as_id is not None or not may_act_as(session, by=by, user=user):
        raise NotAllowed(gettext("You may act only as somebody of a lower rank."))
    told = " ".join(reason.replace("\x00", "").split())[:LONGEST_REASON]
    if len(told) < SHORTEST_REASON:
        raise ReasonMissing
    row.acting_as_id = user.id
    made = Impersonation(
        session_id=row.id,
        actor_id=by.user_id,
        target_id=user.id,
        actor_name=by.name,
        target_name=user.name or user.email,
        reason=told,
        address=address,
        started_at=utc_now(),
    )
    session.add(made)
    session.flush()
    log.warning("impersonation %s: user %s acts as user %s", made.id, by.user_id, user.id)
    return made


def stop_acting(session: Session, *, session_id: int) -> None:
    """From the next request on the session has the owner's own rights again; nothing when it had them all along."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(acting_as_id=None))
    ended = session.scalars(
        update(Impersonation)
        .where(Impersonation.session_id == session_id, Impersonation.ended_at.is_(None))
        .values(ended_at=utc_now())
        .returning(Impersonation.id)
    ).all()
    for number in ended:
        log.warning("impersonation %s ended", number)


def note_step(session: Session, *, session_id: int, method: str, path: str, status: int) -> None:
    """Add what was written just now to the trace of the impersonation under way."""
    step = [{"at": utc_now().isoformat(timespec="seconds"), "method": method, "path": path[:300], "status": status}]
    session.execute(
        update(Impersonation)
        .where(
            Impersonation.session_id == session_id,
            Impersonation.ended_at.is_(None),
            func.jsonb_array_length(Impersonation.steps) < MOST_STEPS,
        )
        .values(steps=Impersonation.steps.op("||")(literal(step, JSONB)))
        .execution_options(synchronize_session=False)
    )
    log.warning("while acting as somebody else, session %s: %s %s answered %s", session_id, method, path[:300], status)
