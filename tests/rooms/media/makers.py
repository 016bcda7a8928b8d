"""Images for tests, made by Pillow here and now."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image as Pictures
from sqlalchemy.orm import Session

from webapp.blueprints.media.models import SiteImage
from webapp.blueprints.media.services.images import add_image
from webapp.blueprints.media.services.reading import read_image
from webapp.core.security import SYSTEM
from webapp.core.settings import house_settings


def file_of(
    size: tuple[int, int] = (40, 30),
    format: str = "PNG",
    *,
    mode: str = "RGB",
    colour: Any = None,
    **options: Any,
) -> bytes:
    """The bytes of an image."""
    into = io.BytesIO()
    Pictures.new(mode, size, colour if colour is not None else 0).save(into, format=format, **options)
    return into.getvalue()


def make_image(
    session: Session, *, size: tuple[int, int] = (400, 300), colour: Any = (9, 9, 9), **columns: Any
) -> SiteImage:
    """A stored image with its quick renditions."""
    columns = {"name": "photo.png"} | columns
    clean = read_image(io.BytesIO(file_of(size, mode="RGBA" if len(colour) == 4 else "RGB", colour=colour)))
    return add_image(session, clean, settings=house_settings(), by=SYSTEM, **columns)
