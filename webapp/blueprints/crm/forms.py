"""The form of a customer."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import DataRequired, Email, Length, Optional

from webapp.blueprints.crm.queries import KINDS
from webapp.core.forms import CleanField, RecordForm, choices_of


class CustomerForm(RecordForm):
    """A customer as people edit it."""

    number = CleanField(_l("Number"), [DataRequired(), Length(max=40)])
    name = CleanField(_l("Name"), [DataRequired(), Length(max=200)])
    kind = SelectField(_l("Kind"), choices=choices_of(KINDS), default="organisation")
    email = CleanField(_l("E-mail"), [Optional(), Length(max=254), Email()])
    country = CleanField(_l("Country"), [Length(max=60)])
    vat_number = CleanField(_l("VAT number"), [Length(max=20)])

    def values(self) -> dict[str, Any]:
        """The columns as they were typed."""
        return {field.short_name: field.data for field in self.own_fields()}
