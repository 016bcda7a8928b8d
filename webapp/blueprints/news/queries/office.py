"""What those who write ask: the lists of articles, authors and tags, one of them, and the versions of an article."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, case, exists, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from webapp.blueprints.news.models import (
    Article,
    ArticleRevision,
    ArticleTag,
    ArticleWords,
    Author,
    Byline,
    TagWords,
    news_article_tags,
)
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, ListSpec, NaturalKey, Search, distinct_values, folded

STATES = {"draft": _l("Draft"), "published": _l("Published")}
STANDINGS = {
    "draft": _l("Draft"),
    "waiting": _l("Waits for its date"),
    "live": _l("Published"),
    "over": _l("Not shown any more"),
}
KEPT_REVISIONS = 50

title = func.coalesce(
    select(ArticleWords.title)
    .where(ArticleWords.article_id == Article.id)
    .order_by(ArticleWords.language.desc())
    .limit(1)
    .scalar_subquery(),
    "",
    type_=String(),
)
languages = (
    select(
        func.string_agg(
            func.upper(ArticleWords.language), aggregate_order_by(literal(" "), ArticleWords.language.desc())
        )
    )
    .where(ArticleWords.article_id == Article.id)
    .correlate(Article)
    .scalar_subquery()
)
all_titles = (
    select(func.string_agg(ArticleWords.title, " "))
    .where(ArticleWords.article_id == Article.id)
    .correlate(Article)
    .scalar_subquery()
)
writers = (
    select(func.string_agg(Author.name, ", "))
    .join(Byline, Byline.author_id == Author.id)
    .where(Byline.article_id == Article.id)
    .correlate(Article)
    .scalar_subquery()
)
standing = case(
    (Article.state == "draft", "draft"),
    (Article.publish_at > func.now(), "waiting"),
    (Article.expires_at <= func.now(), "over"),
    else_="live",
)
tag_name = func.coalesce(
    select(TagWords.name)
    .where(TagWords.tag_id == ArticleTag.id)
    .order_by(TagWords.language.desc())
    .limit(1)
    .scalar_subquery(),
    "",
    type_=String(),
)
tag_names = (
    select(func.string_agg(TagWords.name, aggregate_order_by(literal(" / "), TagWords.language.desc())))
    .where(TagWords.tag_id == ArticleTag.id)
    .correlate(ArticleTag)
    .scalar_subquery()
)


def list_author_names(session: Session) -> tuple[str, ...]:
    """The names of the authors, in order."""
    return distinct_values(session, Author.name)


ARTICLES = ListSpec(
    name="articles",
    source=Article,
    id=Article.id,
    columns=(
        Column("title", _l("Title"), title, sort_by=folded(title)),
        Column("standing", _l("State"), standing, kind="choice", choices=STANDINGS),
        Column("languages", _l("Languages"), languages),
        Column("writers", _l("Authors"), writers),
        Column(
            "publish_at",
            _l("Published from"),
            Article.publish_at,
            kind="date",
            sort_by=func.coalesce(Article.publish_at, Article.created_at, type_=Article.created_at.type),
        ),
        Column("expires_at", _l("Until"), Article.expires_at, kind="date", shown=False),
        Column("updated_at", _l("Changed"), Article.updated_at, kind="date", sort_by=Article.updated_at),
    ),
    sort="-updated_at",
    filters=(
        Choice("standing", _l("State"), standing, STANDINGS),
        NaturalKey(
            "author",
            _l("Author"),
            Author.name,
            Author.id,
            lambda author_id: exists().where(Byline.article_id == Article.id, Byline.author_id == author_id),
            suggestions=list_author_names,
        ),
    ),
    search=(Search(all_titles),),
    search_hint=_l("Title"),
)

AUTHORS = ListSpec(
    name="authors",
    source=Author,
    id=Author.id,
    columns=(
        Column("name", _l("Name"), Author.name, sort_by=folded(Author.name)),
        Column("slug", _l("Address"), Author.slug, shown=False),
        Column(
            "articles",
            _l("Articles"),
            select(func.count()).where(Byline.author_id == Author.id).correlate(Author).scalar_subquery(),
            kind="number",
        ),
        Column("updated_at", _l("Changed"), Author.updated_at, kind="date"),
    ),
    sort="name",
    search=(Search(Author.name),),
    search_hint=_l("Name"),
)

TAGS = ListSpec(
    name="tags",
    source=ArticleTag,
    id=ArticleTag.id,
    columns=(
        Column("name", _l("Name"), tag_names, sort_by=folded(tag_name)),
        Column(
            "articles",
            _l("Articles"),
            select(func.count())
            .where(news_article_tags.c.tag_id == ArticleTag.id)
            .correlate(ArticleTag)
            .scalar_subquery(),
            kind="number",
        ),
        Column("updated_at", _l("Changed"), ArticleTag.updated_at, kind="date"),
    ),
    sort="name",
    search=(Search(tag_names),),
    search_hint=_l("Name"),
)


def get_article(session: Session, article_id: int, *, lock: bool = False) -> Article:
    """The article with this id, read again and kept from others until the end if it is to `lock`. Raises NotFound."""
    article = session.get(Article, article_id, with_for_update={"of": Article} if lock else None)
    if article is None:
        raise NotFound(_("This article does not exist, or does not any more."))
    return article


def get_author(session: Session, author_id: int, *, lock: bool = False) -> Author:
    """The author with this id, read again and kept from others until the end if it is to `lock`. Raises NotFound."""
    author = session.get(Author, author_id, with_for_update=lock or None)
    if author is None:
        raise NotFound(_("This author does not exist, or does not any more."))
    return author


def get_tag(session: Session, tag_id: int, *, lock: bool = False) -> ArticleTag:
    """The tag with this id, read again and kept from others until the end if it is to `lock`. Raises NotFound."""
    tag = session.get(ArticleTag, tag_id, with_for_update={"of": ArticleTag} if lock else None)
    if tag is None:
        raise NotFound(_("This tag does not exist, or does not any more."))
    return tag


def author_choices(session: Session) -> list[tuple[int, str]]:
    """Number and name of all authors, by name."""
    rows = session.execute(select(Author.id, Author.name).order_by(folded(Author.name), Author.id))
    return [(row.id, row.name) for row in rows]


def tag_choices(session: Session, language: str) -> list[tuple[int, str]]:
    """Number and name of all tags, by name in the language; those without one by what they have."""
    tags = session.scalars(select(ArticleTag)).all()
    named = ((tag.id, tag.words[language].name if language in tag.words else str(tag)) for tag in tags)
    return sorted(named, key=lambda pair: (pair[1].lower(), pair[0]))


def list_revisions(session: Session, article_id: int) -> list[ArticleRevision]:
    """The kept versions of an article, the last one first."""
    asked = (
        select(ArticleRevision).where(ArticleRevision.article_id == article_id).order_by(ArticleRevision.number.desc())
    )
    return list(session.scalars(asked.limit(KEPT_REVISIONS)))


def get_revision(session: Session, article_id: int, number: int) -> ArticleRevision:
    """A version of an article. Raises NotFound."""
    asked = select(ArticleRevision).where(ArticleRevision.article_id == article_id, ArticleRevision.number == number)
    found = session.scalars(asked).one_or_none()
    if found is None:
        raise NotFound(_("This version is not kept any more."))
    return found


def taken_slugs(
    session: Session, kind: type[ArticleWords | TagWords], language: str, *, except_id: int | None
) -> set[str]:
    """The addresses that others than the one with this number have in a language."""
    owner = kind.article_id if issubclass(kind, ArticleWords) else kind.tag_id
    asked = select(kind.slug).where(kind.language == language)
    return set(session.scalars(asked if except_id is None else asked.where(owner != except_id)))


def existing(session: Session, kind: type[Author | ArticleTag], numbers: Iterable[int]) -> list[int]:
    """Those of the numbers that belong to a record, in their order."""
    wanted = list(dict.fromkeys(numbers))
    found = set(session.scalars(select(kind.id).where(kind.id.in_(wanted))))
    return [number for number in wanted if number in found]
