"""What the public asks: the articles that are live in a language, by tag, author and year, and all of their pages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, exists, extract, func, or_, select, true
from sqlalchemy.orm import Session

from webapp.blueprints.news.models import (
    Article,
    ArticleTag,
    ArticleWords,
    Author,
    Byline,
    State,
    TagWords,
    news_article_tags,
)
from webapp.blueprints.news.settings import AUTHORS, NEWS, TOPICS, YEARS, article_path, topic_path
from webapp.core.clock import day_start, utc_now
from webapp.core.company import CompanyProfile, get_company
from webapp.core.markdown import in_one_line, shortened
from webapp.core.site_events import CameOut, WhatCameOut

FIRST_YEAR, LAST_YEAR = 1970, 2999
YEAR = re.compile(r"19[7-9][0-9]|2[0-9]{3}")  # FIRST_YEAR to LAST_YEAR


@dataclass(frozen=True)
class Writer:
    """An author as an article names them."""

    name: str
    slug: str
    about: str
    picture_id: int | None


@dataclass(frozen=True)
class Topic:
    """A tag in a language, with the number of live articles where it was asked for."""

    id: int
    name: str
    slug: str
    articles: int = 0


@dataclass(frozen=True)
class Story:
    """A live article in a language. `others` are its paths by language, the present one included. Times are UTC."""

    id: int
    language: str
    slug: str
    title: str
    summary: str
    body: str
    picture_id: int | None
    published: dt.datetime
    modified: dt.datetime
    writers: tuple[Writer, ...] = ()
    topics: tuple[Topic, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Its address."""
        return article_path(self.language, self.slug)

    @property
    def description(self) -> str:
        """What it says in a line."""
        return self.summary or shortened(in_one_line(self.body))


def live(at: dt.datetime) -> ColumnElement[bool]:
    """That an article is for the public at a moment: from its date on, and no more at its expiry."""
    begun = and_(Article.state == State.PUBLISHED, Article.publish_at <= at)
    return and_(begun, or_(Article.expires_at.is_(None), Article.expires_at > at))


def about(tag_id: int) -> ColumnElement[bool]:
    """That an article has the tag."""
    return exists().where(news_article_tags.c.article_id == Article.id, news_article_tags.c.tag_id == tag_id)


def written_by(author_id: int) -> ColumnElement[bool]:
    """That an article is of the author."""
    return exists().where(Byline.article_id == Article.id, Byline.author_id == author_id)


def published_in(year: int, company: CompanyProfile) -> ColumnElement[bool]:
    """That an article came out in a year of the company's."""
    first, last = (day_start(dt.date(each, 1, 1), company.zone) for each in (year, year + 1))
    return and_(Article.publish_at >= first, Article.publish_at < last)


def list_stories(
    session: Session, language: str, *conditions: ColumnElement[bool], at: dt.datetime, size: int, page: int = 1
) -> list[Story]:
    """A page of the live articles that meet the conditions, the newest first."""
    asked = _stories(language).where(live(at), *conditions)
    asked = asked.order_by(Article.publish_at.desc(), Article.id.desc()).limit(size).offset((page - 1) * size)
    return _complete(session, session.execute(asked), language)


def count_stories(session: Session, language: str, *conditions: ColumnElement[bool], at: dt.datetime) -> int:
    """How many live articles meet the conditions."""
    asked = select(func.count()).select_from(Article).join(ArticleWords, ArticleWords.article_id == Article.id)
    return session.scalar(asked.where(ArticleWords.language == language, live(at), *conditions)) or 0


def came_out(session: Session, question: WhatCameOut) -> Iterator[CameOut]:
    """The live articles whose date lies between the moments that are asked for, in the languages of the company."""
    lately = (live(question.until), Article.publish_at > question.after)
    languages = get_company(session).language_codes
    for article in session.scalars(select(Article).where(*lately).order_by(Article.publish_at, Article.id)):
        words = {language: article.words[language] for language in languages if language in article.words}
        yield CameOut(
            cause=f"news:{article.id}",
            titles={language: each.title for language, each in words.items()},
            words={language: each.summary for language, each in words.items()},
            paths={language: article_path(language, each.slug) for language, each in words.items()},
        )


def next_change(session: Session, *, at: dt.datetime) -> dt.datetime | None:
    """The next moment at which an article comes or goes by the clock; None when nothing is planned."""
    planned = Article.state == State.PUBLISHED
    times = (
        session.scalar(select(func.min(Article.publish_at)).where(planned, Article.publish_at > at)),
        session.scalar(select(func.min(Article.expires_at)).where(planned, Article.expires_at > at)),
    )
    return min((each for each in times if each), default=None)


def find_story(session: Session, language: str, slug: str, *, at: dt.datetime) -> Story | None:
    """The live article at an address."""
    found = session.execute(_stories(language).where(live(at), ArticleWords.slug == slug))
    return next(iter(_complete(session, found, language)), None)


def find_draft(session: Session, language: str, article_id: int) -> Story | None:
    """An article as it stands now, whether or not it is live; where it has no date yet, it shows the present one."""
    found = session.execute(_stories(language).where(Article.id == article_id))
    return next(iter(_complete(session, found, language)), None)


def list_coming(session: Session, language: str, *, at: dt.datetime) -> list[Story]:
    """The articles that are drafts, or come out later than at that moment."""
    coming = or_(Article.state == State.DRAFT, Article.publish_at > at)
    return _complete(session, session.execute(_stories(language).where(coming).order_by(Article.id)), language)


def list_alike(session: Session, story: Story, *, at: dt.datetime, size: int = 3) -> list[Story]:
    """The newest other articles that share a tag with this one."""
    shared = exists().where(
        news_article_tags.c.article_id == Article.id,
        news_article_tags.c.tag_id.in_([topic.id for topic in story.topics]),
    )
    return list_stories(session, story.language, shared, Article.id != story.id, at=at, size=size)


def list_topics(session: Session, language: str, *, at: dt.datetime) -> list[Topic]:
    """The tags that live articles have in a language, by name."""
    asked = (
        select(TagWords.tag_id, TagWords.name, TagWords.slug, func.count().label("articles"))
        .join(news_article_tags, news_article_tags.c.tag_id == TagWords.tag_id)
        .join(Article, Article.id == news_article_tags.c.article_id)
        .join(ArticleWords, and_(ArticleWords.article_id == Article.id, ArticleWords.language == language))
        .where(TagWords.language == language, live(at))
        .group_by(TagWords.tag_id, TagWords.name, TagWords.slug)
        .order_by(func.lower(TagWords.name), TagWords.tag_id)
    )
    return [Topic(row.tag_id, row.name, row.slug, row.articles) for row in session.execute(asked)]


def list_years(session: Session, language: str, company: CompanyProfile, *, at: dt.datetime) -> list[int]:
    """The years in which live articles came out, the last one first; days are the company's."""
    year = cast(extract("year", func.timezone(company.time_zone, Article.publish_at)), Integer)
    asked = select(year).join(ArticleWords, ArticleWords.article_id == Article.id)
    return sorted(set(session.scalars(asked.where(ArticleWords.language == language, live(at)))), reverse=True)


def find_topic(session: Session, language: str, slug: str) -> tuple[Topic, dict[str, str]] | None:
    """The tag at an address, and its paths by language."""
    asked = select(ArticleTag).join(TagWords).where(TagWords.language == language, TagWords.slug == slug)
    tag = session.scalars(asked).one_or_none()
    if tag is None:
        return None
    own = tag.words[language]
    paths = {code: topic_path(code, words.slug) for code, words in sorted(tag.words.items(), reverse=True)}
    return Topic(tag.id, own.name, own.slug), paths


def find_author(session: Session, slug: str) -> Author | None:
    """The author at an address."""
    return session.scalars(select(Author).where(Author.slug == slug)).one_or_none()


def opens_path(session: Session, path: str) -> bool:
    """Whether a page of the news stands at a path now, in a language of the company's: one of those that the room lists."""
    language = next((code for code in NEWS if f"{path}/".startswith(f"{NEWS[code]}/")), None)
    if language is None:
        return False
    meant: ColumnElement[bool]
    match path.removeprefix(NEWS[language]).split("/")[1:]:
        case []:
            meant = true()
        case [slug]:
            meant = ArticleWords.slug == slug
        case [kind, slug] if kind == TOPICS[language]:
            words = and_(TagWords.tag_id == news_article_tags.c.tag_id, TagWords.language == language)
            meant = exists().where(news_article_tags.c.article_id == Article.id, words, TagWords.slug == slug)
        case [kind, slug] if kind == AUTHORS[language]:
            meant = exists().where(Byline.article_id == Article.id, Author.id == Byline.author_id, Author.slug == slug)
        case [kind, year] if kind == YEARS[language] and YEAR.fullmatch(year):
            meant = published_in(int(year), get_company(session))
        case _:
            return False
    asked = _stories(language).with_only_columns(Article.id).where(live(utc_now()), meant)
    return session.scalar(select(asked.exists())) or False


def latest_stories(session: Session, language: str, *, count: int, topic: str = "") -> tuple[list[Story], str]:
    """The newest live articles, of the tag with this number if it is one, and the address where there are more."""
    conditions, more = [], NEWS[language]
    if topic.isascii() and topic.isdigit() and len(topic) <= 18:
        conditions.append(about(int(topic)))
        words = session.get(TagWords, (int(topic), language))
        more = topic_path(language, words.slug) if words else more
    return list_stories(session, language, *conditions, at=utc_now(), size=count), more


def topic_options(session: Session, language: str) -> list[tuple[str, str]]:
    """The tags as a block offers them: number and name in the language, by name."""
    asked = select(TagWords.tag_id, TagWords.name).where(TagWords.language == language)
    return [(str(row.tag_id), row.name) for row in session.execute(asked.order_by(func.lower(TagWords.name)))]


def _stories(language: str) -> Any:
    asked: Any = (
        select(
            Article.id,
            Article.picture_id,
            Article.publish_at,
            Article.updated_at,
            ArticleWords.slug,
            ArticleWords.title,
            ArticleWords.summary,
            ArticleWords.body,
        )
        .join(ArticleWords, ArticleWords.article_id == Article.id)
        .where(ArticleWords.language == language)
    )
    return asked


def _complete(session: Session, rows: Iterable[Any], language: str) -> list[Story]:
    """The stories with their authors, tags and translations: three questions, however many they are."""
    stories = [
        Story(
            id=row.id,
            language=language,
            slug=row.slug,
            title=row.title,
            summary=row.summary,
            body=row.body,
            picture_id=row.picture_id,
            published=row.publish_at or row.updated_at,
            modified=max(row.updated_at, row.publish_at or row.updated_at),
        )
        for row in rows
    ]
    numbers = [story.id for story in stories]
    if not numbers:
        return []
    writers: dict[int, list[Writer]] = {}
    named = select(Byline.article_id, Author).join(Author, Author.id == Byline.author_id)
    for number, author in session.execute(named.where(Byline.article_id.in_(numbers)).order_by(Byline.position)):
        writer = Writer(author.name, author.slug, author.about.get(language, ""), author.picture_id)
        writers.setdefault(number, []).append(writer)
    topics: dict[int, list[Topic]] = {}
    tagged = (
        select(news_article_tags.c.article_id, TagWords.tag_id, TagWords.name, TagWords.slug)
        .join(TagWords, TagWords.tag_id == news_article_tags.c.tag_id)
        .where(news_article_tags.c.article_id.in_(numbers), TagWords.language == language)
        .order_by(func.lower(TagWords.name))
    )
    for number, tag_id, name, slug in session.execute(tagged):
        topics.setdefault(number, []).append(Topic(tag_id, name, slug))
    paths: dict[int, dict[str, str]] = {}
    translated = select(ArticleWords.article_id, ArticleWords.language, ArticleWords.slug)
    translated = translated.where(ArticleWords.article_id.in_(numbers)).order_by(ArticleWords.language.desc())
    for number, code, slug in session.execute(translated):
        paths.setdefault(number, {})[code] = article_path(code, slug)
    return [
        replace(
            story,
            writers=tuple(writers.get(story.id, ())),
            topics=tuple(topics.get(story.id, ())),
            others=paths[story.id],
        )
        for story in stories
    ]
