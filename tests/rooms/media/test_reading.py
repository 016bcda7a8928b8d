"""What is taken of an uploaded file: told by its content, upright, in sRGB, with nothing of where and by whom it was taken."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from tests.rooms.media.makers import file_of
from webapp.blueprints.media.services import reading
from webapp.blueprints.media.services.reading import CleanImage, ImageRefused, read_image

pytestmark = pytest.mark.usefixtures("app")
GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def read(content: bytes) -> CleanImage:
    return read_image(io.BytesIO(content))


def kept(content: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(read(content).content))
    opened.load()
    return opened


def with_exif(orientation: int) -> bytes:
    picture = Image.new("RGB", (60, 30), "white")
    picture.paste("red", (0, 0, 10, 10))  # the corner at the top left
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKER] = "Camera of Manfredi"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (44.0, 17.0, 8.0)
    into = io.BytesIO()
    picture.save(into, "JPEG", exif=exif, quality=95, comment=b"a secret comment")
    return into.getvalue()


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (4, 4)), (3, (55, 25)), (6, (25, 4)), (8, (4, 55))],
)
def test_a_photograph_is_turned_upright_and_forgets_where_it_was_taken(
    orientation: int, corner: tuple[int, int]
) -> None:
    content = with_exif(orientation)
    assert b"Camera of Manfredi" in content
    clean = read(content)
    opened = Image.open(io.BytesIO(clean.content))
    assert (clean.width, clean.height) == opened.size == ((60, 30) if orientation in (1, 3) else (30, 60))
    red, green, _blue = opened.convert("RGB").getpixel(corner)
    assert red > 200
    assert green < 90
    assert dict(opened.getexif()) == {}
    assert not {"exif", "comment", "icc_profile", "photoshop", "xmp"}.intersection(opened.info)
    assert b"Camera" not in clean.content
    assert b"secret" not in clean.content


@pytest.mark.parametrize(
    ("format", "kind"), [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp"), ("AVIF", "avif"), ("GIF", "gif")]
)
def test_the_type_is_told_by_the_content(format: str, kind: str) -> None:
    clean = read(file_of((40, 30), format, colour=(200, 10, 10)))
    assert (clean.type, clean.width, clean.height, clean.transparent) == (f"image/{kind}", 40, 30, False)
    assert clean.content.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("mode", "format", "colour"),
    [("CMYK", "JPEG", (0, 255, 255, 0)), ("L", "PNG", 128), ("1", "PNG", 1), ("LA", "PNG", (9, 255)), ("P", "PNG", 3), ("I;16", "PNG", 65535)],
)  # fmt: skip
def test_every_kind_of_pixels_becomes_rgb(mode: str, format: str, colour: object) -> None:
    picture = kept(file_of((20, 20), format, mode=mode, colour=colour))
    assert picture.mode == "RGB"


def test_sixteen_bits_of_white_are_white_and_half_is_half() -> None:
    assert kept(file_of((20, 20), mode="I;16", colour=65535)).getpixel((5, 5)) == (255, 255, 255)
    assert abs(kept(file_of((20, 20), mode="I;16", colour=32768)).getpixel((5, 5))[0] - 128) <= 2


def test_cmyk_red_is_red() -> None:
    red, green, blue = kept(file_of((20, 20), "JPEG", mode="CMYK", colour=(0, 255, 255, 0))).getpixel((9, 9))
    assert red > 200
    assert max(green, blue) < 60


def test_what_can_be_seen_through_stays_so() -> None:
    clean = read(file_of((20, 20), mode="RGBA", colour=(255, 0, 0, 100)))
    assert clean.transparent
    assert Image.open(io.BytesIO(clean.content)).getpixel((3, 3)) == (255, 0, 0, 100)
    assert not read(file_of((20, 20), mode="RGBA", colour=(255, 0, 0, 255))).transparent


def test_a_palette_with_a_transparent_colour_is_transparent() -> None:
    into = io.BytesIO()
    Image.new("P", (8, 8), 0).save(into, "GIF", transparency=0)
    assert read(into.getvalue()).transparent


def test_another_colour_space_is_turned_into_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    into = io.BytesIO()
    Image.new("RGB", (8, 8), (10, 200, 30)).save(into, "PNG", icc_profile=lab)
    opened = kept(into.getvalue())
    assert "icc_profile" not in opened.info
    assert abs(opened.getpixel((3, 3))[1] - 200) < 12
    broken = io.BytesIO()
    Image.new("RGB", (8, 8), (10, 200, 30)).save(broken, "PNG", icc_profile=b"nonsense")
    assert abs(kept(broken.getvalue()).getpixel((3, 3))[1] - 200) < 12


def test_of_an_animation_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        into = io.BytesIO()
        frames[0].save(into, kind, save_all=True, append_images=frames[1:], duration=100)
        red, _green, blue = kept(into.getvalue()).convert("RGB").getpixel((5, 5))
        assert (red > 200, blue < 60) == (True, True)


def test_what_is_large_is_kept_smaller() -> None:
    clean = read(file_of((5000, 100), "JPEG"))
    assert (clean.width, clean.height) == (3840, 77)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is enormous."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


@pytest.mark.parametrize("size", [(8000, 5001), (30_000, 30_000), (2_000_000, 2_000)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(ImageRefused, match="40 million pixels"):
        read(bomb(*size))


PHOTO = file_of((200, 200), "JPEG", colour=(1, 2, 3))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
        (b"\xef\xbb\xbf  <svg/>", "SVG"),
        (b"%PDF-1.7 not an image", "no image"),
        (b"<!doctype html><script>alert(1)</script>", "no image"),
        (PHOTO[: len(PHOTO) // 3], "no image"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "no image"),
        (b"RIFF\x24\0\0\0WEBPVP8 garbage", "no image"),
        (b"GIF89a\xff\xff\xff\xff\x80\0\0", "pixels|no image"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC"),
        (b"BM" + b"\0" * 80, "no image"),
    ],
)
def test_what_is_no_image_is_refused_with_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(ImageRefused, match=words):
        read(content)


def test_formats_that_nobody_asked_for_are_refused() -> None:
    for kind in ("BMP", "TIFF", "PPM", "ICO", "TGA"):
        with pytest.raises(ImageRefused):
            read(file_of((16, 16), kind))


def test_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MEGABYTES", 0)
    with pytest.raises(ImageRefused, match="larger than 0 MB"):
        read(PHOTO)


def test_a_script_behind_an_image_is_not_kept() -> None:
    clean = read(PHOTO + b"<script>alert(1)</script>")
    assert b"script" not in clean.content


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["brick.png", "chelsea.png", "coffee.png", "hubble_deep_field.jpg", "rocket.jpg"])
def test_real_photographs_are_read(real_data: Path, name: str) -> None:
    content = (real_data / "images" / name).read_bytes()
    clean = read(content)
    with Image.open(io.BytesIO(content)) as opened:
        assert (clean.width, clean.height) == opened.size
    assert clean.byte_count == len(content)
