"""The records of the website room: pages in a tree, their texts by language, drafts, revisions and what strangers see."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Editable, Numbered

HOME = "home"
PAGE = "page"
TITLE, MENU_TITLE, DESCRIPTION, SLUG, PATH = 150, 60, 300, 80, 600
Blocks = list[dict[str, Any]]
"""`id` (unique on its page), `kind` (a name of `block_kinds`), `values` by field name."""


class Page(Editable, Base):
    """A place in the tree. The one of the kind `home` is its root; all others lie below a page, in an order."""

    __tablename__ = "website_pages"
    __table_args__ = (
        CheckConstraint("kind IN ('home', 'page')", name="kind"),
        CheckConstraint("(kind = 'home') = (parent_id IS NULL)", name="root"),
        Index("uq_website_pages_home", "kind", unique=True, postgresql_where=text("kind = 'home'")),
        Index("ix_website_pages_parent_id_position", "parent_id", "position"),
    )

    parent_id: Mapped[int | None] = mapped_column(ForeignKey("website_pages.id"))
    position: Mapped[int] = mapped_column(server_default=text("0"))
    kind: Mapped[str] = mapped_column(String(20), server_default=text("'page'"))

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class PageText(Numbered, Base):
    """A page in one language: its address. `path` is the whole of it, without a slash at the end."""

    __tablename__ = "website_texts"
    __table_args__ = (
        UniqueConstraint("page_id", "language", name="uq_website_texts_page_id_language"),
        UniqueConstraint("path", name="uq_website_texts_path"),
    )

    page_id: Mapped[int] = mapped_column(ForeignKey("website_pages.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(2))
    slug: Mapped[str] = mapped_column(String(SLUG))
    path: Mapped[str] = mapped_column(String(PATH))

    def __str__(self) -> str:
        return self.path


class Written:
    """What a page says in one language."""

    title: Mapped[str] = mapped_column(String(TITLE))
    menu_title: Mapped[str] = mapped_column(String(MENU_TITLE), server_default=text("''"))
    description: Mapped[str] = mapped_column(String(DESCRIPTION), server_default=text("''"))
    blocks: Mapped[Blocks] = mapped_column(JSONB, server_default=text("'[]'"))


class Draft(Written, Editable, Base):
    """What editors are writing: nobody else sees it. Apart from the address, so that writing changes no public page."""

    __tablename__ = "website_drafts"
    __table_args__ = (UniqueConstraint("text_id", name="uq_website_drafts_text_id"),)

    text_id: Mapped[int] = mapped_column(ForeignKey("website_texts.id", ondelete="CASCADE"))
    saved_by: Mapped[str] = mapped_column(String(200), server_default=text("''"))

    def __str__(self) -> str:
        return self.title


class Revision(Written, Numbered, Base):
    """What a page said when somebody saved or published it; never changed. A `kept` one is not let go of."""

    __tablename__ = "website_revisions"
    __table_args__ = (Index("ix_website_revisions_text_id_id", "text_id", "id"),)

    text_id: Mapped[int] = mapped_column(ForeignKey("website_texts.id", ondelete="CASCADE"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    user_id: Mapped[int | None]
    by_name: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    note: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    kept: Mapped[bool] = mapped_column(server_default=text("false"))

    def __str__(self) -> str:
        return f"{self.title} ({self.id})"


class Publication(Base):
    """What strangers see of a text: `revision_id`, from `publish_at` on `next_id`, nothing from `expire_at` on."""

    __tablename__ = "website_publications"

    text_id: Mapped[int] = mapped_column(ForeignKey("website_texts.id", ondelete="CASCADE"), primary_key=True)
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("website_revisions.id"), index=True)
    next_id: Mapped[int | None] = mapped_column(ForeignKey("website_revisions.id"), index=True)
    published_at: Mapped[dt.datetime | None]
    first_at: Mapped[dt.datetime | None]
    publish_at: Mapped[dt.datetime | None]
    expire_at: Mapped[dt.datetime | None]


class PreviewLink(Numbered, Base):
    """A link that shows the draft of a text to whoever has it, until it expires. Only the hash of its token is stored."""

    __tablename__ = "website_previews"

    text_id: Mapped[int] = mapped_column(ForeignKey("website_texts.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[dt.datetime]
    by_name: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    def __str__(self) -> str:
        return f"{self.text_id} ({self.by_name})"


class Presence(Base):
    """Who has a text open in the editor: told to others, never in anybody's way."""

    __tablename__ = "website_editors"

    text_id: Mapped[int] = mapped_column(ForeignKey("website_texts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    since: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
