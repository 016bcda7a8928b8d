"""The records of the navigation room: entries of menus, and the notice bar."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Editable


class Item(Editable, Base):
    """An entry of a menu; one without a parent is of the first level (in the footer: a column).

    Label and target are kept by language. An entry without a label is not shown in that language; one without a target
    heads those below it. A target is a path of this site or a whole address.
    """

    __tablename__ = "navigation_items"
    __table_args__ = (
        CheckConstraint("menu IN ('main', 'footer', 'legal')", name="menu"),
        CheckConstraint("parent_id <> id", name="own_parent"),
        Index("ix_navigation_items_menu_position", "menu", "position"),
        Index("ix_navigation_items_parent_id", "parent_id"),
    )

    menu: Mapped[str] = mapped_column(String(10))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("navigation_items.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(server_default=text("0"))
    label_it: Mapped[str] = mapped_column(String(80), server_default=text("''"))
    label_en: Mapped[str] = mapped_column(String(80), server_default=text("''"))
    target_it: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    target_en: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    visible: Mapped[bool] = mapped_column(server_default=text("true"))

    def label(self, language: str) -> str:
        """What it is called in a language, "" when it is not shown there."""
        return str(getattr(self, f"label_{language}"))

    def target(self, language: str) -> str:
        """Where it leads in a language, "" for nowhere."""
        return str(getattr(self, f"target_{language}"))

    @property
    def name(self) -> str:
        """What it is called, in the first language that has a word."""
        return self.label_it or self.label_en

    def __str__(self) -> str:
        return self.name


class Notice(Editable, Base):
    """The bar above every page of the public site. There is one at most. Times are UTC; None leaves that end open."""

    __tablename__ = "navigation_notices"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("kind IN ('brand', 'info', 'good', 'warning')", name="kind"),
        CheckConstraint("starts_at < ends_at", name="ends_after_it_starts"),
    )

    text_it: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    text_en: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    link_it: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    link_en: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    link_label_it: Mapped[str] = mapped_column(String(80), server_default=text("''"))
    link_label_en: Mapped[str] = mapped_column(String(80), server_default=text("''"))
    kind: Mapped[str] = mapped_column(String(10), server_default=text("'brand'"))
    starts_at: Mapped[dt.datetime | None]
    ends_at: Mapped[dt.datetime | None]
    dismissable: Mapped[bool] = mapped_column(server_default=text("true"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))

    def __str__(self) -> str:
        return self.text_it or self.text_en
