"""The forms of sites, seasons, exceptions, departments and ways, and the reading of typed weeks."""

from __future__ import annotations

from typing import Any

from babel import Locale
from flask import g, request
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional

from webapp.blueprints.places.queries.opening import holiday_countries
from webapp.blueprints.places.queries.ways import KINDS
from webapp.blueprints.places.services.weeks import DayTyped, Typed
from webapp.core.company import LANGUAGES
from webapp.core.forms import AmountField, Between, CleanField, RecordForm, choices_of, chosen_number, clean

WORKDAYS = range(1, 5)
MOST_PAIRS = 12


class PictureField(IntegerField):
    """The number of an image: the last that is given, since one that is typed stands behind what was chosen before."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it. Raises ValueError with the sentence for the person."""
        self.data = None
        super().process_formdata([value for value in valuelist if value.strip()][-1:])


class PlacesForm(RecordForm):
    """A form with texts in both languages; those of a language that the company does not have are not shown and stay."""

    def values(self) -> dict[str, Any]:
        """The columns as they were typed."""
        missing = tuple(f"_{language}" for language in LANGUAGES if language not in g.company.language_codes)
        fields = [field for field in self.own_fields() if not (missing and field.short_name.endswith(missing))]
        return {
            field.short_name: (field.data or "") if isinstance(field, StringField) else field.data for field in fields
        }


class SiteForm(PlacesForm):
    """A site as people edit it."""

    name_it = CleanField(_l("Name (Italian)"), [Length(max=120)])
    name_en = CleanField(_l("Name (English)"), [Length(max=120)])
    street = CleanField(_l("Street and number"), [Length(max=200)])
    postcode = CleanField(_l("Postcode"), [Length(max=20)])
    city = CleanField(_l("City"), [Length(max=100)])
    country = CleanField(_l("Country"), [Length(max=60)])
    latitude = AmountField(_l("Latitude"), [Optional(), Between(-90, 90)], places=6)
    longitude = AmountField(_l("Longitude"), [Optional(), Between(-180, 180)], places=6)
    directions_it = TextAreaField(_l("How to get there (Italian)"), [Length(max=1000)], filters=[clean])
    directions_en = TextAreaField(_l("How to get there (English)"), [Length(max=1000)], filters=[clean])
    picture_id = PictureField(_l("Picture of the place"), [Optional(), NumberRange(1, 2**63 - 1)])
    main = BooleanField(_l("This is the main site"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Both coordinates, or none."""
        right = super().validate(extra_validators)
        if right and (self.latitude.data is None) != (self.longitude.data is None):
            missing = self.latitude if self.latitude.data is None else self.longitude
            missing.errors = [_l("Coordinates are two numbers: write both, or none.")]
            return False
        return bool(right)


class WeekForm(RecordForm):
    """The version of the record that a typed week belongs to."""


class SeasonForm(PlacesForm):
    """A season as people edit it, without its week."""

    name_it = CleanField(_l("Name (Italian)"), [Length(max=120)])
    name_en = CleanField(_l("Name (English)"), [Length(max=120)])
    first = DateField(_l("First day"), [InputRequired()])
    last = DateField(_l("Last day"), [InputRequired()])
    yearly = BooleanField(_l("Every year"), default=True)


class SpecialForm(PlacesForm):
    """An exception as people edit it, without its slots."""

    first = DateField(_l("First day"), [InputRequired()])
    last = DateField(_l("Last day"), [InputRequired()])
    words_it = CleanField(_l("Why (Italian)"), [Length(max=200)])
    words_en = CleanField(_l("Why (English)"), [Length(max=200)])


class HolidayForm(RecordForm):
    """Whose public holidays count at a site."""

    holiday_country = SelectField(_l("Public holidays of"))
    holiday_subdivision = CleanField(_l("Part of the country"), [Length(max=10)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = Locale.parse(str(get_locale())).territories
        known = sorted((names.get(code, code), code) for code in holiday_countries())
        self.holiday_country.choices = choices_of(
            {"": _l("No country: holidays do not count")} | {code: name for name, code in known}
        )


class SitedForm(PlacesForm):
    """A record that belongs to a site, or to the whole company."""

    site_id = SelectField(_l("Site of the company"), coerce=chosen_number)

    def offer(self, sites: Any, language: str) -> None:
        """Let people choose among these sites."""
        self.site_id.choices = [("", _l("All sites")), *((str(site.id), site.name(language)) for site in sites)]


class DepartmentForm(SitedForm):
    """A department as people edit it."""

    name_it = CleanField(_l("Name (Italian)"), [Length(max=120)])
    name_en = CleanField(_l("Name (English)"), [Length(max=120)])
    person = CleanField(_l("Person"), [Length(max=120)])
    phone = CleanField(_l("Phone"), [Length(max=40)])
    email = CleanField(_l("E-mail"), [Optional(), Length(max=254), Email()])


class WayForm(SitedForm):
    """A way to reach the company as people edit it."""

    kind = SelectField(_l("Kind"), choices=choices_of(KINDS))
    value = CleanField(_l("Number, address or page"), [InputRequired(), Length(max=300)])
    label_it = CleanField(_l("What it is for (Italian)"), [Length(max=120)])
    label_en = CleanField(_l("What it is for (English)"), [Length(max=120)])


def typed_pairs(prefix: str) -> list[Typed]:
    """The pairs of times that were sent under that name."""
    opens, closes = (request.form.getlist(f"{prefix}-{end}")[:MOST_PAIRS] for end in ("opens", "closes"))
    longest = max(len(opens), len(closes))
    return [
        (clean(first)[:10], clean(last)[:10])
        for first, last in zip(
            opens + [""] * (longest - len(opens)), closes + [""] * (longest - len(closes)), strict=True
        )
    ]


def typed_days() -> list[list[Typed]]:
    """The seven days of a week that was sent."""
    return [typed_pairs(f"day{day}") for day in range(7)]


def rearranged(days: list[list[Typed]]) -> list[DayTyped] | None:
    """The week after the button that was pressed, which stores nothing: a slot more, or Monday on workdays. None for others."""
    if "copy" in request.form:
        days = [days[0] if number in WORKDAYS else day for number, day in enumerate(days)]
    elif (chosen := request.form.get("add", "")) in map(str, range(7)):
        days = [[*day, ("", "")] if str(number) == chosen else day for number, day in enumerate(days)]
    else:
        return None
    return [DayTyped(tuple(day)) for day in days]
