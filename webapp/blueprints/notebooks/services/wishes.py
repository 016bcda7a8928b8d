"""What people wish of a notebook: that it starts, stops, or starts anew. The wish is written; the keeper makes it true."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Engine, Notebook, State, Volume, Wanted
from webapp.blueprints.notebooks.ports import Step
from webapp.blueprints.notebooks.queries.notebooks import WORK, get_notebook
from webapp.blueprints.notebooks.services.locks import refuse_locked
from webapp.blueprints.notebooks.services.progress import add_step
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.blueprints.tasks.public import ask
from webapp.blueprints.workspaces.public import Project
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError
from webapp.core.security import Actor

SETTLE = "notebooks.settle"
CLEAR = "notebooks.clear"
CHANNEL = "bottega_notebooks"  # where PostgreSQL tells the keeper of wishes, by the notebook's number
LIMITS_LOCK = 0x6E6F7465  # two starts at once count each other


class NoEngine(DomainError):
    """This installation has nothing that runs notebooks."""

    status = 503

    def __init__(self) -> None:
        super().__init__(_("No engine for notebooks is set up here: NOTEBOOK_ENGINE names one."))


class ImageMissing(DomainError):
    """The engine does not have the image, and may not fetch it."""


class ImageClosed(DomainError):
    """The owner has taken the image off the list."""


class TooMany(DomainError):
    """As many notebooks run as may."""


class HomeFull(DomainError):
    """The home holds more than it may."""


def start_notebook(session: Session, *, by: Actor, slug: str, now: dt.datetime | None = None) -> Notebook:
    """Wish that it runs, and ask the keeper for it; one that runs or is about to stays as it is.

    Raises NotFound, NotAllowed, NotebookLocked, NoEngine, ImageClosed, ImageMissing, HomeFull and TooMany.
    """
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    refuse_locked(session, notebook, by=by, now=now)
    if notebook.wanted == Wanted.RUNNING and notebook.state != State.FAILED:
        return notebook
    return _wish_running(session, notebook, by=by, now=now)


def restart_notebook(session: Session, *, by: Actor, slug: str, now: dt.datetime | None = None) -> Notebook:
    """Wish that it starts anew: kernels and what they hold in memory are lost, the home stays. Raises what a start does."""
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    refuse_locked(session, notebook, by=by, now=now)
    return _wish_running(session, notebook, by=by, now=now)


def stop_notebook(
    session: Session, *, by: Actor, slug: str, words: str = "", now: dt.datetime | None = None
) -> Notebook:
    """Wish that it stops; `words` say why, when nobody pressed a button. Raises NotFound, NotAllowed, NotebookLocked."""
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    refuse_locked(session, notebook, by=by, now=now)
    wish_stopped(session, notebook, by=by, words=words, now=now)
    return notebook


def wish_stopped(
    session: Session, notebook: Notebook, *, by: Actor, words: str = "", now: dt.datetime | None = None
) -> None:
    """The same for who has looked at the rights already (idle stop, timetable, deletion). The door shuts at once."""
    if notebook.wanted == Wanted.STOPPED and notebook.state in (State.STOPPED, State.STOPPING):
        return
    _wish(notebook, Wanted.STOPPED, State.STOPPING, by=by, now=now)
    add_step(session, notebook.id, notebook.generation, Step.STOPPING, words or _("Stop asked for."))
    ask_keeper(session, notebook, by=by)


def ask_keeper(session: Session, notebook: Notebook, *, by: Actor) -> None:
    """Let the keeper look at the notebook as soon as this is committed.

    It hears of it at once; the task is there for when it does not listen just then, and shows who asked and what came of it.
    """
    session.flush()
    session.execute(select(func.pg_notify(CHANNEL, str(notebook.id))))
    ask(session, SETTLE, {"notebook": notebook.id}, by=by)


def ask_to_clear(session: Session, slug: str, *, by: Actor) -> None:
    """After the deletion of a notebook's row: let the keeper remove what the engine has of it."""
    ask(session, CLEAR, {"slug": slug}, by=by)


def _wish_running(session: Session, notebook: Notebook, *, by: Actor, now: dt.datetime | None) -> Notebook:
    if not notebook_settings().engine:
        raise NoEngine
    _check_image(notebook)
    _check_home(session, notebook)
    _check_limits(session, notebook, by=by)
    _wish(notebook, Wanted.RUNNING, State.QUEUED, by=by, now=now)
    add_step(session, notebook.id, notebook.generation, Step.QUEUED, _("Start asked for."))
    ask_keeper(session, notebook, by=by)
    return notebook


def _wish(notebook: Notebook, wanted: Wanted, state: State, *, by: Actor, now: dt.datetime | None) -> None:
    notebook.wanted, notebook.state = wanted, state
    notebook.generation += 1
    notebook.wanted_by, notebook.wanted_at = by.user_id, now or utc_now()
    notebook.step, notebook.cause, notebook.failures = "", "", 0
    notebook.address = notebook.port = None


def _check_image(notebook: Notebook) -> None:
    image = notebook.image
    if not image.open:
        raise ImageClosed(_("The image “%(name)s” is not offered any more: choose another one.", name=image.name))
    if image.present is False and image.pull_policy == "never":
        raise ImageMissing(
            _(
                "The engine does not have the image “%(name)s” (%(reference)s), and it is not to be fetched: "
                "the owner has to build or fetch it first.",
                name=image.name,
                reference=image.reference,
            )
        )


def _check_home(session: Session, notebook: Notebook) -> None:
    """The hard stop where the storage has no quotas: what was measured last counts."""
    mine = select(Volume.size).where(Volume.notebook_id == notebook.id, Volume.kind == "home")
    size = session.scalars(mine).first()
    if size is not None and size > notebook.disk_mb * 1024 * 1024:
        raise HomeFull(
            _(
                "The home of this notebook holds %(size)s MB and may hold %(limit)s MB: "
                "ask the owner for more room, or restore a smaller backup.",
                size=round(size / 1024 / 1024),
                limit=notebook.disk_mb,
            )
        )


def _check_limits(session: Session, notebook: Notebook, *, by: Actor) -> None:
    """So many notebooks at once for a person and for a group. Starts wait for each other here until they are committed."""
    settings = notebook_settings()
    session.execute(select(func.pg_advisory_xact_lock(LIMITS_LOCK)))
    awake = select(func.count(Notebook.id)).where(
        Notebook.wanted == Wanted.RUNNING, Notebook.state != State.FAILED, Notebook.id != notebook.id
    )
    if by.user_id is not None:
        own = session.scalars(awake.where(Notebook.wanted_by == by.user_id)).one()
        if own >= settings.per_person:
            raise TooMany(
                _(
                    "As many of your notebooks run as one person may have at once (%(count)s): stop one first.",
                    count=own,
                )
            )
    group_id = select(Project.group_id).where(Project.id == notebook.project_id).scalar_subquery()
    of_group = select(Project.id).where(Project.group_id == group_id)
    running = session.scalars(awake.where(Notebook.project_id.in_(of_group))).one()
    if running >= settings.per_group:
        raise TooMany(
            _("As many notebooks of the group run as it may have at once (%(count)s): stop one first.", count=running)
        )


def engine_state(session: Session) -> Engine:
    """The engine as the keeper saw it last."""
    return session.get_one(Engine, 1)
