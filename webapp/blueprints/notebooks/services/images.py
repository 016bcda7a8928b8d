"""The list of images that notebooks may start from: the owner keeps it, the keeper fetches and builds what is on it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Image
from webapp.blueprints.notebooks.queries.images import find_image_by_reference, get_image
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.blueprints.tasks.public import ask
from webapp.core.errors import DomainError, EditConflict, FieldProblems, InUse
from webapp.core.security import Actor
from webapp.core.storing import store

log = logging.getLogger(__name__)
PULL, BUILD = "notebooks.pull_image", "notebooks.build_image"
OWN_IMAGE = "bottega-jupyter"  # what `workspaces/jupyter/Dockerfile` makes
REFERENCE = re.compile(
    r"(?:[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d{1,5})?/)?"  # a registry
    r"[a-z0-9]+(?:(?:[._]|__|-+|/)[a-z0-9]+)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
PATH = re.compile(r"/[A-Za-z0-9._/-]*")
NAMES = ("name", "reference", "description", "pull_policy", "cpus", "memory_mb", "pids", "disk_mb", "health_path", "home_path", "port", "open")  # fmt: skip


class ImageNameTaken(DomainError):
    """Another image of the list has this name."""

    field = "name"

    def __init__(self) -> None:
        super().__init__(_("Another image has this name."))


PROBLEMS = {"uq_notebooks_images_name": ImageNameTaken}


def create_image(session: Session, *, by: Actor, values: Mapping[str, Any]) -> Image:
    """Put an image on the list. Raises ImageNameTaken, FieldProblems."""
    image = Image(**_checked(values))
    session.add(image)
    store(session, PROBLEMS)
    log.info("image %s (%s) put on the list by %s", image.name, image.reference, by.name)
    return image


def update_image(session: Session, *, by: Actor, image_id: int, version: int, values: Mapping[str, Any]) -> Image:
    """Change an image of the list; notebooks that run go on as they are. Raises NotFound, EditConflict, ImageNameTaken, FieldProblems."""
    image = get_image(session, image_id, lock=True)
    if image.version != version:
        raise EditConflict
    checked = _checked(values)
    if checked["reference"] != image.reference:
        image.present, image.seen_at, image.task_id = None, None, None
    for name, value in checked.items():
        setattr(image, name, value)
    store(session, PROBLEMS)
    log.info("image %s (%s) changed by %s", image.name, image.reference, by.name)
    return image


def delete_image(session: Session, *, by: Actor, image_id: int, version: int) -> None:
    """Take an image off the list; the engine keeps it. Raises NotFound, EditConflict, InUse (a notebook starts from it)."""
    image = get_image(session, image_id, lock=True)
    if image.version != version:
        raise EditConflict
    session.delete(image)
    try:
        store(session)
    except InUse:
        raise InUse(
            _("Notebooks start from this image: close it instead, then nobody can start it any more.")
        ) from None
    log.info("image %s deleted by %s", image_id, by.name)


def ask_to_pull(session: Session, *, by: Actor, image_id: int) -> int:
    """Let the keeper fetch the image; the number of the task, whose page shows how far it is. Raises NotFound."""
    image = get_image(session, image_id, lock=True)
    task = ask(session, PULL, {"image_id": image.id}, by=by)
    image.task_id = task.id
    session.flush()
    return int(task.id)


def ask_to_build(session: Session, *, by: Actor, version: str) -> int:
    """Let the keeper build the image that the project ships, and put it on the list; the number of the task."""
    return int(ask(session, BUILD, {"version": checked_version(version)}, by=by).id)


def checked_version(version: str) -> str:
    """The tag of an image to be built. Raises FieldProblems for `tag`."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", version):
        raise FieldProblems({"tag": str(_("Write a version like 1.0."))})
    return version


def offer_built(session: Session, *, reference: str, by: Actor) -> Image:
    """The image that was built is on the list, and on the engine: the row of the same image takes its new version."""
    found = find_image_by_reference(session, reference)
    if found is None:
        own = select(Image).where(Image.reference.like(f"{OWN_IMAGE}:%")).order_by(Image.id)
        found = session.scalars(own.limit(1)).one_or_none()
    if found is None:
        found = create_image(
            session,
            by=by,
            values={"name": "JupyterLab", "reference": reference, "pull_policy": "never", "description": str(_("Python with pandas, PostgreSQL, Altair and the business figures."))},
        )  # fmt: skip
    found.reference, found.present, found.seen_at = reference, True, func.clock_timestamp()
    store(session, PROBLEMS)
    return found


def list_references(session: Session) -> dict[int, str]:
    """The images of the list, by number."""
    return {row.id: row.reference for row in session.execute(select(Image.id, Image.reference))}


def note_present(session: Session, image_id: int, reference: str, *, present: bool) -> None:
    """Whether the engine has it, as seen now; nothing when the row means another one meanwhile."""
    session.execute(
        update(Image)
        .where(Image.id == image_id, Image.reference == reference)
        .values(present=present, seen_at=func.clock_timestamp(), updated_at=Image.updated_at)
        .execution_options(synchronize_session=False)
    )


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns, cleaned; what is not given keeps its default. Raises FieldProblems."""
    kept = {name: value for name, value in values.items() if name in NAMES and value is not None}
    problems: dict[str, str] = {}
    reference = str(kept.get("reference", "")).strip()
    kept["reference"] = reference
    if not REFERENCE.fullmatch(reference) or len(reference) > 300:
        problems["reference"] = _("Write an image as the engine names it, like registry.company.it/jupyter:1.2.")
    for name in ("health_path", "home_path"):
        if name in kept and not (PATH.fullmatch(kept[name]) and ".." not in kept[name]):
            problems[name] = _("Write a path that begins with a slash.")
    if kept.get("home_path", "/home/analyst").rstrip("/") in ("", "/tmp", "/data", "/proc", "/sys", "/dev", "/etc", "/opt", "/usr"):  # fmt: skip  # noqa: S108 - no file of ours
        problems["home_path"] = _("A home cannot be there.")
    settings = notebook_settings()
    most = {"cpus": settings.most_cpus, "memory_mb": settings.most_memory_mb, "disk_mb": settings.most_disk_mb}
    for name, limit in most.items():
        if name in kept and kept[name] > limit:
            problems[name] = _("This installation gives at most %(limit)s.", limit=limit)
    if problems:
        raise FieldProblems({name: str(words) for name, words in problems.items()})
    return kept
