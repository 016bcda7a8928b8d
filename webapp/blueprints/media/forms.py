"""The forms of images and galleries."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, IntegerField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange
from wtforms.widgets import TextInput

from webapp.blueprints.media.models import LONGEST_TAG, MOST_TAGS, SiteImage, tags_of
from webapp.core.forms import CleanField, RecordForm, clean

PLACE = NumberRange(0, 100, _l("It must be from 0 to 100."))


class TagsField(Field):
    """Tags, typed with commas between them."""

    widget = TextInput()
    data: tuple[str, ...] | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read them. Raises ValueError with the sentence for the person."""
        self.data = tags_of(",".join(valuelist))
        if problem := problem_of_tags(self.data):
            raise ValueError(problem)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.errors and self.raw_data else ", ".join(self.data or ())


def problem_of_tags(tags: tuple[str, ...]) -> str:
    """What is wrong with these tags, "" when nothing is."""
    if len(tags) <= MOST_TAGS and all(len(tag) <= LONGEST_TAG for tag in tags):
        return ""
    words = _(
        "At most %(many)s tags of %(most)s letters each, with commas between them.", many=MOST_TAGS, most=LONGEST_TAG
    )
    return str(words)


class ImageForm(RecordForm):
    """What is said of an image, in the company's languages."""

    alt_it = CleanField(_l("Alternative text in Italian"), [Length(max=300)])
    alt_en = CleanField(_l("Alternative text in English"), [Length(max=300)])
    decorative = BooleanField(_l("Only decoration: readers of the page miss nothing without it"))
    caption_it = TextAreaField(_l("Caption in Italian"), [Length(max=500)], filters=[clean])
    caption_en = TextAreaField(_l("Caption in English"), [Length(max=500)], filters=[clean])
    credit = CleanField(_l("Credit"), [Length(max=200)])
    collection = CleanField(_l("Collection"), [Length(max=80)])
    tags = TagsField(_l("Image tags"))
    focal_x = IntegerField(_l("From the left, in percent"), [PLACE], default=50)
    focal_y = IntegerField(_l("From the top, in percent"), [PLACE], default=50)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in {"it", "en"} - set(g.company.language_codes):
            del self[f"alt_{language}"]
            del self[f"caption_{language}"]

    @classmethod
    def of(cls, image: SiteImage, **kwargs: Any) -> ImageForm:
        """The form of a stored image; what was submitted goes before what is stored unless `formdata` is None."""
        return cls(obj=image, **kwargs)

    def values(self) -> dict[str, Any]:
        """The columns as they were typed."""
        return {field.short_name: field.data if field.data is not None else "" for field in self.own_fields()}


class GalleryForm(RecordForm):
    """A gallery's name."""

    name = CleanField(_l("Name"), [DataRequired(), Length(max=120)])
