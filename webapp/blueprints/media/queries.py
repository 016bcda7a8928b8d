"""The questions to the records of the media room: the list of images, one of them, what can be chosen, galleries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, joinedload, selectinload

from webapp.blueprints.media.models import Gallery, GalleryPicture, ImageTag, SiteImage, tags_of
from webapp.core.company import get_company
from webapp.core.db import Base
from webapp.core.errors import NotFound
from webapp.core.lists import Column, ListSpec, Search, Text, distinct_values, folded, matches
from webapp.core.lists.filters import Answer, Label, Question, Scope
from webapp.core.room import held_images

CHOICES = 24


def collection_names(session: Session) -> tuple[str, ...]:
    """The names of the collections in order."""
    return distinct_values(session, SiteImage.collection)


def tag_words(session: Session) -> tuple[str, ...]:
    """All tags in order."""
    return distinct_values(session, ImageTag.word)


def tagged(tag: str) -> ColumnElement[bool]:
    """That an image has this tag."""
    return SiteImage.id.in_(select(ImageTag.image_id).where(ImageTag.word == tag))


def lacks_alternative(languages: Collection[str]) -> ColumnElement[bool]:
    """That an image is not decorative and nothing is said of it in one of these languages."""
    columns = {"it": SiteImage.alt_it, "en": SiteImage.alt_en}
    return and_(SiteImage.decorative.is_(False), or_(*(columns[language] == "" for language in languages)))


@dataclass(frozen=True)
class OneOf:
    """A filter of a list whose conditions are made when they are asked for: choices with what each means."""

    name: str
    label: Label
    choices: dict[str, tuple[Label, Callable[[Session], ColumnElement[bool]]]]

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that it reads."""
        return (self.name,)

    def read(self, text: Callable[[str], str], scope: Scope) -> Iterator[Answer]:
        """The question with the condition that its present answer means."""
        value = text(self.name)
        offered = tuple((key, label) for key, (label, _condition) in self.choices.items())
        known = value if value in self.choices else ""
        yield (
            Question(self.name, self.label, "choice", known, offered),
            self.choices[known][1](scope.session) if known else None,
        )


@dataclass(frozen=True)
class Tagged:
    """A filter of a list of images: those that have all the tags that are typed."""

    name: str
    label: Label

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that it reads."""
        return (self.name,)

    def read(self, text: Callable[[str], str], scope: Scope) -> Iterator[Answer]:
        """The question with the condition that its present answer means."""
        value = text(self.name)
        tags = tags_of(value)
        question = Question(self.name, self.label, "text", value, suggestions=tag_words(scope.session))
        yield question, and_(*map(tagged, tags)) if tags else None


def _lacking(session: Session) -> ColumnElement[bool]:
    return lacks_alternative(get_company(session).language_codes)


def _unused(session: Session) -> ColumnElement[bool]:
    return SiteImage.id.not_in(used_images(session))


TAGS = (
    select(func.string_agg(ImageTag.word, aggregate_order_by(literal(", "), ImageTag.word)))
    .where(ImageTag.image_id == SiteImage.id)
    .correlate(SiteImage)
    .scalar_subquery()
)

IMAGES = ListSpec(
    name="images",
    source=SiteImage,
    id=SiteImage.id,
    columns=(
        Column("name", _l("File"), SiteImage.name, sort_by=folded(SiteImage.name)),
        Column("number", _l("Number"), SiteImage.id, kind="number", sort_by=SiteImage.id),
        Column("collection", _l("Collection"), SiteImage.collection),
        Column("tags", _l("Image tags"), TAGS),
        Column("alt_it", _l("Alternative text in Italian"), SiteImage.alt_it, shown=False),
        Column("alt_en", _l("Alternative text in English"), SiteImage.alt_en, shown=False),
        Column("credit", _l("Credit"), SiteImage.credit, shown=False),
        Column("width", _l("Width"), SiteImage.width, kind="number"),
        Column("height", _l("Height"), SiteImage.height, kind="number"),
        Column("byte_count", _l("Bytes"), SiteImage.byte_count, kind="number", sort_by=SiteImage.byte_count),
        Column("uploaded_by", _l("Uploaded by"), SiteImage.uploaded_by, kind="person", shown=False),
        Column("created_at", _l("Uploaded"), SiteImage.created_at, kind="date", sort_by=SiteImage.created_at),
    ),
    sort="-number",
    filters=(
        OneOf(
            "lack",
            _l("State"),
            {
                "alternative": (_l("Without alternative text"), _lacking),
                "unused": (_l("Shown nowhere"), _unused),
                "waiting": (_l("Renditions are missing"), lambda _session: SiteImage.ready_at.is_(None)),
            },
        ),
        Text("collection", _l("Collection"), SiteImage.collection, match="exact", suggestions=collection_names),
        Tagged("tag", _l("Tag")),
    ),
    search=tuple(
        Search(each)
        for each in (
            SiteImage.name,
            SiteImage.alt_it,
            SiteImage.alt_en,
            SiteImage.caption_it,
            SiteImage.caption_en,
            SiteImage.credit,
        )
    ),
    search_hint=_l("File, alternative text, caption or credit"),
    extras={
        "image_name": SiteImage.name,
        "sha256": SiteImage.sha256,
        "own_width": SiteImage.width,
        "own_height": SiteImage.height,
        "transparent": SiteImage.transparent,
        "ready": SiteImage.ready_at.is_not(None),
        "decorative": SiteImage.decorative,
        "said_it": SiteImage.alt_it,
        "said_en": SiteImage.alt_en,
    },
)

GALLERIES = ListSpec(
    name="galleries",
    source=Gallery,
    id=Gallery.id,
    columns=(
        Column("name", _l("Name"), Gallery.name, sort_by=folded(Gallery.name)),
        Column(
            "pictures",
            _l("Images"),
            select(func.count()).where(GalleryPicture.gallery_id == Gallery.id).correlate(Gallery).scalar_subquery(),
            kind="number",
        ),
        Column("updated_at", _l("Changed"), Gallery.updated_at, kind="date"),
    ),
    sort="name",
    search=(Search(Gallery.name),),
    search_hint=_l("Name"),
)


def used_images(session: Session) -> set[int]:
    """The numbers of all images that are shown somewhere: by a foreign key, or as the rooms say."""
    used = held_images(session)
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.target_fullname == "media_images.id":
                used.update(session.scalars(select(key.parent).where(key.parent.is_not(None)).distinct()))
    return used


def find_image(session: Session, number: int | None) -> SiteImage | None:
    """The image of that number, None when there is none."""
    return session.get(SiteImage, number) if number and 0 < number < 1 << 63 else None


def find_images(session: Session, numbers: Collection[int]) -> dict[int, SiteImage]:
    """Those of these images that are there, by number."""
    some = {number for number in numbers if 0 < number < 1 << 63}
    return (
        {image.id: image for image in session.scalars(select(SiteImage).where(SiteImage.id.in_(some)))} if some else {}
    )


def get_image(session: Session, image_id: int, *, lock: bool = False) -> SiteImage:
    """The image with this id, read again and kept from others until the end if it is to `lock`. Raises NotFound."""
    image = session.get(SiteImage, image_id, with_for_update=lock or None)
    if image is None:
        raise NotFound(_("This image does not exist, or does not any more."))
    return image


def lock_images(session: Session, numbers: Collection[int]) -> Sequence[SiteImage]:
    """Those of these images that are there, in order, read again with their tags and kept from others until the end."""
    found = select(SiteImage).where(SiteImage.id.in_(numbers)).order_by(SiteImage.id).with_for_update()
    again = found.options(selectinload(SiteImage.tag_rows)).execution_options(populate_existing=True)
    return session.scalars(again).all()


def find_same_file(session: Session, sha256: str) -> SiteImage | None:
    """The first image that was made of this file."""
    return session.scalars(
        select(SiteImage).where(SiteImage.sha256 == sha256).order_by(SiteImage.id).limit(1)
    ).one_or_none()


def find_by_name(session: Session, name: str, collection: str) -> SiteImage | None:
    """The first image of that file name in a collection."""
    wanted = (SiteImage.name == name, SiteImage.collection == collection)
    return session.scalars(select(SiteImage).where(*wanted).order_by(SiteImage.id).limit(1)).one_or_none()


def count_same_file(session: Session, sha256: str) -> int:
    """How many images were made of this file."""
    return session.scalar(select(func.count()).select_from(SiteImage).where(SiteImage.sha256 == sha256)) or 0


def list_choices(
    session: Session, *, search: str = "", tag: str = "", before: int | None = None, limit: int = CHOICES
) -> tuple[Sequence[SiteImage], int | None]:
    """The newest images that a search finds, those older than number `before`; and where the next ones begin, if any.

    With a `tag` only those that have it.
    """
    statement = select(SiteImage).order_by(SiteImage.id.desc()).limit(limit + 1)
    if tag:
        statement = statement.where(tagged(tag))
    if before is not None:
        statement = statement.where(SiteImage.id < before)
    if search:
        texts = (
            SiteImage.name,
            SiteImage.alt_it,
            SiteImage.alt_en,
            SiteImage.caption_it,
            SiteImage.caption_en,
            SiteImage.collection,
        )
        words = select(ImageTag.image_id).where(matches(ImageTag.word, search, "contains"))
        found_in = [matches(text, search, "contains") for text in texts]
        statement = statement.where(or_(*found_in, SiteImage.id.in_(words)))
    found = session.scalars(statement).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def list_without_alternative(session: Session, limit: int = 200) -> Sequence[SiteImage]:
    """Images that lack an alternative text in a language of the company, the newest first."""
    lacking = lacks_alternative(get_company(session).language_codes)
    return session.scalars(select(SiteImage).where(lacking).order_by(SiteImage.id.desc()).limit(limit)).all()


def count_waiting(session: Session) -> int:
    """How many images wait for their renditions."""
    return session.scalar(select(func.count()).select_from(SiteImage).where(SiteImage.ready_at.is_(None))) or 0


def waiting_ids(session: Session, limit: int = 1000) -> Sequence[int]:
    """Images that wait for their renditions, the oldest first."""
    return session.scalars(
        select(SiteImage.id).where(SiteImage.ready_at.is_(None)).order_by(SiteImage.id).limit(limit)
    ).all()


def all_ids(session: Session) -> Sequence[int]:
    """The numbers of all images."""
    return session.scalars(select(SiteImage.id).order_by(SiteImage.id)).all()


def all_files(session: Session) -> set[str]:
    """The SHA-256 of the files of all images."""
    return set(session.scalars(select(SiteImage.sha256)))


def get_gallery(session: Session, gallery_id: int, *, lock: bool = False) -> Gallery:
    """The gallery with this id, read again and kept from others until the end if it is to `lock`. Raises NotFound."""
    gallery = session.get(Gallery, gallery_id, with_for_update={"of": Gallery} if lock else None)
    if gallery is None:
        raise NotFound(_("This gallery does not exist, or does not any more."))
    return gallery


def find_gallery_pictures(session: Session, gallery_id: int) -> Sequence[GalleryPicture]:
    """The images of a gallery in their order."""
    return session.scalars(
        select(GalleryPicture)
        .where(GalleryPicture.gallery_id == gallery_id)
        .options(joinedload(GalleryPicture.image))
        .order_by(GalleryPicture.place, GalleryPicture.id)
    ).all()


def gallery_names(session: Session) -> list[tuple[str, str]]:
    """Number and name of the galleries by name."""
    return [(str(row.id), row.name) for row in session.execute(select(Gallery.id, Gallery.name).order_by(Gallery.name))]


def first_gallery(session: Session) -> int | None:
    """The number of the gallery that was made first."""
    return session.scalar(select(func.min(Gallery.id)))


def galleries_with(session: Session, image_id: int) -> list[tuple[int, str]]:
    """Number and name of the galleries that an image is in."""
    rows: Sequence[Any] = session.execute(
        select(Gallery.id, Gallery.name)
        .join(GalleryPicture, GalleryPicture.gallery_id == Gallery.id)
        .where(GalleryPicture.image_id == image_id)
        .order_by(Gallery.name)
    ).all()
    return [(row.id, row.name) for row in rows]
