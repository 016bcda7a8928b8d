"""Which records a request changed, for its trail."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, String, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Numbered


class RecordChange(Numbered, Base):
    """A record that people edit was made, changed or deleted in a request: which one and which fields, never their values."""

    __tablename__ = "traffic_changes"
    __table_args__ = (CheckConstraint("action IN ('made', 'changed', 'deleted')", name="action"),)

    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp(), index=True)
    request_id: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(10))
    record: Mapped[str] = mapped_column(String(63))
    record_id: Mapped[int]
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
