"""The demo company's images, drawn by the project itself, and two galleries."""

from __future__ import annotations

from sqlalchemy import String, cast, insert, select
from sqlalchemy.orm import Session

from webapp.blueprints.media.models import Gallery, GalleryPicture, ImageTag, SiteImage
from webapp.blueprints.media.services.demo_pictures import demo_picture
from webapp.blueprints.media.services.images import RENDER_WAITING
from webapp.blueprints.tasks.public import ask
from webapp.core.security import SYSTEM

GALLERIES = {
    "Il laboratorio": ("workshop", "kiln", "vases", "tiles", "plates", "linen"),
    "La bottega e i sapori": ("shop", "table", "oil", "cheese", "wine", "pasta", "coffee", "arcades", "hills"),
}

MANY = 50_000
PIECE = 5000  # rows in one statement
FILE = ("sha256", "type", "byte_count", "width", "height", "transparent", "ready_at")  # columns that tell of the file


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


def load_large(session: Session) -> None:
    """Store fifty thousand images that show the demo company's own files, some in each collection."""
    real = session.scalars(select(SiteImage).order_by(SiteImage.id)).all()
    files = [{name: getattr(image, name) for name in FILE} for image in real]
    for start in range(0, MANY, PIECE):
        rows = [
            files[number % len(files)]
            | {
                "name": f"Archivio {number:05}",
                "alt_it": f"Un pezzo dell'archivio, il numero {number}",
                "alt_en": f"A piece of the archive, number {number}",
                "collection": f"Archivio {number // 500:03}",
            }
            for number in range(start, start + PIECE)
        ]
        session.execute(insert(SiteImage), rows)
    archive = select(SiteImage.id, "anno " + cast(1950 + SiteImage.id % 70, String)).where(
        SiteImage.collection.like("Archivio %")
    )
    session.execute(insert(ImageTag).from_select(["image_id", "word"], archive))
