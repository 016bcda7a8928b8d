"""The forms of menu entries and of the notice. Fields of languages that the company does not offer are taken out."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateTimeLocalField, Field, Form, SelectField
from wtforms.validators import Length, Optional, ValidationError

from webapp.blueprints.navigation.models import Item, Notice
from webapp.blueprints.navigation.queries import KINDS
from webapp.core.company import LANGUAGES
from webapp.core.forms import CleanField, RecordForm, choices_of, chosen_number

MOMENT = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def keep_languages(form: Form, languages: tuple[str, ...]) -> None:
    """Take out of a form the fields of languages that the company does not offer."""
    for field in list(form):
        code = field.short_name.rpartition("_")[2]
        if code in LANGUAGES and code not in languages:
            del form[field.short_name]


class ItemForm(RecordForm):
    """An entry of a menu as people edit it."""

    label_it = CleanField(_l("Label"), [Length(max=80)])
    target_it = CleanField(_l("Page or address"), [Length(max=500)])
    label_en = CleanField(_l("Label"), [Length(max=80)])
    target_en = CleanField(_l("Page or address"), [Length(max=500)])
    parent_id = SelectField(_l("Stands below"), coerce=chosen_number)
    visible = BooleanField(_l("Shown on the site"), default=True)

    def offer(self, item: Item | None, items: list[Item], languages: tuple[str, ...], *, nested: bool) -> None:
        """Fit the form to its menu and the company."""
        keep_languages(self, languages)
        if not nested:
            del self["parent_id"]
            return
        above = [each for each in items if each.parent_id is None and each is not item]
        self["parent_id"].choices = choices_of({"": _("nothing: it is of the first level")}) + choices_of(
            {str(each.id): each.name for each in above}
        )

    def values(self) -> dict[str, Any]:
        """The columns as they were typed."""
        return {field.short_name: field.data for field in self.own_fields()}


class NoticeForm(RecordForm):
    """The notice as people edit it; times are of the company's zone."""

    active = BooleanField(_l("On"), default=True)
    text_it = CleanField(_l("Text"), [Length(max=300)])
    link_label_it = CleanField(_l("Words of the link"), [Length(max=80)])
    link_it = CleanField(_l("Page or address"), [Length(max=500)])
    text_en = CleanField(_l("Text"), [Length(max=300)])
    link_label_en = CleanField(_l("Words of the link"), [Length(max=80)])
    link_en = CleanField(_l("Page or address"), [Length(max=500)])
    kind = SelectField(_l("Colour"), choices=choices_of(KINDS), default="brand")
    starts_at = DateTimeLocalField(_l("From"), [Optional()], format=MOMENT)
    ends_at = DateTimeLocalField(_l("Until"), [Optional()], format=MOMENT)
    dismissable = BooleanField(_l("Visitors may put it away"), default=True)

    @classmethod
    def of(cls, notice: Notice | None, zone: ZoneInfo, languages: tuple[str, ...], **kwargs: Any) -> NoticeForm:
        """The form of the stored notice, an empty one when there is none."""
        stored: dict[str, Any] = {"version": 0}
        if notice:
            stored = {name: getattr(notice, name) for name in cls.names()} | {"version": notice.version}
            for name in ("starts_at", "ends_at"):
                stored[name] = stored[name] and stored[name].astimezone(zone).replace(tzinfo=None)
        form = cls(data=stored, **kwargs)
        keep_languages(form, languages)
        return form

    @classmethod
    def names(cls) -> list[str]:
        """The columns that people fill in."""
        texts = [f"{name}_{code}" for name in ("text", "link", "link_label") for code in LANGUAGES]
        return [*texts, "kind", "starts_at", "ends_at", "dismissable", "active"]

    def values(self, zone: ZoneInfo) -> dict[str, Any]:
        """The columns as they were typed, times in UTC."""
        values = {field.short_name: field.data for field in self.own_fields()}
        for name in ("starts_at", "ends_at"):
            moment: dt.datetime | None = values[name]
            values[name] = moment and moment.replace(tzinfo=zone).astimezone(dt.UTC)
        return values

    def _check_year(self, field: Field) -> None:
        if field.data and not 1900 <= field.data.year < 3000:
            raise ValidationError(_("This is not a date."))

    validate_starts_at = validate_ends_at = _check_year
