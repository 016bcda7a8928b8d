"""Sites, seasons, exceptions, departments and ways in the administration; weeks are changed on the room's own pages."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.blueprints.places.models import Department, Season, Site, Special, Way
from webapp.blueprints.places.queries.ways import KINDS
from webapp.core.admin import OwnerModelView

LABELS = {
    "name_it": _l("Name (Italian)"),
    "name_en": _l("Name (English)"),
    "street": _l("Street and number"),
    "postcode": _l("Postcode"),
    "city": _l("City"),
    "country": _l("Country"),
    "latitude": _l("Latitude"),
    "longitude": _l("Longitude"),
    "directions_it": _l("How to get there (Italian)"),
    "directions_en": _l("How to get there (English)"),
    "position": _l("Position"),
    "main": _l("Main site"),
    "site_id": _l("Site of the company"),
    "first": _l("First day"),
    "last": _l("Last day"),
    "yearly": _l("Every year"),
    "words_it": _l("Why (Italian)"),
    "words_en": _l("Why (English)"),
    "person": _l("Person"),
    "phone": _l("Phone"),
    "email": _l("E-mail"),
    "kind": _l("Kind"),
    "value": _l("Number, address or page"),
    "label_it": _l("What it is for (Italian)"),
    "label_en": _l("What it is for (English)"),
}


class SiteAdmin(OwnerModelView):
    """Places that people come to."""

    column_list = ("id", "name_it", "name_en", "city", "position")
    column_searchable_list = ("name_it", "name_en", "city")
    form_columns = ("name_it", "name_en", "street", "postcode", "city", "country", "directions_it", "directions_en")
    column_labels: ClassVar[dict[str, Any]] = LABELS


class SeasonAdmin(OwnerModelView):
    """Parts of the year with a week of their own."""

    can_create = False
    column_list = ("id", "site_id", "name_it", "name_en", "first", "last")
    form_columns = ("name_it", "name_en")
    column_labels: ClassVar[dict[str, Any]] = LABELS


class SpecialAdmin(OwnerModelView):
    """Days that differ."""

    can_create = False
    column_list = ("id", "site_id", "first", "last", "words_it", "words_en")
    form_columns = ("words_it", "words_en")
    column_labels: ClassVar[dict[str, Any]] = LABELS


class DepartmentAdmin(OwnerModelView):
    """Whom to ask for what."""

    column_list = ("id", "name_it", "name_en", "person", "phone", "email")
    column_searchable_list = ("name_it", "name_en", "person")
    form_columns = ("name_it", "name_en", "person", "phone", "email")
    column_labels: ClassVar[dict[str, Any]] = LABELS


class WayAdmin(OwnerModelView):
    """Ways to reach the company."""

    column_list = ("id", "site_id", "kind", "value")
    column_searchable_list = ("value",)
    column_choices: ClassVar[dict[str, Any]] = {"kind": tuple(KINDS.items())}
    form_choices: ClassVar[dict[str, Any]] = {"kind": tuple(KINDS.items())}
    form_columns = ("kind", "value", "label_it", "label_en")
    column_labels: ClassVar[dict[str, Any]] = LABELS


def admin_views() -> list[Any]:
    """The views of the room's models."""
    return [
        SiteAdmin(Site, _l("Sites")),
        SeasonAdmin(Season, _l("Seasons")),
        SpecialAdmin(Special, _l("Exceptions of hours")),
        DepartmentAdmin(Department, _l("Departments")),
        WayAdmin(Way, _l("Contacts")),
    ]
