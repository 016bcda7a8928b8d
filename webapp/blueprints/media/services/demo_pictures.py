"""The pictures of the demo company, drawn by the project itself and stored as if somebody had uploaded them."""

from __future__ import annotations

import io

from sqlalchemy.orm import Session

from webapp.blueprints.media.models import SiteImage
from webapp.blueprints.media.queries import find_same_file
from webapp.blueprints.media.services.images import add_image
from webapp.blueprints.media.services.reading import read_image
from webapp.core.security import SYSTEM
from webapp.core.settings import house_settings


def demo_picture(session: Session, name: str) -> int:
    """The number of the demo picture of that name, drawn and stored when it is first asked for."""
    from PIL import Image as Pictures

    into = io.BytesIO()
    Pictures.new("RGB", (160, 107), (31, 78, sum(name.encode()) % 256)).save(into, format="PNG")
    into.seek(0)
    clean = read_image(into)
    known = find_same_file(session, clean.sha256)
    image: SiteImage = known or add_image(session, clean, settings=house_settings(), by=SYSTEM, name=f"{name}.png")
    return image.id
