"""Questions about images: which there are, which may be chosen, and who starts from them."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Image, Notebook
from webapp.core.errors import NotFound


def list_images(session: Session) -> Sequence[Image]:
    """All images of the list, by name."""
    return session.scalars(select(Image).order_by(func.lower(Image.name), Image.id)).all()


def list_open_images(session: Session) -> Sequence[Image]:
    """Those that a new notebook may start from, by name."""
    return session.scalars(select(Image).where(Image.open).order_by(func.lower(Image.name), Image.id)).all()


def get_image(session: Session, image_id: int, *, lock: bool = False) -> Image:
    """The image of that number. Raises NotFound."""
    asked = select(Image).where(Image.id == image_id)
    image = session.scalars(asked.with_for_update() if lock else asked).one_or_none()
    if image is None:
        raise NotFound(_("This image is not on the list, or not any more."))
    return image


def find_image_by_name(session: Session, name: str) -> Image | None:
    """The image of that name."""
    return session.scalars(select(Image).where(Image.name == name)).one_or_none()


def find_image_by_reference(session: Session, reference: str) -> Image | None:
    """The first image on the list with that reference."""
    return session.scalars(select(Image).where(Image.reference == reference).order_by(Image.id)).first()


def count_notebooks(session: Session) -> dict[int, int]:
    """How many notebooks start from each image, by its number."""
    counted = select(Notebook.image_id, func.count(Notebook.id).label("notebooks")).group_by(Notebook.image_id)
    return {row.image_id: row.notebooks for row in session.execute(counted)}


def tool_image(session: Session) -> str | None:
    """An image that the engine has and the owner trusts: what the keeper measures volumes with."""
    asked = select(Image.reference).where(Image.present.is_(True)).order_by(Image.id)
    return session.scalars(asked.limit(1)).one_or_none()
