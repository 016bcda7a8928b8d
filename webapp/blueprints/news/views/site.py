"""The news as the public reads them: lists by tag, author and year, the articles, previews and the feed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, g, make_response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.blueprints.media.public import find_images
from webapp.blueprints.news.queries.site import (
    FIRST_YEAR,
    LAST_YEAR,
    Story,
    Topic,
    Writer,
    about,
    count_stories,
    find_author,
    find_draft,
    find_story,
    find_topic,
    list_alike,
    list_coming,
    list_stories,
    list_topics,
    list_years,
    next_change,
    published_in,
    written_by,
)
from webapp.blueprints.news.services.previews import read_preview
from webapp.blueprints.news.settings import (
    AUTHORS,
    FEEDS,
    NEWS,
    PREVIEWS,
    TOPICS,
    YEARS,
    author_path,
    topic_path,
    year_path,
)
from webapp.core.clock import utc_now
from webapp.core.company import CompanyProfile, get_company
from webapp.core.db import db
from webapp.core.markdown import in_one_line, markdown, under_title
from webapp.core.site import PageDraft, PublicPage, localized, office_path
from webapp.core.site_pages import Head, asked_page, home_crumb, in_own_languages, share, whole_address

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("news", __name__, template_folder="../templates")
PAGE, FEED_LENGTH, MOST_PAGES = 12, 30, 50_000
TITLE = _l("News")
TITLES = {"it": "Notizie", "en": "News"}  # where pages of both languages are told of at once


@blueprint.context_processor
def addresses() -> dict[str, Any]:
    """What the pages of the news make their links with."""
    return {"topic_path": topic_path, "author_path": author_path, "year_path": year_path, "feeds": FEEDS}


def feed_link() -> str:
    """The line of a public page's head by which programs find the feed."""
    return render_template("news/_feed_link.html", feeds=FEEDS)


def articles(language: str) -> Response:
    """The live articles, the newest first."""
    return _collection(language, str(TITLE), dict(NEWS), template="news/articles.html")


def by_topic(language: str, slug: str) -> Response:
    """The live articles with a tag."""
    found = find_topic(db.session(), language, slug) or abort(404)
    topic, paths = found
    return _collection(language, topic.name, paths, about(topic.id), template="news/by_topic.html", topic=topic)


def by_author(language: str, slug: str) -> Response:
    """Who somebody is, and their live articles."""
    author = find_author(db.session(), slug) or abort(404)
    paths = {code: author_path(code, author.slug) for code in AUTHORS}
    words = author.about.get(language, "")
    person = {"@type": "Person", "name": author.name, "url": whole_address(paths[language])}
    return _collection(
        language,
        author.name,
        paths,
        written_by(author.id),
        template="news/by_author.html",
        description=words,
        facts=({"@type": "ProfilePage", "mainEntity": person | ({"description": words} if words else {})},),
        author=author,
        words=words,
    )


def by_year(language: str, year: int) -> Response:
    """The live articles of a year."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        abort(404)
    paths = {code: year_path(code, year) for code in YEARS}
    name = _("News of %(year)s", year=year)
    return _collection(language, name, paths, published_in(year, g.company), template="news/by_year.html", year=year)


def article(language: str, slug: str) -> Response:
    """An article."""
    story = find_story(db.session(), language, slug, at=utc_now()) or abort(404)
    return _article(story, indexed=True)


def preview(language: str, token: str) -> Response:
    """An article as it stands now, for whoever has the link, for a few days; no cache keeps it."""
    story = find_draft(db.session(), language, read_preview(token)) or abort(404)
    response = _article(story, indexed=False)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def feed(language: str) -> Response:
    """The newest articles as RSS 2.0."""
    stories = list_stories(db.session(), language, at=utc_now(), size=FEED_LENGTH)
    xml = render_template(
        "news/feed.xml",
        stories=stories,
        language=language,
        text=lambda story: _whole_links(str(markdown(story.body, ours=True))),
        address=FEEDS[language],
        home=NEWS[language],
        mail_date=format_datetime,
        built=max((story.modified for story in stories), default=None),
    )
    response = make_response(xml.strip() + "\n")
    response.content_type = "application/rss+xml; charset=utf-8"
    return response


def list_public_pages(session: Session) -> Iterator[PublicPage]:
    """All pages of the news that strangers find now: the list, the articles, and who wrote them and what about."""
    company = get_company(session)
    codes = company.language_codes
    bare = {language: NEWS[language] for language in codes}
    for language in codes:
        stories = list_stories(session, language, at=utc_now(), size=MOST_PAGES)
        latest = max((story.modified for story in stories), default=None)
        if latest:
            yield PublicPage(NEWS[language], language, TITLES[language], "page", latest, others=bare)
        images = pictures_of(session, stories)
        for story in stories:
            yield PublicPage(
                path=story.path,
                language=language,
                title=story.title,
                kind="article",
                modified=story.modified,
                description=story.description,
                text=in_one_line(story.body),
                picture=picture_of(story),
                edit=office_path("news_office.edit_article", article_id=story.id),
                others={code: path for code, path in story.others.items() if code in codes},
            )
        del images
        yield from _collections(stories, language, codes, company.zone)


def tell_drafts(session: Session) -> Iterator[PageDraft]:
    """The articles that strangers do not see yet."""
    for language in get_company(session).language_codes:
        for story in list_coming(session, language, at=utc_now()):
            edit = office_path("news_office.edit_article", article_id=story.id)
            page = PublicPage(story.path, language, story.title, "article", story.modified, edit=edit)
            yield PageDraft(page, partial(markdown, story.body))


def _collections(stories: list[Story], language: str, codes: tuple[str, ...], zone: ZoneInfo) -> Iterator[PublicPage]:
    latest: dict[Topic | Writer | int, dt.datetime] = {}
    for story in stories:
        places: tuple[Topic | Writer | int, ...] = (
            *story.topics,
            *story.writers,
            story.published.astimezone(zone).year,
        )
        for place in places:
            latest[place] = max(story.modified, latest.get(place, story.modified))
    for each, modified in latest.items():
        if isinstance(each, Topic):
            edit = office_path("news_office.edit_tag", tag_id=each.id)
            yield PublicPage(topic_path(language, each.slug), language, each.name, "page", modified, edit=edit)
        elif isinstance(each, int):
            title = f"{TITLES[language]} {each}"
            yield PublicPage(year_path(language, each), language, title, "page", modified)
        else:
            others = {code: author_path(code, each.slug) for code in codes}
            yield PublicPage(
                others[language],
                language,
                each.name,
                "page",
                modified,
                description=each.about,
                edit=office_path("news_office.authors"),
                others=others,
            )


def picture_of(story: Story) -> str:
    """The path of the picture of an article, "" when it has none."""
    path_of: Any = current_app.jinja_env.globals["picture_path"]
    return str(path_of(story.picture_id)) if story.picture_id else ""


def pictures_of(session: Session, stories: Iterable[Story]) -> Mapping[int, Any]:
    """The images of all these articles, read at once; while they are held, each is found without asking again."""
    return find_images(session, {story.picture_id for story in stories if story.picture_id})


def _collection(
    language: str,
    title: str,
    paths: dict[str, str],
    *conditions: Any,
    template: str,
    description: str = "",
    facts: tuple[dict[str, Any], ...] = (),
    **context: Any,
) -> Response:
    session, now = db.session(), utc_now()
    count = count_stories(session, language, *conditions, at=now)
    page, pages = asked_page(count, PAGE)
    own = in_own_languages(paths)
    crumbs = [home_crumb(language), (str(TITLE), NEWS[language])]
    if paths[language] != NEWS[language]:
        crumbs.append((title, paths[language]))
    if page > 1:
        own = {language: f"{own[language]}?page={page}"}  # pages of two languages do not hold the same articles
        title = _("%(title)s, page %(page)s", title=title, page=page)
    head = Head(
        title=title,
        description=description or _("News from %(name)s", name=g.company.name),
        others=own,
        crumbs=tuple(crumbs),
        facts=facts,
        indexed=count > 0,
    )
    stories = list_stories(session, language, *conditions, at=now, size=PAGE, page=page)
    return share(
        template,
        head,
        until=next_change(session, at=now),
        language=language,
        stories=stories,
        images=pictures_of(session, stories),
        topics=list_topics(session, language, at=now),
        years=list_years(session, language, g.company, at=now),
        base=paths[language],
        number=page,
        pages=pages,
        **context,
    )


def _article(story: Story, *, indexed: bool) -> Response:
    picture = picture_of(story)
    head = Head(
        title=story.title,
        description=story.description,
        others=in_own_languages(story.others) if indexed else {},
        crumbs=(home_crumb(story.language), (str(TITLE), NEWS[story.language]), (story.title, story.path)),
        facts=(_facts(story, picture),) if indexed else (),
        picture=picture,
        kind="article",
        published=story.published,
        modified=story.modified,
        indexed=indexed,
    )
    return share(
        "news/article.html",
        head,
        until=next_change(db.session(), at=utc_now()),
        keep=indexed,
        story=story,
        language=story.language,
        body=under_title(markdown(story.body, ours=True)),
        alike=list_alike(db.session(), story, at=utc_now()) if story.topics else [],
        preview=not indexed,
    )


def _facts(story: Story, picture: str) -> dict[str, Any]:
    """The article for search engines (schema.org NewsArticle), what is not known left out."""
    company: CompanyProfile = g.company
    publisher: dict[str, Any] = {"@type": "Organization", "name": company.name, "url": whole_address("/")}
    people = [
        {"@type": "Person", "name": each.name, "url": whole_address(author_path(story.language, each.slug))}
        for each in story.writers
    ]
    facts: dict[str, Any] = {
        "@type": "NewsArticle",
        "headline": story.title,
        "description": story.description,
        "image": [whole_address(picture)] if picture else [],
        "author": people or [publisher],
        "publisher": publisher,
        "datePublished": story.published.isoformat(),
        "dateModified": story.modified.isoformat(),
        "inLanguage": story.language,
        "keywords": [topic.name for topic in story.topics],
        "mainEntityOfPage": whole_address(story.path),
    }
    return {key: value for key, value in facts.items() if value}


def _whole_links(html: str) -> str:
    """The text with the addresses of this site's own pages written out, as a reader far away needs them."""
    return html.replace('href="/', f'href="{whole_address("/")}')


localized(blueprint, articles, NEWS)
localized(blueprint, feed, FEEDS)
localized(blueprint, article, {code: f"{path}/<slug>" for code, path in NEWS.items()})
localized(blueprint, by_topic, {code: topic_path(code, "<slug>") for code in TOPICS})
localized(blueprint, by_author, {code: author_path(code, "<slug>") for code in AUTHORS})
localized(
    blueprint, by_year, {code: f"{NEWS[code]}/{words}/<int(fixed_digits=4):year>" for code, words in YEARS.items()}
)
localized(blueprint, preview, {code: f"{NEWS[code]}/{words}/<token>" for code, words in PREVIEWS.items()})
