"""The records of the discovery room: the index of pages, what was searched for, promoted results, redirects, missing addresses."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Date, Index, Integer, String, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Editable, Numbered

EMPTY = text("''")
LONGEST_PATH = 400
LONGEST_WORDS = 100
MOVED, FOUND, GONE = 301, 302, 410


class IndexedPage(Base):
    """A page of the public site as the search finds it and the sitemap lists it; made from what the rooms tell of theirs.

    `fingerprint` is of all that is stored here: a page that stayed as it was is not written again.
    """

    __tablename__ = "discovery_pages"
    __table_args__ = (
        Index("ix_discovery_pages_search", "search", postgresql_using="gin"),
        Index("ix_discovery_pages_language_path", "language", "path"),
    )

    path: Mapped[str] = mapped_column(String(LONGEST_PATH), primary_key=True)
    language: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(40))
    description: Mapped[str] = mapped_column(Text, server_default=EMPTY)
    body: Mapped[str] = mapped_column(Text, server_default=EMPTY)
    picture: Mapped[str] = mapped_column(Text, server_default=EMPTY)
    others: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    modified: Mapped[dt.datetime]
    fingerprint: Mapped[str] = mapped_column(String(32))
    search: Mapped[Any] = mapped_column(TSVECTOR)


class IndexState(Base):
    """When the index was made last, and from which state of the tables that strangers see. There is one row at most."""

    __tablename__ = "discovery_state"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    signature: Mapped[str] = mapped_column(Text, server_default=EMPTY)
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Search(Numbered, Base):
    """What was searched for on a day in a language, how often, and how many pages the last one found. Nothing of who asked."""

    __tablename__ = "discovery_searches"
    __table_args__ = (UniqueConstraint("day", "language", "words", name="uq_discovery_searches_day_language_words"),)

    day: Mapped[dt.date] = mapped_column(Date)
    language: Mapped[str] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    count: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    found: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class Promotion(Editable, Base):
    """A page that comes first for these words (in the form that searches are noted in)."""

    __tablename__ = "discovery_promotions"
    __table_args__ = (
        UniqueConstraint("language", "words", "path", name="uq_discovery_promotions_language_words_path"),
    )

    language: Mapped[str] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    path: Mapped[str] = mapped_column(String(LONGEST_PATH))

    def __str__(self) -> str:
        return f"{self.words} → {self.path}"


class Redirect(Editable, Base):
    """Where an address leads at which there is no page: to another (301 for good, 302 for now), or it is gone (410).

    `source` is a path without a slash at its end, with its query if that counts. `origin`: hand, import or moved.
    """

    __tablename__ = "discovery_redirects"
    __table_args__ = (
        UniqueConstraint("source", name="uq_discovery_redirects_source"),
        CheckConstraint("kind IN (301, 302, 410)", name="kind"),
        CheckConstraint("(kind = 410) = (target = '')", name="target"),
        CheckConstraint("source <> target", name="itself"),
        Index("ix_discovery_redirects_target", "target"),
        Index("ix_discovery_redirects_hits_id", "hits", "id"),
    )

    source: Mapped[str] = mapped_column(String(LONGEST_PATH))
    target: Mapped[str] = mapped_column(String(LONGEST_PATH), server_default=EMPTY)
    kind: Mapped[int] = mapped_column(Integer, server_default=text("301"))
    origin: Mapped[str] = mapped_column(String(10), server_default=text("'hand'"))
    hits: Mapped[int] = mapped_column(server_default=text("0"))
    last_hit: Mapped[dt.datetime | None]

    def __str__(self) -> str:
        return self.source


class Missing(Numbered, Base):
    """An address of the public site that was asked for and is not there."""

    __tablename__ = "discovery_missing"
    __table_args__ = (
        UniqueConstraint("path", name="uq_discovery_missing_path"),
        Index("ix_discovery_missing_count_id", "count", "id"),
        Index("ix_discovery_missing_last_at_id", "last_at", "id"),
    )

    path: Mapped[str] = mapped_column(String(LONGEST_PATH))
    count: Mapped[int] = mapped_column(server_default=text("0"))
    first_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    last_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ignored: Mapped[bool] = mapped_column(server_default=text("false"))

    def __str__(self) -> str:
        return self.path
