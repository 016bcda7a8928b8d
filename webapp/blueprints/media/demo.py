"""The demo company's images, drawn by the project itself, and two galleries."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.blueprints.media.models import Gallery, GalleryPicture
from webapp.blueprints.media.services.demo_pictures import demo_picture
from webapp.blueprints.media.services.images import RENDER_WAITING
from webapp.blueprints.tasks.public import ask
from webapp.core.security import SYSTEM

GALLERIES = {
    "Il laboratorio": ("workshop", "kiln", "vases", "tiles", "plates", "linen"),
    "La bottega e i sapori": ("shop", "table", "oil", "cheese", "wine", "pasta", "coffee", "arcades", "hills"),
}


def load_demo(session: Session) -> None:
    """Store the images with what is said of them, the galleries, and have the renditions made."""
    for name, pictures in GALLERIES.items():
        gallery = Gallery(name=name)
        gallery.pictures = [
            GalleryPicture(image_id=demo_picture(session, each), place=place) for place, each in enumerate(pictures)
        ]
        session.add(gallery)
    session.flush()
    ask(session, RENDER_WAITING, {}, by=SYSTEM)
