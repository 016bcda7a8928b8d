"""Articles, authors and tags for tests."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from sqlalchemy.orm import Session

from webapp.blueprints.news.models import Article, ArticleTag, Author, State
from webapp.blueprints.news.services.articles import ArticleValues, Plan, Wording, create_article
from webapp.blueprints.news.services.bylines import AuthorValues, TagName, create_author, create_tag
from webapp.core.clock import utc_now
from webapp.core.security import SYSTEM

_numbers = itertools.count(1)
HOUR = dt.timedelta(hours=1)


def make_article(session: Session, title: str = "", *, state: State = State.PUBLISHED, **changes: Any) -> Article:
    """A stored article in Italian and English, published an hour ago unless the test says otherwise."""
    name = title or f"Article {next(_numbers)}"
    words = changes.pop("words", None) or {
        "it": Wording(f"{name} it", body="Testo **forte**."),
        "en": Wording(name, summary=f"About {name}", body="Some **bold** text."),
    }
    begin = changes.pop("publish_at", utc_now() - HOUR)
    plan = Plan(state, begin if state == State.PUBLISHED else None, changes.pop("expires_at", None))
    article = create_article(session, by=SYSTEM, values=ArticleValues(words=words, plan=plan, **changes))
    session.commit()
    return article


def make_author(session: Session, name: str = "", **changes: Any) -> Author:
    """A stored author."""
    author = create_author(session, by=SYSTEM, values=AuthorValues(name or f"Author {next(_numbers)}", **changes))
    session.commit()
    return author


def make_tag(session: Session, italian: str = "", english: str = "") -> ArticleTag:
    """A stored tag with a name in both languages."""
    number = next(_numbers)
    names = {"it": TagName(italian or f"Tema {number}"), "en": TagName(english or f"Topic {number}")}
    tag = create_tag(session, by=SYSTEM, names=names)
    session.commit()
    return tag
