"""Homes saved to files and brought back, as streams: no home need fit into memory, none is run or unpacked here."""

from __future__ import annotations

import gzip
import hashlib
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.gateways.homes import measure, provide
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.services.backups import (
    NoHome,
    get_backup,
    list_files,
    move_in,
    note_backup,
)
from webapp.blueprints.notebooks.services.homes import MEGABYTE, backups_folder, begin_home, find_home
from webapp.core.clock import utc_now
from webapp.core.db import transaction
from webapp.core.errors import DomainError, NotFound
from webapp.core.jobs import TaskRun

PIECE = 1 << 20
STRAY = 24 * 3600.0  # seconds after which a file without a row is nobody's


class BackupBroken(DomainError):
    """The file of a backup is not what was written."""


def back_up(run: TaskRun, hands: Hands, notebook_id: int) -> dict[str, Any]:
    """Save the home to a file. Raises NoHome, EngineDown, EngineRefused."""
    with run.transaction() as session:
        home = find_home(session, notebook_id)
        if home is None:
            raise NoHome
        name, size = home.name, home.size
        notebook = session.get_one(Notebook, notebook_id)
        if notebook.address is not None:
            run.log(_("The notebook runs: a file that is being written now may be half in the copy."), "warning")
    folder = backups_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{secrets.token_hex(16)}.tar.gz"
    digest = hashlib.sha256()
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:
                for piece in counted(run, hands.volumes.save(name), size, _("saving")):
                    packed.write(piece)
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
        with run.transaction() as session:
            stored = note_backup(
                session, notebook_id, file=path.name, size=path.stat().st_size, digest=digest.hexdigest(), by=run.by
            )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    if stored is None:
        path.unlink(missing_ok=True)
    return {"backup_id": stored, "bytes": path.stat().st_size if stored else 0}


def restore(run: TaskRun, hands: Hands, notebook_id: int, backup_id: int) -> dict[str, Any]:
    """Fill a new volume from a backup, and make it the home once it is whole; until then the old one stays.

    Raises NotFound, BackupBroken, StillRuns, EngineDown, EngineRefused.
    """
    with run.transaction() as session:
        notebook = _notebook(session.get(Notebook, notebook_id))
        backup = get_backup(session, notebook, backup_id)
        path, digest = backups_folder() / backup.file, backup.digest
    _check(run, path, digest)
    with run.transaction() as session:
        volume = begin_home(session, notebook_id, quota_mb=_notebook(session.get(Notebook, notebook_id)).disk_mb)
    provide(hands.volumes, volume)
    with gzip.open(path) as packed:
        hands.volumes.load(volume.name, counted(run, _pieces(packed), None, _("restoring")))
    with run.transaction() as session:
        move_in(session, notebook_id, volume.id, now=utc_now())
    return {"bytes": measure(hands.volumes, volume)}


def clone(run: TaskRun, hands: Hands, notebook_id: int, copy_id: int) -> dict[str, Any]:
    """Copy one notebook's home into that of another, which was never started. Raises NotFound, NoHome, StillRuns and the engine's."""
    with run.transaction() as session:
        home = find_home(session, notebook_id)
        if home is None:
            raise NoHome
        name, size = home.name, home.size
        volume = begin_home(session, copy_id, quota_mb=_notebook(session.get(Notebook, copy_id)).disk_mb)
    provide(hands.volumes, volume)
    hands.volumes.load(volume.name, counted(run, hands.volumes.save(name), size, _("copying")))
    with run.transaction() as session:
        move_in(session, copy_id, volume.id, now=utc_now())
    return {"bytes": measure(hands.volumes, volume)}


def sweep_files() -> int:
    """Remove the files that no backup has (any more): what a killed task left; how many."""
    folder = backups_folder()
    if not folder.is_dir():
        return 0
    with transaction() as session:
        known = list_files(session)
    stray = [path for path in folder.iterdir() if path.name not in known and time.time() - path.stat().st_mtime > STRAY]
    for path in stray:
        path.unlink(missing_ok=True)
    return len(stray)


def counted(run: TaskRun, pieces: Iterator[bytes], size: int | None, words: str) -> Iterator[bytes]:
    """The same pieces, told as progress in megabytes; each is a moment at which the task can be stopped."""
    done = 0
    total = max(size // MEGABYTE, 1) if size else None
    for piece in pieces:
        done += len(piece)
        megabytes = done // MEGABYTE
        run.progress(
            min(megabytes, total) if total else megabytes, total, _("%(what)s: %(done)s MB", what=words, done=megabytes)
        )
        run.check()
        yield piece


def _check(run: TaskRun, path: Path, digest: str) -> None:
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                found.update(piece)
                run.check()
    except OSError:
        raise BackupBroken(_("The file of this backup is not there any more.")) from None
    if found.hexdigest() != digest:
        raise BackupBroken(_("The file of this backup is damaged: nothing was restored."))


def _pieces(packed: gzip.GzipFile) -> Iterator[bytes]:
    while piece := packed.read(PIECE):
        yield piece


def _notebook(found: Notebook | None) -> Notebook:
    if found is None:
        raise NotFound(_("This notebook does not exist, or does not any more."))
    return found
