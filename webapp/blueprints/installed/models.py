"""The record of the installed room: how the site is installed."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Editable


class InstalledSetting(Editable, Base):
    """How the public site is installed; one row at most.

    `short_names` stand below the icon, by language; "" for the company's name. `shortcuts` are pairs of words and path, by
    language. Where it is not `enabled`, the worker of every browser that comes back ends itself.
    """

    __tablename__ = "installed_settings"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    counts_as_data: ClassVar[bool] = False

    enabled: Mapped[bool] = mapped_column(server_default=sql("true"))
    short_names: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=sql("'{}'::jsonb"))
    shortcuts: Mapped[dict[str, list[list[str]]]] = mapped_column(JSONB, server_default=sql("'{}'::jsonb"))

    def __str__(self) -> str:
        return "1"
