"""What happens in other rooms and is told to those whose topic it is."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.places.public import ClosedToday
from webapp.blueprints.push.services.messages import send_by_event
from webapp.core.company import get_company


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
