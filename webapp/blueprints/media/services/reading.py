"""Reading an uploaded image: its type by its content, its size before it is decoded, and nothing kept but what is seen.

Pillow is imported where it is used: a web process at rest does not carry it.
"""

from __future__ import annotations

import hashlib
import io
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from webapp.blueprints.media.settings import LONGEST_SIDE, MEGABYTES, PIXELS, TYPES
from webapp.core.errors import DomainError

if TYPE_CHECKING:
    from PIL import Image as Pictures

ONE_AT_A_TIME = threading.Lock()  # a decoded image is large, and a process has several threads
JPEG_QUALITY = 92  # of what is kept


class ImageRefused(DomainError):
    """The file is no image that is taken; the sentence says why."""

    status = 422
    field = "files"


@dataclass(frozen=True)
class CleanImage:
    """An image as it is kept: upright, in sRGB, without metadata; `content` is a JPEG, or a PNG if it is `transparent`.

    `sha256`, `byte_count` and `type` are those of the file that it was read from.
    """

    sha256: str
    type: str
    byte_count: int
    width: int
    height: int
    transparent: bool
    content: bytes


def read_image(stream: IO[bytes]) -> CleanImage:
    """Read an uploaded file. Raises ImageRefused with a sentence for people."""
    content = stream.read(MEGABYTES * 1024 * 1024 + 1)
    if len(content) > MEGABYTES * 1024 * 1024:
        raise ImageRefused(_("It is larger than %(count)s MB: make it smaller.", count=MEGABYTES))
    if not content:
        raise ImageRefused(_("The file is empty."))
    with ONE_AT_A_TIME:
        return _cleaned(content)


def _cleaned(content: bytes) -> CleanImage:
    from PIL import Image as Pictures

    bombs = (Pictures.DecompressionBombError, Pictures.DecompressionBombWarning)
    try:
        with Pictures.open(io.BytesIO(content), formats=tuple(TYPES)) as opened:
            kind = TYPES[str(opened.format)]
            _refuse_huge(*opened.size)
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at a fraction of its size
            opened.load()
            picture = _upright_srgb(opened)
    except bombs:
        raise _too_many_pixels() from None
    except ImageRefused:
        raise
    except Exception as error:  # decoders of half a dozen libraries: whatever stops them, it is no image for us
        raise ImageRefused(_unreadable(content)) from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Pictures.Resampling.LANCZOS)
    return CleanImage(
        sha256=hashlib.sha256(content).hexdigest(),
        type=kind,
        byte_count=len(content),
        width=picture.width,
        height=picture.height,
        transparent=picture.mode == "RGBA",
        content=encoded(picture, "png" if picture.mode == "RGBA" else "jpg", JPEG_QUALITY),
    )


def encoded(picture: Pictures.Image, ending: str, quality: int) -> bytes:
    """The bytes of a picture in the format of that ending."""
    options: dict[str, dict[str, Any]] = {
        "avif": {"format": "AVIF", "quality": quality, "speed": 7, "max_threads": 1},
        "webp": {"format": "WEBP", "quality": quality, "method": 4},
        "jpg": {"format": "JPEG", "quality": quality, "progressive": True, "optimize": True},
        "png": {"format": "PNG", "optimize": False, "compress_level": 7},
    }
    into = io.BytesIO()
    picture.save(into, **options[ending])
    return into.getvalue()


def _refuse_huge(width: int, height: int) -> None:
    if width < 1 or height < 1 or width * height > PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> ImageRefused:
    most = format_decimal(PIXELS // 1_000_000)
    return ImageRefused(_("It has more than %(count)s million pixels: make it smaller.", count=most))


def _unreadable(content: bytes) -> str:
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) or b"<svg" in start:
        return str(_("SVG drawings are not taken, since they can hold programs: save it as PNG."))
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftyphevc"):
        return str(_("HEIC photographs are not read by browsers: export it as JPEG."))
    return str(_("It is no image that can be read: take JPEG, PNG, WebP, AVIF or GIF, or save it again."))


def _upright_srgb(opened: Pictures.Image) -> Pictures.Image:
    """The first frame, turned as its camera says, in sRGB with 8 bits, its metadata left behind."""
    from PIL import ImageOps

    profile = opened.info.get("icc_profile")
    picture = ImageOps.exif_transpose(opened)
    picture = _eight_bits(picture)
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    if (transparent and picture.mode not in ("RGBA", "RGB", "CMYK")) or (transparent and picture.mode == "RGB"):
        picture = picture.convert("RGBA")
    picture = _in_srgb(picture, profile)
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    picture.info = {}
    return picture


def _eight_bits(picture: Pictures.Image) -> Pictures.Image:
    """A picture of 16 or 32 bits a pixel in shades of grey as one of 8: white stays white."""
    if picture.mode.startswith("I"):
        wide = picture.convert("I")
        return wide.point(lambda value: value * (1 / 257)).convert("L")
    if picture.mode == "F":
        return picture.convert("L")
    return picture


def _in_srgb(picture: Pictures.Image, profile: bytes | None) -> Pictures.Image:
    from PIL import ImageCms

    wanted = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=wanted)
        except (ImageCms.PyCMSError, OSError, ValueError):  # a broken profile: shown as if it had none
            changed = None
        if changed is not None:
            return changed
    return picture if picture.mode == wanted else picture.convert(wanted)
