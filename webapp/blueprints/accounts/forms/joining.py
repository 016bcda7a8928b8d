"""The forms by which people come in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectMultipleField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.forms import CleanField, RecordForm


class RolesField(SelectMultipleField):
    """Checkboxes for roles."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class InviteForm(RecordForm):
    """Who is invited, and as what."""

    email = CleanField(_l("E-mail"), [DataRequired(), Length(max=254)])
    name = CleanField(_l("Name"), [Length(max=200)])
    roles = RolesField(_l("Roles"))


class JoinForm(RecordForm):
    """The account that an invitation promised."""

    name = CleanField(_l("Your name"), [DataRequired(), Length(max=200)])
    username = CleanField(_l("User name"), [Length(max=40)])
    password = PasswordField(_l("Password"), [DataRequired()])


class RegisterForm(RecordForm):
    """The address of somebody who wants an account."""

    email = CleanField(_l("E-mail"), [DataRequired(), Length(max=254)])
