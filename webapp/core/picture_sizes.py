"""How large a picture is, told by its first bytes: pages keep the place of a picture free before it is there."""

from __future__ import annotations

import struct

# the frames of a JPEG, of every kind of compression; the other markers between C0 and CF are tables
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

Size = tuple[int, int]


def size_of_picture(content: bytes) -> Size | None:
    """Width and height of a PNG, JPEG or WebP picture as it is stored; None where the bytes do not say."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            size: Size | None = struct.unpack(">II", content[16:24])
        elif content.startswith(b"\xff\xd8"):
            size = _jpeg(content)
        else:
            size = _webp(content)
    except (struct.error, IndexError):
        return None
    return size if size and min(size) > 0 else None


def _jpeg(content: bytes) -> Size | None:
    at = 2
    while content[at] == 0xFF:
        marker = content[at + 1]
        if marker in FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None


def _webp(content: bytes) -> Size | None:
    """The three ways in which WebP says it: extended, lossless, lossy."""
    kind = content[12:16] if len(content) >= 30 else b""
    if kind == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        return width, height
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
