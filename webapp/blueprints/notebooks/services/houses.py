"""What marks an installation's things on its engine: another mark for a copy, so that two never drive the same containers."""

from __future__ import annotations

import datetime as dt
import logging
from uuid import UUID, uuid4

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Engine, GoldRole, Notebook, State, Volume, Wanted
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError
from webapp.core.security import Actor

log = logging.getLogger(__name__)
QUIET = dt.timedelta(minutes=2)  # without a round of the keeper: it goes round every half minute


class KeeperRuns(DomainError):
    """The keeper of this installation is at work, and would take what the old mark names for its own."""

    def __init__(self) -> None:
        super().__init__(
            _("The keeper of the notebooks runs, or did a moment ago: stop it, and try again in two minutes.")
        )


def found_house(session: Session, *, by: Actor, now: dt.datetime | None = None) -> UUID:
    """From now on this installation is another one to the engine; its new mark. For a copy of one that goes on elsewhere.

    All notebooks are stopped here, with empty homes; containers, volumes and readers of GOLD stay with the installation that it
    was copied from. Backups of homes stay, and can be restored. Raises KeeperRuns.
    """
    engine = session.scalars(select(Engine).with_for_update()).one()
    if engine.round_at is not None and engine.round_at > (now or utc_now()) - QUIET:
        raise KeeperRuns
    engine.house, engine.answers, engine.strangers = uuid4(), False, []
    session.execute(delete(Volume))
    session.execute(delete(GoldRole))
    session.execute(
        update(Notebook).values(
            wanted=Wanted.STOPPED, state=State.STOPPED, generation=Notebook.generation + 1, step="", cause="", failures=0,
            engine_id=None, address=None, port=None, token_sealed="", expires_at=None, warned_at=None, kernels="",
            stops_at=None, stops_for="",
        )
    )  # fmt: skip
    session.flush()
    log.info("a new house on the engine, %s, founded by %s", engine.house, by.name)
    return engine.house
