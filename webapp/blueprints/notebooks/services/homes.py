"""The rows of volumes: a notebook's home, a project's shared data; what they hold, and which of them are to go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Backup, Engine, NotebookStep, Volume
from webapp.blueprints.notebooks.ports import Step
from webapp.blueprints.notebooks.services.progress import house_of
from webapp.core.clock import utc_now
from webapp.core.db import after_commit
from webapp.core.settings import house_settings

HOME, SHARED = "home", "shared"
MEGABYTE = 1024 * 1024
UNFINISHED = dt.timedelta(hours=6)  # that filling a new volume may take; then nobody is at it any more


@dataclass(frozen=True)
class Stored:
    """A volume as the keeper works on it, apart from any session. `size` in bytes, None before it was measured."""

    id: int
    name: str
    kind: str
    quota_mb: int | None
    quota_real: bool
    size: int | None


def home_of(session: Session, notebook_id: int, *, quota_mb: int) -> Stored:
    """The home of a notebook, written down before it is made; its quota from now on."""
    known = find_home(session, notebook_id, lock=True)
    if known is None:
        number = session.scalar(
            select(func.count(Volume.id)).where(Volume.name.like(f"{_prefix(session)}{notebook_id}-%"))
        )
        known = _add(session, f"{_prefix(session)}{notebook_id}-home{number or ''}", HOME, notebook_id=notebook_id)
    known.quota_mb = quota_mb
    session.flush()
    return stored_of(known)


def begin_home(session: Session, notebook_id: int, *, quota_mb: int) -> Stored:
    """A further home for the notebook, to be filled (`take_home`); until then it is one that is to go."""
    number = session.scalar(select(func.nextval(func.pg_get_serial_sequence("notebooks_volumes", "id"))))
    made = _add(session, f"{_prefix(session)}{notebook_id}-home-{number}", HOME, notebook_id=notebook_id)
    made.quota_mb, made.remove_at = quota_mb, utc_now() + UNFINISHED
    session.flush()
    return stored_of(made)


def known_size(session: Session, notebook_id: int) -> int | None:
    """The bytes in a notebook's home when they were counted since it last ran; None when nobody can know them."""
    mine = NotebookStep.notebook_id == notebook_id
    ran = select(func.max(NotebookStep.at)).where(mine, NotebookStep.step == Step.STARTED).scalar_subquery()
    ended = select(func.max(NotebookStep.at)).where(mine, NotebookStep.step == Step.STOPPED).scalar_subquery()
    since = (Volume.measured_at > ended) & (func.coalesce(ended > ran, True))
    home = select(Volume.size).where(Volume.notebook_id == notebook_id, Volume.kind == HOME, Volume.remove_at.is_(None))
    return session.scalars(home.where(since)).one_or_none()


def take_home(session: Session, notebook_id: int, volume_id: int, *, now: dt.datetime) -> None:
    """From now on this filled volume is the notebook's home; what was it before is to go."""
    before = find_home(session, notebook_id, lock=True)
    if before is not None and before.id != volume_id:
        before.remove_at = now
    session.get_one(Volume, volume_id).remove_at = None
    session.flush()


def find_home(session: Session, notebook_id: int, *, lock: bool = False) -> Volume | None:
    """The home that the notebook has now; None before its first start."""
    mine = select(Volume).where(Volume.notebook_id == notebook_id, Volume.kind == HOME, Volume.remove_at.is_(None))
    mine = mine.order_by(Volume.id).limit(1)
    return session.scalars(mine.with_for_update() if lock else mine).one_or_none()


def shared_of(session: Session, project_id: int) -> Stored:
    """The shared data of a project, written down before the volume is made."""
    known = find_shared(session, project_id)
    if known is None:
        known = _add(session, f"{_prefix(session)}project-{project_id}-shared", SHARED, project_id=project_id)
        session.flush()
    return stored_of(known)


def find_shared(session: Session, project_id: int, *, lock: bool = False) -> Volume | None:
    """The shared data of a project; None while it has none."""
    mine = select(Volume).where(Volume.project_id == project_id, Volume.kind == SHARED, Volume.remove_at.is_(None))
    return session.scalars(mine.with_for_update() if lock else mine).one_or_none()


def note_made(session: Session, volume_id: int, *, quota_real: bool) -> None:
    """The engine has it; whether it holds people to the quota."""
    session.execute(update(Volume).where(Volume.id == volume_id).values(quota_real=quota_real))


def note_size(session: Session, volume_id: int, size: int) -> None:
    """So many bytes are in it now."""
    session.execute(update(Volume).where(Volume.id == volume_id).values(size=size, measured_at=func.clock_timestamp()))


def let_go(session: Session, *, notebook_ids: Collection[int] = (), project_ids: Collection[int] = ()) -> int:
    """The volumes of notebooks and of projects that are being deleted are to go; how many."""
    mine = or_(Volume.notebook_id.in_(notebook_ids), Volume.project_id.in_(project_ids))
    gone = session.execute(
        update(Volume)
        .where(mine, or_(Volume.remove_at.is_(None), Volume.remove_at > func.now()))
        .values(remove_at=func.now())
        .returning(Volume.id)
    )
    return len(gone.all())


def backups_folder() -> Path:
    """Where backups lie in this installation."""
    return house_settings().instance / "notebooks" / "backups"


def drop_backup_files(session: Session, notebook_ids: Collection[int]) -> None:
    """After the commit, remove the files of these notebooks' backups."""
    folder = backups_folder()
    paths = [folder / name for name in session.scalars(select(Backup.file).where(Backup.notebook_id.in_(notebook_ids)))]

    def drop() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    after_commit(session, drop)


def list_due(session: Session) -> Sequence[Stored]:
    """Volumes that are to go now."""
    due = select(Volume).where(Volume.remove_at <= func.clock_timestamp()).order_by(Volume.id)
    return [stored_of(row) for row in session.scalars(due)]


def forget(session: Session, volume_id: int) -> None:
    """The engine has it no more."""
    session.execute(Volume.__table__.delete().where(Volume.id == volume_id))  # type: ignore[attr-defined]


def list_to_measure(session: Session, *, older_than: dt.timedelta, limit: int) -> Sequence[Stored]:
    """Volumes that stay and that nobody has measured for that long, the longest first; those that were too full each time."""
    too_full = Volume.size > Volume.quota_mb * MEGABYTE
    stale = or_(Volume.measured_at.is_(None), Volume.measured_at < func.clock_timestamp() - older_than, too_full)
    asked = select(Volume).where(stale, Volume.remove_at.is_(None))
    return [
        stored_of(row) for row in session.scalars(asked.order_by(Volume.measured_at.asc().nulls_first()).limit(limit))
    ]


def list_names(session: Session) -> frozenset[str]:
    """All volumes that have a row: any other one of this house on the engine is a stranger."""
    return frozenset(session.scalars(select(Volume.name)))


def _prefix(session: Session) -> str:
    return f"nb-{str(house_of(session))[:8]}-"


def _add(
    session: Session, name: str, kind: str, *, notebook_id: int | None = None, project_id: int | None = None
) -> Volume:
    made = session.scalars(
        insert(Volume)
        .values(name=name, kind=kind, notebook_id=notebook_id, project_id=project_id)
        .on_conflict_do_nothing()
        .returning(Volume)
    ).one_or_none()
    return made or session.scalars(select(Volume).where(Volume.name == name)).one()


def stored_of(row: Volume) -> Stored:
    """The row, apart from its session."""
    return Stored(row.id, row.name, row.kind, row.quota_mb, row.quota_real, row.size)


def note_strangers(session: Session, seen: frozenset[str]) -> None:
    """The volumes of this house on the engine that have no row: told to the owner, never removed by themselves."""
    strangers = sorted(seen - list_names(session))
    session.execute(update(Engine).where(Engine.strangers != strangers).values(strangers=strangers))
