"""Images on the pages of the public site: the files that are sent, and `picture` and `picture_path` for templates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Flask, abort, g, send_file
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from webapp.blueprints.media.models import (
    SiteImage,
    formats_of,
    plain_format,
    quick_width,
    rendition_path,
    widths_of,
)
from webapp.blueprints.media.queries import find_image, find_images, list_choices, tag_words
from webapp.blueprints.media.settings import FOCAL_STEP, TYPES, renditions_folder
from webapp.core.assets import FOR_GOOD
from webapp.core.db import db
from webapp.core.i18n import choose_language
from webapp.core.security import public
from webapp.core.settings import house_settings

blueprint = Blueprint("pictures", __name__, url_prefix="/media")
FOLDER = re.compile(r"[0-9a-f]{2}")
FILE = re.compile(r"[0-9a-f]{32}-[0-9]{1,4}\.(avif|webp|jpg|png)")
TYPE_OF = {"avif": TYPES["AVIF"], "webp": TYPES["WEBP"], "jpg": TYPES["JPEG"], "png": TYPES["PNG"]}
MIDDLE = 50


@blueprint.get("/<folder>/<name>")
@public
def rendition(folder: str, name: str) -> Response:
    """A rendition, to be kept for good: another image has another name."""
    if not FOLDER.fullmatch(folder) or not FILE.fullmatch(name):
        abort(404)
    path = renditions_folder(house_settings()) / folder / name
    if not path.is_file():
        abort(404)
    kind = TYPE_OF[name.rpartition(".")[2]]
    response = send_file(path, mimetype=kind, conditional=True, etag=True, max_age=FOR_GOOD)
    response.headers["Cache-Control"] = f"public, max-age={FOR_GOOD}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def set_up_pictures(app: Flask) -> None:
    """Give templates `picture` and `picture_path`, and what the macros of `ui/pictures.html` ask for."""
    app.jinja_env.globals.update(
        picture=picture,
        picture_path=picture_path,
        thumbnail_path=thumbnail_path,
        known_image=known_image,
        newest_images=newest_images,
        number_of_choice=number_of_choice,
    )


def known_image(number: Any) -> SiteImage | None:
    """The image of that number, read once for an answer; None for what is no number of an image."""
    known = remembered()
    key = _number(number)
    if key is None:
        return None
    if key not in known:
        known[key] = find_image(db.session(), key)
    return known[key]


def remember_images(numbers: Iterable[Any]) -> None:
    """Read all these images at once, for the `picture` of each that follows."""
    known = remembered()
    wanted = {key for number in numbers if (key := _number(number)) is not None and key not in known}
    found = find_images(db.session(), wanted)
    known.update({key: found.get(key) for key in wanted})


def remembered() -> dict[int, SiteImage | None]:
    """The images that were read for this answer, by number."""
    if "media_images" not in g:
        g.media_images = {}
    images: dict[int, SiteImage | None] = g.media_images
    return images


def newest_images() -> dict[str, Any]:
    """What a form offers to choose from, asked for once however many fields of it do."""
    if "media_newest" not in g:
        found, following = list_choices(db.session())
        remembered().update({image.id: image for image in found})
        g.media_newest = {"found": found, "following": following, "tags": tag_words(db.session())}
    newest: dict[str, Any] = g.media_newest
    return newest


def number_of_choice() -> int:
    """Another number each time it is asked for in an answer: ids of a page are unique."""
    g.media_choice = g.get("media_choice", 0) + 1
    return int(g.media_choice)


def picture(number: Any, sizes: str = "100vw", css: str = "", *, eager: bool = False) -> Markup:
    """The `<picture>` of an image in all its formats and widths, "" when there is none of that number.

    `sizes` says how wide it is on the page, `css` are classes of the `<img>`. The first one on a page is `eager`; the
    others are read when they come near.
    """
    image = known_image(number)
    if image is None:
        return Markup("")
    plain = plain_format(transparent=image.transparent)
    ready = image.ready_at is not None
    sources = Markup("")
    if ready:
        for ending in formats_of(transparent=image.transparent)[:-1]:
            sources += Markup('<source type="{}" srcset="{}" sizes="{}" />').format(
                TYPE_OF[ending], _srcset(image, ending), sizes
            )
    attributes: dict[str, Any] = {
        "src": rendition_path(image.sha256, quick_width(image.width), plain),
        "srcset": _srcset(image, plain) if ready else "",
        "sizes": sizes if ready else "",
        "width": image.width,
        "height": image.height,
        "class": " ".join(filter(None, (css, *focal_classes(image)))),
        "loading": "" if eager else "lazy",
        "fetchpriority": "high" if eager else "",
        "decoding": "async",
    }
    words = Markup(" ").join(Markup('{}="{}"').format(name, value) for name, value in attributes.items() if value)
    alternative = escape(image.alternative(choose_language()))
    return Markup('<picture>{}<img {} alt="{}" /></picture>').format(sources, words, alternative)


def picture_path(number: Any, width: int = 1200) -> str:
    """The path of an image in the format that all understand, at least so wide if it is; "" when there is none."""
    image = known_image(number)
    if image is None:
        return ""
    plain = plain_format(transparent=image.transparent)
    return path_of(image.sha256, image.width, plain, width, ready=image.ready_at is not None)


def thumbnail_path(row: Any) -> str:
    """The path of the small picture of an image, or of a row of the list of images."""
    width = getattr(row, "own_width", None) or row.width
    return path_of(row.sha256, width, plain_format(transparent=row.transparent), 320, ready=True)


def path_of(sha256: str, own_width: int, ending: str, wanted: int, *, ready: bool) -> str:
    """The path of the narrowest rendition that is at least `wanted` pixels wide, else of the widest."""
    there = widths_of(own_width) if ready else (quick_width(own_width),)
    return rendition_path(sha256, next((each for each in there if each >= wanted), there[-1]), ending)


def plain_of(image: SiteImage) -> str:
    """The format of an image that every browser understands."""
    return plain_format(transparent=image.transparent)


def focal_classes(image: SiteImage) -> tuple[str, ...]:
    """The classes that keep the focal point in sight where an image is cropped; none for the middle."""
    places = (("x", image.focal_x), ("y", image.focal_y))
    stepped = [(axis, round(value / FOCAL_STEP) * FOCAL_STEP) for axis, value in places]
    named = tuple(f"focal-{axis}-{value}" for axis, value in stepped if value != MIDDLE)
    return ("focal", *named) if named else ()


def _srcset(image: SiteImage, ending: str) -> str:
    widths = widths_of(image.width)
    return ", ".join(f"{rendition_path(image.sha256, width, ending)} {width}w" for width in widths)


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
