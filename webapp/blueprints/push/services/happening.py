"""What happens in other rooms and is told to those whose topic it is."""

from __future__ import annotations

import datetime as dt

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.push.services.messages import send_by_event
from webapp.core.company import get_company
from webapp.core.events import gather
from webapp.core.site_events import CameOut, ClosedToday, WhatCameOut

NEW = dt.timedelta(hours=24)  # an article that is older when somebody looks is not news any more


def tell_closed(session: Session, event: ClosedToday) -> list[int]:
    """Tell that a site stays closed today, once a day and site; the numbers of the messages."""
    titles, bodies = {}, {}
    for language in get_company(session).language_codes:
        with force_locale(language):
            name = event.names.get(language) or next((text for text in event.names.values() if text), "")
            titles[language] = _("Closed today: %(name)s", name=name)
            bodies[language] = event.words.get(language, "") or _("We are closed for the rest of the day.")
    cause = f"places:{event.site_id}:{event.day.isoformat()}"
    return send_by_event(session, "closed", cause=cause, titles=titles, bodies=bodies, links=event.paths)


def tell_news(session: Session, now: dt.datetime) -> list[int]:
    """Tell of what came out lately, each once; the numbers of the messages.

    It comes out by the clock, and no row changes then: whoever asks finds it.
    """
    sent: list[int] = []
    for each in gather(session, WhatCameOut(after=now - NEW, until=now), CameOut):
        sent += send_by_event(
            session, "news", cause=each.cause, titles=each.titles, bodies=each.words, links=each.paths
        )
    return sent
