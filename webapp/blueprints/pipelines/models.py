"""The log of the ETL as the list engine reads it. The ETL owns the table: no migration knows it, nothing here writes it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import DateTime, MetaData, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class GoldBase(DeclarativeBase):
    """Tables of the GOLD database."""

    metadata = MetaData(info={"bind_key": "gold"})
    type_annotation_map: ClassVar[dict[Any, Any]] = {dt.datetime: DateTime(timezone=True), Decimal: Numeric}


class LoggedRun(GoldBase):
    """One flow's part of a run of the ETL; moments in UTC. `audits` are objects of audit, offenders and sample."""

    __tablename__ = "etl_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    flow: Mapped[str]
    mode: Mapped[str]
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime]
    outcome: Mapped[str]
    window: Mapped[str]
    rows_in: Mapped[int]
    loaded: Mapped[int]
    quarantined: Mapped[int]
    deleted: Mapped[int]
    audits: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    error: Mapped[str | None]
    duration_seconds: Mapped[Decimal]
    actor: Mapped[str]

    @property
    def offenders(self) -> int:
        """How many rows its audits found wrong."""
        return sum(audit["offenders"] for audit in self.audits)

    def __str__(self) -> str:
        return f"{self.flow} {self.id}"
