"""The demo company's topics, its key, and a notification that waits to be sent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.blueprints.push.models import Audience
from webapp.blueprints.push.services.keys import ensure_key
from webapp.blueprints.push.services.messages import save_message
from webapp.blueprints.push.services.topics import save_topic
from webapp.core.security import SYSTEM

TOPICS = (
    ("closed", "Apertura", "Opening hours", "Quando il negozio deve restare chiuso per la giornata", "When the shop has to stay closed for the day"),
    ("news", "Novità", "News", "Nuovi arrivi, mostre e incontri con i ceramisti", "New arrivals, exhibitions and evenings with the potters"),
    ("", "Offerte", "Offers", "Qualche volta all'anno, mai più di una al mese", "A few times a year, never more than one a month"),
)  # fmt: skip


def load_demo(session: Session) -> None:
    """Store them."""
    ensure_key(session)
    for event, name_it, name_en, about_it, about_en in TOPICS:
        values = {
            "names": {"it": name_it, "en": name_en},
            "descriptions": {"it": about_it, "en": about_en},
            "event": event,
            "offered": True,
        }
        offers = save_topic(session, by=SYSTEM, values=values)
    save_message(
        session,
        by=SYSTEM,
        values={
            "titles": {"it": "Sabato: piatti di seconda scelta", "en": "Saturday: seconds from the kiln"},
            "bodies": {
                "it": "Dalle 9 alle 13, in negozio: ceramiche con un piccolo difetto a metà prezzo.",
                "en": "From 9 to 13 in the shop: ceramics with a small flaw at half the price.",
            },
            "links": {},
            "audience": Audience.TOPIC.value,
            "topic_id": offers.id,
        },
    )
