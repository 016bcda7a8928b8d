"""The forms with which people set what they sign in by."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField
from wtforms.validators import DataRequired, Length

from webapp.core.forms import CleanField, RecordForm

NEW_PASSWORD: dict[str, Any] = {"autocomplete": "new-password", "minlength": 12, "maxlength": 128}


class NamesForm(RecordForm):
    """How somebody is addressed, and their user name."""

    name = CleanField(_l("Your name"), [Length(max=200)])
    username = CleanField(_l("User name"), [Length(max=40)])


class PasswordForm(RecordForm):
    """A new password in the place of the old one."""

    old = PasswordField(_l("Your password now"), [DataRequired()])
    password = PasswordField(_l("New password"), [DataRequired()])
    end_others = BooleanField(_l("End my other sessions, and trust no device any more"), default=True)


class NewPasswordForm(RecordForm):
    """A password where none is known."""

    password = PasswordField(_l("New password"), [DataRequired()])


class ForgottenForm(RecordForm):
    """Who forgot the password."""

    identity = CleanField(_l("E-mail or user name"), [DataRequired(), Length(max=254)])


class AddressForm(RecordForm):
    """A new e-mail address."""

    email = CleanField(_l("New e-mail address"), [DataRequired(), Length(max=254)])


class CodeOnForm(RecordForm):
    """The first code of an app, which proves that it has the key."""

    code = CleanField(_l("Code"), [DataRequired(), Length(max=20)])
