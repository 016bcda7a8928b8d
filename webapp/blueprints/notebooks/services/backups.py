"""Saved copies of homes: made, given back, copied into a new notebook and deleted. The keeper moves the bytes."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Backup, Notebook, State, Wanted
from webapp.blueprints.notebooks.queries.notebooks import WORK, get_notebook
from webapp.blueprints.notebooks.services.homes import backups_folder, find_home, take_home
from webapp.blueprints.notebooks.services.locks import refuse_locked
from webapp.blueprints.notebooks.services.notebooks import create_notebook
from webapp.blueprints.tasks.public import ask
from webapp.core.db import after_commit
from webapp.core.errors import DomainError, NotFound
from webapp.core.security import Actor

log = logging.getLogger(__name__)
BACK_UP, RESTORE, CLONE = "notebooks.back_up", "notebooks.restore", "notebooks.clone"
MOST_KEPT = 10


class StillRuns(DomainError):
    """The home is in use."""

    def __init__(self) -> None:
        super().__init__(_("The notebook runs: stop it first."))


class NoHome(DomainError):
    """The notebook was never started: there is nothing in it."""

    def __init__(self) -> None:
        super().__init__(_("This notebook has no home yet: it gets one when it first starts."))


class TooManyBackups(DomainError):
    """As many backups are kept as may be."""

    def __init__(self) -> None:
        super().__init__(
            _("This notebook has %(count)s backups, as many as are kept: delete one first.", count=MOST_KEPT)
        )


def ask_to_back_up(session: Session, *, by: Actor, slug: str) -> int:
    """Let the keeper save a copy of the home; the number of the task. Raises NotFound, NotAllowed, NoHome, TooManyBackups."""
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    if find_home(session, notebook.id) is None:
        raise NoHome
    kept = session.scalars(select(func.count(Backup.id)).where(Backup.notebook_id == notebook.id)).one()
    if kept >= MOST_KEPT:
        raise TooManyBackups
    return int(ask(session, BACK_UP, {"notebook_id": notebook.id}, by=by).id)


def ask_to_restore(session: Session, *, by: Actor, slug: str, backup_id: int) -> int:
    """Let the keeper put a backup in place of all that is in the home; the number of the task.

    Raises NotFound, NotAllowed, NotebookLocked, StillRuns.
    """
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    refuse_locked(session, notebook, by=by)
    refuse_running(notebook)
    backup = get_backup(session, notebook, backup_id)
    return int(ask(session, RESTORE, {"notebook_id": notebook.id, "backup_id": backup.id}, by=by).id)


def ask_to_clone(session: Session, *, by: Actor, slug: str, name: str, new_slug: str = "") -> tuple[Notebook, int]:
    """A new notebook of the same project, image and resources, and a task that copies the home into its own.

    Raises NotFound, NotAllowed and what the creation of a notebook raises.
    """
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    copy = create_notebook(
        session,
        by=by,
        project_id=notebook.project_id,
        name=name,
        image_id=notebook.image_id,
        slug=new_slug,
        description=notebook.description,
        cpus=notebook.cpus,
        memory_mb=notebook.memory_mb,
        pids=notebook.pids,
        disk_mb=notebook.disk_mb,
        idle_minutes=notebook.idle_minutes,
    )
    if find_home(session, notebook.id) is None:
        return copy, 0
    task = ask(session, CLONE, {"notebook_id": notebook.id, "copy_id": copy.id}, by=by)
    return copy, int(task.id)


def empty_home(session: Session, *, by: Actor, slug: str, now: dt.datetime) -> None:
    """Delete all that is in the home; backups stay. Raises NotFound, NotAllowed, NotebookLocked, StillRuns, NoHome."""
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    refuse_locked(session, notebook, by=by)
    refuse_running(notebook)
    home = find_home(session, notebook.id, lock=True)
    if home is None:
        raise NoHome
    home.remove_at = now
    session.flush()
    log.warning("the home of notebook %s emptied by %s", slug, by.name)


def delete_backup(session: Session, *, by: Actor, slug: str, backup_id: int) -> None:
    """Delete a backup with its file. Raises NotFound, NotAllowed."""
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    backup = get_backup(session, notebook, backup_id)
    path = backups_folder() / backup.file
    session.delete(backup)
    session.flush()
    after_commit(session, lambda: path.unlink(missing_ok=True))
    log.info("backup %s of notebook %s deleted by %s", backup_id, slug, by.name)


def list_backups(session: Session, notebook_id: int) -> Sequence[Backup]:
    """The backups of a notebook, the newest first."""
    mine = select(Backup).where(Backup.notebook_id == notebook_id)
    return session.scalars(mine.order_by(Backup.id.desc())).all()


def get_backup(session: Session, notebook: Notebook, backup_id: int) -> Backup:
    """One of the notebook's backups. Raises NotFound."""
    backup = session.get(Backup, backup_id)
    if backup is None or backup.notebook_id != notebook.id:
        raise NotFound(_("This backup does not exist, or does not any more."))
    return backup


def note_backup(session: Session, notebook_id: int, *, file: str, size: int, digest: str, by: Actor) -> int | None:
    """Write down a backup that was made; None when its notebook is gone meanwhile."""
    notebook = session.get(Notebook, notebook_id)
    if notebook is None:
        return None
    made = Backup(notebook_id=notebook_id, project_id=notebook.project_id, file=file, size=size, digest=digest, made_by=by.name[:200])  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def move_in(session: Session, notebook_id: int, volume_id: int, *, now: dt.datetime) -> None:
    """The filled volume becomes the home, unless somebody started the notebook meanwhile. Raises NotFound, StillRuns."""
    notebook = session.get(Notebook, notebook_id, with_for_update={"of": Notebook}, populate_existing=True)
    if notebook is None:
        raise NotFound(_("This notebook does not exist, or does not any more."))
    refuse_running(notebook)
    take_home(session, notebook_id, volume_id, now=now)


def refuse_running(notebook: Notebook) -> None:
    """Raise StillRuns unless the notebook is at rest."""
    if not is_at_rest(notebook):
        raise StillRuns


def is_at_rest(notebook: Notebook) -> bool:
    """Whether it is stopped, or failed to start: nothing has its home."""
    if notebook.state == State.FAILED:
        return True
    return notebook.wanted == Wanted.STOPPED and notebook.state == State.STOPPED


def list_files(session: Session) -> frozenset[str]:
    """The files of all backups."""
    return frozenset(session.scalars(select(Backup.file)))
