"""The records of the media room: images and galleries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.blueprints.media.settings import MODERN, QUICK_WIDTH, WIDTHS
from webapp.core.db import Base, Editable, Numbered

EMPTY = text("''")
LONGEST_TAG, MOST_TAGS = 40, 20


class ImageTag(Base):
    """A word by which an image is found again, in small letters."""

    __tablename__ = "media_image_tags"
    __table_args__ = (Index("ix_media_image_tags_word_image_id", "word", "image_id"),)

    image_id: Mapped[int] = mapped_column(ForeignKey("media_images.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(String(LONGEST_TAG), primary_key=True)

    def __str__(self) -> str:
        return self.word


class SiteImage(Editable, Base):
    """An image of the public site. `sha256` is that of the uploaded file, and names the files that were made of it.

    `width` and `height` are in pixels as it is kept, upright; `byte_count` and `type` are those of the uploaded file. The focal
    point is in percent from the left and from the top. An image is `decorative`, or has an alternative text in each
    language of the company. `ready_at`: when its renditions were made, None until then.
    """

    __tablename__ = "media_images"
    __table_args__ = (
        CheckConstraint("focal_x BETWEEN 0 AND 100 AND focal_y BETWEEN 0 AND 100", name="focal"),
        CheckConstraint("width > 0 AND height > 0", name="size"),
        Index("ix_media_images_name_lower_id", func.lower(text("name")), "id"),
        Index("ix_media_images_created_at_id", "created_at", "id"),
        Index("ix_media_images_waiting", "id", postgresql_where=text("ready_at IS NULL")),
    )

    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    type: Mapped[str] = mapped_column(String(20))
    byte_count: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    transparent: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    focal_x: Mapped[int] = mapped_column(SmallInteger, server_default=text("50"))
    focal_y: Mapped[int] = mapped_column(SmallInteger, server_default=text("50"))
    decorative: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    alt_it: Mapped[str] = mapped_column(String(300), server_default=EMPTY)
    alt_en: Mapped[str] = mapped_column(String(300), server_default=EMPTY)
    caption_it: Mapped[str] = mapped_column(String(500), server_default=EMPTY)
    caption_en: Mapped[str] = mapped_column(String(500), server_default=EMPTY)
    credit: Mapped[str] = mapped_column(String(200), server_default=EMPTY)
    collection: Mapped[str] = mapped_column(String(80), server_default=EMPTY, index=True)
    uploaded_by: Mapped[str] = mapped_column(String(200), server_default=EMPTY)
    ready_at: Mapped[dt.datetime | None]

    tag_rows: Mapped[list[ImageTag]] = relationship(
        order_by=ImageTag.word, cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags in order."""
        return tuple(sorted(row.word for row in self.tag_rows))

    @tags.setter
    def tags(self, words: Iterable[str]) -> None:
        known = {row.word: row for row in self.tag_rows}
        self.tag_rows = [known.get(word) or ImageTag(word=word) for word in dict.fromkeys(words)]

    def __str__(self) -> str:
        return self.name

    def alternative(self, language: str) -> str:
        """What is said of it to those who do not see it; the other language's where that one lacks, "" if decorative."""
        return "" if self.decorative else _said(self.alt_it, self.alt_en, language)

    def caption(self, language: str) -> str:
        """What stands below it, in the other language where that one lacks."""
        return _said(self.caption_it, self.caption_en, language)


class Gallery(Editable, Base):
    """Images in an order; its name is unique and for the back office."""

    __tablename__ = "media_galleries"
    __table_args__ = (UniqueConstraint("name", name="uq_media_galleries_name"),)

    name: Mapped[str] = mapped_column(String(120))

    pictures: Mapped[list[GalleryPicture]] = relationship(
        order_by="GalleryPicture.place", cascade="all, delete-orphan", passive_deletes=True, back_populates="gallery"
    )

    def __str__(self) -> str:
        return self.name


class GalleryPicture(Numbered, Base):
    """An image in a gallery, with its place and a caption of its own where it has one."""

    __tablename__ = "media_gallery_pictures"
    __table_args__ = (UniqueConstraint("gallery_id", "image_id", name="uq_media_gallery_pictures_gallery_id_image_id"),)

    gallery_id: Mapped[int] = mapped_column(ForeignKey("media_galleries.id", ondelete="CASCADE"))
    image_id: Mapped[int] = mapped_column(ForeignKey("media_images.id", ondelete="RESTRICT"), index=True)
    place: Mapped[int]
    caption_it: Mapped[str] = mapped_column(String(500), server_default=EMPTY)
    caption_en: Mapped[str] = mapped_column(String(500), server_default=EMPTY)

    gallery: Mapped[Gallery] = relationship(back_populates="pictures")
    image: Mapped[SiteImage] = relationship()

    def __str__(self) -> str:
        return f"{self.gallery_id}: {self.image_id}"

    def caption(self, language: str) -> str:
        """What stands below it here; the image's own caption where nothing else was said."""
        return _said(self.caption_it, self.caption_en, language) or self.image.caption(language)


def tags_of(typed: str) -> tuple[str, ...]:
    """The tags that somebody typed with commas between them: in small letters, each once, in order."""
    words = (" ".join(word.split()).lower() for word in typed.replace("\x00", "").replace(";", ",").split(","))
    return tuple(sorted({word for word in words if word}))


def widths_of(width: int) -> tuple[int, ...]:
    """The widths in which an image of this width is shown: none is larger than itself."""
    smaller = tuple(each for each in WIDTHS if each < width)
    return (*smaller, width) if width <= WIDTHS[-1] else smaller


def quick_width(width: int) -> int:
    """The width of the rendition that is made at upload."""
    return max((each for each in widths_of(width) if each <= QUICK_WIDTH), default=width)


def plain_format(*, transparent: bool) -> str:
    """The format that every browser understands, as the end of a file's name."""
    return "png" if transparent else "jpg"


def formats_of(*, transparent: bool) -> tuple[str, ...]:
    """The formats in which an image is shown, the best first."""
    return (*MODERN, plain_format(transparent=transparent))


def rendition_name(sha256: str, width: int, ending: str) -> str:
    """The path of a rendition below `/media/` and in its folder, as in `3f/3fa9…-640.avif`."""
    return f"{sha256[:2]}/{sha256[:32]}-{width}.{ending}"


def rendition_path(sha256: str, width: int, ending: str) -> str:
    """The path of a rendition on the site."""
    return f"/media/{rendition_name(sha256, width, ending)}"


def _said(italian: str, english: str, language: str) -> str:
    return (italian or english) if language == "it" else (english or italian)
