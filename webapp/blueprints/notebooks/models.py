"""The records of the notebooks room: notebooks and their steps, images, locks, volumes, use, GOLD roles and runs."""

from __future__ import annotations

import datetime as dt
import decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Editable, Numbered


class Wanted(StrEnum):
    """What people want of a notebook."""

    STOPPED = "stopped"
    RUNNING = "running"


class State(StrEnum):
    """Where a notebook stands. `failed`: it was wanted and could not be had; `cause` says why, in words."""

    STOPPED = "stopped"
    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FAILED = "failed"


class Image(Editable, Base):
    """An image that notebooks may start from. `health_path` answers without a token once a notebook is ready."""

    counts_as_data = False

    __tablename__ = "notebooks_images"
    __table_args__ = (
        UniqueConstraint("name", name="uq_notebooks_images_name"),
        CheckConstraint("pull_policy IN ('never', 'missing', 'always')", name="pull_policy"),
        CheckConstraint("cpus > 0 AND memory_mb >= 64 AND pids >= 16 AND disk_mb >= 16", name="resources"),
    )

    name: Mapped[str] = mapped_column(String(80))
    reference: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(server_default=text("''"))
    pull_policy: Mapped[str] = mapped_column(String(10), server_default=text("'missing'"))
    cpus: Mapped[decimal.Decimal] = mapped_column(Numeric(6, 2), server_default=text("1"))
    memory_mb: Mapped[int] = mapped_column(server_default=text("1024"))
    pids: Mapped[int] = mapped_column(server_default=text("256"))
    disk_mb: Mapped[int] = mapped_column(server_default=text("2048"))
    health_path: Mapped[str] = mapped_column(String(200), server_default=text("'/api'"))
    port: Mapped[int] = mapped_column(Integer, server_default=text("8888"))
    home_path: Mapped[str] = mapped_column(String(200), server_default=text("'/home/analyst'"))
    open: Mapped[bool] = mapped_column(server_default=text("true"))
    present: Mapped[bool | None]  # as the keeper saw it last; None: not looked yet
    seen_at: Mapped[dt.datetime | None]
    task_id: Mapped[int | None]  # the last that fetched or built it

    def __str__(self) -> str:
        return self.name


class Notebook(Editable, Base):
    """A notebook of a project. What is wanted, how it stands, and where it answers.

    `generation` grows with each wish; a start belongs to one. `address` and `port` are set only while the door leads there.
    `token_sealed` is the token of the server inside, renewed at each start. `kernels` is what they said last: busy, idle
    or "". Moments are UTC. `timetable`: {"days": [1..7], "start": "08:00", "stop": "19:00"} in the company's time zone;
    `timetable_at` is its last start or stop that was dealt with. `stops_at` and `stops_for` (idle, age, timetable): when
    the keeper will stop it by itself unless somebody extends, as known since `warned_at`. `extended_until`: not before.
    `used_cpu` and `used_at`: what `Usage` has counted of this start.
    """

    __tablename__ = "notebooks_notebooks"
    __table_args__ = (
        UniqueConstraint("slug", name="uq_notebooks_notebooks_slug"),
        CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'", name="slug"),
        CheckConstraint("wanted IN ('stopped', 'running')", name="wanted"),
        CheckConstraint("state IN ('stopped', 'queued', 'starting', 'running', 'stopping', 'failed')", name="state"),
        CheckConstraint("(address IS NULL) = (port IS NULL)", name="route"),
        CheckConstraint("address IS NULL OR state = 'running'", name="route_state"),
        CheckConstraint("cpus > 0 AND memory_mb >= 64 AND pids >= 16 AND disk_mb >= 16", name="resources"),
        Index("ix_notebooks_notebooks_awake", "id", postgresql_where=text("state <> 'stopped' OR wanted <> 'stopped'")),
    )

    slug: Mapped[str] = mapped_column(String(40))
    project_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(server_default=text("''"))
    image_id: Mapped[int] = mapped_column(ForeignKey("notebooks_images.id", ondelete="RESTRICT"), index=True)
    cpus: Mapped[decimal.Decimal] = mapped_column(Numeric(6, 2))
    memory_mb: Mapped[int]
    pids: Mapped[int]
    disk_mb: Mapped[int]
    internet: Mapped[bool] = mapped_column(server_default=text("false"))
    idle_minutes: Mapped[int | None]  # None: the house's
    timetable: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    wanted: Mapped[str] = mapped_column(String(10), server_default=text("'stopped'"))
    wanted_by: Mapped[int | None] = mapped_column(index=True)  # who wished it last: whose limits it counts for
    wanted_at: Mapped[dt.datetime | None]
    generation: Mapped[int] = mapped_column(server_default=text("0"))
    state: Mapped[str] = mapped_column(String(10), server_default=text("'stopped'"))
    step: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    cause: Mapped[str] = mapped_column(server_default=text("''"))
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    engine_id: Mapped[str | None] = mapped_column(String(80))
    address: Mapped[str | None] = mapped_column(String(45))
    port: Mapped[int | None] = mapped_column(Integer)
    token_sealed: Mapped[str] = mapped_column(server_default=text("''"))
    started_at: Mapped[dt.datetime | None]
    ready_at: Mapped[dt.datetime | None]
    last_active_at: Mapped[dt.datetime | None]
    kernels: Mapped[str] = mapped_column(String(10), server_default=text("''"))
    expires_at: Mapped[dt.datetime | None]
    warned_at: Mapped[dt.datetime | None]
    stops_at: Mapped[dt.datetime | None]
    stops_for: Mapped[str] = mapped_column(String(10), server_default=text("''"))
    extended_until: Mapped[dt.datetime | None]
    timetable_at: Mapped[dt.datetime | None]
    used_cpu: Mapped[decimal.Decimal] = mapped_column(Numeric(14, 2), server_default=text("0"))
    used_at: Mapped[dt.datetime | None]
    log: Mapped[str] = mapped_column(server_default=text("''"), deferred=True)
    log_at: Mapped[dt.datetime | None]
    log_asked_at: Mapped[dt.datetime | None]
    created_by: Mapped[int | None]

    image: Mapped[Image] = relationship(lazy="joined")
    lock: Mapped[Lock | None] = relationship(viewonly=True, uselist=False)

    def __str__(self) -> str:
        return self.name


class NotebookStep(Base):
    """A step of a start or stop, in the language of who asked for it. `ok` is None while it is under way."""

    __tablename__ = "notebooks_steps"
    __table_args__ = (Index("ix_notebooks_steps_notebook_id_id", "notebook_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    notebook_id: Mapped[int] = mapped_column(ForeignKey("notebooks_notebooks.id", ondelete="CASCADE"))
    generation: Mapped[int]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())
    step: Mapped[str] = mapped_column(String(20))
    words: Mapped[str]
    ok: Mapped[bool | None]

    def __str__(self) -> str:
        return self.words


class Lock(Base):
    """A lease on a notebook: until it ends, only `user_id` enters. `taken_over_from` had it before, and lost it."""

    __tablename__ = "notebooks_locks"

    notebook_id: Mapped[int] = mapped_column(
        ForeignKey("notebooks_notebooks.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    taken_at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())
    until: Mapped[dt.datetime]
    taken_over_from: Mapped[int | None]


class LockEvent(Base):
    """What happened to the lock of a notebook: taken, renewed, released, taken over, run out."""

    __tablename__ = "notebooks_lock_events"
    __table_args__ = (
        CheckConstraint("kind IN ('taken', 'renewed', 'released', 'taken over', 'run out')", name="kind"),
        Index("ix_notebooks_lock_events_notebook_id_id", "notebook_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    notebook_id: Mapped[int] = mapped_column(ForeignKey("notebooks_notebooks.id", ondelete="CASCADE"))
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())
    kind: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None]
    from_user_id: Mapped[int | None]
    words: Mapped[str] = mapped_column(String(500), server_default=text("''"))


class Volume(Numbered, Base):
    """A volume on the engine: a notebook's home, or the shared data of a project. It outlives starts and stops.

    `remove_at`: the keeper removes it, and then this row. A volume of the house without a row is reported, never removed.
    `size` in bytes, as measured at `measured_at`. `files` of shared data: name, size, who added it and when.
    """

    __tablename__ = "notebooks_volumes"
    __table_args__ = (
        UniqueConstraint("name", name="uq_notebooks_volumes_name"),
        CheckConstraint("kind IN ('home', 'shared')", name="kind"),
        Index("ix_notebooks_volumes_notebook_id", "notebook_id"),
        Index("ix_notebooks_volumes_project_id", "project_id"),
    )

    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    notebook_id: Mapped[int | None] = mapped_column(ForeignKey("notebooks_notebooks.id", ondelete="SET NULL"))
    project_id: Mapped[int | None]
    quota_mb: Mapped[int | None]
    quota_real: Mapped[bool] = mapped_column(server_default=text("false"))
    size: Mapped[int | None]
    measured_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    remove_at: Mapped[dt.datetime | None]
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))

    def __str__(self) -> str:
        return self.name


class Backup(Numbered, Base):
    """A saved copy of a volume, a file in the house's own area."""

    __tablename__ = "notebooks_backups"
    __table_args__ = (Index("ix_notebooks_backups_notebook_id", "notebook_id"),)

    notebook_id: Mapped[int | None] = mapped_column(ForeignKey("notebooks_notebooks.id", ondelete="CASCADE"))
    project_id: Mapped[int | None] = mapped_column(index=True)
    file: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), server_default=text("''"))
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    made_by: Mapped[str] = mapped_column(String(200), server_default=text("''"))


class Usage(Base):
    """What a notebook used on one day of the company. The notebook may be gone; its project still counts it."""

    __tablename__ = "notebooks_usage"
    __table_args__ = (Index("ix_notebooks_usage_project_id_day", "project_id", "day"),)

    notebook_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    project_id: Mapped[int]
    notebook_name: Mapped[str] = mapped_column(String(120), server_default=text("''"))
    seconds: Mapped[decimal.Decimal] = mapped_column(Numeric(12, 1), server_default=text("0"))
    cpu_seconds: Mapped[decimal.Decimal] = mapped_column(Numeric(14, 2), server_default=text("0"))
    memory_mb_seconds: Mapped[decimal.Decimal] = mapped_column(Numeric(18, 1), server_default=text("0"))
    memory_peak_mb: Mapped[decimal.Decimal] = mapped_column(Numeric(12, 1), server_default=text("0"))


class GoldRole(Numbered, Base):
    """A PostgreSQL role on GOLD that a running notebook has. The row is written before the role is made."""

    __tablename__ = "notebooks_gold_roles"
    __table_args__ = (
        UniqueConstraint("role_name", name="uq_notebooks_gold_roles_role_name"),
        Index("ix_notebooks_gold_roles_notebook_id", "notebook_id"),
    )

    notebook_id: Mapped[int]  # no foreign key: the role must be dropped after its notebook is gone
    role_name: Mapped[str] = mapped_column(String(63))
    generation: Mapped[int]
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())
    dropped_at: Mapped[dt.datetime | None]


class Run(Numbered, Base):
    """A document of a notebook, run with parameters or rendered for reading; `kind` says which. Its output is a file."""

    __tablename__ = "notebooks_runs"
    __table_args__ = (
        CheckConstraint("kind IN ('run', 'rendering')", name="kind"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        Index("ix_notebooks_runs_notebook_id_id", "notebook_id", "id"),
    )

    notebook_id: Mapped[int] = mapped_column(ForeignKey("notebooks_notebooks.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    path: Mapped[str] = mapped_column(String(300))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    task_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10), server_default=text("'queued'"))
    words: Mapped[str] = mapped_column(server_default=text("''"))
    file: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    size: Mapped[int | None]
    digest: Mapped[str] = mapped_column(String(64), server_default=text("''"))
    asked_by: Mapped[int | None]
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]


class Engine(Base):
    """The engine as the keeper saw it last, one row. `house` marks all that is this installation's on it."""

    __tablename__ = "notebooks_engine"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, server_default=text("1"))
    house: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())
    kind: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    version: Mapped[str] = mapped_column(String(40), server_default=text("''"))
    answers: Mapped[bool] = mapped_column(server_default=text("false"))
    words: Mapped[str] = mapped_column(server_default=text("''"))
    lacks: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))
    strangers: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))  # volumes without a row
    seen_at: Mapped[dt.datetime | None]
    round_at: Mapped[dt.datetime | None]
