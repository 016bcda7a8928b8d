"""The mail that warns of a notebook that is about to stop by itself."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from webapp.blueprints.accounts.public import User
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.services.keeping import Plan, StopReason
from webapp.core.mail import MailNotSetUp, post
from webapp.core.security import SYSTEM

log = logging.getLogger(__name__)


def warn(session: Session, notebook_id: int, plan: Plan) -> None:
    """Tell who started it, once a start and reason. Nobody is told of a notebook that nobody has used for a while."""
    if plan.why is StopReason.IDLE:
        return
    notebook = session.get(Notebook, notebook_id)
    user = session.get(User, notebook.wanted_by) if notebook and notebook.wanted_by else None
    if notebook is None or user is None or not user.active:
        return
    try:
        post(
            session,
            to=user.email,
            template="notebooks/stops_soon",
            language=user.language or None,
            cause=f"notebook {notebook.id} {notebook.generation} {plan.why} {plan.at:%Y-%m-%d}",
            by=SYSTEM,
            name=notebook.name,
            slug=notebook.slug,
            why=plan.why.value,
            at=plan.at,
            limit=notebook.disk_mb,
        )
    except MailNotSetUp:
        log.warning("user %s is not told that a notebook stops: there is no way for mail", user.id)
