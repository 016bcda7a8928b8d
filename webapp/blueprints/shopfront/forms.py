"""The forms of the shopfront: how a product and a category stand there, in each language of the company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange

from webapp.blueprints.shopfront.models import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    Availability,
    Pricing,
    Shelf,
    ShopGood,
)
from webapp.blueprints.shopfront.queries.office import AVAILABILITIES, PRICINGS
from webapp.blueprints.shopfront.services import GoodValues, ShelfValues, Text
from webapp.core.company import LANGUAGES
from webapp.core.forms import CleanField, LinesField, NumbersField, RecordForm, choices_of
from webapp.core.slugs import LONGEST_SLUG

LAST_PLACE = 1_000_000


class SaidForm(RecordForm):
    """What is said of something in the languages of the company."""

    name_it = CleanField(_l("Name in Italian"), [Length(max=LONGEST_NAME)])
    slug_it = CleanField(_l("Address in Italian"), [Length(max=LONGEST_SLUG)])
    description_it = LinesField(_l("Description in Italian"), LONGEST_DESCRIPTION)
    name_en = CleanField(_l("Name in English"), [Length(max=LONGEST_NAME)])
    slug_en = CleanField(_l("Address in English"), [Length(max=LONGEST_SLUG)])
    description_en = LinesField(_l("Description in English"), LONGEST_DESCRIPTION)

    def __init__(self, *, languages: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.languages = languages
        for language in set(LANGUAGES) - set(languages):
            for name in ("name", "slug", "description"):
                delattr(self, f"{name}_{language}")

    def words(self) -> Mapping[str, Text]:
        """What was typed, by language."""
        return {
            language: Text(**{name: self[f"{name}_{language}"].data or "" for name in ("name", "slug", "description")})
            for language in self.languages
        }


class GoodForm(SaidForm):
    """How a product stands on the public site."""

    shown = BooleanField(_l("Shown on the public site"))
    featured = BooleanField(_l("Featured: it comes first"))
    pricing = SelectField(_l("Shown as price"), choices=choices_of(PRICINGS))
    availability = SelectField(_l("Availability"), choices=choices_of(AVAILABILITIES))
    position = IntegerField(_l("Place"), [InputRequired(), NumberRange(0, LAST_PLACE)], default=0)
    pictures = NumbersField(_l("Pictures"))

    @classmethod
    def of(cls, good: ShopGood | None, **kwargs: Any) -> GoodForm:
        """The form of a product; version 0 is that of one which nobody arranged yet."""
        stored: dict[str, Any] = {"version": 0, "shown": True, "position": 0}
        if good:
            stored = {name: getattr(good, name) for name in ("version", "shown", "featured", "pricing", "availability")}
            stored |= {"position": good.position, "pictures": [each.picture_id for each in good.pictures]}
            stored |= _said(good.words.items())
        return cls(data=stored, **kwargs)

    def values(self) -> GoodValues:
        """The product as it was typed."""
        return GoodValues(
            words=self.words(),
            pictures=self.pictures.numbers,
            shown=bool(self.shown.data),
            featured=bool(self.featured.data),
            pricing=Pricing(self.pricing.data),
            availability=Availability(self.availability.data),
            position=self.position.data or 0,
        )


class ShelfForm(SaidForm):
    """How a category stands on the public site."""

    picture_id = NumbersField(_l("Picture"))

    @classmethod
    def of(cls, shelf: Shelf, **kwargs: Any) -> ShelfForm:
        """The form of a category; what was submitted goes before what is stored unless `formdata` is None."""
        stored = {"version": shelf.version, "picture_id": [shelf.picture_id] if shelf.picture_id else []}
        return cls(data=stored | _said(shelf.words.items()), **kwargs)

    def values(self) -> ShelfValues:
        """The category as it was typed."""
        return ShelfValues(words=self.words(), picture_id=self.picture_id.number)


def _said(words: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {
        f"{name}_{language}": getattr(each, name)
        for language, each in words
        for name in ("name", "slug", "description")
    }
