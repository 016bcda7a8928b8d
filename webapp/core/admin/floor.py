"""The floor's own records in the administration: the company profile and the deletions that the ETL follows."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from webapp.core.admin.views import OwnerModelView, ReadOnlyModelView
from webapp.core.changes import Deletion
from webapp.core.company import CompanyProfile, ProfileWrong, profile_problems
from webapp.core.typography import FONTS, SCALES


class CompanyAdmin(OwnerModelView):
    """The one company profile."""

    can_create = False
    can_delete = False
    note = _l("The page “Company” of the back office explains these fields and takes the logo.")
    column_labels: ClassVar[dict[str, Any]] = {
        "name": _l("Name"),
        "tagline": _l("Tagline"),
        "about": _l("About"),
        "tagline_en": _l("Tagline in English"),
        "about_en": _l("About the company in English"),
        "street": _l("Street"),
        "postcode": _l("Postcode"),
        "city": _l("City"),
        "country": _l("Country"),
        "vat_number": _l("VAT number"),
        "email": _l("E-mail"),
        "phone": _l("Phone"),
        "time_zone": _l("Time zone"),
        "currency": _l("Currency"),
        "languages": _l("Languages"),
        "primary_colour": _l("Main colour"),
        "accent_colour": _l("Second colour"),
        "type_scale": _l("Size of the type"),
        "heading_font": _l("Face of the titles"),
        "text_font": _l("Face of the texts"),
    }
    form_columns = tuple(column_labels)
    form_choices: ClassVar[dict[str, Any]] = {
        "type_scale": list(SCALES.items()),
        "heading_font": list(FONTS.items()),
        "text_font": list(FONTS.items()),
    }
    column_list = ("id", "name", "city", "vat_number", "time_zone", "currency", "languages", "updated_at")
    column_details_list = (*column_labels, "version", "updated_at")

    def on_model_change(self, form: Any, model: CompanyProfile, is_created: bool) -> None:  # noqa: ARG002, FBT001 - the library's signature
        """Refuse what would break the pages."""
        problems = profile_problems({name: getattr(model, name) or "" for name in self.form_columns})
        if problems:
            raise ProfileWrong(problems)


class DeletionAdmin(ReadOnlyModelView):
    """Rows that are gone; written by the database alone."""

    note = _l("The database keeps this list itself, so that the figures follow deletions.")
    column_labels: ClassVar[dict[str, Any]] = {"table_name": _l("Table"), "row_id": _l("Id of the row")}
    column_list = ("id", "table_name", "row_id", "changed_xid")
    column_filters = ("table_name", "row_id")


def floor_views() -> list[OwnerModelView]:
    """The views of the floor's models."""
    return [CompanyAdmin(CompanyProfile, _l("Company profile")), DeletionAdmin(Deletion, _l("Deletions"))]
