"""What is taken of images, in which sizes and formats they are shown, and where their files lie."""

from __future__ import annotations

from pathlib import Path

from webapp.core.settings import Settings

MEGABYTES = 20  # of one file; nginx lets 25 MB through
PIXELS = 40_000_000  # of one image: decoded with transparency it takes 160 MB
LONGEST_SIDE = 3840  # of what is kept: twice the widest rendition
WIDTHS = (320, 640, 960, 1280, 1920)
QUICK_WIDTH = 1280  # the one that is there at once
THUMBNAIL_WIDTH = 320
TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "GIF": "image/gif",
}  # by Pillow's names
MODERN = ("avif", "webp")
FOCAL_STEP = 10  # percent between the places of the focal point that the style sheet knows


def originals_folder(settings: Settings) -> Path:
    """Where what was uploaded is kept, cleaned; nobody is sent anything from there."""
    return settings.instance / "media" / "originals"


def renditions_folder(settings: Settings) -> Path:
    """What is sent to everybody at `/media/`, by the application or by the server in front of it."""
    return settings.media_folder or settings.instance / "media" / "renditions"


def drawings_folder(settings: Settings) -> Path:
    """Where it is noted which file a demo picture became, so that it is drawn once."""
    return settings.instance / "media" / "drawings"
