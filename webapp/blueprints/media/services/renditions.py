"""Making renditions: the quick ones at upload, all of them by a task."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from webapp.blueprints.media.models import SiteImage, formats_of, plain_format, quick_width, widths_of
from webapp.blueprints.media.services.files import original_file, rendition_file, write_file
from webapp.blueprints.media.services.reading import CleanImage, encoded
from webapp.blueprints.media.settings import THUMBNAIL_WIDTH
from webapp.core.settings import Settings

if TYPE_CHECKING:
    from PIL import Image as Pictures

QUALITY = {"avif": 63, "webp": 78, "jpg": 80, "png": 0}


@dataclass(frozen=True)
class Source:
    """What renditions are made of: the columns of an image that say it."""

    sha256: str
    width: int
    height: int
    transparent: bool

    @classmethod
    def of(cls, image: SiteImage | CleanImage) -> Source:
        """That of an image."""
        return cls(image.sha256, image.width, image.height, image.transparent)


def keep_original(settings: Settings, clean: CleanImage) -> None:
    """Keep an uploaded image with the two renditions that are shown until the others are made."""
    write_file(original_file(settings, clean.sha256, transparent=clean.transparent), clean.content)
    from PIL import Image as Pictures

    ending = plain_format(transparent=clean.transparent)
    with Pictures.open(io.BytesIO(clean.content)) as opened:
        largest = quick_width(clean.width)
        opened.draft("RGB", (largest, max(1, clean.height * largest // clean.width)))
        opened.load()
        for width in sorted({largest, min(THUMBNAIL_WIDTH, clean.width)}):
            _write(settings, Source.of(clean), _resized(opened, Source.of(clean), width), width, ending)


def steps_of(source: Source) -> int:
    """How many renditions an image has."""
    return len(widths_of(source.width)) * len(formats_of(transparent=source.transparent))


def make_renditions(settings: Settings, source: Source, tell: Callable[[int], None] = lambda _done: None) -> int:
    """Make all renditions of an image anew; `tell` hears how many are made. Answers how many bytes they are.

    Raises FileNotFoundError when its original is not there.
    """
    from PIL import Image as Pictures

    size = 0
    with Pictures.open(original_file(settings, source.sha256, transparent=source.transparent)) as opened:
        opened.load()
        picture: Pictures.Image = opened
        done = 0
        for width in reversed(widths_of(source.width)):  # each is made of the one above
            picture = _resized(picture, source, width)
            for ending in formats_of(transparent=source.transparent):
                size += _write(settings, source, picture, width, ending)
                done += 1
                tell(done)
    return size


def missing_renditions(settings: Settings, source: Source) -> Iterator[Path]:
    """The files that should be there and are not."""
    for width in widths_of(source.width):
        for ending in formats_of(transparent=source.transparent):
            path = rendition_file(settings, source.sha256, width, ending)
            if not path.exists():
                yield path


def height_at(source: Source, width: int) -> int:
    """How high an image is at that width."""
    return max(1, round(source.height * width / source.width))


def _resized(picture: Pictures.Image, source: Source, width: int) -> Pictures.Image:
    from PIL import Image as Pictures

    size = (width, height_at(source, width))
    if picture.size == size:
        return picture
    return picture.resize(size, Pictures.Resampling.LANCZOS, reducing_gap=3.0)


def _write(settings: Settings, source: Source, picture: Pictures.Image, width: int, ending: str) -> int:
    content = encoded(picture, ending, QUALITY[ending])
    write_file(rendition_file(settings, source.sha256, width, ending), content)
    return len(content)
