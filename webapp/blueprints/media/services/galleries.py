"""What people do with galleries: name them, fill them, order and describe what is in them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.media.models import Gallery, GalleryPicture
from webapp.blueprints.media.queries import find_images, get_gallery
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, EditConflict
from webapp.core.security import Actor
from webapp.core.site_events import tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)
MOST_PICTURES = 500


class GalleryNameTaken(DomainError):
    """Another gallery has this name."""

    field = "name"

    def __init__(self) -> None:
        super().__init__(_("Another gallery has this name."))


class GalleryFull(DomainError):
    """No more images fit into a gallery."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("A gallery holds %(count)s images at most.", count=MOST_PICTURES))


PROBLEMS = {"uq_media_galleries_name": GalleryNameTaken}


def create_gallery(session: Session, *, by: Actor, name: str) -> Gallery:
    """A new gallery without images. Raises GalleryNameTaken."""
    gallery = Gallery(name=name)
    session.add(gallery)
    store(session, PROBLEMS)
    tell_of_change(session, by=by, part="gallery", deed="created", title=gallery)
    log.info("gallery %s created by %s", gallery.id, by.name)
    return gallery


def rename_gallery(session: Session, *, by: Actor, gallery_id: int, version: int, name: str) -> Gallery:
    """Rename the gallery that the actor saw as `version`. Raises NotFound, EditConflict, GalleryNameTaken."""
    gallery = _seen(session, gallery_id, version)
    gallery.name = name
    store(session, PROBLEMS)
    tell_of_change(session, by=by, part="gallery", deed="changed", title=gallery)
    log.info("gallery %s renamed by %s", gallery.id, by.name)
    return gallery


def delete_gallery(session: Session, *, by: Actor, gallery_id: int, version: int) -> None:
    """Delete the gallery that the actor saw as `version`; its images stay. Raises NotFound, EditConflict."""
    gallery = _seen(session, gallery_id, version)
    name = gallery.name
    session.delete(gallery)
    store(session)
    tell_of_change(session, by=by, part="gallery", deed="deleted", title=name)
    log.info("gallery %s deleted by %s", gallery_id, by.name)


def add_pictures(session: Session, *, by: Actor, gallery_id: int, images: Sequence[int], more: bool = False) -> int:
    """Put images behind those that a gallery has; the ones that are in it stay where they are. How many are new.

    Of what goes on (`more`) nobody is told again. Raises NotFound, GalleryFull.
    """
    gallery = get_gallery(session, gallery_id, lock=True)
    there = {picture.image_id for picture in gallery.pictures}
    known = find_images(session, images)
    wanted = [number for number in dict.fromkeys(images) if number in known and number not in there]
    if not wanted:
        return 0
    if len(there) + len(wanted) > MOST_PICTURES:
        raise GalleryFull
    begin = max((picture.place for picture in gallery.pictures), default=-1) + 1
    gallery.pictures.extend(GalleryPicture(image_id=number, place=begin + step) for step, number in enumerate(wanted))
    _touch(session, gallery)
    if not more:
        tell_of_change(session, by=by, part="gallery", deed="changed", title=gallery)
    log.info("%s images put into gallery %s by %s", len(wanted), gallery_id, by.name)
    return len(wanted)


def take_picture_out(session: Session, *, by: Actor, gallery_id: int, picture_id: int) -> None:
    """Take an image out of a gallery. One that is not in it (any more) is none. Raises NotFound for the gallery."""
    gallery = get_gallery(session, gallery_id, lock=True)
    gallery.pictures = [picture for picture in gallery.pictures if picture.id != picture_id]
    _touch(session, gallery)
    tell_of_change(session, by=by, part="gallery", deed="changed", title=gallery)
    log.info("picture %s taken out of gallery %s by %s", picture_id, gallery_id, by.name)


def order_pictures(
    session: Session, *, by: Actor, gallery_id: int, order: Sequence[int], move: tuple[int, str] | None = None
) -> None:
    """Bring the images into this order (of their numbers in the gallery), then `move` one of them up, down or first.

    What is not named keeps its order behind the others. Raises NotFound.
    """
    gallery = get_gallery(session, gallery_id, lock=True)
    wish = {number: place for place, number in enumerate(dict.fromkeys(order))}
    ordered = sorted(gallery.pictures, key=lambda picture: (wish.get(picture.id, len(wish)), picture.place, picture.id))
    if move:
        at = next((place for place, picture in enumerate(ordered) if picture.id == move[0]), None)
        if at is not None:
            to = {"up": max(at - 1, 0), "down": min(at + 1, len(ordered) - 1), "first": 0}.get(move[1], at)
            ordered.insert(to, ordered.pop(at))
    for place, picture in enumerate(ordered):
        picture.place = place
    _touch(session, gallery)
    session.expire(gallery, ["pictures"])
    tell_of_change(session, by=by, part="gallery", deed="ordered", title=gallery)
    log.info("gallery %s ordered by %s", gallery_id, by.name)


def describe_picture(
    session: Session, *, by: Actor, gallery_id: int, picture_id: int, captions: Mapping[str, str]
) -> None:
    """Give an image its captions in a gallery, by language; "" is its own again. Raises NotFound for the gallery."""
    gallery = get_gallery(session, gallery_id, lock=True)
    for picture in gallery.pictures:
        if picture.id == picture_id:
            for language, words in captions.items():
                setattr(picture, f"caption_{language}", words)
    _touch(session, gallery)
    tell_of_change(session, by=by, part="gallery", deed="changed", title=gallery)
    log.info("picture %s of gallery %s described by %s", picture_id, gallery_id, by.name)


def _seen(session: Session, gallery_id: int, version: int) -> Gallery:
    gallery = get_gallery(session, gallery_id, lock=True)
    if gallery.version != version:
        raise EditConflict
    return gallery


def _touch(session: Session, gallery: Gallery) -> None:
    """What is in it changed: so did the gallery."""
    gallery.updated_at = utc_now()
    store(session)
