"""The records of the documents room: documents of notebooks that were run or rendered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Numbered


class Run(Numbered, Base):
    """A document of a notebook, run with parameters or rendered for reading; `kind` says which. Its output is a file."""

    __tablename__ = "documents_runs"
    __table_args__ = (
        CheckConstraint("kind IN ('run', 'rendering')", name="kind"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        Index("ix_documents_runs_notebook_id_id", "notebook_id", "id"),
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
