"""What happens in other rooms and is told to those whose topic it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.news.public import Article
from webapp.blueprints.places.public import ClosedToday
from webapp.blueprints.push.services.messages import send_by_event
from webapp.core.company import get_company

NEW = dt.timedelta(hours=24)  # an article that is older when somebody looks is not news any more
PUBLISHED = "published"


def tell_closed(session: Session, event: ClosedToday, *, links: Mapping[str, str]) -> list[int]:
    """Tell that a site stays closed today, once a day and site; the numbers of the messages."""
    titles, bodies = {}, {}
    for language in get_company(session).language_codes:
        with force_locale(language):
            name = event.names.get(language) or next((text for text in event.names.values() if text), "")
            titles[language] = _("Closed today: %(name)s", name=name)
            bodies[language] = event.words.get(language, "") or _("We are closed for the rest of the day.")
    cause = f"places:{event.site_id}:{event.day.isoformat()}"
    return send_by_event(session, "closed", cause=cause, titles=titles, bodies=bodies, links=links)


def tell_news(session: Session, now: dt.datetime, path_of: Callable[[str, str], str]) -> list[int]:
    """Tell of the articles that came out lately, each once; `path_of` a language and a slug. The numbers of the messages.

    Articles come out by the clock, and no row changes then: whoever looks finds them.
    """
    lately = (Article.state == PUBLISHED, Article.publish_at <= now, Article.publish_at > now - NEW)
    alive = Article.expires_at.is_(None) | (Article.expires_at > now)
    languages = get_company(session).language_codes
    sent: list[int] = []
    for article in session.scalars(select(Article).where(*lately, alive).order_by(Article.publish_at, Article.id)):
        words = {language: article.words[language] for language in languages if language in article.words}
        sent += send_by_event(
            session,
            "news",
            cause=f"news:{article.id}",
            titles={language: each.title for language, each in words.items()},
            bodies={language: each.summary for language, each in words.items()},
            links={language: path_of(language, each.slug) for language, each in words.items()},
        )
    return sent
