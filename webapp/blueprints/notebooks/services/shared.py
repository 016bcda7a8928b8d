"""The shared data of a project: files that its members add, and that all its notebooks read at /data."""

from __future__ import annotations

import datetime as dt
import errno
import logging
import re
import secrets
import unicodedata
from pathlib import Path
from typing import Any, BinaryIO

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.services.homes import find_shared, shared_of
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.blueprints.tasks.public import ask
from webapp.blueprints.workspaces.public import Project, get_project, may_edit
from webapp.core.clock import utc_now
from webapp.core.db import after_commit
from webapp.core.errors import DomainError, NotAllowed, NotFound
from webapp.core.security import Actor
from webapp.core.settings import house_settings

log = logging.getLogger(__name__)
SHARE, TAKE_BACK = "notebooks.share", "notebooks.take_back"
STEP = 1 << 20
MEGABYTE = 1 << 20
LONGEST_NAME = 120
MOST_FILES = 200
OUT_OF_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
ADDED, WAITING, LEAVING = "there", "waiting", "leaving"


class SharedFileRefused(DomainError):
    """The file cannot be shared."""

    status = 422
    field = "file"


def shared_folder() -> Path:
    """Where files wait for the keeper to put them into the volume."""
    return house_settings().instance / "notebooks" / "shared"


def get_shared_project(session: Session, project_id: int, *, by: Actor) -> Project:
    """The project, for who may add to its data. Raises NotFound, NotAllowed."""
    project = get_project(session, project_id, by=by)
    if not may_edit(project, by):
        raise NotAllowed(_("Only members of the project's workspace group may do this."))
    return project


def list_shared_files(session: Session, project_id: int) -> list[dict[str, Any]]:
    """The files, by name: name, size in bytes, who added it and when, and whether it is there, waiting or leaving."""
    volume = find_shared(session, project_id)
    return sorted(volume.files, key=lambda each: str(each["name"]).lower()) if volume else []


def share_file(session: Session, *, by: Actor, project_id: int, filename: str, stream: BinaryIO) -> int:
    """Keep an uploaded file and let the keeper put it beside the others; one of the same name is replaced. The task's number.

    Raises NotFound, NotAllowed, SharedFileRefused.
    """
    project = get_shared_project(session, project_id, by=by)
    name = plain_name(filename)
    shared_of(session, project.id)
    volume = find_shared(session, project.id, lock=True)
    files = [each for each in (volume.files if volume else []) if each["name"] != name]
    if volume is None or len(files) >= MOST_FILES:
        raise SharedFileRefused(_("A project shares at most %(count)s files: take one back first.", count=MOST_FILES))
    limit = notebook_settings().most_disk_mb * MEGABYTE
    kept = shared_folder() / secrets.token_hex(16)
    try:
        size = _keep(stream, kept)
        if size + sum(int(each["size"]) for each in files) > limit:
            raise SharedFileRefused(
                _("The shared data of a project hold at most %(limit)s MB.", limit=limit // MEGABYTE)
            )
    except BaseException:
        kept.unlink(missing_ok=True)
        raise
    volume.files = [*files, _entry(name, size, by, WAITING)]
    task = ask(session, SHARE, {"project_id": project.id, "name": name, "kept": kept.name}, by=by)
    log.info("file %s shared in project %s by %s", name, project.id, by.name)
    return int(task.id)


def take_file_back(session: Session, *, by: Actor, project_id: int, name: str) -> int:
    """Let the keeper remove a shared file; the task's number. Raises NotFound, NotAllowed."""
    project = get_shared_project(session, project_id, by=by)
    volume = find_shared(session, project.id, lock=True)
    if volume is None or all(each["name"] != name for each in volume.files):
        raise NotFound(_("This file is not shared, or not any more."))
    volume.files = [{**each, "state": LEAVING} if each["name"] == name else each for each in volume.files]
    log.info("file %s taken back from project %s by %s", name, project.id, by.name)
    return int(ask(session, TAKE_BACK, {"project_id": project.id, "name": name}, by=by).id)


def note_shared(session: Session, project_id: int, name: str) -> None:
    """The file is in the volume."""
    volume = find_shared(session, project_id, lock=True)
    if volume is not None:
        volume.files = [{**each, "state": ADDED} if each["name"] == name else each for each in volume.files]


def note_taken_back(session: Session, project_id: int, name: str) -> None:
    """The file is in the volume no more."""
    volume = find_shared(session, project_id, lock=True)
    if volume is not None:
        volume.files = [each for each in volume.files if not (each["name"] == name and each["state"] == LEAVING)]


def drop_kept(session: Session, kept: str) -> None:
    """After the commit, remove a file that waited."""
    path = shared_folder() / Path(kept).name
    after_commit(session, lambda: path.unlink(missing_ok=True))


def plain_name(filename: str) -> str:
    """The name under which notebooks find the file: its last part, without what a shell or a tar stream could misread.

    Raises SharedFileRefused when nothing is left of it.
    """
    last = unicodedata.normalize("NFC", filename).replace("\\", "/").rpartition("/")[2]
    name = re.sub(r"[^\w.() +-]", "_", last).strip(" .")
    if not name or name.startswith("-") or len(name.encode()) > LONGEST_NAME:
        raise SharedFileRefused(_("Give the file a name of letters and digits, at most %(count)s.", count=LONGEST_NAME))
    return name


def _entry(name: str, size: int, by: Actor, state: str) -> dict[str, Any]:
    now: dt.datetime = utc_now()
    return {"name": name, "size": size, "by": by.name, "at": now.isoformat(), "state": state}


def _keep(stream: BinaryIO, path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size = 0
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            while piece := stream.read(STEP):
                size += file.write(piece)
    except OSError as error:
        if error.errno not in OUT_OF_ROOM:
            raise
        raise SharedFileRefused(_("The disk is full: the file could not be kept. Make room, then upload it again.")) from None  # fmt: skip
    return size
