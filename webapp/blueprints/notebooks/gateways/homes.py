"""The volumes of a notebook made ready before it starts."""

from __future__ import annotations

from contextlib import suppress

from flask_babel import gettext as _

from webapp.blueprints.notebooks.ports import Cause, EngineDown, EngineRefused, Mount, Volumes
from webapp.blueprints.notebooks.services.homes import (
    MEGABYTE,
    Stored,
    find_home,
    home_of,
    known_size,
    note_made,
    note_size,
    shared_of,
    stored_of,
)
from webapp.core.db import transaction

SHARED_PATH = "/data"


def prepare(volumes: Volumes, *, notebook_id: int, project_id: int, disk_mb: int, home_path: str) -> tuple[Mount, ...]:
    """The mounts of a notebook: its home, and the project's shared data for reading; made where they lack.

    Where the storage keeps no quota, what is in the home is measured, unless it was since the notebook last ran. Raises EngineDown, and EngineRefused with NO_DISK
    when it holds more than it may.
    """
    with transaction() as session:
        home, shared = home_of(session, notebook_id, quota_mb=disk_mb), shared_of(session, project_id)
    real = provide(volumes, home)
    provide(volumes, shared)
    if not real:
        with transaction() as session:
            size = known_size(session, notebook_id)
        if size is None:
            size = measure(volumes, home)
        if size > disk_mb * MEGABYTE:
            raise EngineRefused(
                Cause.NO_DISK,
                str(
                    _(
                        "the home holds %(size)s MB and may hold %(limit)s MB",
                        size=-(-size // MEGABYTE),
                        limit=disk_mb,
                    )
                ),
            )
    return Mount(home.name, home_path), Mount(shared.name, SHARED_PATH, read_only=True)


def provide(volumes: Volumes, stored: Stored) -> bool:
    """Make the volume unless it is there; whether its quota is a real one. Raises EngineDown, EngineRefused."""
    real = volumes.make(stored.name, labels={"bottega.volume": stored.kind}, quota_mb=stored.quota_mb)
    if real != stored.quota_real:
        with transaction() as session:
            note_made(session, stored.id, quota_real=real)
    return real


def measure(volumes: Volumes, stored: Stored) -> int:
    """The bytes in it, written down too. Raises EngineDown, EngineRefused."""
    size = volumes.measure(stored.name)
    with transaction() as session:
        note_size(session, stored.id, size)
    return size


def measure_after(volumes: Volumes, notebook_id: int) -> None:
    """What a run left in the home, once it has stopped: the next start need not count it. Nothing when that fails."""
    with transaction() as session:
        row = find_home(session, notebook_id)
        home = stored_of(row) if row else None
    if home and not home.quota_real:
        with suppress(EngineDown, EngineRefused):
            measure(volumes, home)
