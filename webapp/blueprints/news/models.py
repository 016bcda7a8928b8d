"""The records of the news room: articles with their words in each language, their versions, authors and tags."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, func, text
from sqlalchemy import Column as TableColumn
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.collections import attribute_keyed_dict

from webapp.core.db import Base, Editable, Numbered
from webapp.core.slugs import LONGEST_SLUG

LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_BODY, LONGEST_NAME = 200, 500, 100_000, 120


class State(StrEnum):
    """Whether an article is for the public; when it is, its dates say."""

    DRAFT = "draft"
    PUBLISHED = "published"


news_article_tags = Table(
    "news_article_tags",
    Base.metadata,
    TableColumn("article_id", ForeignKey("news_articles.id", ondelete="CASCADE"), primary_key=True),
    TableColumn("tag_id", ForeignKey("news_tags.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Author(Editable, Base):
    """Somebody who writes. `about` says who they are, by language; `slug` is their page's address in all of them."""

    __tablename__ = "news_authors"
    __table_args__ = (UniqueConstraint("slug", name="uq_news_authors_slug"),)

    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG))
    about: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("media_images.id", ondelete="RESTRICT"), index=True)

    def __str__(self) -> str:
        return self.name


class ArticleTag(Editable, Base):
    """What articles are about, with a name in each language."""

    __tablename__ = "news_tags"

    words: Mapped[dict[str, TagWords]] = relationship(
        collection_class=attribute_keyed_dict("language"),
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="selectin",
    )

    def __str__(self) -> str:
        return " / ".join(each.name for _language, each in sorted(self.words.items(), reverse=True))


class TagWords(Base):
    """The name of a tag in a language."""

    __tablename__ = "news_tag_words"
    __table_args__ = (UniqueConstraint("language", "slug", name="uq_news_tag_words_slug"),)

    tag_id: Mapped[int] = mapped_column(ForeignKey("news_tags.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG))


class Article(Editable, Base):
    """An article. The public reads it once it is published, from `publish_at` until before `expires_at` (UTC)."""

    __tablename__ = "news_articles"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published')", name="state"),
        CheckConstraint("state = 'draft' OR publish_at IS NOT NULL", name="publish_at"),
        CheckConstraint("expires_at > publish_at", name="expires_at"),
        Index("ix_news_articles_publish_at_id", "publish_at", "id"),
    )

    state: Mapped[str] = mapped_column(String(20), server_default=text("'draft'"))
    publish_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime | None]
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("media_images.id", ondelete="RESTRICT"), index=True)

    words: Mapped[dict[str, ArticleWords]] = relationship(
        collection_class=attribute_keyed_dict("language"), cascade="all, delete-orphan", passive_deletes=True
    )
    bylines: Mapped[list[Byline]] = relationship(
        order_by="Byline.position", cascade="all, delete-orphan", passive_deletes=True
    )
    tags: Mapped[list[ArticleTag]] = relationship(secondary=news_article_tags, order_by="ArticleTag.id")

    @property
    def title(self) -> str:
        """Its title, the Italian one if there is one."""
        return next((each.title for _language, each in sorted(self.words.items(), reverse=True)), "")

    def __str__(self) -> str:
        return self.title


class ArticleWords(Base):
    """What an article says in a language; `body` is Markdown."""

    __tablename__ = "news_article_words"
    __table_args__ = (UniqueConstraint("language", "slug", name="uq_news_article_words_slug"),)

    article_id: Mapped[int] = mapped_column(ForeignKey("news_articles.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    summary: Mapped[str] = mapped_column(String(LONGEST_SUMMARY), server_default=text("''"))
    body: Mapped[str] = mapped_column(server_default=text("''"))


class Byline(Base):
    """Who wrote an article, in their order."""

    __tablename__ = "news_bylines"

    article_id: Mapped[int] = mapped_column(ForeignKey("news_articles.id", ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[int] = mapped_column(
        ForeignKey("news_authors.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    position: Mapped[int]

    author: Mapped[Author] = relationship()


class ArticleRevision(Numbered, Base):
    """An article as it was saved once: `number` is the version that the saving made, `content` what people wrote in it."""

    __tablename__ = "news_revisions"
    __table_args__ = (UniqueConstraint("article_id", "number", name="uq_news_revisions_number"),)

    article_id: Mapped[int] = mapped_column(ForeignKey("news_articles.id", ondelete="CASCADE"))
    number: Mapped[int]
    saved_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    saved_by: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)

    def __str__(self) -> str:
        return f"{self.article_id}: {self.number}"
