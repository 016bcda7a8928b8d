"""The news room: articles of the public site, with authors, tags and a feed."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.blueprints.news.admin import admin_views
from webapp.blueprints.news.demo import load_demo
from webapp.blueprints.news.permissions import TITLES
from webapp.blueprints.news.permissions import NewsPermission as May
from webapp.blueprints.news.queries.site import came_out, latest_stories, next_change, opens_path, topic_options
from webapp.blueprints.news.views import bylines as _bylines  # noqa: F401 - its pages belong to the blueprint of office
from webapp.blueprints.news.views.office import blueprint as office
from webapp.blueprints.news.views.site import blueprint as site
from webapp.blueprints.news.views.site import feed_link, list_public_pages, tell_drafts
from webapp.core.clock import utc_now
from webapp.core.events import listen
from webapp.core.page_cache import holds_until
from webapp.core.room import SITE_SECTION, MenuEntry, Panel, Room
from webapp.core.site import BlockField, BlockKind
from webapp.core.site_events import WhatCameOut


def _latest(session: Session, values: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    stories, more = latest_stories(session, language, count=values.get("count") or 3, topic=values.get("topic") or "")
    holds_until(next_change(session, at=utc_now()))
    return {"stories": stories, "more": more}


def set_up(app: Flask) -> None:
    """Tell what came out to whoever asks."""
    listen(app, WhatCameOut, came_out)


BLOCK = BlockKind(
    name="news",
    title=_l("News"),
    icon="note",
    template="news/blocks/_news.html",
    fields=(
        BlockField("title", _l("Title")),
        BlockField("count", _l("How many"), "number", least=1, most=12, default=3),
        BlockField("topic", _l("Only with this tag"), "choice", choices=topic_options),
    ),
    context=_latest,
    order=60,
)

room = Room(
    name="news",
    title=_l("News"),
    requires=("media",),
    admin_views=admin_views,
    blueprints=(site, office),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May), "viewer": frozenset({May.ARTICLES_READ})},
    menu=(MenuEntry(_l("News"), "news_office.articles", May.ARTICLES_READ, "note", 31, SITE_SECTION),),
    panels=(Panel("site.head", "", feed_link),),
    setup=set_up,
    blocks=(BLOCK,),
    public_pages=list_public_pages,
    drafts=tell_drafts,
    opens_path=opens_path,
    shows=(
        "news_articles",
        "news_article_words",
        "news_bylines",
        "news_article_tags",
        "news_authors",
        "news_tags",
        "news_tag_words",
    ),
    demo=load_demo,
)
