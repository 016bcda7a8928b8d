"""The form in which somebody asks for all that is stored about a person."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired, Email, Length

from webapp.core.forms import CleanField, RecordForm


class PersonForm(RecordForm):
    """Whose data: the e-mail address that they wrote with or sign in with."""

    address = CleanField(_l("E-mail address"), [DataRequired(), Length(max=254), Email()])
