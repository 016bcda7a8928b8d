"""The pictures by which other sites show a link to a page: title and name of the company in its colours, drawn once and kept."""

from __future__ import annotations

import hashlib
import io
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from webapp.core.settings import house_settings

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

log = logging.getLogger(__name__)
WIDTH, HEIGHT = 1200, 630  # what Open Graph's readers expect
MARGIN = 80
EDITION = "1"  # of the drawing; another one draws all anew
LARGEST, SMALLEST = 76, 44  # letters of the title
MOST_FILES = 12_000
MOST_LINES = 4
MOST_PIXELS = 16_000_000  # of a logo: a small file can hold an endless picture


@dataclass(frozen=True)
class Look:
    """What a picture shows of the company, in a `version` of its profile. Colours are `#rrggbb`; the logo is read to draw."""

    name: str
    tagline: str
    primary: str
    accent: str
    version: int
    logo: Callable[[], bytes | None] = lambda: None


def mark_of(title: str, look: Look) -> str:
    """A short text that is another one when the picture is."""
    return hashlib.blake2b(f"{EDITION} {look.version} {_words(title, look)}".encode(), digest_size=10).hexdigest()


def picture_of(title: str, look: Look) -> bytes:
    """The picture as PNG: the one that was drawn before, or drawn now."""
    path = pictures_folder() / f"{mark_of(title, look)}.png"
    try:
        return path.read_bytes()
    except OSError:
        pass
    content = draw(title, look)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.part")
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as problem:
        log.warning("a picture of a page could not be kept: %s", problem)
    return content


def pictures_folder() -> Path:
    """Where the pictures are kept."""
    return house_settings().instance / "discovery" / "pictures"


def tidy_pictures(most: int = MOST_FILES) -> int:
    """Remove the oldest pictures where there are more than so many; how many. What is needed again is drawn again."""
    known = sorted(pictures_folder().glob("*.png"), key=lambda path: path.stat().st_mtime)
    for path in known[: max(0, len(known) - most)]:
        path.unlink(missing_ok=True)
    return max(0, len(known) - most)


def draw(title: str, look: Look) -> bytes:
    """Draw the picture."""
    from PIL import Image, ImageDraw  # loads much, and few requests draw

    picture = Image.new("RGB", (WIDTH, HEIGHT), look.primary)
    pen = ImageDraw.Draw(picture)
    ink = "#ffffff" if _is_dark(look.primary) else "#1a1a1a"
    pen.rectangle((0, HEIGHT - 24, WIDTH, HEIGHT), fill=look.accent)
    left = MARGIN
    logo = look.logo()
    if logo:
        left = _paste_logo(picture, logo)
    name = look.name
    while len(name) > 2 and pen.textlength(name, font=_font(40)) > WIDTH - left - MARGIN:
        name = f"{name[:-2].rstrip()}…"
    pen.text((left, MARGIN + 8), name, fill=ink, font=_font(40))
    lines, size = _broken(pen, _words(title, look))
    top = HEIGHT - MARGIN - 40 - len(lines) * int(size * 1.25)
    for number, line in enumerate(lines):
        pen.text((MARGIN, top + number * int(size * 1.25)), line, fill=ink, font=_font(size))
    into = io.BytesIO()
    picture.quantize(128).save(into, "PNG", optimize=True)
    return into.getvalue()


def _words(title: str, look: Look) -> str:
    """What is drawn large: the title; where it is the name, which stands above it already, the tagline."""
    return title if title != look.name else look.tagline or title


def _paste_logo(picture: Image.Image, logo: bytes) -> int:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(logo), formats=("PNG", "JPEG", "WEBP")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return MARGIN
            small = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return MARGIN
    small.thumbnail((240, 88))
    plate = Image.new("RGB", (small.width + 16, small.height + 16), "#ffffff")
    picture.paste(plate, (MARGIN, MARGIN - 16))
    picture.paste(small, (MARGIN + 8, MARGIN - 8), small)
    return MARGIN + small.width + 16 + 24


def _broken(pen: ImageDraw.ImageDraw, title: str) -> tuple[list[str], int]:
    """The title in lines that fit, in the largest letters in which it does."""
    for size in range(LARGEST, SMALLEST - 1, -8):
        lines = _lines(pen, title, size)
        if len(lines) <= MOST_LINES - (size > SMALLEST + 16):
            return lines, size
    lines = _lines(pen, title, SMALLEST)
    return [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1].rstrip(" ,;:") + "…"], SMALLEST


def _lines(pen: ImageDraw.ImageDraw, title: str, size: int) -> list[str]:
    lines = [""]
    for word in title[:300].split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or pen.textlength(longer, font=_font(size)) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _is_dark(colour: str) -> bool:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 150
