"""Authors and tags: create, change and delete them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.news.models import ArticleTag, Author, TagWords
from webapp.blueprints.news.queries.office import get_author, get_tag, taken_slugs
from webapp.blueprints.news.settings import AUTHORS, author_path, topic_path
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, EditConflict, FieldProblems
from webapp.core.events import announce
from webapp.core.security import Actor
from webapp.core.site import PageMoved
from webapp.core.site_events import tell_of_change
from webapp.core.slugs import free_slug, slug_of
from webapp.core.storing import store

log = logging.getLogger(__name__)


class AuthorAddressTaken(DomainError):
    """Another author has this address."""

    field = "slug"

    def __init__(self) -> None:
        super().__init__(_("Another author has this address."))


class TagAddressTaken(DomainError):
    """Another tag has this address in its language."""

    def __init__(self) -> None:
        super().__init__(_("Another tag has just taken this address: write another one and save again."))


class PortraitGone(DomainError):
    """The chosen picture was deleted meanwhile."""

    status = 422
    field = "picture_id"

    def __init__(self) -> None:
        super().__init__(_("This picture is not there any more: choose another one."))


AUTHOR_PROBLEMS = {
    "uq_news_authors_slug": AuthorAddressTaken,
    "fk_news_authors_picture_id_media_images": PortraitGone,
}
TAG_PROBLEMS = {"uq_news_tag_words_slug": TagAddressTaken}


@dataclass(frozen=True)
class AuthorValues:
    """An author as somebody wrote it; `about` by language, those that are not named stay as they are."""

    name: str
    slug: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    picture_id: int | None = None


@dataclass(frozen=True)
class TagName:
    """The name of a tag in a language; without one it is not shown there."""

    name: str
    slug: str = ""


def create_author(session: Session, *, by: Actor, values: AuthorValues) -> Author:
    """A new author. Raises FieldProblems, AuthorAddressTaken, PortraitGone."""
    author = Author(about={})
    _write_author(session, author, values)
    session.add(author)
    store(session, AUTHOR_PROBLEMS)
    tell_of_change(session, by=by, part="author", deed="created", title=author)
    log.info("author %s created by %s", author.id, by.name)
    return author


def update_author(session: Session, *, by: Actor, author_id: int, version: int, values: AuthorValues) -> Author:
    """Change the author that the actor saw as `version`; a new address is announced (PageMoved) for each language.

    Raises NotFound, EditConflict, FieldProblems, AuthorAddressTaken, PortraitGone.
    """
    author = get_author(session, author_id, lock=True)
    if author.version != version:
        raise EditConflict
    old = author.slug
    _write_author(session, author, values)
    store(session, AUTHOR_PROBLEMS)
    if author.slug != old:
        for language in AUTHORS:
            announce(session, PageMoved(author_path(language, old), author_path(language, author.slug), by.name))
    tell_of_change(session, by=by, part="author", deed="changed", title=author)
    log.info("author %s changed by %s", author.id, by.name)
    return author


def delete_author(session: Session, *, by: Actor, author_id: int, version: int) -> None:
    """Delete the author that the actor saw as `version`. Raises NotFound, EditConflict, InUse (there are articles)."""
    author = get_author(session, author_id, lock=True)
    if author.version != version:
        raise EditConflict
    name = author.name
    session.delete(author)
    store(session)
    tell_of_change(session, by=by, part="author", deed="deleted", title=name)
    log.info("author %s deleted by %s", author_id, by.name)


def create_tag(session: Session, *, by: Actor, names: Mapping[str, TagName]) -> ArticleTag:
    """A new tag. Raises FieldProblems, TagAddressTaken."""
    tag = ArticleTag()
    session.add(tag)
    with session.no_autoflush:
        _write_names(session, tag, names)
    store(session, TAG_PROBLEMS)
    tell_of_change(session, by=by, part="tag", deed="created", title=tag)
    log.info("tag %s created by %s", tag.id, by.name)
    return tag


def update_tag(session: Session, *, by: Actor, tag_id: int, version: int, names: Mapping[str, TagName]) -> ArticleTag:
    """Change the tag that the actor saw as `version`; languages that are not named stay. Announces PageMoved.

    Raises NotFound, EditConflict, FieldProblems, TagAddressTaken.
    """
    tag = get_tag(session, tag_id, lock=True)
    if tag.version != version:
        raise EditConflict
    before = {language: words.slug for language, words in tag.words.items()}
    with session.no_autoflush:
        _write_names(session, tag, names)
    store(session, TAG_PROBLEMS)
    for language, old in before.items():
        if (new := tag.words.get(language)) and new.slug != old:
            announce(session, PageMoved(topic_path(language, old), topic_path(language, new.slug), by.name))
    tell_of_change(session, by=by, part="tag", deed="changed", title=tag)
    log.info("tag %s changed by %s", tag.id, by.name)
    return tag


def delete_tag(session: Session, *, by: Actor, tag_id: int, version: int) -> None:
    """Delete the tag that the actor saw as `version`, and take it off the articles. Raises NotFound, EditConflict."""
    tag = get_tag(session, tag_id, lock=True)
    if tag.version != version:
        raise EditConflict
    name = str(tag)
    session.delete(tag)
    store(session)
    tell_of_change(session, by=by, part="tag", deed="deleted", title=name)
    log.info("tag %s deleted by %s", tag_id, by.name)


def _write_author(session: Session, author: Author, values: AuthorValues) -> None:
    number: int | None = author.id  # None while it is new
    others = set(session.scalars(select(Author.slug).where(Author.id.is_distinct_from(number))))
    if values.slug and not slug_of(values.slug):
        raise FieldProblems({"slug": _("Write the address in letters and digits, or leave it empty.")})
    author.name = values.name
    author.slug = slug_of(values.slug) or free_slug(values.name, others, otherwise="author")
    author.about = {**author.about, **values.about}
    author.picture_id = values.picture_id


def _write_names(session: Session, tag: ArticleTag, names: Mapping[str, TagName]) -> None:
    if not any(each.name for each in names.values()) and not tag.words.keys() - names.keys():
        raise FieldProblems({f"name_{next(iter(names))}": _("Write a name, in one language at least.")})
    for language, each in names.items():
        stored = tag.words.get(language)
        if not each.name:
            if each.slug:
                raise FieldProblems({f"name_{language}": _("An address in this language needs a name too.")})
            if stored:
                del tag.words[language]
            continue
        taken = taken_slugs(session, TagWords, language, except_id=tag.id)
        slug = slug_of(each.slug) or free_slug(each.name, taken, otherwise="tag")
        if slug in taken:
            raise FieldProblems({f"slug_{language}": _("Another tag has this address.")})
        if stored is None:
            stored = tag.words[language] = TagWords(language=language)
        stored.name, stored.slug = each.name, slug
    tag.updated_at = utc_now()  # so that its version counts though only its names changed
