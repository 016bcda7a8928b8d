"""The records of the editorial room: rights on branches, the journal, and what a check of the links found."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Editable, Numbered


class BranchRight(Editable, Base):
    """A person, or everybody with a role, may `edit` (write) or `publish` (and write) a page and all below it.

    With a `collection` in the place of the page they may change its images.
    """

    __tablename__ = "editorial_rights"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (role IS NULL)", name="person_or_role"),
        CheckConstraint("(page_id IS NULL) = (collection <> '')", name="page_or_collection"),
        CheckConstraint("deed IN ('edit', 'publish')", name="deed"),
        UniqueConstraint(
            "page_id",
            "collection",
            "user_id",
            "role",
            name="uq_editorial_rights_who",
            postgresql_nulls_not_distinct=True,
        ),
    )

    page_id: Mapped[int | None] = mapped_column(ForeignKey("website_pages.id", ondelete="CASCADE"))
    collection: Mapped[str] = mapped_column(String(80), server_default=text("''"))
    user_id: Mapped[int | None]
    role: Mapped[str | None] = mapped_column(String(80))
    deed: Mapped[str] = mapped_column(String(10), server_default=text("'edit'"))

    def __str__(self) -> str:
        return f"{self.page_id or self.collection}: {self.role or self.user_id} ({self.deed})"


class JournalEntry(Numbered, Base):
    """Something that somebody did on the site. Written once, never changed."""

    __tablename__ = "editorial_entries"
    __table_args__ = (Index("ix_editorial_entries_at_id", "at", "id"),)

    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    by_name: Mapped[str] = mapped_column(String(200))
    part: Mapped[str] = mapped_column(String(20))
    deed: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    path: Mapped[str] = mapped_column(String(600), server_default=text("''"))


class LinkCheck(Numbered, Base):
    """A check of all links of the public pages; the last one's findings are kept."""

    __tablename__ = "editorial_checks"

    ended_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    pages: Mapped[int]
    links: Mapped[int]
    broken: Mapped[int]
    outside: Mapped[int]
    failed: Mapped[int] = mapped_column(server_default=text("0"))


class FoundLink(Numbered, Base):
    """A link that leads nowhere on this site (`broken`), or to another one (`outside`: nobody has asked there).

    `edit` is where its page is written, for one that is none of the page tree. `draft`: it stands in what nobody sees yet.
    """

    __tablename__ = "editorial_links"
    __table_args__ = (Index("ix_editorial_links_path_id", "path", "id"),)

    state: Mapped[str] = mapped_column(String(10))
    path: Mapped[str] = mapped_column(String(600))
    title: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    target: Mapped[str] = mapped_column(String(2000))
    words: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    edit: Mapped[str] = mapped_column(String(600), server_default=text("''"))
    draft: Mapped[bool] = mapped_column(server_default=text("false"))
