"""Writing articles: create, change, publish and delete them, and go back to an earlier version."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.blueprints.news.models import Article, ArticleRevision, ArticleTag, ArticleWords, Author, Byline, State
from webapp.blueprints.news.permissions import NewsPermission as May
from webapp.blueprints.news.queries.office import KEPT_REVISIONS, existing, get_article, get_revision, taken_slugs
from webapp.blueprints.news.settings import article_path
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, EditConflict, FieldProblems, NotAllowed
from webapp.core.events import announce
from webapp.core.security import Actor
from webapp.core.site import PageMoved
from webapp.core.site_events import tell_of_change
from webapp.core.slugs import free_slug, slug_of
from webapp.core.storing import store

log = logging.getLogger(__name__)
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")  # what no XML may hold, so no feed


class AddressTaken(DomainError):
    """Another article has this address in its language."""

    def __init__(self) -> None:
        super().__init__(_("Another article has just taken this address: write another one and save again."))


class PictureGone(DomainError):
    """The chosen picture was deleted meanwhile."""

    status = 422
    field = "picture_id"

    def __init__(self) -> None:
        super().__init__(_("This picture is not there any more: choose another one."))


class AuthorGone(DomainError):
    """A chosen author was deleted meanwhile."""

    status = 422
    field = "author_ids"

    def __init__(self) -> None:
        super().__init__(_("This author is not there any more: choose again."))


PROBLEMS = {
    "uq_news_article_words_slug": AddressTaken,
    "fk_news_articles_picture_id_media_images": PictureGone,
    "fk_news_bylines_author_id_news_authors": AuthorGone,
}


@dataclass(frozen=True)
class Wording:
    """What an article is to say in a language. Without a title there is none in this language."""

    title: str
    slug: str = ""
    summary: str = ""
    body: str = ""


@dataclass(frozen=True)
class Plan:
    """Whether and from when to when (UTC) the public is to read it. Published without a date: from now on."""

    state: State = State.DRAFT
    publish_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None


@dataclass(frozen=True)
class ArticleValues:
    """An article as somebody wrote it; languages that are not named stay as they are. No plan: as it was."""

    words: Mapping[str, Wording]
    picture_id: int | None = None
    author_ids: tuple[int, ...] = ()
    tag_ids: tuple[int, ...] = ()
    plan: Plan | None = None


def create_article(session: Session, *, by: Actor, values: ArticleValues) -> Article:
    """A new article. Raises FieldProblems, NotAllowed (to publish), AddressTaken, PictureGone."""
    article = Article(state=State.DRAFT)
    _check_plan(article, by, values)
    session.add(article)
    _write(session, article, by=by, values=values)
    tell_of_change(session, by=by, part="article", deed="created", title=article)
    log.info("article %s created by %s", article.id, by.name)
    return article


def update_article(session: Session, *, by: Actor, article_id: int, version: int, values: ArticleValues) -> Article:
    """Change the article that the actor saw as `version`; a published one whose address changes announces PageMoved.

    Raises NotFound, NotAllowed, EditConflict, FieldProblems, AddressTaken, PictureGone.
    """
    article = get_article(session, article_id, lock=True)
    if article.version != version:
        raise EditConflict
    _check_plan(article, by, values)
    was = article.state
    _write(session, article, by=by, values=values)
    deed = "changed" if article.state == was else "published" if article.state == State.PUBLISHED else "taken off"
    tell_of_change(session, by=by, part="article", deed=deed, title=article)
    log.info("article %s changed by %s", article.id, by.name)
    return article


def restore_revision(session: Session, *, by: Actor, article_id: int, version: int, number: int) -> Article:
    """Write the words, picture, authors and tags of an earlier version over the article; addresses and dates stay.

    Authors and tags that are gone stay away. Raises NotFound, NotAllowed, EditConflict, PictureGone.
    """
    article = get_article(session, article_id, lock=True)
    then = get_revision(session, article_id, number).content
    present = {language: words.slug for language, words in article.words.items()}
    words = {language: Wording("") for language in present} | {
        language: Wording(**texts) for language, texts in then["words"].items()
    }
    kept = {
        language: replace(each, slug=present.get(language, "")) if each.title else each
        for language, each in words.items()
    }
    values = ArticleValues(
        words=kept,
        picture_id=then["picture_id"],
        author_ids=tuple(existing(session, Author, then["author_ids"])),
        tag_ids=tuple(then["tag_ids"]),
    )
    return update_article(session, by=by, article_id=article_id, version=version, values=values)


def delete_article(session: Session, *, by: Actor, article_id: int, version: int) -> None:
    """Delete the article that the actor saw as `version`. Raises NotFound, NotAllowed (it is published), EditConflict."""
    article = get_article(session, article_id, lock=True)
    if article.version != version:
        raise EditConflict
    demand_touch(by, article)
    title = str(article)
    session.delete(article)
    store(session)
    tell_of_change(session, by=by, part="article", deed="deleted", title=title)
    log.info("article %s deleted by %s", article_id, by.name)


def may_touch(by: Actor, article: Article) -> bool:
    """Whether the actor may change the article: a published one only who may publish."""
    return by.may(May.ARTICLES_WRITE) and (article.state == State.DRAFT or by.may(May.ARTICLES_PUBLISH))


def demand_touch(by: Actor, article: Article) -> None:
    """Raise NotAllowed when the actor may not change the article."""
    if not may_touch(by, article):
        raise NotAllowed(_("This article is published: only who may publish can change it."))


def _check_plan(article: Article, by: Actor, values: ArticleValues) -> None:
    demand_touch(by, article)
    if values.plan and values.plan != Plan() and not by.may(May.ARTICLES_PUBLISH):
        raise NotAllowed(_("Your role does not let you publish articles."))


def _write(session: Session, article: Article, *, by: Actor, values: ArticleValues) -> None:
    words = {language: _clean(each) for language, each in values.words.items()}
    _check(article, words, values.plan)
    before = {language: each.slug for language, each in article.words.items()}
    was_public = article.state == State.PUBLISHED
    with session.no_autoflush:
        for language, each in words.items():
            _write_words(session, article, language, each)
        article.tags = list(
            session.scalars(select(ArticleTag).where(ArticleTag.id.in_(values.tag_ids)).order_by(ArticleTag.id))
        )
        _write_bylines(article, values.author_ids)
    if values.plan:
        article.state, article.expires_at = values.plan.state, values.plan.expires_at
        article.publish_at = values.plan.publish_at
        if article.state == State.PUBLISHED and article.publish_at is None:
            article.publish_at = utc_now()
    article.picture_id = values.picture_id
    article.updated_at = utc_now()  # so that its version counts though only its words changed
    store(session, PROBLEMS)
    _remember(session, article, by)
    for language, old in before.items():
        new = article.words.get(language)
        if was_public and new and new.slug != old:
            announce(session, PageMoved(article_path(language, old), article_path(language, new.slug), by.name))


def _clean(wording: Wording) -> Wording:
    texts = {name: UNPRINTABLE.sub("", getattr(wording, name)).strip() for name in ("title", "slug", "summary", "body")}
    return Wording(**texts)


def _check(article: Article, words: Mapping[str, Wording], plan: Plan | None) -> None:
    problems: dict[str, str] = {}
    for language, each in words.items():
        if not each.title and (each.slug or each.summary or each.body):
            problems[f"title_{language}"] = _("A text in this language needs a title too.")
        if each.slug and not slug_of(each.slug):
            problems[f"slug_{language}"] = _("Write the address in letters and digits, or leave it empty.")
    left = {language for language in article.words if language not in words} | {
        language for language, each in words.items() if each.title
    }
    if not left and not problems:
        problems[f"title_{next(iter(words))}"] = _("Write a title, in one language at least.")
    if plan and plan.expires_at and plan.expires_at <= (plan.publish_at or utc_now()):
        problems["expires_at"] = _("It must end after it begins.")
    state = plan.state if plan else article.state
    empty = [language for language, each in words.items() if each.title and not each.body]
    if state == State.PUBLISHED and empty:
        problems[f"body_{empty[0]}"] = _("A published article needs its text.")
    if problems:
        raise FieldProblems(problems)


def _write_words(session: Session, article: Article, language: str, wording: Wording) -> None:
    stored = article.words.get(language)
    if not wording.title:
        if stored:
            del article.words[language]
        return
    taken = taken_slugs(session, ArticleWords, language, except_id=article.id)
    slug = slug_of(wording.slug) or free_slug(wording.title, taken, otherwise=str(article.id or "news"))
    if slug in taken:
        raise FieldProblems({f"slug_{language}": _("Another article has this address.")})
    if stored is None:
        stored = article.words[language] = ArticleWords(language=language)
    stored.title, stored.slug, stored.summary, stored.body = wording.title, slug, wording.summary, wording.body


def _write_bylines(article: Article, author_ids: tuple[int, ...]) -> None:
    present = {byline.author_id: byline for byline in article.bylines}
    wanted = list(dict.fromkeys(author_ids))
    for author_id in present.keys() - set(wanted):
        article.bylines.remove(present[author_id])
    for position, author_id in enumerate(wanted, start=1):
        if author_id in present:
            present[author_id].position = position
        else:
            article.bylines.append(Byline(author_id=author_id, position=position))


def _remember(session: Session, article: Article, by: Actor) -> None:
    session.add(
        ArticleRevision(article_id=article.id, number=article.version, saved_by=by.name, content=content_of(article))
    )
    session.flush()
    kept = (
        select(ArticleRevision.id)
        .where(ArticleRevision.article_id == article.id)
        .order_by(ArticleRevision.number.desc())
        .limit(KEPT_REVISIONS)
        .scalar_subquery()
    )
    session.execute(
        delete(ArticleRevision).where(ArticleRevision.article_id == article.id, ArticleRevision.id.not_in(kept))
    )


def content_of(article: Article) -> dict[str, Any]:
    """What people wrote in an article, as a version keeps it."""
    return {
        "words": {
            language: {"title": each.title, "slug": each.slug, "summary": each.summary, "body": each.body}
            for language, each in sorted(article.words.items())
        },
        "picture_id": article.picture_id,
        "author_ids": [byline.author_id for byline in sorted(article.bylines, key=lambda each: each.position)],
        "tag_ids": sorted(tag.id for tag in article.tags),
    }
