"""What the faults room keeps: errors that nobody expected, alike ones once, and when each came."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Numbered


class Fault(Numbered, Base):
    """Errors alike: of one type, raised on one way through the code. `trace` and `message` are those of the last time.

    `reopened` is the state of one that came again after it was resolved; `returns` is how often that happened.
    """

    __tablename__ = "faults_faults"
    __table_args__ = (CheckConstraint("state IN ('open', 'resolved', 'reopened')", name="state"),)

    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(200))
    message: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    trace: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), server_default=text("'open'"))
    count: Mapped[int] = mapped_column(server_default=text("1"))
    returns: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    first_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    last_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    resolved_at: Mapped[dt.datetime | None]
    resolved_by: Mapped[str] = mapped_column(String(200), server_default=text("''"))

    def __str__(self) -> str:
        return f"{self.kind}: {self.message[:80]}"


class Occurrence(Numbered, Base):
    """One time that a fault came, in a request or in a task. The latest ones of each fault are kept."""

    __tablename__ = "faults_occurrences"
    __table_args__ = (Index("ix_faults_occurrences_fault_id_id", "fault_id", "id"),)

    fault_id: Mapped[int] = mapped_column(ForeignKey("faults_faults.id", ondelete="CASCADE"))
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    request_id: Mapped[str] = mapped_column(String(64), server_default=text("''"), index=True)
    user_id: Mapped[int | None]
    method: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    route: Mapped[str] = mapped_column(Text, server_default=text("''"))
    task: Mapped[str] = mapped_column(String(80), server_default=text("''"))
    task_id: Mapped[int | None]


class Affected(Base):
    """A user whom a fault met."""

    __tablename__ = "faults_affected"

    fault_id: Mapped[int] = mapped_column(ForeignKey("faults_faults.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
