"""The blocks that the room offers to public pages: one image, and a gallery with its lightbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from webapp.blueprints.media.models import SiteImage
from webapp.blueprints.media.queries import (
    find_gallery_pictures,
    first_gallery,
    galleries_with,
    gallery_names,
)
from webapp.blueprints.media.views.pictures import known_image, path_of, plain_of, remember_images, remembered
from webapp.core.forms import whole_number
from webapp.core.site import BlockField, BlockKind, Values

LIGHTBOX_WIDTH = 1920


class Shown(NamedTuple):
    """An image in a gallery: its number, the words below it, and where it is in its full width."""

    number: int
    caption: str
    credit: str
    alternative: str
    full: str


def image_block(_session: Any, values: Values, language: str) -> Mapping[str, Any]:
    """The image of a block, with the words below it."""
    image = known_image(values.get("image"))
    caption = str(values.get("caption") or "") or (image.caption(language) if image else "")
    return {"image": image, "caption": caption}


def gallery_block(session: Any, values: Values, language: str) -> Mapping[str, Any]:
    """The images of a block: those of the chosen gallery, or those chosen one by one; of the first gallery for no choice."""
    numbers = values.get("images") or ()
    chosen = whole_number(values.get("gallery") or (None if numbers else first_gallery(session)))
    if chosen is not None:
        placed = find_gallery_pictures(session, chosen)
        remembered().update({each.image_id: each.image for each in placed})
        return {"shown": [_shown(each.image, each.caption(language), language) for each in placed]}
    remember_images(numbers)
    images = [image for number in numbers if (image := known_image(number))]
    return {"shown": [_shown(image, image.caption(language), language) for image in images]}


def uses_of(session: Any, number: int) -> Iterable[tuple[str, str]]:
    """The galleries that an image is in."""
    for gallery_id, name in galleries_with(session, number):
        yield str(_l("the gallery %(name)s", name=name)), f"/backoffice/site/galleries/{gallery_id}/"


def _shown(image: SiteImage, caption: str, language: str) -> Shown:
    full = path_of(image.sha256, image.width, plain_of(image), LIGHTBOX_WIDTH, ready=image.ready_at is not None)
    return Shown(image.id, caption, image.credit, image.alternative(language), full)


def _galleries(session: Any, _language: str) -> list[tuple[str, str]]:
    return gallery_names(session)


def _widths(_session: Any, _language: str) -> list[tuple[str, str]]:
    return [
        ("normal", str(_l("As wide as the text"))),
        ("narrow", str(_l("Narrower than the text"))),
        ("wide", str(_l("Wider than the text"))),
        ("full", str(_l("As wide as the window"))),
    ]


def _looks(_session: Any, _language: str) -> list[tuple[str, str]]:
    return [("grid", str(_l("Grid"))), ("slider", str(_l("Row that is moved sideways")))]


def _words_of_image(values: Values) -> str:
    return f"{values.get('title') or ''} {values.get('caption') or ''}".strip()


def _words_of_gallery(values: Values) -> str:
    return str(values.get("title") or "")


BLOCKS = (
    BlockKind(
        name="image",
        title=_l("Image"),
        icon="photo",
        template="media/blocks/_image.html",
        fields=(
            BlockField("title", _l("Heading"), most=120),
            BlockField("image", _l("Image"), "image", required=True),
            BlockField("caption", _l("Caption"), most=500, help=_l("Empty: the caption that the image has.")),
            BlockField("width", _l("Width"), "choice", choices=_widths, default="normal"),
        ),
        context=image_block,
        words=_words_of_image,
        order=30,
    ),
    BlockKind(
        name="gallery",
        title=_l("Gallery"),
        icon="photo",
        template="media/blocks/_gallery.html",
        fields=(
            BlockField("title", _l("Heading"), most=120),
            BlockField("gallery", _l("Gallery"), "choice", choices=_galleries),
            BlockField(
                "images",
                _l("Images"),
                "images",
                help=_l("Shown where no gallery is chosen; without any, the first gallery is."),
            ),
            BlockField("look", _l("Arrangement"), "choice", choices=_looks, default="grid"),
        ),
        context=gallery_block,
        words=_words_of_gallery,
        order=31,
    ),
)
