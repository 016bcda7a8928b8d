"""The size of a picture is read from its first bytes, and never from bytes that do not say it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from webapp.core.picture_sizes import size_of_picture


@pytest.mark.parametrize("size", [(1, 1), (300, 7), (7, 300)])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True, "exif": b"Exif\x00\x00" + b"\x00" * 900}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00"}),
    ],
)
def test_it_is_as_large_as_it_was_drawn(kind: str, options: dict[str, Any], size: tuple[int, int]) -> None:
    file = io.BytesIO()
    Image.new("RGB", size).save(file, kind, **options)
    content = file.getvalue()
    assert size_of_picture(content) == size
    for length in range(30):
        assert size_of_picture(content[:length]) in (None, size)


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\x89PNG", b"\xff\xd8\xff\xff", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40]
)
def test_other_bytes_say_nothing(content: bytes) -> None:
    assert size_of_picture(content) is None
