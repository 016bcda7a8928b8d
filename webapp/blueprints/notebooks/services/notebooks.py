"""What people do with notebooks: make, change and delete them."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.events import NotebooksDeleted
from webapp.blueprints.notebooks.models import Image, Notebook
from webapp.blueprints.notebooks.queries.notebooks import ADMINISTER, WORK, get_notebook, may_do
from webapp.blueprints.notebooks.services.homes import drop_backup_files, let_go
from webapp.blueprints.notebooks.services.locks import refuse_locked
from webapp.blueprints.notebooks.services.wishes import ask_to_clear
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.blueprints.workspaces.public import get_project
from webapp.core.errors import DomainError, EditConflict, FieldProblems, NotAllowed
from webapp.core.events import announce
from webapp.core.security import Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)
LONGEST = 40
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
LEAST = {"cpus": Decimal("0.1"), "memory_mb": 64, "pids": 16, "disk_mb": 16}
MOST_PIDS = 4096


class NotebookSlugTaken(DomainError):
    """Another notebook of the house has this short name."""

    field = "slug"

    def __init__(self) -> None:
        super().__init__(_("Another notebook of this installation has this short name."))


class NotebookSlugWrong(DomainError):
    """A short name is made of other signs: it becomes part of an address."""

    status = 422
    field = "slug"

    def __init__(self) -> None:
        super().__init__(_("Small letters a to z, digits and hyphens between them, at most 40 signs."))


class UnknownImage(DomainError):
    """Notebooks may not start from that image."""

    status = 422
    field = "image"

    def __init__(self) -> None:
        super().__init__(_("Choose one of the images that the owner offers."))


PROBLEMS = {"uq_notebooks_notebooks_slug": NotebookSlugTaken, "ck_notebooks_notebooks_slug": NotebookSlugWrong}


def create_notebook(
    session: Session,
    *,
    by: Actor,
    project_id: int,
    name: str,
    image_id: int | None = None,
    slug: str = "",
    description: str = "",
    **resources: Any,
) -> Notebook:
    """A new, stopped notebook in a project; what is not said of its resources, the image says.

    Raises NotFound and NotAllowed for the project, NotebookSlugTaken, NotebookSlugWrong, UnknownImage and FieldProblems.
    """
    project = get_project(session, project_id, by=by)
    image = _image(session, image_id)
    notebook = Notebook(
        slug=slug.strip() or _free_slug(session, project.slug, name),
        name=name,
        project_id=project.id,
        description=description,
        image=image,
        cpus=image.cpus,
        memory_mb=image.memory_mb,
        pids=image.pids,
        disk_mb=image.disk_mb,
        created_by=by.user_id,
    )
    if not SLUG.fullmatch(notebook.slug):
        raise NotebookSlugWrong
    if not may_do(session, notebook, by, WORK):
        raise NotAllowed(_("Only members of the project's workspace group may do this."))
    _set_resources(session, notebook, resources, by=by)
    session.add(notebook)
    store(session, PROBLEMS)
    log.info("notebook %s created in project %s by %s", notebook.slug, project.id, by.name)
    return notebook


def update_notebook(
    session: Session,
    *,
    by: Actor,
    slug: str,
    version: int,
    name: str,
    description: str,
    image_id: int | None = None,
    **resources: Any,
) -> Notebook:
    """Change the notebook that the actor saw as `version`; image and resources hold from the next start on.

    Raises NotFound, NotAllowed, NotebookLocked, EditConflict, UnknownImage and FieldProblems.
    """
    notebook = get_notebook(session, slug, by=by, to=WORK, lock=True)
    if notebook.version != version:
        raise EditConflict
    refuse_locked(session, notebook, by=by)
    notebook.name, notebook.description = name, description
    if image_id is not None and image_id != notebook.image_id:
        notebook.image = _image(session, image_id)
    _set_resources(session, notebook, resources, by=by)
    store(session, PROBLEMS)
    log.info("notebook %s changed by %s", slug, by.name)
    return notebook


def delete_notebook(session: Session, *, by: Actor, slug: str, version: int) -> None:
    """Delete the notebook that the actor saw as `version`, its container, its home and its backups.

    Raises NotFound, NotAllowed for who does not own the project's group, NotebookLocked and EditConflict.
    """
    notebook = get_notebook(session, slug, by=by, to=ADMINISTER, lock=True)
    if notebook.version != version:
        raise EditConflict
    refuse_locked(session, notebook, by=by)
    remove_notebooks(session, [notebook], by=by)


def remove_notebooks(session: Session, notebooks: Sequence[Notebook], *, by: Actor) -> None:
    """The same for who has looked at the rights already; announced. The keeper removes what the engine has of them."""
    announce(session, NotebooksDeleted(tuple(notebook.id for notebook in notebooks)))
    for notebook in notebooks:
        let_go(session, notebook_ids=[notebook.id])
        drop_backup_files(session, [notebook.id])
        session.delete(notebook)
        store(session)
        ask_to_clear(session, notebook.slug, by=by)
        log.warning("notebook %s deleted by %s", notebook.slug, by.name)


def _image(session: Session, image_id: int | None) -> Image:
    offered = select(Image).where(Image.open).order_by(Image.id)
    if image_id is not None:
        offered = offered.where(Image.id == image_id)
    image = session.scalars(offered.limit(1)).one_or_none()
    if image is None:
        raise UnknownImage
    return image


def _free_slug(session: Session, project: str, name: str) -> str:
    """A short name made of the notebook's, with the project's before it or a number after it where that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    wish = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "notebook"
    longer = f"{project}-{wish}"
    tries = [wish, longer, *(f"{longer[: LONGEST - 4]}-{number}" for number in range(2, 100))]
    tries = [each[:LONGEST].strip("-") for each in tries]
    taken = set(session.scalars(select(Notebook.slug).where(Notebook.slug.in_(tries))))
    return next((each for each in tries if each not in taken), tries[-1])


def _set_resources(session: Session, notebook: Notebook, asked: dict[str, Any], *, by: Actor) -> None:
    """Give it what was asked for, within the limits of the house. Raises FieldProblems and NotAllowed."""
    settings = notebook_settings()
    most = {
        "cpus": Decimal(settings.most_cpus),
        "memory_mb": settings.most_memory_mb,
        "pids": MOST_PIDS,
        "disk_mb": settings.most_disk_mb,
    }
    problems = {}
    for name, least in LEAST.items():
        value = asked.get(name)
        if value is None:
            continue
        if not least <= value <= most[name]:
            problems[name] = str(_("From %(least)s to %(most)s.", least=least, most=most[name]))
        else:
            setattr(notebook, name, value)
    if problems:
        raise FieldProblems(problems)
    if "idle_minutes" in asked:
        notebook.idle_minutes = asked["idle_minutes"]
    if "timetable" in asked:
        notebook.timetable = asked["timetable"]
    internet = asked.get("internet")
    if internet is not None and internet != bool(notebook.internet):
        if internet and not may_do(session, notebook, by, ADMINISTER):
            raise NotAllowed(_("Only the owner of the workspace group lets a notebook out to the internet."))
        notebook.internet = internet


def watch_log(session: Session, *, by: Actor, slug: str) -> Notebook:
    """Somebody looks at the container's log: the keeper brings it while they do. Raises NotFound and NotAllowed."""
    notebook = get_notebook(session, slug, by=by, to=WORK)
    session.execute(
        update(Notebook)
        .where(Notebook.id == notebook.id)
        .values(log_asked_at=func.clock_timestamp(), updated_at=Notebook.updated_at)
        .execution_options(synchronize_session=False)
    )
    return notebook
