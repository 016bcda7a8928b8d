"""What happens in other rooms is told to those whose topic it is, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.places.makers import make_site
from tests.rooms.push.conftest import Register, make_topic, work
from tests.rooms.push.service import PushService
from tests.rooms.tasks.in_hand import TaskInHand
from webapp.blueprints.news.models import Article, ArticleWords
from webapp.blueprints.push.demo import load_demo
from webapp.blueprints.push.models import PushMessage, PushTopic
from webapp.blueprints.push.services.happening import tell_news
from webapp.blueprints.push.tasks import look_for_news
from webapp.core.clock import utc_now
from webapp.core.events import announce
from webapp.core.site_events import ClosedToday

PATHS = {"it": "/it/dove-siamo", "en": "/en/find-us"}
CLOSED = ClosedToday(1, dt.date(2026, 11, 22), {"it": "Negozio", "en": "Shop"}, {"it": "Lutto", "en": ""}, PATHS)


def told(session: Session) -> list[PushMessage]:
    session.expire_all()
    return list(session.scalars(select(PushMessage).order_by(PushMessage.id)))


def make_article(session: Session, *, age: dt.timedelta, slug: str, **changes: Any) -> Article:
    words = {
        language: ArticleWords(language=language, slug=slug, title=f"{slug} {language}", summary="x" * 300)
        for language in ("it", "en")
    }
    article = Article(state="published", publish_at=utc_now() - age, words=words, **changes)
    session.add(article)
    session.flush()
    return article


def test_a_site_that_stays_closed_today_is_told_once_with_the_way_to_the_hours(
    session: Session, register: Register
) -> None:
    register("phone", make_topic(session, event="closed"))
    announce(session, CLOSED)
    announce(session, CLOSED)
    (message,) = told(session)
    assert message.titles["en"] == "Closed today: Shop"
    assert message.bodies["it"] == "Lutto"
    assert message.bodies["en"] == "We are closed for the rest of the day."
    assert message.links == PATHS
    assert message.state == "sending"


def test_the_button_that_closes_today_reaches_a_telephone_once(
    session: Session, register: Register, service: PushService, fill: Callable[..., TestResponse]
) -> None:
    load_demo(session)
    register("phone", session.scalars(select(PushTopic).where(PushTopic.event == "closed")).one())
    site = make_site(session, main=True)
    session.commit()
    door = f"/backoffice/site/places/sites/{site.id}/hours/closed-today"
    for _again in range(2):
        assert fill(door, {"words_it": "", "words_en": "A fault in the kiln"}).status_code == 303
    (message,) = [each for each in told(session) if each.state == "sending"]
    work(message)
    (received,) = service.received
    assert received.device == "phone"
    assert {name: received.content[name] for name in ("title", "body", "link")} == {
        "title": "Closed today: Shop",
        "body": "A fault in the kiln",
        "link": "/en/find-us",
    }


def test_where_nobody_wants_it_or_no_topic_is_for_it_nothing_is_told(session: Session, register: Register) -> None:
    make_topic(session, event="closed")
    register("phone", make_topic(session, event="news"))
    announce(session, CLOSED)
    assert told(session) == []


def test_a_new_article_is_told_once_an_old_planned_or_withdrawn_one_never(session: Session, register: Register) -> None:
    register("phone", make_topic(session, event="news"))
    hour = dt.timedelta(hours=1)
    make_article(session, age=hour, slug="new")
    make_article(session, age=30 * hour, slug="old")
    make_article(session, age=-hour, slug="planned")
    make_article(session, age=hour, slug="over", expires_at=utc_now() - hour / 2)
    make_article(session, age=hour, slug="draft").state = "draft"
    session.commit()
    look_for_news(TaskInHand(), {})
    look_for_news(TaskInHand(), {})
    (message,) = told(session)
    assert message.titles == {"it": "new it", "en": "new en"}
    assert message.links == {"it": "/it/notizie/new", "en": "/en/news/new"}
    assert len(message.bodies["it"]) <= 300
    later = tell_news(session, utc_now() + 2 * hour)
    assert [session.get_one(PushMessage, number).titles["en"] for number in later] == ["planned en"]
