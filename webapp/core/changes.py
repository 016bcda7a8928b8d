"""How the ETL learns what changed: the transaction that wrote a row last, and the rows that are gone."""

from __future__ import annotations

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Numbered


class ChangeTracked:
    """A record whose changes the ETL follows: `changed_xid` is the transaction that wrote it last.

    The database sets it (triggers `core_mark_changed` and `core_record_deletion`), so that no way of writing is missed.
    """

    changed_xid: Mapped[int] = mapped_column(
        server_default=text("((pg_current_xact_id())::text)::bigint"), index=True, sort_order=93
    )


class Deletion(Numbered, ChangeTracked, Base):
    """A change-tracked row that is gone. Written by the trigger `core_record_deletion`, never by the application."""

    __tablename__ = "core_deletions"

    table_name: Mapped[str] = mapped_column(String(63))
    row_id: Mapped[int]
