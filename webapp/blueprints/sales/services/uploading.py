"""Uploaded sales files on their way into an import: kept in a folder, given a mapping, checked, imported or given up."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.sales.models import SalesImport, SalesUpload, UploadState
from webapp.blueprints.sales.queries import find_task, get_upload
from webapp.blueprints.sales.services.import_file import open_rows
from webapp.blueprints.sales.services.import_guess import guess_mapping, toml
from webapp.blueprints.sales.services.import_mapping import mapping_from
from webapp.blueprints.sales.services.import_preview import draft_mapping
from webapp.blueprints.sales.services.import_problems import ImportRefused
from webapp.blueprints.tasks.public import ENDED, Task, ask
from webapp.core.clock import utc_now
from webapp.core.company import CompanyProfile, time_zones
from webapp.core.db import after_commit
from webapp.core.errors import DomainError
from webapp.core.security import Actor

log = logging.getLogger(__name__)
STEP = 1 << 20
LONGEST_NAME = 200
FORGOTTEN = dt.timedelta(days=7)  # after which an upload that nobody goes on with is given up
STRAY = dt.timedelta(days=1)
OUT_OF_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FileRefused(DomainError):
    """The uploaded file cannot be imported; the sentence says why."""

    status = 422
    field = "file"


class UploadClosed(DomainError):
    """The upload was imported or given up, or is being imported now."""


class NotChecked(DomainError):
    """Nobody looked at what an import by this mapping would do."""


def uploads_folder(instance: Path) -> Path:
    """Where uploaded files lie in an installation."""
    return instance / "uploads"


def accept_upload(session: Session, *, by: Actor, folder: Path, filename: str, stream: BinaryIO) -> SalesUpload:
    """Keep an uploaded file, with the mapping of the last import of such a file or else a guess.

    Raises FileRefused when it is no table or there is no room for it; nothing is kept then.
    """
    name = plain_name(filename)
    stored_as = secrets.token_hex(16)
    path = folder / stored_as
    try:
        size, digest = _keep(stream, path)
        with called(path, name):
            mapping, reasons = propose_mapping(session, path)
    except ImportRefused as refusal:
        path.unlink(missing_ok=True)
        raise FileRefused(str(refusal)) from None
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno not in OUT_OF_ROOM:
            raise
        raise FileRefused(_("The disk is full: the file could not be kept. Make room, then upload it again.")) from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    upload = SalesUpload(
        filename=name, stored_as=stored_as, size=size, file_sha256=digest, actor=by.name[:200], mapping=mapping, reasons=reasons
    )  # fmt: skip
    session.add(upload)
    session.flush()
    log.info("upload %s (%s bytes) by %s", upload.id, size, by.name)
    return upload


def propose_mapping(session: Session, path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The mapping of the last import of a file with the same columns, else a guess; and why, by key.

    Of an earlier import, the only reason is its number, under the key "". Raises ImportRefused when it is no table.
    """
    mapping, reasons = guessed_mapping(path, str(path))
    with closing(open_rows(path, draft_mapping(mapping))) as rows:
        same = {"header": rows.header, "format": rows.format}
    earlier = session.scalars(
        select(SalesImport)
        .where(SalesImport.mapping.contains(same), SalesImport.undone_at.is_(None))
        .order_by(SalesImport.id.desc())
        .limit(1)
    ).one_or_none()
    if earlier is not None and earlier.mapping["header"] == same["header"]:
        return dict(earlier.mapping["mapping"]), {"": str(earlier.id)}
    return mapping, reasons


def guessed_mapping(path: Path, name: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The guess for the file that people know by `name`, and its reasons by key. Raises ImportRefused."""
    with called(path, name):
        guess = guess_mapping(path)
    reasons = {
        key: why for key, (_value, why) in (*guess.values.items(), *guess.columns.items(), *guess.constants.items())
    }
    mapping: dict[str, Any] = {key: value for key, (value, _why) in guess.values.items()}
    mapping["columns"] = {meaning: column for meaning, (column, _why) in guess.columns.items()}
    mapping["constants"] = {meaning: value for meaning, (value, _why) in guess.constants.items()}
    return mapping, reasons


def mapping_file(content: Mapping[str, Any]) -> str:
    """The mapping as the TOML file that commands read."""
    tables = {name: content.get(name) or {} for name in ("columns", "constants")}
    lines = [f"{key} = {toml(value)}" for key, value in content.items() if key not in tables]
    for name, table in tables.items():
        if table:
            lines += ["", f"[{name}]", *(f"{key} = {toml(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def zone_for(company: CompanyProfile, content: Mapping[str, Any]) -> ZoneInfo:
    """The zone of a file's local times: the mapping's, else the company's."""
    name = content.get("time_zone") or ""
    return ZoneInfo(name) if name in time_zones() else company.zone


def counts_of(upload: SalesUpload) -> dict[str, Any] | None:
    """What the last check counted, with its amounts and moments (UTC) as such; None when there was none by this mapping."""
    if upload.checked is None:
        return None
    moments = {
        key: dt.datetime.fromisoformat(upload.checked[key]) if upload.checked[key] else None
        for key in ("first_at", "last_at")
    }
    return {**upload.checked, **moments, "net": Decimal(upload.checked["net"])}


def change_mapping(
    session: Session, *, upload_id: int, mapping: dict[str, Any], reasons: dict[str, str]
) -> SalesUpload:
    """Read the upload by another mapping from now on, which may be unfinished; a check by the old one is void.

    Raises NotFound, UploadClosed.
    """
    upload = idle_upload(session, upload_id)
    if upload.mapping != mapping:
        upload.mapping, upload.checked, upload.check_task_id = mapping, None, None
    upload.reasons = reasons
    upload.changed_at = utc_now()
    session.flush()
    return upload


def ask_check(session: Session, *, upload_id: int, by: Actor) -> Task:
    """Let a task say what importing the upload would do; the one that is under way, if there is one.

    Raises NotFound, UploadClosed, and ImportRefused when its mapping is not finished.
    """
    upload = idle_upload(session, upload_id)
    mapping_from(upload.mapping, upload.filename)
    task = find_task(session, upload.check_task_id)
    if task is None or task.state in ENDED:
        upload.checked = None
        task = ask(session, "sales.import_check", {"upload_id": upload_id}, by=by)
        upload.check_task_id = task.id
    return task


def ask_import(session: Session, *, upload_id: int, by: Actor) -> Task:
    """Let a task import the upload; the one that is under way, if there is one. Raises NotFound, UploadClosed, NotChecked."""
    upload = open_upload(session, upload_id)
    task = find_task(session, upload.import_task_id)
    if task is not None and task.state not in ENDED:
        return task
    if upload.checked is None:
        raise NotChecked(_("Check the file first: then you see what importing it would do."))
    task = ask(session, "sales.import", {"upload_id": upload_id}, by=by)
    upload.import_task_id = task.id
    upload.changed_at = utc_now()
    return task


def abandon_upload(session: Session, *, upload_id: int, folder: Path) -> None:
    """Give the upload up; its file is removed. Raises NotFound, UploadClosed."""
    upload = idle_upload(session, upload_id)
    upload.state = UploadState.ABANDONED
    remove_file(session, upload, folder)


def open_upload(session: Session, upload_id: int) -> SalesUpload:
    """The upload, locked, if it was neither imported nor given up. Raises NotFound, UploadClosed."""
    upload = get_upload(session, upload_id, lock=True)
    if upload.state == UploadState.IMPORTED:
        raise UploadClosed(_("This file was imported already."))
    if upload.state == UploadState.ABANDONED:
        raise UploadClosed(_("This file was discarded: upload it again."))
    return upload


def idle_upload(session: Session, upload_id: int) -> SalesUpload:
    """The open upload, locked, if no task imports it. Raises NotFound, UploadClosed."""
    upload = open_upload(session, upload_id)
    task = find_task(session, upload.import_task_id)
    if task is not None and task.state not in ENDED:
        raise UploadClosed(_("This file is being imported."))
    return upload


def remove_file(session: Session, upload: SalesUpload, folder: Path) -> None:
    """Remove the file of the upload once the caller has committed."""
    path = folder / upload.stored_as
    upload.removed_at = utc_now()
    after_commit(session, lambda: path.unlink(missing_ok=True))


def clean_uploads(session: Session, *, folder: Path) -> int:
    """Give up uploads that nobody went on with for a week, and remove files that nothing needs; how many files went."""
    now = utc_now()
    stale = select(SalesUpload).where(
        SalesUpload.state == UploadState.OPEN, func.greatest(SalesUpload.changed_at, SalesUpload.created_at) < now - FORGOTTEN
    )  # fmt: skip
    for upload in session.scalars(stale.with_for_update(skip_locked=True)):
        if not _under_way(session, upload):
            upload.state = UploadState.ABANDONED
    session.flush()
    over = select(SalesUpload).where(SalesUpload.state != UploadState.OPEN, SalesUpload.removed_at.is_(None))
    gone = 0
    for upload in session.scalars(over.with_for_update(skip_locked=True)):
        remove_file(session, upload, folder)
        gone += 1
    known = set(session.scalars(select(SalesUpload.stored_as).where(SalesUpload.removed_at.is_(None))))
    for path in folder.iterdir() if folder.is_dir() else ():
        written = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
        if path.is_file() and path.name not in known and written < now - STRAY:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


@contextmanager
def called(path: Path, name: str) -> Iterator[None]:
    """Let what the import says of the file at `path` speak of `name`, which people know it by."""
    try:
        yield
    except ImportRefused as refusal:
        raise ImportRefused(str(refusal).replace(str(path), name)) from refusal


def plain_name(filename: str) -> str:
    """The name of a file as a person knows it: without folders, printable, short; never empty."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if c.isprintable()).strip()
    return name[-LONGEST_NAME:] or "upload"


def _keep(stream: BinaryIO, path: Path) -> tuple[int, str]:
    """Write the stream to a new file that only this account reads; its size and digest."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    path.touch(mode=0o600, exist_ok=False)
    with path.open("wb") as file:
        while piece := stream.read(STEP):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
    return size, digest.hexdigest()


def _under_way(session: Session, upload: SalesUpload) -> bool:
    tasks = (find_task(session, upload.import_task_id), find_task(session, upload.check_task_id))
    return any(task is not None and task.state not in ENDED for task in tasks)
