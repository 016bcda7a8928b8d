"""The icons of the installed site: drawn from the logo, or from the company's letter, and kept until the profile changes."""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from webapp.core.branding_css import Colour, ink_upon, parse_colour

if TYPE_CHECKING:
    from PIL import Image

log = logging.getLogger(__name__)
DRAWN_AS = "1"  # counts the ways in which icons were drawn: what an older one drew is drawn anew
MOST_PIXELS = 16_000_000  # of a logo: a small file can hold an endless picture
WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True)
class Icon:
    """An icon: its size in pixels, how much of it the mark may fill, and what stands behind it.

    ground: `round` a square with round corners, `full` to the edges (the system cuts it), `none` a white mark alone.
    """

    size: int
    fills: float
    ground: str


ICONS = {
    "icon-192": Icon(192, 0.78, "round"),
    "icon-512": Icon(512, 0.78, "round"),
    "maskable-512": Icon(512, 0.56, "full"),  # within the safe zone, a circle of 80 %: its inner square is 56 %
    "apple-touch-180": Icon(180, 0.72, "full"),
    "badge-96": Icon(96, 0.9, "none"),
}


@dataclass(frozen=True)
class Mark:
    """What icons are drawn from."""

    name: str
    colour: str
    logo: bytes | None

    @property
    def key(self) -> str:
        """Another one for whatever changes the icons."""
        parts = (DRAWN_AS.encode(), self.letter.encode(), self.colour.encode(), self.logo or b"")
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]

    @property
    def letter(self) -> str:
        """The first letter of the name as the built-in font has it; "" where it has none."""
        plain = unicodedata.normalize("NFKD", self.name[:1]).upper()[:1]
        return plain if plain.isascii() and plain.isalnum() else ""


def icon_file(folder: Path, mark: Mark, name: str) -> Path:
    """The PNG of one of `ICONS`, drawn on first use into a folder of its mark below `folder`; those of older marks go."""
    own = folder / mark.key
    path = own / f"{name}.png"
    if not path.exists():
        own.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{uuid4().hex}")
        fresh.write_bytes(draw_icon(mark, ICONS[name]))
        fresh.replace(path)
        for other in folder.iterdir():
            if other != own:
                shutil.rmtree(other, ignore_errors=True)
    return path


def draw_icon(mark: Mark, icon: Icon) -> bytes:
    """An icon as a PNG."""
    from PIL import Image, ImageDraw  # in the one process that draws, the first time

    logo = None if icon.ground == "none" else _read(mark.logo)
    ground = _ground_of(logo) if logo else parse_colour(mark.colour)
    logo = _without_margins(logo) if logo else None
    picture = Image.new("RGBA", (icon.size, icon.size), (*ground, 0))
    if icon.ground != "none":
        corner = icon.size * 0.22 if icon.ground == "round" else 0
        ImageDraw.Draw(picture).rounded_rectangle((0, 0, icon.size - 1, icon.size - 1), corner, fill=(*ground, 255))
    if logo:
        _put(picture, logo, icon)
    else:
        _write(picture, mark.letter, icon, WHITE if icon.ground == "none" else ink_upon(ground))
    out = io.BytesIO()
    (picture.convert("RGB") if icon.ground == "full" else picture).save(out, "PNG", optimize=True)
    return out.getvalue()


def _read(content: bytes | None) -> Image.Image | None:
    from PIL import Image

    if not content:
        return None
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return None
            return opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as problem:  # what PIL says of broken files
        log.warning("the logo cannot be drawn as an icon: %s", problem)
        return None


def _without_margins(logo: Image.Image) -> Image.Image | None:
    box = logo.getchannel("A").getbbox()
    return logo.crop(box) if box else None


def _ground_of(logo: Image.Image) -> Colour:
    """The colour that a logo without transparency stands on already, else white."""
    pixel = logo.getpixel((0, 0))
    if not isinstance(pixel, tuple) or logo.getchannel("A").getextrema()[0] != 255:
        return WHITE
    return pixel[0], pixel[1], pixel[2]


def _put(picture: Image.Image, logo: Image.Image, icon: Icon) -> None:
    from PIL import Image

    room = icon.size * icon.fills
    if icon.ground == "full":  # a wide or tall one may reach further into a circle than a square one
        share = min(room * 2**0.5 / (logo.width**2 + logo.height**2) ** 0.5, icon.size * 0.9 / max(logo.size))
    else:
        share = room / max(logo.size)
    size = (max(1, round(logo.width * share)), max(1, round(logo.height * share)))
    fitted = logo.resize(size, Image.Resampling.LANCZOS)
    picture.alpha_composite(fitted, ((icon.size - size[0]) // 2, (icon.size - size[1]) // 2))


def _write(picture: Image.Image, letter: str, icon: Icon, ink: Colour) -> None:
    from PIL import ImageDraw, ImageFont

    draw = ImageDraw.Draw(picture)
    middle = icon.size / 2
    if not letter:
        radius = icon.size * icon.fills * 0.4
        draw.ellipse((middle - radius, middle - radius, middle + radius, middle + radius), fill=(*ink, 255))
        return
    font = ImageFont.load_default(icon.size * icon.fills)
    stroke = max(1, icon.size // 40)  # the built-in font is thin
    draw.text((middle, middle), letter, (*ink, 255), font, anchor="mm", stroke_width=stroke, stroke_fill=(*ink, 255))
