"""What people do with images: upload, describe, replace and delete them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from pathlib import PurePath
from typing import IO, Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.blueprints.media.models import MOST_TAGS, SiteImage
from webapp.blueprints.media.ports import MayKeep
from webapp.blueprints.media.queries import count_same_file, find_same_file, get_image, lock_images
from webapp.blueprints.media.services.files import remove_files
from webapp.blueprints.media.services.reading import CleanImage, read_image
from webapp.blueprints.media.services.renditions import keep_original
from webapp.blueprints.tasks.public import ask
from webapp.core.clock import utc_now
from webapp.core.db import after_commit
from webapp.core.errors import EditConflict, FieldProblems, InUse, NotAllowed
from webapp.core.events import gather
from webapp.core.room import image_uses
from webapp.core.security import Actor
from webapp.core.settings import Settings
from webapp.core.site_events import tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)
LONGEST_NAME = 200
RENDER = "media.render"
RENDER_WAITING = "media.render_waiting"


class CollectionKept(NotAllowed):
    """A collection is kept by others."""

    field = "collection"


def upload_image(
    session: Session,
    *,
    by: Actor,
    settings: Settings,
    filename: str,
    stream: IO[bytes],
    collection: str = "",
    tags: Collection[str] = (),
) -> tuple[SiteImage, bool]:
    """Keep an uploaded image and have its renditions made; the same file is kept once. The image, and whether it is new.

    Raises ImageRefused, CollectionKept.
    """
    clean = read_image(stream)
    known = find_same_file(session, clean.sha256)
    if known is not None:
        return known, False
    _check_collection(session, by, collection)
    image = add_image(session, clean, settings=settings, by=by, name=filename, collection=collection, tags=tags)
    ask_renditions(session, image, by=by)
    tell_of_change(session, by=by, part="image", deed="created", title=image)
    return image, True


def add_image(
    session: Session,
    clean: CleanImage,
    *,
    settings: Settings,
    by: Actor,
    name: str,
    collection: str = "",
    **columns: Any,
) -> SiteImage:
    """A new image of what was read, with its files; `columns` are further ones."""
    keep_original(settings, clean)
    image = SiteImage(
        name=plain_name(name), collection=collection, uploaded_by=by.name[:LONGEST_NAME], **_file_columns(clean), **columns
    )  # fmt: skip
    session.add(image)
    store(session)
    log.info("image %s (%s bytes) added by %s", image.id, clean.byte_count, by.name)
    return image


def replace_image(
    session: Session, *, by: Actor, settings: Settings, image_id: int, version: int, filename: str, stream: IO[bytes]
) -> SiteImage:
    """Put another file in the place of an image that the actor saw as `version`; its number and its texts stay.

    Raises NotFound, EditConflict, ImageRefused, CollectionKept.
    """
    image = _seen(session, by, image_id, version)
    clean = read_image(stream)
    before = image.sha256
    keep_original(settings, clean)
    for column, value in _file_columns(clean).items():
        setattr(image, column, value)
    image.name = plain_name(filename)
    image.focal_x = image.focal_y = 50
    image.ready_at = None
    image.updated_at = utc_now()
    store(session)
    if before != clean.sha256:
        _forget_file(session, settings, before)
    ask_renditions(session, image, by=by)
    tell_of_change(session, by=by, part="image", deed="changed", title=image)
    log.info("image %s replaced by %s", image.id, by.name)
    return image


def update_image(session: Session, *, by: Actor, image_id: int, version: int, values: Mapping[str, Any]) -> SiteImage:
    """Change what is said of the image that the actor saw as `version`; `values` are its columns.

    Raises NotFound, EditConflict, CollectionKept.
    """
    image = _seen(session, by, image_id, version)
    _check_collection(session, by, values.get("collection", ""))
    for column, value in values.items():
        setattr(image, column, value)
    image.updated_at = utc_now()  # so that its version counts though only its tags changed
    store(session)
    tell_of_change(session, by=by, part="image", deed="changed", title=image)
    log.info("image %s changed by %s", image.id, by.name)
    return image


def tag_images(
    session: Session, *, by: Actor, image_ids: Collection[int], put: Collection[str] = (), take: Collection[str] = ()
) -> int:
    """Put tags on images and take others off, as many as an image may have. How many images there were.

    Raises FieldProblems, CollectionKept: then none is changed.
    """
    images = lock_images(session, image_ids)
    for collection in sorted({image.collection for image in images}):
        _check_collection(session, by, collection)
    for image in images:
        image.tags = (set(image.tags) | set(put)) - set(take)
        if len(image.tags) > MOST_TAGS:
            words = _(
                "“%(name)s” would have more than %(most)s tags: take some off first. Nothing was changed.",
                name=image.name,
                most=MOST_TAGS,
            )
            raise FieldProblems({"tags": words})
        image.updated_at = utc_now()
    store(session)
    if images:
        title = images[0] if len(images) == 1 else changed_words(len(images))
        tell_of_change(session, by=by, part="image", deed="changed", title=title)
    log.info("%s images tagged by %s", len(images), by.name)
    return len(images)


def changed_words(count: int) -> str:
    """How many images were changed, in words."""
    return str(ngettext("%(num)s image was changed.", "%(num)s images were changed.", count))


def delete_image(session: Session, *, by: Actor, settings: Settings, image_id: int, version: int) -> None:
    """Delete the image that the actor saw as `version`, and its files after the commit.

    Raises NotFound, EditConflict, CollectionKept, InUse with the places where it is shown.
    """
    image = _seen(session, by, image_id, version)
    if uses := image_uses(session, image_id):
        titles = ", ".join(f"“{title}”" for title, _path in uses[:5])
        raise InUse(_("It is shown in %(places)s: take it out there first.", places=titles))
    sha256, name = image.sha256, image.name
    session.delete(image)
    store(session)
    _forget_file(session, settings, sha256)
    tell_of_change(session, by=by, part="image", deed="deleted", title=name)
    log.info("image %s deleted by %s", image_id, by.name)


def refusals(session: Session, *, by: Actor, collection: str) -> list[str]:
    """Why the actor may not change the images of a collection, in words; those of none are everybody's."""
    return gather(session, MayKeep(by, collection), str) if collection else []


def _seen(session: Session, by: Actor, image_id: int, version: int) -> SiteImage:
    image = get_image(session, image_id, lock=True)
    if image.version != version:
        raise EditConflict
    _check_collection(session, by, image.collection)
    return image


def _check_collection(session: Session, by: Actor, collection: str) -> None:
    if against := refusals(session, by=by, collection=collection):
        raise CollectionKept(against[0])


def ask_renditions(session: Session, image: SiteImage, *, by: Actor) -> None:
    """Have the renditions of an image made by a worker."""
    ask(session, RENDER, {"image_id": image.id}, by=by, key=f"{image.id}:{image.sha256}:{image.version}")


def mark_ready(session: Session, *, image_id: int, sha256: str) -> None:
    """Note that the renditions of this file are made, if the image is still made of it. Its version stays: nobody edited."""
    session.execute(
        update(SiteImage)
        .where(SiteImage.id == image_id, SiteImage.sha256 == sha256)
        .values(ready_at=utc_now(), updated_at=SiteImage.updated_at)
        .execution_options(synchronize_session=False)
    )


def plain_name(filename: str) -> str:
    """The name of an uploaded file as it is shown: without its folders, and no longer than its column."""
    name = PurePath(filename.replace("\\", "/").replace("\x00", "")).name.strip()
    printable = "".join(sign for sign in name if sign.isprintable())
    return printable[-LONGEST_NAME:] or _("without a name")


def _file_columns(clean: CleanImage) -> dict[str, Any]:
    return {name: getattr(clean, name) for name in ("sha256", "type", "byte_count", "width", "height", "transparent")}


def _forget_file(session: Session, settings: Settings, sha256: str) -> None:
    """Remove the files once the transaction is stored, unless another image is made of the same."""
    if count_same_file(session, sha256) == 0:
        after_commit(session, lambda: remove_files(settings, sha256))
